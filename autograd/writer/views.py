"""Statements for views: made once of what stays where it is, in each call of the rest."""

from ..numpy.scattering import is_basic
from ..program import Line
from ..simplify.facts import is_turned
from .draft import Draft
from .text import literal

SUFFIX = {"transpose": "T", "reshape": "r", "index": "i"}


def view(draft: Draft, line: Line) -> None:
    """Write a line that looks at the memory of its argument."""
    assert line.primitive is not None
    parent = line.parents[0]
    inner, name = draft.texts[parent], line.primitive.name
    if parent in draft.slots.places:
        draft.texts[line] = inner
        return
    text = _reshaped(inner, line) if name == "reshape" and not line.kwargs else draft.expression(line)
    if name in SUFFIX and _stays(draft, line, text):
        draft.texts[line] = draft.store.once(f"{inner}_{SUFFIX[name]}", text)
    elif is_turned(line):
        draft.texts[line] = text
    else:
        draft.assign(line, text)


def _reshaped(inner: str, line: Line) -> str:
    shape = literal(line.args[1]).text
    return f"{inner}.reshape({shape[1:-1].rstrip(',') or '()' if shape[0] == '(' else shape})"


def _stays(draft: Draft, line: Line, text: str) -> bool:
    """Whether it is a view, and of the same memory in each call."""
    assert line.primitive is not None
    parent, name, store = line.parents[0], line.primitive.name, draft.store
    inner = draft.texts[parent]
    if not line.shape or not text.startswith(inner):
        return False  # a number, or a copy: to be read in each call
    if name == "index" and not is_basic(line.args[1:]):
        return False  # a copy
    if name == "reshape" and not store.owns(inner) and draft.root[line].kind != "constant":
        return False  # of a view it may be a copy
    return store.owns(inner) or inner in store.views.values() or parent.kind == "constant"
