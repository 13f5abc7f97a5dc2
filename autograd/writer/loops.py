"""Runs of arithmetic on large arrays, each as one loop over entries: one pass over memory instead of one an operation.

NumPy reads and writes whole arrays for every operation, which is what an update of many parameters costs. A run of
statements that NumPy would take entry by entry becomes a function with one loop, for numba to compile. It does the same
operations in the same order, so the numbers are the same to the last bit.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ..program import Line
from .text import literal

LARGE = 1 << 16  # entries from which on a loop of its own is worth the time to compile it
SHORTEST = 3  # operations

# Functions such as exp are not among them: NumPy computes several entries at once, which a compiled loop does not.
ARITHMETIC = {
    "add": "{} + {}",
    "subtract": "{} - {}",
    "multiply": "{} * {}",
    "divide": "{} / {}",
    "negative": "-{}",
    "square": "{0} * {0}",
    "sqrt": "np.sqrt({})",
    "greater": "{} > {}",
    "greater_equal": "{} >= {}",
    "less": "{} < {}",
    "less_equal": "{} <= {}",
}
INDICES = ("_i", "_j", "_k", "_l", "_m", "_n")


class Call(NamedTuple):
    """A ufunc called in a planned function.

    Attributes:
        line: what it computes.
        operands: the texts of its arguments.
        out: the text of what it writes to.
        position: where it stands in the program.
        kept: where its result is read last.
        fresh: whether it is made anew in each call.
    """

    line: Line
    operands: list[str]
    out: str
    position: int
    kept: int
    fresh: bool = False


@dataclass
class Kernel:
    """A function with one loop."""

    name: str
    parameters: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    stores: list[str] = field(default_factory=list)

    def text(self, ndim: int) -> str:
        """The function's source, the same for arrays of all shapes with so many axes."""
        whole = self.stores[0].partition("[")[0]
        lines = [f"def {self.name}({', '.join(self.parameters)}):"]
        for axis in range(ndim):
            lines.append(f"{'    ' * (axis + 1)}for {INDICES[axis]} in range({whole}.shape[{axis}]):")
        indent = "    " * (ndim + 1)
        return "\n".join([*lines, *(indent + s for s in (*self.loads, *self.body, *self.stores))]) + "\n"


def fuse(body: list[str], calls: dict[int, Call], memory: Any) -> tuple[list[str], dict[str, str]]:
    """Put runs of arithmetic into loops.

    Args:
        body: the statements of a planned function.
        calls: those of them, by number, that call a ufunc.
        memory: `memory(text)` is the buffer or input that a text is, or is a view of.

    Returns:
        the statements, in which each run is one call, and the loops' sources by name.
    """
    kernels: dict[str, str] = {}
    new = list(body)
    for run in _runs(calls):
        steps = [calls[at] for at in run]
        if len(run) < SHORTEST or steps[0].line.value.size < LARGE or _overlaps(steps, memory):
            continue
        kernel = _kernel(f"_loop_{len(kernels) + 1}", steps)
        kernels[kernel.name] = kernel.text(len(steps[0].line.shape))
        made = [f"{s.out} = np.empty({s.line.shape}, np.{s.line.dtype.name})" for s in steps if s.fresh]
        called = f"{kernel.name}({', '.join(kernel.parameters)})"
        new[run[0] : run[-1] + 1] = ["\n".join([*made, called]), *[""] * (len(run) - 1)]
    return [s for s in "\n".join(new).split("\n") if s], kernels


def _runs(calls: dict[int, Call]) -> Iterable[list[int]]:
    """Numbers of consecutive statements on arrays of one shape that a loop may do."""
    run: list[int] = []
    for at in sorted(calls):
        if not _fits(calls[at]):
            continue
        if run and (at != run[-1] + 1 or calls[at].line.shape != calls[run[0]].line.shape):
            yield run
            run = []
        run.append(at)
    if run:
        yield run


def _fits(call: Call) -> bool:
    line = call.line
    if line.primitive is None or line.primitive.name not in ARITHMETIC or len(line.shape) > len(INDICES):
        return False
    kinds = {a.dtype for a in line.parents} | {line.dtype}
    floats = {k for k in kinds if k.kind != "b"}
    named = all(t.isidentifier() for a, t in zip(line.args, call.operands, strict=True) if isinstance(a, Line))
    return len(floats) == 1 and floats <= {np.dtype("f4"), np.dtype("f8")} and named


def _overlaps(steps: list[Call], memory: Any) -> bool:
    """Whether something is written that is also there by another name: then the order of entries counts."""
    names: dict[str, set[str]] = {}
    texts = {text for step in steps for text in (step.out, *step.operands)}
    if any(_entry(text) in texts for text in texts):
        return True
    for step in steps:
        for text in (step.out, *step.operands):
            names.setdefault(memory(text), set()).add(text)
    return any(len(names[memory(step.out)]) > 1 for step in steps)


def _kernel(name: str, steps: list[Call]) -> Kernel:
    kernel = Kernel(name)
    shape, end = steps[0].line.shape, steps[-1].position
    inside: set[str] = set()
    stored: dict[str, bool] = {}
    for step in steps:
        line = step.line
        number = next(a.dtype for a in (line, *line.parents) if a.dtype.kind != "b")
        words = []
        for a, text in zip(line.args, step.operands, strict=True):
            if not isinstance(a, Line):
                words.append(f"np.{number}({literal(number.type(a).item()).text})")
                continue
            if text not in inside and text not in kernel.parameters:
                kernel.parameters.append(text)
                if a.shape:
                    kernel.loads.append(f"{_entry(text)} = {text}[{_index(a.shape, shape)}]")
            word = _entry(text) if a.shape else text
            words.append(f"np.{number}({word})" if a.dtype.kind == "b" else word)
        kernel.body.append(f"{_entry(step.out)} = {ARITHMETIC[line.primitive.name].format(*words)}")  # type: ignore[union-attr]
        inside.add(step.out)
        stored[step.out] = step.kept > end
    for text, live in stored.items():
        if live:
            kernel.stores.append(f"{text}[{_index(shape, shape)}] = {_entry(text)}")
            if text not in kernel.parameters:
                kernel.parameters.append(text)
    return kernel


def _entry(text: str) -> str:
    return f"{text}_entry"


def _index(shape: tuple[int, ...], whole: tuple[int, ...]) -> str:
    """Where an entry of the whole lies in an operand that is broadcast to it."""
    aligned = zip(shape, whole[-len(shape) :], INDICES[len(whole) - len(shape) : len(whole)], strict=True)
    return ", ".join("0" if n == 1 and m != 1 else i for n, m, i in aligned)


def without_unused(setup: list[str], *texts: str) -> list[str]:
    """The setup without assignments of names that nobody mentions any more."""
    kept: list[str] = []
    words = set(re.findall(r"\w+", " ".join(texts)))
    for statement in reversed(setup):
        if statement.split(" = ")[0] in words:
            kept.append(statement)
            words.update(re.findall(r"\w+", statement.split(" = ", 1)[1]))
    return kept[::-1]
