"""What a picture says about one value: its kind, its words and its numbers."""

from typing import Any
from unicodedata import category, east_asian_width

import numpy as np

from ..graph import Tensor
from ..program import Line
from .outline import Box, leaf_kind

# Okabe and Ito's palette, told apart by readers of every colour vision; shapes say the same without colour.
STYLES: dict[str, dict[str, str]] = {
    "parameter": {"shape": "hexagon", "margin": "0,0.02", "fillcolor": "#fde3b4", "color": "#b36b00"},
    "input": {"shape": "note", "fillcolor": "#cfe8f7", "color": "#0072b2"},
    "constant": {"shape": "box", "fillcolor": "#f2f2f2", "color": "#777777", "style": "filled,dashed"},
    "operation": {"shape": "box", "fillcolor": "#ffffff", "color": "#555555", "style": "filled,rounded"},
    "output": {"shape": "octagon", "fillcolor": "#c9ecdf", "color": "#00795a", "peripheries": "2"},
    "gradient": {"shape": "cds", "fillcolor": "#f6dbe9", "color": "#a4386f", "margin": "0.2,0.12"},
    "box": {"shape": "box3d", "fillcolor": "#eeeef8", "color": "#55558a"},
}

JOINERS = "\u200c\u200d\u200e\u200f"  # not printable by themselves, and part of words and of emoji
MANY = 12  # of more arguments, the first and the last are written


def kind_of(line: Line, outputs: set[Line], gradients: set[Line]) -> str:
    """The key of STYLES for a line."""
    if line in gradients:
        return "gradient"
    if line in outputs:
        return "output"
    if line.primitive is not None:
        return "operation"
    return leaf_kind(line)


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as people write it: 5000 × 25, or "scalar".

    >>> shape_text((5000, 25)), shape_text((3,)), shape_text(())
    ('5000 × 25', '3', 'scalar')
    """
    return " × ".join(map(str, shape)) or "scalar"


def shape_of(line: Line) -> str:
    """The shape of a line's value; of several results, as eigh has, the shape of each."""
    several = line.value if isinstance(line.value, tuple) else (line.value,)
    return ", ".join(shape_text(getattr(value, "shape", ())) for value in several)


def contents(box: Box) -> str:
    """How much is in a closed box."""
    lines = list(box.lines())
    operations = sum(line.primitive is not None for line in lines)
    return count_text(operations, "operation") if operations else count_text(len(lines), "value")


def operation_text(line: Line) -> str:
    """The operation with those of its arguments that no edge shows: numbers, axes, index parts."""
    if line.primitive is None:
        return ""
    if not line.kwargs and all(isinstance(a, Line) for a in line.args):
        return line.primitive.name
    return call_text(line, "·")


def call_text(line: Line, stand_in: str | None = None) -> str:
    """The operation as a call with all its arguments, or something standing in for those that are lines."""
    if line.primitive is None:
        return ""
    parts = [(stand_in or a.name) if isinstance(a, Line) else short(a) for a in line.args]
    parts += [f"{key}={short(value)}" for key, value in line.kwargs.items() if value is not None]
    if len(parts) > MANY:
        parts[3:-3] = [f"… {len(parts) - 6:,} more …"]
    return f"{line.primitive.name}({', '.join(parts)})"


def printable(text: str) -> str:
    """Text without control characters, which could command a terminal and which XML does not allow."""
    return text if text.isprintable() else "".join(c if c.isprintable() or c in JOINERS else "�" for c in text)


def clip(text: str, limit: int = 48) -> str:
    """A text of at most `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def wide(text: str) -> int:
    """How many columns of a terminal a text takes.

    >>> wide("theta"), wide("日本"), wide("x\u0302"), wide("❤\ufe0f")
    (5, 4, 1, 1)
    """
    if text.isascii():
        return len(text)
    return sum((east_asian_width(c) in "WF") + (category(c) not in ("Mn", "Me", "Cf")) for c in text)


def short(value: Any) -> str:
    """A plain argument in a few characters."""
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    if isinstance(value, slice):
        parts = [value.start, value.stop] + ([] if value.step is None else [value.step])
        return ":".join("" if p is None else str(p) for p in parts)
    text = printable(str(value))
    return clip(text, 24)


def raw(value: Any) -> np.ndarray:
    """The numbers themselves as a NumPy array, wherever they are kept.

    An operation with several results has no numbers of its own: each result has a line that takes it out.
    """
    if isinstance(value, Tensor):
        value = value._value
    if isinstance(value, tuple):
        return np.zeros(0)
    if hasattr(value, "get") and not isinstance(value, np.ndarray):
        value = value.get()  # CuPy does not convert by itself
    return np.asarray(value)


def plain(value: Any) -> np.ndarray:
    """The numbers as `raw` gives them; the modulus of complex ones."""
    array = raw(value)
    return np.abs(array) if array.dtype.kind == "c" else array


def is_complex(value: Any) -> bool:
    """Whether the numbers are complex, so that `plain` gives moduli."""
    return getattr(getattr(value, "dtype", None), "kind", "") == "c"


def statistics(value: Any) -> dict[str, float]:
    """min, mean, max and 2-norm of the finite entries, and how many entries are not finite.

    >>> statistics(np.array([3.0, -4.0, np.nan]))
    {'min': -4.0, 'mean': -0.5, 'max': 3.0, 'norm': 5.0, 'nonfinite': 1}
    """
    array = plain(value)
    if array.dtype.kind not in "fiub" or not array.size:
        return {}
    array = array.astype(np.float64, copy=False)
    bad = 0
    norm = float(np.sqrt(np.vdot(array, array)))
    if not np.isfinite(norm):
        finite = np.isfinite(array)
        bad = int(array.size - finite.sum())
        if bad == array.size:
            return {"nonfinite": bad}
        array = array[finite] if bad else array
        top = float(np.abs(array).max())
        norm = top * float(np.sqrt(np.sum((array / top) ** 2))) if top else 0.0
    mean = float(array.mean())
    return {"min": float(array.min()), "mean": mean, "max": float(array.max()), "norm": norm, "nonfinite": bad}


def statistics_text(value: Any) -> str:
    """The statistics in one short line; the number itself for a scalar."""
    found = statistics(value)
    if not found:
        return ""
    of = "modulus " if is_complex(value) else ""
    if (array := plain(value)).size == 1:
        return f"{of}{float(array.item()) + 0.0:.5g}"  # no -0
    found = {key: value + 0.0 if value == 0 else value for key, value in found.items()}
    bad = f", {found['nonfinite']} not finite" if found["nonfinite"] else ""
    if "min" not in found:
        return bad[2:]
    return f"{of}{found['min']:.3g} … {found['max']:.3g}, mean {found['mean']:.3g}, norm {found['norm']:.3g}{bad}"


def statistics_rows(line: Line, gradient: object | None) -> list[str]:
    """The numbers of a value and of its gradient, one line each."""
    texts = {"": statistics_text(line.value), "∂ ": "" if gradient is None else statistics_text(gradient)}
    return [mark + text for mark, text in texts.items() if text]


def kept_bytes(line: Line) -> int:
    """Bytes that the graph holds for this value; 0 for a view, whose memory is another's."""
    value = line.value
    owns = getattr(value, "base", None) is None
    return int(getattr(value, "nbytes", 0)) if owns else 0


def count_text(count: int, word: str) -> str:
    """A number of things in words.

    >>> count_text(1, "operation"), count_text(10285, "number")
    ('1 operation', '10,285 numbers')
    """
    return f"{count:,} {word}{'s' * (count != 1)}"


def size_text(size: float) -> str:
    """A number of bytes in a unit fit to read.

    >>> size_text(24), size_text(1_000_000)
    ('24 bytes', '1 MB')
    """
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.3g} {unit}"


def note(line: Line, key: str) -> Any:
    """What `annotate` noted on the tensor of a line, or None."""
    return None if line.tensor is None else (line.tensor.notes or {}).get(key)
