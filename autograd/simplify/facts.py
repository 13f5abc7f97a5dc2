"""What a value of a program is made of: the questions that all rules ask."""

from typing import Any

import numpy as np

from ..program import Line
from .rewriter import Value


def is_line(value: Value, name: str) -> bool:
    """Whether a value was made by the primitive of this name."""
    return isinstance(value, Line) and value.primitive is not None and value.primitive.name == name


def is_number(value: Value, *wanted: float) -> bool:
    """Whether a value is a plain number, one of the wanted where these are given."""
    if isinstance(value, Line) or not isinstance(value, (int, float, complex, np.generic)):
        return False
    return not wanted or any(value == w for w in wanted)


def shape_of(value: Value) -> tuple[int, ...]:
    return value.shape if isinstance(value, Line) else ()


def other_term(line: Line, number: float) -> Any:
    """The other term of `number + term`, in either order."""
    x, y = line.args
    return y if is_number(x, number) else x if is_number(y, number) else None
