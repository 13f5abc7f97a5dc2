"""What a person leaves out: arguments that are the default, and the dtype of a number that takes that of its array."""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..program import Line
from .text import PRODUCT, Text, fraction, literal

NO_VALUE = {"axis": None, "keepdims": False}
"""What leaving an argument out means where NumPy's signature does not say it."""


INLINE_SIZE = 8
"""A constant array with more entries than this gets a name and is passed in, unless a few words make it."""


def array_text(value: np.ndarray) -> Text | None:
    """A small array of numbers, whole numbers in order, or a multiple of an identity matrix; None for any other."""
    n = len(value)
    if value.shape == (n,) and n > 2 and value.dtype == int and np.array_equal(value, np.arange(n)):
        return Text(f"np.arange({n})")
    if value.shape == (n, n) and n > 1 and value.dtype.kind == "f" and value[0, 0] > 0:
        factor = value[0, 0]
        eye = Text(f"np.eye({n})" if value.dtype == float else f"np.eye({n}, dtype=np.{value.dtype.name})")
        if np.array_equal(value, factor * np.eye(n, dtype=value.dtype)):
            written = fraction(factor.item(), value.dtype).within(PRODUCT)
            return eye if factor == 1 else Text(f"{written} * {eye.text}", PRODUCT)
    return literal(value) if value.size <= INLINE_SIZE and value.dtype.kind in "fiub" else None


def trimmed(
    line: Line, fun: Callable[..., Any], args: Sequence[Text], kwargs: dict[str, str]
) -> tuple[list[Text], dict[str, str]]:
    """The written arguments of a call without those that are the default; an axis in a tuple by itself alone."""
    known = defaults(fun)
    args, names = list(args), list(known)
    while args and len(args) <= len(names) and is_default(line.args[len(args) - 1], names[len(args) - 1], known):
        args.pop()
    for i, name in enumerate(names[: len(args)]):
        if name == "axis":
            args[i] = Text(_single(line.args[i], args[i].text), args[i].level)
    left = {k: v for k, v in kwargs.items() if not (k in known and is_default(line.kwargs[k], k, known))}
    return args, {k: _single(line.kwargs[k], v) if k == "axis" else v for k, v in left.items()}


@functools.lru_cache(256)
def defaults(fun: Callable[..., Any]) -> dict[str, Any]:
    """The parameters of a function in their order, with their defaults, up to those of any number."""
    if fun is np.concatenate:  # some versions of NumPy do not tell
        return {"arrays": inspect.Parameter.empty, "axis": 0}
    try:
        parameters = list(inspect.signature(fun).parameters.values())
    except (TypeError, ValueError):
        return {}
    found: dict[str, Any] = {}
    for p in parameters:
        if p.kind is p.VAR_POSITIONAL:
            return {}
        absent = p.default is getattr(np, "_NoValue", None)
        found[p.name] = NO_VALUE.get(p.name, p.empty) if absent else p.default
    return found


def is_default(value: Any, name: str, known: dict[str, Any]) -> bool:
    """Whether a plain value is what the parameter of this name has anyway."""
    return (
        type(value) is type(known[name])
        and isinstance(value, (bool, int, float, str, type(None)))
        and value == known[name]
    )


def _single(axis: Any, written: str) -> str:
    return str(axis[0]) if isinstance(axis, tuple) and len(axis) == 1 else written


def number(line: Line, i: int) -> Text:
    """The plain argument i of a line: a NumPy number as Python's where that makes the same entries."""
    value = as_number(line.args[i])
    plain = value.item() if isinstance(value, np.generic) else value
    if type(plain) not in (int, float) or line.primitive is None or not line.primitive.elementwise or not line.parents:
        return literal(value)
    kinds = {a.dtype for a in line.parents if a.dtype != bool}
    kind = kinds.pop() if len(kinds) == 1 else np.dtype(float)
    if isinstance(value, np.generic):
        if type(value)(plain) != value or not _same_dtype(line):
            return literal(value)
        kind = kind if kind == value.dtype else np.dtype(float)
    return fraction(plain, kind if kind.kind == "f" else np.dtype(float))


def as_number(value: Any) -> Any:
    """An array without axes as the number in it; other values as they are."""
    return value[()] if isinstance(value, np.ndarray) and value.shape == () else value


def _same_dtype(line: Line) -> bool:
    """Whether the operation gives its own dtype with Python numbers in the place of NumPy's."""
    plain = [a if isinstance(a, Line) else as_number(a) for a in line.args]
    plain = [a.item() if isinstance(a, np.generic) else a for a in plain]
    blanks = [np.ones((1,) * len(a.shape), a.dtype)[()] if isinstance(a, Line) else a for a in plain]
    assert line.primitive is not None
    try:
        with np.errstate(all="ignore"):
            return bool(np.asarray(line.primitive.fun(*blanks, **line.kwargs)).dtype == line.dtype)
    except (TypeError, ValueError):
        return False


def full(line: Line) -> Text | None:
    """A number that is copied everywhere, as an array of its own; None where a line is no such thing."""
    assert line.primitive is not None
    value = line.args[0]
    if line.primitive.name != "broadcast_to" or isinstance(value, Line) or not line.shape:
        return None
    return filled(line.shape, value, line.dtype) if line.dtype.kind in "fiub" else None


def filled(shape: tuple[int, ...], value: Any, dtype: np.dtype) -> Text:
    """An array with one number everywhere.

    >>> filled((2, 3), 0, np.dtype(float)).text, filled((4,), 0.1, np.dtype("f4")).text
    ('np.zeros((2, 3))', 'np.full(4, 0.1, np.float32)')
    """
    size = str(shape[0]) if len(shape) == 1 else literal(shape).text
    plain = value.item() if isinstance(value, np.generic) else value
    if plain in (0, 1) and not np.signbit(np.real(plain)):
        kind = "" if dtype == np.float64 else f", np.{dtype.name}"
        return Text(f"np.{'ones' if plain else 'zeros'}({size}{kind})")
    kind = "" if np.array(plain).dtype == dtype else f", np.{dtype.name}"
    return Text(f"np.full({size}, {fraction(plain, dtype if dtype.kind == 'f' else float).text}{kind})")
