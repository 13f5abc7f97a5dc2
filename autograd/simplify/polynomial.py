"""A normal form for elementwise regions: polynomials over atoms, which may stand in denominators.

A region of + - * / and whole powers is multiplied out into terms, where like terms meet and cancel, and then written
again with common factors taken out. So -(y (1 - a)) + (1 - y) a becomes a - y.
"""

from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np

from ..program import Line
from .facts import holds, is_float, is_line, is_number
from .rewriter import Rewriter, Value

Monomial = tuple[tuple[Line, int], ...]  # atoms with exponents, none 0, in the order of their numbers
Polynomial = dict[Monomial, Fraction]

TERMS, DEGREE, SOURCES = 16, 6, 100
"""Regions that grow beyond this are left as they are."""

ARITHMETIC = {
    "add",
    "subtract",
    "multiply",
    "divide",
    "negative",
    "square",
    "reciprocal",
    "power",
    "log_sigmoid",
    "log_of_complement",
}
ONE: Monomial = ()


class TooLarge(Exception):
    """A region has too many terms, or a number that is not finite."""


class Region:
    """The polynomials of a program's lines, each computed once.

    Args:
        make: makes the lines of the rewritten regions.
    """

    def __init__(self, make: Rewriter) -> None:
        self.make = make
        self.of: dict[Line, Polynomial] = {}
        self.sources: dict[Line, frozenset[Line]] = {}
        self.number: dict[Line, int] = {}

    def polynomial(self, line: Line) -> Polynomial:
        """The polynomial of a line; where it cannot be multiplied out, the line itself as an atom."""
        stack = [line]
        while stack:
            top = stack[-1]
            if top in self.of:
                stack.pop()
                continue
            missing = [p for p in top.parents if p not in self.of] if self.expands(top) else []
            if missing:
                stack += missing
                continue
            stack.pop()
            try:
                self.of[top] = self._expand(top) if self.expands(top) else self._atom_of(top)
            except (TooLarge, ZeroDivisionError, OverflowError):
                self.of[top] = self.atom(top)
        return self.of[line]

    def forgets(self, line: Line) -> bool:
        """Whether something that a line was computed from, so that a NaN in it was a NaN here, is not in its terms."""
        return not self._sources(line) <= {s for m in self.of[line] for a, _ in m for s in self._sources(a)}

    def _sources(self, line: Line) -> frozenset[Line]:
        """What a line was computed from by arithmetic and sigmoids; the line itself where that is much, or nothing."""
        stack = [line]
        while stack:
            top = stack[-1]
            within = top.parents if self.expands(top) or is_line(top, "sigmoid") or is_line(top, "softplus") else []
            missing = [p for p in within if p not in self.sources]
            if missing:
                stack += missing
                continue
            stack.pop()
            found = frozenset[Line]().union(*[self.sources[p] for p in within])
            self.sources[top] = found if 0 < len(found) <= SOURCES else frozenset([top])
        return self.sources[line]

    def expands(self, line: Line) -> bool:
        """Whether a line is arithmetic on values of its own real floating dtype."""
        if line.primitive is None or line.primitive.name not in ARITHMETIC or line.kwargs or not is_float(line):
            return False
        if line.primitive.name == "power":
            return is_number(line.args[1], 3, 4, -2, -3)
        return all(not isinstance(a, Line) or a.dtype == line.dtype for a in line.args)

    def atom(self, line: Line, exponent: int = 1) -> Polynomial:
        self.number.setdefault(line, len(self.number))
        return {((line, exponent),): Fraction(1)}

    def _atom_of(self, line: Line) -> Polynomial:
        if is_line(line, "sigmoid") and is_line(line.args[0], "negative"):
            return _sum({ONE: Fraction(1)}, self.atom(self.make.make("sigmoid", line.args[0].args[0])), -1)
        return self.atom(line)

    def _value(self, value: Value) -> Polynomial:
        if isinstance(value, Line):
            return self.of[value]
        if not np.isfinite(value):
            raise TooLarge
        return {ONE: Fraction(float(value))} if value else {}

    def _expand(self, line: Line) -> Polynomial:
        name = line.primitive.name  # type: ignore[union-attr]
        if name == "log_sigmoid":
            z = line.args[0]
            soft = self.make.make("softplus", z)
            return _sum(self.polynomial(z) if z in self.of else self.atom(z), self.atom(soft), -1)
        if name == "log_of_complement":
            return _sum({}, self.atom(self.make.make("softplus", line.args[0])), -1)
        values = [self._value(a) for a in line.args]
        x = values[0]
        if name == "add":
            return _sum(x, values[1])
        if name == "subtract":
            return _sum(x, values[1], -1)
        if name == "negative":
            return _sum({}, x, -1)
        if name == "multiply":
            return self.product(x, values[1])
        if name == "square":
            return self.product(x, x)
        if name == "power":
            n = int(line.args[1])
            base = x if n > 0 else self.inverse(x, line.args[0])
            result = base
            for _ in range(abs(n) - 1):
                result = self.product(result, base)
            return result
        below = line.args[0] if name == "reciprocal" else line.args[1]
        over = {ONE: Fraction(1)} if name == "reciprocal" else x
        return self.product(over, self.inverse(self._value(below), below))

    def inverse(self, polynomial: Polynomial, line: Value) -> Polynomial:
        """One over a single term; over more, the line as an atom with exponent -1."""
        if len(polynomial) == 1:
            ((monomial, c),) = polynomial.items()
            return {tuple((a, -n) for a, n in monomial): 1 / c}
        if not isinstance(line, Line):
            raise TooLarge
        return self.atom(line, -1)

    def product(self, p: Polynomial, q: Polynomial) -> Polynomial:
        if len(p) * len(q) > TERMS:
            raise TooLarge
        out: Polynomial = {}
        for m, c in p.items():
            for n, d in q.items():
                _add_term(out, self._join(m, n), c * d)
        return self.cancel(out)

    def _join(self, m: Monomial, n: Monomial) -> Monomial:
        powers = dict(m)
        for a, k in n:
            powers[a] = powers.get(a, 0) + k
        joined = tuple(sorted(((a, k) for a, k in powers.items() if k), key=lambda item: self.number[item[0]]))
        if sum(abs(k) for _, k in joined) > DEGREE:
            raise TooLarge
        return joined

    def cancel(self, p: Polynomial) -> Polynomial:
        """Divide terms over a sum by that sum where it goes: (a - a^2) / (1 - a) is a."""
        for atom in {a for m in p for a, k in m if k < 0}:
            below = self.of.get(atom)
            if below is None or len(below) < 2:
                continue
            over = {m: c for m, c in p.items() if (atom, -1) in m}
            rest = {m: c for m, c in p.items() if m not in over}
            quotient = self._divide({tuple(i for i in m if i[0] is not atom): c for m, c in over.items()}, below)
            if quotient is not None:
                p = _sum(rest, quotient)
        return p

    def _divide(self, p: Polynomial, q: Polynomial) -> Polynomial | None:
        """p / q without remainder, or None; terms ordered by their total degree."""

        def lead(poly: Polynomial) -> Monomial:
            return max(poly, key=lambda m: (sum(k for _, k in m), [(-self.number[a], k) for a, k in m]))

        top = lead(q)
        quotient: Polynomial = {}
        left = dict(p)
        for _ in range(TERMS):
            if not left:
                return quotient
            m = lead(left)
            factor = self._join(m, tuple((a, -k) for a, k in top))
            if any(k < 0 and dict(m).get(a, 0) >= 0 for a, k in factor):
                return None
            c = left[m] / q[top]
            _add_term(quotient, factor, c)
            for n, d in q.items():
                _add_term(left, self._join(factor, n), -c * d)
        return None

    # --- writing a polynomial as lines

    def write(self, p: Polynomial) -> Value:
        """Lines that compute a polynomial, with common factors taken out and small factors multiplied first."""
        if not p:
            return 0.0
        common, c, inner = self._factor(p)
        if len(inner) == 1:
            return self._write_product(common, c, None)
        return self._write_product(common, c, self._write_sum(inner))

    def _factor(self, p: Polynomial) -> tuple[Monomial, Fraction, Polynomial]:
        """p = common * c * inner."""
        first = dict(next(iter(p)))
        for m in p:
            powers = dict(m)
            atoms = {**first, **powers}  # in their order: a set has another one in each process
            first = {a: min(first.get(a, 0), powers.get(a, 0)) for a in atoms}
        common = tuple((a, k) for a, k in first.items() if k)
        inverse = tuple((a, -k) for a, k in common)
        sizes = {abs(c) for c in p.values()}
        c = sizes.pop() if len(sizes) == 1 else Fraction(1)
        if all(v < 0 for v in p.values()) or (c != 1 and len(p) > 1 and next(iter(p.values())) < 0 and _mixed(p)):
            c = -c
        return common, c, {self._join(m, inverse): v / c for m, v in p.items()}

    def _write_sum(self, p: Polynomial) -> Value:
        atoms = Counter(a for m in p for a, k in m if k > 0)
        best = max(atoms, key=lambda a: (atoms[a], a.value.size), default=None)
        if best is not None and atoms[best] > 1 and len(p) > 2:
            inside = {m: c for m, c in p.items() if dict(m).get(best, 0) > 0}
            rest = {m: c for m, c in p.items() if m not in inside}
            if not rest:
                return self.write(inside)
            if all(c < 0 for c in inside.values()) and any(c > 0 for c in rest.values()):
                return self.make.make("subtract", self.write(rest), self.write(_sum({}, inside, -1)))
            if all(c < 0 for c in rest.values()):
                return self.make.make("subtract", self.write(inside), self.write(_sum({}, rest, -1)))
            return self.make.make("add", self.write(inside), self.write(rest))
        terms = sorted(p.items(), key=lambda item: (item[1] < 0, self._late(item[0]), self._size(item[0])))
        result: Value = None
        for m, c in terms:
            if result is None:
                result = self._write_product(m, c, None)
            else:
                result = self.make.make("subtract" if c < 0 else "add", result, self._write_product(m, abs(c), None))
        return result

    def _late(self, m: Monomial) -> bool:
        return any(is_line(a, "softplus") for a, _ in m)  # y z - max(z, 0) cancels exactly; the small rest comes last

    def _size(self, m: Monomial) -> int:
        return max((a.value.size for a, _ in m), default=1)

    def _write_product(self, m: Monomial, c: Fraction, inner: Value | None) -> Value:
        over = sorted((a for a, k in m for _ in range(k)), key=lambda a: a.value.size)
        under = sorted((a for a, k in m for _ in range(-k)), key=lambda a: a.value.size)
        number: Any = int(c) if c.denominator == 1 and abs(c) < 2**31 else float(c)
        factors: list[Value] = [*over] if inner is None else [*over, inner]
        if any(isinstance(v, Line) and not holds(v.dtype, number) for v in (*factors, *under)):
            raise TooLarge
        if inner is not None:
            factors.sort(key=lambda v: v.value.size if isinstance(v, Line) else 0)
        result: Value = None
        if number != 1 and factors and isinstance(factors[0], Line):
            # one number into the smallest factor; a division by a whole number stays one
            result = self._scale(factors.pop(0), number)
        elif number != 1 or not factors:
            result = number
        while factors:
            factor = factors.pop(0)
            twice = bool(factors) and factors[0] is factor
            if twice:
                factors.pop(0)
                factor = self.make.make("square", factor)
            result = factor if result is None else self.make.make("multiply", result, factor)
        for factor in under:
            if not isinstance(result, Line) and result == 1:
                result = self.make.make("reciprocal", factor)
            else:
                result = self.make.make("divide", result, factor)
        return result

    def _scale(self, factor: Line, number: float) -> Value:
        if number == -1:
            return self.make.make("negative", factor)
        whole = whole_inverse(number, factor.dtype)
        if whole:
            return self.make.make("divide", factor, whole)
        return self.make.make("multiply", factor, number)


def whole_inverse(number: float, dtype: Any) -> int | None:
    """n where the number is 1 / n in this dtype, so that x * number can be written x / n."""
    if np.iscomplexobj(number) or not 0 < abs(number) < 1:
        return None
    n = round(1 / number)
    kind = np.dtype(dtype).type if np.dtype(dtype).kind == "f" else np.float64
    return n if abs(n) < 2**31 and kind(1) / kind(n) == kind(number) else None


def _mixed(p: Polynomial) -> bool:
    return any(v > 0 for v in p.values())


def _add_term(p: Polynomial, m: Monomial, c: Fraction) -> None:
    c += p.get(m, 0)
    if c:
        p[m] = c
    else:
        p.pop(m, None)


def _sum(p: Polynomial, q: Polynomial, sign: int = 1) -> Polynomial:
    out = dict(p)
    for m, c in q.items():
        _add_term(out, m, sign * c)
    if len(out) > TERMS:
        raise TooLarge
    return out
