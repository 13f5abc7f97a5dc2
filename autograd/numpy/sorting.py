"""Order statistics: sort, median, quantile. Ties are broken by one stable permutation."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Tensor, describe
from ..shapes import kept_shape, normalize_axes
from .elementwise import clip, floor, inexact, isnan, minimum, where
from .indexing import take_along_axis
from .joining import stack
from .reductions import any, keeps
from .registry import composed, constant, gathered, implements, known, plain, registry
from .shaping import flip, merge_axes, reshape

Array = Any

_MANY = 1024


def _order(a: Array, axis: int | None = -1, kind: Any = None, *order: Any, **options: Any) -> Array:
    """np.argsort; the stable order of many is that of the other sort, ten times as fast, with equals put by place."""
    if kind != "stable" or axis is None or type(a) is not np.ndarray or a.dtype.char not in "fd" or a.size < _MANY:
        return np.argsort(a, axis, kind, *order, **options)
    places = np.moveaxis(np.argsort(a, axis), axis, -1)
    ordered = np.take_along_axis(np.moveaxis(a, axis, -1), places, -1)
    before, after = ordered[..., :-1], ordered[..., 1:]
    fresh = (before != after) & (before == before)  # NaN are equals too
    if not fresh.all():
        starts = np.zeros(places.shape, int)
        np.cumsum(fresh, axis=-1, out=starts[..., 1:])
        starts *= places.shape[-1]
        places = np.sort(starts + places, axis=-1) - starts
    return np.moveaxis(places, -1, axis)


_argsort = constant(_order, name="argsort")
argpartition = constant(np.argpartition)
_lexsort = constant(np.lexsort, name="lexsort")
searchsorted = constant(np.searchsorted)
digitize = constant(np.digitize)


@implements(np.lexsort)
def lexsort(keys: Any, axis: int = -1) -> Array:
    """The order that sorts by the last key, and among equals by the ones before."""
    return _lexsort(gathered(keys), axis)


# `descending` is the Array API standard's, which NumPy has not yet
@implements(np.argsort)
def argsort(a: Array, axis: int | None = -1, *args: Any, descending: bool = False, **kwargs: Any) -> Array:
    """The places that sort an array along an axis."""
    if not descending:
        return _argsort(a, axis, *args, **kwargs) if axis != -1 or args or kwargs else _argsort(a)
    axis = -1 if axis is None else axis
    return plain(a).shape[axis] - 1 - flip(_argsort(flip(a, axis), axis=axis, kind="stable"), axis)


def sort(a: Array, axis: int | None = -1, *args: Any, descending: bool = False, **kwargs: Any) -> Array:
    """The entries along an axis in increasing order, NaN last; or in decreasing order.

    >>> sort(np.array([3.0, 1.0, 2.0]))
    array([1., 2., 3.])
    """
    if descending:
        return take_along_axis(a, argsort(a, axis, descending=True), axis)
    return _sort(a, axis, *args, **kwargs)


@composed(np.sort)
def _sort(a: Array, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Array:
    a = gathered(a)
    np.sort(np.zeros(0), -1, kind, order, stable=stable)  # which finds what is wrong with these
    if axis is None:
        a, axis = reshape(a, (-1,)), 0
    return take_along_axis(a, argsort(a, axis=axis, kind="stable"), axis)


@composed(np.sort_complex)
def sort_complex(a: Array) -> Array:
    """The entries along the last axis in increasing order, as complex numbers."""
    return sort(a).astype(a.dtype if a.dtype.kind == "c" else np.sort_complex(np.ones(1, a.dtype)).dtype)


@composed(np.partition)
def partition(a: Array, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None) -> Array:
    """The entries along an axis, with the kth at its place in order, the smaller before and the larger behind."""
    if axis is None:
        a, axis = reshape(a, (-1,)), 0
    return take_along_axis(a, argpartition(a, kth, axis=axis, kind=kind, order=order), axis)


registry[np.sort] = sort


def _lines(a: Array, axis: Any) -> tuple[Array, tuple[int, ...]]:
    """The array with the axes to reduce as one last axis, and the shape of the result with them kept at length 1."""
    return merge_axes(a, normalize_axes(axis, a.ndim)), kept_shape(a.shape, axis)


def _read_at(ordered: Array, positions: Array) -> Array:
    """Each line at a fractional place: between two entries, in proportion."""
    low = floor(positions)
    share = positions - low
    last = ordered.shape[-1] - 1
    below = clip(low, 0, last).astype(int)
    above = minimum(below + 1, last)
    lower, upper = take_along_axis(ordered, below, -1), take_along_axis(ordered, above, -1)
    exact = plain(share) == 0
    step = where(exact, 0, upper - lower) if np.any(exact) and not isinstance(share, Tensor) else upper - lower
    return lower + step * share


# the continuous methods place the q-th quantile of n entries at q (n + 1 - a - b) + a - 1 (Hyndman and Fan, 1996)
_CONTINUOUS = {
    "interpolated_inverted_cdf": (0, 1),
    "hazen": (0.5, 0.5),
    "weibull": (0, 0),
    "linear": (1, 1),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}


def _positions(q: Array, counts: Array, method: str) -> Array:
    """Where in an ordered line of each count the quantile lies: NumPy's answer for the line 0, 1, 2, ..."""
    if isinstance(q, Tensor) and method in _CONTINUOUS:
        if not np.all((plain(q) >= 0) & (plain(q) <= 1)):
            raise ValueError("quantile: 0 <= q <= 1 (or 100 for a percentile) does not hold for every q")
        a, b = _CONTINUOUS[method]
        return clip(q * counts + (a + q * (1 - a - b)) - 1, 0, counts - 1)
    q = known(q, "q in a quantile whose method has steps")
    quantile_of: Any = np.quantile
    table = {n: quantile_of(np.arange(max(n, 1), dtype=float), q, method=method) for n in np.unique(counts)}
    return np.array([table[n] for n in np.ravel(counts)]).reshape(np.shape(counts))


def _quantile(a: Array, q: Array, axis: Any, method: str, keepdims: Any, skip_nans: bool) -> Array:
    a, q = gathered(a), gathered(q)
    if isinstance(q, (list, tuple)):
        q = np.asarray(q)
    if not isinstance(a, Tensor):
        a = inexact(np.asarray(a))
    lines, kept = _lines(a, axis)
    counts: Any = lines.shape[-1]
    if skip_nans:
        counts = counts - np.sum(np.isnan(known(lines, "which are NaN")), axis=-1, keepdims=True)
    counts = np.broadcast_to(counts, (*lines.shape[:-1], 1))
    ordered = sort(lines)
    spoilt = None if skip_nans else any(isnan(lines), axis=-1, keepdims=True)
    quantile_of: Any = np.quantile

    def at(q: Array) -> Array:
        if np.ndim(plain(q)):
            return stack([at(q[i]) for i in range(q.shape[0])])
        fraction = np.zeros_like(plain(q))[()] if isinstance(q, Tensor) else q
        dtype = a.dtype if a.dtype.kind == "c" else quantile_of(np.ones(1, a.dtype), fraction, method=method).dtype
        result = _read_at(ordered, _positions(q, counts, method))
        result = result if spoilt is None else where(spoilt, np.nan, result)
        result = result if result.dtype == dtype else result.astype(dtype)
        if keeps(keepdims):
            return reshape(result, kept)
        return result[(slice(None),) * (result.ndim - 1) + (0,)]

    return at(q)


def _weighted(numpys: Any, a: Array, q: Any, axis: Any, keepdims: Any, **options: Any) -> Array:
    """A quantile with weights is one of the entries (the only method that NumPy has for them): which is told by it."""
    a = gathered(a)
    found = numpys(known(a, "a"), known(gathered(q), "q"), axis, keepdims=True, **options)
    lines, kept = _lines(a, axis)
    several = found.shape[: found.ndim - len(kept)]
    targets = np.reshape(found, (*several, *lines.shape[:-1], 1))
    places = np.argmax(np.equal(known(lines, "a"), targets) | (np.isnan(targets) & np.isnan(plain(lines))), axis=-1)
    flat = reshape(lines, (-1,))
    starts = np.arange(flat.shape[0] // lines.shape[-1]).reshape(lines.shape[:-1]) * lines.shape[-1]
    result = flat[starts + places]
    return reshape(result, (*several, *kept)) if keeps(keepdims) else result


def _quantiles(numpys: Any, meaning: str, parts: int, skip_nans: bool) -> Any:
    """NumPy's function for quantiles at q / parts, by the way that its arguments ask for."""

    def function(
        a: Array,
        q: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: Any = False,
        *,
        weights: Any = None,
    ) -> Array:
        q = gathered(q)
        if np.iscomplexobj(plain(a)):
            raise TypeError(f"{numpys.__name__}: {describe(a)} is complex, and only real numbers have an order")
        if isinstance(q, Tensor) and not isinstance(gathered(a), Tensor) and method not in _CONTINUOUS:
            return numpys(a, known(q, "q"), axis, method=method, keepdims=keepdims, weights=weights)  # no slope
        if not np.size(plain(a)):  # of nothing, which is NaN or an error
            return numpys(plain(a), plain(q), axis, method=method, keepdims=keepdims)
        if weights is not None:
            weights = known(gathered(weights), "weights")
            return _weighted(numpys, a, q, axis, keepdims, method=method, weights=weights)
        if parts != 1:
            q = (q if hasattr(q, "dtype") or np.ndim(q) == 0 else np.asarray(q)) / parts
        return _quantile(a, q, axis, method, keepdims, skip_nans)

    function.__name__ = function.__qualname__ = numpys.__name__
    function.__doc__ = meaning
    return composed(numpys)(function)


quantile = _quantiles(
    np.quantile,
    """The q-th quantile over `axis`, 0 <= q <= 1; differentiable in q too with the method 'linear'.

    >>> float(quantile(np.array([1.0, 2.0, 4.0]), 0.75))
    3.0
    """,
    parts=1,
    skip_nans=False,
)
percentile = _quantiles(np.percentile, "The q-th percentile over `axis`, 0 <= q <= 100.", parts=100, skip_nans=False)
nanquantile = _quantiles(
    np.nanquantile, "The q-th quantile over `axis`, without the entries that are NaN.", parts=1, skip_nans=True
)
nanpercentile = _quantiles(
    np.nanpercentile, "The q-th percentile over `axis`, without the entries that are NaN.", parts=100, skip_nans=True
)


def _median(numpys: Any, a: Array, axis: Any, keepdims: Any, skip_nans: bool) -> Array:
    if not np.size(plain(a)):  # of nothing: NaN
        return numpys(plain(a), axis, keepdims=keepdims)
    return _quantile(a, 0.5, axis, "linear", keepdims, skip_nans)


@composed(np.median)
def median(a: Array, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Array:
    """The middle entry over `axis`, or the mean of the two in the middle."""
    return _median(np.median, a, axis, keepdims, skip_nans=False)


@composed(np.nanmedian)
def nanmedian(
    a: Array, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False
) -> Array:
    """The median over `axis`, without the entries that are NaN."""
    return _median(np.nanmedian, a, axis, keepdims, skip_nans=True)
