"""The nest of lists, tuples and dicts that a function returned, as an expression."""

import enum
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..program import Line
from ..simplify.facts import is_line
from ..simplify.rewriter import is_uniform
from ..writer.plainer import array_text, filled
from ..writer.text import literal
from .arguments import NUMBERS, key_text
from .capture import Place


class Nest:
    """A result's nest as an expression with {0}, {1} ... for the program's outputs, which are these lines."""

    def __init__(self, result: Any, outputs: Sequence[Line]) -> None:
        self.result, self.outputs = result, outputs
        self.constants: dict[str, Any] = {}

    def text(self, copies: bool = False) -> str:
        """The expression; arrays in it that are no outputs are copied where `copies`."""
        self.constants = {}
        return self._write(self.result, copies)

    def _write(self, tree: Any, copies: bool) -> str:
        if isinstance(tree, Place):
            return f"{{{tree.number}}}" + ("" if tree.is_array else _as_number(self.outputs[tree.number]))
        if isinstance(tree, dict) and type(tree) is dict:
            return "{{" + ", ".join(f"{_braced(k)}: {self._write(v, copies)}" for k, v in tree.items()) + "}}"
        if type(tree) is list:
            return "[" + ", ".join(self._write(v, copies) for v in tree) + "]"
        if type(tree) is tuple:
            inner = ", ".join(self._write(v, copies) for v in tree)
            inner += "," if len(tree) == 1 else ""
            return inner if tree is self.result and tree else f"({inner})"
        if isinstance(tree, dict):
            pairs = ", ".join(f"({_braced(k)}, {self._write(v, copies)})" for k, v in tree.items())
            if isinstance(tree, defaultdict):
                return f"{self._keep(type(tree))}({self._keep(tree.default_factory)}, [{pairs}])"
            return f"{self._keep(type(tree))}([{pairs}])"
        if isinstance(tree, (list, tuple)):
            name = self._keep(type(tree))
            items = [self._write(v, copies) for v in tree]
            return f"{name}({', '.join(items)})" if hasattr(tree, "_fields") else f"{name}([{', '.join(items)}])"
        if isinstance(tree, (bool, int, float, complex, str, type(None))):
            return literal(tree).text.replace("{", "{{").replace("}", "}}")
        if isinstance(tree, np.ndarray) and tree.shape:
            known = filled(tree.shape, tree.flat[0], tree.dtype) if is_uniform(tree) else array_text(tree)
            if known is not None:
                return known.text
            name = self._keep(tree)
            return f"np.array({name})" if copies else name
        if isinstance(tree, (np.generic, np.ndarray)) and tree.dtype.kind in NUMBERS:
            number = literal(tree).text
            return f"np.array({number})" if isinstance(tree, np.ndarray) else number
        if isinstance(tree, (type, enum.Enum, bytes, np.generic, np.ndarray)):
            return self._keep(tree)
        raise TypeError(
            f"compiled functions return arrays, numbers and nests of them; {type(tree).__name__} is none of these. "
            "Return the arrays in it as a tuple, a list or a dict"
        )

    def _keep(self, value: Any) -> str:
        name = value.__name__ if isinstance(value, type) else f"k{len(self.constants) + 1}"
        while self.constants.get(name, value) is not value:
            name += "_"
        self.constants[name] = value
        return name


def _as_number(line: Line) -> str:
    """What follows a value without axes that NumPy leaves an array, to make it a number."""
    given = line.kind == "input" and type(line.value) is np.ndarray
    return "[()]" if not line.shape and (given or is_line(line, "where") or is_line(line, "reshape")) else ""


def _braced(key: Any) -> str:
    """A dict's key in a text that str.format will read."""
    return key_text(key).replace("{", "{{").replace("}", "}}")
