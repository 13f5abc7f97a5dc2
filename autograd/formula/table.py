"""What is done with formulas in index notation: functions of each entry, sums of products, primitives taken whole."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from .index import Atom, Labels, Value, Views, is_eye
from .lazy import sympy

# what a number in front of an argument of a primitive that computes becomes: the power of it in front of the result
DEGREES = {"linalg.solve": {0: -1, 1: 1}, "linalg.inv": {0: -1}, "fft.fft": {0: 1}, "fft.ifft": {0: 1}}


@dataclass
class Table(Views):
    """Views, and what makes new ones of them.

    Attributes:
        reduce: what simplifies an expression before a sum or a function takes it whole; None to leave all as it is.
        length: a number, or the word for it.
        known_sum: what a sum of one body over some labels is known to be, or None.
        evaluate_constant: finds the one number that a sum over constants comes to, or None.
    """

    reduce: Callable[[Any], Any] | None = None
    length: Callable[[int], Any] = field(default_factory=lambda: sympy().Integer)
    known_sum: Callable[[Any, dict[int, int]], Any] | None = None
    evaluate_constant: Callable[[Any], Any] | None = None

    def reduced(self, expr: Any) -> Any:
        """The expression in its simplest form, where this table simplifies."""
        return self.reduce(expr) if self.reduce is not None else expr

    def map(self, op: str, exprs: Sequence[Any], options: dict[str, Any] | None = None, primitive: Any = None) -> Any:
        """A function of each entry."""
        parts = [self.reduced(e) for e in exprs]
        if op in ("equal", "not_equal"):  # max(x) solved for as J - y would equal no entry of x, but for rounding
            parts = [e if e.is_Symbol and not p.is_Symbol else p for e, p in zip(exprs, parts, strict=True)]
        return self.closed("map", op, parts, {}, options or {}, primitive)

    def sum(self, expr: Any, bound: dict[int, int]) -> Any:
        """The sum over the labels in `bound`, which are given with their lengths."""
        if self.reduce is None:
            return self.sum_product(expr, bound)
        whole = self.sum_product(self.reduce(expr), bound)
        terms = sympy().Add.make_args(expr)
        if len(terms) == 1:
            return whole
        apart = self.reduce(sympy().Add(*[self.sum(t, bound) for t in terms]))
        return apart if self.size(apart) < self.size(whole) else whole

    def sum_product(self, expr: Any, bound: dict[int, int]) -> Any:
        """Sum a product: what does not vary comes out, and factors that share no label are summed apart."""
        for f in sympy().Mul.make_args(expr):
            k = self._picked(f, expr / f, bound)
            if k is not None:
                (q,) = self.labels(f) - {k}
                return self.sum_product(self.relabel(expr / f, {k: q}), {j: n for j, n in bound.items() if j != k})
        missing = {k: n for k, n in bound.items() if k not in self.labels(expr)}
        result = self.length(prod(missing.values()))
        bound = {k: n for k, n in bound.items() if k not in missing}
        turned = []
        for f in sympy().Mul.make_args(expr):  # 1 - p rather than p - 1
            turn = f.is_Add and any(t.is_Number and t.is_negative for t in f.args)
            turned.append(-f if turn else f)
            result = -result if turn else result
        for factors in self._connected(turned, set(bound)):
            product = sympy().Mul(*factors)
            own = {k: n for k, n in bound.items() if k in self.labels(product)}
            result *= self._sum_atom(product, own) if own else product
        return result

    def _picked(self, f: Any, rest: Any, bound: dict[int, int]) -> int | None:
        """The label that is summed over of an identity matrix among factors, which picks one value of it."""
        if f not in self.views or not is_eye(self.views[f][0]) or len(self.labels(f)) < 2:
            return None
        if any(self.labels(f) <= set(labels) for _, labels in self.views_of(rest)):
            return None  # an array beside it would lose its rows for its diagonal
        return next((k for k in self.labels(f) if k in bound), None)

    def _connected(self, factors: Sequence[Any], bound: set[int]) -> list[list[Any]]:
        groups: list[tuple[set[int], list[Any]]] = []
        for f in factors:
            labels, members = self.labels(f) & bound, [f]
            for other in [g for g in groups if labels & g[0]]:
                groups.remove(other)
                labels, members = labels | other[0], other[1] + members
            groups.append((labels, members))
        return [members for _, members in groups]

    def _sum_atom(self, body: Any, bound: dict[int, int]) -> Any:
        if body in self.views and self.views[body][0].kind == "sum":
            (inner,), more = self.open(*self.views[body])
            if not inner.is_Mul:  # a sum of a sum is one sum; a sum of a product of matrices stays that
                return self._sum_atom(inner, bound | more)
            own = [f for f in inner.args if self.labels(f) & set(bound)]
            known = self.known_sum(own[0], bound) if len(own) == 1 and self.known_sum is not None else None
            if known is not None:
                return self.sum_product(inner / own[0] * known, more)
        if self.known_sum is not None:
            known = self.known_sum(body, bound)
            if known is not None:
                return known
        if self.reduce is not None and body.is_Add:
            apart = self.reduce(sympy().Add(*[self.sum_product(t, bound) for t in body.args]))
            if self.size(apart) <= self.size(body):
                return apart
        symbol = self._chain(body, bound) or self.closed("sum", "sum", [body], bound, {}, None)
        if self.evaluate_constant is not None:
            number = self.evaluate_constant(symbol)
            if number is not None:
                return number
        return self.reduced(symbol)

    def _chain(self, body: Any, bound: dict[int, int]) -> Any:
        """A product of square matrices bracketed from the left, for (A A) A and A (A A) to be one; None for others."""
        matrices: list[tuple[Atom, Labels]] = []
        todo, summed = [self.views.get(f) for f in sympy().Mul.make_args(body)], dict(bound)
        while todo:
            found = todo.pop()
            if found is None or len(found[1]) != 2 or None in found[1] or found[1][0] == found[1][1]:
                return None
            (inner,), more = self.open(*found) if len(found[0].bound) == 1 else ((sympy().Integer(1),), {})
            if inner.is_Mul:
                todo, summed = todo + [self.views.get(f) for f in inner.args], summed | more
            else:
                matrices.append(found)
        met = Counter(k for _, labels in matrices for k in labels)
        ends = [k for k in met if k not in summed]
        once = len(ends) == 2 and all(n == (1 if k in ends else 2) for k, n in met.items())
        if len(matrices) < 3 or not once or len({n for atom, _ in matrices for n in atom.shape}) > 1:
            return None
        ways = []
        for end in ends:  # along the chain from either end; the one that sorts first is kept
            way, left, k = [], list(matrices), end
            while left:
                atom, labels = next(m for m in left if k in m[1])
                left.remove((atom, labels))
                way.append((atom.index, labels[0] != k, atom, labels))
                k = labels[0] if labels[1] == k else labels[1]
            ways.append(way)
        views = [self.view(atom, labels) for *_, atom, labels in min(ways, key=lambda way: [m[:2] for m in way])]
        made = views[0]
        for view in views[1:]:
            shared = self.labels(made) & self.labels(view)
            made = self.closed("sum", "sum", [made * view], {k: summed[k] for k in shared}, {}, None)
        return made

    def call(self, primitive: Any, args: Sequence[Any], options: dict[str, Any], shape: tuple[int, ...]) -> Value:
        """Any other primitive, taken whole; its arguments are Values and plain data."""
        parts = [Value(self.reduced(a.expr), a.shape) if isinstance(a, Value) else a for a in args]
        factor = sympy().Integer(1)
        for i, degree in ({0: 1} if primitive.structural else DEGREES.get(primitive.name, {})).items():
            if isinstance(parts[i], Value) and parts[i].expr != 0:
                factors = sympy().Mul.make_args(parts[i].expr)
                factor *= sympy().Mul(*[f for f in factors if not self.labels(f)]) ** degree
                parts[i] = Value(sympy().Mul(*[f for f in factors if self.labels(f)]), parts[i].shape)
        made = self.whole(self.atom("call", primitive.name, shape, tuple(parts), (), options, primitive))
        return Value(factor * made.expr, shape)
