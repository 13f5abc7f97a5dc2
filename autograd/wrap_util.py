"""HIPS autograd's `autograd.wrap_util`."""

from collections.abc import Callable
from typing import Any

from .vjp import unary_to_nary

__all__ = ["get_doc", "get_name", "unary_to_nary", "wrap_nary_f", "wraps"]


def get_name(f: Any) -> str:
    """The name of a function, if it has one."""
    return getattr(f, "__name__", "[unknown name]")


def get_doc(f: Any) -> str:
    """The docstring of a function, if it has one."""
    return getattr(f, "__doc__", None) or ""


def wraps(fun: Any, namestr: str = "{fun}", docstr: str = "{doc}", **words: Any) -> Callable[..., Any]:
    """Name and describe a function after another one."""

    def decorate(f: Callable[..., Any]) -> Callable[..., Any]:
        f.__name__ = namestr.format(fun=get_name(fun), **words)
        f.__doc__ = docstr.format(fun=get_name(fun), doc=get_doc(fun), **words)
        return f

    return decorate


def wrap_nary_f(fun: Any, op: Any, argnum: Any) -> Callable[..., Any]:
    """Name and describe a function as the result of a transform, such as grad_of_f_wrt_argnum_0."""
    doc = "{op} of function {fun} with respect to argument number {argnum}."
    return wraps(fun, "{op}_of_{fun}_wrt_argnum_{argnum}", doc, op=get_name(op), argnum=argnum)
