"""A program as the NumPy function a person would have written: one line a name, everything else inside expressions."""

import keyword
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from ..graph import Tensor
from ..program import Line, Program
from ..simplify.facts import is_line, is_number, is_turned
from ..simplify.polynomial import whole_inverse
from .breaking import broken, with_notes
from .expressions import is_ours, names_called, operation, path, unsigned
from .helpers import Helpers, module_of
from .placing import Places, collected, is_placed
from .plainer import array_text, full, number
from .text import PRODUCT, SIGN, Text, literal, minus

WIDTH = 96


@dataclass
class Source:
    """Written source and what it needs besides NumPy.

    Attributes:
        text: defines one function.
        name: of that function.
        constants: arrays that were constants of the program, which the function takes as keywords.
        tensors: Tensors whose arrays it takes as keywords too, since they were read anew in each call.
        foreign: functions that could not be written, to be defined where the text is run.
    """

    text: str
    name: str
    constants: dict[str, Any] = field(default_factory=dict)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    foreign: dict[str, Any] = field(default_factory=dict)

    def function(self) -> Any:
        """The function itself, with its constants and Tensors filled in."""
        scope: dict[str, Any] = {"np": np, **self.foreign}
        exec(compile(self.text, f"<source of {self.name}>", "exec"), scope)
        made = scope[self.name]
        if not self.constants and not self.tensors:
            return made
        return lambda *args, **kwargs: made(
            *args, **kwargs, **{name: t._value for name, t in self.tensors.items()}, **self.constants
        )


def readable(
    program: Program,
    name: str,
    signature: str,
    unpack: list[str],
    result: str,
    extra: dict[str, Any],
    reserved: Any = (),
    tensors: Sequence[Tensor] = (),
    picked: Sequence[int] = (),
) -> Source:
    """The text of a function that computes a program.

    Args:
        signature: the parameters as written.
        unpack: statements that give the program's inputs their names.
        result: what to return, with "{0}", "{1}" ... for the outputs.
        extra: constants that `result` names.
        reserved: names that the signature takes.
        tensors: those whose arrays are the last inputs of the program, and are not in the signature.
        picked: how many entries the masks pick that are the last outputs: all shapes are for that many.
    """
    return _Writer(program, reserved, tensors, picked).write(name, signature, unpack, result, extra)


class _Writer:
    """The statements of a readable function while they are written.

    Attributes:
        texts: line -> the name or expression by which later statements read it.
        places: scatter, or sum with scatters, not yet written -> what it is made of.
        body: the statements so far, with a note on each.
    """

    def __init__(self, program: Program, reserved: Any, tensors: Sequence[Tensor], picked: Sequence[int]) -> None:
        self.program = program
        self.names = clean_names(program, reserved)
        last = program.inputs[len(program.inputs) - len(tensors) :]
        self.tensors = {self.names[line]: t for line, t in zip(last, tensors, strict=True)}
        self.uses = dict.fromkeys(program.lines, 0)
        for line in program.lines:
            for parent in line.parents:
                self.uses[parent] += 1
        self.users = program.users()
        self.unsigned = unsigned(program.lines)
        self.outputs = set(program.outputs)
        self.results = program.outputs[: len(program.outputs) - len(picked)]
        self.masks = dict(zip(program.outputs[len(self.results) :], picked, strict=True))
        self.foreign: dict[str, Any] = {}
        self.constants: dict[str, Any] = {}
        self.texts: dict[Line, Text] = {}
        self.places: dict[Line, Places] = {}
        self.body: list[tuple[str, str]] = []

    def write(self, name: str, signature: str, unpack: list[str], result: str, extra: dict[str, Any]) -> Source:
        self.body = [(statement, "") for statement in unpack]
        for line in self.program.lines:
            if line.kind == "input":
                self.texts[line] = Text(self.names[line])
            elif line.primitive is None:
                self.texts[line] = self._constant(line)
            elif line not in self.texts:
                self._operation(line)
            if line in self.masks:
                n = self.masks[line]
                self.say(f"assert np.count_nonzero({self.texts[line].within(0)}) == {n}", "for which the shapes are")
        self.say("return " + result.format(*[self.texts[line].within(0) for line in self.results]))
        self.constants.update(extra)
        notes = []
        if self.tensors or self.constants:
            star = "" if "*" in signature.split(", ") else "*, "
            signature += ("" if not signature else ", ") + star + ", ".join([*self.tensors, *self.constants])
        if self.tensors:
            shown = ", ".join(f"{n} {kind_text(t)}" for n, t in self.tensors.items())
            notes += textwrap.wrap(
                f"Tensors from where the function was captured, read anew in each call: {shown}", WIDTH
            )
        if self.constants:
            shown = ", ".join(f"{n} {kind_text(a)}" for n, a in self.constants.items())
            notes += textwrap.wrap(f"constants taken from where the function was captured: {shown}", WIDTH)
        helpers = self._helpers()
        while name in {"np", *self.foreign, *helpers.definitions, *(m.partition(".")[0] for m in helpers.imports)}:
            name += "_"
        lines = [f"    # {note}" for note in notes] + [f"    {line}" for line in with_notes(self.body, WIDTH)]
        blocks = [*helpers.above(), "\n".join([*broken(f"def {name}({signature}):", WIDTH), *lines])]
        written = "\n\n\n".join(blocks) + "\n"
        return Source(written, name, self.constants, self.tensors, helpers.missing)

    def say(self, statement: str, note: str = "") -> None:
        """Add a statement."""
        self.body.append((statement, note))

    def assign(self, line: Line, text: Text) -> None:
        """Give a value its name."""
        self.say(f"{self.names[line]} = {text.within(0)}", size(line))
        self.texts[line] = Text(self.names[line])

    def _helpers(self) -> Helpers:
        """What stands above the function: the modules and the functions besides NumPy's that its lines call."""
        helpers = Helpers()
        for line in self.program.lines:
            dotted = None if line.primitive is None else path(line.primitive)
            if dotted is not None and dotted.partition(".")[0] in self.foreign:
                helpers.imports.add(module_of(dotted))
        helpers.define({k: v for k, v in self.foreign.items() if not isinstance(v, ModuleType)})
        return helpers

    def _constant(self, line: Line) -> Text:
        value = line.value
        if not hasattr(value, "shape") or value.shape == ():
            return literal(value)
        known = None if line.named or type(value) is not np.ndarray else array_text(value)
        if known is not None:
            return known
        self.constants[self.names[line]] = value
        return Text(self.names[line])

    def _operation(self, line: Line) -> None:
        """Write a line: as a statement, or to stand where it is used."""
        if isinstance(line.value, tuple) and all(is_item(user) for user in self.users[line]):
            self._several(line)
        elif is_placed(line, self.places):
            made = collected(line, self.places, self.texts)
            if self._joins(line):
                self.places[line] = made
            else:
                for statement, note in made.statements(line, self.names[line]):
                    self.say(statement, note)
                self.texts[line] = Text(self.names[line])
        else:
            text = self._fitting(line)
            if self._inside(line, text):
                self.texts[line] = text
            else:
                self.assign(line, text)

    def _joins(self, line: Line) -> bool:
        """Whether a sum with scatters is part of a larger one."""
        if line.named or line in self.outputs or self.uses[line] != 1:
            return False
        user = self.users[line][0]
        if not is_line(user, "add") or not is_ours(user.primitive):  # type: ignore[arg-type]
            return False
        return all(isinstance(a, Line) and a.shape == line.shape and a.dtype == line.dtype for a in user.args)

    def _several(self, line: Line) -> None:
        """Take a result of several parts apart."""
        items = {user.args[1]: user for user in self.users[line]}
        names = [self.names[items[i]] if i in items else "_" for i in range(len(line.value))]
        self.say(f"{', '.join(names)} = {self._text(line).within(0)}", ", ".join(size(v) for v in items.values()))
        self.texts |= {item: Text(names[item.args[1]]) for item in self.users[line]}

    def _fitting(self, line: Line) -> Text:
        """The text of a line, of whose arguments the longest get names until it is short enough."""
        text = self._text(line)
        while len(self.names[line]) + len(text.text) + 3 > WIDTH:
            longest = max(line.parents, key=lambda a: len(self.texts[a].text), default=None)
            if longest is None or longest.primitive is None or len(self.texts[longest].text) < WIDTH // 5:
                break
            self.assign(longest, self.texts[longest])
            text = self._text(line)
        return text

    def _text(self, line: Line) -> Text:
        assert line.primitive is not None
        name = line.primitive.name if is_ours(line.primitive) else ""
        copied = full(line) if name else None
        if copied is not None:
            return copied
        args = [self.texts[a] if isinstance(a, Line) else number(line, i) for i, a in enumerate(line.args)]
        kwargs = {k: literal(v).text for k, v in line.kwargs.items()}
        signed = self.unsigned.isdisjoint(line.parents)
        if name == "negative" and signed and "@" not in args[0].text:
            return minus(args[0])
        if name == "multiply":
            last = isinstance(line.args[0], Line)
            (x, y), factor = (args, line.args[1]) if last else (args[::-1], line.args[0])
            if is_number(factor) and (line.shape or type(factor) is not complex):  # Python's own divides by no 0
                n = whole_inverse(factor, line.dtype) if type(factor) in (float, line.dtype.type) else None
                if n is not None and (n > 0 or signed) and (last or y.level == PRODUCT):
                    return Text(f"{(minus(x) if n < 0 else x).within(PRODUCT)} / {abs(n)}", PRODUCT)
                return operation(line, [y, x], {}, self.foreign)
        if name == "divide" and signed and is_number(line.args[1]) and args[1].text.startswith("-"):
            return Text(f"{minus(args[0]).within(PRODUCT)} / {minus(args[1]).within(SIGN)}", PRODUCT)
        return operation(line, args, kwargs, self.foreign)

    def _inside(self, line: Line, text: Text) -> bool:
        """Whether a line is written where it is used: views always, others if used once and short and not named."""
        if line in self.outputs:
            return (
                not line.named
                and not self.uses[line]
                and self.program.outputs.count(line) == 1
                and (len(line.shape or ()) > 0 or len(self.results) == 1)
            )
        if is_turned(line):
            return True
        return not line.named and self.uses[line] == 1 and len(text.text) < WIDTH - 30


def clean_names(program: Program, reserved: Any = ()) -> dict[Line, str]:
    """For each line an identifier of Python that keywords, NumPy's alias and `reserved` leave free; inputs first."""
    names: dict[Line, str] = {}
    taken = {"np", *reserved}
    for line in program.lines:
        taken |= names_called(line.primitive) if line.primitive is not None else set()
    order = sorted(program.lines, key=lambda line: (line.kind != "input", not line.named))
    for line in order:
        word = "".join(c if c.isalnum() or c == "_" else "_" for c in line.name).lstrip("_") or "t"
        word = f"_{word}" if word[0].isdigit() else word
        word = f"{word}_" if keyword.iskeyword(word) else word
        unique, k = word, 1
        while unique in taken:
            k += 1
            unique = f"{word}_{k}"
        taken.add(unique)
        names[line] = unique
    return names


def is_item(line: Line) -> bool:
    """Whether a line is one of several results of another."""
    return is_line(line, "item") and type(line.args[1]) is int and line.args[1] >= 0


def size(line: Line) -> str:
    """The shape of a line for a comment."""
    return shape_text(line.shape)


def kind_text(value: Any) -> str:
    """The dtype and shape of a constant, or what else it is."""
    return f"{value.dtype} {shape_text(value.shape)}".strip() if hasattr(value, "dtype") else type(value).__name__


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as in text: 5000 x 25; nothing for a number.

    >>> shape_text((5000, 25))
    '5000 x 25'
    """
    return " x ".join(map(str, shape or ()))
