"""Forward mode beside reverse mode, on one graph: what each costs, and the tangents that forward mode carries."""

from math import prod
from typing import Any

import numpy as np

from ..errors import AutogradError
from ..graph import Record, Tensor
from ..program import Line
from ..steps import Step, push
from .arrays import Arrays, number
from .facts import raw
from .view import View

DIRECTIONS = 4  # leaves along one entry of which a tangent is pushed
LINES, ENTRIES = 400, 100_000  # not where there are more operations, or more numbers in them
PATHS = 3_000_000  # inputs times operations up to which the way of each tangent is followed
PRODUCTS = ("matmul", "dot", "inner", "outer", "tensordot", "einsum")


def multiply_adds(record: Record) -> int:
    """How many multiplications with addition, or entries, an operation takes; as many as one of its rules.

    >>> from autograd.numpy.registry import primitives
    >>> a, b = np.ones((7, 5)), np.ones((5, 3))
    >>> multiply_adds((primitives["matmul"], (a, b), {}, (a, b), a @ b, (0, 1), None))
    105
    """
    primitive, args, values, out = record[0], record[1], record[3], record[4]
    shapes = [v.shape for v in values if getattr(v, "shape", None) is not None]
    size = sum(int(np.size(part)) for part in (out if isinstance(out, tuple) else (out,)))
    if primitive.name not in PRODUCTS or len(shapes) < 2:
        return max([size, *(prod(shape) for shape in shapes)])
    if primitive.name == "einsum" and isinstance(args[0], str):
        letters = args[0].replace(" ", "").replace(".", "").split("->")[0].split(",")
        pairs = (pair for word, shape in zip(letters, shapes, strict=False) for pair in zip(word, shape, strict=False))
        return max(size, prod(dict(pairs).values()))
    if primitive.name in ("matmul", "dot", "inner"):
        return size * (shapes[0][-1] if shapes[0] else 1)
    return round((size * prod(shapes[0]) * prod(shapes[1])) ** 0.5)  # each index stands in two of the three


def costs(steps: list[Step]) -> dict[str, Any]:
    """Multiply-adds of one pass forward, one walk back, and of the tangents of all inputs; and how many inputs.

    One application of a rule, (node, argument), takes as much forward as it does backward: it is the same linear map.
    A tangent goes only through what depends on its input; `exact` is False where there is too much to follow each,
    and all are said to go through everything.
    """
    maps = {step.node: dict.fromkeys((s.argument for s in step.sent), multiply_adds(step.record)) for step in steps}
    inputs = list({s.parent: None for step in steps for s in step.sent if s.parent.record is None})
    parents = {step.node: step.sent for step in steps}
    walk, size = sum(sum(part.values()) for part in maps.values()), sum(t.size for t in inputs)
    exact = len(inputs) * len(steps) <= PATHS
    tangents = 0 if exact else size * walk
    for tensor in inputs if exact else ():
        moved = {tensor}
        for step in reversed(steps):
            touched = [s.argument for s in parents[step.node] if s.parent in moved]
            if touched:
                moved.add(step.node)
                tangents += tensor.size * sum(maps[step.node][a] for a in touched)
    return {
        "program": sum(multiply_adds(step.record) for step in steps),
        "walk": walk,
        "tangents": tangents,
        "exact": exact,
        "inputs": size,
    }


def pushes(view: View, steps: list[Step], ids: dict[Line, int], arrays: Arrays) -> list[dict[str, Any]]:
    """For the steepest entry of each of the first parameters: the tangent of every value along it, step by step.

    Returns:
        node, index: the entry, of a complex array its real part; slope: the derivative of the output by it; tangents:
        array of each value that depends on it; pairs: for each step <cotangent, tangent> summed over all that waits
        after it, which never changes.
    """
    lines = {line.tensor: line for line in view.program if line.tensor is not None}
    found = view.walk[1]
    leaves = sorted({s.parent for step in steps for s in step.sent if s.parent.record is None}, key=lambda t: t.serial)
    leaves = [t for t in leaves if t.size][:DIRECTIONS]
    if len(steps) > LINES or sum(raw(step.node).size for step in steps) > ENTRIES or not leaves:
        return []
    entries = [_steepest(raw(found[t]).real) for t in leaves]
    try:
        pushed = push(view.tensors[0], zip(leaves, entries, strict=True), view.reach)
    except AutogradError:
        return []
    made = []
    for leaf, index, tangents in zip(leaves, entries, pushed, strict=True):
        one = np.zeros(leaf.shape, leaf.dtype)
        one[index] = 1
        made.append(
            {
                "node": ids[lines[leaf]],
                "index": list(index),
                "slope": number(raw(found[leaf]).real[index]),
                "tangents": {ids[lines[t]]: arrays.add(v) for t, v in tangents.items() if t in lines},
                "pairs": [number(pair) for pair in _pairs(steps, {**tangents, leaf: one})],
            }
        )
    return made


def _steepest(gradient: np.ndarray) -> tuple[int, ...]:
    size = np.where(np.isfinite(gradient), np.abs(gradient), -1)
    return tuple(int(k) for k in np.unravel_index(int(size.argmax()), gradient.shape))


def _pairs(steps: list[Step], tangents: dict[Tensor, Any]) -> list[float]:
    """<cotangent, tangent> summed over the values that wait, after each step; of several results each is a value."""

    def pair(cotangent: Any, tensor: Tensor) -> float:
        if isinstance(cotangent, tuple):
            results = ((g, items.get((tensor, i))) for i, g in enumerate(cotangent))
            return sum(pair(g, item) for g, item in results if g is not None and item is not None)
        return float(np.sum(raw(cotangent) * raw(tangents[tensor])).real) if tensor in tangents else 0.0

    taken = (step for step in steps if step.record[0].name == "item")
    items = {(step.record[1][0], step.record[1][1]): step.node for step in taken}
    waiting: dict[Tensor, float] = {}
    sums = []
    with np.errstate(all="ignore"):
        for step in steps:
            waiting.pop(step.node, None)
            for sent in step.sent:
                waiting[sent.parent] = waiting.get(sent.parent, 0.0) + pair(sent.cotangent, sent.parent)
            sums.append(sum(waiting.values()))
    return sums
