"""Arrays made from numbers that may be traced: full, linspace, meshgrid and their like."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..graph import Primitive, Tensor, describe
from .elementwise import isfinite, log10, positive, real, sign, trunc, where
from .joining import array
from .registry import composed, constant, elementwise, for_other_data, gathered, known, plain
from .shaping import broadcast_arrays, broadcast_to, expand_dims, moveaxis, reshape

Array = Any


@composed(np.full)
def full(shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", **kwargs: Any) -> Array:
    """An array of one value, or of values broadcast to a shape."""
    made = broadcast_to(gathered(fill_value), (shape,) if np.ndim(shape) == 0 else tuple(shape))
    return made if dtype is None else made.astype(dtype)


@composed(np.full_like)
def full_like(
    a: Array, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, **kwargs: Any
) -> Array:
    """An array of one value, of the shape and dtype of another."""
    a, fill_value = array(a), gathered(fill_value)
    shape = a.shape if shape is None else shape
    dtype = a.dtype if dtype is None else dtype
    if not isinstance(fill_value, Tensor):
        return np.full_like(plain(a), fill_value, dtype=dtype, shape=shape)
    return full(shape, fill_value, dtype)


@composed(np.copy)
def copy(a: Array, order: str = "K", subok: bool = False) -> Array:
    """The array; a recorded value never changes, so there is nothing to copy."""
    return a if a.dtype == bool else positive(a)


def _whole(dtype: Any) -> bool:
    return dtype is not None and np.dtype(dtype).kind not in "fc"


@composed(np.linspace)
def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    **kwargs: Any,
) -> Any:
    """`num` numbers from start to stop, evenly spaced; differentiable in both ends."""
    if _whole(dtype):
        first, last = (known(gathered(end), "linspace to whole numbers") for end in (start, stop))
        numpys: Any = np.linspace
        whole = numpys(first, last, num, endpoint, False, dtype, axis, **kwargs)
        return (whole, linspace(start, stop, num, endpoint, True)[1]) if retstep else whole
    start, stop = (end if type(end) in (int, float, complex) else array(end) for end in (start, stop))
    num = operator.index(num)
    if num < 0:
        raise ValueError(f"linspace: the number of numbers is not negative, but num={num}")
    pieces = num - 1 if endpoint else num
    dtype_of = np.result_type(*[getattr(end, "dtype", end) for end in (start, stop)], 0.0)
    ndim = len(np.broadcast_shapes(np.shape(start), np.shape(stop)))
    place = np.arange(num, dtype=dtype_of).reshape((-1,) + (1,) * ndim)
    step = (stop - start) / pieces if pieces > 0 else np.nan
    made = place * (step if pieces > 0 else stop - start) + start
    if endpoint and num > 1:
        made = where(place == num - 1, stop, made)  # the rounded sum of all steps may miss it
    made = moveaxis(made, 0, axis) if axis else made
    made = made if dtype is None else made.astype(dtype)
    return (made, step) if retstep else made


@composed(np.logspace)
def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Array:
    """Powers of `base` with evenly spaced exponents."""
    if np.ndim(plain(base)):  # each base has its own exponents
        start, stop, base = broadcast_arrays(array(start), array(stop), array(base))
        base = expand_dims(base, axis)
    made = base ** linspace(start, stop, num, endpoint, axis=axis)
    return made if dtype is None else made.astype(dtype)


@composed(np.geomspace)
def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Array:
    """`num` numbers from start to stop, each a constant multiple of the one before."""
    start, stop = array(start), array(stop)
    if not for_other_data() and (np.any(plain(start) == 0) or np.any(plain(stop) == 0)):
        raise ValueError(
            f"geomspace: no number is a multiple of 0, and an end of {describe(start)} ... {describe(stop)} is 0"
        )
    precise = np.result_type(start.dtype, stop.dtype, float, float if dtype is None else dtype)
    start, stop = broadcast_arrays(array(start, precise), array(stop, precise))
    turn = sign(start)  # complex numbers run along a spiral
    exponents = linspace(log10(start / turn), log10(stop / turn), num, endpoint)
    place = np.arange(exponents.shape[0]).reshape((-1,) + (1,) * start.ndim)
    made = where(place == 0, start, turn * 10.0**exponents)  # the power of the logarithm may miss the ends
    made = where(place == num - 1, stop, made) if endpoint and num > 1 else made
    made = made if dtype is None else made.astype(dtype)
    return moveaxis(made, 0, axis) if axis else made


@composed(np.meshgrid)
def meshgrid(*xi: Array, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Array, ...]:
    """Coordinate arrays of a grid, from the coordinates along each of its axes."""
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing is 'xy' or 'ij', not {indexing!r}")
    n = len(xi)
    order = [1, 0, *range(2, n)] if indexing == "xy" and n > 1 else list(range(n))
    made = [reshape(array(x), (1,) * order[i] + (-1,) + (1,) * (n - 1 - order[i])) for i, x in enumerate(xi)]
    return tuple(made) if sparse else broadcast_arrays(*made)


@composed(np.ix_)
def ix_(*args: Array) -> tuple[Array, ...]:
    """Vectors turned along one axis each, so that together they index a grid; masks as the places where they hold."""
    n = len(args)
    vectors = [array(a) for a in args]
    if [v.ndim for v in vectors] != [1] * n:
        raise ValueError(f"ix_: vectors are turned along one axis each, not {', '.join(map(describe, args))}")
    vectors = [np.nonzero(known(v, "ix_"))[0] if v.dtype == bool else v for v in vectors]
    return tuple(reshape(v, (1,) * i + (-1,) + (1,) * (n - 1 - i)) for i, v in enumerate(vectors))


# what is not finite, or only formally complex
_nan_to_num = elementwise(
    np.nan_to_num, lambda g, out, x, **kwargs: where(isfinite(x), g, 0), name="nan_to_num", linear=True
)
_nan_to_num.support = lambda argument, x, **kwargs: isfinite(x)


@composed(np.nan_to_num)
def nan_to_num(x: Array, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Array:
    """The array with other numbers in place of NaN and infinities; never written into the array itself."""
    numbers = {"nan": nan, "posinf": posinf, "neginf": neginf}
    usual = {"nan": 0.0, "posinf": None, "neginf": None}
    return _nan_to_num(x, **{k: v for k, v in numbers.items() if np.ndim(v) or v != usual[k]})


@composed(np.real_if_close)
def real_if_close(a: Array, tol: float = 100) -> Array:
    """The real part, where all imaginary parts are nearly 0; else the array."""
    return real(a) if np.isrealobj(np.real_if_close(known(a, "real_if_close"), tol)) else a


def _modf_fraction(x: Array) -> Array:
    return np.modf(x)[0]


_fraction = elementwise(_modf_fraction, lambda g, out, x: g, name="modf_fraction", linear=True)


@composed(np.modf)
def modf(x: Array, /) -> tuple[Array, Array]:
    """The fractional and the integral part, both with the sign of x."""
    return _fraction(x), trunc(x)


@composed(np.divmod)
def divmod(x1: Array, x2: Array, /) -> tuple[Array, Array]:
    """x1 // x2 and x1 % x2."""
    return x1 // x2, x1 % x2


divmod.outer = np.divmod.outer  # type: ignore[attr-defined]


ldexp: Primitive = elementwise(np.ldexp, lambda g, out, x, i: ldexp(g, i), None, linear=True)


def _exponent(x: Array) -> Array:
    return np.frexp(x)[1]


exponent = constant(_exponent, name="frexp_exponent", elementwise=True)


@composed(np.frexp)
def frexp(x: Array, /) -> tuple[Array, Array]:
    """x as mantissa * 2**exponent, with the mantissa's size in [0.5, 1); the exponent is a whole number."""
    power = exponent(x)
    return ldexp(x, -power), power
