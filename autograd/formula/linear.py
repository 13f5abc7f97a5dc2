"""What a linear value multiplies an array by: the derivative of a cotangent along an array gives a Hessian."""

from typing import Any

from ..errors import NoRuleError
from .index import Atom, Labels, Value
from .lazy import sympy
from .table import Table

# primitives that take parts of arrays along axes counted from the first, whatever axes come behind
LEADING = {"index", "scatter", "concatenate", "stack"}


def coefficient(table: Table, value: Value, word: str, shape: tuple[int, ...]) -> Value:
    """What a value that is linear in the array `word` multiplies it by: axes of the value, then axes of the array.

    Raises:
        NoRuleError: the array went through a primitive that has no such form.
    """
    return Slope(table, word, shape).of(value)


class Slope:
    """The derivative of values, linear in an array, by its entries.

    Args:
        table: where the atoms are made.
        word, shape: the array.
    """

    def __init__(self, table: Table, word: str, shape: tuple[int, ...]) -> None:
        self.table, self.word, self.shape = table, word, shape
        self.new = [next(table.fresh) for _ in shape]  # labels for the entry

    def of(self, value: Value) -> Value:
        """Axes of the value, then axes of the array."""
        own = [next(self.table.fresh) for _ in value.shape]
        expr = self.expr(self.table.relabel(value.expr, dict(zip(value.axes, own, strict=True))))
        n = len(value.shape) + len(self.shape)
        place = {k: i - n for i, k in enumerate([*own, *self.new])}
        return Value(self.table.reduced(self.table.relabel(expr, place)), value.shape + self.shape)

    def expr(self, expr: Any) -> Any:
        """The slope of an expression, along its own labels and the new ones."""
        total = sympy().Integer(0)
        for symbol in expr.free_symbols:
            if symbol in self.table.views and self.word in self.table.names(symbol):
                total += sympy().diff(expr, symbol) * self.view(*self.table.views[symbol])
        return total

    def view(self, atom: Atom, labels: Labels) -> Any:
        """The slope of a view of an atom with the array in it."""
        if atom.kind == "name":  # an entry at other labels: 1 where they agree with the new ones
            pairs = zip(labels, self.new, atom.shape, strict=True)
            return sympy().Mul(*[self.table.eye(size, (k, q)) for k, q, size in pairs if k is not None])
        if atom.kind == "sum":
            (body,), bound = self.table.open(atom, labels)
            slope = self.expr(body)
            slope = sympy().expand(slope) if slope.is_Add else slope  # an identity picks one entry, term by term
            return sympy().Add(*[self.table.sum(term, bound) for term in sympy().Add.make_args(slope)])
        if atom.op == "where":
            (condition, *branches), _ = self.table.open(atom, labels)
            yes, no = map(self.expr, branches)
            return condition * yes + (1 - condition) * no
        return self.call(atom, labels)

    def call(self, atom: Atom, labels: Labels) -> Any:
        """The slope of a primitive of leading axes: itself, on arrays with the axes of the entry behind their own."""
        if atom.op not in LEADING or len(self.shape) > 1 or any(p is Ellipsis for p in atom.parts):
            why = "is followed for vectors only" if atom.op in LEADING and len(self.shape) > 1 else "is not followed"
            raise NoRuleError(
                f"derive: the Hessian has no formula here, for the gradient goes through {atom.op}, which {why}; "
                "order=1 gives the formula of the gradient, autograd.hessian the numbers of the Hessian"
            )
        places = atom.op in ("index", "scatter")
        parts = [self.of(p) if isinstance(p, Value) and not (places and i) else p for i, p in enumerate(atom.parts)]
        if atom.op == "scatter":
            parts[1] = (*atom.parts[1], *self.shape)
        made = self.table.call(atom.primitive, parts, atom.options, atom.shape + self.shape)
        given = zip(made.axes, [*labels, *self.new], strict=True)
        return self.table.relabel(made.expr, {k: label for k, label in given if label is not None})
