"""Rules for operations that move entries: one for a chain of them, none where nothing moves."""

import math
from typing import Any

import numpy as np

from ..graph import Primitive
from ..program import Line
from ..shapes import normalize_axes
from .blanks import result
from .facts import is_line, shape_of
from .rewriter import Rewriter, Value


def reshape(
    make: Rewriter, primitive: Primitive, x: Value, shape: Any = None, *rest: Any, **kwargs: Any
) -> Value | None:
    """One reshape for a chain of them, of the full shape."""
    if primitive.name == "reshape":
        if kwargs.get("order", "C") != "C" or rest:
            return None
        value = np.empty(shape_of(x), bool).reshape(shape) if math.prod(shape_of(x)) < 2 else None
        target = tuple(value.shape) if value is not None else _full(shape_of(x), shape)
    else:
        target = result(primitive, (x, shape, *rest) if shape is not None else (x, *rest), kwargs).shape
    if not isinstance(x, Line):
        return x if target == () else None
    if target == x.shape:
        return x
    if is_line(x, "reshape") and not x.kwargs:
        return make.make("reshape", x.args[0], target)
    if is_line(x, "broadcast_to") and not shape_of(x.args[0]):
        return make.make("broadcast_to", x.args[0], target)
    if primitive.name == "reshape" and shape == target and not kwargs:
        return None
    return make.make("reshape", x, target)


def _full(shape: tuple[int, ...], wanted: Any) -> tuple[int, ...]:
    wanted = tuple(int(n) for n in wanted) if isinstance(wanted, (tuple, list)) else (int(wanted),)
    known = math.prod(n for n in wanted if n != -1)
    return tuple(math.prod(shape) // known if n == -1 else n for n in wanted)


def transpose(make: Rewriter, primitive: Primitive, x: Value, *args: Any, **kwargs: Any) -> Value | None:
    """Every reordering of axes as one transpose; without axes where it reverses them."""
    if not isinstance(x, Line):
        return None
    n = len(x.shape)
    if n < 2:
        return x
    probe = np.empty((0, *range(1, n)))
    if primitive.name == "transpose":
        axes = args[0] if args else kwargs.get("axes")
        order = tuple(reversed(range(n))) if axes is None else normalize_axes(axes, n)
    else:
        order = tuple(primitive.fun(probe, *args, **kwargs).shape)
    inner = x
    if is_line(x, "transpose"):
        first = x.args[1] if len(x.args) > 1 else tuple(reversed(range(n)))
        order, inner = tuple(first[i] for i in order), x.args[0]
    if order == tuple(range(n)):
        return inner
    if is_line(inner, "broadcast_to") and not shape_of(inner.args[0]):
        return make.make("broadcast_to", inner.args[0], tuple(inner.shape[i] for i in order))
    canonical = () if order == tuple(reversed(range(n))) else (order,)
    if inner is x and primitive.name == "transpose" and canonical == args and not kwargs:
        return None
    return make.make("transpose", inner, *canonical)


def broadcast(make: Rewriter, primitive: Primitive, x: Value, shape: Any, **kwargs: Any) -> Value | None:
    """One broadcast for a chain of them, none to the shape a value has."""
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if shape == shape_of(x) and (isinstance(x, Line) or hasattr(x, "dtype")):
        return x
    if is_line(x, "broadcast_to"):
        return make.make("broadcast_to", x.args[0], shape)
    if is_line(x, "reshape") and not x.args[0].shape and x.shape == (1,) * len(x.shape):
        return make.make("broadcast_to", x.args[0], shape)
    return None


def index(make: Rewriter, primitive: Primitive, x: Value, *parts: Any) -> Value | None:
    """An entry of a broadcast number is the number."""
    if is_line(x, "broadcast_to") and not shape_of(x.args[0]) and isinstance(x.args[0], Line):
        return x.args[0]
    return None
