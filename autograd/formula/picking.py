"""The rows of the table for indexing: parts of arrays, and a cotangent put back into its place."""

from typing import Any

import numpy as np

from ..graph import Primitive
from ..numpy.registry import primitives
from ..origin import one_hot
from ..program import Line
from .constants import ARANGE
from .index import Value
from .rows import reshaped
from .table import Table
from .translate import Translator, row

ONE_HOT = Primitive(one_hot, "one_hot")


@row("index")
def _index(t: Translator, line: Line, x: Any, *parts: Any) -> Value | None:
    x = t.value(x)
    parts = _spelt_out(parts, x.shape)
    if _is_whole(parts, x.shape):
        return reshaped(t, line, x)
    if _is_one_of_each_row(x.shape, line.args[1:]) and isinstance(parts[1], Value):
        return one_of_each_row(t.table, x, parts[1])
    return t.part(x, parts, line.shape) or t.table.call(line.primitive, [x, *parts], line.kwargs, line.shape)


@row("scatter")
def _scatter(t: Translator, line: Line, x: Any, shape: Any, *parts: Any) -> Value | None:
    parts = _spelt_out(parts, line.shape)
    if _is_whole(parts, line.shape):
        return reshaped(t, line, x)
    if not (_is_one_of_each_row(line.shape, line.args[2:]) and isinstance(parts[1], Value)):
        return t.table.call(line.primitive, [x, shape, *parts], line.kwargs, line.shape)
    chosen = t.table.call(ONE_HOT, [parts[1]], {"classes": line.shape[1]}, line.shape)
    return Value(t.table.relabel(t.expr(x), {-1: -2}) * chosen.expr, line.shape)


def _is_one_of_each_row(shape: tuple[int, ...], parts: tuple[Any, ...]) -> bool:
    """Whether an index takes an entry of each row in turn, as Z[arange(m), labels] does."""
    if len(shape) != 2 or 1 in shape or len(parts) != 2:
        return False
    rows, labels = (np.asarray(a.value if isinstance(a, Line) else a) for a in parts)
    classes = labels.ndim == 1 and labels.dtype.kind in "iu" and np.all(labels >= 0)
    return bool(classes) and np.array_equal(rows, np.arange(shape[0]))


def one_of_each_row(table: Table, x: Value, labels: Value) -> Value:
    """x[arange(m), labels]."""
    rows = table.call(ARANGE, [x.shape[0]], {}, labels.shape)
    return table.call(primitives["index"], [x, rows, labels], {}, labels.shape)


def _spelt_out(parts: tuple[Any, ...], shape: tuple[int, ...]) -> tuple[Any, ...]:
    """An index without an ellipsis and without full slices at its end: x[..., 0] of a vector is x[0]."""
    if not all(p is None or p is Ellipsis or isinstance(p, (slice, int, np.integer)) for p in parts):
        return parts
    at = parts.index(Ellipsis) if Ellipsis in parts else len(parts)
    given = sum(p is not None and p is not Ellipsis for p in parts)
    parts = (*parts[:at], *[slice(None)] * (len(shape) - given), *parts[at + 1 :])
    while parts and _is_full(parts[-1]):
        parts = parts[:-1]
    return parts


def _is_whole(parts: tuple[Any, ...], shape: tuple[int, ...]) -> bool:
    """Whether an index takes all entries in their order, perhaps with more or fewer axes of length 1."""
    lengths = iter(shape)
    taken = [(p, None if p is None else next(lengths, None)) for p in parts if p is not Ellipsis]
    return all(p is None or _is_full(p) or (isinstance(p, (int, np.integer)) and n == 1) for p, n in taken)


def _is_full(part: Any) -> bool:
    return isinstance(part, slice) and part == slice(None)
