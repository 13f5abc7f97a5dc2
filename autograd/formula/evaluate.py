"""What a formula comes to, computed from the formula itself."""

from typing import Any

import numpy as np

from .index import Atom, Value
from .table import Table


class Evaluator:
    """Computes Values for given arrays.

    Args:
        table: where the atoms are.
        names: an array for each named atom.
        sizes: a number for each named size.
    """

    def __init__(self, table: Table, names: dict[str, Any], sizes: dict[str, float] | None = None) -> None:
        self.table, self.names, self.sizes = table, names, sizes or {}
        self.known: dict[Atom, Any] = {}

    def __call__(self, value: Value) -> Any:
        """The array that a Value stands for."""
        return np.broadcast_to(self.expr(value.expr, value.axes), value.shape)

    def whole(self, value: Value, place: bool = False) -> Any:
        """The array that a primitive is given; a whole number stays one, for it may be an index, and so may a mask."""
        if place and self.table.is_condition(value.expr) and not value.expr.is_Number:
            return self(value) != 0
        return np.full(value.shape, int(value.expr)) if value.expr.is_Integer else self(value)

    def expr(self, expr: Any, axes: tuple) -> Any:
        """An expression as an array with these axes; of length 1 where it does not vary."""
        if expr.is_Symbol:
            if expr not in self.table.views:
                return np.reshape(np.float64(self.sizes[expr.name]), (1,) * len(axes))
            atom, labels = self.table.views[expr]
            present = [k for k in labels if k is not None]
            distinct = [k for k in axes if k in present]
            letters = {k: i for i, k in enumerate(distinct)}
            squeezed = np.reshape(self.atom(atom), [n for n in atom.shape if n != 1])
            moved = np.einsum(squeezed, [letters[k] for k in present], [letters[k] for k in distinct])
            return np.reshape(moved, [moved.shape[letters[k]] if k in letters else 1 for k in axes])
        if expr.is_Add:
            total: Any = 0
            for a in expr.args:
                total = total + self.expr(a, axes)
            return total
        if expr.is_Mul:
            total = 1
            for a in expr.args:
                total = total * self.expr(a, axes)
            for c in filter(self.table.is_condition, expr.args):  # what does not hold is 0 times anything, even 1 / 0
                total = np.where(self.expr(c, axes) == 0, 0, total)
            return total
        if expr.is_Pow:
            base, exponent = self.expr(expr.base, axes), self.expr(expr.exp, axes)
            return 1 / base if expr.exp == -1 else base**exponent
        number = float(expr) if expr.is_real or expr.is_infinite else complex(expr)
        return np.reshape(np.asarray(number), (1,) * len(axes))

    def atom(self, atom: Atom) -> Any:
        """The array of an atom, computed once."""
        if atom not in self.known:
            self.known[atom] = self._atom(atom)
        return self.known[atom]

    def _atom(self, atom: Atom) -> Any:
        if atom.kind == "name":
            found = np.asarray(self.names[atom.op])
            return found.astype(float) if found.dtype == bool else found
        axes = tuple(range(-len(atom.shape), 0))
        if atom.kind == "sum":
            return self.sum(atom.parts[0], axes, len(atom.bound))
        if atom.kind == "map":
            parts = [int(p) if p.is_Integer else self.expr(p, axes) for p in atom.parts]  # one may be an order
            made = atom.primitive.fun(*parts, **atom.options)
        else:
            places = atom.op in ("index", "scatter")
            parts = [self.whole(p, bool(places and i)) if isinstance(p, Value) else p for i, p in enumerate(atom.parts)]
            made = atom.primitive.fun(*parts, **atom.options)
        made = np.broadcast_to(made, atom.shape)
        return made.astype(float) if made.dtype == bool and atom.kind == "map" else made

    def sum(self, body: Any, axes: tuple, bound: int) -> Any:
        """A sum of products by einsum, each factor with its own axes only: nothing larger than the factors is made."""
        factors = body.args if body.is_Mul else (body,)
        order = (*axes, *range(1, bound + 1))
        operands: list[Any] = []
        for f in factors:
            own = tuple(k for k in order if k in self.table.labels(f))
            operands += [self.expr(f, own), [order.index(k) for k in own]]
        return np.einsum(*operands, [order.index(k) for k in axes], optimize=True)
