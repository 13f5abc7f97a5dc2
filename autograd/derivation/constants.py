"""Arrays that have no name as formulas: one number throughout, or what they come from."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import numpy as np

from ..formula import Translator, Value
from ..graph import Primitive
from ..origin import Affine, OneHot, Part, one_hot, origin

ONE_HOT = Primitive(one_hot, "one_hot")


def words(value: Any) -> Iterator[str]:
    """Names for an array that a rule brought in: of a mask beside or below the diagonal, else k1, k2 and on."""
    value = np.asarray(value)
    if value.ndim == 2:
        masks = {"offdiagonal": 1 - np.eye(len(value)), "lower": np.tri(len(value), k=-1)}
        yield from (word for word, mask in masks.items() if np.array_equal(value, mask))
    yield from (f"k{i}" for i in count(1))


def recognised(value: Any, named: Mapping[str, Any], t: Translator) -> Value | None:
    """An array as a number or through the named ones; None if nothing simple is found."""
    value = np.asarray(value)
    if value.size and value.dtype.kind in "fiub" and value.min() == value.max():
        return Value(t.number(float(value.flat[0])), value.shape)
    if value.ndim == 2 and np.array_equal(value, np.eye(len(value))):
        return Value(t.table.eye(len(value)), value.shape)
    found = origin(value, named)
    if found is None:
        return None
    x = t.table.name(found.word, found.shape)
    if isinstance(found, Part):
        return t.part(x, found.parts, value.shape)
    if isinstance(found, Affine):
        return Value(t.number(found.factor) * x.expr + t.number(found.shift), value.shape)
    if isinstance(found, OneHot):
        return t.table.call(ONE_HOT, [x], {"classes": found.classes}, value.shape)
    return t.moved(x, range(len(found.shape))[::-1], value.shape)
