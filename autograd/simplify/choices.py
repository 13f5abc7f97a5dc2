"""Rules for conditions and for what is chosen by them."""

from typing import Any

import numpy as np

from ..graph import Primitive
from ..program import Line
from .facts import is_line, is_number
from .rewriter import Rewriter, Value

DEPTH = 8
"""How many operations below a choice another one is looked for."""
SAFE = {"add", "subtract", "multiply", "negative", "absolute", "sign", "maximum", "minimum"}
"""Operations that may run on numbers which a choice kept from them, since they are defined everywhere."""


def where(make: Rewriter, primitive: Primitive, condition: Value, x: Value, y: Value) -> Value | None:
    """A condition that is known, or the opposite of another; branches that are the same."""
    if isinstance(condition, (bool, np.bool_)):
        return x if condition else y
    if x is y and not is_number(x):
        return x
    if is_line(condition, "logical_not") and is_mask(condition.args[0]):
        return make.make("where", condition.args[0], y, x)
    return None


def halves(make: Rewriter, primitive: Primitive, x: Value, y: Value) -> Value | None:
    """A sum of what is chosen where a condition holds and of what is chosen elsewhere, as gradients of a choice are."""
    if not is_line(x, "where") or not is_line(y, "where") or x.args[0] is not y.args[0]:
        return None
    condition, (a, b), (c, d) = x.args[0], x.args[1:], y.args[1:]
    if is_number(b, 0) and is_number(c, 0):
        return make.make("where", condition, a, d)
    if is_number(a, 0) and is_number(d, 0):
        return make.make("where", condition, c, b)
    return None


def sum_of_choices(make: Rewriter, line: Line) -> Value | None:
    """A sum of two choices by one condition as a choice of sums."""
    x, y = line.args
    if not is_line(x, "where") or not is_line(y, "where") or x.args[0] is not y.args[0]:
        return None
    assert line.primitive is not None
    branches = [make.make(line.primitive, a, b) for a, b in zip(x.args[1:], y.args[1:], strict=True)]
    branches = [b.item() if isinstance(b, (np.int64, np.float64)) else b for b in branches]  # which widens nothing
    return make.fit(make.make("where", x.args[0], *branches), line.shape, line.dtype)


def within(make: Rewriter, line: Line) -> Value | None:
    """A choice whose branches choose by the same condition again, in the arithmetic they are made by."""
    condition = line.args[0]
    if not is_mask(condition) or condition.shape != line.shape:
        return None
    x, y = (_branch(make, line.args[i], condition, i, DEPTH) for i in (1, 2))
    if x is line.args[1] and y is line.args[2]:
        return None
    return make.fit(make.make("where", condition, x, y), line.shape, line.dtype)


def _branch(make: Rewriter, value: Value, condition: Value, i: int, depth: int) -> Value:
    """A value with each choice by the condition replaced by what it is in branch i; unchanged where none is found."""
    if not isinstance(value, Line) or value.primitive is None or not depth:
        return value
    if is_line(value, "where") and value.args[0] is condition:
        new = _branch(make, value.args[i], condition, i, depth - 1)
    elif value.primitive.name in SAFE or (is_line(value, "divide") and is_number(value.args[1])):
        args = [_branch(make, a, condition, i, depth - 1) for a in value.args]
        if all(a is b for a, b in zip(args, value.args, strict=True)):
            return value
        new = make.make(value.primitive, *args, **value.kwargs)
    else:
        return value
    fitting = make.fit(new, value.shape, value.dtype)
    return value if fitting is None else fitting


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
