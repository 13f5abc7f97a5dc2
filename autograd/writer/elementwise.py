"""Statements for elementwise lines: a ufunc that writes into a buffer, often one of those that it reads."""

from typing import Any

import numpy as np

from ..program import Line
from .draft import Draft
from .loops import Call
from .store import kind_of
from .text import literal, shortest

WIDE = 4096
"""Entries from which it pays to add a row to many in one go."""

NAMES = {1: "one", 0: "zero", 0.5: "half", 2: "two"}


def elementwise(draft: Draft, line: Line, ufunc: np.ufunc) -> None:
    """Write a ufunc's call."""
    reusable = [*_taken_inputs(draft, line), *_dying_buffers(draft, line)]
    operands = [_operand(draft, line, a, dtype) for a, dtype in zip(line.args, _dtypes(line, ufunc), strict=True)]
    if _reads_a_view_of_its_target(draft, line):
        draft.into.pop(line)
    out = draft.out(line, reusable)
    name = draft.store.function(ufunc.__name__, f"np.{ufunc.__name__}")
    at, end, number = draft.live.position[line], draft.live.end, len(draft.made.body)
    if out is None:
        draft.calls[number] = Call(line, operands, draft.names[line], at, end, fresh=True)
        draft.assign(line, f"{name}({', '.join(operands)})")
        return
    wide = _wide(draft, line, ufunc, operands, out)
    if wide is not None:
        draft.say(line, f"{name}({', '.join(wide)})")
    else:
        kept = end if line in draft.slots.places or line in draft.into else draft.live.final[line]
        draft.calls[number] = Call(line, operands, out, at, kept)
        keyword = "out=" if ufunc in (np.maximum, np.minimum) else ""
        draft.say(line, f"{name}({', '.join(operands)}, {keyword}{out})")
    draft.hold(line, out)


def _dying_buffers(draft: Draft, line: Line) -> list[str]:
    """Buffers that the line may overwrite, since it is the last to read them."""
    live, store = draft.live, draft.store
    dying = set(live.ending(live.position[line]))
    found = []
    for a in line.args:
        if isinstance(a, Line) and a in store.buffer and a in dying and a.shape == line.shape:
            name = store.buffer[a]
            due = min((live.position[o] for o, i in draft.into.items() if draft.names[i] == name), default=live.end)
            if live.final[line] <= due and _alone(draft, line, a):
                found.append(name)
    return found


def _taken_inputs(draft: Draft, line: Line) -> list[str]:
    """Donated inputs that the line may overwrite as the last to read them, before the result due there."""
    live = draft.live
    found: list[str] = []
    if line in draft.into:
        return []
    for a in line.args:
        if not isinstance(a, Line) or a.kind != "input" or (a.shape, a.dtype) != (line.shape, line.dtype):
            continue
        due = next((live.position[out] for out, source in draft.into.items() if source is a), -1)
        last = live.final[a] == live.position[line] and not _others_are_read_later(draft, line)
        if last and live.final[line] <= due and _alone(draft, line, a):
            found.insert(0, draft.names[a])
            draft.store.kinds[draft.names[a]] = kind_of(line)
    return found


def _others_are_read_later(draft: Draft, line: Line) -> bool:
    """Whether an input that was not given away is still needed: a Tensor from outside may be a view of one that was.

    The weights of a model are, where a training step moves its parameters as one vector.
    """
    live, given = draft.live, set(draft.into.values())
    arrays = (i for i in draft.program.inputs if i not in given and isinstance(i.value, np.ndarray))
    return any(live.final.get(i, -1) > live.position[line] for i in arrays)


def _alone(draft: Draft, line: Line, a: Line) -> bool:
    """Whether no other argument looks at the same memory, maybe with other strides: it would change too early."""
    return all(b is a or not isinstance(b, Line) or draft.root[b] is not draft.root[a] for b in line.args)


def _reads_a_view_of_its_target(draft: Draft, line: Line) -> bool:
    target = draft.into.get(line)
    return target is not None and any(b is not target and draft.root[b] is target for b in line.parents)


def _operand(draft: Draft, line: Line, value: Any, dtype: np.dtype) -> str:
    """A plain number as an array without axes, which costs half of what converting it in each call does."""
    if isinstance(value, Line):
        return draft.texts[value]
    array = np.asarray(value, dtype)
    plain, kind = shortest(array[()]), f"np.{array.dtype.name}"
    number = literal(plain).text
    if line.primitive is not None and line.primitive.name in ("maximum", "minimum") and line.shape:
        # these run three times as fast on two whole arrays
        return draft.store.once("zeros", f"np.full({literal(line.shape).text}, {number}, {kind})")
    shown = repr(plain).replace("-", "minus_").replace(".", "_").replace("+", "")
    word = f"c_{shown}" if shown.replace("_", "").isalnum() else "c"
    return draft.store.once(NAMES.get(plain, word), f"np.array({number}, {kind})")


def _dtypes(line: Line, ufunc: np.ufunc) -> tuple[np.dtype, ...]:
    """The dtypes in which a ufunc reads its arguments: Python's numbers in those that arrays beside them ask for."""
    weak = (int, float, complex)
    kinds = [type(a) if type(a) in weak else a.dtype if isinstance(a, Line) else np.asarray(a).dtype for a in line.args]
    return ufunc.resolve_dtypes((*kinds, None))[:-1]


def _wide(draft: Draft, line: Line, ufunc: np.ufunc, operands: list[str], out: str) -> list[str] | None:
    """Operands in fewer and longer rows, where a short row is added to each of many: NumPy pays for every row."""
    shape, store = line.shape, draft.store
    if len(shape) != 2 or ufunc.nin != 2 or line.value.size < WIDE or ufunc in (np.maximum, np.minimum):
        return None
    rows = [i for i, a in enumerate(line.args) if isinstance(a, Line) and a.shape in (shape[-1:], (1, shape[-1]))]
    full = [i for i, a in enumerate(line.args) if isinstance(a, Line) and a.shape == shape]
    if len(rows) != 1 or len(full) != 1 or line.args[rows[0]].dtype != line.dtype:
        return None
    whole, row = operands[full[0]], operands[rows[0]]
    kind = store.kinds.get(out)  # None: an input that was given away, and of which nothing is known yet
    if kind is None or any(not store.owns(b) or store.kinds.get(b) != kind for b in (whole, out)):
        return None
    m, n = shape
    k = max((k for k in range(1, m + 1) if m % k == 0 and k * n <= WIDE // 4), default=1)
    if k < 4:
        return None
    tile = store.once(f"row_{k}", f"np.empty(({k}, {n}), np.{line.dtype.name})")
    draft.made.body.append(f"{tile}[...] = {row}")
    texts = {rows[0]: store.once(f"{tile}_flat", f"{tile}.reshape(-1)")}
    views = [store.once(f"{b}_wide", f"{b}.reshape({m // k}, {k * n})") for b in (whole, out)]
    texts[full[0]] = views[0]
    return [texts[0], texts[1], views[1]]
