"""What the order of a reverse walk is for, and which units pass nothing on."""

from collections import Counter
from typing import Any

import numpy as np

from ..graph import Tensor
from ..program import Line
from ..steps import Step, hasty_walk
from .arrays import Arrays, number
from .facts import plain
from .view import View

SHOWN = 6  # leaves whose wrong answers are shown


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


def order(view: View, steps: list[Step], ids: dict[Line, int], arrays: Arrays) -> dict[str, Any] | None:
    """What two walks without order would do: one that follows every path, and one that fires a node too early.

    Returns:
        firings: of a recursion along every path, as text; early: the first value that fires before all of its
        cotangent is there, with that part and the whole, as arrays of the page; shared: results that several
        operations use; wrong: what some leaves would get, [leaf, index, hasty, right] where they are furthest apart.
        None where there is no walk.
    """
    if not steps:
        return None
    lines = {line.tensor: line for line in view.program if line.tensor is not None}
    found: dict[str, Any] = {"firings": _every_path(steps), "early": None, "wrong": []}
    users = Counter(parent for step in steps for parent in {sent.parent for sent in step.sent})
    found["shared"] = sorted(ids[lines[t]] for t, often in users.items() if often > 1 and t.record is not None)
    fired, answer = hasty_walk(steps)
    right = view.walk[1]
    early = next((t for t in fired if not _same(fired[t], right[t])), None)
    if early is not None:
        found["early"] = [ids[lines[early]], arrays.add(fired[early]), arrays.add(right[early])]
    for tensor in sorted((t for t in right if t.record is None and t.dtype.kind == "f"), key=lambda t: t.serial):
        if len(found["wrong"]) == SHOWN or tensor not in answer or _same(answer[tensor], right[tensor]):
            continue
        hasty, exact = plain(answer[tensor]), plain(right[tensor])
        with np.errstate(invalid="ignore"):
            apart = np.nan_to_num(np.abs(exact - hasty))
        where = np.unravel_index(int(apart.argmax()), exact.shape)
        found["wrong"].append([ids[lines[tensor]], [int(k) for k in where], number(hasty[where]), number(exact[where])])
    return found


def _same(hasty: Any, exact: Any) -> bool:
    hasty, exact = plain(hasty), plain(exact)
    scale = float(np.max(np.abs(exact), initial=0, where=np.isfinite(exact)))
    return np.allclose(hasty, exact, rtol=0, atol=1e-6 * scale, equal_nan=True)


def _every_path(steps: list[Step]) -> str:
    """How many nodes a recursion would fire that follows every path from the output."""
    fires: dict[Tensor, int] = {steps[0].node: 1}
    total = 0
    for step in steps:
        times = fires.pop(step.node, 0)
        total += times
        for sent in step.sent:
            fires[sent.parent] = fires.get(sent.parent, 0) + times
    return f"{total:,}" if total < 10**12 else f"about 10^{int(total.bit_length() * 0.30103)}"
