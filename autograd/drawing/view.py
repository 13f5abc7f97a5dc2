"""What every form of a picture is made from: the program, its boxes, its gradients, and what each line is."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..errors import GraphError
from ..graph import Tensor
from ..program import Line, Program, read
from ..steps import Step, reverse_steps
from .facts import kept_bytes, kind_of, statistics_rows
from .names import rename
from .outline import Box

RuleText = Callable[[Line, int], str]


@dataclass(eq=False)
class Recorded:
    """A graph read as a program, and where the recorded backward pass lies in it.

    Attributes:
        tensors: what was asked for.
        program: the lines, those of the backward pass among them.
        outputs: the lines of `tensors`.
        gradients: for each forward line the line of its gradient, where the backward pass is drawn.
        backward_lines: the lines of the backward pass.
    """

    tensors: tuple[Tensor, ...]
    program: Program
    outputs: list[Line]
    gradients: dict[Line, Line] = field(default_factory=dict)
    backward_lines: set[Line] = field(default_factory=set)


def record(tensors: tuple[Tensor, ...], names: Mapping[str, Any] | None = None, backward: bool = False) -> Recorded:
    """Read the graph behind `tensors`; with `backward`, record the backward pass of the first and read it too.

    Raises:
        GraphError: backward=True for a graph that was spent by `backward()`.
    """
    words = dict(names or {})
    forward = read(tensors, words)
    rename(forward, words)
    if not backward:
        return Recorded(tensors, forward, forward.outputs)
    output = tensors[0]
    _, found = reverse_steps(output, create_graph=True)
    known = {line.tensor: line.name for line in forward if line.tensor is not None}
    facing = {t: found[t] for t in known if isinstance(found.get(t), Tensor)}
    for tensor, cotangent in facing.items():
        if cotangent.name is None:
            cotangent.name = f"∂{known[output]}/∂{known[tensor]}"
    words |= {line.name: line.tensor for line in forward if line.tensor is not None and line.named}
    program = read([*tensors, *(c for t, c in facing.items() if t.record is None)], words)
    rename(program, words)
    place = {line.tensor: line for line in program if line.tensor is not None}
    gradients = {place[t]: place[c] for t, c in facing.items() if c in place}
    later = {line for tensor, line in place.items() if tensor not in known}
    later |= _transposes(program, {_memory(line.value) for line in forward})
    return Recorded(tensors, program, program.outputs[: len(tensors)], gradients, later)


def _transposes(program: Program, forward: set[tuple[Any, ...]]) -> set[Line]:
    """The constants that are a forward line's array transposed, as the rules of products make them; named so."""
    places = {_memory(line.value): line for line in program}
    originals = {place: line for place, line in places.items() if place in forward}
    found = set()
    for place, line in places.items():
        if line.primitive is None and len(line.shape) == 2 and place not in forward:
            original = originals.get(_memory(line.value.T))
            if original is not None:
                line.name, line.named = f"{original.name}ᵀ", False
                found.add(line)
    return found


def _memory(value: Any) -> tuple[Any, ...]:
    """Equal for arrays that show the same memory in the same way."""
    known = getattr(value, "__array_interface__", None)
    return (id(value),) if known is None else (known["data"][0], value.shape, value.strides, known["typestr"])


@dataclass(eq=False)
class View:
    """A recorded graph with its boxes and the wishes of the one who looks; all that the forms need to know.

    Attributes:
        recorded: the graph.
        outline: the tree of boxes around its lines.
        title: of the page.
        collapse, values, direction, check, stable, rule_text: as of `draw`.
    """

    recorded: Recorded
    outline: Box
    title: str
    collapse: bool
    values: bool
    direction: str
    check: bool | Mapping[str, Any]
    stable: bool
    rule_text: RuleText | None

    def __post_init__(self) -> None:
        known = self.recorded
        self.tensors, self.program, self.outputs = known.tensors, known.program, known.outputs
        self.gradients, self.backward_lines = known.gradients, known.backward_lines
        outputs, gradients = set(self.outputs), set(self.gradients.values())
        self.kinds = {line: kind_of(line, outputs, gradients) for line in self.program}
        for box in self.outline.boxes():
            if box.kind == "layer":  # what a module holds without training it is no data
                self.kinds |= {m: "constant" for m in box.members if self.kinds.get(m) == "input"}  # type: ignore[arg-type, misc]
        self.reused = {
            parent
            for line in self.backward_lines
            for parent in line.parents
            if parent not in self.backward_lines and parent.primitive is not None
        }

    def is_closed(self, box: Box) -> bool:
        """Whether a box is drawn as one node."""
        return box.kind != "layer" or (self.collapse and box in self._innermost)

    @cached_property
    def _innermost(self) -> set[Box]:
        """The boxes with no layer inside, at any depth."""
        found: set[Box] = set()
        for box in reversed(list(self.outline.boxes())):  # inner ones first
            inside = [m for m in box.members if isinstance(m, Box)]
            if all(m.kind != "layer" and m in found for m in inside):
                found.add(box)
        return found

    @cached_property
    def forward_lines(self) -> list[Line]:
        """The lines of the forward pass, in order."""
        return [line for line in self.program if line not in self.backward_lines]

    @cached_property
    def walk(self) -> tuple[list[Step], dict[Tensor, Any]]:
        """The steps of the reverse pass and the cotangent of each tensor; nothing where there is none to tell."""
        output = self.tensors[0]
        if output.size != 1 or not output.requires_grad:
            return [], {}
        with contextlib.suppress(GraphError):
            return reverse_steps(output, reach=self.reach)
        return [], {}

    @cached_property
    def reach(self) -> list[Tensor]:
        """The tensors that no stable twin may step over: all that get a cotangent, where the walk is literal."""
        lines = [] if self.stable else self.forward_lines
        return [line.tensor for line in lines if line.tensor is not None and line.tensor.requires_grad]

    @cached_property
    def users(self) -> dict[Line, list[Line]]:
        """The lines that use each line."""
        return self.program.users()

    @cached_property
    def flanked(self) -> dict[Line, Line]:
        """For a line in a layer, the leaf that stands beside it rather than above, where no gradients are drawn.

        What is computed then runs straight down; layers whose weights stood a row higher would form a staircase.
        """
        layers = [] if self.backward_lines else [box for box in self.outline.boxes() if box.kind == "layer"]
        leaves = {m for box in layers for m in box.members if isinstance(m, Line) and m.primitive is None}
        pairs = ((line, [parent for parent in line.parents if parent in leaves]) for line in self.program)
        return {line: nested[-1] for line, nested in pairs if nested}

    def gradient_of(self, line: Line) -> Any:
        """The cotangent of a line, or what an earlier `backward` left in `.grad`, or None."""
        if line.tensor is None:
            return None
        found = self.walk[1].get(line.tensor)
        return line.tensor.grad if found is None else found

    def value_texts(self, line: Line) -> list[str]:
        """The numbers that `values=True` puts on a node."""
        return statistics_rows(line, None if line in self.backward_lines else self.gradient_of(line))

    def kept(self) -> int:
        """Bytes that the forward graph keeps until the backward pass is done."""
        return sum(kept_bytes(line) for line in self.forward_lines)
