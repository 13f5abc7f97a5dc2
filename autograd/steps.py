"""A reverse walk told step by step: which node fired, with what cotangent, and what its rules sent to each parent.

And what belongs beside it: which values the rules read, the tangents that forward mode would push, the wrong answer
of a walk without order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .backward import choose, fit, reverse_order, seed, walk
from .forward import jvp
from .graph import Observer, Record, Tensor, set_mode
from .vjp import Vjp


@dataclass(slots=True, eq=False)
class Sent:
    """One application of a rule.

    Attributes:
        argument: which argument of the primitive it was for.
        parent: the tensor it was sent to.
        cotangent: what was sent, of the parent's shape.
        summed: the shape that was summed down to the parent's to undo broadcasting; None where nothing was.
        total: what the parent has received so far, this included; None in a walk on Tensors.
    """

    argument: int
    parent: Tensor
    cotangent: Any
    summed: tuple[int, ...] | None
    total: Any


@dataclass(slots=True, eq=False)
class Step:
    """One node's turn in the walk.

    Attributes:
        node: the tensor whose rules were applied.
        cotangent: all that its users sent it, added up.
        record: the operation differentiated: the node's own, or its stable twin.
        sent: what went to each parent, in order.
    """

    node: Tensor
    cotangent: Any
    record: Record
    sent: list[Sent] = field(default_factory=list)


class Recorder(Observer):
    """Writes down the steps of the walk it observes."""

    def __init__(self, wanted: set[Tensor] | None = None) -> None:
        self.wanted = wanted
        self.steps: dict[Tensor, Step] = {}
        self.totals: dict[Tensor, Any] = {}

    def fired(self, node: Tensor, argument: int, g: Any, cotangent: Any) -> None:
        """Write down one application of a rule."""
        step = self.steps.get(node)
        if step is None:
            record = node.record
            assert record is not None  # only operations fire
            step = self.steps[node] = Step(node, g, record if record[6] is None else choose(record, self.wanted))
        primitive, args = step.record[:2]
        parent = args[argument]
        if isinstance(cotangent, Tensor):
            total = None  # adding here would be recorded
        else:
            before = self.totals.get(parent)
            total = self.totals[parent] = cotangent if before is None else before + cotangent
        broadcast = primitive.elementwise and g.shape != cotangent.shape
        step.sent.append(Sent(argument, parent, cotangent, tuple(g.shape) if broadcast else None, total))


def reverse_steps(
    output: Tensor, gradient: Any = None, create_graph: bool = False, reach: Iterable[Tensor] = ()
) -> tuple[list[Step], dict[Tensor, Any]]:
    """Walk back from `output` as `backward` would, and tell every step; no `.grad` is touched, the graph is kept.

    Args:
        output: a scalar, or any shape if `gradient` is given.
        gradient: the cotangent to start from; 1 by default.
        create_graph: walk on Tensors, so that the cotangents told are themselves a graph.
        reach: tensors that shall all get their cotangent, though a stable twin would step over them; the walk then
            goes no further back than these.

    Returns:
        the steps in the order they ran; and for each tensor reached its complete cotangent.

    Raises:
        GraphError: the graph was spent by `backward()`.

    >>> x = Tensor(3.0, requires_grad=True, name="x")
    >>> steps, found = reverse_steps(x * x + x)
    >>> [(s.record[0].name, float(s.cotangent), [float(p.cotangent) for p in s.sent]) for s in steps]
    [('add', 1.0, [1.0, 1.0]), ('multiply', 1.0, [3.0, 3.0])]
    >>> float(found[x])
    7.0
    """
    start = seed(output, gradient)
    if create_graph and not isinstance(start, Tensor):
        start = Tensor(start, requires_grad=True)  # tracked, so that even the first lines are recorded
    wanted = set(reach) or None
    recorder = Recorder(wanted)
    with set_mode(recording=recorder):
        nodes, _ = reverse_order(output, wanted)
        leaves = walk(nodes, {output: start}, wanted, record=create_graph)
    steps = [recorder.steps[node] for node in nodes if node in recorder.steps]  # not those of walks inside a rule
    return steps, {output: start, **{step.node: step.cotangent for step in steps}, **leaves}


def hasty_walk(steps: list[Step]) -> tuple[dict[Tensor, Any], dict[Tensor, Any]]:
    """A walk without order: one that fires a node as soon as anything has reached it.

    Depth first, each node once; what reaches a node after it has fired goes no further. Right only where no result
    is used twice. Told to show why `backward` sorts first.

    Returns:
        the cotangent each node fired with, in the order they fired; and the cotangents it would call the answer.

    >>> x = Tensor(2.0, requires_grad=True)
    >>> y = x * 3
    >>> steps, found = reverse_steps(y * 5 + y)
    >>> fired, answer = hasty_walk(steps)
    >>> float(fired[y]), float(answer[x]), float(found[x])
    (1.0, 3.0, 18.0)
    """
    table: dict[Tensor, Any] = {steps[0].node: steps[0].cotangent}
    fired: dict[Tensor, Any] = {}
    waiting = {step.node: step for step in steps}
    stack = [steps[0].node]
    with set_mode(recording=False), np.errstate(all="ignore"):
        while stack:
            step = waiting.pop(stack.pop(), None)
            if step is None:
                continue
            primitive, _, kwargs, values, out, _, _ = step.record
            fired[step.node] = table[step.node]
            for sent in step.sent:
                cotangent = primitive.rules[sent.argument](table[step.node], out, *values, **kwargs)
                cotangent = fit(cotangent, values[sent.argument], primitive, sent.argument)
                before = table.get(sent.parent)
                table[sent.parent] = cotangent if before is None else before + cotangent
                stack.append(sent.parent)
    return fired, table


def values_read(output: Tensor, reach: Iterable[Tensor] = ()) -> dict[Tensor, set[int]]:
    """Which arrays of the forward pass the rules of each node read, found by recording the walk.

    Args:
        output, reach: as of `reverse_steps`.

    Returns:
        for each node that fires, the `id`s of the Tensors and plain arrays read; a shape alone is not reading. A rule
        may look at a view or a copy of a plain array, so where it reads one it is said to read all of that operation.

    >>> x = Tensor(2.0, requires_grad=True)
    >>> y = x * 3; z = y * y + y
    >>> {node: [t for t in (x, y, z) if id(t) in ids] == [y] for node, ids in values_read(z).items()}[z.record[1][0]]
    True
    """
    with set_mode(capturing=True), np.errstate(all="ignore"):
        steps, _ = reverse_steps(output, create_graph=True, reach=reach)
    return {step.node: _read(step, output.serial) for step in steps}


def _read(step: Step, last: int) -> set[int]:
    primitive, args = step.record[:2]
    same = list(map(id, args))
    plain = {id(a) for a in args if isinstance(a, np.ndarray)}
    found: set[int] = set()
    cotangent = step.cotangent
    seen = set(map(id, cotangent)) if isinstance(cotangent, tuple) else {id(cotangent)}
    stack = [sent.cotangent for sent in step.sent]
    while stack:
        made = stack.pop()
        if id(made) in seen:
            continue
        seen.add(id(made))
        if isinstance(made, tuple):  # the cotangents of several results
            stack += [part for part in made if part is not None]
        elif not isinstance(made, Tensor):
            found |= plain
        elif made.serial <= last:
            found.add(id(made))
        elif made.record is not None and made.record[0] is primitive and list(map(id, made.record[1])) == same:
            found.add(id(step.node))  # the stable twin, computed anew in a recorded walk only
        elif made.record is not None:
            stack += [a for a in made.record[1] if isinstance(a, (Tensor, np.ndarray))]
    return found


def push(
    output: Tensor, directions: Iterable[tuple[Tensor, tuple[int, ...]]], reach: Iterable[Tensor] = ()
) -> list[dict[Tensor, Any]]:
    """The tangents that forward mode would carry from one entry of a leaf to every value computed from it.

    Args:
        output: what the graph is that of; the graph is kept.
        directions: leaves, each with the index of the entry that moves at speed 1.
        reach: as of `reverse_steps`.

    Returns:
        for each direction the tangent of each operation; those that do not depend on the leaf are left out.

    Raises:
        GraphError: the graph was spent by `backward()`.

    >>> x = Tensor(3.0, requires_grad=True)
    >>> y = x * x; z = y * x
    >>> [(float(t[y]), float(t[z])) for t in push(z, [(x, ())])]
    [(6.0, 27.0)]
    """
    pushed = []
    ends = [output, *sorted(reach, key=lambda tensor: tensor.serial, reverse=True)]
    for leaf, index in directions:
        unit = np.zeros(leaf.shape, leaf.dtype)
        unit[index] = 1
        tangents: dict[Tensor, Any] = {}
        seen: set[Tensor] = set()
        for end in ends:
            if end not in seen:  # the output itself, or a value that stable twins step over
                run = Vjp.inside(end, leaf)
                seen.update(run.nodes)
                tangents |= jvp(run, unit)
        pushed.append(tangents)
    return pushed
