"""Better words for the leaves of a picture: weight1 and weight2 where layers share a name, 1 - y for a riddle."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..graph import Tensor
from ..origin import origin
from ..program import Line, Program


def rename(program: Program, words: Mapping[str, Any]) -> None:
    """Number the leaves that share a name as their own, and say where constants come from.

    Args:
        words: the user's words for values.
    """
    taken = {line.name for line in program}

    def call(line: Line, name: str) -> None:
        if name not in taken:
            taken.add(name)
            line.name, line.named = name, True

    shared: dict[str, list[Line]] = {}
    for line in program:
        if line.primitive is None and line.tensor is not None and line.tensor.name:
            shared.setdefault(line.tensor.name, []).append(line)
    for name, lines in shared.items():
        for k, line in enumerate(lines if len(lines) > 1 and not name[-1].isdigit() else (), start=1):
            call(line, f"{name}{k}")
    plain = {word: v._value if isinstance(v, Tensor) and not v.track else v for word, v in words.items()}
    arrays = {word: v for word, v in plain.items() if isinstance(v, np.ndarray) and not word.startswith("_")}
    for line in program if arrays else ():
        if line.kind == "constant" and not line.named and isinstance(line.value, np.ndarray):
            found = origin(line.value, arrays)
            if found is not None:
                call(line, str(found))
