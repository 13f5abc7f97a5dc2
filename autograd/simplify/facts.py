"""What a value of a program is made of: the questions that all rules ask."""

from typing import Any

import numpy as np

from ..program import Line
from .rewriter import Value


def is_line(value: Value, name: str) -> bool:
    """Whether a value was made by the primitive of this name."""
    return isinstance(value, Line) and value.primitive is not None and value.primitive.name == name


def is_turned(value: Value) -> bool:
    """Whether a value is another with all its axes in the opposite order."""
    return is_line(value, "transpose") and len(value.args) == 1


def is_sum(value: Value) -> bool:
    """Whether a value is the sum of all entries along some axes, from no other start and in no other dtype."""
    return is_line(value, "sum") and len(value.args) == 1 and set(value.kwargs) == {"axis", "keepdims"}


def is_number(value: Value, *wanted: float) -> bool:
    """Whether a value is a plain number, one of the wanted where these are given."""
    if isinstance(value, Line) or not isinstance(value, (int, float, complex, np.generic)):
        return False
    return not wanted or any(value == w for w in wanted)


def argument(value: Value, name: str) -> Any:
    """x where a value was made by the primitive of this name from real floating numbers x, else None."""
    return value.args[0] if is_line(value, name) and is_real(value.args[0]) else None


def is_real(value: Value) -> bool:
    """Whether a value is a line of real floating numbers."""
    return isinstance(value, Line) and value.dtype is not None and value.dtype.kind == "f"


def is_float(value: Value) -> bool:
    """Whether a value is a line of real numbers that Python's floats can tell apart."""
    return is_real(value) and value.dtype.char in "efd"


def plain(number: Any) -> Any:
    """A number as Python's, which takes the dtype of what it meets."""
    return number.item() if isinstance(number, np.generic) else number


def holds(dtype: Any, number: Any) -> bool:
    """Whether a factor fits into a dtype, and leaves what it multiplies half of the dtype's range of exponents."""
    if dtype.kind in "iu":
        return isinstance(number, int) and np.iinfo(dtype).min <= number <= np.iinfo(dtype).max
    if dtype.kind not in "fc":
        return False
    low, high = np.sqrt(np.finfo(dtype).tiny), np.sqrt(np.finfo(dtype).max)
    return bool(plain(low) <= abs(plain(number)) <= plain(high))


def product(a: Any, b: Any, dtype: Any) -> Any:
    """The product of two numbers, where the dtype of what they are to multiply holds it; else None."""
    with np.errstate(all="ignore"):
        number = plain(a) * plain(b)
    return number if holds(dtype, number) else None


def shape_of(value: Value) -> tuple[int, ...]:
    return value.shape if isinstance(value, Line) else ()


def other_term(line: Line, number: float) -> Any:
    """The other term of `number + term`, in either order."""
    x, y = line.args
    return y if is_number(x, number) else x if is_number(y, number) else None
