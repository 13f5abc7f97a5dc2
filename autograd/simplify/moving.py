"""Rules for operations that move entries: one for a chain of them, none where nothing moves."""

import math
from typing import Any

import numpy as np

from ..graph import Primitive
from ..program import Line
from ..shapes import normalize_axes
from .blanks import result
from .facts import is_line, is_sum, shape_of
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


def scatter(make: Rewriter, primitive: Primitive, g: Value, shape: Any, *parts: Any) -> Value | None:
    """As many entries as there are places, in their order: by new axes, whole ones, and the only place of one."""
    if not isinstance(g, Line) or g.value.size != math.prod(shape) or not all(map(_in_order, parts)):
        return None
    return make.make("reshape", g, tuple(shape))


def _in_order(part: Any) -> bool:
    if isinstance(part, slice):
        return part.step in (None, 1)
    return part is None or part is Ellipsis or (type(part) is not bool and isinstance(part, (int, np.integer)))


def kept_axes(make: Rewriter, line: Line) -> Value | None:
    """A sum whose axes are put back by a reshape keeps them itself."""
    inner = line.args[0]
    turned = is_line(inner, "negative")
    total = inner.args[0] if turned else inner
    if not is_sum(total) or total.kwargs["axis"] is None or total.kwargs["keepdims"]:
        return None
    x, axes = total.args[0], total.kwargs["axis"]
    if line.shape != tuple(1 if i in axes else n for i, n in enumerate(x.shape)):
        return None
    kept = make.make("sum", x, axis=axes, keepdims=True)
    return make.make("negative", kept) if turned else kept


def matrix_and_vector(make: Rewriter, line: Line) -> Value | None:
    """A product with a vector that was made a matrix of one column, or row, and back."""
    product = line.args[0]
    if not is_line(product, "matmul") or len(line.shape) != 1:
        return None
    for i, form in ((0, (1, -1)), (1, (-1, 1))):
        v, other = product.args[i], product.args[1 - i]
        if not is_line(v, "reshape") or not isinstance(v.args[0], Line) or len(shape_of(other)) != 2:
            continue
        n = v.value.size
        if v.args[0].shape == (n,) and v.shape == tuple(n if k == -1 else k for k in form):
            return make.make("matmul", *((v.args[0], other) if i == 0 else (other, v.args[0])))
    return None


def turned_product(make: Rewriter, line: Line) -> Value | None:
    """The transpose of a product with a transpose is the product of the transposes, one of which cancels."""
    product = line.args[0]
    if not is_line(product, "matmul") or not any(is_line(a, "transpose") for a in product.args):
        return None
    a, b = product.args
    n = len(product.shape)
    last = (*range(n - 2), n - 1, n - 2)
    if n < 2 or len(shape_of(a)) != n or len(shape_of(b)) != n:
        return None
    if (line.args[1] if len(line.args) > 1 else tuple(reversed(range(n)))) != last:
        return None
    return make.make("matmul", make.make("transpose", b, last), make.make("transpose", a, last))
