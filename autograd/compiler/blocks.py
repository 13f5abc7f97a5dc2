"""Blocks of rows, computed by several threads at once.

The linear algebra library spreads a matrix product over the processor's cores; elementwise work runs on one of them,
and between one product with the data and the next the data have left its cache. A block of rows at a time, one block a
thread, mends both. Each thread then multiplies by itself: the library is held to one thread meanwhile.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import lru_cache
from operator import iadd
from typing import Any

import numpy as np

from ..graph import Primitive
from ..numpy.several import Parts
from ..program import Line, Program
from .loops import loops_text, plan_with_loops
from .rows import Rows, by_rows

LARGE = 1 << 22
"""Bytes of the widest array from which threads gain more than their hand-over costs."""
CACHED = 1 << 23
"""Bytes of the widest array's part in a block."""
LEAST = 256
"""Rows in a block, of which a matrix product needs some for its speed."""

_turn = threading.Lock()
"""Held by the one call at a time whose blocks run in threads."""


def in_blocks(program: Program) -> "tuple[Program, Blocks | None]":
    """The program with its rows' part as one line, which runs in blocks; or as it is where that would not pay."""
    rows = by_rows(program, LARGE)
    layout = None if rows is None else _layout(rows.count, rows.widest, linear_algebra_threads())
    if rows is None or layout is None:
        return program, None
    blocks = Blocks(rows, *layout)
    given = tuple(line for line, _ in rows.given())
    sums = Parts(line.value for line in rows.sums)
    return rows.rest(Line("sums", Primitive(blocks, "in_blocks"), given, {}, sums, "operation")), blocks


def _layout(rows: int, widest: int, threads: int) -> tuple[int, int] | None:
    """How many threads, and how many blocks for each: all blocks of one size, as large as the caches like it."""
    for lanes in range(threads, 1, -1):
        sizes = [n for n in range(1, rows // lanes + 1) if rows % (lanes * n) == 0 and rows // (lanes * n) >= LEAST]
        if sizes:
            fits = [n for n in sizes if widest // (lanes * n) <= CACHED]
            return lanes, min(fits, default=max(sizes))
    return None


class Blocks:
    """The rows' part of a program: called with what it is given, it returns the sums over all rows.

    Attributes:
        text: the source of the function for one block, as planned.
    """

    def __init__(self, rows: Rows, lanes: int, each: int) -> None:
        self.lanes, self.each = lanes, each
        self.size = rows.count // (lanes * each)
        self.axes = [axis for _, axis in rows.given()]
        planned, self._loops = plan_with_loops(rows.block(self.size), reserved={"rows"})
        head = f"rows({', '.join(planned.names)})"
        self._given = {**planned.constants, **planned.foreign}
        body = [*planned.body, f"return {', '.join(planned.results)},"]
        text = planned.definition("build_rows", ["np", *self._given], head, body)
        self._code = compile(text, "<planned rows>", "exec")
        self.text = loops_text(planned) + text
        self._local = threading.local()

    def __call__(self, *arrays: Any) -> Sequence[Any]:
        first = [self._lane(i, arrays) for i in range(self.lanes)]
        if linear_algebra_threads() > 1 and _turn.acquire(blocking=False):
            try:
                with _linear_algebra().limit(limits=1):
                    parts = _at_once(first, _pool(os.getpid(), self.lanes - 1))
            finally:
                _turn.release()
        else:
            parts = [lane() for lane in first]
        return _added(parts)

    def _lane(self, lane: int, arrays: Sequence[Any]) -> Callable[[], Sequence[Any]]:
        """What one thread does: blocks that lie side by side."""
        return lambda: _added(
            self._step()(*(_part(a, axis, at, self.size) for a, axis in zip(arrays, self.axes, strict=True)))
            for at in range(lane * self.each * self.size, (lane + 1) * self.each * self.size, self.size)
        )

    def _step(self) -> Callable[..., Sequence[Any]]:
        """The planned function with buffers of this thread."""
        try:
            step: Callable[..., Sequence[Any]] = self._local.step
        except AttributeError:
            scope: dict[str, Any] = dict(self._loops)
            exec(self._code, scope)
            step = self._local.step = scope["build_rows"](np, *self._given.values())
        return step


def _part(array: Any, axis: int | None, start: int, size: int) -> Any:
    """The rows of one block; an array without rows as it is."""
    if axis is None:
        return array
    return array[start : start + size] if axis == 0 else array[(slice(None),) * axis + (slice(start, start + size),)]


def _added(parts: Any) -> Sequence[Any]:
    """The sums of results, each added to the first of its kind, in the order of the rows."""
    first, *others = parts
    total = list(first)
    for part in others:
        total = [iadd(t, p) for t, p in zip(total, part, strict=True)]
    return total


def _at_once(tasks: Sequence[Callable[[], Any]], pool: ThreadPoolExecutor) -> list[Any]:
    """Results of the tasks, the first of which this thread does itself, in its own context; all have ended then."""
    others: list[Future[Any]] = [pool.submit(copy_context().run, task) for task in tasks[1:]]
    try:
        mine = tasks[0]()
    finally:
        failures = [other.exception() for other in others]
    for failure in failures:
        if failure is not None:
            raise failure
    return [mine, *(other.result() for other in others)]


@lru_cache(maxsize=8)
def _pool(process: int, workers: int) -> ThreadPoolExecutor:
    """Threads of this process: a forked one has none of its parent's."""
    return ThreadPoolExecutor(workers, thread_name_prefix="autograd-rows")


@lru_cache(maxsize=1)
def _linear_algebra() -> Any:
    """A handle on the thread pools of the linear algebra libraries that are loaded."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


def linear_algebra_threads() -> int:
    """How many threads matrix products use now, which whoever limits them means for our blocks as well."""
    return max((library.get_num_threads() or 1 for library in _linear_algebra().lib_controllers), default=1)
