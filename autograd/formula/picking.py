"""The rows of the table for indexing: parts of arrays, and a cotangent put back into its place."""

from typing import Any

import numpy as np

from ..graph import Primitive
from ..origin import one_hot
from ..program import Line
from .index import Value
from .rows import reshaped
from .translate import Translator, row

ONE_HOT = Primitive(one_hot, "one_hot")


@row("index")
def _index(t: Translator, line: Line, x: Any, *parts: Any) -> Value | None:
    x = t.value(x)
    return reshaped(t, line, x) if _is_whole(parts) else t.part(x, parts, line.shape)


@row("scatter")
def _scatter(t: Translator, line: Line, x: Any, shape: Any, *parts: Any) -> Value | None:
    if _is_whole(parts):
        return reshaped(t, line, x)
    if not (_is_one_of_each_row(line) and isinstance(parts[1], Value)):
        return None
    chosen = t.table.call(ONE_HOT, [parts[1]], {"classes": line.shape[1]}, line.shape)
    return Value(t.table.relabel(t.expr(x), {-1: -2}) * chosen.expr, line.shape)


def _is_one_of_each_row(line: Line) -> bool:
    """Whether an index takes an entry of each row in turn, as Z[arange(m), labels] does."""
    if len(line.shape) != 2 or len(line.args) != 4:
        return False
    rows, labels = (np.asarray(a.value if isinstance(a, Line) else a) for a in line.args[2:])
    classes = labels.ndim == 1 and labels.dtype.kind in "iu" and np.all(labels >= 0)
    return bool(classes) and np.array_equal(rows, np.arange(line.shape[0]))


def _is_whole(parts: tuple[Any, ...]) -> bool:
    """Whether an index takes all entries in their order, perhaps with more axes of length 1."""
    return all(p is None or p is Ellipsis or (isinstance(p, slice) and p == slice(None)) for p in parts)
