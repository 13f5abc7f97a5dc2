"""The table of primitives that algebra can look into.

Arithmetic becomes SymPy arithmetic; whatever moves, repeats or sums entries becomes a change of labels.
"""

from inspect import signature
from typing import Any

import numpy as np

from ..graph import Primitive
from ..numpy.reductions import NONE
from ..numpy.registry import primitives
from ..program import Line
from ..shapes import count, kept_shape, normalize_axes
from .index import Value
from .lazy import sympy
from .translate import Several, Translator, arithmetic, row

arithmetic.update(
    {
        "add": lambda t, x, y: x + y,
        "subtract": lambda t, x, y: x - y,
        "multiply": lambda t, x, y: x * y,
        "divide": lambda t, x, y: x / y,
        "negative": lambda t, x: -x,
        "positive": lambda t, x: x,
        "reciprocal": lambda t, x: 1 / x,
        "square": lambda t, x: x**2,
        "sqrt": lambda t, x: sympy().sqrt(x),
        "identity": lambda t, x: x,
        "astype": lambda t, x, dtype: x,
        "zeros_like": lambda t, x: sympy().Integer(0),
        "ones_like": lambda t, x: sympy().Integer(1),
        "log1p": lambda t, x: t.map("log", [1 + x], {}, primitives["log"]),
        "expm1": lambda t, x: t.map("exp", [x], {}, primitives["exp"]) - 1,
        "scipy.special.xlogy": lambda t, x, y: x * t.map("log", [y], {}, primitives["log"]),
    }
)


# -- elementwise, with conditions ----------------------------------------------------------------------------------


@row("where")
def _where(t: Translator, line: Line, c: Any, x: Any, y: Any) -> Value | None:
    c, x, y = t.expr(c), t.expr(x), t.expr(y)
    if c in (0, 1):  # a condition on numbers alone
        return Value(x if c == 1 else y, line.shape)
    if not t.table.is_condition(c) or x.is_infinite or y.is_infinite:
        return None
    mul, inside = sympy().Mul, (_branch(t, c, x, 0), _branch(t, c, y, 1))
    guarded = inside != (x, y)
    x, y = inside
    if (x == 0 or y == 0) and not guarded:
        return Value(c * x if y == 0 else (1 - c) * y, line.shape)  # a condition counts 1 or 0
    x, y = t.table.reduced(x), t.table.reduced(y)
    other = mul.make_args(y if x == 0 else x)
    both = [f for f in mul.make_args(y or x) if f in other or f.is_Rational]
    both = [f for f in both if f in t.symbols or 1 / f in t.symbols or not f.as_base_exp()[1].is_negative]
    x, y = x / mul(*both), y / mul(*both)
    chosen = 1 - c if (x, y) == (0, 1) else t.table.map("where", [c, x, y], {}, line.primitive)
    return Value(mul(*both) * chosen, line.shape)


def _branch(t: Translator, c: Any, expr: Any, which: int) -> Any:
    """An expression where `c` is known to hold (0) or not (1): a choice by the same condition in it is made."""
    swap = {}
    for symbol in expr.free_symbols:
        atom, labels = t.table.views.get(symbol, (None, ()))
        if atom is not None and atom.kind == "map" and atom.op == "where":
            (condition, *branches), _ = t.table.open(atom, labels)
            if condition == c:
                swap[symbol] = branches[which]
    return expr.xreplace(swap) if swap else expr


@row("power", "float_power")
def _power(t: Translator, line: Line, x: Any, y: Any) -> Value | None:
    base, exponent = t.expr(x), t.expr(y)
    if exponent.is_Rational or not (base.is_Number or t.table.labels(exponent)):
        return Value(base**exponent, line.shape)
    return None  # 10^x is a function of each entry, as exp is


@row("not_equal")
def _not_equal(t: Translator, line: Line, x: Any, y: Any) -> Value | None:
    if t.expr(y) == 0 and t.table.is_condition(t.expr(x)):
        return Value(t.expr(x), line.shape)
    return _compare(t, line, x, y)


SWAPPED = {"less": "greater", "greater": "less", "less_equal": "greater_equal", "greater_equal": "less_equal"}


@row("equal", *SWAPPED)
def _compare(t: Translator, line: Line, x: Any, y: Any) -> Value | None:
    difference = t.expr(x) - t.expr(y)  # m sigma = 0 where sigma = 0, and x > -2 x where x > 0
    scale = sympy().Mul(*[f for f in sympy().Mul.make_args(difference) if f in t.symbols or f.is_Rational])
    if difference.is_Number or difference.is_Add or (scale == 1 and t.expr(y) == 0):
        return None
    name = line.primitive.name  # type: ignore[union-attr]
    name = SWAPPED.get(name, name) if scale.is_negative else name
    return Value(t.table.map(name, [difference / scale, sympy().Integer(0)], {}, primitives[name]), line.shape)


@row("logical_and", "logical_or", "logical_not")
def _conditions(t: Translator, line: Line, *args: Any) -> Value | None:
    exprs = [t.expr(a) for a in args]
    if not all(map(t.table.is_condition, exprs)):
        return None
    name = line.primitive.name  # type: ignore[union-attr]
    if name == "logical_not":
        return Value(1 - exprs[0], line.shape)
    x, y = exprs
    if name == "logical_and" and _same_infinity(t, x, y):
        return Value(sympy().Integer(0), line.shape)
    return Value(x if x == y else x * y if name == "logical_and" else x + y - x * y, line.shape)


def _same_infinity(t: Translator, x: Any, y: Any) -> bool:
    """Whether the conditions are that a is infinite and a = b, which logaddexp asks: a formula is of finite numbers."""
    one, other = (t.table.views.get(c, (None, ())) for c in (x, y))
    if one[0] is None or other[0] is None or (one[0].op, other[0].op) != ("isinf", "equal"):
        return False
    same = set().union(*(part.free_symbols for part in t.table.open(*other)[0]))
    return t.table.open(*one)[0][0].free_symbols <= same


@row("any", "all")
def _any(t: Translator, line: Line, x: Any, *args: Any, **kwargs: Any) -> Value | None:
    truth = t.table.reduced(t.expr(x))
    return Value(truth, line.shape) if truth in (0, 1) and np.prod(x.shape) else None


@row("softmax", "log_softmax")
def _softmax(t: Translator, line: Line, x: Any, axis: Any = -1) -> Value | None:
    if isinstance(axis, tuple) and len(axis) == 1:
        (axis,) = axis
    if not isinstance(axis, (int, np.integer)):
        return None
    return t.table.call(line.primitive, [x], {"axis": int(axis) % len(line.shape)}, line.shape)


@row("sigmoid")
def _sigmoid(t: Translator, line: Line, x: Any) -> Value | None:
    expr = t.expr(x)
    if (-expr).is_Symbol:  # sigmoid(-x) = 1 - sigmoid(x)
        return Value(1 - t.table.map("sigmoid", [-expr], {}, line.primitive), line.shape)
    return None


@row("real", "imag", "conjugate")
def _part(t: Translator, line: Line, x: Any) -> Value:
    source, name = line.args[0], line.primitive.name  # type: ignore[union-attr]
    if isinstance(source, Line) and source.dtype.kind != "c" and name != "imag":
        return t.value(x)
    number, rest = t.table.reduced(t.expr(x)).as_coeff_Mul()
    return Value(number * t.table.map(name, [rest], {}, line.primitive), line.shape)


# -- moving axes ---------------------------------------------------------------------------------------------------


@row("transpose")
def _transpose(t: Translator, line: Line, x: Any, axes: Any = None) -> Value:
    n = len(line.shape)
    order = tuple(range(n))[::-1] if axes is None else tuple(int(a) % n for a in axes)
    return t.moved(x, [order.index(i) for i in range(n)], line.shape)


@row("swapaxes", "moveaxis", "rollaxis", "matrix_transpose")
def _permute(t: Translator, line: Line, x: Any, *args: Any, **kwargs: Any) -> Value:
    n = len(x.shape)  # the primitive itself says where axes go, on an array whose lengths name its axes
    moved = line.primitive.fun(np.empty(tuple(range(1, n + 1))), *args, **kwargs).shape  # type: ignore[union-attr]
    return t.moved(x, [moved.index(i + 1) for i in range(n)], line.shape)


@row("reshape", "expand_dims", "squeeze")
def reshaped(t: Translator, line: Line, x: Any, *args: Any, order: str = "C", **kwargs: Any) -> Value | None:
    x = t.value(x)
    x = _before_reshaping(t, x) if order == "C" else x
    old = [(i, n) for i, n in enumerate(x.shape) if n != 1]
    new = [(i, n) for i, n in enumerate(line.shape) if n != 1]
    if [n for _, n in old] != [n for _, n in new]:
        return None if order != "C" else t.table.call(primitives["reshape"], [x, line.shape], {}, line.shape)
    places: list[int | None] = [None] * len(x.shape)
    for (i, _), (j, _) in zip(old, new, strict=True):
        places[i] = j
    return t.moved(x, places, line.shape)


def _before_reshaping(t: Translator, x: Value) -> Value:
    """What a value was before its entries got this shape; or itself."""
    arrays = [f for f in sympy().Mul.make_args(x.expr) if t.table.labels(f)]
    atom = t.table.views.get(arrays[0], (None,))[0] if len(arrays) == 1 else None
    if atom is None or atom.op != "reshape" or atom.options or t.table.whole(atom) != Value(arrays[0], x.shape):
        return x
    before = atom.parts[0]
    return Value(x.expr / arrays[0] * before.expr, before.shape)


@row("place_diagonal")
def _place_diagonal(t: Translator, line: Line, d: Any, shape: Any, offset: int, *axes: int) -> Value | None:
    if offset or len(shape) != 2 or shape[0] != shape[1]:
        return None
    return Value(t.table.relabel(t.expr(d), {-1: -2}) * t.table.eye(shape[0]), line.shape)


@row("broadcast_to")
def _broadcast(t: Translator, line: Line, x: Any, shape: Any) -> Value:
    return Value(t.expr(x), line.shape)


@row("linalg.inv")
def _inverse(t: Translator, line: Line, x: Any) -> Value | None:
    return Value(1 / t.expr(x), line.shape) if line.shape[-1] == 1 else None


@row("item")
def _item(t: Translator, line: Line, results: Several, i: int) -> Value:
    return t.table.call(RESULT, results.args, {"of": results.primitive, "number": i, **results.kwargs}, line.shape)


RESULT = Primitive(lambda *args, of, number, **kwargs: of.fun(*args, **kwargs)[number], "item")


# -- sums and products of arrays -----------------------------------------------------------------------------------


@row("sum")
def _sum(t: Translator, line: Line, x: Any, axis: Any = None, *args: Any, **kwargs: Any) -> Value:
    x, initial = t.value(x), kwargs.get("initial", next(iter(args[3:4]), None))  # behind dtype, out and keepdims
    axes = normalize_axes(axis, len(x.shape))
    bound = {i - len(x.shape): next(t.table.fresh) for i in axes if x.shape[i] != 1}
    expr = t.table.sum(t.table.relabel(x.expr, bound), {k: x.shape[i] for i, k in bound.items()})
    expr = expr if initial is None or initial is NONE else expr + t.expr(initial)
    kept = kept_shape(x.shape, axis)
    if kept == line.shape:
        return Value(expr, kept)
    left = [i for i in range(len(kept)) if i not in axes]
    return t.moved(Value(expr, kept), [left.index(i) if i in left else None for i in range(len(kept))], line.shape)


@row("mean")
def _mean(t: Translator, line: Line, x: Any, axis: Any = None, *args: Any, **kwargs: Any) -> Value:
    total = _sum(t, line, x, axis, *args, **kwargs)
    return Value(total.expr / t.number(count(t.value(x).shape, axis)), total.shape)


@row("max", "min", "prod", "var", "std", "cumsum", "argmax", "argmin")
def _reduction(t: Translator, line: Line, x: Any, *args: Any, **kwargs: Any) -> Value:
    words = list(signature(line.primitive.fun).parameters)[1:]  # type: ignore[union-attr]
    given = {**dict(zip(words, args, strict=False)), **kwargs}
    options = {k: v for k, v in given.items() if v is not None and v is not False and v is not NONE}
    return t.table.call(line.primitive, [t.value(x)], options, line.shape)


@row("matmul")
def _matmul(t: Translator, line: Line, a: Any, b: Any) -> Value:
    batch_a, batch_b = list(range(len(a.shape) - 2, 0, -1)), list(range(len(b.shape) - 2, 0, -1))
    rows = ["row"] if len(a.shape) > 1 else []
    columns = ["column"] if len(b.shape) > 1 else []
    batch = max(batch_a, batch_b, key=len)
    left = (a, [*batch_a, *rows, "inner"])
    right = (b, [*batch_b, "inner", *columns])
    made = t.product([left, right], [*batch, *rows, *columns])
    return Value(made.expr, line.shape)


@row("dot", "inner", "outer", "tensordot")
def _contract(t: Translator, line: Line, a: Any, b: Any, axes: Any = 2) -> Value | None:
    a, b, name = t.value(a), t.value(b), line.primitive.name  # type: ignore[union-attr]
    n, k = len(a.shape), len(b.shape)
    if name == "outer":
        return t.product([(a, ["row"]), (b, ["column"])], ["row", "column"]) if n == k == 1 else None
    if n == 0 or k == 0:
        return Value(a.expr * b.expr, line.shape)
    if name == "tensordot":
        if isinstance(axes, (int, np.integer)):
            pairs = [(n - axes + i, i) for i in range(axes)]
        else:
            pairs = list(zip(normalize_axes(axes[0], n), normalize_axes(axes[1], k), strict=True))
    else:
        pairs = [(n - 1, k - 1 if name == "inner" else max(k - 2, 0))]
    partner = {j: i for i, j in pairs}
    left = [("a", i) for i in range(n)]
    right = [("a", partner[j]) if j in partner else ("b", j) for j in range(k)]
    out = [c for i, c in enumerate(left) if i not in dict(pairs)] + [c for c in right if c[0] == "b"]
    return t.product([(a, left), (b, right)], out)


@row("einsum")
def _einsum(t: Translator, line: Line, subscripts: str, *operands: Any, **kwargs: Any) -> Value | None:
    inputs, arrow, out = subscripts.replace(" ", "").partition("->")
    if "..." in subscripts:
        return None
    if not arrow:
        out = "".join(sorted(c for c in set(inputs) if c != "," and inputs.count(c) == 1))
    made = t.product([(t.value(x), term) for x, term in zip(operands, inputs.split(","), strict=True)], out)
    return Value(made.expr, line.shape)
