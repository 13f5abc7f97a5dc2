"""Reductions over axes, each with its rule."""

from typing import Any

import numpy as np

from ..shapes import count, kept_shape, normalize_axes
from ..graph import Primitive
from .elementwise import _over, conj, equal, where
from .registry import constant, implements, primitive
from .shaping import broadcast_to, concatenate, flip, reshape

Array = Any

argmax = constant(np.argmax)
argmin = constant(np.argmin)
any = constant(np.any)
all = constant(np.all)
count_nonzero = constant(np.count_nonzero)


def expand(g: Array, x: Array, axis: Any, keepdims: bool = False) -> Array:
    """Give a reduction's cotangent its reduced axes back, as axes of length 1."""
    return g if keepdims or x.ndim == 0 or axis is None else reshape(g, kept_shape(x.shape, axis))


def spread(g: Array, shape: tuple[int, ...]) -> Array:
    """broadcast_to(g, shape), cheaper for a single number."""
    if type(g) is np.ndarray or isinstance(g, np.generic):
        if g.ndim == 0:
            return np.ndarray(shape, g.dtype, np.asarray(g), 0, (0,) * len(shape))
        full = np.empty(shape, g.dtype)
        full[...] = g
        return full
    return broadcast_to(g, shape)


def _sum_rule(g: Array, out: Array, x: Array, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Array:
    return spread(expand(g, x, axis, keepdims), x.shape)


def _mean_rule(g: Array, out: Array, x: Array, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Array:
    return spread(expand(g / count(x.shape, axis), x, axis, keepdims), x.shape)


def _prod_rule(g: Array, out: Array, x: Array, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Array:
    """Each entry's slope is the product of the others, from running products both ways: exact with zeros."""
    axes = normalize_axes(axis, x.ndim)
    others = tuple(i for i in range(x.ndim) if i not in axes)
    flat = x.transpose(others + axes).reshape(tuple(x.shape[i] for i in others) + (-1,))
    slopes = _products_of_others(flat)
    back = np.argsort(others + axes)
    slopes = slopes.reshape(tuple(x.shape[i] for i in others + axes)).transpose(tuple(int(i) for i in back))
    return expand(g, x, axis, keepdims) * slopes


def _products_of_others(x: Array) -> Array:
    """Along the last axis, the product of all entries but one, by doubling: log2(n) multiplications, no division."""
    n = x.shape[-1]
    if n == 0:
        return x
    before, after = x, x
    one = x[..., :1] * 0 + 1
    before = concatenate([one, x[..., :-1]], axis=-1)
    after = concatenate([x[..., 1:], one], axis=-1)
    step = 1
    while step < n:
        pad = one if step == 1 else broadcast_to(one, (*x.shape[:-1], step))
        before = before * concatenate([broadcast_to(pad, (*x.shape[:-1], step)), before[..., :-step]], axis=-1)
        after = after * concatenate([after[..., step:], broadcast_to(pad, (*x.shape[:-1], step))], axis=-1)
        step *= 2
    return before * after


def _extreme_rule(g: Array, out: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    best = equal(x, expand(out, x, axis, keepdims))
    return where(best, expand(g, x, axis, keepdims) / sum(best * x.dtype.type(1), axis=axis, keepdims=True), 0)


def _sum(x: Array, axis: Any = None, dtype: Any = None, keepdims: bool = False, **kwargs: Any) -> Array:
    return np.add.reduce(x, axis, dtype, None, keepdims, **kwargs)  # what np.sum calls, at a third of its price


sum = primitive(_sum, _sum_rule, name="sum", structural=True)
implements(np.sum)(sum)
mean = primitive(np.mean, _mean_rule)
prod = primitive(np.prod, _prod_rule)
max = primitive(np.max, _extreme_rule)
min = primitive(np.min, _extreme_rule)
amax, amin = max, min
implements(np.amax)(max)
implements(np.amin)(min)


def _cumsum_rule(g: Array, out: Array, x: Array, axis: Any = None, dtype: Any = None) -> Array:
    if axis is None:
        return reshape(flip(cumsum(flip(g, 0), 0), 0), x.shape)
    return flip(cumsum(flip(g, axis), axis), axis)


cumsum = primitive(np.cumsum, _cumsum_rule)


def _var(x: Array, axis: Any = None, dtype: Any = None, ddof: float = 0, keepdims: bool = False) -> Array:
    return np.var(x, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)


def _std(x: Array, axis: Any = None, dtype: Any = None, ddof: float = 0, keepdims: bool = False) -> Array:
    return np.std(x, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)


def _var_rule(
    g: Array, out: Array, x: Array, axis: Any = None, dtype: Any = None, ddof: float = 0, keepdims: bool = False
) -> Array:
    centred = conj(x - mean(x, axis=axis, keepdims=True))
    return expand(g, x, axis, keepdims) * (2.0 / (count(x.shape, axis) - ddof)) * centred


def _std_rule(
    g: Array, out: Array, x: Array, axis: Any = None, dtype: Any = None, ddof: float = 0, keepdims: bool = False
) -> Array:
    centred = conj(x - mean(x, axis=axis, keepdims=True))
    n = count(x.shape, axis) - ddof
    return expand(g, x, axis, keepdims) * _over(centred, n * expand(out, x, axis, keepdims))


_variance = primitive(_var, _var_rule, name="var")
_deviation = primitive(_std, _std_rule, name="std")


@implements(np.var)
def var(a: Array, axis: Any = None, dtype: Any = None, ddof: float = 0, keepdims: bool = False, **other: Any) -> Array:
    """The variance over `axis`, sum |x - mean|**2 / (n - ddof)."""
    return _variance(a, axis=axis, dtype=dtype, ddof=other.get("correction", ddof), keepdims=keepdims)


@implements(np.std)
def std(a: Array, axis: Any = None, dtype: Any = None, ddof: float = 0, keepdims: bool = False, **other: Any) -> Array:
    """The standard deviation over `axis`; its slope where all values are equal is 0."""
    return _deviation(a, axis=axis, dtype=dtype, ddof=other.get("correction", ddof), keepdims=keepdims)


__all__ = [_name for _name, _value in list(globals().items()) if isinstance(_value, Primitive) and _name[0] != "_"]
__all__ += ["std", "var"]
