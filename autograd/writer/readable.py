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
from ..simplify.facts import is_number
from ..simplify.polynomial import whole_inverse
from .expressions import HELPERS, PRODUCT, Text, is_ours, literal, names_called, operation, path
from .helpers import Helpers, module_of

WIDTH = 100
INLINE_SIZE = 8
"""A constant array with more entries than this gets a name and is passed in."""


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
) -> Source:
    """The text of a function that computes a program.

    Args:
        signature: the parameters as written.
        unpack: statements that give the program's inputs their names.
        result: what to return, with "{0}", "{1}" ... for the outputs.
        extra: constants that `result` names.
        reserved: names that the signature takes.
        tensors: those whose arrays are the last inputs of the program, and are not in the signature.
    """
    return _Writer(program, reserved, tensors).write(name, signature, unpack, result, extra)


class _Writer:
    def __init__(self, program: Program, reserved: Any, tensors: Sequence[Tensor]) -> None:
        self.program = program
        self.names = clean_names(program, reserved)
        last = program.inputs[len(program.inputs) - len(tensors) :]
        self.tensors = {self.names[line]: t for line, t in zip(last, tensors, strict=True)}
        self.uses = dict.fromkeys(program.lines, 0)
        for line in program.lines:
            for parent in line.parents:
                self.uses[parent] += 1
        self.outputs = set(program.outputs)
        self.foreign: dict[str, Any] = {}
        self.constants: dict[str, Any] = {}
        self.texts: dict[Line, Text] = {}

    def write(self, name: str, signature: str, unpack: list[str], result: str, extra: dict[str, Any]) -> Source:
        body: list[tuple[str, str]] = [(statement, "") for statement in unpack]
        for line in self.program.lines:
            if line.kind == "input":
                self.texts[line] = Text(self.names[line])
            elif line.primitive is None:
                self.texts[line] = self._constant(line)
            else:
                text = self._operation(line)
                if self._inside(line, text):
                    self.texts[line] = text
                else:
                    body.append((f"{self.names[line]} = {text.within(0)}", size(line)))
                    self.texts[line] = Text(self.names[line])
        body.append(("return " + result.format(*[self.texts[line].within(0) for line in self.program.outputs]), ""))
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
        pad = min(max((len(s) for s, note in body if note), default=0), 60)
        lines = [f"    # {note}" for note in notes]
        lines += [f"    {s:<{pad}}  # {note}" if note else f"    {s}" for s, note in body]
        helpers = self._helpers()
        while name in {*self.foreign, *helpers.definitions, *(m.partition(".")[0] for m in helpers.imports)}:
            name += "_"
        blocks = [*helpers.above(), "\n".join([f"def {name}({signature}):", *lines])]
        written = "\n\n\n".join(blocks) + "\n"
        return Source(written, name, self.constants, self.tensors, helpers.missing)

    def _helpers(self) -> Helpers:
        """What stands above the function: the modules and the functions besides NumPy's that its lines call."""
        helpers = Helpers()
        for line in self.program.lines:
            dotted = None if line.primitive is None else path(line.primitive)
            if dotted is not None and dotted.partition(".")[0] in self.foreign:
                helpers.imports.add(module_of(dotted))
        functions = {k: v for k, v in self.foreign.items() if not isinstance(v, ModuleType)}
        helpers.define(functions, HELPERS)
        return helpers

    def _constant(self, line: Line) -> Text:
        value = line.value
        if not hasattr(value, "shape") or value.shape == ():
            return literal(value)
        if (
            isinstance(value, np.ndarray)
            and value.size <= INLINE_SIZE
            and value.dtype.kind in "fiub"
            and not line.named
        ):
            return literal(np.asarray(value))
        self.constants[self.names[line]] = value
        return Text(self.names[line])

    def _operation(self, line: Line) -> Text:
        args = [self.texts[a] if isinstance(a, Line) else literal(a) for a in line.args]
        kwargs = {k: literal(v).text for k, v in line.kwargs.items()}
        assert line.primitive is not None
        name = line.primitive.name if is_ours(line.primitive) else ""
        if name in ("sum", "mean", "max", "min", "prod", "any", "all", "var", "std"):
            kwargs = {k: v for k, v in kwargs.items() if (k, v) not in (("axis", "None"), ("keepdims", "False"))}
            axis = line.kwargs.get("axis")
            if isinstance(axis, tuple) and len(axis) == 1:
                kwargs["axis"] = str(axis[0])
        if name == "multiply" and isinstance(line.args[0], Line) and is_number(line.args[1]):
            n = whole_inverse(line.args[1], line.dtype)
            if n is not None and type(line.args[1]) in (float, line.dtype.type):
                return Text(f"{args[0].within(PRODUCT)} / {n}", PRODUCT)
        if name == "multiply" and not isinstance(line.args[1], Line) and isinstance(line.args[0], Line):
            args.reverse()
        return operation(line, args, kwargs, self.foreign)

    def _inside(self, line: Line, text: Text) -> bool:
        """Whether a line is written where it is used: views always, others if used once and short and not named."""
        if line in self.outputs:
            return (
                not line.named
                and not self.uses[line]
                and self.program.outputs.count(line) == 1
                and (len(line.shape or ()) > 0 or len(self.program.outputs) == 1)
            )
        if line.primitive is not None and line.primitive.name == "transpose" and len(line.args) == 1:
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
