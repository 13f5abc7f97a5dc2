"""Reading entries by place: indexing, take, diagonals, triangles, choices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import AssignmentError
from ..graph import Primitive, Tensor, describe
from ..shapes import normalize_axes, normalize_axis
from .elementwise import where
from .reductions import sum
from .registry import composed, gathered, known, plain, primitive, registry
from .scattering import scattered
from .shaping import moveaxis, reshape

Array = Any


def _index(x: Array, *parts: Any) -> Array:
    return x[parts]


index = primitive(_index, lambda g, out, x, *parts: scatter(g, x.shape, *parts), name="index", structural=True)
index.__doc__ = "x[parts]: what indexing a Tensor records."
index.support = lambda argument, *ins: None  # of the array, only what was read is live: the rule itself tells which
scatter: Primitive = primitive(
    scattered, lambda g, out, x, shape, *parts: index(g, *parts), name="scatter", structural=True
)
scatter.__doc__ = "Zeros of `shape` with `g` added at `parts`: what carries the cotangent of x[parts] back."


def getitem(x: Array, key: Any) -> Array:
    """x[key]; lists index like arrays, and Tensors may be indices."""
    parts = key if isinstance(key, tuple) else (key,)
    return index(x, *map(as_part, parts))


def as_part(part: Any) -> Any:
    """A part of an index, with a list or tuple as the array it stands for; an empty one is of places."""
    if not isinstance(part, (list, tuple)):
        return part
    made = np.asarray(part)
    return made if made.size else made.astype(int)


@composed(np.take)
def take(a: Array, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise") -> Array:
    """The entries of `a` at `indices` along an axis, or of the entries in one axis."""
    a = gathered(a)
    if axis is None or not a.ndim:
        a, axis = reshape(a, (-1,)), 0
    axis = normalize_axis(axis, a.ndim)
    if not isinstance(indices, Tensor):
        indices = np.asarray(as_part(indices))
    if indices.dtype == bool:
        indices = indices.astype(int)  # numbers here, and not a mask
    if mode != "raise":
        indices = _within(a.shape[axis], indices, mode)
    return index(a, *(slice(None),) * axis, indices)


def _within(n: int, indices: Any, mode: str) -> Any:
    """Indices brought into 0 ... n - 1."""
    if mode not in ("wrap", "clip"):
        raise ValueError(f"mode is 'raise', 'wrap' or 'clip', not {mode!r}")
    return indices % n if mode == "wrap" else np.clip(indices, 0, n - 1)


@composed(np.take_along_axis)
def take_along_axis(arr: Array, indices: Any, axis: int | None = -1) -> Array:
    """Entry i of each line of `arr` along the axis, for each i of the same line of `indices`: argsort's result, say."""
    if axis is None:
        arr, axis = reshape(arr, (-1,)), 0
    axis = normalize_axis(axis, arr.ndim)
    if np.ndim(plain(indices)) != arr.ndim:
        raise ValueError(f"take_along_axis: as many axes in the indices as in {describe(arr)}, not {np.ndim(indices)}")
    places: list[Any] = list(np.ogrid[tuple(slice(n) for n in arr.shape)])
    places[axis] = indices
    return index(arr, *places)


@composed(np.repeat)
def repeat(a: Array, repeats: Any, axis: int | None = None) -> Array:
    """Each entry `repeats` times, along an axis or of the entries in one axis."""
    length = a.size if axis is None or not a.ndim else a.shape[normalize_axis(axis, a.ndim)]
    return take(a, np.repeat(np.arange(length), known(gathered(repeats), "repeats")), axis)


@composed(np.resize)
def resize(a: Array, new_shape: Any) -> Array:
    """The entries over and over until the shape is full; of nothing, zeros."""
    full = np.zeros_like(plain(a), shape=new_shape)
    return reshape(take(a, np.arange(full.size) % a.size), full.shape) if a.size else full


@composed(np.compress)
def compress(condition: Any, a: Array, axis: int | None = None, out: Any = None) -> Array:
    """The entries along an axis where the condition holds."""
    condition = np.asarray(known(condition, "compress"))
    if condition.ndim != 1:
        raise ValueError(f"compress: the condition has one axis, not {condition.ndim}")
    return take(a, np.nonzero(condition)[0], axis)


@composed(np.extract)
def extract(condition: Any, arr: Array) -> Array:
    """The entries where the condition holds, in one axis."""
    return take(arr, np.nonzero(np.ravel(known(condition, "extract")))[0])


@composed(np.trim_zeros)
def trim_zeros(filt: Array, trim: Any = "fb", axis: Any = None) -> Array:
    """The entries without the leading and trailing zeros, along one axis or all."""
    live = np.asarray(known(filt, "trim_zeros")) != 0
    parts = [slice(None)] * live.ndim
    for a in normalize_axes(axis, live.ndim):
        line = np.any(live, axis=tuple(i for i in range(live.ndim) if i != a))
        kept = np.trim_zeros(line * np.arange(1, line.size + 1), trim)  # the numbers of the places that stay
        start = int(kept[0]) - 1 if len(kept) and "f" in trim.lower() else 0
        parts[a] = slice(start, start + len(kept))
    return filt[tuple(parts)]


def _add_reduceat(a: Array, indices: Any, axis: int = 0, dtype: Any = None) -> Array:
    """Sums from each index up to the next one, or the entry at the index if the next one is not larger."""
    lines = moveaxis(a if dtype is None else a.astype(dtype), axis, 0)
    starts = np.asarray(known(indices, "add.reduceat"))
    ends = np.append(starts[1:], lines.shape[0])
    lengths = np.maximum(ends - starts, 1)
    owners = np.repeat(np.arange(len(starts)), lengths)
    places = np.arange(len(owners)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + starts[owners]
    return moveaxis(scatter(lines[places], (len(starts), *lines.shape[1:]), owners), 0, axis)


registry[np.add, "reduceat"] = _add_reduceat


# diagonals and triangles
def _diagonal_back(g: Array, out: Array, x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    return place_diagonal(g, x.shape, offset, axis1, axis2)


def _place_diagonal(d: Array, shape: tuple[int, ...], offset: int, axis1: int, axis2: int) -> Array:
    full = np.zeros_like(d, shape=shape)
    moved = np.moveaxis(full, (axis1, axis2), (-2, -1))
    rows, columns = _diagonal_places(moved.shape[-2:], offset)
    moved[..., rows, columns] = d
    return full


def _diagonal_places(shape: tuple[int, ...], offset: int) -> tuple[Any, Any]:
    n = max(0, min(shape[0] + min(offset, 0), shape[1] - max(offset, 0)))
    return np.arange(n) + max(-offset, 0), np.arange(n) + max(offset, 0)


diagonal = primitive(np.diagonal, _diagonal_back, structural=True)
diagonal.support = index.support
place_diagonal = primitive(
    _place_diagonal,
    lambda g, out, d, shape, offset, axis1, axis2: diagonal(g, offset, axis1, axis2),
    name="place_diagonal",
    structural=True,
)
place_diagonal.__doc__ = "Zeros of `shape` with `d` on a diagonal: what carries the cotangent of `diagonal` back."


def make_diagonal(D: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """Zeros but for the last axis of `D` on the diagonals of the axes `axis1` and `axis2`: the opposite of `diagonal`.

    >>> make_diagonal(np.array([1.0, 2.0]))
    array([[1., 0.],
           [0., 2.]])
    """
    n = D.shape[-1] + abs(offset)
    ndim = D.ndim + 1
    axes = normalize_axes((axis1, axis2), ndim)
    others = iter(D.shape[:-1])
    return place_diagonal(D, tuple(n if i in axes else next(others) for i in range(ndim)), offset, *axes)


@composed(np.diag)
def diag(v: Array, k: int = 0) -> Array:
    """The k-th diagonal of a matrix, or the square matrix with `v` as its k-th diagonal."""
    v = gathered(v)
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise ValueError(f"diag: a vector or a matrix has a diagonal, {describe(v)} is neither; see diagonal")
    n = v.shape[0] + abs(k)
    return place_diagonal(v, (n, n), k, 0, 1)


@composed(np.diagflat)
def diagflat(v: Array, k: int = 0) -> Array:
    """The square matrix with the entries of `v` as its k-th diagonal."""
    return diag(reshape(gathered(v), (-1,)), k)


@composed(np.trace)
def trace(a: Array, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Array:
    """The sum of a diagonal, of matrices of any shape."""
    return sum(diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


tril: Primitive = primitive(np.tril, lambda g, out, m, k=0: tril(g, k), structural=True)
triu: Primitive = primitive(np.triu, lambda g, out, m, k=0: triu(g, k), structural=True)

tril.support = triu.support = index.support


# choices: nothing flows to what is not chosen
@composed(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Array:
    """For each place the entry of the first choice whose condition holds, or the default.

    >>> x = np.array([1.0, 5.0, 9.0])
    >>> select([x < 3, x < 7], [x, 0.0], -1.0)
    array([ 1.,  0., -1.])
    """
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ValueError(f"select: one choice for each condition, not {len(choicelist)} for {len(condlist)}")
    result = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        result = where(condition, gathered(choice), result)
    return result


def outside(a: Array, n: int) -> bool:
    """Whether there are entries that are no index into n things."""
    return bool(np.any((a < 0) | (a >= n)))


@composed(np.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Array:
    """For each place the entry of the choice whose number `a` has there."""
    choices = [choices[i] for i in range(len(choices))]
    a = a if isinstance(a, Tensor) else np.asarray(a)
    if a.dtype.kind not in "iub":
        raise TypeError(f"choose: {describe(a)} of {a.dtype} does not number the choices; pass whole numbers")
    n = len(choices)
    if mode == "raise" and outside(known(a, "choose, which checks them; mode='clip' does not"), n):
        raise ValueError(f"choose: an entry is not the number of one of the {n} choices")
    a = a if mode == "raise" else _within(n, a, mode)
    result = choices[-1] if n > 1 else where(a == 0, gathered(choices[0]), choices[0])
    for i in reversed(range(n - 1)):
        result = where(a == i, gathered(choices[i]), result)
    return result


@composed(np.piecewise)
def piecewise(x: Array, condlist: Any, funclist: Any, *args: Any, **kwargs: Any) -> Array:
    """A function given by one function or number for each condition, and perhaps one for elsewhere.

    The functions see only the entries where their condition holds, as NumPy's do.
    """
    x = gathered(x)
    x = x if isinstance(x, Tensor) else Tensor(np.asarray(x))
    if (
        isinstance(condlist, bool)
        or (not isinstance(condlist, (list, tuple)) and np.ndim(condlist) < 2)
        or (len(condlist) and np.ndim(condlist[0]) == 0 and x.ndim)
    ):
        condlist = [condlist]
    masks = [np.asarray(known(c, "piecewise"), bool) for c in condlist]
    if len(funclist) == len(masks) + 1:
        masks.append(~np.any(masks, axis=0))
    if len(funclist) != len(masks):
        raise ValueError(
            f"piecewise: one function for each of {len(masks)} conditions, and perhaps one more, not {len(funclist)}"
        )
    result = where(np.zeros(x.shape, bool), x, 0)
    for mask, fun in zip(masks, funclist, strict=True):
        if not callable(fun):
            result = result.at[mask].set(fun)
        elif np.any(mask):
            result = result.at[mask].set(fun(x[mask], *args, **kwargs))
    return result


@composed(np.put_along_axis, np.put, np.place, np.putmask, np.copyto, np.fill_diagonal)
def put(*args: Any, **kwargs: Any) -> None:
    """Refuse to write into an array of traced values, and say what to write instead."""
    raise AssignmentError(
        "put, place, putmask, copyto, put_along_axis and fill_diagonal write into an array, and a recorded value never "
        "changes. Write x = x.at[index].set(value) or .add(value), or build it with where, stack or concatenate; "
        "for full and full_like of a recorded value call autograd.numpy's"
    )


__all__ = [_name for _name, _value in list(globals().items()) if isinstance(_value, Primitive) and _name[0] != "_"]
__all__ += """choose compress diag diagflat extract getitem make_diagonal piecewise repeat resize select take
take_along_axis trace trim_zeros""".split()
