"""Location and scale, which all one-dimensional distributions share; whole numbers have a location only."""

import inspect
from collections.abc import Callable
from inspect import Parameter
from typing import Any

import numpy as np

from ... import numpy as anp
from .._formula import formula, held

Array = Any


Standard = Callable[..., Any]  # a formula of the standard variable and the shapes, at location 0 and scale 1


def density(theirs: Any, standard: Standard) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """From the log-density `(x, *shapes)`: SciPy's logpdf and pdf."""

    def log(standard: Standard, x: Array, shapes: list[Any], loc: Array, scale: Array) -> Array:
        return _quietly(standard, (x - loc) / scale, *shapes) - anp.log(scale)

    def value(*args: Any) -> Array:
        out = log(*args)
        return anp.exp(off(out == -np.inf, out))  # 0 has slope 0, and not 0 times infinity

    last = {"loc": 0.0, "scale": 1.0}
    return _method(theirs.logpdf, log, **last)(standard), _method(theirs.pdf, value, **last)(standard)


def probability(theirs: Callable[..., Any]) -> Callable[[Standard], Callable[..., Any]]:
    """From the probability `(x, *shapes)` of one side of x, or its logarithm: SciPy's method."""

    def value(standard: Standard, x: Array, shapes: list[Any], loc: Array, scale: Array) -> Array:
        return _quietly(standard, (x - loc) / _positive(scale), *shapes)

    return _method(theirs, value, loc=0.0, scale=1.0)


def quantile(theirs: Callable[..., Any]) -> Callable[[Standard], Callable[..., Any]]:
    """From x as a function `(p, *shapes)` of a probability: SciPy's method."""

    def value(standard: Standard, p: Array, shapes: list[Any], loc: Array, scale: Array) -> Array:
        return _quietly(standard, proper(p), *shapes) * _positive(scale) + loc

    return _method(theirs, value, loc=0.0, scale=1.0)


def mass(theirs: Any, standard: Standard) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """From the log-probability `(k, *shapes)` of a whole number: SciPy's logpmf and pmf."""

    def log(standard: Standard, k: Array, shapes: list[Any], loc: Array) -> Array:
        k = held(k) - loc
        return off(k > np.floor(k), _quietly(standard, k, *shapes))

    def value(*args: Any) -> Array:
        return anp.exp(log(*args))

    return _method(theirs.logpmf, log, loc=0)(standard), _method(theirs.pmf, value, loc=0)(standard)


def steps(theirs: Callable[..., Any]) -> Callable[[Standard], Callable[..., Any]]:
    """From the probability `(k, *shapes)` of all up to a whole number, or beyond it: SciPy's method."""

    def value(standard: Standard, k: Array, shapes: list[Any], loc: Array) -> Array:
        return _quietly(standard, np.floor(held(k) - loc), *shapes)

    return _method(theirs, value, loc=0)


def _method(
    theirs: Callable[..., Any], value: Callable[..., Any], **last: float
) -> Callable[[Standard], Callable[..., Any]]:
    """SciPy's method, told by a `value` of the formula, its variable, its shapes and what comes `last`."""

    variable = next(iter(inspect.signature(theirs).parameters))  # x, q or k

    def decorate(standard: Standard) -> Callable[..., Any]:
        code = standard.__code__
        defaults = {**dict.fromkeys([variable, *code.co_varnames[1 : code.co_argcount]], Parameter.empty), **last}
        signature = inspect.Signature(
            [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=default) for name, default in defaults.items()]
        )
        owner = standard.__module__.rsplit(".", 1)[-1]

        def ours(*args: Any, **kwargs: Any) -> Array:
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(f"{owner}.{theirs.__name__}{signature}: {error}") from None
            bound.apply_defaults()
            x, *rest = [anp.asarray(v) if type(v) is tuple else v for v in bound.arguments.values()]
            return value(standard, x, rest[: -len(last)], *rest[-len(last) :])

        return formula(theirs)(ours)

    return decorate


def _quietly(standard: Standard, *args: Array) -> Array:
    """The formula without NumPy's warnings: it runs on numbers off the support too, and SciPy warns of none."""
    with np.errstate(all="ignore"):
        return standard(*args)


def off(mask: Array, value: Array, there: float = -np.inf) -> Array:
    """The value on the support, and what holds off it; for NaN, which is on neither side, the value, a NaN too."""
    return anp.where(mask, there, value)


def proper(p: Array) -> Array:
    """The probability; NaN for a number that is none."""
    return off((p < 0) | (p > 1), p, np.nan)


def _positive(scale: Array) -> Array:
    return off(scale <= 0, scale, np.nan)


def log_of(part: Array, rest: Array) -> Array:
    """The logarithm of a probability, to all digits also where the rest to 1 is small."""
    return anp.where(part < 0.5, anp.log(part), anp.log1p(-rest))
