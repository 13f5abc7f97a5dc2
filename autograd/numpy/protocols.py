"""NumPy's two protocols: its ufuncs and its functions, called with a Tensor among their arguments."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import AssignmentError
from ..graph import Tensor, outranks, refuse_other_products
from .registry import LATER, ROOMS, members, no_output, no_rule, registry, without_rule

operators: dict[np.ufunc, Callable[[Tensor, Any], Tensor]] = {}  # the reflected operator that a binary ufunc is


def array_ufunc(self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """NumPy's protocol: a ufunc was called with a Tensor among its arguments."""
    plain = not kwargs and method == "__call__"
    if plain and ufunc in operators and type(inputs[0]) is np.ndarray:
        return operators[ufunc](inputs[1], inputs[0])  # array * tensor, the commonest case
    for x in inputs:
        if outranks(x):
            return NotImplemented
    if plain and ufunc in registry:
        return registry[ufunc](*inputs)
    out = kwargs.get("out")
    if out is not None:
        if not (method == "__call__" and len(out) == 1 and out[0] is inputs[0] and _by_operator()):
            raise no_output(ufunc.__name__)
        kwargs = {}  # an `@=` has axes too
    if method == "__call__":
        ours = _ours(ufunc)
        return ours(*inputs, **kwargs) if ours is not None else without_rule(ufunc, inputs, kwargs)
    if method == "at":
        raise AssignmentError(
            f"{ufunc.__name__}.at writes into an array, which a recorded value cannot enter or be; "
            "write x = x.at[index].add(value) or .set(value)"
        )
    if (ufunc, method) not in registry:
        importlib.import_module(".statistics", __package__)  # not loaded before it is needed
    ours = registry.get((ufunc, method))
    if ours is None and method == "outer" and ufunc in registry:
        return _outer(ufunc, *inputs, **kwargs)
    if ours is None:
        raise no_rule(f"{ufunc.__name__}.{method}", inputs)
    if method in ("reduce", "accumulate"):
        kwargs = {"axis": 0, **{k: v for k, v in kwargs.items() if v is not None or k == "axis"}}
    return ours(*inputs, **kwargs)


def _ours(function: Any) -> Callable[..., Any] | None:
    """What we have for a function of NumPy's, from a room that may have to be loaded."""
    if function not in registry:
        room = LATER.get(function.__name__) or getattr(function, "__module__", "").removeprefix("numpy.")
        if room in ROOMS:
            importlib.import_module(f".{room}", __package__)
    return registry.get(function)


def _by_operator() -> bool:
    """Whether the ufunc was called by `array += tensor`, which binds the name to what we return, and not by name."""
    import opcode  # not loaded before it is needed

    caller = sys._getframe(2)
    return opcode.opname[caller.f_code.co_code[caller.f_lasti]] == "BINARY_OP"


def _outer(ufunc: np.ufunc, a: Any, b: Any, **kwargs: Any) -> Any:
    """The ufunc of every entry of `a` with every entry of `b`."""
    a, b = (x if hasattr(x, "dtype") else np.asarray(x) for x in (a, b))
    return registry[ufunc](registry[np.reshape](a, a.shape + (1,) * b.ndim), b, **kwargs)


def array_function(self: Tensor, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """NumPy's protocol: a NumPy function was called with a Tensor among its arguments."""
    if len(types) > 1 and any(issubclass(kind, np.ndarray) and kind is not np.ndarray for kind in types):
        for value in members(args, kwargs):
            refuse_other_products(value)
    ours = _ours(function)
    if ours is None:
        return without_rule(function, args, kwargs)
    if kwargs.get("out") is not None:
        raise no_output(function.__name__)
    return ours(*args, **kwargs)
