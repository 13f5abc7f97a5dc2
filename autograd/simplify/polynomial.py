"""Polynomials over atoms, which may stand in denominators: the normal form of elementwise arithmetic."""

from fractions import Fraction
from typing import Any

import numpy as np

from ..program import Line

Monomial = tuple[tuple[Line, int], ...]  # atoms with exponents, none 0, in the order of their numbers
Polynomial = dict[Monomial, Fraction]

TERMS, DEGREE = 16, 6
"""Polynomials that grow beyond this are not multiplied out."""

ONE: Monomial = ()


class TooLarge(Exception):
    """A polynomial has too many terms, or a number that the dtype does not hold."""


class Ring:
    """Arithmetic of polynomials; their atoms are lines, numbered as they are met."""

    def __init__(self) -> None:
        self.number: dict[Line, int] = {}

    def atom(self, line: Line, exponent: int = 1) -> Polynomial:
        """A line, or one over it, as a polynomial."""
        self.number.setdefault(line, len(self.number))
        return {((line, exponent),): Fraction(1)}

    def join(self, m: Monomial, n: Monomial) -> Monomial:
        """The product of two monomials."""
        powers = dict(m)
        for a, k in n:
            powers[a] = powers.get(a, 0) + k
        joined = tuple(sorted(((a, k) for a, k in powers.items() if k), key=lambda item: self.number[item[0]]))
        if sum(abs(k) for _, k in joined) > DEGREE:
            raise TooLarge
        return joined

    def product(self, p: Polynomial, q: Polynomial) -> Polynomial:
        """p * q, multiplied out."""
        if len(p) * len(q) > TERMS:
            raise TooLarge
        out: Polynomial = {}
        for m, c in p.items():
            for n, d in q.items():
                add_term(out, self.join(m, n), c * d)
        return out

    def quotient(self, p: Polynomial, q: Polynomial) -> Polynomial | None:
        """p / q where it leaves no remainder, else None; terms are ordered by their total degree."""

        def lead(poly: Polynomial) -> Monomial:
            return max(poly, key=lambda m: (sum(k for _, k in m), [(-self.number[a], k) for a, k in m]))

        top = lead(q)
        found: Polynomial = {}
        left = dict(p)
        for _ in range(TERMS):
            if not left:
                return found
            m = lead(left)
            factor = self.join(m, inverse(top))
            if any(k < 0 and dict(m).get(a, 0) >= 0 for a, k in factor):
                return None
            c = left[m] / q[top]
            add_term(found, factor, c)
            for n, d in q.items():
                add_term(left, self.join(factor, n), -c * d)
        return None

    def factored(self, p: Polynomial) -> tuple[Monomial, Fraction, Polynomial]:
        """(common, c, inner) with p = common * c * inner.

        Nothing is brought over a common denominator: 1 / d - 1 is 0 - 1 of an infinite d, where (1 - d) / d is NaN.
        """
        first = dict(next(iter(p)))
        for m in p:
            powers = dict(m)
            shared = [a for a, k in first.items() if k * powers.get(a, 0) > 0]
            first = {a: min(first[a], powers[a], key=abs) for a in shared}
        common = tuple(first.items())
        sizes = {abs(c) for c in p.values()}
        c = sizes.pop() if len(sizes) == 1 else Fraction(1)
        negative = all(v < 0 for v in p.values())
        mixed = not negative and len(p) > 1 and next(iter(p.values())) < 0
        if negative or (mixed and c != 1):
            c = -c
        return common, c, {self.join(m, inverse(common)): v / c for m, v in p.items()}


def inverse(m: Monomial) -> Monomial:
    """One over a monomial."""
    return tuple((a, -k) for a, k in m)


def add_term(p: Polynomial, m: Monomial, c: Fraction) -> None:
    """Add c * m to p, in place."""
    c += p.get(m, 0)
    if c:
        p[m] = c
    else:
        p.pop(m, None)


def total(p: Polynomial, q: Polynomial, sign: int = 1) -> Polynomial:
    """p + sign * q."""
    out = dict(p)
    for m, c in q.items():
        add_term(out, m, sign * c)
    if len(out) > TERMS:
        raise TooLarge
    return out


def whole_inverse(number: float, dtype: Any) -> int | None:
    """n where the number is 1 / n in this dtype, so that x * number can be written x / n."""
    if np.iscomplexobj(number) or not 0 < abs(number) < 1:
        return None
    n = round(1 / number)
    kind = np.dtype(dtype).type if np.dtype(dtype).kind == "f" else np.float64
    return n if abs(n) < 2**31 and kind(1) / kind(n) == kind(number) else None
