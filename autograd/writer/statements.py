"""Statements for constants, numbers, matrix products, long vectors, and functions that make their result anew."""

import numpy as np

from ..numpy.products import better_turned
from ..numpy.scattering import is_basic
from ..program import Line
from ..simplify.facts import is_line, is_turned
from .draft import Draft
from .expressions import index
from .slots import parts
from .text import literal
from .traits import is_ones

LARGE = 1 << 16
"""Entries of data from which the longer call of `matmul` counts for nothing."""


def constant(draft: Draft, line: Line) -> None:
    """A number stands in the text, an array is handed in or made once."""
    value, name = line.value, draft.names[line]
    if getattr(value, "shape", ()) == ():
        draft.texts[line] = literal(value).text
        return
    if is_ones(value) and not line.named:
        draft.store.setup.append(f"{name} = np.ones({value.shape[0]}, np.{value.dtype.name})")
    else:
        draft.made.constants[name] = value
    draft.texts[line] = name


def scalar(draft: Draft, line: Line) -> None:
    """A number; sums and dot products of vectors by the shortest way into NumPy."""
    assert line.primitive is not None
    name, store = line.primitive.name, draft.store
    if name == "sum" and len(line.args) == 1 and set(line.kwargs) <= {"axis", "keepdims"}:
        text = f"{store.function('add_reduce', 'np.add.reduce')}({_flat(draft, line.args[0])})"
    elif name in ("dot", "inner"):
        operands = [draft.texts[a] if isinstance(a, Line) else literal(a).text for a in line.args]
        text = f"{store.function('dot', 'np.dot')}({', '.join(operands)})"
    else:
        text = draft.expression(line)
    draft.assign(line, text)


def _flat(draft: Draft, line: Line) -> str:
    """A sum over a buffer in one axis is one call over its memory."""
    text = draft.texts[line]
    if len(line.shape) == 1:
        return text
    if draft.store.owns(text):
        return draft.store.once(f"{text}_flat", f"{text}.reshape(-1)")
    return f"{text}, None"


def product(draft: Draft, line: Line) -> None:
    """A matrix product into a buffer; `dot` by the method of arrays, a shorter way than NumPy's function."""
    assert line.primitive is not None
    left, right = line.args
    matrices = max(len(left.shape), len(right.shape)) == 2
    name = "matmul" if matrices and (_lies_apart(left) or _lies_apart(right)) else line.primitive.name
    owner = "np.ndarray" if name == "dot" and isinstance(left.value, np.ndarray) else "np"
    name = draft.store.function(name, f"{owner}.{name}")
    operands = f"{draft.texts[left]}, {draft.texts[right]}"
    out = draft.out(line, [])
    if is_turned(left) and better_turned(left.parents[0].value, right.value):
        turned = f"{name}({draft.texts[right]}.T, {draft.texts[left.parents[0]]}).T"
        if out is None:
            draft.assign(line, f"{draft.store.function('in_rows', 'np.ascontiguousarray')}({turned})")
        else:
            draft.say(line, f"{out}[...] = {turned}")
            draft.hold(line, out)
    elif out is None:
        draft.assign(line, f"{name}({operands})")
    else:
        draft.say(line, f"{name}({operands}, {out})")
        draft.hold(line, out)


def _lies_apart(line: Line) -> bool:
    """Whether a matrix is a slice, or large data that may be one: `matmul` multiplies it as it lies, `dot` a copy."""
    while is_line(line, "transpose"):
        line = line.parents[0]
    return is_line(line, "index") or (line.kind == "input" and line.value.size >= LARGE)


def placed(draft: Draft, line: Line) -> bool:
    """Copy values to their places among zeros, which are made once and stay zeros; False where that cannot be."""
    value, _, *parts = line.args
    kept = line not in draft.outputs and is_basic(parts)
    if not kept or not isinstance(value, Line) or not value.shape or value.dtype != line.dtype:
        return False
    name = draft.store.make(line, "zeros")
    places = draft.store.once(f"{name}_i", f"{name}[{index(parts, [literal(p) for p in parts])}]")
    draft.say(line, f"{places}[...] = {draft.texts[value]}")
    draft.texts[line] = name
    return True


def joined(draft: Draft, line: Line) -> None:
    """Copy those parts of a long vector that were not computed in it."""
    buffer = draft.store.make(line)
    for part, made, place in parts(line, buffer):
        if made not in draft.slots.places:
            flat = "" if len(part.shape) == 1 else ".reshape(-1)"
            draft.say(line, f"{place} = {draft.texts[part]}{flat}")
    draft.hold(line, buffer)
