"""What a function and its parameters are called, as far as Python can tell."""

import inspect
from collections.abc import Callable
from typing import Any


def identifier(fun: Any) -> str:
    """The function's own name where it has one that Python allows, without what transforms add to it."""
    name = getattr(fun, "__name__", "")
    inner = getattr(fun, "__wrapped__", None) or getattr(fun, "func", None)  # a partial has the name of its function
    name = getattr(inner, "__name__", name) if inner is not None else name or type(fun).__name__.lower()
    return name if name.isidentifier() else "function"


def parameters(fun: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters of a function, as far as they can be known."""
    try:  # a module says in `forward` what its call takes
        return list(inspect.signature(getattr(fun, "forward", fun)).parameters.values())
    except (TypeError, ValueError):
        return []


def keyword_only(fun: Callable[..., Any], keywords: list[str]) -> set[str]:
    """Those of the keywords given that cannot be given by position."""
    return set(keywords) - {p.name for p in parameters(fun) if p.kind.name == "POSITIONAL_OR_KEYWORD"}


def parameter_names(fun: Callable[..., Any], positional: int, keywords: list[str]) -> list[str]:
    """The function's own names for its arguments, as far as it has them."""
    known = parameters(fun)
    own = [p.name for p in known if p.kind.name in ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD")]
    rest = next((p.name for p in known if p.kind.name == "VAR_POSITIONAL"), "x")
    names = own[:positional]
    names += [f"{rest}{i}" for i in range(len(names), positional)]
    return names + keywords
