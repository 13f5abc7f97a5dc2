"""Writing sums: matrix products where the factors make one, else sums over rows, columns or numbered axes."""

from typing import Any

from .index import Labels
from .lazy import sympy
from .notation import CALL, JUXTAPOSED, OPERAND, PRODUCT, WORDS, Text
from .pieces import NeedIndicesError, Piece, Writer, over_axes


class Sums(Writer):
    """The part of a writer for sums over labels."""

    def total(self, body: Any, bound: dict[int, int], axes: Labels) -> Piece:
        """A sum: a matrix product if its factors make one, else a sum over rows or columns."""
        factors = list(body.args) if body.is_Mul else [body]
        if self.indices:
            letters = self.letter(list(bound))
            return Piece(self.to.sigma(letters, self.at_least(self.piece(body, axes), PRODUCT)), WORDS)
        free = [k for k in axes if k in self.table.labels(body)]
        made = None
        if len(bound) == 1 and len(factors) > 1:
            made = self.matrix_product(factors, next(iter(bound)), free, axes)
        return made or self.sum_in_words(body, bound, axes)

    def with_rows(self, arrays: list[Any], axes: Labels) -> list[Any]:
        """A row beside a product of matrices Aᵀ diag(v) B goes into it, as Aᵀ ((v wᵀ) ∘ B)."""
        rows = [e for e in arrays if len(axes) == 2 and self.table.labels(e) == {axes[1]}]
        for e in arrays if rows else ():
            atom, labels = self.table.views.get(e, (None, ()))
            if atom is None or atom.kind != "sum" or len(atom.bound) != 1 or set(labels) != set(axes):
                continue
            (body,), bound = self.table.open(atom, labels)
            if any(self.table.labels(f) == set(bound) for f in sympy().Mul.make_args(body)):
                inner = self.table.closed("sum", "sum", [sympy().Mul(body, *rows)], bound, {}, None)
                return [inner, *(a for a in arrays if a is not e and a not in rows)]
        return arrays

    def matrix_product(self, factors: list[Any], k: int, free: list[int], axes: Labels) -> Piece | None:
        """Factors over (row, k), over k alone and over (k, column), if that is what they are."""
        has = {f: self.table.labels(f) for f in factors}
        if not free:
            left, *rest = sorted(factors, key=self.factor_order)
            return None if len(has[left]) > 1 else self.inner_product(left, sympy().Mul(*rest), k)
        if len(free) == 1:
            return self.matrix_and_vector(factors, k, free[0], axes)
        batch, row, column = tuple(free[:-2]), free[-2], free[-1]
        left = [f for f in factors if row in has[f]]
        right = [f for f in factors if column in has[f]]
        middle = [f for f in factors if f not in left and f not in right]
        if not left or not right or set(left) & set(right):
            return None
        columns = all(len(labels) > 1 for f in middle for _, labels in self.table.views_of(f))
        if columns or any(has[f] == {column} for f in right):  # beside a matrix, or as u vᵀ with a row
            right, middle = [*middle, *right], []
        pieces = [self.oriented(left, (*batch, row, k))]
        if middle:
            pieces.append(self.to.call("diag", [self.piece(sympy().Mul(*middle), (*batch, k)).text]))
        pieces.append(self.oriented(right, (*batch, k, column)))
        return self.turned(Piece(self.to.juxtaposed(pieces), JUXTAPOSED), (*batch, row, column), axes)

    def inner_product(self, left: Any, right: Any, k: int) -> Piece:
        """Two vectors over k; uᵀ A v rather than (Aᵀ u)ᵀ v."""
        ways = [(left, right, k)]
        atom, labels = self.table.views.get(left, (None, ()))
        if atom is not None and atom.kind == "sum" and len(atom.bound) == 1:
            (body,), bound = self.table.open(atom, labels)
            (j,), parts = bound, sympy().Mul.make_args(body)
            vector = sympy().Mul(*[f for f in parts if self.table.labels(f) == {j}])
            image = self.table.closed("sum", "sum", [body / vector * right], self.table.sizes(left), {}, None)
            ways[:0] = [(vector, image, j)] if self.table.labels(vector) and self.table.labels(image) == {j} else []
            ways[:0] = [(right, left, k)] if right.is_Symbol else []
        left, right, k = min(ways, key=lambda way: sum(self.transposes(e, (way[2], None)) for e in way[:2]))
        row = self.to.transposed(self.at_least(self.piece(left, (k, None)), CALL))
        column = self.piece(right, (k, None))
        binds = JUXTAPOSED if right in self.table.views and self.table.views[right][0].kind == "sum" else OPERAND
        return Piece(self.to.juxtaposed([row, self.at_least(column, binds)]), JUXTAPOSED)

    def matrix_and_vector(self, factors: list[Any], k: int, free: int, axes: Labels) -> Piece | None:
        """Factors over k alone beside some over k and `free`: a matrix times a vector or column, or a row times it."""
        vectors = [f for f in factors if self.table.labels(f) == {k}]
        matrices = [f for f in factors if f not in vectors]
        if not vectors or not matrices:
            return None
        vector = sympy().Mul(*vectors)
        flat = self.plainly(vector, (k, None)) == self.plainly(vector, (None, k))  # else it is a row or a column
        lies: Labels = (free,) if flat else (None, free) if len(axes) > 1 and axes[-1] == free else (free, None)
        if lies[0] is None:
            pair = [self.chained(self.piece(vector, (None, k))), self.oriented(matrices, (k, free))]
        else:
            pair = [self.oriented(matrices, (free, k)), self.chained(self.piece(vector, (k, *lies[1:])))]
        return self.turned(Piece(self.to.juxtaposed(pair), JUXTAPOSED), lies, axes)

    def oriented(self, factors: list[Any], axes: Labels) -> str:
        """A factor of a matrix product, as it is or as (...) transposed: whichever needs fewer transposes."""
        expr = sympy().Mul(*factors)
        straight = self.chained(self.piece(expr, axes))
        if expr.is_Symbol and self.table.views[expr][0].kind in ("name", "call"):
            return straight
        across = (*axes[:-2], axes[-1], axes[-2])
        product = expr.is_Symbol and self.table.views[expr][0].kind == "sum"
        brackets = 2 if product else 0  # a product goes without them: A⁻ᵀ Bᵀ in a chain, not (B A⁻¹)ᵀ
        if self.length(expr, axes, JUXTAPOSED) < self.length(expr, across, CALL) + 1 + brackets:
            return straight
        return self.to.transposed(self.at_least(self.piece(expr, across), CALL))

    def plainly(self, expr: Any, axes: Labels) -> Piece | None:
        """An expression along these axes in plain text, by which ways to write it are compared; None if it has none."""
        key = expr, axes
        if key not in self.counted:
            try:
                self.counted[key] = type(self)(self.table, Text(), counted=self.counted).piece(expr, axes)
            except NeedIndicesError:
                self.counted[key] = None
        return self.counted[key]

    def transposes(self, expr: Any, axes: Labels) -> int:
        """How many transposes it takes to write an expression along these axes."""
        piece = self.plainly(expr, axes)
        return 1000 if piece is None else piece.text.count("ᵀ")

    def length(self, expr: Any, axes: Labels, binds: int) -> int:
        """How many characters an expression takes along these axes, in a place that asks for `binds`."""
        piece = self.plainly(expr, axes)
        return 100000 if piece is None else len(piece.text) + (2 if piece.binds < binds else 0)

    def chained(self, piece: Piece) -> str:
        """A matrix product within a matrix product needs no brackets."""
        return self.at_least(piece, JUXTAPOSED)

    def sum_in_words(self, body: Any, bound: dict[int, int], axes: Labels) -> Piece:
        """A sum over rows, columns or numbered axes of an array written out."""
        views = sorted(self.table.views_of(body), key=lambda v: -sum(k is not None for k in v[1]))
        order = list(dict.fromkeys(k for _, labels in views for k in labels if k is not None))
        if len(order) == 1 and len(views[0][1]) == 2:  # a row or a column of length-1 axes
            order = list(views[0][1])
        if len(order) > 1 and None not in order:
            across = [*order[:-2], order[-1], order[-2]]
            if self.transposes(body, tuple(across)) < self.transposes(body, tuple(order)):
                order = across
        left = [k for k in order if k not in bound and k is not None]
        atom = self.table.views[body][0] if body in self.table.views and not left else None
        if atom is not None and atom.op == "diagonal" and atom.parts[1:] == (0, 0, 1):
            return Piece(self.to.call("trace", [self.filled(atom.parts[0]).text]), CALL)
        places = tuple(i for i, k in enumerate(order) if k in bound)
        over = over_axes(places, len(order)) if left else ""
        inner = self.at_least(self.piece(body, tuple(order)), PRODUCT)
        piece = Piece(self.to.words("sum", over, inner), WORDS)
        return self.turned(piece, tuple(None if k in bound else k for k in order), axes) if left else piece
