"""Primitives with several results: one hidden node holds them as a tuple, and `item` reads each from it."""

import functools
from collections.abc import Callable
from typing import Any

from ..graph import Tensor
from .registry import constant, primitive, registry

Array = Any


class Parts(tuple):
    """The results of such a primitive, or their cotangents, where None stands for zero: nothing came back that way.

    A recorded walk carries Parts of Tensors, so that no operation on Parts is ever recorded but `item`.
    """

    shape = dtype = None  # the walk compares these before it would undo broadcasting

    def __add__(self, other: Any) -> "Parts":
        return Parts(b if a is None else a if b is None else a + b for a, b in zip(self, other, strict=True))


def _item_rule(g: Array, out: Array, parts: Any, i: int) -> Parts:
    return Parts(g if k == i else None for k in range(len(parts)))


item = primitive(lambda parts, i: parts[i], _item_rule, name="item")
item.__doc__ = "Result number i of a primitive that has several."


def part(parts: Any, i: int) -> Any:
    """Result i, or the cotangent of result i: None where none came."""
    return item(parts, i) if isinstance(parts, Tensor) else parts[i]


def several(fun: Callable[..., Any], rule: Callable[..., Any] | None, name: str) -> Callable[..., Any]:
    """A function with several results, told apart on Tensors, in the named tuple that `fun` returns.

    Args:
        fun: NumPy's function.
        rule: `(g, out, x, *args, **kwargs) -> cotangent`, reading `part(g, i)` and `part(out, i)`; None for no rule.
        name: the primitive's name.
    """
    kind: list[type] = []

    @functools.wraps(fun)
    def run(*args: Any, **kwargs: Any) -> Parts:
        results = fun(*args, **kwargs)
        kind[:] = [type(results)]
        return Parts(results)

    made = primitive(run, rule, name=name) if rule else constant(run, name=name)

    @functools.wraps(fun)
    def function(*args: Any, **kwargs: Any) -> Any:
        parts = made(*args, **kwargs)
        if not isinstance(parts, Tensor):
            return fun(*args, **kwargs)
        results = [item(parts, i) for i in range(len(parts._value))]
        return tuple(results) if kind[0] is tuple else kind[0](*results)

    registry[fun] = function
    return function
