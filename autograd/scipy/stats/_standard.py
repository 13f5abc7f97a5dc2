"""Location and scale, which all one-dimensional distributions share; whole numbers have a location only."""

import functools
import inspect
import operator
from collections.abc import Callable
from inspect import Parameter
from typing import Any

import numpy as np

from ... import numpy as anp
from ...numpy.registry import plain
from .._formula import formula, held

Array = Any


Standard = Callable[..., Any]  # a formula of the standard variable and the shapes, at location 0 and scale 1
Method = Callable[..., Any]


def density(theirs: Any, standard: Standard) -> tuple[Method, Method]:
    """From the log-density `(x, *shapes)`: SciPy's logpdf and pdf."""

    def log(x: Array, shapes: list[Array], loc: Array, scale: Array) -> Array:
        return standard((x - _only_where(_positive(*shapes), loc)) / scale, *shapes) - anp.log(scale)

    def value(*args: Any) -> Array:
        out = log(*args)
        return anp.exp(off(out == -np.inf, out))  # 0 has slope 0, and not 0 times infinity

    return _method(theirs, "logpdf", log), _method(theirs, "pdf", value)


def tails(
    theirs: Any, below: Standard, above: Standard, log_below: Standard | None = None, log_above: Standard | None = None
) -> tuple[Method, Method, Method, Method]:
    """From the probabilities `(x, *shapes)` on both sides of x: SciPy's cdf, sf, logcdf and logsf.

    A logarithm that is not given is computed from both.
    """

    def method(name: str, standard: Standard) -> Method:
        def value(x: Array, shapes: list[Array], loc: Array, scale: Array) -> Array:
            return standard((x - _only_where(_positive(*shapes, scale), loc)) / scale, *shapes)

        return _method(theirs, name, value)

    log_below = log_below or (lambda *args: log_of(below(*args), above(*args)))
    log_above = log_above or (lambda *args: log_of(above(*args), below(*args)))
    return method("cdf", below), method("sf", above), method("logcdf", log_below), method("logsf", log_above)


def quantiles(theirs: Any, below: Standard, above: Standard) -> tuple[Method, Method]:
    """From x as functions `(p, *shapes)` of the probabilities of its sides: SciPy's ppf and isf."""

    def method(name: str, standard: Standard) -> Method:
        def value(p: Array, shapes: list[Array], loc: Array, scale: Array) -> Array:
            loc = _only_where((p >= 0) & (p <= 1) & _positive(*shapes, scale), loc)
            return standard(p, *shapes) * scale + loc

        return _method(theirs, name, value)

    return method("ppf", below), method("isf", above)


def mass(theirs: Any, standard: Standard, allowed: Standard) -> tuple[Method, Method]:
    """From the log-probability `(k, *shapes)` of a whole number, and the shapes that may be: SciPy's logpmf and pmf."""

    def log(k: Array, shapes: list[Array], loc: Array) -> Array:
        k = held(k) - _only_where(allowed(*shapes), loc)
        return off(k > np.floor(k), standard(k, *shapes))

    def value(*args: Any) -> Array:
        return anp.exp(log(*args))

    return _method(theirs, "logpmf", log), _method(theirs, "pmf", value)


def steps(theirs: Any, below: Standard, above: Standard, allowed: Standard) -> tuple[Method, Method]:
    """From the probabilities `(k, *shapes)` of all up to a whole number, and beyond it: SciPy's cdf and sf."""

    def method(name: str, standard: Standard) -> Method:
        def value(k: Array, shapes: list[Array], loc: Array) -> Array:
            return standard(np.floor(held(k) - _only_where(allowed(*shapes), loc)), *shapes)

        return _method(theirs, name, value)

    return method("cdf", below), method("sf", above)


def _method(theirs: Any, name: str, value: Callable[..., Any]) -> Method:
    """SciPy's method, told by a `value` of its variable, the list of its shapes, its location and maybe its scale.

    It runs without NumPy's warnings: the formula meets numbers off the support too, and SciPy warns of none.
    """
    method = getattr(theirs, name)
    shapes = theirs.shapes.split(", ") if theirs.shapes else []
    last = {"loc": 0.0, "scale": 1.0} if hasattr(theirs, "pdf") else {"loc": 0}
    variable = next(iter(inspect.signature(method).parameters))  # x, q or k
    defaults = {**dict.fromkeys([variable, *shapes], Parameter.empty), **last}
    signature = inspect.Signature(
        [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=default) for name, default in defaults.items()]
    )

    def ours(*args: Any, **kwargs: Any) -> Array:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{theirs.name}.{name}{signature}: {error}") from None
        bound.apply_defaults()
        given = [anp.asarray(v) if type(v) is tuple else v for v in bound.arguments.values()]
        dtype = np.result_type(1.0, *map(plain, given))
        x, *rest = [dtype.type(v) if isinstance(v, (int, float)) else v for v in given]  # numbers widen no array
        with np.errstate(all="ignore"):
            return value(x, rest[: len(shapes)], *rest[len(shapes) :])

    return formula(method)(ours)


def _positive(*parameters: Array) -> Array:
    """Where all of them are above 0."""
    return functools.reduce(operator.and_, [p > 0 for p in parameters], True)


def _only_where(allowed: Array, loc: Array) -> Array:
    """The location; elsewhere NaN, and so is then what is computed from it."""
    return loc if allowed is True else anp.where(allowed, loc, np.nan)


def off(mask: Array, value: Array, there: float = -np.inf) -> Array:
    """The value on the support, and what holds off it; for NaN, which is on neither side, the value, a NaN too."""
    return anp.where(mask, there, value)


def log_of(part: Array, rest: Array) -> Array:
    """The logarithm of a probability, to all digits also where the rest to 1 is small."""
    return anp.where(part < 0.5, anp.log(part), anp.log1p(-rest))


def squeezed(out: Array) -> Array:
    """A result for points in rows, without axes of one entry: so SciPy gives those of multivariate distributions."""
    return anp.squeeze(out) if 1 in out.shape else out
