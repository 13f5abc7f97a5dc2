"""Primitives with several results: one hidden node holds them as a tuple, and `item` reads each from it."""

import functools
from collections.abc import Callable
from typing import Any

from ..graph import Primitive, Tensor
from .elementwise import zeros_like
from .registry import constant, plain, primitive, registry

Array = Any


class Parts(tuple):
    """The results of such a primitive, or their cotangents, where None stands for zero: nothing came back that way."""

    shape = dtype = None  # the walk compares these before it would undo broadcasting

    def __add__(self, other: Any) -> "Parts":
        if isinstance(other, Tensor):
            return NotImplemented  # recorded Parts: the addition is to be recorded too
        return Parts(b if a is None else a if b is None else a + b for a, b in zip(self, other, strict=True))


item = primitive(lambda parts, i: parts[i], lambda g, out, parts, i: pack(g, i, len(parts)), name="item")
item.__doc__ = "Result number i of a primitive that has several."


def _pack_back(g: Any, out: Any, x: Array, i: int, n: int) -> Array:
    cotangent = part(g, i)
    return zeros_like(x) if cotangent is None else cotangent


pack: Primitive = primitive(lambda x, i, n: Parts(x if k == i else None for k in range(n)), _pack_back, name="pack")
pack.__doc__ = "The cotangents of n results of which only number i has one: what carries the cotangent of `item` back."


def part(parts: Any, i: int) -> Any:
    """Part i of plain or recorded Parts; None where no cotangent came."""
    return None if plain(parts)[i] is None else item(parts, i)


def several(fun: Callable[..., Any], rule: Callable[..., Any] | None, name: str) -> Callable[..., Any]:
    """A function with several results, told apart on Tensors, in the named tuple that `fun` returns.

    Args:
        fun: NumPy's function.
        rule: `(g, out, x, *args, **kwargs) -> cotangent`, reading `part(g, i)` and `part(out, i)`; None for no rule.
        name: the primitive's name.
    """
    kind: list[type] = []

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
        results = [item(parts, i) for i in range(len(parts.data))]
        return tuple(results) if kind[0] is tuple else kind[0](*results)

    registry[fun] = function
    return function
