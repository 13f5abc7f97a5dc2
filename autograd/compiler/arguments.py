"""The arguments of a compiled function: arrays and floating numbers that may change, other values that are fixed."""

import ast
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..graph import Tensor
from ..tree import flatten


def normalize(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any], Any]:
    """Arguments with Tensors as their arrays, and the key that all calls with one compiled version share."""
    leaves, rebuild = flatten((args, kwargs))
    values = [plain(v) for v in leaves]
    args, kwargs = rebuild(values)
    return args, kwargs, (_structure((args, kwargs)), *map(kind_of, values))


def plain(value: Any) -> Any:
    """A Tensor as its array, a file mapped into memory as one; other subclasses of NumPy's array mean other things."""
    if isinstance(value, Tensor):
        value = value._value
    if not isinstance(value, np.ndarray) or type(value) is np.ndarray:
        return value
    if type(value) is not np.memmap:
        raise TypeError(
            f"compiled functions take plain arrays, and {type(value).__name__} has rules of its own that the source "
            "would not follow: pass np.asarray(x), or call the function without compile"
        )
    return value.view(np.ndarray)


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
    if is_static(value):
        try:
            hash(value)
            known = not hasattr(value, "__next__")  # what can be read once is no value
        except TypeError:
            known = False
        if not known:
            raise TypeError(
                f"compiled functions take arrays, numbers and nests of them; {type(value).__name__} is none of these. "
                "Pass the arrays in it as a list or a dict"
            )
        return type(value), value
    if hasattr(value, "dtype"):
        return type(value), value.shape, value.dtype
    return (type(value),)


def _structure(tree: Any) -> Any:
    if isinstance(tree, dict):
        return type(tree), tuple((k, _structure(v)) for k, v in tree.items())
    if isinstance(tree, (list, tuple)):
        return type(tree), tuple(map(_structure, tree))
    return None
