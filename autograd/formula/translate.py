"""A Program's lines as Values, through the rows that `rows` enters for the primitives algebra can look into.

A primitive without a row is taken whole: by entries if it is elementwise, else as `name(...)` of its arguments.
"""

import math
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product as combinations
from typing import Any

import numpy as np

from ..graph import Primitive
from ..numpy.registry import primitives
from ..program import Line
from .index import Atom, Value
from .lazy import sympy
from .table import Table

LARGEST_ROOT = 4096  # of whole numbers up to this, the root is recognised
LARGEST_OF_PI = 360  # below the bar beside pi: pi / 180 is recognised
ROUNDING = 4e-16  # what one operation of float64 leaves: 0.3 * 0.3 is 9 / 100 and 1 / 3 - 1 is -2 / 3
Row = Callable[..., Any]

# of expressions: (table, *expressions) -> expression
arithmetic: dict[str, Row] = {}
# of arrays: (translator, line, *args, **kwargs) -> Value, or None if the row does not fit these arguments
structure: dict[str, Row] = {}


@dataclass(frozen=True)
class Several:
    """A line with several results: they become Values where they are taken out."""

    primitive: Primitive
    args: list[Any]
    kwargs: dict[str, Any]


def row(*names: str) -> Callable[[Row], Row]:
    """Enter a function into `structure` for these primitives."""

    def enter(fun: Row) -> Row:
        structure.update(dict.fromkeys(names, fun))
        return fun

    return enter


class Translator:
    """Turns lines into Values in a table.

    Args:
        table: where the atoms are made.
        sizes: words for numbers: {"m": 5000} writes m for 5000 and 1/m for 1/5000.
        taken: names that stand for something else: where pi does, its multiples are written as decimals.
    """

    def __init__(self, table: Table, sizes: dict[str, float] | None = None, taken: Container[str] = ()) -> None:
        self.table, self.with_pi = table, "pi" not in taken and "pi" not in (sizes or {})
        self.sizes = {word: (sympy().Symbol(word, positive=True), float(n)) for word, n in (sizes or {}).items()}
        self.symbols = {symbol for symbol, _ in self.sizes.values()}
        self.values: dict[Line, Value] = {}
        table.length, table.sizes_named = self.number, set(self.sizes)

    def __call__(self, line: Line) -> Any:
        """The value of a line; those of its arguments must be in `values`."""
        assert line.primitive is not None
        name, args = line.primitive.name, [self.values[a] if isinstance(a, Line) else a for a in line.args]
        if isinstance(line.value, tuple):
            return Several(line.primitive, args, line.kwargs)
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

    def function(self, name: str, x: Value) -> Value:
        """A function of each entry, by the name of its primitive."""
        return Value(self.table.map(name, [x.expr], {}, primitives[name]), x.shape)

    def number(self, x: Any) -> Any:
        """A number as an exact fraction, or as the words that `sizes` has for it."""
        x = x.item() if hasattr(x, "item") else x
        if isinstance(x, complex):
            self.table.with_unit = True
            return self.number(x.real) + sympy().I * self.number(x.imag)
        if x != x or x in (float("inf"), float("-inf")):
            return sympy().nan if x != x else sympy().oo * (1 if x > 0 else -1)
        simple = Fraction(x).limit_denominator(4)
        own = any(abs(x) == n for _, n in self.sizes.values())
        if self.sizes and (own or not (float(simple) == x and abs(simple) <= 2)):
            word = self.word(float(x))
            if word is not None:
                return word
        near = Fraction(x).limit_denominator(100000)
        if abs(near - Fraction(x)) <= ROUNDING * abs(x):
            return sympy().Rational(near)
        found = _root(float(x)) or (_of_pi(float(x)) if self.with_pi else None)
        return found or sympy().Rational(Fraction(repr(float(x))))

    def word(self, x: float) -> Any:
        """x as a product of the named sizes, their inverses and roots, times a small number; None if it is not one.

        Whole numbers are often met by chance: of whole sizes no squares are looked for, and no thirds or fourths; and
        no whole number is made of sizes that are not.
        """
        found = None
        whole = [n == int(n) for _, n in self.sizes.values()]
        for powers in combinations(*[(0, 1, -1, 0.5, -0.5, *([] if w else [2, -2])) for w in whole]):
            broken = not any(w and p for w, p in zip(whole, powers, strict=True))
            if broken and x == int(x):
                continue
            rough = math.prod(n**p for (_, n), p in zip(self.sizes.values(), powers, strict=True))
            for factor in (1, 2, 0.5, *([3, 1 / 3, 4, 0.25] if broken else [])):
                if any(powers) and abs(factor * rough - abs(x)) <= 1e-12 * abs(x):
                    cost = sum(map(abs, powers)) + int(factor != 1)
                    if found is None or cost < found[0]:
                        found = cost, factor if x > 0 else -factor, powers
        if found is None:
            return None
        _, factor, powers = found
        exact = [symbol ** sympy().Rational(p) for (symbol, _), p in zip(self.sizes.values(), powers, strict=True)]
        return sympy().Rational(Fraction(factor).limit_denominator(4)) * sympy().Mul(*exact)

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


def _root(x: float) -> Any:
    """A number as the root of a whole one or 1 over it, sqrt(2) / 2 for 0.7071067811865475; None if it is not that."""
    size = abs(x)
    for base, power in ((size, 1), (1 / size, -1)):
        square = base * base
        whole = round(square) if square <= LARGEST_ROOT else 0
        if whole and abs(square - whole) <= 1e-15 * whole:
            return (1 if x > 0 else -1) * sympy().sqrt(whole) ** power
    return None


def _of_pi(x: float) -> Any:
    """A number as a fraction times a power of pi or of its root, sqrt(2 pi) among them; None if it is not that."""
    sp = sympy()
    for power in (1, -1, 2, -2):  # of x pi^power as it is, and of its square
        for root in (1, 2):
            rest = abs(x) ** root * math.pi**-power
            near = Fraction(rest).limit_denominator(LARGEST_OF_PI)
            if near and near.numerator <= LARGEST_ROOT and abs(rest - near) <= 1e-15 * root * rest:
                size = sp.Rational(near) ** sp.Rational(1, root) * sp.pi ** sp.Rational(power, root)
                return size if x > 0 else -size
    return None


def is_number(x: Any) -> bool:
    """Whether x is a plain number (arrays of no axes among them)."""
    return isinstance(x, (int, float, complex)) or (hasattr(x, "dtype") and getattr(x, "shape", None) == ())
