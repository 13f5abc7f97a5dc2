"""HIPS autograd's `autograd.numpy.numpy_wrapper`: our NumPy namespace, and the wrapping of others."""

from collections.abc import MutableMapping
from typing import Any

from .. import builtins, numpy
from ..extend import notrace_primitive, primitive

__all__ = ["builtins", "notrace_primitive", "primitive", "wrap_namespace"]


def wrap_namespace(old: MutableMapping[str, Any], new: MutableMapping[str, Any]) -> None:
    """Put the functions of one namespace into another, as primitives without rules; numbers and None as they are."""
    made: dict[int, Any] = {}
    for name, value in old.items():
        if callable(value) and not isinstance(value, type):
            new[name] = made[id(value)] = made.get(id(value)) or primitive(value)
        elif isinstance(value, (float, int, type(None), type)):
            new[name] = value


def __getattr__(name: str) -> Any:
    return getattr(numpy, name)
