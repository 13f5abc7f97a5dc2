"""A piece of source and how strongly it binds; plain values as source."""

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

COMPARE, OR, XOR, AND, SUM, PRODUCT, SIGN, POWER, CALL = range(9)

SHORT = 8
"""Digits up to which a number is left as it is, and not written as a fraction."""


class Text(NamedTuple):
    """A piece of source and how strongly it binds."""

    text: str
    level: int = CALL

    def within(self, level: int) -> str:
        """The text where at least `level` is asked for."""
        return self.text if self.level >= level else f"({self.text})"


def minus(x: Text) -> Text:
    """The negative of a term: without its sign where it has one, which is exact in all but whole divisions.

    >>> minus(Text("-a * b", PRODUCT)).text, minus(Text("a + b", SUM)).text
    ('a * b', '-(a + b)')
    """
    if leads_with_minus(x):
        return Text(x.text[1:], x.level)
    if x.level == PRODUCT and not _divides_whole(x):
        return Text(f"-{x.text}", PRODUCT)
    return Text(f"-{x.within(SIGN)}", SIGN)


def leads_with_minus(x: Text) -> bool:
    """Whether a sign at the beginning of a text is that of the whole."""
    return x.text.startswith("-") and x.level in (SIGN, PRODUCT) and not _divides_whole(x)


def _divides_whole(x: Text) -> bool:
    return "//" in x.text or "%" in x.text


def literal(value: Any) -> Text:
    """A plain Python value, a NumPy number or a small array as source."""
    value = value[()] if isinstance(value, np.ndarray) and value.shape == () else value
    if isinstance(value, np.generic):
        if isinstance(value, (np.bool_,)):
            return Text(repr(bool(value)))
        number = _number(shortest(value))
        return Text(number if number.startswith("np.longdouble") else f"np.{value.dtype.name}({number})")
    if isinstance(value, np.dtype):
        return Text(
            f"np.{value.name}" if hasattr(np, value.name) and value.name != "bool" else f"np.dtype({value.str!r})"
        )
    if isinstance(value, type) and issubclass(value, np.generic):
        return Text(f"np.{value.__name__}")
    if isinstance(value, (bool, int, float, complex)):
        text = _number(value)
        return Text(text, SIGN if text.startswith("-") else CALL)
    if isinstance(value, slice):
        return Text(f"slice({value.start}, {value.stop}, {value.step})")
    if isinstance(value, (tuple, list)):
        inner = ", ".join(literal(v).text for v in value)
        comma = "," if len(value) == 1 and isinstance(value, tuple) else ""
        return Text(f"({inner}{comma})" if isinstance(value, tuple) else f"[{inner}]")
    if isinstance(value, np.ndarray):
        if not value.size:
            return Text(f"np.zeros({value.shape}, np.{value.dtype.name})")
        dtype = "" if np.array(value.tolist()).dtype == value.dtype else f", np.{value.dtype.name}"
        return Text(f"np.array({_nested(value)}{dtype})")
    return Text(repr(value))


def _nested(value: Any) -> str:
    return f"[{', '.join(map(_nested, value))}]" if isinstance(value, np.ndarray) else _number(shortest(value))


def _number(value: Any) -> str:
    if isinstance(value, complex) and not np.isfinite(value):
        return f"complex({_number(value.real)}, {_number(value.imag)})"
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):
        return {"nan": "np.nan", "inf": "np.inf", "-inf": "-np.inf"}[str(value)]
    if isinstance(value, float) and value == int(value) and abs(value) < 2**53:
        return repr(value) if value == 0 or abs(value) >= 1e15 else f"{int(value)}.0"
    return repr(value)


def fraction(value: Any, dtype: Any = float) -> Text:
    """A Python number in few digits: those that `dtype` reads, a fraction of small whole numbers that is the same, or
    what is left of 1.

    >>> fraction(1 / 12).text, fraction(0.25).text, fraction(0.1234567890123).text, fraction(1 - 0.999).text
    ('1 / 12', '0.25', '0.1234567890123', '1 - 0.999')
    >>> fraction(float(np.float32(0.1)), np.float32).text
    '0.1'
    """
    if type(value) is not float or not np.isfinite(value):
        return literal(value)
    kind = np.dtype(dtype).type
    with np.errstate(all="ignore"):
        value = shortest(kind(value)) if np.dtype(dtype).itemsize < 8 else value
        if len(repr(value)) > SHORT:
            exact = Fraction(value).limit_denominator(1000)
            if exact.denominator > 1 and exact and kind(exact.numerator / exact.denominator) == kind(value):
                return Text(f"{exact.numerator} / {exact.denominator}", PRODUCT)
            rest = round(1 - abs(value), SHORT - 2)
            if 0 < rest < 1 and kind(1 - rest) == kind(abs(value)):
                return Text(f"1 - {rest}" if value > 0 else f"{rest} - 1", SUM)
    return literal(value)


def shortest(value: Any) -> Any:
    """The Python number of fewest digits that the value's dtype reads as this one."""
    if isinstance(value, (np.float16, np.float32)):
        few = float(str(value))
        return few if type(value)(few) == value else float(value)
    return value.item()
