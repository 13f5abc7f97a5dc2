"""Layers as wide as whole registers: 25 columns are computed as 32, and nobody reads the seven that were added.

OpenBLAS's float32 kernels for AVX-512 take sixteen columns of a product at a time, and longer over nine to fifteen than
over sixteen. A layer begins and ends with such products, and what lies between them is done entry by entry; so it can
be made wider as a whole, with zeros beside the weights.
"""

from collections.abc import Iterator

import numpy as np

from ..numpy.products import has_avx512
from ..program import Line, Program
from .facts import is_line, is_sum, is_turned
from .passes import finish, pass_name
from .rewriter import Rewriter, Value

LANES = 16
WIDEST = 96
"""Columns beyond which what is left over counts for little."""
MUCH = 100_000
"""Entries of the data from which a product takes long enough to win back what the wider layer costs."""
WORTH = 16
"""Columns of the data in products, for each operation entry by entry."""


def fill_registers(program: Program) -> Program:
    """The lowered program (see `lowering`) with wider layers; itself where none would be quicker."""
    if not has_avx512():
        return program
    users, outputs = program.users(), set(program.outputs)
    wider: set[Line] = set()
    for line in program.lines:
        if line not in wider and _is_product(line) and _leaves_lanes(line):
            layer = _layer(line, users, outputs)
            if layer is not None and _pays(layer, users):
                wider |= layer
    return _Widening(program, wider).program() if wider else program


def _is_product(line: Line) -> bool:
    """Whether a line is the product of two matrices."""
    return (is_line(line, "dot") or is_line(line, "matmul")) and [len(p.shape) for p in line.parents] == [2, 2]


def _leaves_lanes(line: Line) -> bool:
    k = line.shape[1]
    return line.dtype == np.float32 and k <= WIDEST and k % LANES > LANES // 2


def _layer(start: Line, users: dict[Line, list[Line]], outputs: set[Line]) -> set[Line] | None:
    """All that has the shape of a product and belongs to it entry by entry; None where it must keep its width."""
    layer, stack = {start}, [start]
    while stack:
        line = stack.pop()
        if line in outputs or not (_is_product(line) or _is_entrywise(line)):
            return None
        near = [] if _is_product(line) else [a for a in line.parents if a.shape == start.shape]
        for user in users[line]:
            if _is_entrywise(user) and user.shape == start.shape:
                near.append(user)
            elif not (_is_over_rows(user) or (is_turned(user) and all(map(_is_over_rows, users[user])))):
                return None
        stack += [a for a in near if a not in layer]
        layer.update(near)
    return layer


def _is_entrywise(line: Line) -> bool:
    return line.primitive is not None and line.primitive.elementwise and not line.kwargs


def _is_over_rows(user: Line) -> bool:
    """Whether a line is a product, or the sum of rows: more columns give more entries, and leave the others."""
    if is_sum(user):
        return user.kwargs["axis"] in (0, (0,))
    return (is_line(user, "dot") or is_line(user, "matmul")) and max(len(p.shape) for p in user.parents) == 2


def _pays(layer: set[Line], users: dict[Line, list[Line]]) -> bool:
    inner = [_summed(line) for line in layer if _is_product(line)]
    outer = [user.shape[0] for line in layer for user in users[line] if _ends(user, line)]
    rows = next(iter(layer)).shape[0]
    large = [n for n in (*inner, *outer) if rows * n >= MUCH]
    return sum(large) > WORTH * (len(layer) - len(inner))


def _summed(line: Line) -> int:
    """How many terms each entry of a product is the sum of."""
    return line.parents[0].shape[1]


def _ends(user: Line, line: Line) -> bool:
    """Whether a product sums over the rows of a layer, and is as wide."""
    return _is_product(user) and user.args[1] is line


class _Widening:
    """The program anew, with the lines in `wider` in both widths where both are asked for."""

    def __init__(self, program: Program, wider: set[Line]) -> None:
        self._old, self._wider, self._make = program, wider, Rewriter()
        self._new: dict[Line, Value] = {}
        self._wide: dict[Line, Line] = {}

    def program(self) -> Program:
        make = self._make
        for at, line in enumerate(self._old.lines):
            make.at = float(at)
            if line.primitive is None:
                self._new[line] = make.adopt(line)
            elif line in self._wider:
                self._wide[line] = made = make.make(line.primitive, *self._widened(line), **line.kwargs)
                pass_name(line, made)
            else:
                self._new[line] = made = self._beside(line)
                pass_name(line, made)
        roots = [make.as_line(self._new[line], line.name) for line in self._old.outputs]
        return finish(make, self._old, roots)

    def _beside(self, line: Line) -> Value:
        """A line that is in no layer: sums over the rows of one are taken of all columns, and cut after that."""
        assert line.primitive is not None
        args, cut = [self._narrow(a) for a in line.args], [slice(None)] * len(line.shape)
        if _is_over_rows(line):
            first, last = line.args[0], line.args[-1]
            if not is_sum(line) and is_turned(first) and first.args[0] in self._wide:
                args[0], cut[0] = self._make.make("transpose", self._wide[first.args[0]]), slice(None, first.shape[0])
            if last in self._wide:
                args[-1], cut[-1] = self._wide[last], slice(None, last.shape[1])
        if all(part == slice(None) for part in cut):
            return self._make.again(line, args)
        return self._make.make("index", self._make.make(line.primitive, *args, **line.kwargs), *cut)

    def _narrow(self, value: Value) -> Value:
        """An argument as it was."""
        if not isinstance(value, Line):
            return value
        if value not in self._new:
            self._new[value] = self._make.make("index", self._wide[value], slice(None), slice(None, value.shape[1]))
        return self._new[value]

    def _widened(self, line: Line) -> Iterator[Value]:
        """The arguments that make the line wider."""
        width = -(-line.shape[1] // LANES) * LANES
        if _is_product(line):
            yield self._narrow(line.args[0])
            yield self._filled(line.args[1], width)
            return
        for a in line.args:
            columns = isinstance(a, Line) and a.shape[-1:] == line.shape[1:]
            yield self._filled(a, width) if columns else self._narrow(a)

    def _filled(self, line: Line, width: int) -> Line:
        """An argument with zeros for more columns."""
        if line in self._wide:
            return self._wide[line]
        places = (*[slice(None)] * (len(line.shape) - 1), slice(None, line.shape[-1]))
        made: Line = self._make.make("scatter", self._narrow(line), (*line.shape[:-1], width), *places)
        made.name = made.name or f"{line.name}_wide"
        return made
