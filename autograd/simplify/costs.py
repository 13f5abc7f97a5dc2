"""What lines cost, by a rough model that is the same for every machine, and whether another way is cheaper."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from ..program import Line, Program

VIEWS = {
    "transpose",
    "reshape",
    "broadcast_to",
    "swapaxes",
    "expand_dims",
    "squeeze",
    "moveaxis",
    "identity",
    "flip",
    "item",
}
CHEAP = {"add", "subtract", "multiply", "negative", "positive", "square", "absolute", "maximum", "minimum"}
REDUCTIONS = {"sum", "mean", "max", "min", "prod", "any", "all", "argmax", "argmin"}
PRODUCTS = {"matmul", "dot", "tensordot", "inner"}
DIVISIONS = {"divide", "reciprocal", "where", "astype", "sigmoid", "softmax"}
STABLE = {"softmax", "log_softmax", "logsumexp"}
"""A stable function costs what the last operation of the unstable form it stands for did, so that taking it is free."""
CALL = 1000.0
"""What a call costs before it has touched an entry, in entries of a multiplication."""


def line_cost(line: Line) -> float:
    """What computing a line costs, in entries of a multiplication."""
    if line.primitive is None:
        return 0.0
    name = line.primitive.name
    if name in VIEWS:
        return 10.0
    if line.shape is None:  # a tuple of several results
        return 4 * CALL
    size = math.prod(line.shape)
    if name in PRODUCTS:
        length = line.parents[0].shape[-1] if line.parents and line.parents[0].shape else 1
        return CALL + size * length / 4
    if name in REDUCTIONS:
        entries = 2 * max((math.prod(p.shape) for p in line.parents), default=1)
        division = CALL + 2 * size if line.shape else CALL / 4
        return CALL + entries + (division if name == "mean" else 0)
    if not line.shape:
        return CALL / 4
    if not line.primitive.elementwise and name not in STABLE:
        return 2 * CALL + 8 * max(size, *(math.prod(p.shape) for p in line.parents), 1)
    weight = 1 if name in CHEAP else 2 if name in DIVISIONS else 8
    return CALL + size * weight


def cost(program: Program) -> float:
    """What a run of the program costs, in entries of a multiplication; `simplify` never increases it."""
    return sum(line_cost(line) for line in live_lines(program.outputs))


def live_lines(outputs: Iterable[Line]) -> list[Line]:
    """Every line that the outputs need, each once, in no particular order."""
    seen = dict.fromkeys(outputs)
    stack = list(seen)
    while stack:
        for parent in stack.pop().parents:
            if parent not in seen:
                seen[parent] = None
                stack.append(parent)
    return list(seen)


class Uses:
    """How often each line is used, kept up to date while lines are tried in place of others."""

    def __init__(self, outputs: Sequence[Line]) -> None:
        self.count: Counter[Line] = Counter()
        for line in outputs:
            self.add(line)

    def add(self, value: Any) -> float:
        """Use a value once more; what computing it, and all that it needs and nobody used before, costs."""
        total, stack = 0.0, [value]
        while stack:
            line = stack.pop()
            if isinstance(line, Line):
                self.count[line] += 1
                if self.count[line] == 1:
                    total += line_cost(line)
                    stack += line.parents
        return total

    def drop(self, value: Any) -> float:
        """Use a value once less; what is saved."""
        total, stack = 0.0, [value]
        while stack:
            line = stack.pop()
            if isinstance(line, Line):
                self.count[line] -= 1
                if not self.count[line]:
                    total += line_cost(line)
                    stack += line.parents
        return total

    def prefer(self, new: Any, old: Line, or_equal: bool = False) -> bool:
        """Put `new` in the place of `old` if that is cheaper, counting only what is not needed elsewhere."""
        n = self.count[old]
        if new is old or not n:
            return False
        saved = self.drop_all(old, n)
        spent = sum(self.add(new) for _ in range(n))
        if (spent < saved or (or_equal and spent == saved)) and not self.count[old]:
            return True
        for _ in range(n):
            self.drop(new)
        for _ in range(n):
            self.add(old)
        return False

    def drop_all(self, line: Line, n: int) -> float:
        """Take a line out altogether."""
        return sum(self.drop(line) for _ in range(n))
