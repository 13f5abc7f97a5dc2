"""Arrays that have no name, through those that have: y given, `1 - y` is not an unknown array."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..formula import Translator, Value
from ..graph import Primitive

Maker = Callable[[Translator], Value]


def recognised(value: Any, named: Mapping[str, Any]) -> Maker | None:
    """How to write an array through the named ones; None if nothing simple is found.

    Found are one number throughout; a part x[i] or x[:, i] or x[a:b] and the transpose, if they share x's memory;
    factor * x + shift for a small factor, as NumPy has computed 1 - y before anything was recorded; and rows that are
    1 at the class a label names, else 0.
    """
    value = np.asarray(value)
    if value.size == 0 or value.dtype.kind not in "fiub":
        return None
    numbers = value.astype(float)
    low, high = numbers.min(), numbers.max()
    if low == high:
        return lambda t: Value(t.number(float(low)), value.shape)
    for word, other in named.items():
        other = np.asarray(other)
        if other.dtype.kind in "fiub" and other.size > 1:
            made = _part(value, word, other) or _affine(numbers, word, other) or _one_hot(numbers, word, other)
            if made is not None:
                return made
    return None


def _affine(value: np.ndarray, word: str, other: np.ndarray) -> Maker | None:
    if other.shape != value.shape:
        return None
    for factor in (1, -1, 2, -2):
        shift = value - factor * other.astype(float)
        if np.ptp(shift) <= 1e-12 * np.max(np.abs(value)):
            first = float(shift.flat[0])
            return lambda t, factor=factor: Value(  # type: ignore[misc]
                t.number(factor) * t.table.name(word, other.shape).expr + t.number(first), other.shape
            )
    return None


def _one_hot(value: np.ndarray, word: str, labels: np.ndarray) -> Maker | None:
    if labels.dtype.kind not in "iu" or value.shape[:-1] != labels.shape:
        return None
    options = {"classes": value.shape[-1]}
    if not np.array_equal(value, ONE_HOT.fun(labels, **options)):
        return None
    return lambda t: t.table.call(ONE_HOT, [t.table.name(word, labels.shape)], options, value.shape)


ONE_HOT = Primitive(lambda labels, classes: labels[..., None] == np.arange(classes), "one_hot")


def _part(value: np.ndarray, word: str, other: np.ndarray) -> Maker | None:
    if not np.may_share_memory(value, other):
        return None
    if _same(value, other.T):
        axes = range(other.ndim)[::-1]
        return lambda t: t.moved(t.table.name(word, other.shape), list(axes), value.shape)
    for parts in _candidates(value, other):
        if _same(value, other[parts]):
            return lambda t, parts=parts: t.part(t.table.name(word, other.shape), parts, value.shape)  # type: ignore[misc]
    return None


def _candidates(value: np.ndarray, other: np.ndarray) -> list[tuple[Any, ...]]:
    if value.ndim == other.ndim - 1:
        whole = slice(None)
        return [(*[whole] * axis, i) for axis in range(other.ndim) for i in range(other.shape[axis])]
    if value.ndim == other.ndim and other.strides[0]:
        start = (_address(value) - _address(other)) // other.strides[0]
        return [(slice(start or None, start + len(value) if start + len(value) < len(other) else None),)]
    return []


def _address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.strides == b.strides and a.dtype == b.dtype and _address(a) == _address(b)
