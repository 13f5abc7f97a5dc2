"""Algebra with conditions and lengths: what a comparison, a sign or a division that minds zero makes of a product."""

from dataclasses import dataclass
from typing import Any

from ..numpy.registry import primitives
from .index import Atom, is_eye
from .lazy import sympy
from .picking import one_of_each_row
from .table import Table

# for which order of two numbers a comparison holds; two of them hold together where both do
ORDERS = {
    "less": {"<"}, "equal": {"="}, "greater": {">"}, "less_equal": {"<", "="}, "greater_equal": {">", "="},
    "not_equal": {"<", ">"},
}  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """A named value and what it was computed from: `name = definition`, entry by entry."""

    name: Any
    definition: Any


class Conditions:
    """The part of `Algebra` for expressions with conditions.

    Args:
        table: where the atoms are.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.defined: list[Fact] = []

    def meaning(self, view: Any) -> Any:
        """What a view of a named value was computed from; anything else as it is."""
        atom, labels = self.table.views.get(view, (None, ()))
        for fact in self.defined:
            named, own = self.table.views[fact.name]
            if named is atom:
                change = {k: new for k, new in zip(own, labels, strict=True) if k is not None}
                return self.table.relabel(fact.definition, change)
        return view

    def conditions(self, expr: Any) -> Any:
        """A condition is 0 or 1, so its powers are itself, and two that compare the same things are one, or 0."""
        swap = {p: p.base for p in expr.atoms(sympy().Pow) if p.exp.is_positive and self.zero_or_one(p.base)}
        expr = expr.xreplace(swap) if swap else expr
        for rewrite in (self.compared, self.asked_once, self.picked, self.signed, self.safely_divided):
            expr = expr.xreplace({p: one for p in expr.atoms(sympy().Mul) if (one := rewrite(p)) != p})
        return expr

    def zero_or_one(self, expr: Any) -> bool:
        """Whether an expression is a condition or the identity matrix."""
        return self.table.is_condition(expr) or (expr in self.table.views and is_eye(self.table.views[expr][0]))

    def compared(self, product: Any) -> Any:
        """A product in which factors that compare the same two things have become one."""
        found: dict[Any, Any] = {}
        rest = []
        for f in product.args:
            atom, labels = self.table.views.get(f, (None, ()))
            if atom is None or atom.op not in ORDERS or atom.kind != "map":
                rest.append(f)
                continue
            parts = self.table.open(atom, labels)[0]
            found[parts] = found.get(parts, {"<", "=", ">"}) & ORDERS[atom.op]
        if len(found) + len(rest) == len(product.args):
            return product
        if set() in found.values():
            return sympy().Integer(0)
        names = {frozenset(orders): op for op, orders in ORDERS.items()}
        ops = {parts: names[frozenset(orders)] for parts, orders in found.items()}
        return sympy().Mul(*rest, *[self.map(op, *parts) for parts, op in ops.items()])

    def asked_once(self, product: Any) -> Any:
        """A product without a condition that another factor asks by itself: max(x, 0) 1[x > 0] is max(x, 0)."""
        for c in product.args:
            pair, orders = self.comparison(c)
            others = [f for f in product.args if f is not c]
            if pair and any(all(self.vanishes(f, pair, o) for o in {"<", "=", ">"} - orders) for f in others):
                return sympy().Mul(*others)
        return product

    def comparison(self, expr: Any) -> tuple[Any, set[str]]:
        """What a condition compares, and for which orders of the two it holds; nothing for another expression."""
        opposite = expr.is_Add and (1 - expr).is_Symbol
        atom, labels = self.table.views.get(1 - expr if opposite else expr, (None, ()))
        if atom is None or atom.kind != "map" or atom.op not in ORDERS:
            return None, set()
        orders = ORDERS[atom.op]
        return self.table.open(atom, labels)[0], {"<", "=", ">"} - orders if opposite else orders

    def vanishes(self, expr: Any, pair: Any, order: str) -> bool:
        """Whether an expression is 0 where the two of a pair are in that order."""
        if expr == 0 or (expr.is_Pow and expr.exp.is_positive):
            return expr == 0 or self.vanishes(expr.base, pair, order)
        own, orders = self.comparison(expr)
        if own == pair:
            return order not in orders
        condition, yes, no = self.parts(expr, "where") or (expr, 1, 1)
        own, orders = self.comparison(condition)
        if own == pair:
            return self.vanishes(yes if order in orders else no, pair, order)
        x, zero = pair
        clipped = self.parts(expr, "relu") or self.parts(expr, "maximum")
        return zero == 0 and order != ">" and x in clipped and {*clipped} <= {x, zero}

    def picked(self, product: Any) -> Any:
        """P[arange(m), y], the entries that one_hot(y) picks, as P beside one_hot(y)."""
        for f in product.args:
            hot, labels = self.table.views.get(f, (None, ()))
            if hot is None or hot.op != "one_hot" or None in labels:
                continue
            swap = {}
            for g in product.free_symbols:
                atom, own = self.table.views.get(g, (None, ()))
                if atom is not None and atom.op == "index" and own == labels[:1]:
                    whole = atom.parts[0]
                    made = one_of_each_row(self.table, whole, hot.parts[0])
                    if made.expr in self.table.views and self.table.views[made.expr][0] is atom:
                        swap[g] = self.table.relabel(whole.expr, dict(zip((-2, -1), labels, strict=True)))
            if swap:
                return product.xreplace(swap)
        return product

    def signed(self, product: Any) -> Any:
        """|x| sign(x) as x."""
        for f in product.args:
            (x,) = self.parts(f, "sign") or (None,)
            if x is not None and (size := self.map("absolute", x)) in product.args:
                return product / f / size * x
        return product

    def safely_divided(self, product: Any) -> Any:
        """n {0 if n = 0, else 1 / n} x as x, where n is the norm or the modulus of x; over n once more, as 1 / n."""
        for f in product.args:
            condition, zero, inverse = self.parts(f, "where") or (None, 1, 1)
            n = 1 / inverse
            if zero != 0 or condition != self.map("equal", n, sympy().Integer(0)):
                continue
            if any(x.is_Pow and x.base == n and x.exp.is_negative for x in product.args):
                return product / f / n
            if n in product.args:
                rest = [x for x in product.args if x not in (f, n)]
                if any(self.is_length(n, x) for x in rest):
                    return sympy().Mul(*rest)
        return product

    def is_length(self, n: Any, x: Any) -> bool:
        """Whether n is the norm of the array that x is, or a sum over it; or the modulus of x."""
        view, labels = self.table.views.get(x, (None, ()))
        if view is not None and view.kind == "sum":
            (body,), _ = self.table.open(view, labels)
            return any(self.is_length(n, f) for f in sympy().Mul.make_args(body))
        (inner,) = self.parts(self.meaning(n), "absolute") or (None,)
        if inner is not None:
            return x in (inner, self.map("conjugate", inner))
        atom = self.table.views[self.meaning(n)][0] if self.meaning(n) in self.table.views else None
        if atom is None or atom.op != "linalg.norm":
            return False
        whole = atom.parts[0].expr
        return x == whole if self.table.labels(n) else self.array(x) == self.array(whole)

    def array(self, expr: Any) -> Atom:
        """What an expression is, whatever its labels and its sign."""
        sizes = [self.table.closed("map", "absolute", [e], {}, {}, primitives["absolute"]) for e in (expr, -expr)]
        return min((self.table.views[size][0] for size in sizes), key=lambda atom: atom.index)

    def parts(self, expr: Any, op: str) -> tuple[Any, ...]:
        """The arguments of a function of each entry, if that is what an expression is."""
        atom, labels = self.table.views.get(expr, (None, ()))
        known = atom is not None and atom.kind == "map" and atom.op == op
        return self.table.open(atom, labels)[0] if known else ()  # type: ignore[arg-type]

    def map(self, op: str, *exprs: Any) -> Any:
        """A function of each entry, by the name of its primitive."""
        return self.table.map(op, exprs, {}, primitives[op])
