"""Reductions over axes, each with its rule."""

from typing import Any

import numpy as np

from ..graph import Primitive
from ..shapes import count, inverse_permutation, kept_shape, normalize_axes
from .elementwise import _over, absolute, conj, equal, isnan, maximum, ones_like
from .elementwise import where as choose
from .joining import concatenate
from .registry import composed, constant, gathered, implements, primitive, registry
from .shaping import broadcast_to, flip, reshape, swapaxes, transpose

Array = Any
NONE = np._NoValue  # NumPy's own mark for an argument left out

argmax = constant(np.argmax)
argmin = constant(np.argmin)
any = constant(np.any)
all = constant(np.all)
count_nonzero = constant(np.count_nonzero)


def expand(g: Array, x: Array, axis: Any, keepdims: bool = False) -> Array:
    """Give a reduction's cotangent its reduced axes back, as axes of length 1."""
    if x.ndim == 0 or axis is None or (keepdims and keepdims is not NONE):
        return g
    return reshape(g, kept_shape(x.shape, axis))


def spread(g: Array, shape: tuple[int, ...]) -> Array:
    """broadcast_to(g, shape), cheaper for a single number."""
    if type(g) is np.ndarray or isinstance(g, np.generic):
        if g.ndim == 0:
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
    scale = expand(g if initial is NONE else g * initial, x, axis, keepdims)
    if x.ndim == 0:
        return scale * (x * 0 + 1)
    axes = normalize_axes(axis, x.ndim)
    others = tuple(i for i in range(x.ndim) if i not in axes)
    moved = transpose(x, others + axes)
    slopes = _products_of_others(reshape(moved, (*(x.shape[i] for i in others), -1)))
    return scale * transpose(reshape(slopes, moved.shape), inverse_permutation(others + axes))


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
    """The entries that reach the extreme share its cotangent evenly; none gets any where `initial` is beyond them."""
    best = equal(x, expand(result, x, axis, keepdims))
    winners = sum(best * x.dtype.type(1), axis=axis, keepdims=True)
    return choose(best, expand(g, x, axis, keepdims) / maximum(winners, 1), 0)


def _sum(a: Array, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, **kwargs: Any) -> Array:
    if type(a) is np.ndarray and keepdims is not NONE:
        reduce: Any = np.add.reduce
        return reduce(a, axis, dtype, out, bool(keepdims), **kwargs)  # what np.sum calls, cheaper
    given = {"dtype": dtype, "out": out, "keepdims": keepdims}
    return np.sum(a, axis=axis, **{k: v for k, v in given.items() if v is not None and v is not False}, **kwargs)


sum = primitive(_sum, _sum_rule, name="sum", structural=True)
implements(np.sum)(sum)
mean = primitive(np.mean, _mean_rule)
prod = primitive(np.prod, _prod_rule)
max = primitive(np.max, _extreme_rule)
min = primitive(np.min, _extreme_rule)
amax, amin = max, min

# `where=` leaves entries out of a reduction: they are replaced by what does not matter to it
sum.masked = lambda mask, x, *args, **kwargs: sum(choose(mask, x, 0), *args, **kwargs)
prod.masked = lambda mask, x, *args, **kwargs: prod(choose(mask, x, 1), *args, **kwargs)
max.masked = lambda mask, x, *args, initial, **kwargs: max(choose(mask, x, initial), *args, initial=initial, **kwargs)
min.masked = lambda mask, x, *args, initial, **kwargs: min(choose(mask, x, initial), *args, initial=initial, **kwargs)


def _present(x: Array, axis: Any, mask: Any) -> Array:
    """How many entries the mask leaves in, in the dtype of x."""
    return np.sum(np.broadcast_to(mask, x.shape), axis=axis, keepdims=True).astype(x.real.dtype)


def _masked_mean(
    mask: Any, x: Array, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False
) -> Array:
    total = sum(choose(mask, x, 0), axis, dtype, None, keepdims)
    return total / np.reshape(_present(x, axis, mask), total.shape)


mean.masked = _masked_mean
implements(np.amax)(max)
implements(np.amin)(min)


def _along(rule: Any) -> Any:
    """A rule of a running operation along one axis, given without an axis: on the entries in one axis."""

    def flat_rule(g: Array, result: Array, x: Array, /, axis: Any = None, dtype: Any = None, out: Any = None) -> Array:
        if axis is None:
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
    one = spread(x[..., :1] * 0 + 1, (*x.shape[:-1], 1))
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
        made = running(x, axis, dtype)
        if not include_initial:
            return made
        first = np.full(kept_shape(x.shape, axis), start, made.dtype)
        return concatenate([first, made], axis=axis)

    return function


# the Array API standard's names
cumulative_sum = composed(np.cumulative_sum)(_running_with_start(cumsum, 0))
cumulative_prod = composed(np.cumulative_prod)(_running_with_start(cumprod, 1))


def _length(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return np.sqrt(np.sum(np.square(np.abs(x)), axis=axis, keepdims=keepdims))


def _length_rule(g: Array, result: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return expand(g, x, axis, keepdims) * _over(conj(x), expand(result, x, axis, keepdims))


length = primitive(_length, _length_rule, name="linalg.norm")
length.__doc__ = "The 2-norm over axes; its slope at 0 is 0."


def _centred(x: Array, axis: Any) -> Array:
    return conj(x - mean(x, axis=axis, keepdims=True))


def _var_rule(
    g: Array, result: Array, x: Array, /, axis: Any = None, dtype: Any = None, ddof: float = 0, keepdims: Any = False
) -> Array:
    return expand(g, x, axis, keepdims) * (2.0 / (count(x.shape, axis) - ddof)) * _centred(x, axis)


def _std_rule(
    g: Array, result: Array, x: Array, /, axis: Any = None, dtype: Any = None, ddof: float = 0, keepdims: Any = False
) -> Array:
    n = count(x.shape, axis) - ddof
    slopes = _over(_centred(x, axis), n * expand(result, x, axis, keepdims))
    # the rounded mean of equal values may differ from them, so their deviation does not tell that they are equal
    equal_values = equal(max(x, axis=axis, keepdims=True), min(x, axis=axis, keepdims=True))
    return expand(g, x, axis, keepdims) * choose(equal_values, 0, slopes)


_variance = primitive(lambda x, **kwargs: np.var(x, **kwargs), _var_rule, name="var")
_deviation = primitive(lambda x, **kwargs: np.std(x, **kwargs), _std_rule, name="std")


def _spread_options(axis: Any, dtype: Any, ddof: Any, keepdims: Any, correction: Any) -> dict[str, Any]:
    """Only what differs from the default, so that graphs and source show what the user wrote."""
    options = {"axis": axis, "dtype": dtype, "ddof": ddof if correction is NONE else correction, "keepdims": keepdims}
    return {k: v for k, v in options.items() if v is not None and v is not NONE and (v or k in ("axis", "dtype"))}


@composed(np.var)
def var(
    a: Array,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = NONE,
    correction: Any = NONE,
) -> Array:
    """The variance over `axis`, sum |x - mean|**2 / (n - ddof).

    >>> float(var(np.array([1.0, 3.0])))
    1.0
    """
    if where is True or where is NONE:
        return _variance(a, **_spread_options(axis, dtype, ddof, keepdims, correction))
    centred, n = _centred_where(a, axis, where, ddof if correction is NONE else correction)
    total = sum(absolute(centred) ** 2, axis=axis, keepdims=keepdims)
    return total / np.reshape(n, total.shape)


def _centred_where(a: Array, axis: Any, mask: Any, ddof: float) -> tuple[Array, Array]:
    """The differences from the mean of what the mask leaves in, 0 elsewhere; and their degrees of freedom."""
    n = _present(a, axis, mask)
    return choose(mask, a - sum(a, axis=axis, keepdims=True, where=mask) / n, 0), n - ddof


@composed(np.std)
def std(
    a: Array,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = NONE,
    correction: Any = NONE,
) -> Array:
    """The standard deviation over `axis`; its slope where all values are equal is 0.

    >>> float(std(np.array([1.0, 3.0])))
    1.0
    """
    if where is True or where is NONE:
        return _deviation(a, **_spread_options(axis, dtype, ddof, keepdims, correction))
    centred, n = _centred_where(a, axis, where, ddof if correction is NONE else correction)
    low = min(a, axis=axis, keepdims=True, where=where, initial=np.inf)
    equal_values = low == max(a, axis=axis, keepdims=True, where=where, initial=-np.inf)
    centred = choose(equal_values, 0, centred)
    size = length(centred, axis=axis, keepdims=keepdims is True)
    return size / np.reshape(n, size.shape) ** 0.5


@composed(np.average)
def average(a: Array, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    """The mean over `axis`, weighted if weights (of the shape of `a`, or of the axes averaged over) are given."""
    a = gathered(a)
    if weights is None:
        result, scale = mean(a, axis=axis, keepdims=keepdims), count(a.shape, axis)
    else:
        weights = gathered(weights)
        weights = weights if hasattr(weights, "dtype") else np.asarray(weights)
        if weights.shape != a.shape:
            axes = normalize_axes(axis, a.ndim)
            order = np.argsort(axes)
            full = tuple(a.shape[i] if i in axes else 1 for i in range(a.ndim))
            weights = reshape(transpose(weights, tuple(int(i) for i in order)), full)
        scale = sum(weights * ones_like(a), axis=axis, keepdims=keepdims)
        result = sum(a * weights, axis=axis, keepdims=keepdims) / scale
    return (result, scale * ones_like(result)) if returned else result


@composed(np.ptp)
def ptp(a: Array, axis: Any = None, out: Any = None, keepdims: Any = False) -> Array:
    """The range max - min over `axis`."""
    return max(a, axis=axis, keepdims=keepdims) - min(a, axis=axis, keepdims=keepdims)


def _skipping_nans(reduce: Any, fill: Any, name: Any) -> Any:
    def function(a: Array, axis: Any = None, *args: Any, **kwargs: Any) -> Array:
        a = gathered(a)
        return reduce(choose(isnan(a), fill, a), axis, *args, **kwargs)

    function.__name__ = function.__qualname__ = name.__name__
    function.__doc__ = f"{name.__name__[3:]} over `axis`, without the entries that are NaN."
    return composed(name)(function)


nansum = _skipping_nans(sum, 0, np.nansum)
nanprod = _skipping_nans(prod, 1, np.nanprod)
nancumsum = _skipping_nans(cumsum, 0, np.nancumsum)
nancumprod = _skipping_nans(cumprod, 1, np.nancumprod)


def _nan_where_empty(a: Array, result: Array, axis: Any, keepdims: Any) -> Array:
    """NumPy's answer where every entry is NaN."""
    empty = all(isnan(a), axis=axis, keepdims=keepdims is True)
    return choose(empty, np.nan, result)


@composed(np.nanmax)
def nanmax(a: Array, axis: Any = None, out: Any = None, keepdims: Any = False) -> Array:
    """The largest entry over `axis`, without those that are NaN."""
    return _nan_where_empty(a, max(choose(isnan(a), -np.inf, a), axis=axis, keepdims=keepdims), axis, keepdims)


@composed(np.nanmin)
def nanmin(a: Array, axis: Any = None, out: Any = None, keepdims: Any = False) -> Array:
    """The smallest entry over `axis`, without those that are NaN."""
    return _nan_where_empty(a, min(choose(isnan(a), np.inf, a), axis=axis, keepdims=keepdims), axis, keepdims)


@composed(np.nanmean)
def nanmean(
    a: Array, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True
) -> Array:
    """The mean over `axis`, without the entries that are NaN."""
    return mean(a, axis=axis, dtype=dtype, keepdims=keepdims, where=np.logical_and(~isnan(a), where))


@composed(np.nanvar)
def nanvar(
    a: Array,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = NONE,
    correction: Any = NONE,
) -> Array:
    """The variance over `axis`, without the entries that are NaN."""
    present = np.logical_and(~isnan(a), where)
    return var(choose(present, a, 0), axis, dtype, None, ddof, keepdims, where=present, correction=correction)


@composed(np.nanstd)
def nanstd(
    a: Array,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = NONE,
    correction: Any = NONE,
) -> Array:
    """The standard deviation over `axis`, without the entries that are NaN."""
    present = np.logical_and(~isnan(a), where)
    return std(choose(present, a, 0), axis, dtype, None, ddof, keepdims, where=present, correction=correction)


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
__all__ += """average cumulative_prod cumulative_sum nancumprod nancumsum nanmax nanmean nanmin nanprod nanstd nansum
nanvar ptp std var""".split()
