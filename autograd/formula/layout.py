"""From index notation to what a person writes: matrix products, transposes, Hadamard products, sums over rows.

Where a formula has no such form (products over three indices, say), the whole of it is written with its indices.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..shapes import normalize_axes
from .index import Atom, Labels, Table, Value
from .lazy import sympy
from .notation import ADD, ATOM, CALL, JUXTAPOSED, OPERAND, PRODUCT, RELATION, SCRIPT, WORDS, Text, relations

# primitives that are written in a way of their own; every other one is written name(...)
special = {
    "index",
    "scatter",
    "concatenate",
    "stack",
    "eye",
    "softmax",
    "log_softmax",
    "linalg.inv",
    "linalg.det",
    "where",
}
titles = {"maximum": "max", "minimum": "min", "linalg.det": "det", "absolute": "abs"}
reductions = {"max", "min", "prod", "var", "std", "cumsum", "logsumexp", "argmax", "argmin", "any", "all"}
opposites = {"equal": "not_equal", "less": "greater_equal", "less_equal": "greater"}
opposites |= {b: a for a, b in opposites.items()}
ALPHABET = "ijklpqrstuvwabcdefgh"


class NeedIndicesError(Exception):
    """The formula has no form in matrix notation."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a formula, written; and how tightly it binds."""

    text: str
    binds: int = ATOM


def write(table: Table, value: Value, notation: Text, left: str = "") -> tuple[str, str]:
    """Both sides of `left = value`, in matrix notation if there is one, else with indices.

    Args:
        left: the left side, written; it gets the indices too where they are needed.
    """
    try:
        return left, Layout(table, notation).piece(value.expr, real_axes(value)).text
    except NeedIndicesError:
        layout = Layout(table, notation, indices=True)
        layout.letter(value.axes)
        right = layout.piece(value.expr, value.axes).text
        letters = [layout.letters[k] for k in value.axes]
        return (notation.indexed(left, letters) if left and letters else left), right


class Layout:
    """Writes expressions of one table in one notation."""

    def __init__(
        self, table: Table, notation: Text, indices: bool = False, counted: dict[Any, int] | None = None
    ) -> None:
        self.table, self.to, self.indices = table, notation, indices
        self.counted = {} if counted is None else counted
        self.letters: dict[int, str] = {}

    def letter(self, labels: Sequence[int]) -> list[str]:
        """A letter for each label that is summed over or counts an axis."""
        taken = {a.op for a in self.table.atoms.values() if a.kind == "name"}
        free = [c for c in ALPHABET if c not in taken]
        for k in labels:
            if k not in self.letters:
                used = len(self.letters)
                self.letters[k] = free[used] if used < len(free) else f"i{used}"
        return [self.letters[k] for k in labels]

    def at_least(self, piece: Piece, binds: int) -> str:
        """The piece, in brackets if it binds less tightly than its place asks for."""
        return piece.text if piece.binds >= binds else self.to.brackets(piece.text)

    # -- arithmetic ------------------------------------------------------------------------------------------------

    def piece(self, expr: Any, axes: Labels) -> Piece:
        """An expression, whose rows and columns are the last two of `axes`."""
        minus, body = self.signed(expr, axes)
        return Piece(self.to.negative(self.at_least(body, PRODUCT)), ADD) if minus else body

    def signed(self, expr: Any, axes: Labels) -> tuple[bool, Piece]:
        """Whether an expression starts with a minus, and the rest of it."""
        if expr.is_Add:
            return self.sum_of_terms(expr, axes)
        if expr.is_Symbol and not (expr in self.table.views and self.table.is_condition(expr)):
            return False, self.symbol(expr, axes)
        return self.product(expr, axes)

    def sum_of_terms(self, expr: Any, axes: Labels) -> tuple[bool, Piece]:
        complement = self.complement(expr, axes)
        if complement is not None:
            return False, complement
        terms = [self.signed(t, axes) for t in sorted(expr.args, key=self.term_order)]
        return False, Piece(self.to.add([(minus, self.at_least(x, PRODUCT)) for minus, x in terms]), ADD)

    def complement(self, expr: Any, axes: Labels) -> Piece | None:
        """1 - 1[x > 0] is 1[x <= 0]."""
        one, *rest = expr.args if expr.args[0] == 1 else (0,)
        if one == 1 and len(rest) == 1 and self.table.is_condition(-rest[0]):
            atom, labels = self.table.views[-rest[0]]
            if atom.op in opposites:
                return Piece(self.to.indicator(self.condition(opposites[atom.op], atom, labels, axes)))
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
        number, top, bottom = 1, [], []
        for f in expr.args if expr.is_Mul else (expr,):
            if f.is_Rational:
                number *= f
            elif f.is_Pow and f.exp.is_negative:
                bottom.append(1 / f)
            else:
                scale, f = self.cases(f)
                number *= scale
                top.append(f)
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

    def cases(self, expr: Any) -> tuple[Any, Any]:
        """a + b 1[x > 0] as (a + b) times {1 if x > 0, else a / (a + b)}."""
        a, b = expr.as_coeff_Add() if expr.is_Add else (0, 0)
        b, condition = b.as_coeff_Mul() if a else (0, None)
        if not a or a + b == 0 or a + b == a or a == -b or not self.table.is_condition(condition) or -b == a:
            return 1, expr
        return a + b, self.table.map("where", [condition, sympy().Integer(1), a / (a + b)])

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

    def backward(self, expr: Any) -> bool:
        """Whether a sum reads better with all signs changed: mostly negative, or x - 1."""
        negative = sum(map(_negative, expr.args))
        if 2 * negative != len(expr.args):
            return 2 * negative > len(expr.args)
        return any(t.is_Number and t.is_negative for t in expr.args)

    def fraction_of(self, number: Any) -> tuple[str, str | None]:
        """A rational as written: numerator ("" for 1) and denominator, or one decimal number."""
        number = sympy().Rational(number)
        p, q = int(number.p), int(number.q)
        if q > 12 and (p != 1 or q > 99999) and len(repr(float(number))) <= len(f"{p}{q}") + 1:
            return repr(float(number)), None
        if q > 99999:
            return f"{float(number):.6g}", None
        return (str(p) if p != 1 else ""), (str(q) if q != 1 else None)

    def factors(self, first: list[str], exprs: list[Any], axes: Labels) -> Piece | None:
        """Numbers and scalars side by side, then arrays joined by the Hadamard product."""
        arrays = sorted((e for e in exprs if self.table.labels(e)), key=self.factor_order)
        scalars = sorted((e for e in exprs if not self.table.labels(e)), key=self.scalar_order)
        front = [self.to.number(n) for n in first if not n.startswith("v")]
        front += [self.at_least(self.power(e, axes), OPERAND) for e in scalars]
        if not arrays:
            if len(scalars) == 1 and not first:
                return self.power(scalars[0], axes)
            return Piece(self.to.juxtaposed(front), JUXTAPOSED if len(front) > 1 else ATOM) if front else None
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
        return Piece(self.to.juxtaposed([*front, self.at_least(body, binds)]), binds)

    def diagonal(self, arrays: list[Any], axes: Labels) -> list[Piece] | None:
        """A vector beside the identity matrix is diag(vector)."""
        unit = [e for e in arrays if e in self.table.views and self.table.views[e][0].op == "eye"]
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
        v = self.at_least(self.piece(sympy().Mul(*rows), (axes[1], None)), CALL)
        made = Piece(self.to.juxtaposed([u, self.to.transposed(v)]), JUXTAPOSED)
        left = [(e, p) for e, p in zip(arrays, pieces, strict=True) if e not in columns and e not in rows]
        return [columns[0], *(e for e, _ in left)], [made, *(p for _, p in left)]

    def scalar_order(self, expr: Any) -> tuple:
        return not expr.is_Number, bool(self.table.views_of(expr)), str(expr)

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
                q = "" if expr.exp.q == 1 else f"/{expr.exp.q}"
                return Piece(self.to.power(base, f"{expr.exp.p}{q}"), SCRIPT)
            return Piece(self.to.power(base, self.piece(expr.exp, axes).text), SCRIPT)
        if expr in (sympy().oo, -sympy().oo, sympy().nan):
            return Piece(self.to.number(str(expr).replace("oo", "∞")))
        return self.piece(expr, axes)

    # -- arrays ----------------------------------------------------------------------------------------------------

    def symbol(self, expr: Any, axes: Labels) -> Piece:
        """A named size, or a view of an atom."""
        if expr not in self.table.views:
            return Piece(self.to.name(expr.name))
        atom, labels = self.table.views[expr]
        if atom.kind == "name":
            return self.turned(Piece(self.to.name(atom.op)), labels, axes)
        if atom.kind == "sum":
            (body,), bound = self.table.open(atom, labels)
            return self.total(body, bound, axes, labels)
        if atom.kind == "map":
            return self.function(atom, labels, axes)
        if atom.op in reductions and not self.indices:
            labels = self.kept(atom, labels)
        return self.turned(self.call(atom), labels, axes)

    def kept(self, atom: Atom, labels: Labels) -> Labels:
        """The labels of a reduction, its reduced axes kept: a maximum over columns stands as a column."""
        whole = next(p for p in atom.parts if isinstance(p, Value)).shape
        axis = atom.options.get("axis")
        axes = normalize_axes(axis, len(whole))
        if len(labels) + len(axes) != len(whole):
            return labels
        rest = iter(labels)
        return tuple(None if i in axes else next(rest) for i in range(len(whole)))

    def turned(self, piece: Piece, labels: Labels, axes: Labels) -> Piece:
        """An array whose axes lie along `labels`, in a formula whose axes are `axes`; None is an axis of length 1."""
        own = [k for k in labels if k is not None]
        if self.indices:
            return Piece(self.to.indexed(self.at_least(piece, CALL), self.letter(own)), CALL) if own else piece
        if len(set(own)) < len(own) or not set(own) <= set(axes):
            raise NeedIndicesError
        real = [k for k in axes if k is not None]
        if aligned(labels, axes) or (own == real and len(labels) != len(axes)):
            return piece
        if len(labels) > 1 and aligned((*labels[:-2], labels[-1], labels[-2]), axes):
            return Piece(self.to.transposed(self.at_least(piece, CALL)), SCRIPT)
        if own[::-1] == real and len(own) == 2:
            return Piece(self.to.transposed(self.at_least(piece, CALL)), SCRIPT)
        if len(labels) == 1 and len(axes) > 1 and axes[-2] == own[0]:
            return Piece(self.to.column(self.at_least(piece, OPERAND)), JUXTAPOSED)
        raise NeedIndicesError

    def function(self, atom: Atom, labels: Labels, axes: Labels) -> Piece:
        """A function of each entry."""
        if atom.op in relations:
            return Piece(self.condition(atom.op, atom, labels, axes), RELATION)
        parts, _ = self.table.open(atom, labels)
        if atom.op == "where":
            written = [self.truth(parts[0], axes), *(self.piece(p, axes).text for p in parts[1:])]
            return Piece(self.to.where(*written), CALL)
        args = [self.piece(p, axes).text for p in parts]
        args += [self.to.number(f"{k}={shown(v)}") for k, v in atom.options.items()]
        return Piece(self.to.call(title(atom.op), args), CALL)

    def truth(self, expr: Any, axes: Labels) -> str:
        """A condition by itself, not as the number 1 or 0."""
        if expr.is_Symbol and self.table.is_condition(expr):
            atom, labels = self.table.views[expr]
            return self.condition(atom.op, atom, labels, axes)
        if expr.is_Add and self.table.is_condition(expr) and (1 - expr).is_Symbol:
            atom, labels = self.table.views[1 - expr]
            if atom.op in opposites:
                return self.condition(opposites[atom.op], atom, labels, axes)
        return self.piece(expr, axes).text

    def condition(self, op: str, atom: Atom, labels: Labels, axes: Labels) -> str:
        if atom.kind == "name":
            return self.turned(Piece(self.to.name(atom.op)), labels, axes).text
        parts, _ = self.table.open(atom, labels)
        if op in relations:
            x, y = (self.at_least(self.piece(p, axes), ADD) for p in parts)
            return self.to.relation(op, x, y)
        return self.to.call(op, [self.truth(p, axes) for p in parts])

    def call(self, atom: Atom) -> Piece:
        """A primitive taken whole."""
        values = [p for p in atom.parts if isinstance(p, Value)]
        if self.indices:
            try:
                inner = Layout(self.table, self.to)
                pieces = [inner.piece(v.expr, real_axes(v)) for v in values]
            except NeedIndicesError:
                pieces = []
                for v in values:
                    labels = [next(self.table.fresh) for _ in v.shape]
                    expr = self.table.relabel(v.expr, dict(zip(v.axes, labels, strict=True)))
                    self.letter(labels)
                    pieces.append(self.piece(expr, tuple(labels)))
        else:
            pieces = [self.piece(v.expr, real_axes(v)) for v in values]
        plain = [p for p in atom.parts if not isinstance(p, Value)]
        if atom.op == "index" and len(values) == 1:
            return Piece(self.to.pick(self.at_least(pieces[0], CALL), ", ".join(map(shown, plain))), CALL)
        if atom.op in ("concatenate", "stack"):
            axis = atom.options.get("axis", 0) or 0
            return Piece(self.to.joined([p.text for p in pieces], axis % max(len(atom.shape), 1)), ATOM)
        if atom.op in reductions and len(values) == 1:
            over = over_axes(atom.options.get("axis", plain[0] if plain else None), len(values[0].shape))
            what = {"prod": "product"}.get(atom.op, atom.op)
            return Piece(self.to.words(what, over, self.at_least(pieces[0], PRODUCT)), WORDS)
        if atom.op == "eye":
            return Piece(self.to.name("I"))
        if atom.op in ("softmax", "log_softmax") and atom.options.get("axis") == len(atom.shape) - 1:
            return Piece(self.to.call(atom.op, [pieces[0].text]), CALL)
        if atom.op == "linalg.inv":
            return Piece(self.to.power(self.at_least(pieces[0], CALL), "-1"), SCRIPT)
        if atom.op == "scatter":
            return Piece(
                self.to.call("scatter", [pieces[0].text, self.to.pick("", ", ".join(map(shown, plain[1:])))]), CALL
            )
        written = iter(pieces)
        args = [next(written).text if isinstance(p, Value) else self.to.number(shown(p)) for p in atom.parts]
        args += [self.to.number(f"{k}={shown(v)}") for k, v in atom.options.items() if v is not None and v is not False]
        return Piece(self.to.call(title(atom.op), args), CALL)

    # -- sums over axes --------------------------------------------------------------------------------------------

    def total(self, body: Any, bound: dict[int, int], axes: Labels, labels: Labels) -> Piece:
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

    def matrix_product(self, factors: list[Any], k: int, free: list[int], axes: Labels) -> Piece | None:
        """Factors over (row, k), over k alone and over (k, column), if that is what they are."""
        has = {f: self.table.labels(f) for f in factors}
        if not free:
            left, *rest = sorted(factors, key=self.factor_order)
            if len(has[left]) > 1:
                return None
            first = self.at_least(self.piece(left, (k, None)), CALL)
            second = self.piece(sympy().Mul(*rest), (k, None))
            return Piece(self.to.juxtaposed([self.to.transposed(first), self.at_least(second, OPERAND)]), JUXTAPOSED)
        if len(free) == 1:
            vectors = [f for f in factors if has[f] == {k}]
            matrices = [f for f in factors if has[f] != {k}]
            if not vectors or not matrices:
                return None
            flat = all(len(labels) < 2 for f in vectors for _, labels in self.table.views_of(f))
            matrix = self.oriented(matrices, (free[0], k))
            vector = self.chained(self.piece(sympy().Mul(*vectors), (k,) if flat else (k, None)))
            made = Piece(self.to.juxtaposed([matrix, vector]), JUXTAPOSED)
            return self.turned(made, (free[0],) if flat else (free[0], None), axes)
        batch, row, column = tuple(free[:-2]), free[-2], free[-1]
        left = [f for f in factors if row in has[f]]
        right = [f for f in factors if column in has[f]]
        middle = [f for f in factors if f not in left and f not in right]
        if not left or not right or set(left) & set(right):
            return None
        pieces = [self.oriented(left, (*batch, row, k))]
        if middle:
            pieces.append(self.to.call("diag", [self.piece(sympy().Mul(*middle), (*batch, k)).text]))
        pieces.append(self.oriented(right, (*batch, k, column)))
        return self.turned(Piece(self.to.juxtaposed(pieces), JUXTAPOSED), (*batch, row, column), axes)

    def oriented(self, factors: list[Any], axes: Labels) -> str:
        """A factor of a matrix product, as it is or as (...) transposed: whichever needs fewer transposes."""
        expr = sympy().Mul(*factors)
        straight = self.chained(self.piece(expr, axes))
        if expr.is_Symbol and self.table.views[expr][0].kind in ("name", "call"):
            return straight
        across = (*axes[:-2], axes[-1], axes[-2])
        if self.transposes(expr, axes) < self.transposes(expr, across) + 1:
            return straight
        return self.to.transposed(self.at_least(self.piece(expr, across), CALL))

    def transposes(self, expr: Any, axes: Labels) -> int:
        """How many transposes it takes to write an expression along these axes."""
        key = expr, axes
        if key not in self.counted:
            try:
                self.counted[key] = Layout(self.table, Text(), counted=self.counted).piece(expr, axes).text.count("ᵀ")
            except NeedIndicesError:
                self.counted[key] = 1000
        return self.counted[key]

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
        places = tuple(i for i, k in enumerate(order) if k in bound)
        over = over_axes(places, len(order)) if left else ""
        inner = self.at_least(self.piece(body, tuple(order)), PRODUCT)
        piece = Piece(self.to.words("sum", over, inner), WORDS)
        return self.turned(piece, tuple(None if k in bound else k for k in order), axes) if left else piece


def real_axes(value: Value) -> Labels:
    """The labels of a value's axes; None for those of length 1."""
    return tuple(None if n == 1 else k for n, k in zip(value.shape, value.axes, strict=True))


def aligned(labels: Labels, axes: Labels) -> bool:
    """Whether NumPy would broadcast axes with these labels to `axes` without moving any."""
    if any(k is not None for k in labels[: max(len(labels) - len(axes), 0)]):
        return False
    return all(k is None or k == a for k, a in zip(labels[::-1], axes[::-1], strict=False))


def title(op: str) -> str:
    """What a primitive is called in a formula: its name without the module."""
    return titles.get(op, op.rsplit(".", 1)[-1])


def over_axes(axis: Any, ndim: int) -> str:
    """What a reduction over `axis` runs over, in words; nothing if it is over everything."""
    axes = tuple(range(ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    axes = tuple(int(a) % ndim for a in axes)
    if len(axes) == ndim:
        return ""
    if ndim == 2:
        return "rows" if axes == (0,) else "columns"
    return ("axis " if len(axes) == 1 else "axes ") + ", ".join(map(str, axes))


def shown(part: Any) -> str:
    """Plain data among the arguments of a primitive."""
    if isinstance(part, slice):
        ends = ["" if e is None else str(e) for e in (part.start, part.stop, part.step)]
        return ":".join(ends if part.step is not None else ends[:2])
    if part is Ellipsis:
        return "..."
    if hasattr(part, "shape") and getattr(part, "ndim", 0):
        return f"array of {'×'.join(map(str, part.shape))}"
    if isinstance(part, tuple):
        return "(" + ", ".join(map(shown, part)) + ")"
    return str(part)


def _negative(expr: Any) -> bool:
    """Whether an expression is a number below zero times something."""
    return bool(expr.as_coeff_Mul()[0].is_negative)
