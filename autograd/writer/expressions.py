"""How each primitive is written as a NumPy expression, and how strongly it binds.

A row takes the written arguments and gives the text. Levels are Python's own: a term is put in parentheses where it
binds less strongly than its place asks for (`tests/autograd/test_source.py` holds the table against Python's parser).
"""

import keyword
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..graph import Primitive
from ..program import Line
from .helpers import path_of

COMPARE, OR, XOR, AND, SUM, PRODUCT, SIGN, POWER, CALL = range(9)


class Text(NamedTuple):
    """A piece of source and how strongly it binds."""

    text: str
    level: int = CALL

    def within(self, level: int) -> str:
        """The text where at least `level` is asked for."""
        return self.text if self.level >= level else f"({self.text})"


# infix: the sign, the level, and what the left and the right argument must bind like at least
INFIX: dict[str, tuple[str, int, int, int]] = {
    "add": ("+", SUM, SUM, SUM + 1),
    "subtract": ("-", SUM, SUM, SUM + 1),
    "multiply": ("*", PRODUCT, PRODUCT, PRODUCT + 1),
    "divide": ("/", PRODUCT, PRODUCT, PRODUCT + 1),
    "floor_divide": ("//", PRODUCT, PRODUCT, PRODUCT + 1),
    "remainder": ("%", PRODUCT, PRODUCT, PRODUCT + 1),
    "matmul": ("@", PRODUCT, PRODUCT, PRODUCT + 1),
    "power": ("**", POWER, CALL, SIGN),
    "bitwise_and": ("&", AND, AND, AND + 1),
    "bitwise_xor": ("^", XOR, XOR, XOR + 1),
    "bitwise_or": ("|", OR, OR, OR + 1),
    "equal": ("==", COMPARE, COMPARE + 1, COMPARE + 1),
    "not_equal": ("!=", COMPARE, COMPARE + 1, COMPARE + 1),
    "less": ("<", COMPARE, COMPARE + 1, COMPARE + 1),
    "less_equal": ("<=", COMPARE, COMPARE + 1, COMPARE + 1),
    "greater": (">", COMPARE, COMPARE + 1, COMPARE + 1),
    "greater_equal": (">=", COMPARE, COMPARE + 1, COMPARE + 1),
}

# plainer words for functions of ours whose own text is longer than a reader needs
HELPERS: dict[str, str] = {
    "scatter": (
        "def scatter(g, shape, *parts):\n    out = np.zeros_like(g, shape=shape)\n"
        "    np.add.at(out, parts, g)\n    return out"
    ),
}


def _call(name: str) -> Callable[..., Text]:
    def write(line: Line, *args: Text, **kwargs: str) -> Text:
        shown = [a.within(0) for a in args] + [f"{k}={v}" for k, v in kwargs.items()]
        return Text(f"{name}({', '.join(shown)})")

    return write


def _index(line: Line, x: Text, *parts: Text) -> Text:
    shown = ", ".join(_part(raw, p) for raw, p in zip(line.args[1:], parts, strict=True))
    return Text(
        f"{x.within(CALL)}[{shown}{',' if len(parts) == 1 and isinstance(line.args[1], tuple) else ''}]"
        if parts
        else f"{x.within(CALL)}[()]"
    )


def _part(raw: Any, written: Text) -> str:
    if isinstance(raw, slice):
        ends = ["" if v is None else str(int(v)) for v in (raw.start, raw.stop)]
        return ":".join(ends) + (f":{int(raw.step)}" if raw.step is not None else "")
    return "..." if raw is Ellipsis else written.within(0)


def _transpose(line: Line, x: Text, *axes: Text, **kwargs: str) -> Text:
    if axes or kwargs:
        return _call("np.transpose")(line, x, *axes, **kwargs)
    return Text(f"{x.within(CALL)}.T")


def _reshape(line: Line, x: Text, shape: Text, *rest: Text, **kwargs: str) -> Text:
    if rest or kwargs:
        return _call("np.reshape")(line, x, shape, *rest, **kwargs)
    return Text(f"np.reshape({x.within(0)}, {shape.within(0)})")


def _listed(name: str) -> Callable[..., Text]:
    def write(line: Line, *args: Text, **kwargs: str) -> Text:
        tail = "".join(f", {k}={v}" for k, v in kwargs.items())
        return Text(f"{name}([{', '.join(a.within(0) for a in args)}]{tail})")

    return write


def _kind(line: Line, x: Text, dtype: Text, *rest: Text, **kwargs: str) -> Text:
    return Text(f"{x.within(CALL)}.astype({dtype.within(0)})")


def _sigmoid(line: Line, x: Text) -> Text:
    minus = x.text[1:] if x.level == SIGN and x.text.startswith("-") else f"-{x.within(SIGN)}"
    return Text(f"1 / (1 + np.exp({minus}))", PRODUCT)


def _softplus(line: Line, x: Text) -> Text:
    return Text(f"np.logaddexp(0, {x.within(0)})")


def _log_sigmoid(line: Line, x: Text) -> Text:
    return Text(f"-np.logaddexp(0, -{x.within(SIGN)})", SIGN)


ROWS: dict[str, Callable[..., Text]] = {
    "negative": lambda line, x: Text(f"-{x.within(SIGN)}", SIGN),
    "positive": lambda line, x: Text(f"+{x.within(SIGN)}", SIGN),
    "invert": lambda line, x: Text(f"~{x.within(SIGN)}", SIGN),
    "reciprocal": lambda line, x: Text(f"1 / {x.within(SIGN)}", PRODUCT),
    "square": lambda line, x: Text(f"{x.within(CALL)}**2", POWER),
    "identity": lambda line, x: x,
    "transpose": _transpose,
    "index": _index,
    "reshape": _reshape,
    "item": lambda line, parts, i: Text(f"{parts.within(CALL)}[{i.within(0)}]"),
    "concatenate": _listed("np.concatenate"),
    "stack": _listed("np.stack"),
    "frexp_exponent": lambda line, x: Text(f"np.frexp({x.within(0)})[1]"),
    "astype": _kind,
    "astype_integer": _kind,
    "relu": lambda line, x: Text(f"np.maximum({x.within(0)}, 0)"),
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "log_sigmoid": _log_sigmoid,
    "log_of_sigmoid": lambda line, z, a: _log_sigmoid(line, z),
    "log_of_complement": lambda line, z, a: Text(f"-np.logaddexp(0, {z.within(0)})", SIGN),
}


OTHERWISE = {"linalg.norm"}
"""Names under which NumPy has a function that takes other arguments."""


def path(primitive: Primitive) -> str | None:
    """The dotted name under which NumPy, SciPy or Python itself has this function; None if they have not."""
    if is_ours(primitive) and primitive.name not in OTHERWISE:
        found: Any = np
        for part in primitive.name.split("."):
            found = getattr(found, part, None)
        if callable(found):
            return f"np.{primitive.name}"
    return path_of(primitive.fun, f"numpy.{primitive.name}", primitive.name)


def names_called(primitive: Primitive) -> set[str]:
    """The names besides NumPy's that the text of an operation uses, which nothing else may have."""
    if is_ours(primitive) and (primitive.name in INFIX or primitive.name in ROWS):
        return set()
    return {(path(primitive) or identifier(primitive.name)).partition(".")[0]}


def identifier(name: str) -> str:
    """The name of a primitive as Python allows it.

    >>> identifier("linalg.norm_p")
    'linalg_norm_p'
    """
    word = "".join(c if c.isalnum() else "_" for c in name).lstrip("_") or "function"
    return f"f_{word}" if word[0].isdigit() or keyword.iskeyword(word) else word


def operation(line: Line, args: Sequence[Text], kwargs: dict[str, str], foreign: dict[str, Any]) -> Text:
    """One operation written out; what its text needs besides NumPy is put into `foreign` under the name used."""
    primitive = line.primitive
    assert primitive is not None
    name = primitive.name
    known = is_ours(primitive)
    if known and name in INFIX and len(args) == 2 and not kwargs:
        sign, level, left, right = INFIX[name]
        return Text(f"{args[0].within(left)} {sign} {args[1].within(right)}".replace(" ** ", "**"), level)
    if known and name in ROWS:
        return ROWS[name](line, *args, **kwargs)
    dotted = path(primitive)
    if dotted is not None:
        root = dotted.partition(".")[0]
        if root != "np":
            foreign[root] = sys.modules[root]
        return _call(dotted)(line, *args, **kwargs)
    own = identifier(name)
    while foreign.get(own, primitive.fun) is not primitive.fun:
        own += "_"
    foreign[own] = primitive.fun
    return _call(own)(line, *args, **kwargs)


def is_ours(primitive: Primitive) -> bool:
    """Whether a primitive is the library's own of its name, and not a function of the user's that shares it."""
    from ..numpy.registry import primitives

    return primitives.get(primitive.name) is primitive or primitive.name == "identity"


def literal(value: Any) -> Text:
    """A plain Python value, a NumPy number or a small array as source."""
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.shape == ()):
        value = value[()] if isinstance(value, np.ndarray) else value
        if isinstance(value, (np.bool_,)):
            return Text(repr(bool(value)))
        number = _number(value.item())
        return Text(number if number.startswith("np.longdouble") else f"np.{value.dtype.name}({number})")
    if isinstance(value, np.dtype):
        return Text(
            f"np.{value.name}" if hasattr(np, value.name) and value.name != "bool" else f"np.dtype({value.str!r})"
        )
    if isinstance(value, type) and issubclass(value, np.generic):
        return Text(f"np.{value.__name__}")
    if isinstance(value, (bool, int, float, complex)):
        text = _number(value)
        return Text(text, SIGN if text.startswith("-") else CALL)
    if isinstance(value, slice):
        return Text(f"slice({value.start}, {value.stop}, {value.step})")
    if isinstance(value, (tuple, list)):
        inner = ", ".join(literal(v).text for v in value)
        comma = "," if len(value) == 1 and isinstance(value, tuple) else ""
        return Text(f"({inner}{comma})" if isinstance(value, tuple) else f"[{inner}]")
    if isinstance(value, np.ndarray):
        if not value.size:
            return Text(f"np.zeros({value.shape}, np.{value.dtype.name})")
        entries = value.tolist()
        dtype = "" if np.array(entries).dtype == value.dtype else f", np.{value.dtype.name}"
        return Text(f"np.array({_nested(entries)}{dtype})")
    return Text(repr(value))


def _nested(value: Any) -> str:
    return f"[{', '.join(map(_nested, value))}]" if isinstance(value, list) else _number(value)


def _number(value: Any) -> str:
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):
        return {"nan": "np.nan", "inf": "np.inf", "-inf": "-np.inf"}[str(value)]
    if isinstance(value, float) and value == int(value) and abs(value) < 2**53:
        return repr(value) if value == 0 or abs(value) >= 1e15 else f"{int(value)}.0"
    return repr(value)
