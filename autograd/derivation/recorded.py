"""The forward pass of a cost as a Program that can be run again, and with it the recorded backward pass."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..backward import cotangents
from ..errors import NotConnectedError
from ..graph import DIFFERENTIABLE, RECORDED, Tensor, describe, leaf, set_mode
from ..program import Line, Program, read

RELATED = 20  # operations that a named value may have beyond those of the cost and still be of use in the formulas


@dataclass
class Walk:
    """Forward and backward pass as one Program.

    Attributes:
        program: the lines of both.
        source: for each line of the forward pass, the line it repeats.
        start: the cotangent of the cost, 1.
        cotangent: for each tracked line of the forward pass, its cotangent.
        along: for each line asked for, the derivative of its cotangent along the array "along <name>".
    """

    program: Program
    source: dict[Line, Line]
    start: Line | None
    cotangent: dict[Line, Line]
    along: dict[Line, Line | None]


class Recorded:
    """The forward pass of a cost, in the user's words.

    Args:
        cost: a scalar Tensor.
        names: words for tensors and arrays.

    Raises:
        ValueError: one name for two different tensors.
    """

    def __init__(self, cost: Tensor, names: Mapping[str, Any]) -> None:
        self.words = {w: t for w, t in names.items() if isinstance(t, Tensor) and not w.startswith("_")}
        history = read([cost])
        known = {id(line.tensor) for line in history.lines if line.tensor is not None}
        self.program = read([cost, *_relatives(known, self.words.values())], dict(names))
        self.lines = {id(line.tensor): line for line in self.program.lines if line.tensor is not None}
        self.cost = self.lines[id(cost)]
        self.connected = [line for i, line in self.lines.items() if i in known and line.tensor.requires_grad]  # type: ignore[union-attr]
        self._name(names)
        taken = {line.name for line in self.program.lines}
        held = {id(line.value) for line in self.program.lines}
        self.constants = {line.name: line.value for line in self.program.lines if line.kind == "constant"}
        self.adopted: set[str] = set()  # names of constants that only the rules use
        for word, value in names.items():  # arrays that the cost may have used a part of
            value = value._value if isinstance(value, Tensor) and not value.track else value
            if isinstance(value, np.ndarray) and value.size > 1 and word not in taken and id(value) not in held:
                self.constants[word] = value

    def _name(self, names: Mapping[str, Any]) -> None:
        """Let the words given here count before the tensors' own, which all layers may share."""
        given = [(w, v) for w, v in names.items() if not w.startswith("_") and hasattr(v, "dtype")]
        words = {id(v): w for w, v in reversed(given)}
        seen: dict[str, Line] = {}
        for line in self.program.lines:
            own = line.tensor.name if line.tensor is not None else None
            word = words.get(id(line.tensor)) or own or words.get(id(line.value))
            if word is None:
                continue
            if word in seen and not (line.kind == seen[word].kind == "constant" and line.value is seen[word].value):
                raise ValueError(
                    f"derive: the name {word!r} stands for two different tensors, of shapes {seen[word].shape} and "
                    f"{line.shape}; give one of them another name, or names= with a word for each"
                )
            seen[word] = line
            line.name = word
        if not self.cost.named:
            self.cost.name = "cost"
        for line in self.program.lines:
            if not line.named:
                while line.name in seen:
                    line.name += "_"

    @property
    def inputs(self) -> list[Line]:
        """The leaves whose values `check` varies."""
        return self.program.inputs

    def line(self, t: Any, where: str) -> Line:
        """The line of a tensor, or of a name.

        Raises:
            NotConnectedError: the cost was not computed from it.
        """
        tensor = self.words.get(t) if isinstance(t, str) else t
        line = self.lines.get(id(tensor)) if tensor is not None else None
        if isinstance(t, str) and line is None:
            line = next((n for n in self.connected if n.name == t), None)
        if line is None or line not in self.connected:
            word = t if isinstance(t, str) else getattr(t, "name", None)
            word = word or next((w for w, v in self.words.items() if v is t), None) or describe(t)
            known = [n.name for n in self.connected if n.named] or [n.name for n in self.connected if n.kind == "input"]
            near = difflib.get_close_matches(word, known, 3, 0.5) or known[:6]
            raise NotConnectedError(
                f"derive: {word} ({where}) is not connected to the cost: the cost was not computed from it, or only "
                f"through values that carry no gradient; connected are: {', '.join(near) or 'none'}"
            )
        return line

    def run(self, values: Sequence[Any] | None = None, capture: bool = False) -> dict[Line, Tensor]:
        """The forward pass run again, each line a new Tensor; with `capture`, constants are followed too."""
        given = dict(zip(self.inputs, values, strict=True)) if values is not None else {}
        tensors: dict[Line, Tensor] = {}
        with set_mode(capturing=capture, recording=True), np.errstate(all="ignore"):
            for line in self.program.lines:
                if line.primitive is None:
                    track = DIFFERENTIABLE if line.kind == "input" else RECORDED if capture else 0
                    tensors[line] = leaf(given.get(line, line.value), track)
                else:
                    args = [tensors[a] if isinstance(a, Line) else a for a in line.args]
                    tensors[line] = line.primitive(*args, **line.kwargs)
        return tensors

    def walk(self, along: Iterable[Line] = ()) -> Walk:
        """Forward and backward once more with everything recorded."""
        tensors = self.run(capture=True)
        tracked = {line: t for line, t in tensors.items() if t.track == DIFFERENTIABLE}
        start = leaf(np.ones_like(tensors[self.cost]._value))
        with set_mode(capturing=True, recording=True):
            # every tracked tensor is asked for, so the walk takes no stable detour round one: the graph as written
            found = cotangents(tensors[self.cost], list(tracked.values()), gradient=start, create_graph=True)
            table = {line: c for line, c in zip(tracked, found, strict=True) if isinstance(c, Tensor)}
            second: dict[Line, Tensor | None] = {}
            for line in along:
                probe = leaf(np.ones_like(tensors[line]._value), name=f"along {line.name}")
                second[line] = None
                if line in table:
                    second[line] = cotangents(table[line], [tensors[line]], gradient=probe, create_graph=True)[0]
        outputs = [*table.values(), *(t for t in second.values() if t is not None)]
        program = read([*outputs, *(t for line, t in tensors.items() if line.named)])
        made = {id(line.tensor): line for line in program.lines}
        return Walk(
            program,
            {made[id(t)]: line for line, t in tensors.items() if id(t) in made},
            made.get(id(start)),
            {line: made[id(c)] for line, c in table.items()},
            {line: None if t is None else made[id(t)] for line, t in second.items()},
        )

    def values(self, tensors: dict[Line, Tensor]) -> dict[str, Any]:
        """The array behind each name that a formula may use."""
        return {**self.constants, **{line.name: t._value for line, t in tensors.items()}}

    def gradients(self, tensors: dict[Line, Tensor], lines: Sequence[Line]) -> list[Any]:
        """The engine's own cotangents."""
        return cotangents(tensors[self.cost], [tensors[line] for line in lines])

    def hessian(self, tensors: dict[Line, Tensor], line: Line) -> Any:
        """The engine's own second derivatives, of shape (*shape, *shape)."""
        target = tensors[line]
        (gradient,) = cotangents(tensors[self.cost], [target], create_graph=True)
        varies = isinstance(gradient, Tensor) and gradient.track
        rows = []
        for i in range(target.size):
            unit = np.zeros(target.size, target.dtype)
            unit[i] = 1
            row = cotangents(gradient, [target], gradient=unit.reshape(target.shape))[0] if varies else None
            rows.append(np.zeros(target.shape) if row is None else row)
        return np.stack(rows).reshape(target.shape * 2)


def _relatives(known: set[int], tensors: Iterable[Tensor]) -> list[Tensor]:
    """Named results that were computed from the same things as the cost, though the cost did not use them."""
    found = []
    for t in tensors:
        if id(t) not in known and t.record is not None and t.track:
            lines = read([t]).lines
            new = [n for n in lines if n.primitive is not None and id(n.tensor) not in known]
            if len(new) < len(lines) and len(new) <= RELATED:
                found.append(t)
    return found
