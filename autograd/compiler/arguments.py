"""The arguments of a compiled function: arrays and floating numbers that may change, other values that are fixed."""

import ast
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..graph import Tensor

NUMBERS = "biufc"
"""Kinds of the dtypes that compiled functions compute with."""


def plain(value: Any) -> Any:
    """A Tensor as its array, a file mapped into memory as one, NumPy's string as Python's."""
    if isinstance(value, Tensor):
        value = value._value
    return value.view(np.ndarray) if type(value) is np.memmap else str(value) if type(value) is np.str_ else value


def refusal(value: Any) -> str:
    """Why a value cannot be an argument, and what to try; nothing where it can.

    >>> refusal({1, 2})
    'is of type set, and compiled functions take arrays, numbers and nests of them: pass a list or a dict'
    """
    kind = type(value).__name__
    if isinstance(value, np.ndarray) and type(value) is not np.ndarray:
        return (
            f"is of type {kind}, which has rules of its own that the source would not follow: pass np.asarray of it, "
            "or call the function without compile"
        )
    if isinstance(value, np.ndarray) and value.dtype.kind not in NUMBERS:
        way = {"V": "its fields one by one", "U": "numbers for the words, as np.unique(x, return_inverse=True) gives"}
        word = way.get(value.dtype.kind, "x.astype(float)")
        return f"has dtype {value.dtype}, and compiled functions compute with numbers and booleans: pass {word}"
    if is_static(value) and not _is_fixed(value):
        word = "np.asarray of it" if hasattr(value, "__array__") else "a list or a dict"
        return f"is of type {kind}, and compiled functions take arrays, numbers and nests of them: pass {word}"
    return ""


def _is_fixed(value: Any) -> bool:
    """Whether a value can be told from others, and read again: what can be read once is no value."""
    try:
        hash(kind_of(value))
        bool(value == value)
    except (TypeError, ValueError):
        return False
    return not hasattr(value, "__next__")


def key_text(key: Any) -> str:
    """The key of a dict as Python reads it."""
    try:
        if ast.literal_eval(repr(key)) == key:
            return repr(key)
    except (ValueError, SyntaxError):
        pass
    raise TypeError(
        f"compiled functions take and return dicts whose keys are strings, numbers or tuples; {key!r} is none"
    )


def is_static(value: Any) -> bool:
    """Whether an argument is fixed in a compiled version: neither an array nor a floating number."""
    if isinstance(value, np.generic):
        return value.dtype.kind not in NUMBERS
    return isinstance(value, type) or not (hasattr(value, "dtype") or isinstance(value, (float, complex)))


def weak_floats(values: list[Any], outside: Sequence[Any] = ()) -> list[Any]:
    """Python's floats as numbers of the dtype of the arrays beside them, which they must not widen.

    Args:
        outside: arrays that count where there are none among the values.
    """
    dtypes = float_dtypes(values) or float_dtypes(outside)
    widest = np.result_type(*dtypes) if dtypes else np.dtype(float)
    return [
        v
        if hasattr(v, "dtype")
        else np.asarray(v, np.result_type(widest, 1j) if isinstance(v, complex) else widest)[()]
        for v in values
    ]


def float_dtypes(values: Iterable[Any]) -> list[Any]:
    """The dtypes of the floating arrays among values, for complex ones that of their parts."""
    return [np.finfo(v.dtype).dtype for v in values if hasattr(v, "dtype") and v.dtype.kind in "fc"]


def kind_of(value: Any) -> Any:
    """What a compiled version is made for: the type, shape and dtype of an array, a fixed value itself."""
    if isinstance(value, slice):  # has no hash
        return slice, value.start, value.stop, value.step
    if is_static(value):
        return type(value), value
    if hasattr(value, "dtype"):
        return type(value), value.shape, value.dtype
    return (type(value),)


def structure(tree: Any) -> Any:
    if isinstance(tree, dict):
        return type(tree), tuple((k, structure(v)) for k, v in tree.items())
    if isinstance(tree, (list, tuple)):
        return type(tree), tuple(map(structure, tree))
    return None
