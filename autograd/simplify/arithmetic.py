"""Rules of arithmetic: neutral elements, signs, numbers gathered, and sigmoids and softmaxes written out."""

from typing import Any

import numpy as np

from ..graph import Primitive
from ..program import Line
from .facts import argument, is_line, is_number, is_sum, other_term, product
from .rewriter import Rewriter, Value


def add(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """x + 0, x + x, x + (-y), (-x) + y."""
    if is_number(x, 0):
        return y
    if is_number(y, 0):
        return x
    if x is y and isinstance(x, Line) and x.dtype.kind in "fc":
        return make.make("multiply", 2, x)
    if is_line(y, "negative"):
        return make.make("subtract", x, y.args[0])
    if is_line(x, "negative"):
        return make.make("subtract", y, x.args[0])
    return None


def subtract(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """x - 0, 0 - y, x - (-y)."""
    if is_number(y, 0):
        return x
    if is_number(x, 0):
        return make.make("negative", y)
    if is_line(y, "negative"):
        return make.make("add", x, y.args[0])
    return None


def multiply(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """1 x, -1 x, (-x)(-y), and numbers gathered: 2 (3 x)."""
    if is_number(x) and not is_number(y):
        x, y = y, x
    if is_number(y, 1):
        return x
    if is_number(y, -1):
        return make.make("negative", x)
    if is_line(x, "negative") and is_line(y, "negative"):
        return make.make("multiply", x.args[0], y.args[0])
    if is_number(y):
        return _gathered(make, x, y)
    if x is y and isinstance(x, Line):
        return make.make("square", x)
    return None


def _gathered(make: Rewriter, x: Value, number: Any) -> Value | None:
    """A number times a multiple: one number times what that is a multiple of."""
    if is_line(x, "negative"):
        inner, factor = x.args[0], -1
    elif is_line(x, "multiply") and any(map(is_number, x.args)):
        inner, factor = x.args if is_number(x.args[1]) else x.args[::-1]
    else:
        return None
    both = product(number, factor, x.dtype)
    return None if both is None else make.make("multiply", inner, both)


def divide(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """x / 1, 1 / (1 + exp(-z)) and exp(x) / sum(exp(x)), which are a sigmoid and a softmax."""
    if is_number(y, 1):
        return x
    if is_number(y, -1):
        return make.make("negative", x)
    if is_line(y, "add"):
        term = other_term(y, 1)
        z = _exponent(term)
        if z is not None and is_number(x, 1):
            return make.make("sigmoid", make.make("negative", z))
        if z is not None and term is x:
            return make.make("sigmoid", z)
    z = _exponent(x)
    if z is not None and z.value.size and is_sum(y) and y.args[0] is x and y.kwargs.get("keepdims"):
        return make.make("softmax", z, axis=y.kwargs["axis"])
    return None


def _exponent(x: Value) -> Value | None:
    """z of exp(z); none of whole numbers, whose differences may wrap around, which those of a sigmoid do not."""
    z = argument(x, "exp")
    return z if z is not None and z.dtype.kind in "fc" else None


def negative(make: Rewriter, primitive: Primitive, x: Value) -> Value | None:
    """-(-x), -(x - y)."""
    if is_line(x, "negative"):
        return x.args[0]
    if is_line(x, "subtract"):
        return make.make("subtract", x.args[1], x.args[0])
    return _gathered(make, x, -1)


def power(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """x**1, x**2, x**0.5, x**-1 by their own names."""
    if not is_number(y):
        return None
    if y == 0:
        return 1
    if y == 1:
        return x
    if y == 2:
        return make.make("square", x)
    if isinstance(x, Line) and x.dtype is not None and x.dtype.kind in "fc":
        if y == 0.5 and x.dtype.kind == "f":
            return make.make("sqrt", x)
        if y == -1:
            return make.make("reciprocal", x)
    return None


def maximum(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """max(x, x)."""
    return x if x is y and isinstance(x, Line) else None


def matmul(make: Rewriter, primitive: Primitive, a: Value, b: Value) -> Value | None:
    """A product with the identity matrix."""
    for one, other in ((a, b), (b, a)):
        if is_identity(one) and isinstance(other, Line) and len(other.shape) == 2:
            return other
    return None


def is_identity(value: Value) -> bool:
    """Whether a line is a constant identity matrix."""
    if not isinstance(value, Line) or value.kind != "constant" or len(value.shape) != 2:
        return False
    return value.shape[0] == value.shape[1] and bool(np.array_equal(value.value, np.eye(value.shape[0])))
