"""Local rules: what one operation may become, each `(make, primitive, *args, **kwargs) -> better or None`.

A rule may use what its argument lines are made of; it never looks at who uses the result. A result of another shape is
broadcast to the shape it has to have, and one of another dtype is not taken (see `Rewriter.fit`).
"""

from typing import Any

from .arithmetic import add, divide, matmul, maximum, multiply, negative, power, subtract
from .choices import halves, logical_and, logical_or, where
from .general import fold, same, spread
from .moving import broadcast, index, reshape, scatter, transpose
from .stability import exp, log, log1p, reciprocal, softmax_axis, twin
from .sums import canonical_sum, mean

RULES: dict[str, tuple[Any, ...]] = {
    "identity": (same,),
    "positive": (same,),
    "astype": (same,),
    "real": (same,),
    "conjugate": (same,),
    "reshape": (reshape,),
    "expand_dims": (reshape,),
    "squeeze": (reshape,),
    "transpose": (transpose,),
    "swapaxes": (transpose,),
    "moveaxis": (transpose,),
    "matrix_transpose": (transpose,),
    "rollaxis": (transpose,),
    "broadcast_to": (broadcast,),
    "index": (index,),
    "scatter": (scatter,),
    "add": (add, halves),
    "subtract": (subtract,),
    "multiply": (multiply,),
    "divide": (divide,),
    "negative": (negative,),
    "power": (power,),
    "where": (where,),
    "logical_and": (logical_and,),
    "logical_or": (logical_or,),
    "maximum": (maximum,),
    "minimum": (maximum,),
    "sum": (canonical_sum,),
    "mean": (mean,),
    "matmul": (matmul,),
    "log": (log,),
    "log1p": (log1p,),
    "exp": (exp,),
    "log_of_sigmoid": (twin,),
    "reciprocal": (reciprocal,),
    "softmax": (softmax_axis,),
    "log_softmax": (softmax_axis,),
    "*": (fold, spread),
}
