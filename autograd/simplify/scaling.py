"""A factor on a large result is cheaper on the small value that the result is linear in.

A step of gradient descent multiplies every gradient by the learning rate. All of them are linear in the first cotangent
of the backward pass, which has a row for each example and few columns, and often has a factor 1 / m already.
"""

import numpy as np

from ..program import Line, Program
from .costs import Uses
from .facts import holds, is_float, is_line, is_number, is_sum, plain, product
from .passes import finish, pass_name, rebuild
from .rewriter import Rewriter, Value, key_of

DEPTH = 500


def sink_factors(program: Program) -> Program:
    """The program with factors of results moved to where they cost least; itself if that is where they are."""
    make = Rewriter()
    for at, line in enumerate(program.lines):
        make.adopt(line, float(at))
    groups: dict[object, list[tuple[Line, Line, Value]]] = {}
    for line in program.lines:
        for x, s in _factors(line):
            groups.setdefault(key_of(s), []).append((line, x, s))
    chosen: dict[Line, Value] = {}
    for group in groups.values():
        chosen.update(_sink_group(make, program, group))
    if not chosen:
        return program
    new = rebuild(make, program.lines, chosen)
    for old, line in new.items():
        pass_name(old, line)
    roots = [make.as_line(new[line], line.name) for line in program.outputs]
    return finish(make, program, roots)


def _factors(line: Line) -> list[tuple[Line, Value]]:
    """(x, s) where the line is x * s for an array x and a number s."""
    if not is_float(line) or not line.shape:
        return []
    if is_line(line, "divide") and is_number(line.args[1]) and holds(line.dtype, line.args[1]):
        x, n = line.args
        s = 1 / plain(n)
        whole = isinstance(x, Line) and x.shape == line.shape and x.dtype == line.dtype
        return [(x, s)] if whole and holds(line.dtype, s) else []
    if not is_line(line, "multiply"):
        return []
    x, y = line.args
    pairs = [(x, y), (y, x)]
    return [
        (a, s)
        for a, s in pairs
        if isinstance(a, Line) and a.shape == line.shape and a.dtype == line.dtype and _is_scalar(s, line)
    ]


def _is_scalar(s: Value, line: Line) -> bool:
    return is_number(s) or (isinstance(s, Line) and s.shape == () and s.dtype == line.dtype)


def _sink_group(make: Rewriter, program: Program, group: list[tuple[Line, Line, Value]]) -> dict[Line, Value]:
    scaler = _Scaler(make, group[0][2])
    candidates: dict[Line, Value] = {}
    for line, x, _ in group:
        made = scaler.scaled(x, 0)
        if isinstance(made, Line) and made is not line and made.shape == line.shape and made.dtype == line.dtype:
            candidates[line] = made
    uses = Uses(program.outputs)
    counts = {line: uses.count[line] for line in candidates if uses.count[line]}
    saved = sum(uses.drop_all(line, n) for line, n in counts.items())
    spent = sum(uses.add(candidates[line]) for line, n in counts.items() for _ in range(n))
    if any(uses.count[line] for line in counts) or spent >= saved:
        return {}
    return {line: candidates[line] for line in counts}


class _Scaler:
    """Makes s * line for lines, with s as far down as it goes."""

    def __init__(self, make: Rewriter, s: Value) -> None:
        self.make = make
        self.s = s
        self.done: dict[Line, Value] = {}

    def scaled(self, line: Value, depth: int) -> Value:
        """A value equal to s * line."""
        if not isinstance(line, Line):
            both = None if isinstance(self.s, Line) else product(line, self.s, np.asarray(line).dtype)
            if both is None:
                return self.make.make("multiply", line, self.s)
            return line.dtype.type(both) if isinstance(line, np.generic) else both  # whose dtype a broadcast takes
        if line not in self.done:
            self.make.at = self.make.rank.get(line, (self.make.at, 0))[0]
            self.done[line] = self._scale(line, depth) if depth < DEPTH else self._plain(line)
        return self.done[line]

    def _plain(self, line: Line) -> Value:
        return self.make.make("multiply", line, self.s)

    def _scale(self, line: Line, depth: int) -> Value:
        make, args = self.make, line.args
        primitive = line.primitive
        name = "" if primitive is None else primitive.name
        if primitive is None or not is_float(line):
            return self._plain(line)
        if name in ("multiply", "divide") and is_number(self.s):
            for a, b in (args, args[::-1]) if name == "multiply" else (args,):
                if is_number(b) and isinstance(a, Line):
                    if name == "divide":
                        b = 1 / plain(b) if holds(line.dtype, b) else np.inf
                    both = product(b, self.s, line.dtype)
                    made = None if both is None else make.make("multiply", a, both)
                    return made if made is not None and made.dtype == line.dtype else self._plain(line)
        if any(isinstance(a, Line) and a.dtype not in (line.dtype, bool) for a in args):
            return self._plain(line)
        alike = all(getattr(a, "dtype", 0) == line.dtype for a in args)
        if name in ("concatenate", "stack", "add", "subtract") and alike:
            return make.again(line, [self.scaled(a, depth + 1) for a in args])
        if name in ("reshape", "transpose", "negative", "broadcast_to") or is_sum(line):
            return make.again(line, [self.scaled(args[0], depth + 1), *args[1:]])
        if name in ("multiply", "divide"):
            x, y = args
            for a, b, swap in ((x, y, False), (y, x, True)):
                if name == "divide" and swap:
                    break
                if _is_scalar(b, line) and isinstance(a, Line) and a.shape == line.shape:
                    return make.make("multiply", a, make.make(name, self.s, b))
            i = self._carrier(line, x, y) if name == "multiply" else 0
            if i is not None and isinstance(args[i], Line):
                scaled = self.scaled(args[i], depth + 1)
                return make.again(line, [scaled if k == i else a for k, a in enumerate(args)])
        if name == "matmul":
            i = self._carrier(line, *args)
            if i is not None:
                scaled = self.scaled(args[i], depth + 1)
                return make.again(line, [scaled if k == i else a for k, a in enumerate(args)])
        return self._plain(line)

    def _carrier(self, line: Line, x: Value, y: Value) -> int | None:
        """Which factor to scale: the one in which a number is found sooner, else the smaller."""
        found = [
            (_distance(v), v.value.size if isinstance(v, Line) else 0, i)
            for i, v in enumerate((x, y))
            if isinstance(v, Line) and v.dtype == line.dtype
        ]
        return min(found)[2] if found else None


def _distance(line: Value) -> int:
    """How many linear steps down there is a multiplication by a number; a large number where there is none."""
    reach = {line: 0}
    queue = [line]
    for at in queue:
        if not isinstance(at, Line) or at.primitive is None or reach[at] > 40:
            continue
        name = at.primitive.name
        if name in ("multiply", "divide") and any(_is_scalar(a, at) for a in at.args):
            return reach[at]
        if name in (
            "multiply",
            "divide",
            "matmul",
            "reshape",
            "transpose",
            "negative",
            "sum",
            "concatenate",
            "broadcast_to",
        ):
            for parent in at.parents:
                if parent not in reach:
                    reach[parent] = reach[at] + 1
                    queue.append(parent)
    return 1000
