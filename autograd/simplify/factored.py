"""Polynomials written as lines, with common factors taken out and small factors multiplied first."""

from collections import Counter
from fractions import Fraction
from typing import Any

from ..program import Line
from .facts import holds, is_line
from .polynomial import ONE, Monomial, Polynomial, Ring, TooLarge, total, whole_inverse
from .rewriter import Rewriter, Value


def write(make: Rewriter, ring: Ring, p: Polynomial) -> Value:
    """Lines that compute a polynomial."""
    common, c, inner = ring.factored(p)
    return write_product(make, common, c, None if len(inner) == 1 else _write_sum(make, ring, inner))


def write_product(make: Rewriter, m: Monomial, c: Fraction, inner: Value | None) -> Value:
    """Lines for m * c * inner.

    Raises:
        TooLarge: the dtype does not hold the number.
    """
    over = sorted((a for a, k in m for _ in range(k)), key=_size)
    under = sorted((a for a, k in m for _ in range(-k)), key=_size)
    number: Any = int(c) if c.denominator == 1 and abs(c) < 2**31 else float(c)
    factors: list[Value] = [*over] if inner is None else sorted([*over, inner], key=_size)
    if any(isinstance(v, Line) and not holds(v.dtype, number) for v in (*factors, *under)):
        raise TooLarge
    result: Value = None
    if number != 1 and factors and isinstance(factors[0], Line):
        result = _scaled(make, factors.pop(0), number)  # one number, into the smallest factor
    elif number != 1 or not factors:
        result = number
    while factors:
        factor = factors.pop(0)
        if factors and factors[0] is factor:
            factors.pop(0)
            factor = make.make("square", factor)
        result = factor if result is None else make.make("multiply", result, factor)
    for factor in under:
        if not isinstance(result, Line) and result == 1:
            result = make.make("reciprocal", factor)
        else:
            result = make.make("divide", result, factor)
    return result


def _write_sum(make: Rewriter, ring: Ring, p: Polynomial) -> Value:
    """A sum of terms; one of more than two with the atom that most of them share taken out of these."""
    atoms = Counter(a for m in p for a, k in m if k > 0)
    best = max(atoms, key=lambda a: (atoms[a], _size(a)), default=None)
    if best is not None and atoms[best] > 1 and len(p) > 2:
        inside = {m: c for m, c in p.items() if dict(m).get(best, 0) > 0}
        rest = {m: c for m, c in p.items() if m not in inside}
        if all(c < 0 for c in inside.values()) and any(c > 0 for c in rest.values()):
            inside, rest = rest, inside
        if all(c < 0 for c in rest.values()):
            return make.make("subtract", write(make, ring, inside), write(make, ring, total({}, rest, -1)))
        return make.make("add", write(make, ring, inside), write(make, ring, rest))
    terms = sorted(p.items(), key=_place)
    if terms[0][0] == ONE and terms[1][1] > 0:
        terms[:2] = terms[1::-1]  # x + 2, at the price of 2 + x
    (m, c), *others = terms
    result = write_product(make, m, c, None)
    for m, c in others:
        result = make.make("subtract" if c < 0 else "add", result, write_product(make, m, abs(c), None))
    return result


def _place(term: tuple[Monomial, Fraction]) -> Any:
    """Positive terms come first, small ones first among them; y z - max(z, 0) cancels exactly before a softplus."""
    m, c = term
    return c < 0, any(is_line(a, "softplus") for a, _ in m), max((_size(a) for a, _ in m), default=1)


def _size(value: Value) -> int:
    return value.value.size if isinstance(value, Line) else 0


def _scaled(make: Rewriter, factor: Line, number: float) -> Value:
    """A multiple of a line; a division by a whole number stays one."""
    if number == -1:
        return make.make("negative", factor)
    whole = whole_inverse(number, factor.dtype)
    return make.make("divide", factor, whole) if whole else make.make("multiply", factor, number)
