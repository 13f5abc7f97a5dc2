"""What a recorded graph can be told besides its operations: layer boxes, source lines and times."""

from __future__ import annotations

import contextlib
import linecache
import sys
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from .graph import Observer, Primitive, Tensor, mode, next_serial, set_mode

_package = __file__.rsplit("annotate.py", 1)[0]


def scope_start() -> int:
    """A mark in recorded order; operations recorded later belong to the scope that `mark_scope` closes."""
    return next_serial()


def mark_scope(output: Any, name: str, start: int, owner: Any = None) -> None:
    """Say that what was recorded between `start` and `output` is one layer, which pictures draw as one box.

    Args:
        output: the layer's result, a Tensor or a nest (list, tuple, dict) of them; anything else is let pass.
        name: what the box is called.
        start: what `scope_start` gave before the layer ran.
        owner: the module that ran; where it has `members()`, pairs of a name and a part, the boxes of these parts
            also bear that name.

    >>> x = Tensor(1.0, requires_grad=True)
    >>> start = scope_start()
    >>> y = x * 2 + 1
    >>> mark_scope(y, "affine", start)
    >>> y.notes["scopes"] == [("affine", start, None)]
    True
    """
    if isinstance(output, Tensor):
        if output.record is not None and output.serial > start:
            notes = output.notes or {}
            output.notes = {**notes, "scopes": [*notes.get("scopes", ()), (name, start, owner)]}
    elif isinstance(output, dict):
        for part in output.values():
            mark_scope(part, name, start, owner)
    elif isinstance(output, (list, tuple)):
        for part in output:
            mark_scope(part, name, start, owner)


class Annotator(Observer):
    """Notes on each result the source line that made it and the seconds that took."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def run(self, primitive: Primitive, fun: Callable[..., Any], values: list[Any], kwargs: dict[str, Any]) -> Any:
        """Compute the operation and time it."""
        start = perf_counter()
        out = fun(*values, **kwargs)
        self.seconds = perf_counter() - start
        return out

    def seen(self, result: Tensor, primitive: Primitive, args: tuple[Any, ...]) -> None:
        """Write the notes."""
        file, line, code = _user_line()
        result.notes = {**(result.notes or {}), "source": f"{file}:{line}", "code": code, "seconds": self.seconds}


def _user_line() -> tuple[str, int, str]:
    """File, line number and text of the nearest line outside this package and NumPy."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_package) and frame.f_globals.get("__name__", "").partition(".")[0] != "numpy":
            break
        frame = frame.f_back
    file = frame.f_code.co_filename
    return file, frame.f_lineno, linecache.getline(file, frame.f_lineno).strip()


@contextlib.contextmanager
def annotate() -> Iterator[None]:
    """Inside, each operation notes the source line that made it and its seconds, for `draw` to show.

    Takes some microseconds an operation; outside, nothing is noted and nothing is paid.

    >>> x = Tensor(1.0, requires_grad=True)
    >>> with annotate():
    ...     y = x * 2
    >>> y.notes["code"]
    'y = x * 2'
    """
    if mode.recording is False:
        yield
        return
    with set_mode(recording=Annotator()):
        yield
