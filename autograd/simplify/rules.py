"""Local rules: what one operation may become, each `(make, primitive, *args, **kwargs) -> better or None`.

A rule may use what its argument lines are made of; it never looks at who uses the result. A result of another shape is
broadcast to the shape it has to have, and one of another dtype is not taken (see `Rewriter.fit`).
"""

import math
from typing import Any

import numpy as np

from ..graph import Primitive
from ..program import Line
from ..shapes import normalize_axes
from .rewriter import Rewriter, Value

SCALAR_LIMIT = 4096
"""A constant computed from smaller ones is computed once, unless it has more entries than this and than they have."""


def is_line(value: Value, name: str) -> bool:
    """Whether a value was made by the primitive of this name."""
    return isinstance(value, Line) and value.primitive is not None and value.primitive.name == name


def is_number(value: Value, *wanted: float) -> bool:
    """Whether a value is a plain number, one of the wanted where these are given."""
    if isinstance(value, Line) or not isinstance(value, (int, float, complex, np.generic)):
        return False
    return not wanted or any(value == w for w in wanted)


def shape_of(value: Value) -> tuple[int, ...]:
    return value.shape if isinstance(value, Line) else ()


def fold(make: Rewriter, primitive: Primitive, *args: Value, **kwargs: Any) -> Value | None:
    """An operation on constants is a constant."""
    lines = [a for a in args if isinstance(a, Line)]
    if any(line.kind != "constant" for line in lines) or primitive.name in ("broadcast_to", "identity"):
        return None
    from .rewriter import run

    value = run(primitive, args, kwargs)
    if isinstance(value, tuple) or any(line.shape is None for line in lines):
        return None
    largest = max((math.prod(line.shape) for line in lines), default=0)
    if value.size > max(SCALAR_LIMIT, largest) or (type(value) not in (np.ndarray,) and not np.isscalar(value)):
        return None
    return make.constant(value)


def spread(make: Rewriter, primitive: Primitive, *args: Value, **kwargs: Any) -> Value | None:
    """Elementwise operations broadcast by themselves; where all arguments were broadcast, the result can be instead."""
    if not primitive.elementwise or not any(is_line(a, "broadcast_to") for a in args):
        return None
    inner = [a.args[0] if is_line(a, "broadcast_to") else a for a in args]
    if not any(isinstance(a, Line) for a in inner):
        return fold(make, primitive, *inner, **kwargs)
    dtypes = [a.dtype for a in args if isinstance(a, Line)]
    if any(not isinstance(a, Line) and getattr(a, "dtype", None) not in (None, *dtypes) for a in inner):
        return None
    return make.make(primitive, *inner, **kwargs)


def same(make: Rewriter, primitive: Primitive, x: Value, *rest: Value, **kwargs: Any) -> Value | None:
    """Operations that change nothing."""
    name = primitive.name
    if name in ("identity", "positive"):
        return x
    if not isinstance(x, Line):
        return None
    if name == "astype" and x.dtype == rest[0]:
        return x
    if name in ("real", "conjugate") and x.dtype.kind != "c":
        return x
    return None


# --- moving entries


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
        from .rewriter import run

        target = run(primitive, (x, shape, *rest) if shape is not None else (x, *rest), kwargs).shape
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
    """An entry of a broadcast number is the number; a scatter read at the same place is what was scattered."""
    if is_line(x, "broadcast_to") and not shape_of(x.args[0]) and isinstance(x.args[0], Line):
        return x.args[0]
    return None


# --- arithmetic


def add(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """x + 0, x + (-y), (-x) + y."""
    if is_number(x, 0):
        return y
    if is_number(y, 0):
        return x
    if is_line(y, "negative"):
        return make.make("subtract", x, y.args[0])
    if is_line(x, "negative"):
        return make.make("subtract", y, x.args[0])
    return None


def subtract(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """x - 0, 0 - y, x - (-y), x - x."""
    if is_number(y, 0):
        return x
    if is_number(x, 0):
        return make.make("negative", y)
    if is_line(y, "negative"):
        return make.make("add", x, y.args[0])
    if x is y:
        return 0
    return None


def multiply(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """1 x, -1 x, 0 x, (-x)(-y), and numbers gathered: 2 (3 x)."""
    if is_number(x) and not is_number(y):
        x, y = y, x
    if is_number(y, 1):
        return x
    if is_number(y, -1):
        return make.make("negative", x)
    if is_number(y, 0):
        return 0
    if is_line(x, "negative"):
        if is_line(y, "negative"):
            return make.make("multiply", x.args[0], y.args[0])
        if is_number(y):
            return make.make("multiply", x.args[0], -y)
    if is_number(y) and is_line(x, "multiply"):
        for inner, factor in (x.args, x.args[::-1]):
            if is_number(factor):
                return make.make("multiply", inner, _product(y, factor))
    if x is y and isinstance(x, Line):
        return make.make("square", x)
    return None


def _product(x: Any, y: Any) -> Any:
    with np.errstate(all="ignore"):
        return x * y


def divide(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """x / 1, 1 / (1 + exp(-z)) and exp(x) / sum(exp(x)), which are a sigmoid and a softmax."""
    if is_number(y, 1):
        return x
    if is_number(y, -1):
        return make.make("negative", x)
    if is_line(y, "add"):
        term = _other(y, 1)
        if is_number(x, 1) and is_line(term, "exp"):
            return make.make("sigmoid", make.make("negative", term.args[0]))
        if is_line(x, "exp") and term is x:
            return make.make("sigmoid", x.args[0])
    if is_line(x, "exp") and is_line(y, "sum") and y.args[0] is x and y.kwargs.get("keepdims"):
        return make.make("softmax", x.args[0], axis=y.kwargs["axis"])
    return None


def _other(line: Line, number: float) -> Any:
    """The other term of `number + term`, in either order."""
    x, y = line.args
    return y if is_number(x, number) else x if is_number(y, number) else None


def negative(make: Rewriter, primitive: Primitive, x: Value) -> Value | None:
    """-(-x), -(x - y)."""
    if is_line(x, "negative"):
        return x.args[0]
    if is_line(x, "subtract"):
        return make.make("subtract", x.args[1], x.args[0])
    if is_line(x, "multiply"):
        for inner, factor in (x.args, x.args[::-1]):
            if is_number(factor):
                return make.make("multiply", inner, -factor)
    return None


def power(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """x**1, x**2, x**0.5, x**-1 by their own names."""
    if not is_number(y):
        return None
    if y == 0:
        return 1
    if y == 1:
        return x
    if y == 2:
        return make.make("square", x)
    if isinstance(x, Line) and x.dtype is not None and x.dtype.kind in "fc":
        if y == 0.5 and x.dtype.kind == "f":
            return make.make("sqrt", x)
        if y == -1:
            return make.make("reciprocal", x)
    return None


def where(make: Rewriter, primitive: Primitive, condition: Value, x: Value, y: Value) -> Value | None:
    """A condition that is known, or branches that are the same."""
    if isinstance(condition, (bool, np.bool_)):
        return x if condition else y
    if x is y and isinstance(x, Line):
        return x
    return None


def maximum(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """max(x, x)."""
    return x if x is y and isinstance(x, Line) else None


# --- sums


def total(
    make: Rewriter, primitive: Primitive, x: Value, axis: Any = None, dtype: Any = None, keepdims: bool = False
) -> Value | None:
    """Axes as a tuple; a sum of a sum, of a broadcast, over axes of length 1."""
    if dtype is not None or not isinstance(x, Line):
        return None
    n = len(x.shape)
    if not n:
        return x if x.dtype.kind in "fc" else None
    axes = normalize_axes(axis, n)
    if is_line(x, "broadcast_to") and x.dtype.kind in "fc":
        return _sum_of_broadcast(make, x, axes, keepdims)
    if all(x.shape[i] == 1 for i in axes) and x.dtype.kind in "fc":
        return make.make(
            "reshape", x, tuple(1 if i in axes else m for i, m in enumerate(x.shape) if keepdims or i not in axes)
        )
    if is_line(x, "scatter") and keepdims and n == 2 and axes == (1,):
        return _sum_of_one_per_row(make, x)
    canonical = {"axis": None if set(axes) == set(range(n)) else tuple(sorted(axes)), "keepdims": bool(keepdims)}
    if key(axis) == key(canonical["axis"]) and keepdims is canonical["keepdims"]:
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


def key(value: Any) -> Any:
    from .rewriter import key_of

    return key_of(value)


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
    """Summing n copies multiplies by n."""
    inner, lead = x.args[0], len(x.shape) - len(shape_of(x.args[0]))
    sizes = (1,) * lead + shape_of(inner)
    copied = [i for i in axes if sizes[i] != x.shape[i] or sizes[i] == 1]
    if not copied:
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


def matmul(make: Rewriter, primitive: Primitive, a: Value, b: Value) -> Value | None:
    """A product with the identity matrix, and signs taken out."""
    for one, other in ((a, b), (b, a)):
        if is_identity(one) and isinstance(other, Line) and len(other.shape) == 2:
            return other
    if is_line(a, "negative") and is_line(b, "negative"):
        return make.make("matmul", a.args[0], b.args[0])
    return None


def is_identity(value: Value) -> bool:
    """Whether a line is a constant identity matrix."""
    if not isinstance(value, Line) or value.kind != "constant" or len(value.shape) != 2:
        return False
    return value.shape[0] == value.shape[1] and bool(np.array_equal(value.value, np.eye(value.shape[0])))


# --- stability


def log(make: Rewriter, primitive: Primitive, x: Value) -> Value | None:
    """The logarithms of a sigmoid, of its complement, of a softmax, of a sum of exponentials and of an exponential."""
    if is_line(x, "sigmoid"):
        return make.make("log_sigmoid", x.args[0])
    if is_line(x, "subtract") and is_number(x.args[0], 1) and is_line(x.args[1], "sigmoid"):
        return make.make("log_of_complement", x.args[1].args[0], x.args[1])
    if is_line(x, "softmax"):
        return make.make("log_softmax", *x.args, **x.kwargs)
    if is_line(x, "exp"):
        return x.args[0]
    if is_line(x, "sum") and is_line(x.args[0], "exp"):
        return make.make("logsumexp", x.args[0].args[0], axis=x.kwargs["axis"], keepdims=x.kwargs["keepdims"])
    if is_line(x, "add"):
        term = _other(x, 1)
        if is_line(term, "exp"):
            return make.make("softplus", term.args[0])
    return None


def twin(make: Rewriter, primitive: Primitive, z: Value, a: Value) -> Value | None:
    """The stable logarithm of a sigmoid that the engine records, without the sigmoid it was told."""
    return make.make("log_sigmoid", z)


def log1p(make: Rewriter, primitive: Primitive, x: Value) -> Value | None:
    """log1p(exp(z)) and log1p(-sigmoid(z))."""
    if is_line(x, "exp"):
        return make.make("softplus", x.args[0])
    if is_line(x, "negative") and is_line(x.args[0], "sigmoid"):
        return make.make("log_of_complement", x.args[0].args[0], x.args[0])
    return None


def exp(make: Rewriter, primitive: Primitive, x: Value) -> Value | None:
    """The exponential of a logarithm of a probability."""
    if is_line(x, "log_softmax"):
        return make.make("softmax", *x.args, **x.kwargs)
    if is_line(x, "log_sigmoid"):
        return make.make("sigmoid", x.args[0])
    return None


def reciprocal(make: Rewriter, primitive: Primitive, x: Value) -> Value | None:
    """1 / (1 + exp(-z))."""
    if is_line(x, "add"):
        term = _other(x, 1)
        if is_line(term, "exp"):
            return make.make("sigmoid", make.make("negative", term.args[0]))
    return None


def softmax_axis(make: Rewriter, primitive: Primitive, x: Value, *args: Any, **kwargs: Any) -> Value | None:
    """The axis of a softmax as a keyword, counted from the end."""
    axis = args[0] if args else kwargs.get("axis", -1)
    if not isinstance(x, Line) or (isinstance(axis, tuple) and len(axis) != 1):
        return None
    axis = axis[0] if isinstance(axis, tuple) else axis
    if axis is None:
        return None
    canonical = {"axis": axis - len(x.shape) if axis >= 0 else axis}
    if not args and kwargs == canonical:
        return None
    return make.make(primitive, x, **canonical)


RULES: dict[str, tuple[Any, ...]] = {
    "identity": (same,),
    "positive": (same,),
    "astype": (same,),
    "real": (same,),
    "conjugate": (same,),
    "reshape": (reshape,),
    "expand_dims": (reshape,),
    "squeeze": (reshape,),
    "transpose": (transpose,),
    "swapaxes": (transpose,),
    "moveaxis": (transpose,),
    "rollaxis": (transpose,),
    "broadcast_to": (broadcast,),
    "index": (index,),
    "add": (add,),
    "subtract": (subtract,),
    "multiply": (multiply,),
    "divide": (divide,),
    "true_divide": (divide,),
    "negative": (negative,),
    "power": (power,),
    "where": (where,),
    "maximum": (maximum,),
    "minimum": (maximum,),
    "sum": (canonical_sum,),
    "mean": (mean,),
    "matmul": (matmul,),
    "log": (log,),
    "log1p": (log1p,),
    "exp": (exp,),
    "log_of_sigmoid": (twin,),
    "reciprocal": (reciprocal,),
    "softmax": (softmax_axis,),
    "log_softmax": (softmax_axis,),
    "*": (fold, spread),
}
