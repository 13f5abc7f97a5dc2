"""Which of our functions stands for which of NumPy's, so that `np.exp(t)` on a Tensor records as well."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ConversionError, NoRuleError
from ..graph import Primitive, Rule, Tensor, describe

registry: dict[Any, Callable[..., Any]] = {}
primitives: dict[str, Primitive] = {}


def primitive(fun: Callable[..., Any], *rules: Rule | None, name: str | None = None, **kinds: bool) -> Primitive:
    """Make NumPy's `fun` a primitive with one rule an argument, and have Tensors answer to it."""
    made = Primitive(fun, name, rules, **kinds)
    primitives[made.name] = made
    registry.setdefault(fun, made)
    return made


class EachArgument:
    """The rules of a primitive with any number of arguments: one rule, told which argument it is for.

    Args:
        rule: `(argument, g, out, *args, **kwargs) -> cotangent`.
    """

    def __init__(self, rule: Callable[..., Any]) -> None:
        self.rule = rule

    def __getitem__(self, argument: int) -> Rule:
        return functools.partial(self.rule, argument)


def variadic(fun: Callable[..., Any], rule: Callable[..., Any], name: str | None = None, **kinds: bool) -> Primitive:
    """A primitive with any number of arguments, which answers to no NumPy function by itself."""
    made = Primitive(fun, name, **kinds)
    made.rules = EachArgument(rule)
    primitives[made.name] = made
    return made


def elementwise(fun: Callable[..., Any], *rules: Rule | None, name: str | None = None, linear: bool = False) -> Primitive:
    """A primitive whose entry i depends on entry i of its broadcast arguments alone."""
    return primitive(fun, *rules, name=name, elementwise=True, linear=linear)


def constant(fun: Callable[..., Any], name: str | None = None, elementwise: bool = False) -> Primitive:
    """A primitive without derivative: comparisons, arg-max and the like."""
    return primitive(fun, name=name, differentiable=False, elementwise=elementwise)


def implements(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Have the decorated function stand for these functions of NumPy."""

    def register(ours: Callable[..., Any]) -> Callable[..., Any]:
        for function in functions:
            registry[function] = ours
        return ours

    return register


def array_ufunc(self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """NumPy's protocol: a ufunc was called with a Tensor among its arguments."""
    out = kwargs.pop("out", None)
    if out is not None:
        # `array += tensor` passes the array as its own output; Python then binds the name to what we return.
        if method != "__call__" or len(out) != 1 or out[0] is not inputs[0]:
            raise ConversionError(
                f"np.{ufunc.__name__}: out= cannot take a recorded result; leave it out and use what is returned"
            )
    ours = registry.get(ufunc)
    if ours is None or (method != "__call__" and method != "reduce"):
        suffix = "" if method == "__call__" else f".{method}"
        raise no_rule(f"{ufunc.__name__}{suffix}", inputs)
    if method == "reduce":
        reducer = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}.get(ufunc)
        if reducer is None:
            raise no_rule(f"{ufunc.__name__}.reduce", inputs)
        kwargs.setdefault("axis", 0)
        return registry[reducer](*inputs, **{k: v for k, v in kwargs.items() if v is not None or k == "axis"})
    if kwargs.get("where", True) is not True:
        raise no_rule(f"{ufunc.__name__} with where=", inputs, "; use autograd.numpy.where on the result instead")
    kwargs.pop("where", None)
    return ours(*inputs, **kwargs)


def array_function(self: Tensor, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """NumPy's protocol: a NumPy function was called with a Tensor among its arguments."""
    ours = registry.get(function)
    if ours is None:
        raise no_rule(getattr(function, "__name__", str(function)), args)
    if kwargs.get("out") is not None:
        raise ConversionError(f"np.{function.__name__}: out= cannot take a recorded result; use what is returned")
    return ours(*args, **kwargs)


def no_rule(name: str, args: Any, advice: str = "") -> NoRuleError:
    """The error for a NumPy function that has no derivative here, with the nearest that has."""
    import difflib

    near = difflib.get_close_matches(name, primitives, 3, 0.6)
    advice = advice or (f"; nearest: {', '.join(near)}" if near else "")
    shown = ", ".join(describe(a) for a in args if isinstance(a, Tensor))
    return NoRuleError(
        f"no rule for {name}({shown}){advice}. Write one with autograd.extend.primitive and defvjp, "
        "or pass .data to hold the argument constant"
    )
