"""Averages, deviations and running extremes over axes, and the reductions that skip NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import describe
from ..shapes import count, normalize_axes
from .elementwise import _conj, _over, conj, equal, isnan, ones_like, real
from .elementwise import where as choose
from .indexing import take_along_axis
from .joining import array
from .reductions import NONE, _present, all, cumprod, cumsum, expand, keeps, left_in, max, mean, min, prod, sum
from .registry import composed, constant, for_other_data, gathered, holds_tensor, no_rule, plain, primitive, registry
from .shaping import reshape, transpose
from .stable import logsumexp

Array = Any


def _length(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    if axis is None and type(x) is np.ndarray and not keepdims:
        return np.linalg.norm(x)
    return np.sqrt(np.sum(np.square(np.abs(x)), axis=axis, keepdims=keepdims))


def _length_rule(g: Array, result: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return expand(g, x, axis, keepdims) * _over(_conj(x), expand(result, x, axis, keepdims))


length = primitive(_length, _length_rule, name="linalg.norm")
length.__doc__ = "The 2-norm over axes; its slope at 0 is 0."


def squares(x: Array) -> Array:
    """|x|**2, smooth at 0 too."""
    return real(x * conj(x)) if x.dtype.kind == "c" else x * x


def _centred(x: Array, axis: Any) -> Array:
    return _conj(x - mean(x, axis=axis, keepdims=True))


def _var_rule(
    g: Array, result: Array, x: Array, /, axis: Any = None, dtype: Any = None, ddof: float = 0, keepdims: Any = False
) -> Array:
    return expand(g * 2.0 / (count(x.shape, axis) - ddof), x, axis, keepdims) * _centred(x, axis)


def _std_rule(
    g: Array, result: Array, x: Array, /, axis: Any = None, dtype: Any = None, ddof: float = 0, keepdims: Any = False
) -> Array:
    if 0 in x.shape:
        return x
    n = count(x.shape, axis) - ddof
    slopes = _over(_centred(x, axis), n * expand(result, x, axis, keepdims))
    # the rounded mean of equal values may differ from them, so their deviation does not tell that they are equal
    equal_values = equal(max(x, axis=axis, keepdims=True), min(x, axis=axis, keepdims=True))
    return expand(g, x, axis, keepdims) * choose(equal_values, 0, slopes)


_variance = primitive(lambda x, **kwargs: np.var(x, **kwargs), _var_rule, name="var")
_deviation = primitive(lambda x, **kwargs: np.std(x, **kwargs), _std_rule, name="std")


def _lost(ddof: float, correction: Any) -> float:
    """The degrees of freedom that the mean takes away, by either of their names."""
    if correction is not NONE and ddof != 0:
        raise ValueError(f"var and std: ddof={ddof} and correction={correction} are one number; pass it by one name")
    return ddof if correction is NONE else correction


def _spread_options(axis: Any, dtype: Any, ddof: Any, keepdims: Any, correction: Any) -> dict[str, Any]:
    """Only what differs from the default, so that graphs and source show what the user wrote."""
    options = {"axis": axis, "dtype": dtype, "ddof": _lost(ddof, correction), "keepdims": keepdims}
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
    _refuse_casts("var", a, dtype)
    if dtype is not None and np.dtype(dtype).kind == "c":
        return _told_as_complex(var, a, dtype, axis, ddof, keepdims, where=where, mean=mean, correction=correction)
    if (where is True or where is NONE) and mean is NONE:
        return _variance(a, **_spread_options(axis, dtype, ddof, keepdims, correction))
    a = array(a) if dtype is None else array(a).astype(dtype)
    centred, n = _centred_where(a, axis, where, _lost(ddof, correction), mean)
    total = sum(squares(centred), axis=axis, keepdims=keepdims)
    made = total / np.reshape(n, total.shape)
    return made if dtype is None else made.astype(dtype)


def _told_as_complex(spread: Any, a: Array, dtype: Any, axis: Any, ddof: float, keepdims: Any, **options: Any) -> Array:
    """The variance or deviation of complex numbers, which is real, as a complex number."""
    return spread(array(a).astype(dtype), axis, None, None, ddof, keepdims, **options).astype(dtype)


def _refuse_casts(function: str, a: Array, dtype: Any) -> None:
    """NumPy takes means and differences in different dtypes then, which no rule follows."""
    kinds = np.dtype(dtype).kind, gathered(a).dtype.kind if holds_tensor((a,)) else np.asarray(a).dtype.kind
    if dtype is not None and (kinds[0] not in "fc" or ("c" in kinds and kinds != ("c", "c"))):
        raise no_rule(f"{function} with dtype={np.dtype(dtype)}", (a,), "; call astype on the argument or the result")


def _centred_where(a: Array, axis: Any, mask: Any, ddof: float, middle: Any) -> tuple[Array, Array]:
    """The differences from the mean of what the mask leaves in, 0 elsewhere; and their degrees of freedom."""
    mask = True if mask is NONE else mask
    n = _present(a, axis, mask)
    middle = sum(a, axis=axis, keepdims=True, where=mask) / n if middle is NONE else middle
    return choose(mask, a - middle, 0), np.maximum(n - float(ddof), 0)  # a number of NumPy's would widen it


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
    _refuse_casts("std", a, dtype)
    if dtype is not None and np.dtype(dtype).kind == "c":
        return _told_as_complex(std, a, dtype, axis, ddof, keepdims, where=where, mean=mean, correction=correction)
    if (where is True or where is NONE) and mean is NONE:
        return _deviation(a, **_spread_options(axis, dtype, ddof, keepdims, correction))
    a = array(a) if dtype is None else array(a).astype(dtype)
    centred, n = _centred_where(a, axis, where, _lost(ddof, correction), mean)
    if mean is NONE:
        low = min(a, axis=axis, keepdims=True, where=where, initial=np.inf)
        equal_values = low == max(a, axis=axis, keepdims=True, where=where, initial=-np.inf)
        centred = choose(equal_values, 0, centred)
    size = length(centred, axis=axis, keepdims=keeps(keepdims))
    made = size / np.reshape(n, size.shape) ** 0.5
    return made if dtype is None else made.astype(dtype)


def _beside(a: Array, weights: Array, axis: Any) -> Array:
    """The weights in as many axes as `a` has: those that were of the averaged axes alone have length 1 elsewhere."""
    if weights.shape == a.shape:
        return weights
    axes = normalize_axes(axis, a.ndim)
    if weights.shape != tuple(a.shape[i] for i in axes):
        what = f"average: {describe(weights)} is not one weight for each entry of {describe(a)}"
        if axis is None:
            raise TypeError(f"{what}; for weights of some axes pass axis= too")
        raise ValueError(f"{what}, or for each along axis {axis}")
    order = tuple(int(i) for i in np.argsort(axes))
    return reshape(transpose(weights, order), tuple(n if i in axes else 1 for i, n in enumerate(a.shape)))


@composed(np.average)
def average(a: Array, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    """The mean over `axis`, weighted if weights (of the shape of `a`, or of the axes averaged over) are given."""
    a = gathered(a)
    if weights is None:
        result, scale = mean(a, axis=axis, keepdims=keepdims), count(a.shape, axis)
    else:
        weights = gathered(weights)
        weights = _beside(a, weights if hasattr(weights, "dtype") else np.asarray(weights), axis)
        scale = sum(weights * ones_like(a), axis=axis, keepdims=keepdims)
        if not for_other_data() and np.any(plain(scale) == 0):
            raise ZeroDivisionError("average: the weights sum to 0")
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


def _without_nans(extreme: Any, fill: float, a: Array, axis: Any, keepdims: Any, **options: Any) -> Array:
    a = gathered(a)
    options = {k: v for k, v in options.items() if v is not NONE}
    if a.dtype.kind not in "fc":
        return extreme(a, axis, None, keepdims, **options)
    result = extreme(choose(isnan(a), fill, a), axis, None, keepdims, **options)
    if "initial" in options:
        return result
    return choose(all(isnan(a), axis=axis, keepdims=keeps(keepdims)), np.nan, result)


@composed(np.nanmax)
def nanmax(
    a: Array, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NONE, where: Any = NONE
) -> Array:
    """The largest entry over `axis`, without those that are NaN; `initial` and `where` as for `max`."""
    return _without_nans(max, -np.inf, a, axis, keepdims, initial=initial, where=where)


@composed(np.nanmin)
def nanmin(
    a: Array, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NONE, where: Any = NONE
) -> Array:
    """The smallest entry over `axis`, without those that are NaN; `initial` and `where` as for `min`."""
    return _without_nans(min, np.inf, a, axis, keepdims, initial=initial, where=where)


@composed(np.nanmean)
def nanmean(
    a: Array, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True
) -> Array:
    """The mean over `axis`, without the entries that are NaN."""
    a = gathered(a)
    return mean(a, axis=axis, dtype=dtype, keepdims=keepdims, where=_left_in(a, where))


def _left_in(a: Array, where: Any) -> Array:
    """Where the entries are that are not NaN and that `where` leaves in."""
    return ~isnan(a) if where is NONE else np.logical_and(~isnan(a), where)


def _spread_without_nans(spread: Any, numpys: Any, meaning: str) -> Any:
    def function(
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
        present = _left_in(a, where)
        a = left_in(present, a, 0)
        if mean is not NONE and a.dtype.kind in "fc":
            mean = array(mean).astype(a.dtype)  # NumPy takes it off in place
        made = spread(a, axis, dtype, None, ddof, keepdims, where=present, mean=mean, correction=correction)
        freedom = np.reshape(_present(a, axis, present), made.shape) - _lost(ddof, correction)
        return choose(freedom > 0, made, np.nan)

    function.__name__ = function.__qualname__ = numpys.__name__
    function.__doc__ = f"The {meaning} over `axis`, without the entries that are NaN."
    return composed(numpys)(function)


nanvar = _spread_without_nans(var, np.nanvar, "variance")
nanstd = _spread_without_nans(std, np.nanstd, "standard deviation")


def _running(ufunc: np.ufunc, name: str) -> Any:
    """maximum.accumulate and minimum.accumulate: each entry is the first of those that are extreme so far."""

    def places(a: Any, axis: int) -> Any:
        values = np.moveaxis(a, axis, -1)
        best = ufunc.accumulate(values, axis=-1)
        fresh = np.ones(values.shape, bool)
        fresh[..., 1:] = values[..., 1:] != best[..., :-1]
        fresh &= (values == best) | (values != values)
        found = np.maximum.accumulate(np.where(fresh, np.arange(values.shape[-1]), 0), axis=-1)
        return np.moveaxis(found, -1, axis)

    running_places = constant(places, name=name)

    def function(a: Array, axis: int | None = 0, dtype: Any = None) -> Array:
        axis = 0 if axis is None else axis
        a = a if dtype is None else a.astype(dtype)
        return take_along_axis(a, running_places(a, axis), axis)

    return function


# what these ufuncs amount to along an axis
def _hypot_reduce(a: Array, axis: Any = 0, keepdims: bool = False) -> Array:
    return length(a, axis=axis, keepdims=keepdims)


def _logaddexp_reduce(a: Array, axis: Any = 0, keepdims: bool = False) -> Array:
    return logsumexp(a, axis=axis, keepdims=keepdims)


registry[np.fmax, "reduce"] = nanmax
registry[np.fmin, "reduce"] = nanmin
registry[np.hypot, "reduce"] = _hypot_reduce
registry[np.logaddexp, "reduce"] = _logaddexp_reduce
registry[np.maximum, "accumulate"] = _running(np.maximum, "argmax_so_far")
registry[np.minimum, "accumulate"] = _running(np.minimum, "argmin_so_far")
