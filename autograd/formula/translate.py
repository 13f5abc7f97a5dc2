"""A Program's lines as Values: one row for each primitive that algebra can look into.

Arithmetic becomes SymPy arithmetic; whatever moves, repeats or sums entries becomes a change of labels. A primitive
without a row is taken whole: by entries if it is elementwise, else as `name(...)` of its arguments.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product as combinations
from typing import Any

import numpy as np

from ..numpy.registry import primitives
from ..program import Line
from ..shapes import count, kept_shape, normalize_axes
from .index import Atom, Table, Value
from .lazy import sympy

Row = Callable[..., Any]

# exprs in, expr out
arithmetic: dict[str, Row] = {
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


def row(*names: str) -> Callable[[Row], Row]:
    """Enter a function into the table of structural primitives: `(translator, line, *args, **kwargs) -> Value`."""

    def enter(fun: Row) -> Row:
        structure.update(dict.fromkeys(names, fun))
        return fun

    return enter


structure: dict[str, Row] = {}


class Translator:
    """Turns lines into Values in a table.

    Args:
        table: where the atoms are made.
        sizes: words for numbers: {"m": 5000} writes m for 5000 and 1/m for 1/5000.
    """

    def __init__(self, table: Table, sizes: dict[str, float] | None = None) -> None:
        self.table = table
        self.sizes = {word: (sympy().Symbol(word, positive=True), float(n)) for word, n in (sizes or {}).items()}
        self.values: dict[Line, Value] = {}
        table.length = self.number

    def __call__(self, line: Line) -> Value:
        """The value of a line; those of its arguments must be in `values`."""
        assert line.primitive is not None
        name, args = line.primitive.name, [self.values[a] if isinstance(a, Line) else a for a in line.args]
        if name in arithmetic and (name == "astype" or not line.kwargs):
            exprs = [a if name == "astype" and i else self.expr(a) for i, a in enumerate(args)]
            return Value(arithmetic[name](self.table, *exprs), line.shape)
        if name in structure:
            made = structure[name](self, line, *args, **line.kwargs)
            if made is not None:
                return made
        if line.primitive.elementwise and all(isinstance(a, Value) or is_number(a) for a in args):
            expr = self.table.map(name, [self.expr(a) for a in args], line.kwargs, line.primitive)
            return Value(expr, line.shape)
        return self.table.call(line.primitive, args, line.kwargs, line.shape)

    def expr(self, x: Any) -> Any:
        """The expression of a Value or a number."""
        return x.expr if isinstance(x, Value) else self.number(x)

    def value(self, x: Any) -> Value:
        """A number as a Value too."""
        return x if isinstance(x, Value) else Value(self.number(x), getattr(x, "shape", ()))

    def number(self, x: Any) -> Any:
        """A number as an exact fraction, or as the words that `sizes` has for it."""
        x = x.item() if hasattr(x, "item") else x
        if isinstance(x, complex):
            return self.number(x.real) + sympy().I * self.number(x.imag)
        if x != x or x in (float("inf"), float("-inf")):
            return sympy().nan if x != x else sympy().oo * (1 if x > 0 else -1)
        simple = Fraction(x).limit_denominator(4)
        if self.sizes and not (float(simple) == x and abs(simple) <= 2):
            word = self.word(float(x))
            if word is not None:
                return word
        near = Fraction(x).limit_denominator(100000)
        return sympy().Rational(near if float(near) == float(x) else Fraction(repr(float(x))))

    def word(self, x: float) -> Any:
        """x as a product of the named sizes, their inverses and roots, times 1, 2 or 1/2; None if it is not one."""
        half, found = sympy().Rational(1, 2), None
        for powers in combinations((0, 1, -1, half, -half), repeat=len(self.sizes)):
            for factor in (1, 2, half):
                named = zip(self.sizes.values(), powers, strict=True)
                candidate, size = factor, float(factor)
                for (symbol, n), power in named:
                    candidate, size = candidate * symbol**power, size * n ** float(power)
                if any(powers) and abs(size - abs(x)) <= 1e-12 * abs(x):
                    cost = sum(map(abs, powers)) + int(factor != 1)
                    if found is None or cost < found[0]:
                        found = cost, candidate if x > 0 else -candidate
        return None if found is None else found[1]

    def moved(self, x: Value, places: Sequence[int | None], shape: tuple[int, ...]) -> Value:
        """The value with axis i put at axis places[i] of `shape`; None for an axis of length 1 that goes."""
        old, new = len(x.shape), len(shape)
        change = {i - old: p - new for i, p in enumerate(places) if p is not None}
        return Value(self.table.relabel(x.expr, change), shape)

    def part(self, x: Value, parts: Sequence[Any], shape: tuple[int, ...]) -> Value | None:
        """x[parts] for one number or slice among full slices: the part of each array that x is computed from."""
        picked = [i for i, p in enumerate(parts) if not (isinstance(p, slice) and p == slice(None))]
        if len(picked) != 1 or not isinstance(parts[picked[0]], (int, np.integer, slice)):
            return None
        axis, at = picked[0], parts[picked[0]]
        gone = not isinstance(at, slice)
        label, old, new = axis - len(x.shape), len(x.shape), len(shape)
        if x.shape[axis] == 1 or (not gone and shape[axis] == 1):
            return None
        change = {i - old: i - (i > axis and gone) - new for i in range(old) if not (gone and i == axis)}
        if any(label not in labels for _, labels in self.table.views_of(x.expr)):
            return None  # a broadcast array keeps its own axes
        swap = {}
        for atom, labels in self.table.views_of(x.expr):
            if labels.count(label) != 1:
                return None
            made = self.piece(atom, labels.index(label), at)
            own = [k for k in labels if not (gone and k == label)]
            moved = {i - len(own): change[k] for i, k in enumerate(own) if k is not None}
            swap[self.table.view(atom, labels)] = self.table.relabel(made.expr, moved)
        return Value(x.expr.xreplace(swap), shape)

    def piece(self, atom: Atom, axis: int, at: Any) -> Value:
        """An atom at one index of an axis, or over a slice of it; arrays that were joined come apart again."""
        values = [p for p in atom.parts if isinstance(p, Value)]
        joined = (atom.options.get("axis") or 0) % max(len(atom.shape), 1) == axis if atom.kind == "call" else False
        if joined and atom.op == "stack" and not isinstance(at, slice):
            return values[at]
        if joined and atom.op == "concatenate" and isinstance(at, slice):
            start = 0
            for value in values:
                stop = start + value.shape[axis]
                if at.indices(atom.shape[axis]) == (start, stop, 1):
                    return value
                start = stop
        n = atom.shape[axis]
        length = len(range(*at.indices(n))) if isinstance(at, slice) else None
        shape = (*atom.shape[:axis], *([] if length is None else [length]), *atom.shape[axis + 1 :])
        parts = (self.table.whole(atom), *[slice(None)] * axis, at)
        return self.table.whole(self.table.atom("call", "index", shape, parts, primitive=primitives["index"]))

    def product(self, factors: Sequence[tuple[Value, Sequence[Any]]], out: Sequence[Any]) -> Value:
        """Einstein's sum: each factor with a letter for each axis, and the letters of the result."""
        letters = dict.fromkeys(c for _, own in factors for c in own)
        label = {c: next(self.table.fresh) for c in letters}
        length: dict[Any, int] = {}
        expr = sympy().Integer(1)
        for x, own in factors:
            length |= {c: n for c, n in zip(own, x.shape, strict=True) if n != 1 or c not in length}
            change = {i - len(own): label[c] for i, c in enumerate(own)}
            expr *= self.table.relabel(self.table.reduced(x.expr), change)
        expr = self.table.sum(expr, {label[c]: length[c] for c in letters if c not in out and length[c] != 1})
        place = {label[c]: i - len(out) for i, c in enumerate(out)}
        return Value(self.table.relabel(expr, place), tuple(length[c] for c in out))


def is_number(x: Any) -> bool:
    """Whether x is a plain number (arrays of no axes among them)."""
    return isinstance(x, (int, float, complex)) or (hasattr(x, "dtype") and getattr(x, "shape", None) == ())


# -- elementwise, with conditions ----------------------------------------------------------------------------------


@row("where")
def _where(t: Translator, line: Line, c: Any, x: Any, y: Any) -> Value | None:
    c, x, y = t.expr(c), t.expr(x), t.expr(y)
    if not t.table.is_condition(c) or x.is_infinite or y.is_infinite:
        return None
    if x == 0 or y == 0:
        return Value(c * x if y == 0 else (1 - c) * y, line.shape)  # a condition counts 1 or 0
    x, y = t.table.reduced(x), t.table.reduced(y)
    mul = sympy().Mul
    both = [f for f in mul.make_args(y) if f in mul.make_args(x) or f.is_Rational]
    if not both:
        return None
    inside = t.table.map("where", [c, x / mul(*both), y / mul(*both)], {}, line.primitive)
    return Value(mul(*both) * inside, line.shape)


@row("power", "float_power")
def _power(t: Translator, line: Line, x: Any, y: Any) -> Value | None:
    exponent = t.expr(y)
    if exponent.is_Rational or not t.table.labels(exponent):
        return Value(t.expr(x) ** exponent, line.shape)
    return None


@row("not_equal")
def _not_equal(t: Translator, line: Line, x: Any, y: Any) -> Value | None:
    return Value(t.expr(x), line.shape) if t.expr(y) == 0 and t.table.is_condition(t.expr(x)) else None


@row("logical_and", "logical_or", "logical_not")
def _conditions(t: Translator, line: Line, *args: Any) -> Value | None:
    exprs = [t.expr(a) for a in args]
    if not all(map(t.table.is_condition, exprs)):
        return None
    name = line.primitive.name  # type: ignore[union-attr]
    if name == "logical_not":
        return Value(1 - exprs[0], line.shape)
    x, y = exprs
    return Value(x if x == y else x * y if name == "logical_and" else x + y - x * y, line.shape)


@row("softmax", "log_softmax")
def _softmax(t: Translator, line: Line, x: Any, axis: Any = -1) -> Value | None:
    if not isinstance(axis, (int, np.integer)):
        return None
    return t.table.call(line.primitive, [x], {"axis": int(axis) % len(line.shape)}, line.shape)


@row("sigmoid")
def _sigmoid(t: Translator, line: Line, x: Any) -> Value | None:
    expr = t.expr(x)
    if (-expr).is_Symbol:  # sigmoid(-x) = 1 - sigmoid(x)
        return Value(1 - t.table.map("sigmoid", [-expr], {}, line.primitive), line.shape)
    return None


@row("real", "conjugate")
def _of_real(t: Translator, line: Line, x: Any) -> Value | None:
    source = line.args[0]
    return t.value(x) if isinstance(source, Line) and source.dtype.kind != "c" else None


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
def _reshape(t: Translator, line: Line, x: Any, *args: Any, **kwargs: Any) -> Value | None:
    x = t.value(x)
    old = [(i, n) for i, n in enumerate(x.shape) if n != 1]
    new = [(i, n) for i, n in enumerate(line.shape) if n != 1]
    if [n for _, n in old] != [n for _, n in new]:
        return None
    places: list[int | None] = [None] * len(x.shape)
    for (i, _), (j, _) in zip(old, new, strict=True):
        places[i] = j
    return t.moved(x, places, line.shape)


@row("broadcast_to")
def _broadcast(t: Translator, line: Line, x: Any, shape: Any) -> Value:
    return Value(t.expr(x), line.shape)


@row("index")
def _index(t: Translator, line: Line, x: Any, *parts: Any) -> Value | None:
    x = t.value(x)
    if all(p is None or p is Ellipsis or (isinstance(p, slice) and p == slice(None)) for p in parts):
        return _reshape(t, line, x)
    return t.part(x, parts, line.shape)


# -- sums and products of arrays -----------------------------------------------------------------------------------


@row("sum")
def _sum(t: Translator, line: Line, x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Value:
    x = t.value(x)
    axes = normalize_axes(axis, len(x.shape))
    bound = {i - len(x.shape): next(t.table.fresh) for i in axes if x.shape[i] != 1}
    expr = t.table.sum(t.table.relabel(x.expr, bound), {k: x.shape[i] for i, k in bound.items()})
    kept = kept_shape(x.shape, axis)
    if keepdims:
        return Value(expr, kept)
    left = [i for i in range(len(kept)) if i not in axes]
    return t.moved(Value(expr, kept), [left.index(i) if i in left else None for i in range(len(kept))], line.shape)


@row("mean")
def _mean(t: Translator, line: Line, x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Value:
    total = _sum(t, line, x, axis, dtype, keepdims)
    return Value(total.expr / t.number(count(t.value(x).shape, axis)), total.shape)


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
