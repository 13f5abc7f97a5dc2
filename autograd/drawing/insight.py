"""What a reverse walk teaches: dead units, why the order matters, and what it costs."""

from typing import TYPE_CHECKING

import numpy as np

from ..graph import Tensor
from ..steps import Sent, Step, hasty_cotangents
from .facts import plain, size_text

if TYPE_CHECKING:
    from .drawing import Drawing


def flat_units(step: Step) -> list[int] | None:
    """How many units (entries along the last axis) of a one-argument elementwise function pass on nothing for any
    example, how many less than 1 % of what came, and how many there are; None for other operations."""
    primitive, args = step.record[0], step.record[1]
    alone = len(args) == 1 or primitive.name in ("maximum", "minimum", "clip")
    if not primitive.elementwise or (primitive.linear and len(args) == 1) or not alone or len(step.sent) != 1:
        return None
    incoming, outgoing = plain(step.cotangent), plain(step.sent[0].cotangent)
    if incoming.shape != outgoing.shape or incoming.ndim == 0:
        return None
    axes = tuple(range(incoming.ndim - 1))
    came, went = np.abs(incoming).sum(axis=axes), np.abs(outgoing).sum(axis=axes)
    reached = came > 0
    dead = reached & (went == 0)
    return [int(dead.sum()), int((reached & (went < 0.01 * came)).sum() - dead.sum()), int(came.size)]


def walk_facts(drawing: "Drawing", steps: list[Step]) -> list[str]:
    """What the order of the walk, and its direction, save."""
    if not steps:
        return []
    tracked: list[Sent] = [s for step in steps for s in step.sent]
    leaves = {s.parent for s in tracked if s.parent.record is None}
    size = sum(t.size for t in leaves)
    fires: dict[Tensor, int] = {steps[0].node: 1}
    total = 0
    for step in steps:
        times = fires.pop(step.node, 0)
        total += times
        for s in step.sent:
            fires[s.parent] = fires.get(s.parent, 0) + times
    naive = str(total) if total < 10**12 else f"about 10^{int(total.bit_length() * 0.30103)}"
    return [
        f"Order: each of the {len(steps)} operations fires once, when all its users have fired. "
        f"Recursion from the output that followed every path would fire {naive} times.",
        _haste(drawing, steps),
        f"Direction: one reverse walk gives all {size} derivatives; forward mode would run the program {size} times.",
        f"Memory: {size_text(drawing.kept())} of values are kept until the walk has used them.",
    ]


def _haste(drawing: "Drawing", steps: list[Step]) -> str:
    """What a walk without order would get wrong."""
    right, wrong = drawing.walk[1], hasty_cotangents(steps)
    names = {line.tensor: line.name for line in drawing.program if line.tensor is not None}
    worst, told = 0.0, ""
    for tensor in right:
        if tensor.record is not None or tensor not in wrong or not tensor.size:
            continue
        exact, hasty = plain(right[tensor]), plain(wrong[tensor])
        apart = np.abs(exact - hasty)
        where = np.unravel_index(int(apart.argmax()), apart.shape)
        scale = float(np.abs(exact).max()) or 1.0
        if apart[where] > max(worst, 1e-6) * scale:
            worst = float(apart[where]) / scale
            index = f"[{', '.join(map(str, where))}]" if where else ""
            told = f"{names[tensor]}{index} would get {hasty[where]:.4g} instead of {exact[where]:.4g}"
    if told:
        return f"Haste: a walk that fired a node as soon as anything reached it would be wrong: {told}."
    return "Haste: no result is used by two operations here, so that a walk in any order would be right."
