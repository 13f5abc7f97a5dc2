"""A picture as text: the program as a list that reads well in a terminal."""

import numpy as np

from ..program import Line
from .facts import call_text, contents, count_text, printable, shape_of, size_text, wide
from .outline import Box
from .view import View

LIMITS = (32, 48, 24)  # of the columns but the last; what is longer pushes its own row only


def to_text(view: View) -> str:
    """The drawing as lines of text: boxes indented, columns aligned, a summary at the end."""
    rows: list[tuple[str, str, str, str]] = []
    stack: list[tuple[Line | Box, int]] = [(m, 0) for m in reversed(view.outline.members)]
    behind = False
    while stack:
        member, depth = stack.pop()
        indent = "  " * depth
        if isinstance(member, Line):
            if member in view.backward_lines and not behind:
                behind = True
                rows.append(("", "", "", ""))
                rows.append(("backward:", "", "", ""))
            first, *more = (view.value_texts(member) if view.values else []) or [""]
            size = f"{shape_of(member)} {member.dtype or ''}".rstrip()
            rows.append((indent + printable(member.name), _made(view, member), size, first))
            rows += [("", "", "", text) for text in more]  # the gradient below the value
        elif view.is_closed(member):
            rows.append((f"{indent}[{printable(member.label)}]", contents(member), "", ""))
        else:
            rows.append((f"{indent}[{printable(member.label)}]", "", "", ""))
            stack += [(m, depth + 1) for m in reversed(member.members)]
    widths = [min(limit, max(wide(row[i]) for row in rows)) for i, limit in enumerate(LIMITS)]
    lines = ["  ".join([*map(pad, row, widths), row[-1]]).rstrip() for row in rows]
    return "\n".join([*lines, "", summary(view)]) + "\n"


def pad(text: str, width: int) -> str:
    """A text with blanks behind it up to a width in columns of a terminal."""
    return text + " " * (width - wide(text))


def _made(view: View, line: Line) -> str:
    kind = view.kinds[line]
    if line.primitive is None:
        return kind
    ending = f"  ({kind})" if kind == "output" else ""
    return f"= {printable(call_text(line))}{ending}"


def summary(view: View) -> str:
    """How many operations there are, how many numbers are trained, and what the graph keeps in memory."""
    lines = [line for line in view.program if line not in view.backward_lines]
    operations = sum(line.primitive is not None for line in lines)
    parameters = [line for line in lines if view.kinds[line] == "parameter"]
    numbers = sum(int(np.prod(line.shape)) for line in parameters)
    trained = f"{count_text(len(parameters), 'parameter')} of {count_text(numbers, 'number')}"
    return f"{count_text(operations, 'operation')}, {trained}, {size_text(view.kept())} kept for the backward pass"
