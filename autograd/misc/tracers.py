"""Run a function once, and its recorded operations from then on."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..compat.boxes import getval
from ..compat.nodes import Node, trace
from ..graph import Tensor
from ..program import Program
from ..program import trace as capture
from ..tree import flatten, leaves_like


def const_graph(fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
    """`fun`, run on its first call only and replayed from its record afterwards; `args` and `kwargs` stay fixed.

    Raises:
        CaptureError: the function branches on a value.

    >>> again = const_graph(lambda y, x: x * y, 3.0)
    >>> [float(again(2.0)), float(again(5.0))]
    [6.0, 15.0]
    """
    captured: list[tuple[Program, Any, Any, Callable[[list[Any]], Any]]] = []

    @functools.wraps(fun)
    def replay(*rest: Any) -> Any:
        if not captured:
            program, result = capture(lambda *rest: fun(*args, *rest, **kwargs), *rest)
            leaves, rebuild = flatten(result)
            given, form = flatten(rest)
            captured.append((program, form([None] * len(given)), leaves, rebuild))
            if not any(isinstance(v, Tensor) and v.track for v in given):
                return rebuild([getval(leaf) for leaf in leaves])  # the function has just run
        program, first, leaves, rebuild = captured[0]
        values = leaves_like(rest, first, "argument")
        new = iter(program.run(*[v if isinstance(v, Tensor) else np.asarray(v) for v in values]))
        return rebuild([next(new) if isinstance(leaf, Tensor) else leaf for leaf in leaves])

    return replay


class FullGraphNode(Node):
    """A node that keeps the value and how it was made: function, arguments, keyword arguments, parents by number."""

    __slots__ = ("recipe", "value")

    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: Any) -> None:
        self.value = value
        self.recipe = (fun, args, kwargs, list(zip(parent_argnums, parents, strict=True)))

    def initialize_root(self) -> None:
        self.value = None
        self.recipe = (lambda x: x, (), {}, [])


def full_graph(fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The node of the result of fun(*args), from which all others can be reached."""
    return trace(FullGraphNode.new_root(), lambda xs: fun(*xs, **kwargs), args)[1]
