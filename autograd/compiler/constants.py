"""Arrays that a captured function reads from outside, or makes from none of its arguments: constants of the program."""

from typing import Any

import numpy as np

from ..numpy.registry import primitives
from ..program import Line, Program
from ..simplify.rewriter import is_uniform
from .arguments import NUMBERS


class Constants:
    """Copies of the arrays that operations were given, as they were then: the function may write to them later.

    Attributes:
        words: the variables that held an array, by the id of its copy.
    """

    def __init__(self) -> None:
        self.words: dict[int, str] = {}
        self._copies: dict[Any, np.ndarray] = {}  # by where the array lies: one for all that look at the same entries
        self._latest: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # by id: the array, which has to stay, and its copy

    def copy(self, value: Any) -> Any:
        """What an array holds now; anything else as it is."""
        if type(value) is not np.ndarray or not value.shape or value.dtype.kind not in NUMBERS:
            return value
        found = self._find(value)
        if found is None:
            turned = self._find(value.T)
            found = value.copy() if turned is None else turned.T
            self._copies[_place(value)] = self._copies[_place(found)] = found  # rules of gradients look at the copy
        self._latest[id(value)] = value, found
        return found

    def name(self, word: str, value: Any) -> None:
        """Note that a variable holds an array; the outermost function, which returns last, has the best word for it."""
        array, copy = self._latest.get(id(value), (None, None))
        if array is value and not word.startswith(("_", ".")):
            self.words[id(copy)] = word

    def _find(self, array: np.ndarray) -> np.ndarray | None:
        """The copy of an array, if it is still the same to the last bit, or a look at the copy itself."""
        found = self._copies.get(_place(array))
        if found is None or _place(found) == _place(array):
            return found
        kind = f"u{min(array.itemsize, 8)}"  # NaN is NaN, and 0 is not -0
        one, other = (np.ascontiguousarray(a).view(kind) for a in (found, array))
        return found if np.array_equal(one, other) else None


def _place(array: np.ndarray) -> Any:
    return array.__array_interface__["data"][0], array.shape, array.strides, array.dtype


def own_constants(program: Program, words: dict[int, str]) -> None:
    """One line for all constants that are the same array, named by `words`; transposed ones are made from it."""
    held: dict[Any, Line] = {}
    swaps: dict[Line, Line] = {}
    for line in program.lines:
        made_inside, line.tensor = line.tensor, None
        line.args = tuple(swaps.get(a, a) if isinstance(a, Line) else a for a in line.args)
        if line.kind != "constant" or type(line.value) is not np.ndarray or not line.shape:
            continue
        array = line.value
        line.name = words.get(id(array), line.name)
        address, *_, dtype = _place(array)
        twin = held.get((address, array.shape, array.strides, dtype))
        turned = held.get((address, array.shape[::-1], array.strides[::-1], dtype))
        if twin is None and turned is not None and np.array_equal(array, array.T):
            twin = turned
        if twin is not None:
            swaps[line] = twin
        elif turned is not None and array.ndim > 1:
            line.primitive, line.args, line.kind = primitives["transpose"], (turned,), "operation"
        else:
            held[_place(array)] = line
            line.value = np.broadcast_to(array.flat[0], line.shape) if is_uniform(array) else array
            if made_inside is not None:
                line.value = line.value.copy()
    program.outputs = [swaps.get(line, line) for line in program.outputs]
    program.lines = [line for line in program.lines if line not in swaps]
