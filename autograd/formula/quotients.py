"""What stands above and below the bar of a fraction, and the number in front."""

from collections.abc import Sequence
from typing import Any

from .lazy import sympy
from .pieces import Writer
from .translate import LARGEST_ROOT


class Quotients(Writer):
    """The part of a writer that takes products and sums apart."""

    def parted(self, expr: Any) -> tuple[Any, list[Any], list[Any]]:
        """The number in a product, and its factors above and below the bar."""
        number, top, bottom = 1, [], []
        for f in self.one_root(expr.args if expr.is_Mul else (expr,)):
            if f.is_Rational:
                number *= f
            elif f.is_Pow and f.base.is_Rational and max(f.base.p, f.base.q) > LARGEST_ROOT:
                number *= sympy().Rational(repr(float(f)))
            elif f.is_Pow and f.exp.is_negative:
                q = self.bar(f.base) if f.exp == -1 else 1
                number *= q
                bottom.append(sympy().Pow(f.base, -f.exp, evaluate=False) if f.exp != -1 else self.times(q, f.base))
            else:
                scale, f = self.cases(f)
                q = self.bar(f)
                number *= sympy().Rational(1, q) * scale
                top.append(self.times(q, f))
        if any(map(self.table.on_diagonal, top)):  # diag(1 / v) rather than I / v
            below = [b for b in bottom if len(self.table.labels(b)) == 1]
            top, bottom = [*top, *(1 / b for b in below)], [b for b in bottom if b not in below]
        return number, top, bottom

    def over_scalars(self, expr: Any) -> tuple[Any, Any]:
        """A quotient as what stands above and below its bar, where no array stands below; else all of it over 1."""
        number, rest = sympy().Integer(1), []
        below = sympy().denom(expr)
        for f in sympy().Mul.make_args(expr):
            if f.is_Rational:
                number *= f
            elif not (f.is_Pow and f.exp.is_negative):
                rest.append(f)
        if self.table.labels(below) or (number.q != 1 and self.fraction_of(number)[1] is None):
            return expr, 1
        above = [f for f in (sympy().Integer(number.p), *rest) if f != 1]
        return (sympy().Mul(*above, evaluate=False) if len(above) > 1 else above[0]), below

    def one_root(self, factors: Sequence[Any]) -> Sequence[Any]:
        """The root of a number beside the root of pi as one root: x / sqrt(2 pi), not sqrt(2) x / (2 sqrt(pi))."""
        sp, half = sympy(), sympy().Rational(1, 2)
        number = next((f for f in factors if f.is_Pow and f.base.is_Integer and f.exp == half), None)
        pi = next((f for f in factors if f.is_Pow and f.base is sp.pi and abs(f.exp) == half), None)
        if number is None or pi is None:
            return factors
        both = sp.Pow(sp.Mul(number.base, sp.pi, evaluate=False), pi.exp, evaluate=False)
        below = [number.base] if pi.exp.is_negative else []
        return [*(f for f in factors if f not in (number, pi)), both, *below]

    def bar(self, expr: Any) -> int:
        """The number that all terms of a sum are divided by: (1 + x) / 2 rather than 1 / 2 + x / 2."""
        if not expr.is_Add or self.table.reduce is None:
            return 1
        numbers = [t.as_coeff_Mul()[0] for t in expr.args]
        found = {int(n.q) if n.is_Rational else 1 for n in numbers}
        return found.pop() if len(found) == 1 else 1

    def times(self, q: int, expr: Any) -> Any:
        """A number times each term of a sum."""
        return expr if q == 1 else sympy().Add(*[q * t for t in expr.args])

    def cases(self, expr: Any) -> tuple[Any, Any]:
        """a + b 1[x > 0] as (a + b) times {1 if x > 0, else a / (a + b)}."""
        a, b = expr.as_coeff_Add()
        if not expr.is_Add or a == 0:
            return 1, expr
        b, condition = b.as_coeff_Mul()
        if a + b == 0 or not self.table.is_condition(condition):
            return 1, expr
        return a + b, self.table.map("where", [condition, sympy().Integer(1), a / (a + b)])

    def fraction_of(self, number: Any) -> tuple[str, str | None]:
        """A rational as written: numerator ("" for 1) and denominator, or one decimal number."""
        number = sympy().Rational(number)
        p, q = int(number.p), int(number.q)
        decimal = q > 12 or (abs(p) > q and q % 5 == 0)  # 1.1 rather than 11 / 10, but 2 / 5
        if decimal and (p != 1 or q > 99999) and len(repr(float(number))) <= len(f"{p}{q}") + 1:
            return repr(float(number)), None
        if q > 99999 or abs(p) >= 10**16:
            return f"{float(number):.6g}", None
        return (str(p) if p != 1 else ""), (str(q) if q != 1 else None)
