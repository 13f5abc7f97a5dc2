"""Program -> program of NumPy's own functions: what the machine runs, one call a line.

The functions of the namespace that NumPy lacks are taken apart here, and sums are given to the matrix product where
that is faster. `simplify` would put them together again, so this comes last.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..program import Line, Program
from ..shapes import normalize_axes
from .facts import holds, is_line, is_number, is_real, is_sum, plain
from .passes import finish, pass_name
from .rewriter import Rewriter, Value

SMOOTH = {"sigmoid", "softplus", "log_sigmoid", "softmax", "log_softmax"}
MANY = 256  # entries
FAST = "fd"
"""Dtypes that the linear algebra library sums and multiplies itself."""


def lower(program: Program) -> Program:
    """The program in elementary operations, each one call of NumPy.

    >>> from autograd.program import trace
    >>> from autograd import numpy as anp
    >>> print(lower(trace(lambda z: anp.sigmoid(z), np.ones(3), names=["z"])[0]))
    z: input (3,)
    t1 = negative(z)  (3,)
    t2 = exp(t1)  (3,)
    t3 = add(t2, 1)  (3,)
    t4 = reciprocal(t3)  (3,)
    """
    make = Rewriter()
    new: dict[Line, Value] = {}
    users = program.users()
    for at, line in enumerate(program.lines):
        make.at = float(at)
        if line.primitive is None:
            new[line] = make.adopt(line)
            continue
        args = [new[a] if isinstance(a, Line) else a for a in line.args]
        way = None if _is_smooth_of_whole(line) else WAYS.get(line.primitive.name)
        made = way(make, line, users, *args, **line.kwargs) if way is not None and len(args) <= 2 else None
        if not isinstance(made, Line) or made.shape != line.shape or made.dtype != line.dtype:
            made = make.again(line, args)
        if line.named:
            pass_name(line, made)
        new[line] = made
    roots = [make.as_line(new[line], line.name) for line in program.outputs]
    return finish(make, program, roots)


def _is_smooth_of_whole(line: Line) -> bool:
    """Whether whole numbers are given to a function that takes them for floating ones, lest differences wrap around."""
    x = line.args[0] if line.args else None
    return line.primitive.name in SMOOTH and isinstance(x, Line) and x.dtype.kind in "biu"  # type: ignore[union-attr]


def _sigmoid(make: Rewriter, line: Line, users: Any, z: Value) -> Value:
    return _reciprocal(make, line, users, make.make("add", make.make("exp", _negative(make, line, users, z)), 1))


def _reciprocal(make: Rewriter, line: Line, users: Any, x: Value) -> Value:
    """1 / x of many entries, since NumPy's reciprocal goes entry by entry."""
    many = isinstance(x, Line) and x.dtype.kind == "f" and x.value.size >= MANY
    return make.make("divide", 1, x) if many else make.make("reciprocal", x)


def _negative(make: Rewriter, line: Line, users: Any, z: Value) -> Value:
    """-z for a line of z alone; where z is x + row, it is -row - x: the same to the last bit, and a pass less."""
    if is_line(z, "add") and users[line.args[0]] == [line]:
        for x, row in (z.args, z.args[::-1]):
            if is_real(x) and is_real(row) and x.shape == z.shape != row.shape and x.dtype == row.dtype:
                return make.make("subtract", make.make("negative", row), x)
    return make.make("negative", z)


def _log1p_exp(make: Rewriter, z: Value) -> Value:
    """log(1 + exp(-abs(z))); a sigmoid of z, its slope say, needs -z too."""
    z = z.args[0] if is_line(z, "negative") else z
    return make.make("log1p", make.make("exp", make.make("minimum", z, make.make("negative", z))))


def _softplus(make: Rewriter, line: Line, users: Any, z: Value) -> Value:
    return make.make("add", make.make("maximum", z, 0), _log1p_exp(make, z))


def _log_sigmoid(make: Rewriter, line: Line, users: Any, z: Value) -> Value:
    return make.make("subtract", make.make("minimum", z, 0), _log1p_exp(make, z))


def _subtract(make: Rewriter, line: Line, users: Any, x: Value, y: Value) -> Value | None:
    """Differences with a softplus: max(z, 0) cancels against y z exactly, the small rest comes after."""
    for i, sign in ((1, "subtract"), (0, "add")):
        soft = line.args[i]
        if is_line(soft, "softplus"):
            parts = (x, y)[i].parents if isinstance((x, y)[i], Line) else []
            if len(parts) == 2 and is_line(parts[0], "maximum"):
                pair = (x, parts[0]) if i == 1 else (parts[0], y)
                return make.make(sign, make.make("subtract", *pair), parts[1])
    return None


def _relu(make: Rewriter, line: Line, users: Any, z: Value) -> Value:
    return make.make("maximum", z, 0)


def _softmax(make: Rewriter, line: Line, users: Any, x: Value, axis: Any = -1) -> Value:
    e = make.make("exp", _shifted(make, x, axis))
    return make.make("divide", e, _sum(make, e, axis))


def _log_softmax(make: Rewriter, line: Line, users: Any, x: Value, axis: Any = -1) -> Value:
    shifted = _shifted(make, x, axis)
    return make.make("subtract", shifted, make.make("log", _sum(make, make.make("exp", shifted), axis)))


def _shifted(make: Rewriter, x: Value, axis: Any) -> Value:
    return make.make("subtract", x, make.make("max", x, axis=axis, keepdims=True))


def _sum(make: Rewriter, x: Value, axis: Any) -> Value:
    return _total(make, x, axis=normalize_axes(axis, len(x.shape)), keepdims=True)


def _total(make: Rewriter, x: Line, axis: Any, keepdims: bool) -> Line:
    """A sum over rows or columns as a product with ones, a sum of products as a product."""
    if len(x.shape) == 2 and x.dtype.char in FAST and axis in ((0,), (1,)) and x.value.size:
        ones = _ones(make, x.shape[axis[0]], x.dtype)
        made = make.make("dot", ones, x) if axis == (0,) else make.make("dot", x, ones)
        return make.make("reshape", made, (1, -1) if axis == (0,) else (-1, 1)) if keepdims else made
    return make.make("sum", x, axis=axis, keepdims=keepdims)


def _ones(make: Rewriter, n: int, dtype: Any) -> Line:
    key = ("ones", n, str(dtype))
    if key not in make.table:
        make.table[key] = make.adopt(Line("ones", None, (), {}, np.ones(n, dtype), "constant"))
    return make.table[key]


def _sum_line(
    make: Rewriter, line: Line, users: Any, x: Value, axis: Any = None, keepdims: bool = False, **_: Any
) -> Value | None:
    if not is_sum(line) or not isinstance(x, Line) or x.dtype.kind != "f" or not x.shape:
        return None
    if axis is not None:
        axis = normalize_axes(axis, len(x.shape))
    if axis is None and not keepdims and x.dtype.char in FAST and len(users[line.args[0]]) == 1:
        if is_line(x, "multiply") and all(
            isinstance(a, Line) and a.shape == x.shape and a.dtype == x.dtype for a in x.args
        ):
            return make.make("inner", *[_flat(make, a) for a in x.args])
        if is_line(x, "square") and len(x.shape):
            return make.make("inner", _flat(make, x.args[0]), _flat(make, x.args[0]))
    return _total(make, x, axis, keepdims)


def _flat(make: Rewriter, x: Line) -> Value:
    return x if len(x.shape) == 1 else make.make("reshape", x, (-1,))


def _matmul(make: Rewriter, line: Line, users: Any, a: Value, b: Value) -> Value | None:
    if isinstance(a, Line) and isinstance(b, Line) and 1 <= len(a.shape) <= 2 and 1 <= len(b.shape) <= 2:
        return make.make("dot", a, b)
    return None


def _divide(make: Rewriter, line: Line, users: Any, x: Value, y: Value) -> Value | None:
    """Multiplying by 1 / n is cheaper than dividing every entry by n."""
    if not isinstance(x, Line) or not is_number(y) or x.dtype.char not in FAST:
        return None
    if not holds(line.dtype, y):
        return None
    if is_line(x, "multiply") and is_number(x.args[1]):
        x, over = x.args
    else:
        over = 1
    number = plain(over) / plain(y)
    return make.make("multiply", x, number) if holds(line.dtype, number) else None


WAYS: dict[str, Callable[..., Value | None]] = {
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "log_sigmoid": _log_sigmoid,
    "log_of_sigmoid": lambda make, line, users, z, a: _log_sigmoid(make, line, users, z),
    "log_of_complement": lambda make, line, users, z, a: _log_sigmoid(make, line, users, make.make("negative", z)),
    "subtract": _subtract,
    "relu": _relu,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "sum": _sum_line,
    "matmul": _matmul,
    "divide": _divide,
    "reciprocal": _reciprocal,
}
