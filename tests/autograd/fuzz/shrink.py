"""A failing program made small: lines, arguments and outputs go while it still fails in the same way."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from .check import Failed, Unjudged, check_function
from .program import Program


def judged(program: Program) -> tuple[str, str]:
    """("passed", ""), ("unjudged", why), or the question that failed and the message."""
    try:
        check_function(program.fun, program.args, program.analytic, program.captured)
    except Unjudged as unjudged:
        return "unjudged", str(unjudged)
    except Failed as failed:
        return failed.question, str(failed)
    except Exception as error:
        return f"raises {type(error).__name__} {str(error)[:30]}", f"raises {type(error).__name__}: {error}"
    return "passed", ""


def shrunk(program: Program) -> Program:
    """The smallest program found that fails at the same question."""
    question = judged(program)[0]
    changed = True
    while changed:
        changed = False
        for smaller in _smaller(program):
            if judged(smaller)[0] == question:
                program, changed = smaller, True
                break
    return program


def _smaller(program: Program) -> Iterator[Program]:
    """Programs with something left out, the boldest first."""
    if len(program.outputs) > 1:
        for name in program.outputs:
            yield _without_dead_lines(replace(program, outputs=(name,)))
        for name in program.outputs:
            yield _without_dead_lines(replace(program, outputs=tuple(n for n in program.outputs if n != name)))
    values = _values(program)
    for k in reversed(range(len(program.lines))):
        name = program.lines[k][0]
        lines = program.lines[:k] + program.lines[k + 1 :]
        if name not in program.outputs:
            inputs = {**program.inputs, name: values[name]}
            yield _without_dead_lines(replace(program, lines=lines, inputs=inputs))


def _values(program: Program) -> dict[str, Any]:
    every = replace(program, outputs=tuple(name for name, _ in program.lines))
    with np.errstate(all="ignore"):
        return dict(zip(every.outputs, every.fun(*program.args), strict=True))


def _without_dead_lines(program: Program) -> Program:
    """Without lines and arguments that no output needs."""
    lines = list(program.lines)
    for k in reversed(range(len(lines))):
        name = lines[k][0]
        rest = replace(program, lines=tuple(lines[k + 1 :]))
        if name not in program.outputs and not rest.uses(name):
            del lines[k]
    kept = replace(program, lines=tuple(lines))
    return replace(kept, inputs={n: a for n, a in program.inputs.items() if kept.uses(n) or n in program.outputs})
