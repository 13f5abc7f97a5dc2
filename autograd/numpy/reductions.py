"""Reductions over axes, each with its rule."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..graph import Primitive, describe
from ..shapes import count, inverse_permutation, kept_shape, normalize_axes
from .elementwise import equal, logical_and, maximum, not_equal, ones_like
from .elementwise import where as choose
from .joining import concatenate
from .registry import composed, constant, implements, plain, primitive, registry
from .shaping import broadcast_to, flip, merge_axes, reshape, swapaxes, transpose

Array = Any
NONE = np._NoValue  # NumPy's own mark for an argument left out
FEW = 1024  # entries up to which a full array is cheaper to compute with than one number repeated by strides of 0

argmax = constant(np.argmax)
argmin = constant(np.argmin)
any = constant(np.any)
all = constant(np.all)
count_nonzero = constant(np.count_nonzero)


def keeps(keepdims: Any) -> bool:
    """Whether the reduced axes stay, by any of the ways to say so."""
    return keepdims is not NONE and bool(keepdims)


def expand(g: Array, x: Array, axis: Any, keepdims: Any = False) -> Array:
    """Give a reduction's cotangent its reduced axes back, as axes of length 1."""
    if x.ndim == 0 or axis is None or keeps(keepdims):
        return g
    return reshape(g, kept_shape(x.shape, axis))


def spread(g: Array, shape: tuple[int, ...]) -> Array:
    """broadcast_to(g, shape), cheaper for a single number, and for what is computed from few entries."""
    if type(g) is np.ndarray or isinstance(g, np.generic):
        if g.ndim == 0 and math.prod(shape) > FEW:
            return np.ndarray(shape, g.dtype, np.asarray(g), 0, (0,) * len(shape))
        full = np.empty(shape, g.dtype)
        full[...] = g
        return full
    return broadcast_to(g, shape)


# The rules take the arguments of NumPy's functions in their order; `g` and `result` are positional only because NumPy
# has an argument `out` too.
def _sum_rule(
    g: Array,
    result: Array,
    x: Array,
    /,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = 0,
) -> Array:
    return spread(expand(g, x, axis, keepdims), x.shape)


def _mean_rule(
    g: Array, result: Array, x: Array, /, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False
) -> Array:
    return spread(expand(g / count(x.shape, axis), x, axis, keepdims), x.shape)


def _prod_rule(
    g: Array,
    result: Array,
    x: Array,
    /,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = 1,
) -> Array:
    """Each entry's slope is the product of the others, from running products both ways: exact with zeros."""
    scale = expand(g if initial is NONE or initial is None else g * initial, x, axis, keepdims)
    if x.ndim == 0:
        return scale * ones_like(x)
    axes = normalize_axes(axis, x.ndim)
    others = tuple(i for i in range(x.ndim) if i not in axes)
    slopes = _products_of_others(merge_axes(x, axes))
    apart = reshape(slopes, tuple(x.shape[i] for i in others + axes))
    return scale * transpose(apart, inverse_permutation(others + axes))


def _products_of_others(x: Array) -> Array:
    """Along the last axis, the product of all entries but one, by doubling: log2(n) multiplications, no division."""
    n = x.shape[-1]
    if n == 0:
        return x
    before, after = x, x
    one = ones_like(x[..., :1])
    before = concatenate([one, x[..., :-1]], axis=-1)
    after = concatenate([x[..., 1:], one], axis=-1)
    step = 1
    while step < n:
        pad = one if step == 1 else broadcast_to(one, (*x.shape[:-1], step))
        before = before * concatenate([broadcast_to(pad, (*x.shape[:-1], step)), before[..., :-step]], axis=-1)
        after = after * concatenate([after[..., step:], broadcast_to(pad, (*x.shape[:-1], step))], axis=-1)
        step *= 2
    return before * after


def _extreme_rule(
    g: Array,
    result: Array,
    x: Array,
    /,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = None,
) -> Array:
    """The entries that reach the extreme share its cotangent evenly; none gets any where `initial` reaches it too."""
    best = equal(x, expand(result, x, axis, keepdims))
    if initial is not None and initial is not NONE:
        best = logical_and(best, not_equal(x, initial))
    winners = sum(best * x.dtype.type(1), axis=axis, keepdims=True)
    return choose(best, expand(g, x, axis, keepdims) / maximum(winners, 1), 0)


def _sum(
    a: Array,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = NONE,
    where: Any = True,
) -> Array:
    if type(a) is np.ndarray and keepdims is not NONE:
        reduce: Any = np.add.reduce
        return reduce(a, axis, dtype, out, bool(keepdims), initial, where)  # what np.sum calls, cheaper
    given = {"dtype": dtype, "out": out, "keepdims": keepdims, "initial": initial, "where": where}
    usual = {"dtype": None, "out": None, "keepdims": False, "initial": NONE, "where": True}
    return np.sum(a, axis=axis, **{k: v for k, v in given.items() if v is not usual[k]})


sum = primitive(_sum, _sum_rule, name="sum", structural=True)
implements(np.sum)(sum)
mean = primitive(np.mean, _mean_rule)
prod = primitive(np.prod, _prod_rule)
max = primitive(np.max, _extreme_rule)
min = primitive(np.min, _extreme_rule)
amax, amin = max, min


# `where=` leaves entries out of a reduction: they are replaced by what does not matter to it
def left_in(mask: Any, x: Array, other: Any) -> Array:
    """The entries where the mask holds, `other` elsewhere; the mask is broadcast to x, and never x to the mask."""
    if np.broadcast_shapes(np.shape(plain(mask)), x.shape) != x.shape:
        raise ValueError(f"where={describe(mask)} is not broadcast to {describe(x)}; reshape one of them")
    return choose(mask, x, other)


sum.masked = lambda mask, x, *args, **kwargs: sum(left_in(mask, x, 0), *args, **kwargs)
prod.masked = lambda mask, x, *args, **kwargs: prod(left_in(mask, x, 1), *args, **kwargs)


def _masked_extreme(extreme: Any, worst: str) -> Any:
    def masked(mask: Any, x: Array, *args: Any, initial: Any = NONE, **kwargs: Any) -> Array:
        if initial is NONE or initial is None:
            raise ValueError(
                f"{extreme.name}: where= may leave no entry, so it needs initial= too, {worst} for instance"
            )
        return extreme(left_in(mask, x, x.dtype.type(initial)), *args, initial=initial, **kwargs)

    return masked


max.masked, min.masked = _masked_extreme(max, "-inf"), _masked_extreme(min, "inf")


def _present(x: Array, axis: Any, mask: Any) -> Array:
    """How many entries the mask leaves in, in the dtype of x if that can count."""
    counted = np.sum(np.broadcast_to(mask, x.shape), axis=axis, keepdims=True)
    return counted.astype(x.real.dtype) if x.dtype.kind in "fc" else counted


def _masked_mean(
    mask: Any, x: Array, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False
) -> Array:
    total = sum(left_in(mask, x, 0), axis, dtype, None, keepdims)
    counted = np.reshape(_present(x, axis, mask), total.shape)
    return total / (counted.astype(total.real.dtype) if total.dtype.kind in "fc" else counted)


mean.masked = _masked_mean
implements(np.amax)(max)
implements(np.amin)(min)


def _along(rule: Any) -> Any:
    """A rule of a running operation along one axis, given without an axis: on the entries in one axis."""

    def flat_rule(g: Array, result: Array, x: Array, /, axis: Any = None, dtype: Any = None, out: Any = None) -> Array:
        if axis is None or x.ndim == 0:
            return reshape(rule(g, result, reshape(x, (-1,)), 0), x.shape)
        return rule(g, result, x, axis)

    return flat_rule


def _cumsum_rule(g: Array, result: Array, x: Array, axis: int) -> Array:
    return flip(cumsum(flip(g, axis), axis), axis)


def _cumprod_rule(g: Array, result: Array, x: Array, axis: int) -> Array:
    """slope(j) = before(j) * (g(j) + x(j+1) * (g(j+1) + x(j+2) * (...))): Horner's sum, by doubling; no division."""
    if x.shape[axis] == 0:
        return g
    g, x = swapaxes(g, axis, -1), swapaxes(x, axis, -1)
    one = ones_like(x[..., :1])
    before = concatenate([one, cumprod(x[..., :-1], -1)], axis=-1)
    total, factor = g, concatenate([x[..., 1:], one * 0], axis=-1)
    step = 1
    while step < x.shape[-1]:
        nothing = broadcast_to(one * 0, (*x.shape[:-1], step))
        total = total + factor * concatenate([total[..., step:], nothing], axis=-1)
        factor = factor * concatenate([factor[..., step:], nothing], axis=-1)
        step *= 2
    return swapaxes(before * total, axis, -1)


cumsum = primitive(np.cumsum, _along(_cumsum_rule))
cumprod = primitive(np.cumprod, _along(_cumprod_rule))


def _running_with_start(running: Any, start: float) -> Any:
    def function(
        x: Array, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: bool = False
    ) -> Array:
        if axis is None and x.ndim > 1:
            raise ValueError("axis is required for arrays of more than one axis")
        axis = 0 if axis is None else axis
        x = reshape(x, (1,)) if x.ndim == 0 else x
        made = running(x, axis, dtype=dtype) if dtype is not None else running(x, axis)
        if not include_initial:
            return made
        first = np.full(kept_shape(x.shape, axis), start, made.dtype)
        return concatenate([first, made], axis=axis)

    function.__doc__ = f"The running {'product' if start else 'sum'} along an axis, which may begin with {start}."
    return function


# the Array API standard's names, which NumPy has since 2.1
cumulative_sum, cumulative_prod = _running_with_start(cumsum, 0), _running_with_start(cumprod, 1)
if hasattr(np, "cumulative_sum"):
    cumulative_sum = composed(np.cumulative_sum)(cumulative_sum)
    cumulative_prod = composed(np.cumulative_prod)(cumulative_prod)


for _ufunc, _reduction in (
    (np.add, sum),
    (np.multiply, prod),
    (np.maximum, max),
    (np.minimum, min),
    (np.logical_and, all),
    (np.logical_or, any),
):
    registry[_ufunc, "reduce"] = _reduction
registry[np.add, "accumulate"] = cumsum
registry[np.multiply, "accumulate"] = cumprod

__all__ = [_name for _name, _value in list(globals().items()) if isinstance(_value, Primitive) and _name[0] != "_"]
__all__ += ["cumulative_prod", "cumulative_sum"]
