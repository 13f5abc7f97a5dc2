"""How each primitive is written as a NumPy expression, and how strongly it binds.

A row takes the written arguments and gives the text. Levels are Python's own: a term is put in parentheses where it
binds less strongly than its place asks for (`tests/autograd/test_source.py` holds the table against Python's parser).
"""

import keyword
import operator
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..graph import Primitive
from ..program import Line
from .helpers import path_of
from .plainer import trimmed
from .text import AND, CALL, COMPARE, OR, POWER, PRODUCT, SIGN, SUM, XOR, Text, leads_with_minus, minus

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

OPPOSITE = {"add": "-", "subtract": "+"}
"""The sign with which a negative term is written."""


def _call(name: str, fun: Any = None) -> Callable[..., Text]:
    def write(line: Line, *args: Text, **kwargs: str) -> Text:
        args, kwargs = trimmed(line, fun or getattr(np, name[3:]), args, kwargs)  # type: ignore[assignment]
        shown = [a.within(0) for a in args] + [f"{k}={v}" for k, v in kwargs.items()]
        return Text(f"{name}({', '.join(shown)})")

    return write


def _index(line: Line, x: Text, *parts: Text) -> Text:
    return Text(f"{x.within(CALL)}[{index(line.args[1:], parts)}]")


def index(raw: Sequence[Any], written: Sequence[Text]) -> str:
    """The parts of an index as they stand in brackets."""
    shown = ", ".join(_part(r, w) for r, w in zip(raw, written, strict=True))
    return f"{shown}," if len(raw) == 1 and isinstance(raw[0], tuple) else shown or "()"


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
    """As an index where an axis is added to a value that has some, by its own name where all become one."""
    old, new = line.args[0].shape, line.args[1]
    if not rest and not kwargs and isinstance(new, tuple):
        for i, n in enumerate(new):
            if old and n == 1 and old == new[:i] + new[i + 1 :]:
                return Text(f"{x.within(CALL)}[{', '.join([':'] * i + ['None'] + [':'] * (len(old) - i))}]")
        if len(old) > 1 and len(new) == 1:
            return Text(f"np.ravel({x.within(0)})")
    return _call("np.reshape")(line, x, shape, *rest, **kwargs)


def _diagonal(line: Line, d: Text, *rest: Text) -> Text | None:
    """A matrix with this diagonal; None where there are more axes."""
    places, k = line.args[0], line.args[2]
    n = line.args[1][0]
    if len(line.args[1]) != 2 or line.args[1] != (n, n) or line.args[3:] != (0, 1):
        return None
    if not isinstance(places, Line) or places.shape != (n - abs(k),):
        return None
    return Text(f"np.diag({d.within(0)}{f', {k}' if k else ''})")


def _reciprocal(line: Line, x: Text) -> Text | None:
    """As a fraction; None for whole numbers, of which it is one too."""
    return Text(f"1 / {x.within(SIGN)}", PRODUCT) if line.dtype.kind in "fc" else None


def _masks(sign: str, level: int) -> Callable[..., Text | None]:
    """Between truth values by its sign; None for other numbers, which have bits of their own."""

    def write(line: Line, x: Text, y: Text) -> Text | None:
        masks = all(isinstance(a, Line) and a.dtype == bool for a in line.args)
        return Text(f"{x.within(level)} {sign} {y.within(level + 1)}", level) if masks else None

    return write


def _norm(line: Line, x: Text, *rest: Text, **kwargs: str) -> Text | None:
    """None for norms along an axis, where the library sums squares itself."""
    return None if rest or kwargs else Text(f"np.linalg.norm({x.within(0)})")


def _listed(name: str) -> Callable[..., Text]:
    def write(line: Line, *args: Text, **kwargs: str) -> Text:
        _, kwargs = trimmed(line, getattr(np, name[3:]), [], kwargs)
        tail = "".join(f", {k}={v}" for k, v in kwargs.items())
        return Text(f"{name}([{', '.join(a.within(0) for a in args)}]{tail})")

    return write


def _kind(line: Line, x: Text, dtype: Text, *rest: Text, **kwargs: str) -> Text:
    return Text(f"{x.within(CALL)}.astype({dtype.within(0)})")


def _floating(line: Line, x: Text) -> Text:
    """The argument of a smooth function, which takes whole numbers for floating ones."""
    whole = isinstance(line.args[0], Line) and line.args[0].dtype.kind in "biu"
    return Text(f"{x.within(CALL)}.astype(float)", CALL) if whole else x


def _sigmoid(line: Line, x: Text) -> Text:
    x = _floating(line, x)
    minus = x.text[1:] if x.level == SIGN and x.text.startswith("-") else f"-{x.within(SIGN)}"
    return Text(f"1 / (1 + np.exp({minus}))", PRODUCT)


def _softplus(line: Line, x: Text) -> Text:
    return Text(f"np.logaddexp(0, {_floating(line, x).within(0)})")


def _log_sigmoid(line: Line, x: Text) -> Text:
    return Text(f"-np.logaddexp(0, -{_floating(line, x).within(SIGN)})", SIGN)


ROWS: dict[str, Callable[..., Text]] = {
    "negative": lambda line, x: Text(f"-{x.within(SIGN)}", SIGN),
    "positive": lambda line, x: Text(f"+{x.within(SIGN)}", SIGN),
    "invert": lambda line, x: Text(f"~{x.within(SIGN)}", SIGN),
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

SOMETIMES: dict[str, Callable[..., Text | None]] = {
    "place_diagonal": _diagonal,
    "reciprocal": _reciprocal,
    "linalg.norm": _norm,
    "logical_and": _masks("&", AND),
    "logical_or": _masks("|", OR),
}
"""Rows that hold for some arguments only."""

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


def called(path: str) -> Any:
    """What a dotted name stands for."""
    root, _, rest = path.partition(".")
    return operator.attrgetter(rest)(np if root == "np" else sys.modules[root])


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
    return f"f_{word}" if word[0].isdigit() or keyword.iskeyword(word) or word == "np" else word


def operation(line: Line, args: Sequence[Text], kwargs: dict[str, str], foreign: dict[str, Any]) -> Text:
    """One operation written out; what its text needs besides NumPy is put into `foreign` under the name used."""
    primitive = line.primitive
    assert primitive is not None
    name = primitive.name
    known = is_ours(primitive)
    if known and name in ("power", "square") and any(a.dtype == bool for a in line.parents):
        return _call(f"np.{name}")(line, *args, **kwargs)  # ** takes truth values for bytes
    if known and name in INFIX and len(args) == 2 and not kwargs:
        sign, level, left, right = INFIX[name]
        if name in OPPOSITE and leads_with_minus(args[1]):
            args, sign = [args[0], minus(args[1])], OPPOSITE[name]
        return Text(f"{args[0].within(left)} {sign} {args[1].within(right)}".replace(" ** ", "**"), level)
    if known and name in ROWS:
        return ROWS[name](line, *args, **kwargs)
    better = SOMETIMES[name](line, *args, **kwargs) if known and name in SOMETIMES else None
    if better is not None:
        return better
    dotted = path(primitive)
    if dotted is not None:
        root = dotted.partition(".")[0]
        if root != "np":
            foreign[root] = sys.modules[root]
        return _call(dotted, called(dotted))(line, *args, **kwargs)
    own = identifier(name)
    while foreign.get(own, primitive.fun) is not primitive.fun:
        own += "_"
    foreign[own] = primitive.fun
    return _call(own, primitive.fun)(line, *args, **kwargs)


def unsigned(lines: Iterable[Line]) -> set[Line]:
    """The lines whose text may begin with truth values or unsigned whole numbers, before which no minus goes."""
    found: set[Line] = set()
    for line in lines:
        written = line.primitive is not None and (line.primitive.name in INFIX or line.primitive.name == "identity")
        if getattr(line.dtype, "kind", "") in "bu" or (written and not found.isdisjoint(line.parents)):
            found.add(line)
    return found


def is_ours(primitive: Primitive) -> bool:
    """Whether a primitive is the library's own of its name, and not a function of the user's that shares it."""
    from ..numpy.registry import primitives

    return primitives.get(primitive.name) is primitive or primitive.name == "identity"
