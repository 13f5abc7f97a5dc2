"""Location and scale, which all one-dimensional distributions share."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import numpy as anp
from .._formula import formula

Array = Any


def density(theirs: Callable[..., Any], log: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """From the log-density at location 0 and scale 1, `(x, *shapes)`: the log-density or density of SciPy's method."""

    def decorate(standard: Callable[..., Any]) -> Callable[..., Any]:
        def ours(x: Array, *args: Any, **kwargs: Any) -> Array:
            shapes, loc, scale = _split(standard, args, kwargs)
            out = standard((x - loc) / scale, *shapes) - anp.log(scale)
            return out if log else anp.exp(out)

        return formula(theirs)(ours)

    return decorate


def probability(theirs: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """From a function of the standard variable, `(x, *shapes)`: SciPy's method with location and scale."""

    def decorate(standard: Callable[..., Any]) -> Callable[..., Any]:
        def ours(x: Array, *args: Any, **kwargs: Any) -> Array:
            shapes, loc, scale = _split(standard, args, kwargs)
            return standard((x - loc) / scale, *shapes)

        return formula(theirs)(ours)

    return decorate


def _split(standard: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], Any, Any]:
    """The shape parameters, location and scale among the arguments after x."""
    code = standard.__code__
    names = [*code.co_varnames[1 : code.co_argcount], "loc", "scale"]
    given = {"loc": 0.0, "scale": 1.0, **dict(zip(names, args, strict=False)), **kwargs}
    unknown = set(given) - set(names)
    missing = [name for name in names if name not in given]
    if unknown or missing or len(args) > len(names):
        raise TypeError(f"{standard.__module__.rsplit('.', 1)[-1]} takes x, {', '.join(names)}; got {sorted(given)}")
    return [given[name] for name in names[:-2]], given["loc"], given["scale"]


def inside(mask: Array, value: Array, outside: float = -np.inf) -> Array:
    """The value on the support, and what holds off it."""
    return anp.where(mask, value, outside)
