"""Functions that overflow or cancel when written naively, as primitives that do not; and the stable logarithm.

Written literally, the cost of a sigmoid network takes log(a) and log(1 - a) of a = sigmoid(z). Once a rounds to 0 or 1
(|z| > 36.8 in float64, 16.7 in float32) the logarithm is -inf and the chain rule 0/0, though the true gradient is
a - y. So `log`, when it is given a sigmoid that the graph remembers, is differentiated as log(sigmoid(z)) with respect
to z, and where its value would be infinite that, too, comes from z. The graph keeps what the user wrote; the record of
the exact operation travels beside it as its `stable twin` (see `Record`), and the reverse walk takes the twin unless
the cotangent of `a` itself is asked for.
"""

from __future__ import annotations

import contextvars
from typing import Any

import numpy as np

from ..graph import DIFFERENTIABLE, EMPTY, Primitive, Tensor
from ..modes import ThreadLocal
from ..tensor import Twin
from .elementwise import add, divide, equal, exp, inexact, isinf, log, log1p, logical_and, negative, subtract, where
from .reductions import expand, sum
from .registry import elementwise, for_other_data, plain, primitive

Array = Any


class _ErrorModes(ThreadLocal):
    """NumPy's error modes as contexts to run one of its C functions in, a tenth of the price of `with np.errstate`.

    A context can be entered once at a time, so each thread has its own, and no Python code may run inside.
    """

    def __init__(self) -> None:
        with np.errstate(over="ignore"):
            self.overflowing = contextvars.copy_context().run
        with np.errstate(divide="raise"):
            self.checked = contextvars.copy_context().run


_modes = _ErrorModes()
# an array without axes costs half of what a Python number does
_ones = {char: np.ones((), char) for char in "efdg"}
_zeros = {char: np.zeros((), char) for char in "fd"}


def _floating(x: Any) -> Any:
    """Whole numbers as floating ones, whose differences do not wrap around."""
    x = np.asarray(x) if type(x) in (list, tuple) else x
    return inexact(x) if hasattr(x, "dtype") else x


def _sigmoid(x: Array) -> Array:
    if type(x) is np.ndarray and x.dtype.char in _ones and x.shape:
        e = np.negative(x)
        _modes.overflowing(np.exp, e, e)
        one = _ones[e.dtype.char]
        return np.divide(one, np.add(e, one, e), e)  # np.reciprocal takes twice as long: it goes entry by entry
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-_floating(x)))


def _relu(x: Array) -> Array:
    zero = _zeros.get(x.dtype.char) if type(x) is np.ndarray else None
    if zero is None:
        _refuse_complex(x)
    if zero is None or x.size < 2048:
        return np.maximum(x, 0 if zero is None else zero)
    out = x.clip(zero, np.inf)  # NumPy's loop for the maximum of an array and a number takes several times as long
    return np.add(out, zero, out)  # clip leaves -0 as it is


def _refuse_complex(x: Array) -> None:
    if np.iscomplexobj(x):
        raise TypeError("it is a function of real numbers; which part of these complex ones is meant, .real or abs()?")


def _softplus(x: Array) -> Array:
    x = _floating(x)
    return _relu(x) + np.log1p(np.exp(-np.abs(x)))


def _made(fun: Any, name: str, *rules: Any, elementwise: bool = True, doc: str = "") -> Primitive:
    made = primitive(fun, *rules, name=name, elementwise=elementwise)
    made.__doc__ = doc
    return made


sigmoid = _made(
    _sigmoid,
    "sigmoid",
    lambda g, out, x: g * (out * (1 - out)),
    doc="""The logistic function 1 / (1 + exp(-x)), 0 or 1 exactly where it saturates.

    >>> float(sigmoid(0.0)), float(sigmoid(-1000.0))
    (0.5, 0.0)
    """,
)
softplus = _made(
    _softplus,
    "softplus",
    lambda g, out, x: g * sigmoid(x),
    doc="""log(1 + exp(x)) without overflow.

    >>> float(softplus(1000.0))
    1000.0
    """,
)


def _log_sigmoid(x: Array) -> Array:
    x = _floating(x)
    _refuse_complex(x)
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


log_sigmoid = _made(
    _log_sigmoid,
    "log_sigmoid",
    lambda g, out, x: g * sigmoid(-x),
    doc="""log(sigmoid(x)), exact where the sigmoid has rounded to 0 or 1.

    >>> float(log_sigmoid(-1000.0))
    -1000.0
    """,
)


def _unless_infinite(ufunc: np.ufunc, x: Any) -> Any:
    """ufunc(x) if all of it is finite, else None; also for other libraries' arrays, which are not looked into."""
    if type(x) is np.ndarray or isinstance(x, np.generic):
        try:
            return _modes.checked(ufunc, x)
        except FloatingPointError:
            pass
    return None


def _log_of_sigmoid(z: Array, a: Array) -> Array:
    """log(a), the words as written, unless a has rounded to 0."""
    plain = _unless_infinite(np.log, a)
    return np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z))) if plain is None else plain


def _log_of_complement(z: Array, a: Array) -> Array:
    """log(1 - a), the words as written, unless a has rounded to 1."""
    plain = _unless_infinite(np.log, 1 - a)
    return np.minimum(-z, 0) - np.log1p(np.exp(-np.abs(z))) if plain is None else plain


# The stable twins are told a = sigmoid(z) as well, so that their slopes in z are at hand; nothing flows to a.
log_of_sigmoid = _made(
    _log_of_sigmoid,
    "log_of_sigmoid",
    lambda g, out, z, a: g * (1 - a),
    None,
    doc="log(a) for a = sigmoid(z); where a has rounded to 0, min(z, 0) - log(1 + exp(-|z|)).",
)
log_of_complement = _made(
    _log_of_complement,
    "log_of_complement",
    lambda g, out, z, a: -g * a,
    None,
    doc="log(1 - a) for a = sigmoid(z); where a has rounded to 1, min(-z, 0) - log(1 + exp(-|z|)).",
)


def _gap(x: Array, y: Array) -> Array:
    return where(logical_and(isinf(x), equal(x, y)), 0, x - y)  # only there: at a finite tie the slope of x - y counts


logaddexp = elementwise(
    np.logaddexp,
    lambda g, out, x, y: g * sigmoid(_gap(x, y)),
    lambda g, out, x, y: g * sigmoid(_gap(y, x)),
)
logaddexp2 = elementwise(
    np.logaddexp2,
    lambda g, out, x, y: g * sigmoid(_gap(x, y) * float(np.log(2))),
    lambda g, out, x, y: g * sigmoid(_gap(y, x) * float(np.log(2))),
)
relu = _made(
    _relu,
    "relu",
    lambda g, out, x: g * (x > 0),
    doc="""max(x, 0); the slope at 0 is 0.

    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """,
)


# 1.0 * top is a floating number, of which whole ones can be taken without wrapping around
def _logsumexp(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    top = 1.0 * np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore"):
        out = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return out if keepdims else np.reshape(out, np.sum(x, axis=axis).shape) if axis is None else np.squeeze(out, axis)


def _softmax(x: Array, axis: Any = -1) -> Array:
    e = np.exp(x - 1.0 * np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _log_softmax(x: Array, axis: Any = -1) -> Array:
    shifted = x - 1.0 * np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def _logsumexp_rule(g: Array, out: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    if not for_other_data() and np.any(np.isinf(plain(out))):  # not asked in a program for other data: NaN there
        top = expand(out, x, axis, keepdims)
        x = where(isinf(top), where(equal(x, top), 0, -np.inf), x)  # as infinite as the sum: these share evenly
    return expand(g, x, axis, keepdims) * softmax(x, tuple(range(x.ndim)) if axis is None else axis)


logsumexp = _made(
    _logsumexp,
    "logsumexp",
    _logsumexp_rule,
    elementwise=False,
    doc="""log(sum(exp(x))) over `axis` without overflow.

    >>> round(float(logsumexp(np.array([1000.0, 1000.0]))), 4)
    1000.6931
    """,
)
softmax = _made(
    _softmax,
    "softmax",
    lambda g, out, x, axis=-1: out * (g - sum(g * out, axis=axis, keepdims=True)),
    elementwise=False,
    doc="""exp(x) / sum(exp(x)) over `axis`.

    >>> softmax(np.array([0.0, 0.0]))
    array([0.5, 0.5])
    """,
)
log_softmax = _made(
    _log_softmax,
    "log_softmax",
    lambda g, out, x, axis=-1: g - softmax(x, axis) * sum(g, axis=axis, keepdims=True),
    elementwise=False,
    doc="""x - logsumexp(x) over `axis`.

    >>> log_softmax(np.array([0.0, -1000.0]))
    array([    0., -1000.])
    """,
)


def _is_one(value: Any) -> bool:
    return isinstance(value, (int, float, np.generic)) and value == 1


def _twin(written: np.ufunc, x: Tensor, exact: Primitive, a: Any, *before: Tensor) -> Twin | None:
    """For written(x): the record of `exact`(z, a), if the graph says that a = sigmoid(z), and the tensors between."""
    record = a.record if isinstance(a, Tensor) else None
    if record is None:
        return None
    if record[0] is sigmoid:
        (z,), (plain,), between = record[1], record[3], (*before, a)
    elif record[0] is divide and _is_one(record[1][0]):
        z, inner = _written_out(record[1][1])
        plain = inner[-1].record[3][0] if inner and inner[-1].record else None
        between = (*before, a, *inner)
    else:
        return None
    if z is None or z._value is not plain:  # it was given other data since
        return None
    values = (plain, a._value)
    out = _unless_infinite(written, x._value)
    out = exact.fun(*values) if out is None else out
    return (exact, (z, a), EMPTY, values, out, (0,) if z.track == DIFFERENTIABLE else (), None), between


def _written_out(below: Any) -> tuple[Any, tuple[Tensor, ...]]:
    """z and the tensors between, if `below` is 1 + exp(-z); else None."""
    if isinstance(below, Tensor) and below.primitive is add:
        one, term = below.args if _is_one(below.args[0]) else below.args[::-1]
        if _is_one(one) and isinstance(term, Tensor) and term.primitive is exp:
            inner = term.args[0]
            if isinstance(inner, Tensor) and inner.primitive is negative:
                return inner.args[0], (below, term, inner)
    return None, ()


def _stable_log(args: tuple[Any, ...]) -> Twin | None:
    x = args[0]
    record = x.record
    if record is not None and record[0] is subtract:
        return _twin(np.log, x, log_of_complement, record[1][1], x) if _is_one(record[1][0]) else None
    return _twin(np.log, x, log_of_sigmoid, x)


def _stable_log1p(args: tuple[Any, ...]) -> Twin | None:
    x = args[0]
    return _twin(np.log1p, x, log_of_complement, x.args[0], x) if x.primitive is negative else None


log.stabilize = _stable_log
log1p.stabilize = _stable_log1p


__all__ = "log_sigmoid log_softmax logaddexp logaddexp2 logsumexp relu sigmoid softmax softplus".split()
