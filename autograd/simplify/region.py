"""Lines of elementwise arithmetic as polynomials.

A region of + - * / and whole powers is multiplied out into terms, where like terms meet and cancel. So
-(y (1 - a)) + (1 - y) a becomes a - y.
"""

from collections.abc import Iterable
from fractions import Fraction

from ..program import Line
from .facts import is_float, is_line, is_number
from .polynomial import ONE, Polynomial, Ring, TooLarge, inverse, total
from .rewriter import Rewriter, Value
from .softmaxes import by_exponentials

SOURCES = 100
"""A line that was computed from more than this is taken for a source itself."""

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


class Region:
    """The polynomials of a program's lines, each computed once.

    Args:
        make: makes the lines of stable functions that become atoms.
        lines: the program.
    """

    def __init__(self, make: Rewriter, lines: Iterable[Line] = ()) -> None:
        self.make = make
        self.ring = Ring()
        self.softmaxes = by_exponentials(make, lines)
        self.softmax_of = {line: p for e, (p, summed) in self.softmaxes.items() for line in (e, summed)}
        self.of: dict[Line, Polynomial] = {}
        self.sources: dict[Line, frozenset[Line]] = {}

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
            except (TooLarge, ZeroDivisionError, OverflowError, ValueError):  # the last two for inf and NaN
                self.of[top] = self.ring.atom(top)
        return self.of[line]

    def expands(self, line: Line) -> bool:
        """Whether a line is arithmetic on values of its own real floating dtype."""
        if line.primitive is None or line.primitive.name not in ARITHMETIC or line.kwargs or not is_float(line):
            return False
        if line.primitive.name == "power":
            return is_number(line.args[1], 3, 4, -2, -3)
        return all(not isinstance(a, Line) or a.dtype == line.dtype for a in line.args)

    def forgets(self, line: Line) -> bool:
        """Whether something that a line was computed from, so that a NaN in it was a NaN here, is not in its terms."""
        return not self._sources(line) <= {s for m in self.of[line] for a, _ in m for s in self._sources(a)}

    def _sources(self, line: Line) -> frozenset[Line]:
        """What a line was computed from by arithmetic and sigmoids."""
        stack = [line]
        while stack:
            top = stack[-1]
            if top in self.softmax_of:
                within = [self.softmax_of[top]]
            else:
                within = top.parents if self.expands(top) or is_line(top, "sigmoid") or is_line(top, "softplus") else []
            missing = [p for p in within if p not in self.sources]
            if missing:
                stack += missing
                continue
            stack.pop()
            found = frozenset[Line]().union(*[self.sources[p] for p in within])
            self.sources[top] = found if 0 < len(found) <= SOURCES else frozenset([top])
        return self.sources[line]

    def _atom_of(self, line: Line) -> Polynomial:
        if is_line(line, "sigmoid") and is_line(line.args[0], "negative"):
            other = self.make.make("sigmoid", line.args[0].args[0])
            return total({ONE: Fraction(1)}, self.ring.atom(other), -1)
        if line in self.softmaxes:
            probabilities, summed = self.softmaxes[line]
            return self.ring.product(self.ring.atom(probabilities), self.ring.atom(summed))
        return self.ring.atom(line)

    def _value(self, value: Value) -> Polynomial:
        if isinstance(value, Line):
            return self.of[value]
        return {ONE: Fraction(float(value))} if value else {}

    def _expand(self, line: Line) -> Polynomial:
        name = line.primitive.name  # type: ignore[union-attr]
        if name in ("log_sigmoid", "log_of_complement"):
            z = line.args[0]
            soft = self.ring.atom(self.make.make("softplus", z))
            return total(self.polynomial(z) if name == "log_sigmoid" else {}, soft, -1)
        values = [self._value(a) for a in line.args]
        x = values[0]
        if name == "add":
            return total(x, values[1])
        if name == "subtract":
            return total(x, values[1], -1)
        if name == "negative":
            return total({}, x, -1)
        if name == "multiply":
            return self._product(x, values[1])
        if name == "square":
            return self._product(x, x)
        if name == "power":
            n = int(line.args[1])
            base = x if n > 0 else self._inverse(x, line.args[0])
            result = base
            for _ in range(abs(n) - 1):
                result = self._product(result, base)
            return result
        below = line.args[0] if name == "reciprocal" else line.args[1]
        over = {ONE: Fraction(1)} if name == "reciprocal" else x
        return self._product(over, self._inverse(self._value(below), below))

    def _inverse(self, polynomial: Polynomial, line: Value) -> Polynomial:
        """One over a single term; over more, the line as an atom with exponent -1."""
        if len(polynomial) == 1:
            ((monomial, c),) = polynomial.items()
            return {inverse(monomial): 1 / c}
        if not isinstance(line, Line):
            raise TooLarge
        return self.ring.atom(line, -1)

    def _product(self, p: Polynomial, q: Polynomial) -> Polynomial:
        """p * q, where terms over a sum are divided by that sum if it goes: (a - a^2) / (1 - a) is a."""
        p = self.ring.product(p, q)
        for atom in dict.fromkeys(a for m in p for a, k in m if k < 0):
            below = self.of.get(atom)
            if below is None or len(below) < 2:
                continue
            over = {m: c for m, c in p.items() if (atom, -1) in m}
            rest = {m: c for m, c in p.items() if m not in over}
            found = self.ring.quotient({tuple(i for i in m if i[0] is not atom): c for m, c in over.items()}, below)
            if found is not None:
                p = total(rest, found)
        return p
