"""Blocks of rows: large data come from memory once a call, and not anew for each product with them.

Between the product that starts a forward pass and the one that ends the backward pass all other data have gone through
the processor's cache. A block of rows is small enough to be in it still.
"""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from operator import iadd
from typing import Any

import numpy as np

from ..graph import Primitive
from ..numpy.several import Parts
from ..program import Line, Program
from .loops import loops_text, maker, plan_with_loops
from .rows import Rows, by_rows

LARGE = 12 << 20
"""Bytes of the data from which blocks pay; less stays in the cache as it is."""
BLOCK = 4 << 20
"""Bytes of the data in a block."""
LEAST = 256
"""Rows in a block, of which a matrix product needs some for its speed."""


def in_blocks(program: Program) -> "tuple[Program, Blocks | None]":
    """The program with its rows' part as one line, which runs block by block; or as it is where that would not pay."""
    rows = by_rows(program, LARGE)
    if rows is None:
        return program, None
    size = -(-rows.count // -(-rows.widest // BLOCK))
    if size < LEAST or size == rows.count:
        return program, None
    blocks = Blocks(rows, size)
    given = tuple(line for line, _ in rows.given())
    sums = Parts(line.value for line in rows.sums)
    return rows.rest(Line("sums", Primitive(blocks, "in_blocks"), given, {}, sums, "operation")), blocks


class Blocks:
    """The rows' part of a program: called with what it is given, it returns the sums over all rows.

    Attributes:
        size: rows in a block; the last may have less.
        text: the sources of the functions for a block and for the last one, as planned.
    """

    def __init__(self, rows: Rows, size: int) -> None:
        self.size, self._count = size, rows.count
        self._axes = [axis for _, axis in rows.given()]
        self._made: dict[int, Callable[[], Callable[..., Sequence[Any]]]] = {}
        self.text = ""
        for n in {size, rows.count % size} - {0}:
            planned, loops = plan_with_loops(rows.block(n), reserved={"rows"})
            given = {**planned.constants, **planned.foreign}
            body = [*planned.body, f"return {', '.join(planned.results)},"]
            text = planned.definition("build", ["np", *given], f"rows({', '.join(planned.names)})", body)
            self.text += loops_text(planned) + text.replace("def build", f"def build_{n}_rows", 1) + "\n\n"
            self._made[n] = partial(maker(text, "<planned rows>", loops), np, *given.values())
        self._local = threading.local()

    def __call__(self, *arrays: Any) -> Sequence[Any]:
        steps = self._steps()
        total: list[Any] = []
        for start in range(0, self._count, self.size):
            end = min(start + self.size, self._count)
            cut = (
                a if axis is None else _part(a, axis, start, end) for a, axis in zip(arrays, self._axes, strict=True)
            )
            part = steps[end - start](*cut)
            total = [iadd(t, p) for t, p in zip(total, part, strict=True)] if total else list(part)
        return total

    def _steps(self) -> dict[int, Callable[..., Sequence[Any]]]:
        """The functions by number of rows, with buffers of this thread."""
        if not hasattr(self._local, "steps"):
            self._local.steps = {n: make() for n, make in self._made.items()}
        steps: dict[int, Callable[..., Sequence[Any]]] = self._local.steps
        return steps


def _part(array: Any, axis: int, start: int, end: int) -> Any:
    """The rows of one block."""
    return array[(slice(None),) * axis + (slice(start, end),)]
