"""What a linear value multiplies an array by: the derivative of a cotangent along an array gives a Hessian."""

from typing import Any

from .index import Value
from .lazy import sympy
from .table import Table


def coefficient(table: Table, value: Value, word: str, shape: tuple[int, ...]) -> Value:
    """What a value that is linear in the array `word` multiplies it by: axes of the value, then axes of the array."""
    labels = [next(table.fresh) for _ in shape]
    n = len(value.shape)
    own = {i - n: next(table.fresh) for i in range(n)}
    expr = _slope(table, table.relabel(value.expr, own), word, labels)
    place = {k: i - n - len(shape) for i, k in enumerate([*own.values(), *labels])}
    return Value(table.reduced(table.relabel(expr, place)), value.shape + shape)


def _slope(table: Table, expr: Any, word: str, new: list[int]) -> Any:
    """The derivative of a linear expression by the entry of `word` at the labels `new`."""
    sp, total = sympy(), sympy().Integer(0)
    for symbol in expr.free_symbols:
        if symbol not in table.views:
            continue
        atom, labels = table.views[symbol]
        if atom.kind == "name" and atom.op == word:
            # an entry of the array at other labels: 1 where they agree with the new ones
            inner: Any = sp.Integer(1)
            for k, q, size in zip(labels, new, atom.shape, strict=True):
                if k is not None:
                    inner *= table.eye(size, (k, q))
        elif atom.kind == "sum":
            (body,), bound = table.open(atom, labels)
            slope = _slope(table, body, word, new)
            slope = sp.expand(slope) if slope.is_Add else slope  # an identity matrix picks one entry, term by term
            inner = sp.Add(*[table.sum(term, bound) for term in sp.Add.make_args(slope)])
        else:
            continue
        if inner != 0:
            total += sp.diff(expr, symbol) * inner
    return total
