"""In which order the lines run, where outputs are written into inputs that were given away."""

import heapq

from ..program import Line, Program
from .traits import roots, ufunc_of


def overwriting(program: Program, donated: dict[int, int]) -> dict[Line, Line]:
    """Output line -> the input line whose memory its own statement can write to."""
    into: dict[Line, Line] = {}
    for i, j in donated.items():
        out, source = program.outputs[i], program.inputs[j]
        if _fits(out, source) and out not in into:
            into[out] = source
    return into


def _fits(out: Line, source: Line) -> bool:
    if out.primitive is None or not out.shape or out.shape != source.shape or out.dtype != source.dtype:
        return False
    return ufunc_of(out) is not None


def ordered(program: Program, into: dict[Line, Line]) -> list[Line]:
    """Lines that overwrite an input come after all others; one for which there is no such order is taken from `into`.

    Its input is then needed later, and the result is copied into it at the end.
    """
    while True:
        order = _sorted(program.lines, _constraints(program, into))
        if order is not None:
            return order
        into.popitem()


def _constraints(program: Program, into: dict[Line, Line]) -> dict[Line, set[Line]]:
    """For each line those that must run before it."""
    after: dict[Line, set[Line]] = {line: set(line.parents) for line in program.lines}
    if not into:
        return after
    late: set[Line] = set()
    for line in program.lines:
        if line in into or any(p in late for p in line.parents):
            late.add(line)
    early = [line for line in program.lines if line not in late]
    root = roots(program.lines)
    for out, source in into.items():
        after[out].update(early)
        after[out].update(line for line in late if line is not out and any(root[p] is source for p in line.parents))
    return after


def _sorted(lines: list[Line], after: dict[Line, set[Line]]) -> list[Line] | None:
    """Lines in their order as far as `after` allows; None if it goes round in a circle."""
    position = {line: i for i, line in enumerate(lines)}
    waiting = {line: len(before) for line, before in after.items()}
    users: dict[Line, list[Line]] = {line: [] for line in lines}
    for line, before in after.items():
        for b in before:
            users[b].append(line)
    ready = [position[line] for line, n in waiting.items() if not n]
    heapq.heapify(ready)
    done: list[Line] = []
    while ready:
        line = lines[heapq.heappop(ready)]
        done.append(line)
        for user in users[line]:
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, position[user])
    return done if len(done) == len(lines) else None
