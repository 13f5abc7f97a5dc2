"""Better words for the leaves of a picture: gamma as its module says, weight1 and weight2, 1 - y for a riddle."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..graph import Tensor
from ..origin import origin
from ..program import Line, Program
from .outline import parts, scopes


def rename(program: Program, words: Mapping[str, Any]) -> None:
    """Call leaves as their modules do, number those that share a name, and say where constants come from.

    Args:
        words: the user's words for values.
    """
    taken = {line.name for line in program}

    def call(line: Line, name: str) -> None:
        if name not in taken:
            taken.add(name)
            line.name, line.named = name, True

    held = {k: name for owner in _owners(program) for k, name in parts(owner).items()}
    shared: dict[str, list[Line]] = {}
    for line in program:
        if line.primitive is None and line.tensor is not None:
            name = line.tensor.name or ("" if line.named else held.get(id(line.tensor), ""))
            shared.setdefault(name, []).append(line)
    shared.pop("", None)
    for name, lines in shared.items():
        for k, line in enumerate(lines, start=1):
            call(line, f"{name}{k}" if len(lines) > 1 and not name[-1].isdigit() else name)
    plain = {word: v._value if isinstance(v, Tensor) and not v.track else v for word, v in words.items()}
    arrays = {word: v for word, v in plain.items() if isinstance(v, np.ndarray) and not word.startswith("_")}
    for line in program if arrays else ():
        if line.kind == "constant" and not line.named and isinstance(line.value, np.ndarray):
            found = origin(line.value, arrays)
            if found is not None:
                call(line, str(found))


def _owners(program: Program) -> list[Any]:
    """The modules that ran, each once."""
    return list({id(owner): owner for line in program for _, _, owner in scopes(line)}.values())
