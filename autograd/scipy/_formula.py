"""Functions of SciPy told as formulas: on plain arrays SciPy computes, on Tensors the formula does, and is recorded."""

import functools
import inspect
from collections.abc import Callable
from types import EllipsisType
from typing import Any

from .. import numpy as anp
from ..errors import ConversionError, NoRuleError
from ..graph import Primitive, Rule, Tensor
from ..numpy.registry import Function, holds_tensor, registry


def formula(theirs: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let the decorated formula stand for SciPy's function where there is a Tensor among the arguments."""

    def decorate(ours: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(theirs)
        def function(*args: Any, **kwargs: Any) -> Any:
            if holds_tensor((*args, *kwargs.values())):
                return ours(*map(_array, args), **{key: _array(value) for key, value in kwargs.items()})
            return theirs(*args, **kwargs)

        function.formula = ours  # type: ignore[attr-defined]
        return function

    return decorate


def _array(value: Any) -> Any:
    """A list as the array that SciPy would make of it."""
    return anp.asarray(value) if type(value) is list else value


def held(x: Any) -> Any:
    """A value that no gradient is asked for, but that a captured program computes anew."""
    return x.detach() if isinstance(x, Tensor) else x


def recorded(
    fun: Callable[..., Any], *rules: Rule | EllipsisType | None, name: str, elementwise: bool = False
) -> Primitive:
    """SciPy's function as a primitive with one rule an argument; called on a Tensor itself, it records as well.

    It does not join NumPy's `primitives`, so that what those are does not depend on whether SciPy was loaded.
    """
    given = [_without_closed_form(name, i) if isinstance(rule, EllipsisType) else rule for i, rule in enumerate(rules)]
    made = Function(fun, name, given, elementwise=elementwise)
    registry.setdefault(fun, made)
    return made


def _without_closed_form(name: str, argument: int) -> Rule:
    def rule(*_: Any, **__: Any) -> Any:
        raise NoRuleError(
            f"{name} has no derivative rule for argument {argument}, which has no closed form; "
            "pass that argument's .data to hold it constant, or give a rule with autograd.extend.defvjp"
        )

    return rule


def passed_on(theirs: Any, instead: str = "") -> Callable[[str], Any]:
    """A module's `__getattr__`: SciPy's other names, whose functions say of a Tensor that they have no rule for it.

    `instead` are functions of the module that have one.
    """
    name = theirs.__name__ if inspect.ismodule(theirs) else f"scipy.stats.{type(theirs).__name__.removesuffix('_gen')}"

    def other(attribute: str) -> Any:
        found = getattr(theirs, attribute)
        return _refusing(found, f"{name}.{attribute}", instead) if inspect.isroutine(found) else found

    return other


@functools.cache
def _refusing(fun: Callable[..., Any], path: str, instead: str) -> Callable[..., Any]:
    @functools.wraps(fun)
    def function(*args: Any, **kwargs: Any) -> Any:
        try:
            return fun(*args, **kwargs)
        except ConversionError as error:
            advice = f" ({instead} have)" if instead else ""
            raise NoRuleError(
                f"{path} has no derivative rule{advice}; give it one with autograd.extend.primitive and defvjp, or "
                "pass .data to hold the argument constant"
            ) from error

    return function
