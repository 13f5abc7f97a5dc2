"""What a linear value multiplies an array by: the derivative of a cotangent along an array gives a Hessian."""

from typing import Any

import numpy as np

from ..graph import Primitive
from .index import Table, Value, is_eye
from .lazy import sympy

EYE = Primitive(np.eye, "eye")


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
                    inner *= table.view(table.atom("call", "eye", (size, size), (size,), primitive=EYE), (k, q))
        elif atom.kind == "sum":
            (body,), bound = table.open(atom, labels)
            inner = _sum_with_identity(table, _slope(table, body, word, new), bound)
        else:
            continue
        if inner != 0:
            total += sp.diff(expr, symbol) * inner
    return total


def _sum_with_identity(table: Table, expr: Any, bound: dict[int, int]) -> Any:
    """A sum in which an identity matrix picks one value of a bound label."""
    expr = sympy().expand(expr) if expr.is_Add else expr
    total = sympy().Integer(0)
    for term in sympy().Add.make_args(expr):
        left = dict(bound)
        for symbol in [s for s in term.free_symbols if s in table.views and is_eye(table.views[s][0])]:
            k, q = table.views[symbol][1]
            if k in left:
                term = table.relabel(term.xreplace({symbol: sympy().Integer(1)}), {k: q})
                del left[k]
        total += table.sum(term, left) if left else term
    return total
