"""A batch of arrays that NumPy's functions take for one array: what lets one reverse walk carry many cotangents.

A Jacobian needs the walk once for each row. The rules do not know how many cotangents they carry: given a `Batch` they
run unchanged, because NumPy hands every call on it to the protocols below, which work on all members at once along
a hidden first axis. A function without a batched form here falls back to one member at a time: slower, never wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin


class Batch(NDArrayOperatorsMixin):
    """Arrays of one shape, held as one array with a hidden first axis.

    Args:
        array: shape (members, *shape).

    >>> rows = Batch(np.eye(2))
    >>> rows.shape, (rows @ np.array([[1.0, 2.0], [3.0, 4.0]])).array
    ((2,), array([[1., 2.],
           [3., 4.]]))
    """

    __slots__ = ("array", "unit")

    def __init__(self, array: np.ndarray, unit: bool = False) -> None:
        self.array = array
        self.unit = unit  # whether the members are rows of the identity, whose products need not be computed

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one member."""
        return self.array.shape[1:]

    @property
    def dtype(self) -> Any:
        """The members' dtype."""
        return self.array.dtype

    @property
    def ndim(self) -> int:
        """The number of axes of one member."""
        return self.array.ndim - 1

    @property
    def size(self) -> int:
        """The number of entries of one member."""
        return self.array.size // max(len(self.array), 1)

    @property
    def T(self) -> Self:
        """Each member transposed."""
        return self.transpose()

    @property
    def real(self) -> Self:
        """The real parts."""
        return type(self)(self.array.real)

    @property
    def imag(self) -> Self:
        """The imaginary parts."""
        return type(self)(self.array.imag)

    def astype(self, dtype: Any, copy: bool = True) -> Self:
        """The members in another dtype."""
        return type(self)(self.array.astype(dtype, copy=copy))

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        """Each member reshaped."""
        return np.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)  # type: ignore[call-overload]

    def transpose(self, *axes: Any) -> Any:
        """Each member's axes permuted."""
        return np.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)  # type: ignore[call-overload]

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Each member summed over `axis`."""
        return np.add.reduce(self, axis, keepdims=keepdims)  # type: ignore[call-overload]

    def __getitem__(self, parts: Any) -> Self:
        moved = np.moveaxis(self.array, 0, -1)[_explicit(parts, self.ndim)]
        return type(self)(np.moveaxis(moved, -1, 0))

    def __setitem__(self, parts: Any, value: Any) -> None:
        np.moveaxis(self.array, 0, -1)[_explicit(parts, self.ndim)] = _members_last(value)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        kwargs.pop("out", None)
        if method == "reduce":
            return Batch(ufunc.reduce(self.array, **_inner_axis(inputs[1:], kwargs, self.ndim)))
        if method == "at":
            target, parts, *value = inputs
            view = np.moveaxis(target.array, 0, -1)
            ufunc.at(view, _explicit(parts, target.ndim), *[_members_last(v) for v in value])
            return None
        if method != "__call__":
            return _one_by_one(getattr(ufunc, method), inputs, kwargs)
        if ufunc is np.matmul:
            return Batch(_matmul(*inputs))
        if ufunc.signature is not None:
            return _one_by_one(ufunc, inputs, kwargs)
        made = ufunc(*_aligned(inputs), **kwargs)
        return tuple(map(Batch, made)) if isinstance(made, tuple) else Batch(made)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        batched = _FUNCTIONS.get(function)
        made = NotImplemented if batched is None else batched(*args, **kwargs)
        return _one_by_one(function, args, kwargs) if made is NotImplemented else made


def _aligned(inputs: tuple[Any, ...]) -> list[Any]:
    """The plain arrays, each with its members' axes moved out so that all broadcast behind the hidden axis."""
    ndim = max(np.ndim(x) if not isinstance(x, Batch) else x.ndim for x in inputs)
    plain = []
    for x in inputs:
        if isinstance(x, Batch):
            array = x.array
            missing = ndim - x.ndim
            plain.append(array.reshape(array.shape[:1] + (1,) * missing + array.shape[1:]) if missing else array)
        else:
            plain.append(x)
    return plain


def _inner_axis(positional: tuple[Any, ...], kwargs: dict[str, Any], ndim: int) -> dict[str, Any]:
    """A reduction's arguments with its axis counted behind the hidden one."""
    kwargs = {**dict(zip(("axis", "dtype", "out", "keepdims"), positional, strict=False)), **kwargs}
    axis = kwargs.get("axis", 0)
    axes = range(ndim) if axis is None or not ndim else axis if isinstance(axis, (tuple, list)) else (axis,)
    return {k: v for k, v in {**kwargs, "axis": tuple(_shift(a) for a in axes)}.items() if v is not None and k != "out"}


def _shift(axis: int) -> int:
    return axis + 1 if axis >= 0 else axis


def _explicit(parts: Any, ndim: int) -> tuple[Any, ...]:
    """An index with its Ellipsis spelled out, so that it cannot reach the hidden axis."""
    parts = parts if isinstance(parts, tuple) else (parts,)
    for i, part in enumerate(parts):
        if part is Ellipsis:
            others = [p for p in parts if p is not None and p is not Ellipsis]
            taken = sum(np.ndim(p) if getattr(p, "dtype", None) == np.dtype(bool) else 1 for p in others)
            return parts[:i] + (slice(None),) * (ndim - taken) + parts[i + 1 :]
    return parts


def _members_last(value: Any) -> Any:
    if isinstance(value, Batch):
        return np.moveaxis(value.array, 0, -1)
    return np.asarray(value)[..., None]


def _matmul(a: Any, b: Any) -> np.ndarray:
    """Members' products; a plain matrix multiplies all members in one product of matrices where it can."""
    if isinstance(b, Batch) and b.unit and not isinstance(a, Batch) and a.ndim == 2 and len(b.array) == a.shape[1]:
        return a.T
    if isinstance(a, Batch) and a.unit and not isinstance(b, Batch) and b.ndim == 2 and len(a.array) == b.shape[0]:
        return b
    if isinstance(a, Batch) and not isinstance(b, Batch):
        if a.ndim == 1:
            return np.matmul(a.array, b) if b.ndim <= 2 else np.matmul(a.array[:, None], b[:, None])[..., 0, :]
        if b.ndim <= 2 and a.ndim == 2:
            flat = a.array.reshape(-1, a.shape[-1])
            return np.matmul(flat, b).reshape(a.array.shape[:-1] + b.shape[1:])
    if isinstance(b, Batch) and not isinstance(a, Batch) and a.ndim <= 2 and b.ndim == 1:
        return np.matmul(b.array, a.T)
    vector_a, vector_b = np.ndim(a) == 1, np.ndim(b) == 1
    a = a[None, :] if vector_a and not isinstance(a, Batch) else a
    b = b[:, None] if vector_b and not isinstance(b, Batch) else b
    a = Batch(a.array[:, None, :]) if vector_a and isinstance(a, Batch) else a
    b = Batch(b.array[:, :, None]) if vector_b and isinstance(b, Batch) else b
    out = np.matmul(*_aligned((a, b)))
    if vector_a:
        out = out[..., 0, :]
    return out[..., 0] if vector_b else out


def _one_by_one(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Call `function` for one member at a time, and put the results together."""

    def pick(value: Any, k: int) -> Any:
        if isinstance(value, Batch):
            return value.array[k]
        if isinstance(value, (list, tuple)):
            return type(value)(pick(v, k) for v in value)
        return value

    def count(value: Any) -> int:
        if isinstance(value, Batch):
            return len(value.array)
        return max((count(v) for v in value), default=0) if isinstance(value, (list, tuple)) else 0

    members = max(count(args), count(tuple(kwargs.values())))
    made = [function(*pick(tuple(args), k), **{n: pick(v, k) for n, v in kwargs.items()}) for k in range(members)]
    if isinstance(made[0], tuple):
        return tuple(Batch(np.stack(parts)) for parts in zip(*made, strict=True))
    return Batch(np.stack(made))


def _reshape(a: Any, shape: Any, order: str = "C", **kwargs: Any) -> Any:
    if order != "C":
        return NotImplemented
    shape = tuple(shape) if np.iterable(shape) else (shape,)
    if -1 in shape:
        known = int(np.prod([n for n in shape if n != -1]))
        shape = tuple(a.size // max(known, 1) if n == -1 else n for n in shape)
    return Batch(a.array.reshape(a.array.shape[:1] + shape))


def _transpose(a: Any, axes: Any = None) -> Any:
    axes = range(a.ndim)[::-1] if axes is None else [x % a.ndim for x in axes]
    return Batch(a.array.transpose(0, *[x + 1 for x in axes]))


def _swapaxes(a: Any, first: int, second: int) -> Any:
    return Batch(np.swapaxes(a.array, _shift(first), _shift(second)))


def _moveaxis(a: Any, source: Any, destination: Any) -> Any:
    def shifted(axes: Any) -> Any:
        return tuple(_shift(x) for x in axes) if np.iterable(axes) else _shift(axes)

    return Batch(np.moveaxis(a.array, shifted(source), shifted(destination)))


def _expand_dims(a: Any, axis: Any) -> Any:
    axes = axis if np.iterable(axis) else (axis,)
    full = a.ndim + len(tuple(axes))
    return Batch(np.expand_dims(a.array, tuple(x % full + 1 for x in axes)))


def _squeeze(a: Any, axis: Any = None) -> Any:
    axes = [i for i, n in enumerate(a.shape) if n == 1] if axis is None else axis if np.iterable(axis) else (axis,)
    return Batch(np.squeeze(a.array, tuple(_shift(x) for x in axes)))


def _broadcast_to(a: Any, shape: Any, **kwargs: Any) -> Any:
    shape = tuple(shape) if np.iterable(shape) else (shape,)
    (array,) = _aligned((a,))
    missing = len(shape) - a.ndim
    array = array.reshape(array.shape[:1] + (1,) * missing + array.shape[1:])
    return Batch(np.broadcast_to(array, array.shape[:1] + shape))


def _flip(a: Any, axis: Any = None) -> Any:
    axes = range(a.ndim) if axis is None else axis if np.iterable(axis) else (axis,)
    return Batch(np.flip(a.array, tuple(_shift(x) for x in axes)))


def _cumsum(a: Any, axis: Any = None, **kwargs: Any) -> Any:
    return NotImplemented if axis is None or not a.ndim else Batch(np.cumsum(a.array, _shift(axis)))


def _sum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, **kwargs: Any) -> Any:
    return np.add.reduce(a, axis=axis, dtype=dtype, keepdims=bool(keepdims))  # type: ignore[call-overload]


def _where(condition: Any, x: Any, y: Any) -> Any:
    return Batch(np.where(*_aligned((condition, x, y))))


def _like(make: Callable[..., Any]) -> Callable[..., Any]:
    def batched(a: Any, *args: Any, dtype: Any = None, shape: Any = None, **kwargs: Any) -> Any:
        shape = a.shape if shape is None else tuple(shape) if np.iterable(shape) else (shape,)
        return Batch(make(a.array, *args, dtype=dtype, shape=a.array.shape[:1] + tuple(shape)))

    return batched


def _concatenate(arrays: Any, axis: Any = 0, **kwargs: Any) -> Any:
    if axis is None:
        return NotImplemented
    return Batch(np.concatenate(_all_batched(arrays), axis=_shift(axis)))


def _stack(arrays: Any, axis: int = 0, **kwargs: Any) -> Any:
    return Batch(np.stack(_all_batched(arrays), axis=_shift(axis)))


def _all_batched(arrays: Any) -> list[np.ndarray]:
    members = max(len(a.array) for a in arrays if isinstance(a, Batch))
    return [a.array if isinstance(a, Batch) else np.broadcast_to(a, (members, *np.shape(a))) for a in arrays]


def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    if isinstance(a, Batch) and isinstance(b, Batch):
        return NotImplemented
    if isinstance(axes, (int, np.integer)):
        axes = (tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes)))
    axes_a, axes_b = (tuple(x) if np.iterable(x) else (x,) for x in axes)
    if isinstance(a, Batch):
        return Batch(np.tensordot(a.array, b, (tuple(_shift(x) for x in axes_a), axes_b)))
    made = np.tensordot(a, b.array, (axes_a, tuple(_shift(x) for x in axes_b)))
    return Batch(np.moveaxis(made, a.ndim - len(axes_a), 0))


def _einsum(subscripts: Any, *operands: Any, **kwargs: Any) -> Any:
    if not isinstance(subscripts, str) or "->" not in subscripts or "." in subscripts:
        return NotImplemented
    inputs, output = subscripts.replace(" ", "").split("->")
    hidden = next(c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba" if c not in subscripts)
    terms = [hidden + t if isinstance(o, Batch) else t for t, o in zip(inputs.split(","), operands, strict=True)]
    plain = [o.array if isinstance(o, Batch) else o for o in operands]
    return Batch(np.einsum(",".join(terms) + "->" + hidden + output, *plain, **kwargs))


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.reshape: _reshape,
    np.transpose: _transpose,
    np.swapaxes: _swapaxes,
    np.moveaxis: _moveaxis,
    np.expand_dims: _expand_dims,
    np.squeeze: _squeeze,
    np.broadcast_to: _broadcast_to,
    np.flip: _flip,
    np.cumsum: _cumsum,
    np.where: _where,
    np.zeros_like: _like(np.zeros_like),
    np.ones_like: _like(np.ones_like),
    np.empty_like: _like(np.empty_like),
    np.full_like: _like(np.full_like),
    np.concatenate: _concatenate,
    np.stack: _stack,
    np.tensordot: _tensordot,
    np.einsum: _einsum,
    np.sum: _sum,
    np.ndim: lambda a: a.ndim,
    np.shape: lambda a: a.shape,
    np.real: lambda a: a.real,
    np.imag: lambda a: a.imag,
    np.copy: lambda a, **kw: Batch(a.array.copy()),
    np.iscomplexobj: lambda a: np.iscomplexobj(a.array),
}
