"""Arrays that a rule brought in: as a number or the identity matrix, else by a word for what they are."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np

from ..graph import Primitive
from .index import Value
from .translate import Translator

ARANGE = Primitive(np.arange, "arange")


def known(value: Any, t: Translator) -> Value | None:
    """An array as one number throughout or as a multiple of the identity matrix; None if it is neither."""
    value = np.asarray(value)
    if value.size and value.dtype.kind in "fiub" and value.min() == value.max():
        return Value(t.number(float(value.flat[0])), value.shape)
    if value.ndim == 2 and value.size and value[0, 0] and np.array_equal(value, value[0, 0] * np.eye(len(value))):
        return Value(t.number(value[0, 0]) * t.table.eye(len(value)), value.shape)
    return None


def counted(value: Any, t: Translator) -> Value | None:
    """The numbers 0, 1, 2, ... in their order, as an index counts rows; None for others."""
    value = np.asarray(value)
    if value.ndim != 1 or value.dtype.kind not in "iu" or not np.array_equal(value, np.arange(value.size)):
        return None
    return t.table.call(ARANGE, [value.size], {}, value.shape)


def words(value: Any) -> Iterator[str]:
    """Names for an array: of a mask beside or below the diagonal, else k1, k2 and on."""
    value = np.asarray(value)
    if value.ndim == 2:
        masks = {"offdiagonal": 1 - np.eye(len(value)), "lower": np.tri(len(value), k=-1)}
        yield from (word for word, mask in masks.items() if np.array_equal(value, mask))
    yield from (f"k{i}" for i in count(1))
