"""HIPS autograd's `autograd.util`."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .compat.nodes import toposort

__all__ = ["func", "quick_grad_check", "subval", "subvals", "toposort"]


def subvals(x: Sequence[Any], changes: Iterable[tuple[int, Any]]) -> tuple[Any, ...]:
    """The items of x as a tuple, with some of them replaced."""
    new = list(x)
    for i, value in changes:
        new[i] = value
    return tuple(new)


def subval(x: Sequence[Any], i: int, value: Any) -> tuple[Any, ...]:
    """The items of x as a tuple, with one of them replaced."""
    return subvals(x, [(i, value)])


def func(f: Callable[..., Any]) -> Callable[..., Any]:
    """The function itself."""
    return f


def quick_grad_check(fun: Callable[..., Any], arg0: Any, extra_args: Any = (), kwargs: Any = None, **_: Any) -> None:
    """Check the gradient of `fun` in its first argument."""
    from .test_util import check_grads

    warnings.warn("quick_grad_check is deprecated: use autograd.test_util.check_grads.", stacklevel=2)
    check_grads(lambda x: fun(x, *extra_args, **(kwargs or {})), modes=["rev"], order=1)(arg0)
