"""A picture as DOT, the language of Graphviz, and through Graphviz as SVG, PNG and PDF."""

from collections.abc import Iterator
from itertools import count

from ..errors import MissingPackageError
from ..program import Line
from .facts import STYLES, call_text, clip, contents, operation_text, printable, shape_of
from .outline import Box, nested, shown
from .view import View

HEAD = """digraph {
  graph [rankdir=%s, newrank=true, outputorder=edgesfirst, nodesep=0.3, ranksep=0.4, labelloc=b, labeljust=l,
         fontname="Helvetica,Arial,sans-serif", fontsize=11, label=<%s>]
  node [fontname="Helvetica,Arial,sans-serif", fontsize=11, style=filled, margin="0.12,0.06"]
  edge [fontname="Helvetica,Arial,sans-serif", fontsize=9, fontcolor="#666666", color="#666666", arrowsize=0.7]
"""
MARKS = {"parameter": "⬡", "input": "▭", "constant": "▢", "output": "◎", "gradient": "⌦"}
GRADIENT, REUSED = "#a4386f", "#0072b2"
BOLD = {"penwidth": "2.5"}  # what the backward pass uses again
NO_DOT = (
    "the `dot` program of Graphviz draws this format, and it was not found; install it "
    "(Debian and Ubuntu: apt install graphviz; macOS: brew install graphviz). "
    "Drawing.dot, .text and .html do without it"
)


def to_dot(view: View) -> str:
    """The drawing in the DOT language; the same graph gives the same text."""
    stands = shown(view.outline, view.is_closed)
    ids: dict[Line | Box, str] = {}
    for line in view.program:
        ids.setdefault(stands[line], f"n{len(ids)}")
    parts = [HEAD % ("TB" if view.direction == "down" else "LR", _legend(view, stands))]
    parts += _members(view, view.outline, ids, "  ")
    parts += _edges(view, stands, ids)
    faced: set[str] = set()
    for forward, gradient in reversed(view.gradients.items()):
        left, right = stands[forward], stands[gradient]
        if not isinstance(right, Line) or (isinstance(left, Box) and ids[left] in faced):
            continue
        a, b = ids[left], ids[right]
        if b not in faced:  # one row a gradient, though add hands the same one to both its arguments
            parts.append(f"  {{ rank=same; {a}; {b} }}\n")
        faced |= {a, b}
        parts.append(f'  {a} -> {b} [style=dotted, dir=none, constraint=false, color="{GRADIENT}"]\n')
    parts.append("}\n")
    return "".join(parts)


def _legend(view: View, stands: dict[Line, Line | Box]) -> str:
    """What the colours and the lines mean, of those that occur."""
    kinds = {view.kinds[member] for member in stands.values() if isinstance(member, Line)}
    told = [(MARKS[kind], kind, STYLES[kind]["color"]) for kind in MARKS if kind in kinds]
    if view.backward_lines:
        told += [("→", "cotangent sent", GRADIENT), ("⇢", "value used again (bold border)", REUSED)]
        told += [("┄", "a value and its gradient", GRADIENT)]
    return " &#160; ".join(f'<font color="{color}">{mark} {word}</font>' for mark, word, color in told) or " "


def _members(view: View, root: Box, ids: dict[Line | Box, str], indent: str) -> Iterator[str]:
    """The nodes, those of an open box inside a cluster."""
    clusters = count()
    for mark, member in nested(root, ids):
        if mark == "node":
            yield f"{indent}{ids[member]} [{_attributes(view, member)}]\n"
        elif mark == "open" and isinstance(member, Box):
            yield f"{indent}subgraph cluster{next(clusters)} {{ label=<{escape(clip(member.label))}>; labelloc=t; "
            yield 'fontsize=10; style=rounded; color="#9a9ab8"; margin=10\n'
        else:
            yield f"{indent}}}\n"


def _attributes(view: View, member: Line | Box) -> str:
    if isinstance(member, Box):
        label = f"<b>{escape(clip(member.label))}</b><br/>{contents(member)}"
        bold = BOLD if any(line in view.reused for line in member.lines()) else {}
        return _list({**STYLES["box"], **bold, "tooltip": member.label}, label)
    style = STYLES[view.kinds[member]]
    rows = [f"<b>{escape(clip(member.name) if _has_name(member) else operation_text(member))}</b>"]
    if member.primitive is not None and _has_name(member):
        rows.append(escape(operation_text(member)))
    rows.append(f'<font color="#555555">{shape_of(member)} {member.dtype or ""}</font>')
    if view.values:
        rows += [_small(text) for text in view.value_texts(member)]
    if member in view.reused:
        style = {**style, **BOLD}
    tooltip = f"{member.name} = {call_text(member)}" if member.primitive is not None else member.name
    return _list({**style, "tooltip": tooltip}, "<br/>".join(rows))


def _small(text: str) -> str:
    return f'<font point-size="9">{escape(text)}</font>'


def _has_name(line: Line) -> bool:
    return line.named or line.primitive is None


def _list(attributes: dict[str, str], label: str) -> str:
    return f"label=<{label}>, " + ", ".join(f"{key}={quote(value)}" for key, value in attributes.items())


def escape(text: str) -> str:
    """Text for a label, which Graphviz reads as HTML."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(character, entity)
    return printable(text)


def quote(text: str) -> str:
    """A DOT string that shows `text` as it is."""
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _edges(view: View, stands: dict[Line, Line | Box], ids: dict[Line | Box, str]) -> Iterator[str]:
    seen: set[tuple[str, str]] = set()
    backward = view.backward_lines
    for line in view.program:
        head = ids[stands[line]]
        for parent in line.parents:
            tail = ids[stands[parent]]
            if tail == head or (tail, head) in seen:
                continue
            seen.add((tail, head))
            shape = shape_of(parent)
            plain = shape == "scalar" and stands[parent] is parent  # its node says so, and an edge without a label
            label = "" if plain else f"label={quote(f' {shape} ')}, "
            if line not in backward:
                flank = "minlen=0" if view.flanked.get(line) is parent else "weight=1"
                run = "weight=8" if parent.primitive is not None else flank
                yield f"  {tail} -> {head} [{label}{run}]\n"
            elif parent in backward:  # drawn upwards, towards the inputs
                yield f'  {head} -> {tail} [{label}dir=back, weight=4, color="{GRADIENT}"]\n'
            else:
                yield f'  {tail} -> {head} [style=dashed, constraint=false, color="{REUSED}"]\n'


def render(dot: str, suffix: str) -> bytes:
    """Have Graphviz draw DOT text as "svg", "png" or "pdf".

    Raises:
        MissingPackageError: the `graphviz` package or the `dot` program is not installed.
    """
    try:
        import graphviz
    except ImportError:
        raise MissingPackageError("pictures are drawn through the graphviz package: pip install graphviz") from None
    try:
        return graphviz.pipe("dot", suffix, dot.encode())
    except graphviz.ExecutableNotFound:
        raise MissingPackageError(NO_DOT) from None
