"""The local rules of a walk as mathematics: each form of rule is written once, with gaps for the names."""

import contextlib
from collections.abc import Callable
from html import escape
from typing import Any

from ..errors import MissingPackageError
from ..program import Line

FORMS = 400  # rules of more forms than this are not written as mathematics, which takes a millisecond each
NAMES = 64  # nor rules of operations of more arguments, whose forms name them all
GAP = 0xE000  # names in a form are characters for private use, this one first


def escaped(name: str) -> str:
    """A name as MathML, where no formulas are there to typeset it."""
    return f"<mi>{escape(name)}</mi>"


# Mathematics is written on a higher floor, which sets these two.
name_text: Callable[[str], str] = escaped
form_text: Callable[[Line, int], str] | None = None  # looks at nothing but the form, and need not see every line


class Rules:
    """Writes rules, and keeps their forms: one text for all lines of equal operation, shapes and plain arguments.

    Args:
        write: `(line, argument) -> MathML`, or "" where there is none; None for no mathematics.
    """

    def __init__(self, write: Callable[[Line, int], str] | None) -> None:
        self.forms: list[str] = []
        self.names: dict[str, str] = {}
        self._write, self._by_form = write, write is form_text
        self._places: dict[Any, int] = {}

    def add(self, line: Line, argument: int) -> list[Any]:
        """The number of the form of a rule, and the names that fill its gaps."""
        if len(line.args) > NAMES:
            return [self._place(NAMES, lambda: f"g · ∂{chr(GAP)}/∂{chr(GAP + 1)}"), line.name, line.args[argument].name]
        if not self._by_form and self._write is not None and (told := self._told(line, argument)):
            return [self._place(told, lambda: told)]
        named = list(dict.fromkeys([line, *line.parents]))
        gaps = {one: chr(GAP + i) for i, one in enumerate(named)}
        form = (
            line.primitive,
            argument,
            tuple((gaps[a], a.shape, a.dtype) if isinstance(a, Line) else repr(a) for a in line.args),
            repr(line.kwargs),
        )
        place = self._place(form, lambda: self._new(line, argument, gaps))
        names = [f"({one.name})" if " " in one.name else one.name for one in named]
        if self.forms[place].startswith("<math"):
            self.names.update((name, name_text(name)) for name in names)
        return [place, *names]

    def _place(self, key: Any, text: Callable[[], str]) -> int:
        if key not in self._places:
            self.forms.append(text())
            self._places[key] = len(self.forms) - 1
        return self._places[key]

    def _new(self, line: Line, argument: int, gaps: dict[Line, str]) -> str:
        def renamed(one: Line, args: tuple[Any, ...] = ()) -> Line:
            return Line(gaps[one], one.primitive, args, one.kwargs, one.value, one.kind, True, one.tensor)

        args = tuple(renamed(a) if isinstance(a, Line) else a for a in line.args)
        if self._by_form and len(self.forms) < FORMS and (told := self._told(renamed(line, args), argument)):
            return told
        parent = args[argument]
        return f"g · ∂{gaps[line]}/∂{parent.name if isinstance(parent, Line) else f'argument {argument}'}"

    def _told(self, line: Line, argument: int) -> str:
        with contextlib.suppress(MissingPackageError):  # formulas are written with SymPy
            return self._write(line, argument) if self._write is not None else ""
        return ""
