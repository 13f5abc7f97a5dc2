"""What each array of a graph lives for: made by the forward pass, read by rules of the reverse pass, then free."""

from typing import Any

import numpy as np

from ..errors import AutogradError
from ..program import Line
from ..steps import Step, values_read
from .view import View


class Block:
    """One array in memory, with all values that are views of it, from its first moment to its last."""

    __slots__ = ("array", "first", "last", "owner")

    def __init__(self, array: Any, owner: int, moment: int) -> None:
        self.array, self.owner, self.first, self.last = array, owner, moment, moment

    @property
    def size(self) -> int:
        """Bytes."""
        return int(getattr(self.array, "nbytes", 0))


def whole(array: Any) -> Any:
    """The array whose memory a view shows.

    >>> rows = np.arange(6.0)
    >>> whole(rows.reshape(2, 3).T) is rows
    True
    """
    while isinstance(getattr(array, "base", None), np.ndarray):
        array = array.base
    return array


class Blocks:
    """Arrays by identity, each held so that no other can get its identity."""

    def __init__(self) -> None:
        self.table: dict[int, Block] = {}

    def use(self, array: Any, owner: int, moment: int) -> Block:
        """The block of an array that is in use at a moment."""
        array = whole(array)
        block = self.table.setdefault(id(array), Block(array, owner, moment))
        block.last = max(block.last, moment)
        return block

    def live(self, moments: int) -> list[int]:
        """Bytes in use at each moment."""
        change = [0] * (moments + 1)
        for block in self.table.values():
            change[block.first] += block.size
            change[block.last + 1] -= block.size
        return np.cumsum(change)[:moments].tolist()


def memory(view: View, steps: list[Step], ids: dict[Line, int]) -> dict[str, Any] | None:
    """The lives of all values, as least they have to be; None where the rules of the walk cannot be recorded.

    Returns:
        moments: one per operation of the forward pass, `forward` of them, and one per step of the walk.
        values, cotangents: bytes in use at each moment. Leaves are not counted, since they live on anyway.
        blocks: [value, bytes, first moment, last moment] of each array of the forward pass.
        reads: for each step the values that its rules read.
        leaves: bytes of parameters, inputs and constants.
    """
    forward = view.forward_lines
    try:
        read = values_read(view.tensors[0], reach=view.reach)
    except AutogradError:
        return None
    lines = {id(line.value if line.tensor is None else line.tensor): line for line in forward}
    reads = [[lines[i] for i in sorted(read[step.node] & lines.keys(), key=lambda i: ids[lines[i]])] for step in steps]

    leaves, values = Blocks(), Blocks()
    for line in forward:
        if line.primitive is None:
            leaves.use(line.value, ids[line], 0)

    def use(line: Line, moment: int) -> None:
        if id(whole(line.value)) not in leaves.table:
            values.use(line.value, ids[line], moment)

    operations = [line for line in forward if line.primitive is not None]
    start, end = len(operations), len(operations) + len(steps)
    for moment, line in enumerate(operations):
        for used in (line, *line.parents):
            use(used, moment)
    for moment, found in enumerate(reads, start):
        for line in found:
            use(line, moment)
    for line in view.outputs:
        use(line, end - 1)
    return {
        "forward": start,
        "values": values.live(end),
        "cotangents": _cotangents(steps, start, end).live(end),
        "blocks": [[block.owner, block.size, block.first, block.last] for block in values.table.values()],
        "reads": [[ids[line] for line in found] for found in reads],
        "leaves": sum(block.size for block in leaves.table.values()),
    }


def _cotangents(steps: list[Step], start: int, end: int) -> Blocks:
    """Each cotangent from the step that sends it to the step of the node it waits for; those of leaves stay."""
    blocks = Blocks()
    fires = {step.node: moment for moment, step in enumerate(steps, start)}
    waiting: dict[Any, Any] = {}

    def use(cotangent: Any, moment: int) -> None:
        for part in cotangent if isinstance(cotangent, tuple) else (cotangent,):  # of several results, one of each
            if part is not None:
                blocks.use(part, -1, moment)

    for moment, step in enumerate(steps, start):
        use(step.cotangent, moment)
        for sent in step.sent:
            if sent.parent in waiting:
                use(waiting[sent.parent], moment)  # until the sum is made
            use(sent.cotangent, moment)
            use(sent.total, moment)
            waiting[sent.parent] = sent.total
    for parent, total in waiting.items():
        use(total, fires.get(parent, end - 1))
    return blocks
