"""The refusal of what a recording would freeze: a second run, on other numbers, has to record the same."""

from typing import Any

import numpy as np

from ..errors import CaptureError
from ..program import Line
from ..tree import flatten
from .arguments import is_static, structure
from .capture import Capture


def refuse_frozen(first: Capture, second: Capture, name: str) -> None:
    """Two runs on different numbers must record the same program; what differs was drawn, or taken out of a Tensor."""
    one, two = first.program.lines, second.program.lines
    same = len(one) == len(two)
    for a, b in zip(one, two, strict=False):
        owner = _owner(a)
        if a.primitive is not b.primitive and owner is not None and owner is _owner(b):
            raise CaptureError(
                f"{name} calls {owner.name}, a primitive of your own that takes or returns nests, which cannot be "
                "compiled: let it take and return arrays, one argument for each"
            )
        if not same or a.kind != b.kind or a.primitive is not b.primitive or len(a.args) != len(b.args):
            raise CaptureError(
                f"{name} took two different ways in two runs, after {a.name}: a captured function must do the same "
                "whatever the numbers are; write the choice with where"
            )
        if a.kind == "constant" and not _same(a.value, b.value):
            raise _frozen(name, a.name, a.value)
        for x, y in zip((*a.args, *a.kwargs.values()), (*b.args, *b.kwargs.values()), strict=True):
            if not hasattr(x, "parents") and not _same(x, y):
                raise _frozen(name, f"an argument of {a.primitive.name if a.primitive else a.name}", x)
    if structure(first.result) != structure(second.result):
        raise CaptureError(f"{name} returned lists, tuples or dicts of other sizes in its second run; they must stay")
    for x, y in zip(flatten(first.result)[0], flatten(second.result)[0], strict=True):
        if (np.isscalar(x) or isinstance(x, np.ndarray)) and not _same(x, y):
            raise _frozen(name, "a result", x)
    if list(map(id, first.outside)) != list(map(id, second.outside)):
        raise CaptureError(f"{name} read other Tensors from outside in its second run; pass them to it as arguments")
    if not same:
        raise CaptureError(
            f"{name} recorded {len(one)} and {len(two)} operations in two runs; it must do the same each time"
        )


def _owner(line: Line) -> Any:
    """The user's primitive that a line was recorded for; each call of one with nests makes a Primitive of its own."""
    return getattr(getattr(line.primitive, "rules", None), "owner", None)


def _frozen(name: str, where: str, value: Any) -> CaptureError:
    shape = getattr(value, "shape", ())
    return CaptureError(
        f"{name}: {where} {'of shape ' + str(shape) if shape else '= ' + str(value)} is not the same in two runs, so a "
        "recording would freeze it. Random numbers, and values computed from .data, must be arguments of the function"
    )


def _same(x: Any, y: Any) -> bool:
    if x is y:
        return True
    if isinstance(x, (tuple, list)) and isinstance(y, (tuple, list)):
        return len(x) == len(y) and all(map(_same, x, y))
    if isinstance(x, slice) or x is None or isinstance(x, str) or (not np.isscalar(x) and not hasattr(x, "dtype")):
        return bool(x == y)
    kind = getattr(x, "dtype", np.asarray(x).dtype).kind
    return bool(np.array_equal(x, y, equal_nan=kind in "fc"))


def nudged(value: Any) -> Any:
    """A little different number, to tell what was computed from numbers."""
    if is_static(value) or getattr(value, "dtype", np.dtype(float)).kind not in "fc":
        return value
    kind = value.dtype.type if hasattr(value, "dtype") else type(value)
    other = value * kind(0.9921875) if np.any(value != 0) else value + kind(0.0078125)
    return np.asarray(other, value.dtype) if isinstance(value, np.ndarray) else other
