"""What an operation would give, without computing it: arrays of the right shape and dtype that hold one number.

Rules look at shapes and dtypes, and at the numbers of constants alone. So a line made here has a blank for its value.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import Primitive
from ..program import Line, blank, hollow

Shape = tuple[int, ...]

PRODUCTS = {"matmul", "dot", "inner"}


def result(primitive: Primitive, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """A blank for the value of an operation on lines and numbers; only the numbers of constants are looked at."""
    lines = [a for a in args if isinstance(a, Line)]
    product = primitive.name in PRODUCTS and len(lines) == 2 and all(line.shape for line in lines)
    if (primitive.elementwise or product) and not kwargs:
        shapes = [np.shape(a.value if isinstance(a, Line) else a) for a in args]
        shape = product_shape(primitive.name, *shapes) if product else np.broadcast_shapes(*shapes)
        small = [blank((1,) if a.shape else (), a.dtype) if isinstance(a, Line) else a for a in args]
        return blank(shape, computed(primitive, small, kwargs).dtype)
    values = [hollow(a.value) if isinstance(a, Line) and a.kind != "constant" else a for a in args]
    values = [a.value if isinstance(a, Line) else a for a in values]
    return hollow(computed(primitive, values, kwargs))


def computed(primitive: Primitive, values: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """The value of an operation on arrays and numbers; always with a shape and a dtype."""
    with np.errstate(all="ignore"):
        value = primitive.fun(*values, **kwargs)
    return value if hasattr(value, "dtype") else np.asarray(value)[()]


def product_shape(name: str, a: Shape, b: Shape) -> Shape:
    """The shape of a `matmul`, `dot` or `inner` of arrays of these shapes, none of which is ().

    >>> product_shape("matmul", (5, 1, 2, 3), (4, 3, 7)), product_shape("dot", (2, 3), (4, 3, 7))
    ((5, 4, 2, 7), (2, 4, 7))
    """
    if name == "inner":
        return a[:-1] + b[:-1]
    if name == "matmul" and len(a) > 1 and len(b) > 1:
        return (*np.broadcast_shapes(a[:-2], b[:-2]), a[-2], b[-1])
    return a[:-1] + b[:-2] + (b[-1:] if len(b) > 1 else ())
