"""The numbers of a page, as JSON can hold them."""

from base64 import b64encode
from math import prod
from typing import Any

import numpy as np

from ..graph import Tensor
from .facts import is_complex, plain, statistics

BUDGET = 600_000  # numbers embedded in a page
WHOLE = 20_480  # an array of no more entries is embedded whole, if the budget allows
EXACT = 64  # so many entries are embedded with all their digits; of a whole array the page then finds the statistics
SAMPLE = 4_096  # of a larger one, so many entries: its first rows


class Arrays:
    """The numbers of a page: each array once, larger ones only in part, statistics always of all."""

    def __init__(self, count: int) -> None:
        self.entries: list[dict[str, Any]] = []
        self._places: dict[int, int] = {}
        self._held: list[Any] = []
        self._whole = min(WHOLE, max(16, 2 * BUDGET // max(1, count)))
        self._left = BUDGET

    def add(self, value: Any, whole: bool = False) -> int | None:
        """The number of an array on the page, embedded whole if need be; None for None."""
        if value is None:
            return None
        if isinstance(value, Tensor):
            value = value._value
        if id(value) not in self._places:
            self._places[id(value)] = len(self.entries)
            self._held.append(value)
            self.entries.append(self._entry(plain(value), whole, is_complex(value)))
        return self._places[id(value)]

    def _entry(self, array: np.ndarray, whole: bool, modulus: bool) -> dict[str, Any]:
        entry: dict[str, Any] = {"modulus": True} if modulus else {}
        if array.ndim == 0 and array.dtype.kind in "fiub":
            return {**entry, "one": exact(array)}  # all there is to say, so that large graphs of numbers stay small
        entry |= {"shape": list(array.shape)}
        known = {"stats": numbers(statistics(array))}
        if array.dtype.kind not in "fiub" or not array.size:
            return entry | known
        limit = min(self._left, self._whole if array.size <= self._whole else min(SAMPLE, self._whole))
        if array.size > limit and not whole:
            row = array.size // len(array)
            array = array[: limit // row]
        self._left -= array.size
        if not array.size:
            return entry | known
        with np.errstate(over="ignore", under="ignore"):
            data = np.ascontiguousarray(array, dtype="<f4")
        few = array.size <= EXACT
        exactly = few or _ordinary(data) < _ordinary(array)
        if exactly:
            data = np.ascontiguousarray(array, dtype="<f8")
        entry |= {"code": "f8" if exactly else "f4", "data": b64encode(data.tobytes()).decode()}
        return entry if few and array.size == prod(entry["shape"]) else entry | known


def _ordinary(array: np.ndarray) -> int:
    """How many entries are finite and not 0."""
    return int(np.count_nonzero(np.isfinite(array) & (array != 0)))


def numbers(table: dict[str, float]) -> dict[str, Any]:
    """Numbers for JSON, which has no NaN and no infinity."""
    return {key: number(value) for key, value in table.items()}


def number(value: Any) -> Any:
    """One number with nine digits."""
    value = float(value)
    return exact(float(f"{value:.9g}") if np.isfinite(value) else value)


def exact(value: Any) -> Any:
    """One number with all its digits; NaN and infinities as words that JavaScript's Number() reads."""
    value = float(value)
    if np.isfinite(value):
        return int(value) if value.is_integer() and abs(value) < 1e9 else value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
