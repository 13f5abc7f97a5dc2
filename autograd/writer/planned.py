"""A program as NumPy calls into planned buffers: what a compiled function runs.

Every elementwise operation and matrix product writes into a buffer that is made once. A buffer is free for the next
value when the last line that reads it has run, and an elementwise line may overwrite what it reads. Results are made
anew in each call, or written into an input that was given away (`donated`).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..program import Line, Program
from ..simplify.facts import is_line
from .draft import Draft, Planned
from .elementwise import elementwise
from .loops import fuse, without_unused
from .readable import clean_names
from .statements import constant, joined, placed, product, scalar
from .traits import QUIET, is_product, is_view, may_share, ufunc_of
from .views import view


def plan(
    program: Program,
    donated: dict[int, int] | None = None,
    reserved: Any = (),
    picked: Sequence[int] = (),
    looping: bool = False,
) -> Planned:
    """Plan a lowered program (see `simplify.lowering`).

    Args:
        donated: number of an output -> number of the input whose memory it is written into.
        reserved: names that the function's own text takes.
        picked: how many entries the masks pick that are the last outputs; the body returns `_miss` for another number.
        looping: whether runs of arithmetic on large arrays become loops to be compiled.
    """
    names = clean_names(program, reserved)
    masks = dict(zip(program.outputs[len(program.outputs) - len(picked) :], picked, strict=True))
    names.update(_written(program, donated or {}, names, masks).store.better_names())
    draft = _written(program, donated or {}, names, masks)
    made = draft.made
    if looping:
        made.body, made.loops = fuse(made.body, draft.calls, draft.store.memory)
    if made.loops:
        made.setup = without_unused(made.setup, *made.body, *made.results)
    return made


def _written(program: Program, donated: dict[int, int], names: dict[Line, str], masks: dict[Line, int]) -> Draft:
    """All statements, line by line."""
    draft = Draft(program, donated, names)
    for at, line in enumerate(draft.lines):
        if line.kind == "input":
            draft.texts[line] = names[line]
        elif line.primitive is None:
            constant(draft, line)
        else:
            _operation(draft, line)
        if line in masks:
            draft.made.body += [f"if np.count_nonzero({draft.texts[line]}) != {masks[line]}:", "    return _miss"]
        for done in draft.live.ending(at):
            draft.store.release(done)
    _results(draft, {i: program.inputs[j] for i, j in donated.items()})
    return draft


def _operation(draft: Draft, line: Line) -> None:
    """One line by the writer of its kind."""
    assert line.primitive is not None
    draft.made.quiet |= line.primitive.name not in QUIET
    ufunc = ufunc_of(line)
    if is_view(line):
        view(draft, line)
    elif is_line(line, "scatter") and placed(draft, line):
        return
    elif not line.shape:
        scalar(draft, line)
    elif ufunc is not None:
        elementwise(draft, line, ufunc)
    elif line in draft.slots.buffers:
        joined(draft, line)
    elif is_product(line):
        product(draft, line)
    else:
        draft.assign(line, draft.expression(line))


def _results(draft: Draft, targets: dict[int, Line]) -> None:
    """Outputs that are an input, a constant, a view or given twice are copied; so are those due in an input."""
    given: set[Line] = set()
    for i, line in enumerate(draft.program.outputs):
        text, target, place = draft.texts[line], targets.get(i), draft.into.get(line)
        looks = draft.root[line] is not line or line.primitive is None or may_share(line)
        shared = looks or line in given or place is not None
        if target is not None:
            if target is not place:
                draft.made.body.append(f"{draft.texts[target]}[...] = {text}")
            text = draft.texts[target]
        elif shared and (line.shape or _is_zero_d(draft, line)):
            text = f"np.array({text})"
        elif line in given and line.primitive is not None:
            text = f"{text}.copy()"  # a number, or an array without axes: some functions of NumPy return that
        given.add(line)
        draft.made.results.append(text)


def _is_zero_d(draft: Draft, line: Line) -> bool:
    """Whether a view without axes is an array, which can be written to, and not the number that an index picks."""
    root = draft.root[line]
    picked = line.primitive is not None and line.primitive.name in ("index", "item")
    if root.kind == "constant" or (picked and not any(a is Ellipsis for a in line.args)):
        return False
    return isinstance(root.value, np.ndarray) or isinstance(line.value, np.ndarray)
