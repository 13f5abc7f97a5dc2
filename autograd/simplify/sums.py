"""Rules for sums and means: one way of writing them, and none over what is summed or copied already."""

import math
from typing import Any

import numpy as np

from ..graph import Primitive
from ..program import Line
from ..shapes import normalize_axes
from .facts import is_line, shape_of
from .rewriter import Rewriter, Value, key_of


def total(
    make: Rewriter, primitive: Primitive, x: Value, axis: Any = None, dtype: Any = None, keepdims: bool = False
) -> Value | None:
    """Axes as a tuple; a sum of a sum, of a broadcast, over axes of length 1."""
    if dtype is not None or not isinstance(x, Line):
        return None
    n = len(x.shape)
    axes = normalize_axes(axis, n)
    fewer = _sum_of_broadcast(make, x, axes, keepdims) if is_line(x, "broadcast_to") and x.dtype.kind in "fc" else None
    if fewer is not None:
        return fewer
    if all(x.shape[i] == 1 for i in axes) and x.dtype.kind in "fc":
        left = tuple(1 if i in axes else m for i, m in enumerate(x.shape) if keepdims or i not in axes)
        return make.make("reshape", x, left) if left or not n else make.make("index", x, *(0,) * n)
    if is_line(x, "scatter") and keepdims and n == 2 and axes == (1,):
        return _sum_of_one_per_row(make, x)
    canonical = {"axis": None if set(axes) == set(range(n)) else tuple(sorted(axes)), "keepdims": bool(keepdims)}
    if key_of(axis) == key_of(canonical["axis"]) and keepdims is canonical["keepdims"]:
        return None
    return make.make("sum", x, **canonical)


def mean(make: Rewriter, primitive: Primitive, x: Value, *args: Any, **kwargs: Any) -> Value | None:
    """A mean is a sum over the number of entries, which meets other factors there."""
    axis = args[0] if args else kwargs.get("axis")
    if not isinstance(x, Line) or x.dtype.kind != "f" or len(args) > 1 or set(kwargs) - {"axis", "keepdims"}:
        return None
    n = math.prod(x.shape[i] for i in normalize_axes(axis, len(x.shape))) if x.shape else 0
    if not n or x.dtype == np.float16:  # NumPy takes the mean of half precision in single
        return None
    summed = make.make("sum", x, axis=axis, keepdims=bool(kwargs.get("keepdims", False)))
    return make.make("divide", summed, n) if isinstance(summed, Line) else None


def canonical_sum(make: Rewriter, primitive: Primitive, x: Value, *args: Any, **kwargs: Any) -> Value | None:
    """`total` with every way of writing the arguments brought to keywords."""
    if args or set(kwargs) != {"axis", "keepdims"}:
        given = dict(zip(("axis", "dtype", "out", "keepdims"), args, strict=False)) | kwargs
        if (
            given.pop("dtype", None) is not None
            or given.pop("out", None) is not None
            or set(given) - {"axis", "keepdims"}
            or not isinstance(x, Line)
        ):
            return None
        return make.make("sum", x, axis=given.get("axis"), keepdims=bool(given.get("keepdims", False)))
    return total(make, primitive, x, **kwargs)


def _sum_of_broadcast(make: Rewriter, x: Line, axes: tuple[int, ...], keepdims: bool) -> Value | None:
    """Summing n copies multiplies by n; but nothing copied is nothing, and infinity times 0 is not."""
    inner, lead = x.args[0], len(x.shape) - len(shape_of(x.args[0]))
    sizes = (1,) * lead + shape_of(inner)
    copied = [i for i in axes if sizes[i] != x.shape[i] or sizes[i] == 1]
    if not copied or not x.value.size:
        return None
    scaled = make.make("multiply", inner, math.prod(x.shape[i] for i in copied))
    left = tuple(i for i in axes if i not in copied)
    if left:
        scaled = make.make("reshape", scaled, sizes) if lead else scaled
        scaled = make.make("sum", scaled, axis=left, keepdims=True)
        sizes = tuple(1 if i in left else n for i, n in enumerate(sizes))
    small = tuple(1 if i in axes else n for i, n in enumerate(sizes) if keepdims or i not in axes)
    full = tuple(1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes)
    if isinstance(scaled, Line) and scaled.shape != small:
        scaled = make.make("reshape", scaled, small)
    return scaled if full == () and not isinstance(scaled, Line) else make.make("broadcast_to", scaled, full)


def _sum_of_one_per_row(make: Rewriter, x: Line) -> Value | None:
    """A scatter of one entry into each row, summed along the rows, is the entries."""
    g, shape, *parts = x.args
    if len(parts) != 2 or not isinstance(parts[0], Line) or parts[0].kind != "constant" or len(parts[0].shape) != 1:
        return None
    if not np.array_equal(parts[0].value, np.arange(shape[0])):
        return None
    g = g if not isinstance(g, Line) or g.shape == (shape[0],) else make.make("broadcast_to", g, (shape[0],))
    return make.make("reshape", g, (shape[0], 1)) if isinstance(g, Line) else None
