"""Writing sums of terms, products and fractions: order, signs and brackets."""

from collections.abc import Callable
from typing import Any

from .index import Labels, Value, is_eye
from .lazy import sympy
from .notation import ADD, ATOM, CALL, JUXTAPOSED, OPERAND, PRODUCT, SCALED, SCRIPT
from .pieces import Piece, real_axes
from .quotients import Quotients

OPPOSITES = {"equal": "not_equal", "less": "greater_equal", "less_equal": "greater"}
OPPOSITES |= {b: a for a, b in OPPOSITES.items()}


class Arithmetic(Quotients):
    """The part of a writer for what stands between arrays."""

    def piece(self, expr: Any, axes: Labels) -> Piece:
        """An expression, whose rows and columns are the last two of `axes`."""
        minus, body = self.signed(self.turned_inside(expr), axes)
        return Piece(self.to.negative(self.at_least(body, PRODUCT)), ADD) if minus else body

    def filled(self, value: Value, counted: bool = False) -> Piece:
        """A value by itself: along an axis where it does not vary it is repeated by ones, for its shape to be seen.

        Args:
            counted: say how many ones, where the place of the value does not.
        """
        axes, missing = real_axes(value), self.missing(value)
        if not missing or self.indices:
            return self.piece(value.expr, axes)
        if value.expr == 0:
            return self.everywhere("0", value.shape)
        if len(axes) != 2 or len(missing) != 1 or None in axes:
            return self.piece(value.expr * self.table.ones(value.shape), axes)
        (row, column), (m, n) = axes, value.shape
        expr, minus = self.positive(value.expr) if column in missing else (value.expr, False)
        expr, below = self.over_scalars(expr)
        if column in missing:
            x = self.at_least(self.piece(expr, (row, None)), JUXTAPOSED)
            made = self.to.juxtaposed([x, self.everywhere("1", (1, n)).text]) if counted else self.to.column(x)
        else:
            x = self.row(expr, column)
            made = self.to.juxtaposed([self.everywhere("1", (m, 1)).text, x]) if counted else self.to.repeated(x)
        piece = Piece(made, JUXTAPOSED)
        if below != 1:
            high, low = self.to.fraction_places
            made = self.to.fraction(self.at_least(piece, high), self.at_least(self.piece(below, ()), low))
            piece = Piece(made, self.to.fraction_binds)
        return Piece(self.to.negative(self.at_least(piece, PRODUCT)), ADD) if minus else piece

    def everywhere(self, digit: str, shape: tuple[int, ...]) -> Piece:
        """An array of zeros or ones."""
        return Piece(self.to.everywhere(digit, [self.piece(self.table.length(n), ()).text for n in shape]), CALL)

    def signed(self, expr: Any, axes: Labels) -> tuple[bool, Piece]:
        """Whether an expression starts with a minus, and the rest of it."""
        if expr.is_Add:
            return self.sum_of_terms(expr, axes)
        if expr.is_Symbol and not (expr in self.table.views and self.table.is_condition(expr)):
            return False, self.symbol(expr, axes)
        return self.product(expr, axes)

    def sum_of_terms(self, expr: Any, axes: Labels) -> tuple[bool, Piece]:
        short = self.complement(expr, axes) or self.choice(expr, axes)
        if short is not None:
            return False, short
        if self.bar(expr) != 1:
            return self.product(expr, axes)
        terms = [self.signed(t, axes) for t in sorted(expr.args, key=self.term_order)]
        return False, Piece(self.to.add([(minus, self.at_least(x, PRODUCT)) for minus, x in terms]), ADD)

    def complement(self, expr: Any, axes: Labels) -> Piece | None:
        """1 - 1[x > 0] is 1[x <= 0]."""
        one, *rest = expr.args if expr.args[0] == 1 else (0,)
        if one == 1 and len(rest) == 1 and (-rest[0]).is_Symbol and self.table.is_condition(-rest[0]):
            atom, labels = self.table.views[-rest[0]]
            if atom.op in OPPOSITES:
                return Piece(self.to.indicator(self.condition(OPPOSITES[atom.op], atom, labels, axes)))
        return None

    def choice(self, expr: Any, axes: Labels) -> Piece | None:
        """x 1[c] + y (1 - 1[c]) is {x if c, else y}."""
        for c in [s for s in expr.free_symbols if s in self.table.views and self.table.is_condition(s)]:
            inside, outside = expr.xreplace({c: sympy().Integer(1)}), expr.xreplace({c: sympy().Integer(0)})
            if 0 not in (inside, outside) and sum(map(self.table.size, (c, inside, outside))) < self.table.size(expr):
                branches = self.piece(inside, axes).text, self.piece(outside, axes).text
                return Piece(self.to.where(self.truth(c, axes), *branches), self.to.where_binds)
        return None

    def term_order(self, expr: Any) -> tuple:
        """Positive terms first; of these counts, then sums over an axis, then by age of what they are made of."""
        minus, views = _negative(expr), self.table.views_of(expr)
        whole = any(a.kind == "sum" for a, _ in views)
        small = bool(expr.is_Number and abs(expr) < 1)  # the epsilon in a root stands last
        age = -len(views) if whole else min((a.index for a, _ in views), default=0)
        return minus, small, bool(views), not whole, age

    def factor_order(self, expr: Any) -> tuple:
        """Sums over an axis and cotangents first, then what has a fraction in it, then by age."""
        views = self.table.views_of(expr)
        carried = any(a.kind == "sum" or "cotangent" in a.options for a, _ in views)
        fraction = expr.is_Add and any(p.exp.is_negative for p in expr.atoms(sympy().Pow))
        indices = [a.index for a, _ in views]
        return not carried, not fraction, self.table.size(expr) > 1, min(indices, default=0), self.table.size(expr)

    def product(self, expr: Any, axes: Labels) -> tuple[bool, Piece]:
        """A product of numbers, scalars and arrays, over what divides it."""
        expr, minus = self.positive(expr)
        number, top, bottom = self.parted(expr)
        p, q = self.fraction_of(number)
        if q and bottom:
            p, q, bottom = p, None, [sympy().Rational(q), *bottom]
        upper = self.factors([*([p] if p else [])], top, axes)
        if not bottom and not q:
            return minus, upper or Piece(self.to.number("1"))
        lower = Piece(self.to.number(q)) if q else self.factors([], bottom, axes) or Piece(self.to.number("1"))
        high, low = self.to.fraction_places
        if any(map(self.table.labels, bottom)) and upper and upper.binds == JUXTAPOSED and high > ADD:
            high = OPERAND  # a matrix product over an array is of entries, as beside a Hadamard product
        upper = upper or Piece(self.to.number("1"))
        made = self.to.fraction(self.at_least(upper, high), self.at_least(lower, low))
        return minus, Piece(made, self.to.fraction_binds)

    def positive(self, expr: Any) -> tuple[Any, bool]:
        """The expression without its sign, and its sign: (x - 1) is written -(1 - x), and -(x - y) as (y - x)."""
        minus = _negative(expr)
        factors = list(sympy().Mul.make_args(-expr if minus else expr))

        def turn(wanted: Callable[[Any], bool]) -> None:
            nonlocal minus
            for i, f in enumerate(factors):
                base, exponent = f.as_base_exp()
                if base.is_Add and exponent.is_Integer and exponent % 2 and wanted(base):
                    factors[i], minus = (-base) ** exponent, not minus

        turn(self.backward)
        if minus and self.table.reduce is not None:  # what the chain rule gave is left as it came
            turn(lambda base: minus and any(map(_negative, base.args)) and not any(t.is_Number for t in base.args))
        return sympy().Mul(*factors, evaluate=False) if len(factors) > 1 else factors[0], minus

    def turned_inside(self, expr: Any) -> Any:
        """-Xᵀ (x - y) as Xᵀ (y - x): the sign of a product taken into a sum over an axis; or the product as it is."""
        for f in sympy().Mul.make_args(expr) if _negative(expr) and self.table.reduce is not None else ():
            atom, labels = self.table.views.get(f, (None, ()))
            if atom is not None and atom.kind == "sum":
                (body,), bound = self.table.open(atom, labels)
                for g in sympy().Mul.make_args(body):
                    level = g.is_Add and 2 * sum(map(_negative, g.args)) == len(g.args)
                    if level and not any(t.is_Number for t in g.args):
                        return expr / f * -self.table.closed("sum", "sum", [body / g * -g], bound, {}, None)
        return expr

    def backward(self, expr: Any) -> bool:
        """Whether a sum reads better with all signs changed: mostly negative, or x - 1."""
        negative = sum(map(_negative, expr.args))
        if 2 * negative != len(expr.args):
            return 2 * negative > len(expr.args)
        return any(t.is_Number and t.is_negative for t in expr.args)

    def factors(self, first: list[str], exprs: list[Any], axes: Labels) -> Piece | None:
        """Numbers and scalars side by side, then arrays joined by the Hadamard product."""
        arrays = sorted((e for e in exprs if self.table.labels(e)), key=self.factor_order)
        scalars = sorted((e for e in exprs if not self.table.labels(e)), key=self.scalar_order)
        front = [self.to.number(n) for n in first]
        front += [self.at_least(self.power(e, axes), OPERAND) for e in scalars]
        if not arrays:
            if len(scalars) == 1 and not first:
                return self.power(scalars[0], axes)
            return Piece(self.to.juxtaposed(front), JUXTAPOSED if len(front) > 1 else ATOM) if front else None
        arrays = arrays if self.indices else self.with_rows(arrays, axes)
        pieces = self.diagonal(arrays, axes) or [self.power(e, axes) for e in arrays]
        if self.indices:
            written = front + [self.at_least(p, OPERAND) for p in pieces]
            return Piece(self.to.juxtaposed(written), JUXTAPOSED) if len(written) > 1 else pieces[0]
        arrays, pieces = self.outer(arrays, pieces, axes) if len(pieces) == len(arrays) else (arrays, pieces)
        body = pieces[0]
        if len(pieces) > 1:
            body = Piece(self.to.hadamard([self.at_least(p, OPERAND) for p in pieces]), PRODUCT)
        if not front:
            return body
        binds = PRODUCT if len(pieces) > 1 else JUXTAPOSED
        text = self.to.juxtaposed([*front, self.at_least(body, binds)])
        return Piece(text, binds if binds <= body.binds <= JUXTAPOSED else SCALED)

    def diagonal(self, arrays: list[Any], axes: Labels) -> list[Piece] | None:
        """A vector beside the identity matrix is diag(vector)."""
        unit = [e for e in arrays if e in self.table.views and is_eye(self.table.views[e][0])]
        rest = [e for e in arrays if e not in unit]
        if len(unit) != 1 or not rest or len(axes) != 2 or any(len(self.table.labels(e)) != 1 for e in rest):
            return None
        row, column = axes
        vector = self.table.relabel(sympy().Mul(*rest), {column: row})
        return [Piece(self.to.call("diag", [self.piece(vector, (row,)).text]), CALL)]

    def outer(self, arrays: list[Any], pieces: list[Piece], axes: Labels) -> tuple[list[Any], list[Piece]]:
        """A column beside a row is their product u vᵀ."""
        if len(axes) != 2 or None in axes:
            return arrays, pieces
        columns = [e for e in arrays if self.table.labels(e) == {axes[0]}]
        rows = [e for e in arrays if self.table.labels(e) == {axes[1]}]
        if not columns or not rows:
            return arrays, pieces
        u = self.at_least(self.piece(sympy().Mul(*columns), (axes[0], None)), OPERAND)
        made = Piece(self.to.juxtaposed([u, self.row(sympy().Mul(*rows), axes[1])]), JUXTAPOSED)
        left = [(e, p) for e, p in zip(arrays, pieces, strict=True) if e not in columns and e not in rows]
        return [columns[0], *(e for e, _ in left)], [made, *(p for _, p in left)]

    def row(self, expr: Any, label: int) -> str:
        """A row: what is one as it is written, and a vector transposed."""
        if self.transposes(expr, (None, label)) < self.transposes(expr, (label, None)):
            return self.at_least(self.piece(expr, (None, label)), OPERAND)
        return self.to.transposed(self.at_least(self.piece(expr, (label, None)), CALL))

    def scalar_order(self, expr: Any) -> tuple:
        views = self.table.views_of(expr)
        return not expr.is_Number, bool(views), self.factor_order(expr) if views else (), str(expr)

    def power(self, expr: Any, axes: Labels) -> Piece:
        """A factor: a symbol, a sum in brackets, or a power of one."""
        if expr.is_Rational:
            p, q = self.fraction_of(expr)
            return (
                Piece(self.to.number(p or "1"))
                if not q
                else Piece(self.to.fraction(self.to.number(p or "1"), self.to.number(q)), self.to.fraction_binds)
            )
        if expr.is_Symbol:
            if expr in self.table.views and self.table.is_condition(expr):
                atom, labels = self.table.views[expr]
                return Piece(self.to.indicator(self.condition(atom.op, atom, labels, axes)))
            return self.symbol(expr, axes)
        if expr.is_Pow:
            if expr.exp == sympy().Rational(1, 2):
                return Piece(self.to.root(self.piece(expr.base, axes).text), CALL)
            base = self.at_least(self.piece(expr.base, axes), CALL)
            if expr.exp.is_Rational:
                p, q = self.fraction_of(expr.exp) if expr.exp.q > 12 else (str(expr.exp.p), str(expr.exp.q))
                return Piece(self.to.power(base, p if q in (None, "1") else f"{p or '1'}/{q}"), SCRIPT)
            return Piece(self.to.power(base, self.piece(expr.exp, axes).text), SCRIPT)
        if expr in (sympy().oo, -sympy().oo, sympy().nan):
            return Piece(self.to.number(str(expr).replace("oo", "∞")))
        if expr is sympy().I:
            return Piece(self.to.number(self.table.unit()))
        if expr is sympy().pi:
            return Piece(self.to.name("pi"))
        return self.piece(expr, axes)


def _negative(expr: Any) -> bool:
    """Whether an expression is a number below zero times something."""
    return bool(expr.as_coeff_Mul()[0].is_negative)
