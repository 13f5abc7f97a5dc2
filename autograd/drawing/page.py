"""The page: all that is known of a graph as JSON, in one HTML file with the script that shows it."""

import json
import re
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np

from ..graph import Tensor
from ..program import Line
from ..steps import Sent, Step
from .arrays import Arrays, number
from .compare import compare
from .facts import call_text, kept_bytes, note, operation_text, printable, shape_of
from .forward import costs, pushes
from .insight import flat_units, order
from .layout import Scene, labels, scenes
from .memory import memory
from .outline import Box
from .places import places
from .rules import Rules
from .text import summary
from .view import View

SCRIPTS = (
    "arrays.js",
    "canvas.js",
    "overlays.js",
    "memory.js",
    "forward.js",
    "panel.js",
    "whatif.js",
    "unfold.js",
    "entry.js",
    "page.js",
)
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # characters that turn the direction of the text after them


def to_html(view: View) -> str:
    """The page as one self-contained HTML text."""
    folder = files(__package__)
    return document(
        (folder / "page.html").read_text("utf-8"),
        TITLE=escape(printable(view.title)),
        STYLE=(folder / "page.css").read_text("utf-8"),
        SCRIPT="".join((folder / name).read_text("utf-8") for name in SCRIPTS),
        DATA=page_data(view),
    )


def pair(left: View, right: View) -> str:
    """Two pages in one HTML text."""
    folder = files(__package__)
    return document(
        (folder / "pair.html").read_text("utf-8"),
        TITLE=escape(printable(f"{left.title} | {right.title}")),
        STYLE=(folder / "pair.css").read_text("utf-8"),
        LEFT_TITLE=escape(printable(left.title)),
        RIGHT_TITLE=escape(printable(right.title)),
        LEFT=escape(to_html(left)),
        RIGHT=escape(to_html(right)),
    )


def document(body: str, **parts: Any) -> str:
    """A whole HTML text that may reach no network: the head of all pages, with their TITLE and STYLE, and a body."""
    return embed((files(__package__) / "head.html").read_text("utf-8") + body, **parts)


def embed(page: str, **parts: Any) -> str:
    """A page with each %%WORD%% replaced: texts as they are, other data as JSON that no script tag can end.

    >>> embed("<p>%%DATA%%</p>", DATA=["</p>"])
    '<p>["\\\\u003c/p\\\\u003e"]</p>'
    """
    made = {key: part if isinstance(part, str) else as_json(part) for key, part in parts.items()}
    pieces = page.split("%%")  # text, word, text, word, ..., text: one pass, so that no part can name another
    return "".join(made[piece] if i % 2 else piece for i, piece in enumerate(pieces))


def as_json(data: Any) -> str:
    """JSON that may stand inside a script element, and turns no text around it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return TURNING.sub("\ufffd", text)


def page_data(view: View) -> dict[str, Any]:
    """What the page shows, as plain lists and dictionaries."""
    ids = {line: i for i, line in enumerate(view.program)}
    steps, _ = view.walk
    sent = [s for step in steps for s in step.sent]
    arrays = Arrays(2 * len(ids) + len(sent))
    rules = Rules(view.rule_text)
    boxes = [box for box in view.outline.boxes() if box is not view.outline]
    box_ids = {box: i for i, box in enumerate(boxes)}
    return {
        "title": view.title,
        "output": view.outputs[0].name,
        "summary": summary(view),
        "order": order(view, steps, ids, arrays),
        "nodes": [_node(view, line, ids, arrays) for line in view.program],
        "boxes": [_box(box, ids, box_ids) for box in boxes],
        "scenes": [_scene(scene, ids, box_ids) for scene in scenes(view)],
        "steps": _steps(view, steps, ids, arrays, rules),
        "rules": rules.forms,
        "names": rules.names,
        "memory": memory(view, steps, ids) if steps else None,
        "costs": costs(steps) if steps else None,
        "pushes": pushes(view, steps, ids, arrays),
        "checks": compare(view, arrays) if view.check else [],
        "arrays": arrays.entries,
    }


def _node(view: View, line: Line, ids: dict[Line, int], arrays: Arrays) -> dict[str, Any]:
    source = note(line, "source")
    node = {
        "name": line.name,
        "op": operation_text(line),
        "call": call_text(line),
        "fun": line.primitive.name if line.primitive is not None else "",
        "args": [{"node": ids[a]} if isinstance(a, Line) else _plain_argument(a) for a in line.args],
        "kwargs": {key: _plain_argument(value) for key, value in line.kwargs.items()},
        "elementwise": (line.primitive is not None and line.primitive.elementwise) or None,
        "kind": view.kinds[line],
        "shape": list(line.shape or ()),
        "several": shape_of(line) if isinstance(line.value, tuple) else None,
        "dtype": str(line.dtype or ""),
        "value": arrays.add(line.value),
        "places": places(line),
        "grad": None if line in view.backward_lines else arrays.add(view.gradient_of(line)),
        "bytes": kept_bytes(line),
        "source": None if source is None else source.replace("\\", "/").rsplit("/", 1)[-1],
        "code": note(line, "code"),
        "seconds": note(line, "seconds"),
    }
    return {key: value for key, value in node.items() if value not in (None, "", [], {})}


def _plain_argument(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, (bool, int, str)) or value is None:
        return value
    if isinstance(value, (float, np.number)):
        return number(value) if np.isrealobj(value) else str(value)
    if isinstance(value, (tuple, list)):
        return [_plain_argument(v) for v in value]
    return str(value)


def _box(box: Box, ids: dict[Line, int], box_ids: dict[Box, int]) -> dict[str, Any]:
    members = [{"box": box_ids[m]} if isinstance(m, Box) else ids[m] for m in box.members]
    return {"name": box.label, "kind": box.kind, "members": members}


def _scene(scene: Scene, ids: dict[Line, int], box_ids: dict[Box, int]) -> dict[str, Any]:
    place = {member: i for i, member in enumerate(scene.members)}
    items = []
    for member, where in zip(scene.members, scene.places, strict=True):
        item: dict[str, Any] = {"box": box_ids[member]} if isinstance(member, Box) else {"node": ids[member]}
        top, below = labels(member)
        item |= {"at": [round(v) for v in where], "top": top, "below": below}
        if member in scene.outside:
            item["outside"] = True
        items.append(item)
    edges = [
        {"from": place[tail], "to": place[head], "kind": kind, "path": [round(v) for v in path]}
        for (tail, head, kind), path in zip(scene.edges, scene.paths, strict=True)
    ]
    inside = {"box": box_ids[scene.box]} if scene.box in box_ids else {}
    return {
        "title": scene.title,
        **inside,
        "items": items,
        "edges": edges,
        "frames": [{"box": box_ids[box], "items": [place[m] for m in held]} for box, held in scene.frames],
        "size": [round(v) for v in scene.size],
    }


def _steps(view: View, steps: list[Step], ids: dict[Line, int], arrays: Arrays, rules: Rules) -> list[dict[str, Any]]:
    lines = {line.tensor: line for line in view.program if line.tensor is not None}
    times: dict[Tensor, int] = {}
    for step in steps:
        for s in step.sent:
            times[s.parent] = times.get(s.parent, 0) + 1

    def sent(s: Sent, shown: Line) -> dict[str, Any]:
        several = times[s.parent] > 1
        part = {
            "to": ids[lines[s.parent]],
            "argument": s.argument,
            "array": arrays.add(s.cotangent),
            "rule": rules.add(shown, s.argument),
            "summed": None if s.summed is None else list(s.summed),
            "total": arrays.add(s.total) if several else None,
            "times": times[s.parent] if several else None,
        }
        return {key: value for key, value in part.items() if value is not None}

    made = []
    for step in steps:
        line = lines[step.node]
        shown = _differentiated(step, line, lines)
        parts = [sent(s, shown) for s in step.sent]
        entry = {
            "node": ids[line],
            "array": arrays.add(step.cotangent),
            "sent": parts,
            "twin": None if shown is line else call_text(shown),
            "flat": flat_units(step),
        }
        made.append({key: value for key, value in entry.items() if value is not None})
    return made


def _differentiated(step: Step, line: Line, lines: dict[Tensor, Line]) -> Line:
    """The operation whose rules a step applies: that of the line, or its stable twin, on earlier values."""
    if step.record is step.node.record:
        return line
    primitive, args, kwargs = step.record[:3]
    args = tuple(lines.get(a, a) if isinstance(a, Tensor) else a for a in args)
    return Line(line.name, primitive, args, kwargs, line.value, "operation", line.named)
