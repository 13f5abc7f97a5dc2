"""Softmaxes written by hand, p = e / sum(e) of e = exp(z - max(z)), in their gradients.

There e is p times its sum, which cancels against what it is divided by. And the gradient goes back to the maximum as
well, though p does not depend on it: what arrives there adds up to zero.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from ..program import Line
from .factored import write_product
from .facts import is_float, is_line, is_number, is_sum
from .polynomial import Polynomial, Ring, TooLarge, total
from .rewriter import Rewriter, Value


class Softmax(NamedTuple):
    """A softmax, and the sum of the exponentials that it was written with."""

    probabilities: Line
    summed: Line


def by_exponentials(make: Rewriter, lines: Iterable[Line]) -> dict[Line, Softmax]:
    """The softmaxes of a program that were written by hand, by their exponentials."""
    lines, found = dict.fromkeys(lines), dict[Line, Softmax]()
    for line in lines:
        exponentials = is_sum(line) and is_line(line.args[0], "exp") and line.args[0].value.size
        if exponentials and line.kwargs["keepdims"] and is_float(line):
            e, axis = line.args[0], line.kwargs["axis"]
            probabilities = make.make("softmax", e.args[0], axis=axis) if axis and len(axis) == 1 else None
            if isinstance(probabilities, Line) and probabilities in lines:
                found.setdefault(e, Softmax(probabilities, line))
    return found


def past_the_maximum(make: Rewriter, ring: Ring, p: Polynomial, line: Line) -> Value | None:
    """x of x + where(largest, -sum(x) / n, 0), where the sum is zero whatever the numbers are. A NaN of it is in x too.

    n is how many entries share the maximum, at least 1: by nothing else, which might be a NaN itself, is divided.

    Args:
        p: the polynomial of x, the first term of `line`.
    """
    x, y = line.args
    while not is_sum(y):
        chosen = is_line(y, "where") and is_number(y.args[2], 0)
        shared = is_line(y, "divide") and is_line(y.args[1], "maximum") and _counts(y.args[1].args[0])
        if not (chosen or shared or is_line(y, "negative")):
            return None
        y = y.args[1] if chosen else y.args[0]
    if y.args[0] is not x or not y.kwargs["keepdims"] or y.kwargs["axis"] is None:
        return None
    return x if any(not _summed(make, ring, p, y, within) for within in (False, True)) else None


def _counts(value: Value) -> bool:
    """Whether a value is the number of entries that a mask picks."""
    return is_sum(value) and any(parent.dtype == bool for parent in (value.args[0], *value.args[0].parents))


def one_along(factor: Line, line: Line) -> bool:
    """Whether a factor is the same all along the axes of a sum that keeps them."""
    axes, shape = line.kwargs["axis"], factor.shape
    if axes is None or not line.kwargs["keepdims"]:
        return False
    return len(shape) == len(line.shape) and all(shape[i] == 1 for i in axes)


def _summed(make: Rewriter, ring: Ring, p: Polynomial, line: Line, within: bool) -> Polynomial:
    """The polynomial of a sum, term by term; that of a softmax along its axis is 1.

    Args:
        within: whether numbers stay in the sums of their terms, as where a program sums such a multiple itself.
    """
    made: Polynomial = {}
    for monomial, c in p.items():
        outside = tuple((a, k) for a, k in monomial if a.shape == () or one_along(a, line))
        inside = tuple(factor for factor in monomial if factor not in outside)
        if len(inside) == 1 and inside[0][1] == 1 and _sums_to_one(inside[0][0], line):
            made = total(made, {outside: c})
            continue
        x, number = line.args[0], abs(c) if within else Fraction(1)
        whole = make.fit(write_product(make, inside, number, None), x.shape, x.dtype) if inside else None
        term = None if whole is None else make.make("sum", whole, **line.kwargs)
        if not isinstance(term, Line):
            raise TooLarge
        made = total(made, ring.product({outside: c / number}, ring.atom(term)))
    return made


def _sums_to_one(factor: Line, line: Line) -> bool:
    """Whether a factor is a softmax over the axis of a sum."""
    return is_line(factor, "softmax") and line.kwargs["axis"] == (factor.kwargs["axis"] % len(factor.shape),)
