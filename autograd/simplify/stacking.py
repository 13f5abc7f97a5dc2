"""A stack of values that were all made the same way is one value with an axis more.

A Jacobian captured row by row repeats the same lines for each row, with other constants. Here they become one line
each, for all rows at once: the Hessian of a logistic regression becomes X.T @ (p (1 - p) X).
"""

import math
from typing import Any

import numpy as np

from ..program import Line
from .facts import is_line, is_number
from .rewriter import Rewriter, Value

DEPTH = 200


class Stacker:
    """Finds the common form of lines.

    Args:
        make: makes the stacked lines.
        n: how many are stacked.
    """

    def __init__(self, make: Rewriter, n: int) -> None:
        self.make = make
        self.n = n
        self.found: dict[tuple[int, ...], Line | None] = {}

    def stack(self, values: list[Value], depth: int = 0) -> Line | None:
        """The values along a new first axis, in terms of what they are made of; None if they are too different."""
        key = tuple(map(id, values))
        if key not in self.found:
            self.found[key] = self._stack(values, depth) if depth < DEPTH else None
        return self.found[key]

    def _stack(self, values: list[Value], depth: int) -> Line | None:
        first = values[0]
        if not all(isinstance(v, Line) and v.shape == first.shape and v.dtype == first.dtype for v in values):
            return None
        if all(v.kind == "constant" for v in values):
            made = self.make.constant(np.stack([np.asarray(v.value) for v in values]))
            return made if isinstance(made, Line) else None
        if all(v is first for v in values):
            made = self.make.make("broadcast_to", first, (self.n, *first.shape))
            return made if isinstance(made, Line) else None
        primitive = first.primitive
        if primitive is None or any(v.primitive is not primitive or len(v.args) != len(first.args) for v in values):
            return None
        if any(v.kwargs != first.kwargs for v in values):
            return None
        whole = self._rows_in_order(values)
        if whole is not None:
            return whole
        args: list[Value] = []
        stacked: list[bool] = []
        for column in zip(*[v.args for v in values], strict=True):
            same = all(a is column[0] for a in column) or all(_equal(a, column[0]) for a in column)
            if same:
                args.append(column[0])
            elif all(map(is_number, column)):
                made = self.make.constant(np.asarray(column))
                args.append(made)
            else:
                made = self.stack(list(column), depth + 1)
                if made is None:
                    return None
                args.append(made)
            stacked.append(not same)
        return self._operation(first, args, stacked)

    def _rows_in_order(self, values: list[Value]) -> Line | None:
        """x[0], x[1], ... of all rows is x."""
        x = values[0].args[0] if values[0].args else None
        if not is_line(values[0], "index") or not isinstance(x, Line) or x.shape[:1] != (self.n,):
            return None
        for i, v in enumerate(values):
            if v.args[0] is not x or len(v.args) != 2 or not is_number(v.args[1]) or v.args[1] != i:
                return None
        return x

    def _operation(self, first: Line, args: list[Value], stacked: list[bool]) -> Line | None:
        assert first.primitive is not None
        name, kwargs = first.primitive.name, dict(first.kwargs)
        shape = (self.n, *first.shape)
        made: Value = None
        if first.primitive.elementwise:
            aligned = [self._align(a, len(shape)) if s else a for a, s in zip(args, stacked, strict=True)]
            made = self.make.make(first.primitive, *aligned, **kwargs)
        elif name == "matmul":
            made = self._matmul(first, args, stacked)
        elif name in ("sum", "mean", "max", "min") and not any(stacked[1:]) and set(kwargs) <= {"axis", "keepdims"}:
            axis = kwargs.get("axis", args[1] if len(args) > 1 else None)
            n = len(first.args[0].shape)
            axes = (
                tuple(range(n))
                if axis is None
                else tuple(a % n for a in (axis if isinstance(axis, tuple) else (axis,)))
            )
            kwargs["axis"] = tuple(a + 1 for a in axes)
            made = self.make.make(first.primitive, args[0], **kwargs) if axes else args[0]
        elif name == "reshape" and not kwargs:
            made = self.make.make("reshape", args[0], shape)
        elif name == "transpose" and not kwargs:
            n = len(first.shape)
            order = first.args[1] if len(first.args) > 1 else tuple(reversed(range(n)))
            made = self.make.make("transpose", args[0], (0, *(a + 1 for a in order)))
        elif name == "broadcast_to":
            made = self.make.make("broadcast_to", self._align(args[0], len(shape)), shape)
        elif name == "index" and not any(stacked[1:]):
            made = self.make.make(first.primitive, args[0], slice(None, None, None), *args[1:])
        return made if isinstance(made, Line) and made.shape == shape and made.dtype == first.dtype else None

    def _align(self, x: Value, ndim: int) -> Value:
        """A stacked value with axes of length 1 after the first, as many as broadcasting would have put before it."""
        if not isinstance(x, Line) or len(x.shape) == ndim:
            return x
        return self.make.make("reshape", x, (x.shape[0], *[1] * (ndim - len(x.shape)), *x.shape[1:]))

    def _matmul(self, first: Line, args: list[Value], stacked: list[bool]) -> Value:
        a, b = first.args
        if not isinstance(a, Line) or not isinstance(b, Line):
            return None
        x, y = args
        if stacked == [False, True] and len(b.shape) == 1:
            return self.make.make("matmul", y, self.make.make("transpose", x) if len(a.shape) == 2 else x)
        if stacked == [True, False] and (len(a.shape) == 1 or (len(b.shape) == 1 and len(a.shape) == 2)):
            return self.make.make("matmul", x, y)
        if stacked == [True, True] and len(a.shape) == len(b.shape) == 1:
            return self.make.make("sum", self.make.make("multiply", x, y), axis=(1,), keepdims=False)
        if len(a.shape) == len(b.shape) == 2:
            return self.make.make("matmul", x, y)
        return None


def stacked(make: Rewriter, line: Line) -> Value | None:
    """A `stack` line in terms of what its parts are made of, where these are alike."""
    axis = line.kwargs.get("axis", 0)
    if len(line.args) < 2 or not all(isinstance(a, Line) for a in line.args):
        return None
    made = Stacker(make, len(line.args)).stack(list(line.args))
    if made is None or axis == 0:
        return made
    n = len(line.shape)
    order = list(range(1, n))
    order.insert(axis % n, 0)
    return make.make("transpose", made, tuple(order))


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, Line) or isinstance(b, Line) or type(a) is not type(b):
        return False
    same = a == b
    return same if isinstance(same, bool) else bool(np.all(same)) and math.prod(np.shape(same)) > 0
