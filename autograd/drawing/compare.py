"""The check panel: each gradient by the engine, by finite differences, and by hand where that is given."""

import contextlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..program import Line, Program, read
from .arrays import Arrays, exact
from .facts import is_complex, raw
from .view import View

KINK = 0.02  # slopes that differ by more, relatively, have a kink between them
ENTRIES = 8  # spread over each array and differentiated numerically, beside half as many of the largest


def compare(view: View, arrays: Arrays) -> list[dict[str, Any]]:
    """One table a leaf: where, the three numbers, and the largest difference over all entries compared.

    Raises:
        ValueError: a hand-derived gradient that is no array of numbers, of a name or shape that the graph does not
            have, or of what has no gradient.
    """
    given = view.check if isinstance(view.check, Mapping) else {}
    by_hand = {name: _numbers(name, hand) for name, hand in given.items()}
    program = read(view.tensors, stable=True)
    names = {line.tensor: line.name for line in view.program if line.tensor is not None}
    leaves = [line.name if line.tensor is None else names[line.tensor] for line in program.inputs]
    unknown = [name for name in by_hand if name not in leaves]
    if unknown:
        raise ValueError(f"check: no leaf is called {', '.join(unknown)}; there are {', '.join(leaves)}")
    tables = []
    for i, (name, line) in enumerate(zip(leaves, program.inputs, strict=True)):
        hand = by_hand.get(name)
        gradient = view.gradient_of(line) if view.tensors[0].size == 1 else None
        if hand is not None and gradient is None:
            raise ValueError(f"check: {view.outputs[0].name} has no gradient for {name}, so there is none to compare")
        if gradient is None or (is_complex(line.value) and hand is None):
            continue
        found = raw(gradient)
        if hand is not None and hand.shape != found.shape:
            raise ValueError(f"check: the gradient by hand of {name} has shape {hand.shape}, not {found.shape}")
        places = [] if is_complex(line.value) else _choose(found)  # a difference along one axis is no complex slope
        sides = {index: differences(program, i, index) for index in places}
        kinks = [index for index, pair in sides.items() if _kink(program, i, index, pair)]
        numeric = {index: (left + right) / 2 for index, (left, right) in sides.items()}
        tables.append({"name": name, "gradient": arrays.add(gradient), **_table(found, hand, numeric, kinks)})
    return tables


def _numbers(name: str, hand: Any) -> np.ndarray:
    """A gradient by hand as an array."""
    array = None
    with contextlib.suppress(TypeError, ValueError):  # lists of unequal lengths
        array = raw(hand)
    if array is None or array.dtype.kind not in "biufc":
        raise ValueError(f"check: the gradient by hand of {name} is no array of numbers")
    return array


def _table(found: np.ndarray, hand: np.ndarray | None, numeric: dict[Any, float], kinks: list[Any]) -> dict[str, Any]:
    """The entries tried by differences, and the largest distances: from these but at kinks, and from those by hand."""
    rows = [[list(index), exact(found[index]), exact(value)] for index, value in numeric.items()]
    table: dict[str, Any] = {"rows": rows, "size": found.size, "kinks": [list(index) for index in kinks]}
    apart = {index: abs(found[index] - value) for index, value in numeric.items() if index not in kinks}
    if apart:
        worst = max(apart, key=apart.__getitem__)
        table["numeric"] = [exact(apart[worst]), list(worst)]
    if hand is not None and found.size:
        for row, index in zip(rows, numeric, strict=True):
            row.append(exact(hand[index]))
        with np.errstate(invalid="ignore"):
            distances = np.where(found == hand, 0.0, np.abs(found - hand))  # of two infinities it is 0
        where = tuple(int(k) for k in np.unravel_index(int(distances.argmax()), distances.shape))
        table["hand"] = [exact(distances[where]), list(where)]
    return table


def _choose(gradient: np.ndarray) -> list[tuple[int, ...]]:
    """Some entries: the largest, and others spread evenly."""
    size = gradient.size
    largest = np.argsort(-np.abs(gradient), axis=None, kind="stable")[: ENTRIES // 2]
    spread = np.linspace(0, size - 1, min(size, ENTRIES)).astype(int)
    places = sorted(dict.fromkeys([*map(int, largest), *map(int, spread)]))
    return [tuple(int(k) for k in np.unravel_index(place, gradient.shape)) for place in places]


def differences(program: Program, i: int, index: tuple[int, ...], size: float = 6e-6) -> tuple[float, float]:
    """The differences of the first output by one entry of input i, to the left and to the right, in float64."""
    values = [_wide(line) for line in program.inputs]
    step = size * max(1.0, abs(float(values[i][index])))
    outputs = []
    for move in (-step, 0.0, step):
        moved = np.array(values[i])
        moved[index] += move
        with np.errstate(all="ignore"):
            outputs.append(np.real(program.run(*values[:i], moved, *values[i + 1 :])[0]).item())
    return (outputs[1] - outputs[0]) / step, (outputs[2] - outputs[1]) / step


def _kink(program: Program, i: int, index: tuple[int, ...], sides: tuple[float, float]) -> bool:
    """Whether the slopes on the two sides differ, and do not come closer with a tenth of the step as in a mere bend."""
    (left, right), gap = sides, abs(sides[0] - sides[1])
    if gap <= KINK * max(abs(left), abs(right), KINK):
        return False
    left, right = differences(program, i, index, 6e-7)
    return not abs(left - right) < gap / 2


def _wide(line: Line) -> np.ndarray:
    value = np.asarray(line.value)
    return value.astype(np.float64) if value.dtype.kind == "f" else value
