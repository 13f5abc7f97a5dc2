"""Where an array without a name comes from, told through those that have one: with y given, 1 - y is no riddle."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Origin:
    """How an array comes from a named one, x.

    Attributes:
        word, shape: of x.
    """

    word: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Part(Origin):
    """x[parts], in x's own memory."""

    parts: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.word}[{', '.join(map(_written, self.parts))}]"


@dataclass(frozen=True)
class Transposed(Origin):
    """x transposed, in x's own memory."""

    def __str__(self) -> str:
        return f"{self.word}ᵀ"


@dataclass(frozen=True)
class Affine(Origin):
    """factor x + shift."""

    factor: float
    shift: float

    def __str__(self) -> str:
        scaled = f"{'' if abs(self.factor) == 1 else f'{abs(self.factor):g} '}{self.word}"
        if not self.shift:
            return f"-{scaled}" if self.factor < 0 else scaled
        if self.factor < 0:
            return f"{self.shift:g} - {scaled}"
        return f"{scaled} {'-' if self.shift < 0 else '+'} {abs(self.shift):g}"


@dataclass(frozen=True)
class OneHot(Origin):
    """1 at the class that a label names, else 0."""

    classes: int

    def __str__(self) -> str:
        return f"one_hot({self.word})"


def origin(value: Any, named: Mapping[str, Any]) -> Origin | None:
    """How an array comes from one of the named arrays; None if nothing simple is found.

    Found are a part x[i] or x[:, i] or x[a:b] and the transpose, if they share x's memory; a multiple of x; factor x +
    shift for a small factor; and rows that are 1 at the class a label names, else 0.

    >>> y = np.array([0, 2, 1])
    >>> str(origin(1 - y, {"y": y})), str(origin(y[1:], {"y": y})), str(origin(np.eye(3)[y], {"y": y}))
    ('1 - y', 'y[1:]', 'one_hot(y)')
    """
    value = np.asarray(value)
    if value.size == 0 or value.dtype.kind not in "fiub":
        return None
    for word, other in named.items():
        other = np.asarray(other)
        if other.dtype.kind in "fiub" and other.size > 1:
            found = _view(value, word, other) or _affine(value, word, other) or _one_hot(value, word, other)
            if found is not None:
                return found
    return None


def _affine(value: np.ndarray, word: str, other: np.ndarray) -> Affine | None:
    if other.shape != value.shape:
        return None
    numbers = value.astype(float)
    for factor in (1, -1, 2, -2):
        shift = numbers - factor * other.astype(float)
        if np.ptp(shift) <= 1e-12 * np.max(np.abs(numbers)):
            return Affine(word, other.shape, factor, float(shift.flat[0]))
    largest = np.argmax(np.abs(other))
    multiple = float(numbers.flat[largest] / other.flat[largest]) if other.flat[largest] else 0.0
    if multiple and np.allclose(numbers, multiple * other, rtol=1e-14, atol=0):
        return Affine(word, other.shape, multiple, 0.0)
    return None


def _one_hot(value: np.ndarray, word: str, labels: np.ndarray) -> OneHot | None:
    if labels.dtype.kind not in "iu" or value.shape[:-1] != labels.shape:
        return None
    same = np.array_equal(value, one_hot(labels, value.shape[-1]))
    return OneHot(word, labels.shape, value.shape[-1]) if same else None


def one_hot(labels: Any, classes: int) -> Any:
    """Whether each label names each class."""
    return labels[..., None] == np.arange(classes)


def _view(value: np.ndarray, word: str, other: np.ndarray) -> Part | Transposed | None:
    if not np.may_share_memory(value, other):
        return None
    if _same(value, other.T):
        return Transposed(word, other.shape)
    offset = _address(value) - _address(other)
    for axis, step in enumerate(other.strides):
        start, between = divmod(offset, step) if step else (0, 0)
        if between or not 0 <= start < other.shape[axis] or (axis and value.ndim == other.ndim):
            continue
        stop = start + len(value) if value.ndim else 0
        at = start if value.ndim < other.ndim else slice(start or None, stop if stop < len(other) else None)
        parts = (*[slice(None)] * axis, at)
        if _same(value, other[parts]):
            return Part(word, other.shape, parts)
    return None


def _address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.strides == b.strides and a.dtype == b.dtype and _address(a) == _address(b)


def _written(part: Any) -> str:
    if isinstance(part, slice):
        return f"{'' if part.start is None else part.start}:{'' if part.stop is None else part.stop}"
    return str(part)
