"""A second engine, as simple as can be: forward mode on dual numbers, one entry at a time.

It shares no idea with the engine under test: no graph, no walk, no rules of NumPy functions, no arrays. Every number
carries its slope along one direction, so a gradient takes one run for each entry; duals of duals give second order.
"""

import math
from collections.abc import Callable


class Dual:
    """value + slope * e with e * e = 0; both parts may be Duals again, for higher orders."""

    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        other = dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        other = dual(other)
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def __neg__(self):
        return Dual(-self.value, -self.slope)

    def __sub__(self, other):
        return self + -dual(other)

    def __rsub__(self, other):
        return dual(other) + -self

    def __truediv__(self, other):
        return self * inverse(dual(other))

    def __rtruediv__(self, other):
        return dual(other) * inverse(self)

    __radd__, __rmul__ = __add__, __mul__


def dual(x):
    return x if isinstance(x, Dual) else Dual(x)


def inverse(x):
    if not isinstance(x, Dual):
        return 1.0 / x
    y = inverse(x.value)
    return Dual(y, -(y * y) * x.slope)


def exp(x):
    if not isinstance(x, Dual):
        return math.exp(x)
    y = exp(x.value)
    return Dual(y, y * x.slope)


def log(x):
    return Dual(log(x.value), inverse(x.value) * x.slope) if isinstance(x, Dual) else math.log(x)


def sin(x):
    return Dual(sin(x.value), cos(x.value) * x.slope) if isinstance(x, Dual) else math.sin(x)


def cos(x):
    return Dual(cos(x.value), -sin(x.value) * x.slope) if isinstance(x, Dual) else math.cos(x)


def tanh(x):
    if not isinstance(x, Dual):
        return math.tanh(x)
    y = tanh(x.value)
    return Dual(y, (1.0 - y * y) * x.slope)


def number(x) -> float:
    """The plain number inside."""
    while isinstance(x, Dual):
        x = x.value
    return x


def slope(x):
    return x.slope if isinstance(x, Dual) else 0.0


def gradient(fun: Callable[[list], float], entries: list) -> list:
    """The derivative of `fun` at each entry, one run an entry."""
    return [slope(fun([Dual(e, 1.0 if i == j else 0.0) for j, e in enumerate(entries)])) for i in range(len(entries))]


def hessian_product(fun: Callable[[list], float], entries: list, vector: list) -> list:
    """The Hessian of `fun` times a vector: the gradient along it."""
    moved = [Dual(e, v) for e, v in zip(entries, vector, strict=True)]
    return [slope(g) for g in gradient(fun, moved)]
