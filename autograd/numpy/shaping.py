"""Moving entries about: reshape, transpose, index, join. Their rules move the cotangent back."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import Primitive, Tensor
from ..shapes import inverse_permutation
from .registry import implements, primitive, variadic

Array = Any


def _reshape_back(g: Array, out: Array, x: Array, *args: Any, **kwargs: Any) -> Array:
    return reshape(g, x.shape)


def _transpose_back(g: Array, out: Array, x: Array, axes: Any = None) -> Array:
    return transpose(g, None if axes is None else inverse_permutation(axes))


def _reshape(x: Array, shape: Any, order: str = "C") -> Array:
    return np.reshape(x, shape, order=order)


_reshaped = primitive(
    _reshape,
    lambda g, out, x, shape, order="C": _reshaped(g, x.shape, order=order),
    name="reshape",
    structural=True,
)


@implements(np.reshape)
def reshape(a: Array, /, shape: Any = None, order: str = "C", *, newshape: Any = None, copy: Any = None) -> Array:
    """The same entries in another shape; one length may be -1."""
    shape = newshape if shape is None else shape
    return _reshaped(a, shape) if order == "C" else _reshaped(a, shape, order=order)


transpose = primitive(np.transpose, _transpose_back, structural=True)
permute_dims = transpose
swapaxes = primitive(np.swapaxes, lambda g, out, x, a, b: swapaxes(g, a, b), structural=True)
moveaxis = primitive(
    np.moveaxis, lambda g, out, x, source, destination: moveaxis(g, destination, source), structural=True
)
rollaxis = primitive(np.rollaxis, lambda g, out, x, axis, start=0: _unroll(g, x.ndim, axis, start), structural=True)
expand_dims = primitive(np.expand_dims, _reshape_back, structural=True)
squeeze = primitive(np.squeeze, _reshape_back, structural=True)


def _unroll(g: Array, ndim: int, axis: int, start: int) -> Array:
    order = tuple(np.rollaxis(np.empty(tuple(range(1, ndim + 1))), axis, start).shape)
    return transpose(g, inverse_permutation(n - 1 for n in order))


@implements(np.ravel)
def ravel(a: Array, order: str = "C") -> Array:
    """The entries in one axis."""
    return reshape(a, (-1,), order=order)


# the walk sums the cotangent over broadcast axes, so there is nothing left to do in the rule
broadcast_to = primitive(np.broadcast_to, lambda g, out, x, shape: g, structural=True)
flip = primitive(np.flip, lambda g, out, x, axis=None: flip(g, axis), structural=True)
roll = primitive(
    np.roll,
    lambda g, out, x, shift, axis=None: roll(g, tuple(-s for s in shift) if np.ndim(shift) else -shift, axis),
    structural=True,
)


def _index(x: Array, *parts: Any) -> Array:
    return x[parts]


def _is_basic(parts: tuple[Any, ...]) -> bool:
    return all(p is None or p is Ellipsis or isinstance(p, (int, np.integer, slice)) for p in parts)


def _scatter(g: Array, shape: tuple[int, ...], *parts: Any) -> Array:
    out = np.zeros_like(g, shape=shape)
    if _is_basic(parts) or all(getattr(p, "dtype", None) == bool for p in parts):
        out[parts] = g
    else:
        np.add.at(out, parts, g)
    return out


index = primitive(_index, lambda g, out, x, *parts: scatter(g, x.shape, *parts), name="index", structural=True)
index.__doc__ = "x[parts]: what indexing a Tensor records."
scatter = primitive(_scatter, lambda g, out, x, shape, *parts: index(g, *parts), name="scatter", structural=True)
scatter.__doc__ = "Zeros of `shape` with `g` added at `parts`: what carries the cotangent of x[parts] back."


def getitem(x: Array, key: Any) -> Array:
    """x[key]; lists index like arrays, and Tensors may be indices."""
    parts = key if isinstance(key, tuple) else (key,)
    return index(x, *[np.asarray(p) if isinstance(p, list) else p for p in parts])


def _piece(argument: int, g: Array, out: Array, *arrays: Array, axis: int | None = 0) -> Array:
    if axis is None:
        start = sum(a.size for a in arrays[:argument])
        return reshape(g[start : start + arrays[argument].size], arrays[argument].shape)
    axis = axis % g.ndim
    start = sum(a.shape[axis] for a in arrays[:argument])
    return g[(slice(None),) * axis + (slice(start, start + arrays[argument].shape[axis]),)]


_concatenate = variadic(
    lambda *arrays, axis=0: np.concatenate(arrays, axis=axis), _piece, name="concatenate", structural=False, linear=True
)


def _slice_of_stack(argument: int, g: Array, out: Array, *arrays: Array, axis: int = 0) -> Array:
    return g[(slice(None),) * (axis % g.ndim) + (argument,)]


_stack = variadic(lambda *arrays, axis=0: np.stack(arrays, axis=axis), _slice_of_stack, name="stack", linear=True)


def _listed(arrays: Sequence[Array]) -> list[Array]:
    return [a if hasattr(a, "dtype") else np.asarray(a) for a in arrays]


@implements(np.concatenate)
def concatenate(arrays: Sequence[Array], axis: int | None = 0, **kwargs: Any) -> Array:
    """Join arrays along an existing axis."""
    return _concatenate(*_listed(arrays), axis=axis)


@implements(np.stack)
def stack(arrays: Sequence[Array], axis: int = 0) -> Array:
    """Join arrays of one shape along a new axis."""
    return _stack(*_listed(arrays), axis=axis)


@implements(np.vstack)
def vstack(arrays: Sequence[Array]) -> Array:
    """Join arrays as rows."""
    return concatenate([a if a.ndim > 1 else reshape(a, (1, -1)) for a in _listed(arrays)], axis=0)


@implements(np.hstack)
def hstack(arrays: Sequence[Array]) -> Array:
    """Join arrays as columns."""
    arrays = [a if a.ndim else reshape(a, (1,)) for a in _listed(arrays)]
    return concatenate(arrays, axis=0 if arrays[0].ndim == 1 else 1)


def array(A: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Array:
    """np.array, also of nested lists with Tensors in them."""
    if isinstance(A, Tensor):
        return A if dtype is None else A.astype(dtype)
    if isinstance(A, (list, tuple)) and _holds_tensor(A):
        made = stack([array(a) for a in A])
        return made if dtype is None else made.astype(dtype)
    return np.array(A, dtype, *args, **kwargs)


@implements(np.asarray)
def asarray(A: Any, dtype: Any = None, **kwargs: Any) -> Array:
    """np.asarray, also of nested lists with Tensors in them."""
    return array(A, dtype) if _holds_tensor(A) or isinstance(A, Tensor) else np.asarray(A, dtype, **kwargs)


def _holds_tensor(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and any(isinstance(v, Tensor) or _holds_tensor(v) for v in value)


__all__ = [_name for _name, _value in list(globals().items()) if isinstance(_value, Primitive) and _name[0] != "_"]
__all__ += ["array", "asarray", "concatenate", "getitem", "hstack", "ravel", "reshape", "stack", "vstack"]
