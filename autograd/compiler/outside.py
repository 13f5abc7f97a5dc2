"""Tensors that a captured function reaches without being passed them: inputs all the same, read anew in each call."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import Tensor
from .arguments import kind_of
from .signature import array_test


class Outside:
    """The Tensors from outside that one compiled version reads, and what their arrays were when it was captured.

    Attributes:
        tensors: in the order of the program's inputs, of which they are the last.
    """

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self.tensors = list(tensors)
        self.given = self.arrays()
        self.kinds = list(map(kind_of, self.given))

    def arrays(self) -> list[Any]:
        """What the Tensors hold now."""
        return [t._value for t in self.tensors]

    def fits(self) -> bool:
        """Whether their arrays still have the shapes and dtypes of the capture."""
        return list(map(kind_of, self.arrays())) == self.kinds

    def on_numpy(self) -> bool:
        """Whether their arrays are NumPy's own."""
        return all(type(a) is np.ndarray or isinstance(a, np.generic) for a in self.given)

    def parameters(self, names: Sequence[str]) -> dict[str, Tensor]:
        """The Tensors by the names that the planned source has for them, where `names` are those of their arrays."""
        return {f"_{name}_tensor": t for name, t in zip(names, self.tensors, strict=True)}

    def statements(self, names: Sequence[str]) -> list[str]:
        """Statements of the planned source that read the arrays, and return `_miss` where they do not fit."""
        if not self.tensors:
            return []
        reads = [f"{name} = {held}._value" for name, held in zip(names, self.parameters(names), strict=True)]
        tests = [array_test(name, given, given) for name, given in zip(names, self.given, strict=True)]
        return [*reads, f"if not ({' and '.join(tests)}):", "    return _miss"]


def words_for(tensors: Sequence[Tensor], words: dict[int, str]) -> list[str | None]:
    """The Tensors' own names or else those of variables, numbered where several share one: weight1, bias1, weight2.

    Args:
        words: the variables, by the id of the Tensor in them.
    """
    own = [t.name or words.get(id(t)) for t in tensors]
    counts: dict[str | None, int] = {}
    numbered = []
    for word in own:
        counts[word] = counts.get(word, 0) + 1
        numbered.append(f"{word}{counts[word]}" if word and own.count(word) > 1 else word)
    return numbered
