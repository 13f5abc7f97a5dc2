"""What is known of a line by its operation: does its result share memory, may it be given one, does it warn."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..program import Line

VIEWS = {
    "transpose",
    "matrix_transpose",
    "rollaxis",
    "diagonal",
    "reshape",
    "swapaxes",
    "expand_dims",
    "squeeze",
    "moveaxis",
    "broadcast_to",
    "index",
    "flip",
    "real",
    "imag",
    "item",
}
PRODUCTS = {"dot", "matmul"}
FRESH = set(
    "sum mean prod max min any all argmax argmin cumsum var std concatenate stack where scatter inner outer tensordot "
    "softmax log_softmax logsumexp roll clip".split()
)
"""Functions whose result never shares memory with an argument."""
QUIET = {
    "add", "subtract", "negative", "absolute", "maximum", "minimum", "dot", "matmul", "inner", "transpose", "reshape",
    "multiply", "square", "sum", "tanh", "sign", "greater", "less", "greater_equal", "less_equal", "equal", "not_equal",
    "broadcast_to", "sin", "cos",
}  # fmt: skip
"""Operations whose warnings the eager engine shows as well."""


def is_view(line: Line) -> bool:
    """Whether the result is, or may be, a view of the first argument."""
    return line.primitive is not None and line.primitive.name in VIEWS and bool(line.parents)


def roots(lines: Iterable[Line]) -> dict[Line, Line]:
    """For each line the one whose memory it looks at: itself, unless it is a view."""
    root: dict[Line, Line] = {}
    for line in lines:
        root[line] = root[line.parents[0]] if is_view(line) else line
    return root


def may_share(line: Line) -> bool:
    """Whether a line may share memory with what it was made from, as some functions' results do."""
    return line.primitive is None or (ufunc_of(line) is None and line.primitive.name not in PRODUCTS | FRESH)


def ufunc_of(line: Line) -> np.ufunc | None:
    """NumPy's ufunc of a line that can be given an output to write to."""
    assert line.primitive is not None
    fun = getattr(np, line.primitive.name, None)
    if not isinstance(fun, np.ufunc) or fun.nout != 1 or line.kwargs or len(line.args) != fun.nin or fun.signature:
        return None
    return fun


def is_product(line: Line) -> bool:
    """Whether a line is a matrix product that can be given an output to write to."""
    return (
        line.primitive is not None
        and line.primitive.name in PRODUCTS
        and line.dtype.kind in "fc"
        and all(isinstance(a, Line) and a.dtype == line.dtype for a in line.args)
    )


def is_ones(value: Any) -> bool:
    """Whether an array is a row of ones."""
    return type(value) is np.ndarray and value.ndim == 1 and bool((value == 1).all())
