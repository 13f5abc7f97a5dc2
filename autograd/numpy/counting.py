"""Which values there are, and how many: sets, unique, bincount, histograms. Values and weights keep their gradient."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..graph import Tensor, describe
from .creation import linspace
from .indexing import scatter, take
from .joining import array, concatenate
from .reductions import max, min, sum
from .registry import cast, composed, constant, gathered, known, no_rule, plain
from .shaping import ravel, reshape

Array = Any


# sets: NumPy says which values, and each is read from its first place among the entries they come from
def _read(pool: Array, values: Any) -> Array:
    numbers = known(pool, "a set of values")
    order = np.argsort(numbers, kind="stable")
    return pool[order[np.searchsorted(numbers[order], values)]]


def _set_operation(numpys: Any, meaning: str, first_only: bool = False) -> Any:
    def function(ar1: Array, ar2: Array, *args: Any, **kwargs: Any) -> Any:
        ar1, ar2 = gathered(ar1), gathered(ar2)
        found = numpys(known(ar1, numpys.__name__), known(ar2, numpys.__name__), *args, **kwargs)
        values, *rest = found if isinstance(found, tuple) else (found,)
        pool = ravel(array(ar1)) if first_only else concatenate([ar1, ar2], axis=None)
        read = array(_read(pool, values), values.dtype)
        return (read, *rest) if rest else read

    function.__name__ = function.__qualname__ = numpys.__name__
    function.__doc__ = f"The different values {meaning}, in increasing order."
    return composed(numpys)(function)


union1d = _set_operation(np.union1d, "of two arrays")
setxor1d = _set_operation(np.setxor1d, "that are in only one of two arrays")
intersect1d = _set_operation(np.intersect1d, "that are in both of two arrays", first_only=True)
setdiff1d = _set_operation(np.setdiff1d, "of the first array that are not in the second", first_only=True)


@composed(np.unique)
def unique(
    ar: Array,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: Any = None,
    **options: Any,
) -> Any:
    """The different values (or parts along `axis`) in increasing order, each read from its first place.

    Args:
        return_index, return_inverse, return_counts: what else to return, as NumPy does.
    """
    numpys: Any = np.unique
    ar = gathered(ar)
    _, first, *rest = numpys(known(ar, "unique"), True, return_inverse, return_counts, axis, **options)
    values = take(ar, first, axis)
    found = ([first] if return_index else []) + rest
    return (values, *found) if found else values


def _unique_as(numpys: Any) -> Any:
    @composed(numpys)
    @functools.wraps(numpys)
    def function(x: Array, /) -> Any:
        found = numpys(known(x, numpys.__name__))
        if not isinstance(found, tuple):
            return _read(ravel(x), found)
        return type(found)(_read(ravel(x), found[0]), *found[1:])

    return function


unique_all, unique_counts = _unique_as(np.unique_all), _unique_as(np.unique_counts)
unique_inverse, unique_values = _unique_as(np.unique_inverse), _unique_as(np.unique_values)


# counts: constants, but for the weights that are summed
_bincount = constant(np.bincount, name="bincount")


@composed(np.bincount)
def bincount(x: Array, /, weights: Any = None, minlength: int = 0) -> Array:
    """How often each number 0, 1, 2 ... occurs, or the sum of the weights of its places."""
    weights = gathered(weights)
    if not isinstance(weights, Tensor):
        return _bincount(x, weights, minlength)
    places = np.asarray(known(x, "bincount")).astype(int)
    if weights.shape != places.shape:
        raise ValueError(
            f"bincount: one weight for each number is needed, and {describe(weights)} is not {places.shape}"
        )
    return scatter(cast(weights, float, "same_kind"), np.bincount(places, minlength=minlength).shape, places)


def _edges(a: Array, bins: Any, limits: Any, edges: Any) -> Array:
    """The edges that NumPy found, as they depend on the data: bins of one width between its extremes."""
    if np.ndim(plain(bins)) == 1:
        return array(bins)
    if limits is None and (not isinstance(a, Tensor) or a.size == 0):
        return edges
    low, high = (min(a), max(a)) if limits is None else limits
    wide = plain(low) != plain(high)
    return linspace(low if wide else low - 0.5, high if wide else high + 0.5, len(edges), dtype=edges.dtype)


def _numbers(value: Any) -> Any:
    """The plain values of what may be a Tensor, or a list with Tensors in it."""
    return known(gathered(value), "a histogram")


@composed(np.histogram_bin_edges)
def histogram_bin_edges(a: Array, bins: Any = 10, range: Any = None, weights: Any = None) -> Array:
    """The edges of the bins of a histogram; by default they depend on the smallest and the largest value."""
    a = gathered(a)
    edges = np.histogram_bin_edges(_numbers(a), _numbers(bins), _numbers(range), _numbers(weights))
    return _edges(a, bins, range, edges)


def _places(values: Any, edges: Any) -> tuple[Any, Any]:
    """For each value the number of its bin, and whether it is in one; the last edge belongs to the last bin."""
    inside = (values >= edges[0]) & (values <= edges[-1])
    return np.minimum(np.searchsorted(edges, values, side="right") - 1, len(edges) - 2), inside


@composed(np.histogram)
def histogram(
    a: Array, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> tuple[Array, Array]:
    """How many values (or what sum of weights, or what density) each bin holds; and the edges of the bins."""
    a, weights = ravel(array(a)), gathered(weights)
    if a.dtype.kind == "c":
        raise no_rule("histogram of complex numbers", (a, weights), "; count their real parts or absolute values")
    counts, numbers = np.histogram(_numbers(a), _numbers(bins), _numbers(range), weights=_flat_numbers(weights))
    edges = _edges(a, bins, range, numbers)
    if isinstance(weights, Tensor):
        places, inside = _places(_numbers(a), numbers)
        counts = scatter(ravel(weights)[inside], counts.shape, places[inside])
    return counts / array(edges[1:] - edges[:-1], float) / sum(counts) if density else counts, edges


def _flat_numbers(weights: Any) -> Any:
    return None if weights is None else np.ravel(_numbers(weights))


@composed(np.histogramdd)
def histogramdd(
    sample: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> tuple[Array, tuple[Array, ...]]:
    """`histogram` for points: rows of a matrix, or one array of coordinates for each axis."""
    weights = gathered(weights)
    if not hasattr(sample, "ndim"):
        columns = [array(column) for column in sample]
    else:
        columns = [sample[:, i] for i in np.arange(sample.shape[1])] if sample.ndim == 2 else [sample]
    each = list(bins) if np.ndim(plain(gathered(bins))) or isinstance(bins, (list, tuple)) else [bins] * len(columns)
    limits: Any = [None] * len(columns) if range is None else [r if r is None else gathered(r) for r in range]
    points = np.stack([_numbers(c) for c in columns], axis=-1)
    plain_limits: Any = [_numbers(r) for r in limits]
    counts, numbers = np.histogramdd(points, [_numbers(b) for b in each], plain_limits, weights=_flat_numbers(weights))
    edges = tuple(_edges(*of_axis) for of_axis in zip(columns, each, limits, numbers, strict=True))
    if isinstance(weights, Tensor):
        places, inside = zip(*[_places(_numbers(c), e) for c, e in zip(columns, numbers, strict=True)], strict=True)
        kept = np.all(inside, axis=0)
        counts = scatter(ravel(weights)[kept].astype(counts.dtype), counts.shape, *[p[kept] for p in places])
    if density:
        total = sum(counts)
        for axis, e in enumerate(edges):
            counts = counts / reshape(e[1:] - e[:-1], (-1,) + (1,) * (len(edges) - axis - 1))
        counts = counts / total
    return counts, edges


@composed(np.histogram2d)
def histogram2d(
    x: Array, y: Array, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> tuple[Array, Array, Array]:
    """`histogram` for points in a plane; also the edges along x and along y."""
    one_for_both = not isinstance(bins, (int, np.integer)) and len(bins) not in (1, 2)
    if isinstance(bins, (list, tuple)) and len(bins) == 1:
        bins = bins[0]
    counts, (along_x, along_y) = histogramdd([x, y], [bins, bins] if one_for_both else bins, range, density, weights)
    return counts, along_x, along_y
