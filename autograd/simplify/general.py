"""Rules for every operation: constants are computed, what changes nothing is dropped."""

import math
from typing import Any

import numpy as np

from ..graph import Primitive
from ..program import Line
from .blanks import computed
from .facts import is_line
from .rewriter import Rewriter, Value

SCALAR_LIMIT = 4096
"""A constant computed from smaller ones is computed once, unless it has more entries than this and than they have."""


def fold(make: Rewriter, primitive: Primitive, *args: Value, **kwargs: Any) -> Value | None:
    """An operation on constants is a constant, unless it only looks at one: that would be there twice."""
    lines = [a for a in args if isinstance(a, Line)]
    if any(line.kind != "constant" for line in lines) or primitive.name in ("broadcast_to", "identity", "transpose"):
        return None
    value = computed(primitive, [a.value if isinstance(a, Line) else a for a in args], kwargs)
    if isinstance(value, tuple) or any(line.shape is None for line in lines):
        return None
    largest = max((math.prod(line.shape) for line in lines), default=0)
    if value.size > max(SCALAR_LIMIT, largest) or (type(value) not in (np.ndarray,) and not np.isscalar(value)):
        return None
    return make.constant(value)


def spread(make: Rewriter, primitive: Primitive, *args: Value, **kwargs: Any) -> Value | None:
    """Elementwise operations broadcast by themselves; where all arguments were broadcast, the result can be instead."""
    if not primitive.elementwise or not any(is_line(a, "broadcast_to") for a in args):
        return None
    inner = [a.args[0] if is_line(a, "broadcast_to") else a for a in args]
    if not any(isinstance(a, Line) for a in inner):
        return fold(make, primitive, *inner, **kwargs)
    dtypes = [a.dtype for a in args if isinstance(a, Line)]
    if any(not isinstance(a, Line) and getattr(a, "dtype", None) not in (None, *dtypes) for a in inner):
        return None
    return make.make(primitive, *inner, **kwargs)


def same(make: Rewriter, primitive: Primitive, x: Value, *rest: Value, **kwargs: Any) -> Value | None:
    """Operations that change nothing."""
    name = primitive.name
    if name in ("identity", "positive"):
        return x
    if not isinstance(x, Line):
        return None
    if name == "astype" and x.dtype == rest[0]:
        return x
    if name in ("real", "conjugate") and x.dtype.kind != "c":
        return x
    return None
