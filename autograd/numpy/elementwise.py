"""Elementwise mathematics: each primitive with its derivative rules, `(g, out, *args) -> cotangent`.

The rules are written on operators and on this namespace, so the same line serves plain arrays (first order) and
Tensors (higher orders). Complex numbers follow HIPS autograd's convention: a holomorphic f has cotangent
g * f'(z), and a real f of z = x + iy has df/dx - i df/dy.
"""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from ..graph import Primitive, Tensor
from .choices import choice
from .registry import composed, constant, elementwise, gathered, implements, known, primitive

Array = Any

# comparisons and predicates
equal = constant(np.equal, elementwise=True)
not_equal = constant(np.not_equal, elementwise=True)
less = constant(np.less, elementwise=True)
less_equal = constant(np.less_equal, elementwise=True)
greater = constant(np.greater, elementwise=True)
greater_equal = constant(np.greater_equal, elementwise=True)
logical_and = constant(np.logical_and, elementwise=True)
logical_or = constant(np.logical_or, elementwise=True)
logical_not = constant(np.logical_not, elementwise=True)
logical_xor = constant(np.logical_xor, elementwise=True)
bitwise_and = constant(np.bitwise_and, elementwise=True)
bitwise_or = constant(np.bitwise_or, elementwise=True)
bitwise_xor = constant(np.bitwise_xor, elementwise=True)
invert = constant(np.invert, elementwise=True)
isnan = constant(np.isnan, elementwise=True)
isinf = constant(np.isinf, elementwise=True)
isfinite = constant(np.isfinite, elementwise=True)
signbit = constant(np.signbit, elementwise=True)


zeros_like = constant(np.zeros_like)
ones_like = constant(np.ones_like)


def _zero(g: Array, out: Array, *args: Array, **kwargs: Any) -> Array:
    return zeros_like(g)


# steps: flat almost everywhere, and 0 at the jumps
def _sign_rule(g: Array, out: Array, x: Array) -> Array:
    """0 for real x; a complex one turns: d(x/|x|) = (dx - out Re(conj(out) dx)) / |x|."""
    return _over(g - real(g * out) * conj(out), absolute(x)) if x.dtype.kind == "c" else zeros_like(g)


sign = elementwise(np.sign, _sign_rule)
floor = elementwise(np.floor, _zero)
ceil = elementwise(np.ceil, _zero)
trunc = elementwise(np.trunc, _zero)
rint = elementwise(np.rint, _zero)
fix = elementwise(lambda x, out=None: np.fix(x, out), _zero, name="fix")
implements(np.fix)(fix)
round = elementwise(np.round, _zero, name="round")
around = implements(np.around)(round)
spacing = elementwise(np.spacing, _zero)
nextafter = elementwise(np.nextafter, lambda g, out, x, y: g, _zero, linear=True)
heaviside = elementwise(np.heaviside, _zero, lambda g, out, x, y: where(equal(x, 0), g, 0))
copysign = elementwise(np.copysign, lambda g, out, x, y: g * (sign(x) * sign(out)), _zero)
floor_divide = elementwise(np.floor_divide, _zero, _zero)

# arithmetic
add = elementwise(np.add, lambda g, out, x, y: g, lambda g, out, x, y: g, linear=True)
subtract = elementwise(np.subtract, lambda g, out, x, y: g, lambda g, out, x, y: -g, linear=True)
multiply = elementwise(np.multiply, lambda g, out, x, y: g * y, lambda g, out, x, y: g * x)
divide = elementwise(np.divide, lambda g, out, x, y: g / y, lambda g, out, x, y: -g * out / y)
negative = elementwise(np.negative, lambda g, out, x: -g, linear=True)
positive = elementwise(np.positive, lambda g, out, x: g, linear=True)
reciprocal = elementwise(np.reciprocal, lambda g, out, x: -g * out * out)
square = elementwise(np.square, lambda g, out, x: g * 2 * x)
true_divide = divide


def _power_base(g: Array, out: Array, x: Array, y: Any) -> Array:
    y = np.asarray(y) if type(y) in (list, tuple) else y
    if isinstance(y, Real):
        if y == 2 or y == -1:  # NumPy is quick with squares, and not with first and second negative powers
            return g * (y * x) if y == 2 else g * (y / x**2)
        return g * (y * x ** (y - 1)) if y != 0 else zeros_like(g)
    return g * (y * x ** where(y == 0, 1, y - 1))  # x**0 is 1 everywhere, also at 0


def _power_exponent(g: Array, out: Array, x: Array, y: Array) -> Array:
    flat = logical_and(equal(x, 0), greater_equal(y, 0))  # 0**y is 0 for all y > 0: no slope in y
    base = where(flat, 1, x)  # in the precision of the power: the logarithm of eight bits is in sixteen
    return g * out * log(base if base.dtype == out.dtype else base.astype(out.dtype))


power = elementwise(np.power, _power_base, _power_exponent)
float_power = elementwise(np.float_power, _power_base, _power_exponent)
remainder = elementwise(np.remainder, lambda g, out, x, y: g, lambda g, out, x, y: -g * floor_divide(x, y))
mod = remainder
fmod = elementwise(np.fmod, lambda g, out, x, y: g, lambda g, out, x, y: -g * rint((x - out) / y))

# exponentials and logarithms
exp = elementwise(np.exp, lambda g, out, x: g * out)
exp2 = elementwise(np.exp2, lambda g, out, x: g * (out * float(np.log(2))))
expm1 = elementwise(np.expm1, lambda g, out, x: g * exp(x))  # out + 1 cancels
log = elementwise(np.log, lambda g, out, x: g / x)
log2 = elementwise(np.log2, lambda g, out, x: g / (x * float(np.log(2))))
log10 = elementwise(np.log10, lambda g, out, x: g / (x * float(np.log(10))))
log1p = elementwise(np.log1p, lambda g, out, x: g / (1 + x))
sqrt = elementwise(np.sqrt, lambda g, out, x: g * 0.5 / out)
cbrt = elementwise(np.cbrt, lambda g, out, x: g / (3 * out * out))

# trigonometry
sin = elementwise(np.sin, lambda g, out, x: g * cos(x))
cos: Primitive = elementwise(np.cos, lambda g, out, x: -g * sin(x))
tan = elementwise(np.tan, lambda g, out, x: g * (1 + out * out))
arcsin = elementwise(np.arcsin, lambda g, out, x: g / sqrt((1 - x) * (1 + x)))  # 1 - x * x cancels
arccos = elementwise(np.arccos, lambda g, out, x: -g / sqrt((1 - x) * (1 + x)))
arctan = elementwise(np.arctan, lambda g, out, x: g / (1 + x * x))
sinh = elementwise(np.sinh, lambda g, out, x: g * cosh(x))
cosh: Primitive = elementwise(np.cosh, lambda g, out, x: g * sinh(x))
tanh = elementwise(np.tanh, lambda g, out, x: g * (1 - out * out))
arcsinh = elementwise(np.arcsinh, lambda g, out, x: g / sqrt(x * x + 1))
arccosh = elementwise(np.arccosh, lambda g, out, x: g / (sqrt(x - 1) * sqrt(x + 1)))  # the branch of complex ones too
arctanh = elementwise(np.arctanh, lambda g, out, x: g / ((1 - x) * (1 + x)))
deg2rad = elementwise(np.deg2rad, lambda g, out, x: g * float(np.pi / 180))
rad2deg = elementwise(np.rad2deg, lambda g, out, x: g * float(180 / np.pi))
degrees = elementwise(np.degrees, lambda g, out, x: g * float(180 / np.pi))
radians = elementwise(np.radians, lambda g, out, x: g * float(np.pi / 180))


def _conj(x: Array) -> Array:
    """conj(x), and real numbers as they are, where NumPy would copy them."""
    return conj(x) if x.dtype.kind == "c" else x


def _over(numerator: Array, denominator: Array) -> Array:
    """numerator / denominator, and 0 where the denominator is 0."""
    return where(denominator == 0, 0, numerator / where(denominator == 0, 1, denominator))


def _over_square(numerator: Array, radius: Array) -> Array:
    """numerator / radius**2, and 0 at 0; the square itself might overflow or underflow."""
    return _over(_over(numerator, radius), radius)


arctan2 = elementwise(
    np.arctan2,
    lambda g, out, y, x: g * _over_square(x, hypot(y, x)),
    lambda g, out, y, x: -g * _over_square(y, hypot(y, x)),
)
hypot: Primitive = elementwise(np.hypot, lambda g, out, x, y: g * _over(x, out), lambda g, out, x, y: g * _over(y, out))

# kinks: the minimum-norm subgradient, 0 for |x| at 0 and an even split where two arrays tie
absolute = elementwise(np.absolute, lambda g, out, x: g * (_over(conj(x), out) if x.dtype.kind == "c" else sign(x)))
abs = absolute
fabs = elementwise(np.fabs, lambda g, out, x: g * sign(x))


def _won(g: Array, won: Array, x: Array, other: Array) -> Array:
    if type(other) in (int, float):  # np.float64 may be the value of a Tensor without axes
        return where(won, g, 0)  # against a plain number the tie is a kink of one array, as relu's at 0
    return where(x == other, g * 0.5, where(won, g, 0))


maximum = elementwise(
    np.maximum, lambda g, out, x, y: _won(g, x > y, x, y), lambda g, out, x, y: _won(g, y > x, y, x), linear=True
)
minimum = elementwise(
    np.minimum, lambda g, out, x, y: _won(g, x < y, x, y), lambda g, out, x, y: _won(g, y < x, y, x), linear=True
)
fmax = elementwise(
    np.fmax,
    lambda g, out, x, y: _won(g, logical_or(x > y, isnan(y)), x, y),
    lambda g, out, x, y: _won(g, logical_or(y > x, isnan(x)), y, x),
    linear=True,
)
fmin = elementwise(
    np.fmin,
    lambda g, out, x, y: _won(g, logical_or(x < y, isnan(y)), x, y),
    lambda g, out, x, y: _won(g, logical_or(y < x, isnan(x)), y, x),
    linear=True,
)


# the smaller of two is not taken: nothing can come back to it
maximum.support = fmax.support = lambda argument, x, y: logical_not(x < y if argument == 0 else y < x)
minimum.support = fmin.support = lambda argument, x, y: logical_not(x > y if argument == 0 else y > x)


def _inside(g: Array, out: Array, x: Array, low: Any, high: Any) -> Array:
    inside: Array = True
    if low is not None:
        inside = x > low
    if high is not None:
        inside = x < high if low is None else logical_and(inside, x < high)
    return where(inside, g, 0)


_clip = elementwise(lambda x, low, high: np.clip(x, low, high), _inside, None, None, name="clip", linear=True)
_clip.support = lambda argument, x, low, high: logical_and(
    True if low is None else x >= low, True if high is None else x <= high
)


@composed(np.clip)
def clip(a: Array, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None) -> Array:
    """Limit the entries of `a` to [a_min, a_max]; slope 1 strictly inside, 0 outside and exactly at a plain bound."""
    if not (a_min is a_max is None or min is max is None):
        raise ValueError("clip: the bounds are a_min and a_max, or min and max, and not some of each")
    low = gathered(a_min if min is None else min)
    high = gathered(a_max if max is None else max)
    if isinstance(low, Tensor) or isinstance(high, Tensor):
        a = a if hasattr(a, "dtype") else np.asarray(a)
        a = a if low is None else maximum(a, low)
        return a if high is None else minimum(a, high)
    return _clip(a, low, high)


# complex parts
real = primitive(np.real, lambda g, out, x: g, name="real", elementwise=True, linear=True)
imag = primitive(
    np.imag, lambda g, out, x: g * -1j if x.dtype.kind == "c" else zeros_like(g), name="imag", elementwise=True
)
conjugate: Primitive = elementwise(np.conjugate, lambda g, out, x: conj(g))
conj: Primitive = conjugate


def _angle_rule(g: Array, out: Array, x: Array, deg: bool = False) -> Array:
    if x.dtype.kind != "c":
        return zeros_like(g)  # the angle of a real number is 0 or pi
    return g * _over_square(conj(x * 1j), absolute(x)) * (180 / np.pi if deg else 1)


angle = primitive(np.angle, _angle_rule, elementwise=True)

# selection: nothing is sent to the branch not taken (see mask_structural_zeros in backward.py)
_where: Primitive = elementwise(
    choice,
    None,
    lambda g, out, condition, x, y: _where(condition, g, 0),
    lambda g, out, condition, x, y: _where(condition, 0, g),
    name="where",
    linear=True,
)
_where.support = lambda argument, condition, x, y: condition if argument == 1 else logical_not(condition)


@implements(np.where)
def where(condition: Array, x: Any = None, y: Any = None) -> Any:
    """Entries of `x` where `condition` holds, of `y` elsewhere; with the condition alone, its indices.

    >>> where(np.array([True, False]), np.array([1.0, 2.0]), 0.0)
    array([1., 0.])
    """
    if x is None and y is None:
        return np.nonzero(known(condition, "where"))
    if x is None or y is None:
        raise ValueError("where: either both or neither of x and y should be given")
    if not (hasattr(condition, "dtype") or hasattr(x, "dtype") or hasattr(y, "dtype")):
        result = _where(condition, x, y)  # Python's numbers stay Python's, as in HIPS autograd
        return result if isinstance(result, Tensor) else result.tolist()
    return _where(condition, x, y)


def _astype(x: Array, dtype: Any, copy: bool = True) -> Array:
    return x.astype(dtype, copy=copy) if copy is not True else x.astype(dtype)


_cast = primitive(_astype, lambda g, out, x, *args, **kwargs: g, name="astype", elementwise=True, linear=True)
_cast_away = constant(_astype, name="astype_integer", elementwise=True)


@implements(np.astype)
def astype(x: Array, dtype: Any, copy: bool = True, *, device: Any = None) -> Array:
    """The array in another dtype; a cast to integers or booleans has no derivative and ends the graph."""
    return (_cast if np.dtype(dtype).kind in "fc" else _cast_away)(x, np.dtype(dtype))


def inexact(x: Array) -> Array:
    """The array, of whole numbers as floating ones."""
    return x if x.dtype.kind in "fc" else x.astype(float)


__all__ = [_name for _name, _value in list(globals().items()) if isinstance(_value, Primitive) and _name[0] != "_"]
__all__ += ["astype", "clip", "where"]
