"""A planned function while it is written: what is known of its lines, and the statements so far."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..program import Line, Program
from .expressions import operation
from .liveness import Liveness
from .loops import Call
from .order import ordered, overwriting
from .readable import shape_text
from .slots import Slots
from .store import Store, kind_of
from .text import CALL, Text, literal
from .traits import roots


@dataclass
class Planned:
    """Statements of a planned function.

    Attributes:
        setup: run once a thread: buffers, views of them, functions.
        body: run in each call.
        results: one expression for each output.
        constants: arrays the setup needs, by name.
        foreign: functions the setup needs, by name.
        quiet: whether floating-point warnings must be silenced around the body, as the eager engine does.
        names: the name of each input.
        loops: functions with a loop over entries, to be compiled: their sources by name.
    """

    setup: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=dict)
    foreign: dict[str, Any] = field(default_factory=dict)
    quiet: bool = False
    names: list[str] = field(default_factory=list)
    loops: dict[str, str] = field(default_factory=dict)

    def definition(self, build: str, given: list[str], head: str, body: list[str], first: Iterable[str] = ()) -> str:
        """The source of a function that returns the planned one, with buffers of its own.

        Args:
            build: its name.
            given: what it is handed.
            head: name and parameters of the planned function.
            body: its statements.
            first: statements before the setup.
        """
        lines = [f"def {build}({', '.join(given)}):", *(f"    {s}" for s in (*first, *self.setup)), ""]
        if self.quiet:
            lines.append('    @np.errstate(all="ignore")')
        lines += [f"    def {head}:", *(f"        {s}" for s in body), f"    return {head.partition('(')[0]}"]
        return "\n".join(lines) + "\n"


class Draft:
    """What the writers of statements read and add to.

    Attributes:
        names: line -> its own name.
        into: output line -> the input line that it overwrites.
        lines: in the order in which they run.
        root: line -> the line whose memory it looks at.
        texts: line -> the name or expression by which later statements read it.
        calls: number of a statement -> the ufunc that it calls.
        made: the statements so far.
    """

    def __init__(self, program: Program, donated: dict[int, int], names: dict[Line, str]) -> None:
        self.program = program
        self.names = names
        self.outputs = set(program.outputs)
        self.into = overwriting(program, donated)
        self.lines = ordered(program, self.into)
        self.root = roots(program.lines)
        self.live = Liveness(self.lines, program.outputs, self.root)
        self.slots = Slots(program, self.lines, names)
        self.store = Store(names, {names[source] for source in self.into.values()})
        self.texts: dict[Line, str] = {}
        self.calls: dict[int, Call] = {}
        self.made = Planned(setup=self.store.setup, names=[names[line] for line in program.inputs])

    def say(self, line: Line, statement: str) -> None:
        """Add a statement; the user's own lines are noted beside it."""
        word = "" if statement.startswith(f"{line.name} =") else f"{line.name}, "
        note = f"  # {word}{shape_text(line.shape)}" if line.named and line.shape else ""
        self.made.body.append(statement + note)

    def assign(self, line: Line, expression: str) -> None:
        """Add a statement that makes the value anew."""
        self.say(line, f"{self.names[line]} = {expression}")
        self.texts[line] = self.names[line]

    def expression(self, line: Line) -> str:
        """The operation as NumPy's expression."""
        args = [
            Text(self.texts[a], CALL if self.texts[a].isidentifier() else 0) if isinstance(a, Line) else literal(a)
            for a in line.args
        ]
        kwargs = {k: literal(v).text for k, v in line.kwargs.items()}
        return operation(line, args, kwargs, self.made.foreign).text

    def out(self, line: Line, reusable: list[str]) -> str | None:
        """The buffer that a line writes to; None where its result is an output, and made anew."""
        if line in self.into:
            return self.texts[self.into[line]]
        if line in self.outputs:
            return None
        if line in self.slots.places:
            self.store.make(self.slots.whole[line])
            return self.store.once(self.names[line], self.slots.places[line], own=True)
        for name in reusable:
            if self.store.kinds[name] == kind_of(line):
                return name
        return self.store.take(line)

    def hold(self, line: Line, out: str) -> None:
        """Note where the value of a line now is."""
        self.texts[line] = out
        if line not in self.slots.places:
            self.store.hold(line, out, owner=line not in self.into)
