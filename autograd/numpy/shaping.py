"""Moving entries about: reshape, transpose, flip, repeat. Their rules move the cotangent back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Primitive
from ..shapes import count, inverse_permutation, normalize_axes
from .registry import composed, gathered, implements, known, plain, primitive

Array = Any


def _reshape_back(g: Array, out: Array, x: Array, *args: Any, **kwargs: Any) -> Array:
    return reshape(g, x.shape)


def _transpose_back(g: Array, out: Array, x: Array, axes: Any = None) -> Array:
    return transpose(g, None if axes is None else inverse_permutation(normalize_axes(axes, x.ndim)))


def _reshape(x: Array, shape: Any, order: Any = "C") -> Array:
    return np.reshape(x, shape, order=order)


_reshaped: Primitive = primitive(
    _reshape,
    lambda g, out, x, shape, order="C": _reshaped(g, x.shape, order=order),
    name="reshape",
    structural=True,
)


@implements(np.reshape)
def reshape(a: Array, /, shape: Any = None, order: str = "C", *, newshape: Any = None, copy: Any = None) -> Array:
    """The same entries in another shape; one length may be -1."""
    shape = newshape if shape is None else shape
    if order == "A":
        order = "F" if np.isfortran(np.asarray(known(a, "order='A'"))) else "C"
    return _reshaped(a, shape) if order == "C" else _reshaped(a, shape, order=order)


transpose = primitive(np.transpose, _transpose_back, structural=True)
permute_dims = transpose
swapaxes: Primitive = primitive(np.swapaxes, lambda g, out, x, axis1, axis2: swapaxes(g, axis1, axis2), structural=True)
moveaxis: Primitive = primitive(
    np.moveaxis, lambda g, out, x, source, destination: moveaxis(g, destination, source), structural=True
)
rollaxis = primitive(np.rollaxis, lambda g, out, x, axis, start=0: _unroll(g, x.ndim, axis, start), structural=True)
matrix_transpose: Primitive = primitive(np.matrix_transpose, lambda g, out, x: matrix_transpose(g), structural=True)
expand_dims = primitive(np.expand_dims, _reshape_back, structural=True)
squeeze = primitive(np.squeeze, _reshape_back, structural=True)


def merge_axes(x: Array, axes: tuple[int, ...]) -> Array:
    """The array with these axes, in their order, as one last axis; what reduces several axes at once reduces that."""
    others = tuple(i for i in range(x.ndim) if i not in axes)
    return reshape(transpose(x, others + axes), (*(x.shape[i] for i in others), count(x.shape, axes)))


def _unroll(g: Array, ndim: int, axis: int, start: int) -> Array:
    order = tuple(np.rollaxis(np.empty(tuple(range(1, ndim + 1))), axis, start).shape)
    return transpose(g, inverse_permutation(n - 1 for n in order))


@composed(np.ravel)
def ravel(a: Array, order: str = "C") -> Array:
    """The entries in one axis."""
    if order == "K":
        raise ValueError("ravel: order='K' follows the layout in memory; call ravel with order 'C', 'F' or 'A'")
    return reshape(a, (-1,), order=order)


# the walk sums the cotangent over broadcast axes, so there is nothing left to do in the rule
broadcast_to = primitive(np.broadcast_to, lambda g, out, x, shape, subok=False: g, structural=True)
flip: Primitive = primitive(np.flip, lambda g, out, x, axis=None: flip(g, axis), structural=True)
roll: Primitive = primitive(
    np.roll,
    lambda g, out, x, shift, axis=None: roll(g, tuple(-s for s in shift) if np.ndim(shift) else -shift, axis),
    structural=True,
)


@composed(np.fliplr)
def fliplr(m: Array) -> Array:
    """The array with its columns in reverse order."""
    return flip(m, 1)


@composed(np.flipud)
def flipud(m: Array) -> Array:
    """The array with its rows in reverse order."""
    return flip(m, 0)


@composed(np.rot90)
def rot90(m: Array, k: int = 1, axes: Any = (0, 1)) -> Array:
    """The array turned by 90 degrees k times, from the first of the axes towards the second."""
    first, second = normalize_axes(axes, m.ndim)
    if k % 4 == 2:
        return flip(m, (first, second))
    turned = flip(m, second) if k % 4 == 1 else m
    turned = turned if k % 4 == 0 else swapaxes(turned, first, second)
    return flip(turned, second) if k % 4 == 3 else turned


def _at_least(n: int, a: Array) -> Array:
    a = gathered(a)
    a = a if hasattr(a, "dtype") else np.asarray(a)
    if a.ndim >= n:
        return a
    if n == 3:
        return reshape(a, (1, 1, 1) if a.ndim == 0 else (1, *a.shape, 1) if a.ndim == 1 else (*a.shape, 1))
    return reshape(a, (1,) * (n - a.ndim) + a.shape)


@composed(np.atleast_1d)
def atleast_1d(*arrays: Array) -> Any:
    """The arrays with at least one axis."""
    made = tuple(_at_least(1, a) for a in arrays)
    return made[0] if len(made) == 1 else made


@composed(np.atleast_2d)
def atleast_2d(*arrays: Array) -> Any:
    """The arrays with at least two axes, new ones first."""
    made = tuple(_at_least(2, a) for a in arrays)
    return made[0] if len(made) == 1 else made


@composed(np.atleast_3d)
def atleast_3d(*arrays: Array) -> Any:
    """The arrays with at least three axes."""
    made = tuple(_at_least(3, a) for a in arrays)
    return made[0] if len(made) == 1 else made


@composed(np.tile)
def tile(A: Array, reps: Any) -> Array:
    """The array repeated side by side, `reps` times along each axis."""
    A = gathered(A)
    reps = tuple(np.atleast_1d(known(gathered(reps), "reps in tile")).tolist())
    ndim = max(A.ndim, len(reps))
    shape = (1,) * (ndim - A.ndim) + A.shape
    reps = (1,) * (ndim - len(reps)) + reps
    apart = reshape(A, tuple(n for length in shape for n in (1, length)))
    repeated = broadcast_to(apart, tuple(n for pair in zip(reps, shape, strict=True) for n in pair))
    return reshape(repeated, tuple(r * n for r, n in zip(reps, shape, strict=True)))


@composed(np.broadcast_arrays)
def broadcast_arrays(*args: Array, subok: bool = False) -> tuple[Array, ...]:
    """The arrays, each broadcast to the shape of all."""
    shape = np.broadcast_shapes(*[np.shape(plain(a)) for a in args])
    return tuple(broadcast_to(a, shape) for a in args)


__all__ = [_name for _name, _value in list(globals().items()) if isinstance(_value, Primitive) and _name[0] != "_"]
__all__ += "atleast_1d atleast_2d atleast_3d broadcast_arrays fliplr flipud ravel reshape rot90 tile".split()
