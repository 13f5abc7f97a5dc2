"""Adding many entries at places that may repeat."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = Any
_BOOL = np.dtype(bool)
_MANY = 256  # entries from which it pays to look how they are best added


def is_basic(parts: Sequence[Any]) -> bool:
    """Whether an index is one of numbers and slices alone."""
    return all(p is None or p is Ellipsis or isinstance(p, (int, np.integer, slice)) for p in parts)


def scattered(g: Array, shape: tuple[int, ...], *parts: Any) -> Array:
    """Zeros of `shape` with `g` added at `parts`, in the way that NumPy is quick at."""
    arrays = [p for p in parts if not is_basic((p,))]
    many = type(g) is np.ndarray and g.size >= _MANY
    if all(getattr(p, "dtype", None) is _BOOL for p in arrays) or (
        many and len(arrays) == 1 and _is_distinct(arrays[0], g.size)
    ):
        out = np.zeros_like(g, shape=shape)
        out[parts] = g
        return out
    lead = shape if any(p is None or p is Ellipsis or getattr(p, "dtype", None) is _BOOL for p in parts) else ()
    lead = lead or shape[: len(parts)]
    if many and len(shape) > 1 and math.prod(lead) <= 4 * g.size:  # NumPy adds several times as fast in one axis
        out = np.zeros(shape, g.dtype)
        rows = np.arange(math.prod(lead)).reshape(lead)[parts]
        width = math.prod(shape[len(lead) :])
        np.add.at(out.reshape(-1), (rows.reshape(-1, 1) * width + np.arange(width)).reshape(-1), g.reshape(-1))
        return out
    out = np.zeros_like(g, shape=shape)
    np.add.at(out, parts[0] if len(parts) == 1 else parts, g)
    return out


def _is_distinct(part: Any, entries: int) -> bool:
    """Whether places that move many entries each are all different; said only of those counted from one end."""
    if type(part) is not np.ndarray or part.dtype.kind not in "iu" or not 0 < 4 * part.size <= entries:
        return False
    low, high = part.min(), part.max()
    return bool(low >= 0 or high < 0) and int(np.bincount(np.ravel(part - low)).max()) == 1
