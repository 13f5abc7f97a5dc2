"""Parts of a long vector are computed where they belong in it, instead of being copied there."""

from collections.abc import Iterator

from ..program import Line, Program
from ..simplify.facts import is_line
from .text import literal
from .traits import is_product, ufunc_of


class Slots:
    """The concatenations of a program that have a buffer, and the lines computed inside them.

    Attributes:
        buffers: a concatenation -> the name of its buffer.
        places: a line computed in one -> its place there, as an expression.
        whole: that line -> the concatenation.
    """

    def __init__(self, program: Program, lines: list[Line], names: dict[Line, str]) -> None:
        self.buffers: dict[Line, str] = {}
        self.places: dict[Line, str] = {}
        self.whole: dict[Line, Line] = {}
        users, outputs = program.users(), set(program.outputs)
        for line in lines:
            if not _is_long_vector(line) or line in outputs:
                continue
            self.buffers[line] = names[line]
            for part, made, place in parts(line, names[line]):
                once = sum(p is part for p in line.args) == 1
                alone = once and users[made] == [part if made is not part else line] and users[part] == [line]
                if alone and _writes(made) and made.dtype == line.dtype and made not in outputs and made.shape:
                    shaped = "" if len(made.shape) == 1 else f".reshape{literal(made.shape).text}"
                    self.places[made] = place + shaped
                    self.whole[made] = line


def parts(line: Line, buffer: str) -> Iterator[tuple[Line, Line, str]]:
    """For each part of a concatenation: the part, the line that it only flattens (or itself), its place."""
    end = 0
    for part in line.args:
        end += part.value.size
        flattens = part.primitive is not None and part.primitive.name == "reshape"
        yield part, part.args[0] if flattens else part, f"{buffer}[{end - part.value.size}:{end}]"


def _is_long_vector(line: Line) -> bool:
    return is_line(line, "concatenate") and len(line.shape) == 1 and len(line.parents) == len(line.args)


def _writes(line: Line) -> bool:
    """Whether a line's statement takes what to write to."""
    return line.primitive is not None and (is_product(line) or ufunc_of(line) is not None)
