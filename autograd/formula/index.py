"""Formulas in index notation, where transposes, broadcasting and axes of length 1 need no operation.

A `Value` is a SymPy expression with axes. Its symbols are views: an atom (a named array, a sum, a function no
algebra knows) whose axes carry labels. The labels -1, -2, ... count the axes of the value from the right, so that
NumPy's broadcasting is agreement of labels; labels above zero are summed over. The matrix product A B is the sum
over k of A[-2,k] B[k,-1], and A transposed is A[-1,-2]. (Laue, Mitterreiter, Giesen, "Computing higher order
derivatives of matrix and tensor expressions", 2018, do calculus in this notation.)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np

from ..graph import Primitive
from .lazy import sympy

Labels = tuple[Any, ...]  # of ints; None for an axis of length 1

comparisons = {"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"}
logical = {"logical_and", "logical_or", "logical_not", "logical_xor", "isnan", "isinf", "isfinite", "signbit"}


@dataclass(frozen=True, eq=False, slots=True)
class Atom:
    """Something that algebra takes whole.

    Attributes:
        kind: "name" (an array with a name), "map" (an elementwise function), "sum", or "call" (any other primitive).
        op: the name, or the primitive's name.
        shape: lengths of its axes.
        parts: map and sum: expressions whose labels -1, -2, ... are the atom's own axes; call: Values and plain data.
        bound: sum: the lengths of the labels 1, 2, ... that are summed over.
        options: keyword arguments of the primitive.
        primitive: what computes a map or a call.
        index: the order of creation.
    """

    kind: str
    op: str
    shape: tuple[int, ...]
    parts: tuple[Any, ...]
    bound: tuple[int, ...]
    options: dict[str, Any]
    primitive: Any
    index: int


@dataclass(frozen=True, slots=True)
class Value:
    """An expression in views, and the shape of the array it stands for."""

    expr: Any
    shape: tuple[int, ...]

    @property
    def axes(self) -> Labels:
        """The labels of its axes, in order."""
        return tuple(range(-len(self.shape), 0))


@dataclass
class Views:
    """The atoms of one derivation, each made once, and the views of them."""

    atoms: dict[Any, Atom] = field(default_factory=dict)
    views: dict[Any, tuple[Atom, Labels]] = field(default_factory=dict)
    symbols: dict[tuple[int, Labels], Any] = field(default_factory=dict)
    opened: dict[Any, Any] = field(default_factory=dict)
    sizes_read: dict[Atom, int] = field(default_factory=dict)
    square: dict[Atom, bool] = field(default_factory=dict)
    sizes_named: set[str] = field(default_factory=set)  # words that stand for numbers
    with_unit: bool = False  # whether a number in it is complex
    fresh: Any = field(default_factory=lambda: count(1000))

    def atom(
        self,
        kind: str,
        op: str,
        shape: tuple[int, ...],
        parts: tuple[Any, ...] = (),
        bound: tuple[int, ...] = (),
        options: dict[str, Any] | None = None,
        primitive: Any = None,
    ) -> Atom:
        """The atom with this content, made the first time it is asked for."""
        options = options or {}
        key = (kind, op, shape, tuple(map(_key, parts)), bound, tuple(sorted((k, _key(v)) for k, v in options.items())))
        if key not in self.atoms:
            self.atoms[key] = Atom(kind, op, shape, parts, bound, options, primitive, len(self.atoms))
        return self.atoms[key]

    def view(self, atom: Atom, labels: Iterable[Any]) -> Any:
        """The symbol for an atom whose axes carry these labels; an axis of length 1 carries none."""
        labels = tuple(None if n == 1 else label for n, label in zip(atom.shape, labels, strict=True))
        labels = tuple(sorted(labels)) if self.symmetric(atom) else labels
        key = (atom.index, labels)
        if key not in self.symbols:
            symbol = sympy().Symbol(f"v{atom.index:04d}_{','.join(map(str, labels))}")
            self.symbols[key] = symbol
            self.views[symbol] = (atom, labels)
        return self.symbols[key]

    def symmetric(self, atom: Atom) -> bool:
        """Whether an atom is its own transpose: the identity, Xᵀ X, the inverse of such a matrix."""
        if len(atom.shape) != 2 or atom.shape[0] != atom.shape[1] or atom.shape[0] == 1:
            return False
        if atom not in self.square:
            known = is_eye(atom) or "symmetric" in atom.options
            if atom.op == "linalg.inv" or atom.kind in ("sum", "map"):
                known = all(self.own_transpose(p.expr if isinstance(p, Value) else p) for p in atom.parts)
            self.square[atom] = known
        return self.square[atom]

    def own_transpose(self, expr: Any) -> bool:
        """Whether an expression is the same with its last two axes exchanged."""
        whole = sympy().Add(*[t for t in sympy().Add.make_args(expr) if not self.on_diagonal(t)])
        return self.relabel(whole, {-1: -2, -2: -1}) == whole

    def on_diagonal(self, expr: Any) -> bool:
        """Whether an expression is something times the identity matrix."""
        return any(f in self.views and is_eye(self.views[f][0]) for f in sympy().Mul.make_args(expr))

    def whole(self, atom: Atom) -> Value:
        """An atom as a value, its axes in their order."""
        return Value(self.view(atom, range(-len(atom.shape), 0)), atom.shape)

    def name(self, word: str, shape: tuple[int, ...], **kinds: bool) -> Value:
        """A named array.

        Args:
            kinds: condition: one of truth values, which count 1 and 0; cotangent: one of the backward pass; symmetric:
                its own transpose.
        """
        return self.whole(self.atom("name", word, shape, options={k: v for k, v in kinds.items() if v}))

    def taken(self) -> set[str]:
        """The words that stand for something, so that nothing else may be called so."""
        return self.sizes_named | {a.op for a in self.atoms.values() if a.kind == "name"}

    def unit(self) -> str:
        """The letter of the imaginary unit."""
        return next(letter for letter in ("i", "j", "1j") if letter not in self.taken())

    def eye(self, size: int, labels: Labels = (-2, -1)) -> Any:
        """The identity matrix along two labels."""
        return self.view(self.atom("call", "eye", (size, size), (size,), primitive=EYE), labels)

    def ones(self, shape: tuple[int, ...]) -> Any:
        """1 along each axis of a shape."""
        return self.whole(self.atom("call", "ones", shape, (shape,), primitive=ONES)).expr

    def is_condition(self, expr: Any) -> bool:
        """Whether an expression is 1 where something holds and 0 elsewhere: a comparison, 1 - one, or their product."""
        if expr in self.views:
            atom = self.views[expr][0]
            return (atom.kind == "map" and atom.op in comparisons | logical) or "condition" in atom.options
        if expr.is_Mul:
            return all(map(self.is_condition, expr.args))
        if expr.is_Number:
            return expr in (0, 1)
        return expr.is_Add and len(expr.args) == 2 and expr.args[0] == 1 and self.is_condition(1 - expr)

    def views_of(self, expr: Any) -> list[tuple[Atom, Labels]]:
        """The views in an expression, oldest atom first."""
        found = [self.views[s] for s in expr.free_symbols if s in self.views]
        return sorted(found, key=lambda v: (v[0].index, [0 if k is None else k for k in v[1]]))

    def labels(self, expr: Any) -> set[int]:
        """The labels that an expression varies along."""
        return {k for s in expr.free_symbols if s in self.views for k in self.views[s][1] if k is not None}

    def sizes(self, *exprs: Any) -> dict[int, int]:
        """The length of each label in the expressions."""
        found: dict[int, int] = {}
        for expr in exprs:
            for atom, labels in self.views_of(expr):
                found |= {k: n for k, n in zip(labels, atom.shape, strict=True) if k is not None}
        return found

    def relabel(self, expr: Any, change: dict[int, int]) -> Any:
        """The expression with other labels."""
        swap = {}
        for s in expr.free_symbols:
            if s in self.views:
                atom, labels = self.views[s]
                new = tuple(change.get(k, k) if k is not None else None for k in labels)
                if new != labels:
                    swap[s] = self.view(atom, new)
        return expr.xreplace(swap) if swap else expr

    def open(self, atom: Atom, labels: Labels) -> tuple[tuple[Any, ...], dict[int, int]]:
        """The parts of a viewed map or sum in the labels of the view; and its bound labels, new, with lengths."""
        if (atom, labels) in self.opened:
            return self.opened[atom, labels]
        change = {i - len(labels): k for i, k in enumerate(labels) if k is not None}
        bound = {next(self.fresh): n for n in atom.bound}
        change |= dict(zip(range(1, len(atom.bound) + 1), bound, strict=True))
        self.opened[atom, labels] = tuple(self.relabel(p, change) for p in atom.parts), bound
        return self.opened[atom, labels]

    def closed(
        self, kind: str, op: str, exprs: Sequence[Any], bound: dict[int, int], options: dict[str, Any], primitive: Any
    ) -> Any:
        """A view of the map or sum with these parts, whose atom is the same however the labels were called."""
        sizes = self.sizes(*exprs)
        order = [k for e in exprs for _, labels in self.views_of(e) for k in labels if k is not None]
        free = [k for k in dict.fromkeys(order) if k not in bound]
        summed = [k for k in dict.fromkeys(order) if k in bound]
        change = {k: i - len(free) for i, k in enumerate(free)} | {k: i + 1 for i, k in enumerate(summed)}
        park = {k: next(self.fresh) for k in change}  # in two steps, for the old and the new labels overlap
        parts = tuple(self.relabel(self.relabel(e, park), {park[k]: v for k, v in change.items()}) for e in exprs)
        shape = tuple(sizes[k] for k in free)
        atom = self.atom(kind, op, shape, parts, tuple(sizes[k] for k in summed), options, primitive)
        return self.view(atom, free)

    def names(self, expr: Any) -> set[str]:
        """The names in an expression, also those deep inside sums and functions."""
        found: set[str] = set()
        stack, seen = [expr], set()
        while stack:
            for atom, _ in self.views_of(stack.pop()):
                if atom.kind == "name":
                    found.add(atom.op)
                if atom not in seen:
                    seen.add(atom)
                    stack += [p.expr if isinstance(p, Value) else p for p in atom.parts if is_part(p)]
        return found

    def size(self, expr: Any) -> int:
        """How much there is to read in an expression."""
        if expr.is_Symbol:
            if expr not in self.views or self.views[expr][0].kind == "name":
                return 1
            atom = self.views[expr][0]
            if atom not in self.sizes_read:
                parts = [p.expr if isinstance(p, Value) else p for p in atom.parts if is_part(p)]
                self.sizes_read[atom] = 1 + sum(map(self.size, parts))
            return self.sizes_read[atom]
        if expr.is_Number:
            long = expr.is_Rational and max(abs(expr.p), expr.q) > 99999
            return 0 if abs(expr) == 1 else 3 if long else 1
        if expr.is_Pow:
            return self.size(expr.base) + (0 if expr.exp == -1 else 1)
        if expr.is_Atom:  # pi
            return 1
        ones = sum(abs(a) == 1 for a in expr.args if a.is_Number) + len(expr.args) - 1 if expr.is_Add else 0
        return ones + sum(self.size(a) for a in expr.args)


EYE = Primitive(np.eye, "eye")
ONES = Primitive(np.ones, "ones")


def is_eye(atom: Atom) -> bool:
    """Whether an atom is the identity matrix."""
    return atom.kind == "call" and atom.op == "eye"


def is_part(part: Any) -> bool:
    """Whether a part of an atom is an expression rather than plain data."""
    return isinstance(part, Value) or hasattr(part, "free_symbols")


def _key(part: Any) -> Any:
    if isinstance(part, Value):
        return part.expr, part.shape
    if isinstance(part, (tuple, list)):
        return type(part).__name__, *map(_key, part)
    if hasattr(part, "free_symbols"):
        return part
    if hasattr(part, "dtype") and getattr(part, "ndim", 0) > 0:
        return "array", id(part)
    return repr(part)
