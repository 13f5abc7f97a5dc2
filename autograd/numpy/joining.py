"""Joining arrays and taking them apart, and arrays made of nested lists."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import Tensor, describe, refuse_other_products
from ..shapes import normalize_axis
from .registry import cast, composed, gathered, holds_tensor, implements, known, plain, variadic
from .shaping import atleast_1d, atleast_2d, atleast_3d, broadcast_to, moveaxis, reshape

Array = Any


def _pieces(g: Array, out: Array, *arrays: Array, axis: int | None = 0, only: int | None = None) -> list[Array]:
    sizes = [a.size if axis is None else a.shape[axis] for a in arrays]
    ends = list(itertools.accumulate(sizes))
    lead = () if axis is None else (slice(None),) * (axis % g.ndim)
    pieces = []
    for i in range(len(arrays)) if only is None else [only]:
        piece = g[*lead, ends[i] - sizes[i] : ends[i]]
        pieces.append(piece if axis is not None else reshape(piece, arrays[i].shape))
    return pieces


def _piece(argument: int, g: Array, out: Array, *arrays: Array, axis: int | None = 0) -> Array:
    return _pieces(g, out, *arrays, axis=axis, only=argument)[0]


_concatenate = variadic(
    lambda *arrays, axis=0: np.concatenate(arrays, axis=axis), _piece, _pieces, name="concatenate", linear=True
)


def _slice_of_stack(argument: int, g: Array, out: Array, *arrays: Array, axis: int = 0) -> Array:
    return g[(slice(None),) * (axis % g.ndim) + (argument,)]


def _slices_of_stack(g: Array, out: Array, *arrays: Array, axis: int = 0) -> list[Array]:
    return [_slice_of_stack(i, g, out, axis=axis) for i in range(len(arrays))]


_stack = variadic(
    lambda *arrays, axis=0: np.stack(arrays, axis=axis), _slice_of_stack, _slices_of_stack, name="stack", linear=True
)


def _listed(arrays: Sequence[Array]) -> list[Array]:
    for a in arrays:
        if type(a) is not np.ndarray and not isinstance(a, Tensor):
            refuse_other_products(a)
    return [a if hasattr(a, "dtype") else array(a) for a in arrays]


@composed(np.concatenate)
def concatenate(
    arrays: Sequence[Array], /, axis: int | None = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind"
) -> Array:
    """Join arrays along an existing axis, or their entries in one axis if it is None."""
    if axis is None and any(type(a) in (int, float, complex) for a in arrays):  # which do not widen the others
        kind = np.result_type(*[getattr(a, "dtype", a) for a in arrays])
        arrays = [a if hasattr(a, "dtype") else np.asarray(a, kind) for a in arrays]
    joined = _concatenate(*_listed(arrays), axis=axis)
    return joined if dtype is None else cast(joined, dtype, casting)


@composed(np.stack)
def stack(
    arrays: Sequence[Array], axis: int = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind"
) -> Array:
    """Join arrays of one shape along a new axis."""
    joined = _stack(*_listed(arrays), axis=axis)
    return joined if dtype is None else cast(joined, dtype, casting)


@composed(np.vstack)
def vstack(tup: Sequence[Array], *, dtype: Any = None, casting: str = "same_kind") -> Array:
    """Join arrays as rows."""
    return concatenate([atleast_2d(a) for a in tup], axis=0, dtype=dtype, casting=casting)


@composed(np.hstack)
def hstack(tup: Sequence[Array], *, dtype: Any = None, casting: str = "same_kind") -> Array:
    """Join arrays along the second axis, or the first if they have but one."""
    arrays = [atleast_1d(a) for a in tup]
    return concatenate(arrays, axis=0 if arrays[0].ndim == 1 else 1, dtype=dtype, casting=casting)


@composed(np.dstack)
def dstack(tup: Sequence[Array]) -> Array:
    """Join arrays along the third axis."""
    return concatenate([atleast_3d(a) for a in tup], axis=2)


@composed(np.column_stack)
def column_stack(tup: Sequence[Array]) -> Array:
    """Join arrays as columns."""
    return concatenate([a if a.ndim > 1 else reshape(a, (-1, 1)) for a in _listed(tup)], axis=1)


@composed(np.append)
def append(arr: Array, values: Array, axis: int | None = None) -> Array:
    """The array with `values` joined at its end."""
    return concatenate([array(arr), array(values)], axis=axis)


@composed(np.block)
def block(arrays: Any) -> Array:
    """An array made of blocks in nested lists: the innermost are joined along the last axis."""

    def depth(value: Any) -> int:
        return 1 + depth(value[0]) if isinstance(value, list) else 0

    def leaves(value: Any) -> list[Any]:
        return [leaf for v in value for leaf in leaves(v)] if isinstance(value, list) else [value]

    ndim = max(depth(arrays), *(np.ndim(plain(a)) for a in leaves(arrays)))

    def join(value: Any, axis: int) -> Array:
        if isinstance(value, list):
            return concatenate([join(v, axis + 1) for v in value], axis=axis)
        value = array(value)
        return reshape(value, (1,) * (ndim - value.ndim) + value.shape)

    return join(arrays, -depth(arrays))


@composed(np.insert)
def insert(arr: Array, obj: Any, values: Any, axis: int | None = None) -> Array:
    """The array with `values` inserted before the places `obj` along an axis."""
    if axis is None:
        arr, axis = reshape(arr, (-1,)), 0
    axis = normalize_axis(axis, arr.ndim)
    n = arr.shape[axis]
    values, obj = array(values), known(gathered(obj), "where to insert")
    obj = np.flatnonzero(obj) if np.asarray(obj).dtype.kind == "b" else obj
    places = np.arange(n)[obj] if isinstance(obj, slice) else np.asarray(obj)
    count = places.size
    if count == 1:  # before which there may be several
        if values.ndim < arr.ndim:
            values = reshape(values, (1,) * (arr.ndim - values.ndim) + values.shape)
        values = moveaxis(values, 0, axis) if axis and not places.ndim else values
        count = values.shape[axis]
    shape = (*arr.shape[:axis], count, *arr.shape[axis + 1 :])
    values = values if values.dtype == arr.dtype else values.astype(arr.dtype)
    joined = concatenate([arr, broadcast_to(values, shape)], axis=axis)
    # where NumPy puts what is told by inserting the numbers of the new entries, which come after those of the old ones
    order = np.insert(np.arange(n), obj, np.arange(n, n + count))
    return joined[(slice(None),) * axis + (order,)]


@composed(np.delete)
def delete(arr: Array, obj: Any, axis: int | None = None) -> Array:
    """The array without the places `obj` along an axis."""
    if axis is None:
        arr, axis = reshape(arr, (-1,)), 0
    axis = normalize_axis(axis, arr.ndim)
    return arr[(slice(None),) * axis + (np.delete(np.arange(arr.shape[axis]), known(gathered(obj), "what to delete")),)]


@composed(np.array_split)
def array_split(ary: Array, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """The array in parts along an axis: that many, or cut at the given places."""
    axis = normalize_axis(axis, ary.ndim)
    places = np.array_split(np.arange(ary.shape[axis]), known(indices_or_sections, "where to split"))
    lead = (slice(None),) * axis
    starts = [int(p[0]) if len(p) else 0 for p in places]
    return [ary[(*lead, slice(start, start + len(p)))] for start, p in zip(starts, places, strict=True)]


@composed(np.split)
def split(ary: Array, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """The array in equal parts along an axis, or cut at the given places."""
    indices_or_sections = known(indices_or_sections, "where to split")
    axis = normalize_axis(axis, ary.ndim)
    if np.ndim(indices_or_sections) == 0 and ary.shape[axis] % indices_or_sections:
        raise ValueError(f"split: axis {axis} of {ary.shape} cannot be cut in {indices_or_sections} equal parts")
    return array_split(ary, indices_or_sections, axis)


@composed(np.hsplit)
def hsplit(ary: Array, indices_or_sections: Any) -> list[Array]:
    """The array in parts along its second axis, or the only one."""
    return split(_of_axes(ary, 1, "hsplit"), indices_or_sections, 1 if ary.ndim > 1 else 0)


@composed(np.vsplit)
def vsplit(ary: Array, indices_or_sections: Any) -> list[Array]:
    """The array in parts along its first axis."""
    return split(_of_axes(ary, 2, "vsplit"), indices_or_sections, 0)


@composed(np.dsplit)
def dsplit(ary: Array, indices_or_sections: Any) -> list[Array]:
    """The array in parts along its third axis."""
    return split(_of_axes(ary, 3, "dsplit"), indices_or_sections, 2)


def _of_axes(ary: Array, least: int, function: str) -> Array:
    if ary.ndim < least:
        raise ValueError(f"{function}: arrays of {least} or more axes are split, not {describe(ary)}")
    return ary


def unstack(x: Array, /, *, axis: int = 0) -> tuple[Array, ...]:
    """The parts of an array along an axis, without that axis."""
    axis = normalize_axis(axis, x.ndim)
    return tuple(x[(slice(None),) * axis + (i,)] for i in range(x.shape[axis]))


if hasattr(np, "unstack"):
    unstack = composed(np.unstack)(unstack)


def array(object: Any, dtype: Any = None, *args: Any, ndmin: int = 0, **kwargs: Any) -> Array:
    """np.array, also of nested lists with Tensors in them."""
    if not holds_tensor((object,)):
        return np.array(object, dtype, *args, ndmin=ndmin, **kwargs)
    made = gathered_list(object)
    made = made if dtype is None else made.astype(dtype)
    return made if made.ndim >= ndmin else reshape(made, (1,) * (ndmin - made.ndim) + made.shape)


@implements(np.asarray, np.asanyarray)
def asarray(a: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Array:
    """np.asarray, also of nested lists with Tensors in them."""
    if not holds_tensor((a,)):
        return np.asarray(a, dtype, *args, **kwargs)
    made = gathered_list(a)
    return made if dtype is None else made.astype(dtype)


def gathered_list(a: Any) -> Array:
    """A Tensor as it is, nested lists with Tensors in them as one Tensor."""
    return a if isinstance(a, Tensor) else _stack(*_listed(a))


asanyarray = asarray


@implements(np.ascontiguousarray, np.asfortranarray)
def ascontiguousarray(a: Any, dtype: Any = None, **kwargs: Any) -> Array:
    """The array with at least one axis; how a Tensor's numbers lie in memory is not its own affair."""
    made = atleast_1d(asarray(a, dtype))
    return made if isinstance(made, Tensor) else np.ascontiguousarray(made, **kwargs)


def asfortranarray(a: Any, dtype: Any = None, **kwargs: Any) -> Array:
    """`ascontiguousarray`; of plain arrays, with the first axis nearest in memory."""
    made = ascontiguousarray(a, dtype)
    return made if isinstance(made, Tensor) else np.asfortranarray(made, **kwargs)


class _Joiner:
    """NumPy's `r_` and `c_`, also with Tensors between the brackets."""

    def __init__(self, numpys: Any) -> None:
        self.numpys = numpys

    def __getitem__(self, key: Any) -> Array:
        items = key if isinstance(key, tuple) else (key,)
        if not holds_tensor(items):
            return self.numpys[key]
        # NumPy joins the numbers of the entries, and so tells where each entry goes
        sources: list[Array] = []
        places: list[Any] = []
        start = 0
        for value in items:
            if isinstance(value, str):
                places.append(value)
                continue
            value = array(self.numpys[value].ravel() if isinstance(value, slice) else value)
            sources.append(reshape(value, (-1,)))
            places.append(np.arange(start, start + value.size).reshape(value.shape)[()])
            start += value.size
        joined = concatenate(sources)[self.numpys[tuple(places)]]
        return joined.astype(self.numpys[tuple(plain(gathered(v)) for v in items)].dtype)


r_ = _Joiner(np.r_)
c_ = _Joiner(np.c_)

__all__ = """append array array_split asanyarray asarray ascontiguousarray asfortranarray block c_ column_stack
concatenate delete dsplit dstack hsplit hstack insert r_ split stack unstack vsplit vstack""".split()
