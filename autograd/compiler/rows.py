"""The part of a program that takes the rows of its data one by one, as a program of its own.

A cost over a batch, and its gradient, are sums over rows. Blocks of rows need nothing of each other then: they can be
computed apart, and what they give is added. What depends on such sums, an update of parameters say, comes after.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..numpy.registry import primitives
from ..numpy.several import item
from ..program import Line, Program, blank
from ..shapes import normalize_axes
from ..simplify.facts import is_turned
from ..writer.traits import PRODUCTS, is_ones, ufunc_of

WHOLE, SUM, AFTER = "whole", "sum", "after"
Role = int | str
"""How a line stands to the rows: the axis along which it holds them, one or more entries each; or needs none of them
(WHOLE), is a sum over them (SUM), or is made from such sums (AFTER)."""
REDUCTIONS = ("sum", "max", "min")


@dataclass
class Rows:
    """The rows' part of a program.

    Attributes:
        program: the whole.
        count: how many rows there are.
        roles: the role of each line.
        widest: the bytes of the largest array that holds rows.
    """

    program: Program
    count: int
    roles: dict[Line, Role]
    widest: int

    @property
    def sums(self) -> list[Line]:
        """The lines that are sums over rows."""
        return [line for line in self.program.lines if self.roles[line] == SUM]

    def given(self) -> list[tuple[Line, int | None]]:
        """Inputs and constants that the rows' part reads, with the axis along which they are cut into blocks."""
        needed = _behind(self.sums)
        given: list[tuple[Line, int | None]] = []
        for line in self.program.lines:
            number = line.kind == "constant" and not line.shape
            if line in needed and line.primitive is None and not number and not _is_row_of_ones(line):
                role = self.roles[line]
                given.append((line, role if isinstance(role, int) else None))
        return given

    def block(self, size: int) -> Program:
        """The program of a block of so many rows: from what is `given` to what it adds to each of the `sums`."""
        needed, given = _behind(self.sums), [line for line, _ in self.given()]
        new: dict[Line, Line] = {}
        for line in self.program.lines:
            if line in needed:
                args = tuple(new[a] if isinstance(a, Line) else a for a in self._arguments(line, size))
                kind = "input" if line in given else line.kind
                value = self._value(line, size)
                new[line] = Line(line.name, line.primitive, args, line.kwargs, value, kind, line.named)
        return Program(list(new.values()), [new[line] for line in self.sums], [new[line] for line in given])

    def rest(self, call: Line) -> Program:
        """The program in which one line, with a tuple of all sums, stands for the rows' part."""
        picked = {
            line: Line(line.name, item, (call, i), {}, line.value, "operation", line.named)
            for i, line in enumerate(self.sums)
        }
        new: dict[Line, Line] = dict(picked)
        leaves, others = [], []
        for line in self.program.lines:
            if line.primitive is None:
                new[line] = line
                leaves.append(line)
            elif self.roles[line] in (WHOLE, AFTER):
                args = tuple(new[a] if isinstance(a, Line) else a for a in line.args)
                new[line] = Line(line.name, line.primitive, args, line.kwargs, line.value, line.kind, line.named)
                others.append(new[line])
        outputs = [new[line] for line in self.program.outputs]
        lines = [*leaves, call, *picked.values(), *others]  # others may overwrite what the rows read
        used = _behind(outputs)
        return Program([line for line in lines if line in used or line.kind == "input"], outputs, self.program.inputs)

    def _arguments(self, line: Line, size: int) -> Iterator[Any]:
        """The arguments of a line, with the shape that a block takes."""
        for a in line.args:
            new_shape = isinstance(a, tuple) and line.primitive is primitives["reshape"]
            yield self._cut(a, self.roles[line], size) if new_shape else a

    def _cut(self, shape: tuple[int, ...], role: Role, size: int) -> tuple[int, ...]:
        """The shape of a block; -1 stands for what is left, as before."""
        return tuple(n // self.count * size if axis == role and n > 0 else n for axis, n in enumerate(shape))

    def _value(self, line: Line, size: int) -> Any:
        """The same where it needs no rows; for all else a blank of the block's shape."""
        role = self.roles[line]
        if not line.shape or role == WHOLE:
            return line.value
        shape = self._cut(line.shape, role, size)
        if _is_row_of_ones(line):
            return np.ones(shape, line.dtype)
        return blank(shape, line.dtype)


def by_rows(program: Program, least: int) -> Rows | None:
    """Find the part of a program that takes the rows of its largest array one by one.

    Returns:
        None where rows need each other, or where no array has as many bytes as `least`.

    >>> from autograd.program import trace
    >>> from autograd import numpy as anp
    >>> program, _ = trace(lambda w, X: anp.sum(X @ w) * 2, np.ones(3), np.ones((50, 3)), names=["w", "X"])
    >>> rows = by_rows(program, least=1000)
    >>> rows.count, rows.given()
    (50, [(w: input (3,), None), (X: input (50, 3), 0)])
    >>> print(rows.block(10))
    w: input (3,)
    X: input (10, 3)
    t1 = matmul(X, w)  (10,)
    t2 = sum(t1)  ()
    """
    leaves = [line for line in program.lines if line.primitive is None and line.shape]
    data = max(leaves, key=lambda line: line.value.nbytes, default=None)
    roles = None if data is None or data.value.nbytes < least else _roles(program, data.shape[0])
    if data is None or roles is None or SUM not in roles.values():
        return None
    widest = max(line.value.nbytes for line in program.lines if isinstance(roles[line], int))
    return Rows(program, data.shape[0], roles, widest)


def _roles(program: Program, count: int) -> dict[Line, Role] | None:
    """The role of each line if axes of length `count` are taken for rows; None where rows need each other."""
    roles: dict[Line, Role] = {}
    for line in program.lines:
        role: Role | None
        if line.primitive is None:
            role = line.shape.index(count) if count in line.shape else WHOLE
        else:
            role = _role(line, [roles[a] for a in line.parents], count)
        if role is None:
            return None
        roles[line] = role
    return None if any(isinstance(roles[line], int) for line in program.outputs) else roles


def _role(line: Line, given: list[Role], count: int) -> Role | None:
    """The role of an operation by those of its arguments; None where it is not known to keep rows apart."""
    assert line.primitive is not None
    if all(role == WHOLE for role in given):
        return WHOLE
    if any(role in (SUM, AFTER) for role in given):
        return None if any(isinstance(role, int) for role in given) else AFTER
    name = line.primitive.name
    if line.primitive.elementwise or ufunc_of(line) is not None:
        return _broadcast(line, given) if not line.kwargs else None
    if (name in PRODUCTS or (name == "inner" and not line.shape)) and len(given) == 2:
        return _product(line, *given)
    if name in REDUCTIONS and len(given) == 1:
        return _reduced(line, given[0])
    if is_turned(line):
        return len(line.shape) - 1 - int(given[0])
    if name == "reshape" and given == [0] and len(line.args) == 2 and type(line.args[1]) is tuple and not line.kwargs:
        return 0 if line.shape and not line.shape[0] % count else None
    return None


def _broadcast(line: Line, given: list[Role]) -> Role | None:
    """Rows lie along one axis of the result, and what is the same for all of them has no other length there."""
    ndim = len(line.shape)
    axes = {role + ndim - len(a.shape) for a, role in zip(line.parents, given, strict=True) if isinstance(role, int)}
    if len(axes) != 1:
        return None
    (axis,) = axes
    for a, role in zip(line.parents, given, strict=True):
        own = axis - ndim + len(a.shape)
        if own >= 0 and a.shape[own] != (line.shape[axis] if isinstance(role, int) else 1):
            return None
    return axis


def _product(line: Line, left: Role, right: Role) -> Role | None:
    """Rows of the left factor, columns of the right one, or a sum over both."""
    a, b = line.parents
    if max(len(a.shape), len(b.shape)) > 2 or not min(len(a.shape), len(b.shape)):
        return None
    summed_left, summed_right = left == len(a.shape) - 1, right == max(len(b.shape) - 2, 0)
    if isinstance(left, int) and isinstance(right, int):
        return SUM if summed_left and summed_right else None
    if isinstance(left, int):
        return None if summed_left else left
    return None if summed_right else len(line.shape) - 1


def _reduced(line: Line, role: Role) -> Role | None:
    """A reduction over the rows, which only a sum may be, or over other axes."""
    assert line.primitive is not None
    assert isinstance(role, int)
    ndim = len(line.parents[0].shape)
    kwargs = dict(line.kwargs)
    axis, keepdims = kwargs.pop("axis", None), kwargs.pop("keepdims", False)
    if kwargs or len(line.args) != 1:
        return None
    axes = normalize_axes(axis, ndim)
    if role in axes:
        return SUM if line.primitive.name == "sum" else None
    return role if keepdims else role - sum(a < role for a in axes)


def _is_row_of_ones(line: Line) -> bool:
    return line.kind == "constant" and is_ones(line.value)


def _behind(lines: list[Line]) -> set[Line]:
    """These lines and all that they are made from."""
    found: set[Line] = set()
    stack = list(lines)
    while stack:
        line = stack.pop()
        if line not in found:
            found.add(line)
            stack += line.parents
    return found
