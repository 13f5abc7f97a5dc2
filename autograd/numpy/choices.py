"""np.where for many entries, at the price of arithmetic."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_WHOLE = {np.dtype(np.float32): np.int32, np.dtype(np.float64): np.int64}
_MANY = 1024  # entries from which it matters


def choice(condition: Any, x: Any, y: Any) -> Any:
    """np.where(condition, x, y), of many floats by arithmetic on their bits: np.where jumps at each entry.

    Products of the numbers themselves would not do: 0 * inf is NaN.
    """
    many = any(type(a) is np.ndarray and a.size >= _MANY for a in (condition, x, y))
    if many and type(condition) in (np.ndarray, np.bool_) and condition.dtype == bool:
        one, other = _bits(x, y), _bits(y, x)
        if one is not None and _is_zero(y):
            return np.multiply(one, condition).view(x.dtype)
        if other is not None and _is_zero(x):
            return np.multiply(other, ~condition).view(y.dtype)
        if condition.ndim and one is not None and other is not None and one.dtype == other.dtype:
            chosen = np.bitwise_xor(one, other)
            if chosen.shape == condition.shape:
                np.multiply(chosen, condition, chosen)
                return np.bitwise_xor(chosen, other, chosen).view((x if type(x) is np.ndarray else y).dtype)
    made = np.where(condition, x, y)
    return made[()] if type(made) is np.ndarray and not made.ndim else made  # a number, as other functions give


def _bits(x: Any, beside: Any) -> Any:
    """The bits of an array of floats, or of a number that takes its dtype from the array beside it; else None."""
    if type(x) in (int, float) and type(beside) is np.ndarray and beside.dtype in _WHOLE:
        x = np.array(x, beside.dtype)
    return x.view(_WHOLE[x.dtype]) if type(x) is np.ndarray and x.dtype in _WHOLE else None


def _is_zero(x: Any) -> bool:
    return type(x) in (int, float) and x == 0 and math.copysign(1, x) == 1
