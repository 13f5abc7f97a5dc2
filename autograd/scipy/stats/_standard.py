"""Location and scale, which all one-dimensional distributions share; whole numbers have a location only."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import numpy as anp
from .._formula import formula, held

Array = Any


def density(theirs: Callable[..., Any], log: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """From the log-density at location 0 and scale 1, `(x, *shapes)`: the log-density or density of SciPy's method."""

    def decorate(standard: Callable[..., Any]) -> Callable[..., Any]:
        def ours(x: Array, *args: Any, **kwargs: Any) -> Array:
            shapes, loc, scale = _split(standard, args, kwargs, loc=0.0, scale=1.0)
            out = _quietly(standard, (x - loc) / scale, *shapes) - anp.log(scale)
            return out if log else anp.exp(off(out == -np.inf, out))  # 0 has slope 0, and not 0 times infinity

        return formula(theirs)(ours)

    return decorate


def probability(theirs: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """From a function of the standard variable, `(x, *shapes)`: SciPy's method with location and scale."""

    def decorate(standard: Callable[..., Any]) -> Callable[..., Any]:
        def ours(x: Array, *args: Any, **kwargs: Any) -> Array:
            shapes, loc, scale = _split(standard, args, kwargs, loc=0.0, scale=1.0)
            return _quietly(standard, (x - loc) / scale, *shapes)

        return formula(theirs)(ours)

    return decorate


def quantile(theirs: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """From the standard variable as a function of a probability, `(p, *shapes)`: SciPy's method, its inverse."""

    def decorate(standard: Callable[..., Any]) -> Callable[..., Any]:
        def ours(p: Array, *args: Any, **kwargs: Any) -> Array:
            shapes, loc, scale = _split(standard, args, kwargs, loc=0.0, scale=1.0)
            p = off((p < 0) | (p > 1), p, np.nan)
            return _quietly(standard, p, *shapes) * scale + loc

        return formula(theirs)(ours)

    return decorate


def mass(theirs: Callable[..., Any], log: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """From the log-probability of a whole number, `(k, *shapes)`: that or the probability, of SciPy's method."""

    def decorate(standard: Callable[..., Any]) -> Callable[..., Any]:
        def ours(k: Array, *args: Any, **kwargs: Any) -> Array:
            shapes, loc = _split(standard, args, kwargs, loc=0)
            k = held(k) - loc
            out = off(k - np.floor(k) > 0, _quietly(standard, k, *shapes))
            return out if log else anp.exp(out)

        return formula(theirs)(ours)

    return decorate


def steps(theirs: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """From a sum of probabilities up to a whole number, or from it, `(k, *shapes)`: SciPy's method."""

    def decorate(standard: Callable[..., Any]) -> Callable[..., Any]:
        def ours(k: Array, *args: Any, **kwargs: Any) -> Array:
            shapes, loc = _split(standard, args, kwargs, loc=0)
            return _quietly(standard, np.floor(held(k) - loc), *shapes)

        return formula(theirs)(ours)

    return decorate


def _quietly(standard: Callable[..., Any], *args: Array) -> Array:
    """The formula without NumPy's warnings: it runs on numbers off the support too, and SciPy warns of none."""
    with np.errstate(all="ignore"):
        return standard(*args)


def _split(standard: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], **last: float) -> list[Any]:
    """The shape parameters among the arguments after x, as one list; then location and, of densities, scale."""
    code = standard.__code__
    names = [*code.co_varnames[1 : code.co_argcount], *last]
    given = {**last, **dict(zip(names, args, strict=False)), **kwargs}
    unknown = set(given) - set(names)
    missing = [name for name in names if name not in given]
    if unknown or missing or len(args) > len(names):
        variable = code.co_varnames[0]
        raise TypeError(
            f"{standard.__module__.rsplit('.', 1)[-1]} takes {variable}, {', '.join(names)}; got {sorted(given)}"
        )
    values = [given[name] for name in names]
    return [values[: -len(last)], *values[-len(last) :]]


def off(mask: Array, value: Array, there: float = -np.inf) -> Array:
    """The value on the support, and what holds off it; for NaN, which is on neither side, the value, a NaN too."""
    return anp.where(mask, there, value)


def log_of(part: Array, rest: Array) -> Array:
    """The logarithm of a probability, to all digits also where the rest to 1 is small."""
    return anp.where(part < 0.5, anp.log(part), anp.log1p(-rest))
