"""Rules for logarithms and exponentials that cancel: the functions that neither overflow nor lose digits instead."""

from typing import Any

from ..graph import Primitive
from ..program import Line
from .facts import is_line, is_number, other_term
from .rewriter import Rewriter, Value


def log(make: Rewriter, primitive: Primitive, x: Value) -> Value | None:
    """The logarithms of a sigmoid, of its complement, of a softmax, of a sum of exponentials and of an exponential."""
    if is_line(x, "sigmoid"):
        return make.make("log_sigmoid", x.args[0])
    if is_line(x, "subtract") and is_number(x.args[0], 1) and is_line(x.args[1], "sigmoid"):
        return make.make("log_of_complement", x.args[1].args[0], x.args[1])
    if is_line(x, "softmax"):
        return make.make("log_softmax", *x.args, **x.kwargs)
    if is_line(x, "exp"):
        return x.args[0]
    if is_line(x, "sum") and is_line(x.args[0], "exp"):
        return make.make("logsumexp", x.args[0].args[0], axis=x.kwargs["axis"], keepdims=x.kwargs["keepdims"])
    if is_line(x, "add"):
        term = other_term(x, 1)
        if is_line(term, "exp"):
            return make.make("softplus", term.args[0])
    return None


def twin(make: Rewriter, primitive: Primitive, z: Value, a: Value) -> Value | None:
    """The stable logarithm of a sigmoid that the engine records, without the sigmoid it was told."""
    return make.make("log_sigmoid", z)


def log1p(make: Rewriter, primitive: Primitive, x: Value) -> Value | None:
    """log1p(exp(z)) and log1p(-sigmoid(z))."""
    if is_line(x, "exp"):
        return make.make("softplus", x.args[0])
    if is_line(x, "negative") and is_line(x.args[0], "sigmoid"):
        return make.make("log_of_complement", x.args[0].args[0], x.args[0])
    return None


def exp(make: Rewriter, primitive: Primitive, x: Value) -> Value | None:
    """The exponential of a logarithm of a probability."""
    if is_line(x, "log_softmax"):
        return make.make("softmax", *x.args, **x.kwargs)
    if is_line(x, "log_sigmoid"):
        return make.make("sigmoid", x.args[0])
    return None


def reciprocal(make: Rewriter, primitive: Primitive, x: Value) -> Value | None:
    """1 / (1 + exp(-z))."""
    if is_line(x, "add"):
        term = other_term(x, 1)
        if is_line(term, "exp"):
            return make.make("sigmoid", make.make("negative", term.args[0]))
    return None


def softmax_axis(make: Rewriter, primitive: Primitive, x: Value, *args: Any, **kwargs: Any) -> Value | None:
    """The axis of a softmax as a keyword, counted from the end."""
    axis = args[0] if args else kwargs.get("axis", -1)
    if not isinstance(x, Line) or (isinstance(axis, tuple) and len(axis) != 1):
        return None
    axis = axis[0] if isinstance(axis, tuple) else axis
    if axis is None:
        return None
    canonical = {"axis": axis - len(x.shape) if axis >= 0 else axis}
    if not args and kwargs == canonical:
        return None
    return make.make(primitive, x, **canonical)
