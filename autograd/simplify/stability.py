"""Rules for logarithms and exponentials that cancel: the functions that neither overflow nor lose digits instead."""

from typing import Any

from ..graph import Primitive
from ..program import Line
from .facts import argument, is_line, is_number, is_sum, other_term
from .rewriter import Rewriter, Value


def log(make: Rewriter, primitive: Primitive, x: Value) -> Value | None:
    """The logarithms of a sigmoid, of its complement, of a softmax, of a sum of exponentials and of an exponential."""
    if argument(x, "sigmoid") is not None:
        return make.make("log_sigmoid", x.args[0])
    if is_line(x, "subtract") and is_number(x.args[0], 1) and argument(x.args[1], "sigmoid") is not None:
        return make.make("log_of_complement", x.args[1].args[0], x.args[1])
    if argument(x, "softmax") is not None:
        return make.make("log_softmax", *x.args, **x.kwargs)
    if argument(x, "exp") is not None:
        return x.args[0]
    if is_sum(x) and argument(x.args[0], "exp") is not None and x.args[0].value.size:  # there has to be a largest
        return make.make("logsumexp", x.args[0].args[0], axis=x.kwargs["axis"], keepdims=x.kwargs["keepdims"])
    return _softplus(make, other_term(x, 1)) if is_line(x, "add") else None


def _softplus(make: Rewriter, term: Value) -> Value | None:
    """The softplus that log(1 + term) is, if it is one."""
    z = argument(term, "exp")
    return None if z is None else make.make("softplus", z)


def twin(make: Rewriter, primitive: Primitive, z: Value, a: Value) -> Value | None:
    """The stable logarithm of a sigmoid that the engine records, without the sigmoid it was told."""
    return make.make("log_sigmoid", z)


def log1p(make: Rewriter, primitive: Primitive, x: Value) -> Value | None:
    """log1p(exp(z)) and log1p(-sigmoid(z))."""
    if is_line(x, "negative") and argument(x.args[0], "sigmoid") is not None:
        return make.make("log_of_complement", x.args[0].args[0], x.args[0])
    return _softplus(make, x)


def exp(make: Rewriter, primitive: Primitive, x: Value) -> Value | None:
    """The exponential of a logarithm of a probability."""
    if is_line(x, "log_softmax"):
        return make.make("softmax", *x.args, **x.kwargs)
    if is_line(x, "log_sigmoid"):
        return make.make("sigmoid", x.args[0])
    return None


def reciprocal(make: Rewriter, primitive: Primitive, x: Value) -> Value | None:
    """1 / (1 + exp(-z))."""
    z = argument(other_term(x, 1), "exp") if is_line(x, "add") else None
    return None if z is None else make.make("sigmoid", make.make("negative", z))


def softmax_axis(make: Rewriter, primitive: Primitive, x: Value, *args: Any, **kwargs: Any) -> Value | None:
    """The axis of a softmax as a keyword, counted from the end; no maximum taken off, which it does itself."""
    axis = args[0] if args else kwargs.get("axis", -1)
    if not isinstance(x, Line) or (isinstance(axis, tuple) and len(axis) != 1):
        return None
    axis = axis[0] if isinstance(axis, tuple) else axis
    if axis is None:
        return None
    canonical = {"axis": axis - len(x.shape) if axis >= 0 else axis}
    if is_line(x, "subtract") and is_line(x.args[1], "max") and x.args[1].args[0] is x.args[0]:
        z, largest = x.args
        if largest.shape == () or (len(largest.shape) == len(z.shape) and largest.shape[axis] == 1):
            return make.make(primitive, z, **canonical)
    if not args and kwargs == canonical:
        return None
    return make.make(primitive, x, **canonical)
