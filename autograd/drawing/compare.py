"""The check panel: each gradient by the engine, by finite differences, and by hand where that is given."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..program import Line, Program, read
from .arrays import Arrays
from .facts import is_complex, plain
from .view import View

ENTRIES = 8  # spread over each array and differentiated numerically, beside half as many of the largest


def compare(view: View, arrays: Arrays) -> list[dict[str, Any]]:
    """One table a leaf: where, the three numbers, and the largest difference over all entries compared.

    Raises:
        ValueError: a hand-derived gradient of a name or shape that the graph does not have.
    """
    by_hand = dict(view.check) if isinstance(view.check, Mapping) else {}
    program = read(view.tensors, stable=True)
    names = {line.tensor: line.name for line in view.program if line.tensor is not None}
    tables = []
    for i, line in enumerate(program.inputs):
        name = names[line.tensor] if line.tensor is not None else line.name
        found = view.gradient_of(line)
        if found is None or is_complex(line.value):  # a difference along one axis is no complex derivative
            continue
        found = plain(found)
        hand = by_hand.pop(name, None)
        if hand is not None and np.shape(hand) != found.shape:
            raise ValueError(f"check: the gradient by hand of {name} has shape {np.shape(hand)}, not {found.shape}")
        chosen = _choose(found)
        numeric = [difference(program, i, index) for index in chosen]
        rows = []
        for index, value in zip(chosen, numeric, strict=True):
            row = [list(index), _shown(found[index]), _shown(value)]
            rows.append(row if hand is None else [*row, _shown(np.asarray(hand)[index])])
        worst = max(zip(chosen, numeric, strict=True), key=lambda pair: abs(found[pair[0]] - pair[1]))
        table = {"name": name, "rows": rows, "size": found.size, "gradient": arrays.add(view.gradient_of(line))}
        table["numeric"] = [_shown(abs(found[worst[0]] - worst[1])), list(worst[0])]
        if hand is not None:
            apart = np.abs(found - plain(hand))
            where = tuple(int(k) for k in np.unravel_index(int(apart.argmax()), apart.shape))
            table["hand"] = [_shown(apart[where]), list(where)]
        tables.append(table)
    if by_hand:
        raise ValueError(f"check: no leaf is called {', '.join(by_hand)}; there are {', '.join(names.values())}")
    return tables


def _shown(value: Any) -> Any:
    value = float(value)
    return value if np.isfinite(value) else str(value)


def _choose(gradient: np.ndarray) -> list[tuple[int, ...]]:
    """Some entries: the largest, and others spread evenly."""
    size = gradient.size
    largest = np.argsort(-np.abs(gradient), axis=None, kind="stable")[: ENTRIES // 2]
    spread = np.linspace(0, size - 1, min(size, ENTRIES)).astype(int)
    places = sorted(dict.fromkeys([*map(int, largest), *map(int, spread)]))
    return [tuple(int(k) for k in np.unravel_index(place, gradient.shape)) for place in places]


def difference(program: Program, i: int, index: tuple[int, ...]) -> float:
    """The central difference of the first output by one entry of input i, in float64."""
    values = [_wide(line) for line in program.inputs]
    step = 6e-6 * max(1.0, abs(float(values[i][index])))
    ends = []
    for sign in (1, -1):
        moved = np.array(values[i])
        moved[index] += sign * step
        with np.errstate(all="ignore"):
            ends.append(float(program.run(*values[:i], moved, *values[i + 1 :])[0]))
    return (ends[0] - ends[1]) / (2 * step)


def _wide(line: Line) -> np.ndarray:
    value = np.asarray(line.value)
    return value.astype(np.float64) if value.dtype.kind == "f" else value
