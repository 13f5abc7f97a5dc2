"""Rules for conditions and for what is chosen by them."""

from typing import Any

import numpy as np

from ..graph import Primitive
from .facts import is_line, is_number
from .rewriter import Rewriter, Value


def where(make: Rewriter, primitive: Primitive, condition: Value, x: Value, y: Value) -> Value | None:
    """A condition that is known, or branches that are the same; a choice by the condition it is in already."""
    if isinstance(condition, (bool, np.bool_)):
        return x if condition else y
    if x is y and not is_number(x):
        return x
    if is_line(x, "where") and x.args[0] is condition:
        return make.make("where", condition, x.args[1], y)
    if is_line(y, "where") and y.args[0] is condition:
        return make.make("where", condition, x, y.args[2])
    return None


def logical_and(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """What is known already, and z infinite and some number at once."""
    for a, b in ((x, y), (y, x)):
        if isinstance(a, (bool, np.bool_)) and is_mask(b):
            return b if a else False
        if is_line(a, "isinf") and is_line(b, "equal") and _compares(b, a.args[0]):
            return False
    return None


def logical_or(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """What is known already."""
    for a, b in ((x, y), (y, x)):
        if isinstance(a, (bool, np.bool_)) and is_mask(b):
            return True if a else b
    return None


def is_mask(value: Any) -> bool:
    """Whether a value is a line of truth values."""
    return getattr(value, "parents", None) is not None and value.dtype == bool


def _compares(equal: Any, z: Value) -> bool:
    """Whether z is compared with a finite number."""
    a, b = equal.args
    number: Any = b if a is z else a if b is z else None
    return is_number(number) and bool(np.isfinite(number))
