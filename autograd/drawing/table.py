"""A drawing as a table of its layers: shapes, trained numbers, operations, their cost, and bytes of results."""

from collections.abc import Iterable
from math import prod

from ..program import Line
from .facts import kept_bytes, printable, shape_of, size_text, wide
from .forward import multiply_adds
from .outline import Box
from .text import pad, summary
from .view import View

HEAD = ("layer", "input", "output", "parameters", "share", "operations", "multiply-adds", "results")
WORDS = 3  # columns of words, aligned left; the others are numbers


def to_table(view: View) -> str:
    """One row a layer, indented as the calls were nested, one for what lies outside all layers, and a sum."""
    total = sum(prod(line.shape) for line in view.forward_lines if view.kinds[line] == "parameter")
    rows: list[tuple[str, ...]] = [HEAD]
    boxes, outside = _split(view.outline)
    boxes = [box for box in boxes if next(box.lines()) not in view.backward_lines]
    stack: list[tuple[Box, int]] = [(box, 0) for box in reversed(boxes)]
    while stack:
        box, depth = stack.pop()
        rows.append(_row(view, "  " * depth + printable(box.label), list(box.lines()), total))
        if box.kind == "layer":
            stack += [(m, depth + 1) for m in reversed(_split(box)[0])]
    outside = [line for line in outside if line not in view.backward_lines]
    if any(line.primitive is not None for line in outside):
        rows.append(_row(view, "outside layers" if len(rows) > 1 else "no layers", outside, total))
    widths = [max(map(wide, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(_cells(row, widths)).rstrip() for row in rows]
    lines.insert(1, "-" * max(map(wide, lines)))
    trained = [line.value for line in view.forward_lines if view.kinds[line] == "parameter"]
    size = size_text(sum(getattr(value, "nbytes", 0) for value in trained))
    return "\n".join([*lines, "", f"{summary(view)}; parameters take {size}"]) + "\n"


def _work(line: Line) -> int:
    """Multiplications with addition, or entries of an elementwise operation."""
    record = None if line.tensor is None else line.tensor.record
    return 0 if record is None else multiply_adds(record)


def _split(box: Box) -> tuple[list[Box], list[Line]]:
    """The boxes and the lines in a box, as if it had not been cut into parts and no data were folded."""
    boxes: list[Box] = []
    lines: list[Line] = []
    stack = list(reversed(box.members))
    while stack:
        member = stack.pop()
        if isinstance(member, Line):
            lines.append(member)
        elif member.kind == "part" or all(line.primitive is None for line in member.lines()):
            stack += reversed(member.members)
        else:
            boxes.append(member)
    return boxes, lines


def _cells(row: Iterable[str], widths: list[int]) -> list[str]:
    pairs = enumerate(zip(row, widths, strict=True))
    return [pad(text, width) if k < WORDS else text.rjust(width) for k, (text, width) in pairs]


def _row(view: View, label: str, lines: list[Line], total: int) -> tuple[str, ...]:
    """The facts of some lines; a parameter that several layers use counts in each of their rows."""
    inside = set(lines)
    made = [line for line in lines if line.primitive is not None]
    used = dict.fromkeys(parent for line in made for parent in line.parents)
    trained = sum(prod(p.shape) for p in used if view.kinds[p] == "parameter")
    given = [p for p in used if view.kinds[p] != "parameter" and (p.primitive is None or p not in inside)]
    return (
        label,
        shape_of(given[0]) if given else "",
        shape_of(made[-1]) if made else "",
        f"{trained:,}",
        f"{trained / total:.1%}" if trained else "",
        f"{len(made):,}",
        f"{sum(_work(line) for line in made):,}",
        size_text(sum(map(kept_bytes, made))),
    )
