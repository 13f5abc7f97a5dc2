"""Building lines one by one: equal lines are shared, and local rules applied.

A rewritten program is grown bottom-up by `Rewriter.make`, which finds the shape and dtype that the line will have, asks
the local rules for something better, and returns the line it made before if asked for it again.
"""

import heapq
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..graph import Primitive
from ..numpy.registry import primitives
from ..program import Line, hollow, users_of
from .blanks import result
from .costs import CHEAP, live_lines

Value = Any  # a Line, or a plain number
Rule = Callable[..., Value | None]

COMMUTATIVE = {
    "add",
    "multiply",
    "maximum",
    "minimum",
    "logical_and",
    "logical_or",
    "logical_xor",
    "equal",
    "not_equal",
}


def key_of(value: Any) -> Any:
    """Equal keys for arguments that mean the same; 1, 1.0, True and -0.0 are all different."""
    if isinstance(value, Line):
        return value
    if isinstance(value, (tuple, list)):
        return (type(value).__name__, *map(key_of, value))
    if isinstance(value, slice):
        return ("slice", key_of(value.start), key_of(value.stop), key_of(value.step))
    if hasattr(value, "dtype") and hasattr(value, "shape") and not isinstance(value, type):
        return (str(value.dtype), value.tobytes()) if value.shape == () else ("array", id(value))
    return (type(value).__name__, repr(value))


def call_key(primitive: Primitive, args: Iterable[Any], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
    """Equal keys for calls that mean the same."""
    return (primitive, *map(key_of, args), *((k, key_of(v)) for k, v in sorted(kwargs.items())))


class Rewriter:
    """Makes lines, each once.

    Args:
        rules: for a primitive's name its local rules, `(make, *args, **kwargs) -> line, number or None`.
    """

    def __init__(self, rules: Mapping[str, tuple[Any, ...]] | None = None) -> None:
        self.rules = rules or {}
        self.table: dict[Any, Line] = {}
        self.rank: dict[Line, tuple[float, int]] = {}
        self.at = 0.0
        self.kept: list[Any] = []
        self.serial = itertools.count().__next__

    def adopt(self, line: Line, at: float = -1.0) -> Line:
        """Take a line into the new program as it is; inputs and constants come first there."""
        self.rank.setdefault(line, (at, self.serial()))
        if line.primitive is not None:
            self.table.setdefault(call_key(line.primitive, line.args, line.kwargs), line)
        return line

    def constant(self, value: Any, name: str = "") -> Value:
        """A number for a 0-d value, a broadcast number where all entries are equal, else a constant line."""
        if getattr(value, "shape", ()) == ():
            return value[()] if isinstance(value, np.ndarray) else value
        if type(value) is np.ndarray and value.size > 1 and is_uniform(value):
            return self.make("broadcast_to", value.reshape(-1)[0], value.shape)
        key = (
            ("content", value.shape, str(value.dtype), hash(value.tobytes()))
            if type(value) is np.ndarray
            else id(value)
        )
        if key not in self.table:
            self.table[key] = self.adopt(Line(name, None, (), {}, value, "constant"))
        return self.table[key]

    def make(self, primitive: Primitive | str, *args: Value, **kwargs: Any) -> Value:
        """The line `primitive(*args, **kwargs)`, or something equal and better."""
        if isinstance(primitive, str):
            primitive = primitives[primitive]
        return self._make(primitive, args, kwargs, None)

    def again(self, line: Line, args: Sequence[Value]) -> Value:
        """The operation of a line on other arguments that have the shapes and dtypes of its own."""
        assert line.primitive is not None
        return self._make(line.primitive, tuple(args), line.kwargs, hollow(line.value))

    def _make(self, primitive: Primitive, args: tuple[Value, ...], kwargs: dict[str, Any], value: Any) -> Value:
        key = call_key(primitive, args, kwargs)
        found = self.table.get(key)
        if found is None and primitive.name in COMMUTATIVE and len(key) == 3:
            found = self.table.get((primitive, key[2], key[1]))
        if found is not None:
            return found
        self.kept.append((args, kwargs))  # ids in keys stay taken
        value = result(primitive, args, kwargs) if value is None else value
        made = self._better(primitive, args, kwargs, value)
        if made is None:
            made = Line("", primitive, args, kwargs, value, "operation")
            self.rank[made] = (self.at, self.serial())
        self.table[key] = made
        return made

    def _better(
        self, primitive: Primitive, args: tuple[Value, ...], kwargs: dict[str, Any], value: Any
    ) -> Value | None:
        if primitives.get(primitive.name) is not primitive and primitive.name != "identity":
            return None
        own = self.rules.get(primitive.name, ())
        if primitive.name in CHEAP and any(isinstance(a, Line) and a.dtype == bool for a in args):
            own = ()  # masks are counted with, but have no signs and no sums of their own kind
        for rule in (*own, *self.rules.get("*", ())):
            found = rule(self, primitive, *args, **kwargs)
            if found is not None:
                found = self.fit(found, value.shape, value.dtype)
                if found is not None:
                    return found
        return None

    def fit(self, value: Value, shape: tuple[int, ...], dtype: Any) -> Value | None:
        """The value in the shape and dtype it has to have; None where that is not possible."""
        if not isinstance(value, Line):
            if shape == ():
                return np.asarray(value).astype(dtype)[()]
            return self.make("broadcast_to", np.asarray(value, dtype)[()], shape)
        if value.dtype != dtype:
            return None
        if value.shape != shape:
            return self.make("broadcast_to", value, shape)
        return value

    def as_line(self, value: Value, name: str = "") -> Line:
        """A line for a value that may be a number."""
        return value if isinstance(value, Line) else self.adopt(Line(name, None, (), {}, value, "constant"))

    def ordered(self, outputs: Sequence[Line]) -> list[Line]:
        """The lines the outputs need, in the order of the program they came from as far as their uses allow."""
        live = live_lines(outputs)
        waiting = {line: len(set(line.parents)) for line in live}
        users = users_of(live)
        ready = [(self.rank[line], line) for line, n in waiting.items() if not n]
        heapq.heapify(ready)
        done = []
        while ready:
            line = heapq.heappop(ready)[1]
            done.append(line)
            for user in users[line]:
                waiting[user] -= 1
                if not waiting[user]:
                    heapq.heappush(ready, (self.rank[user], user))
        return done


def is_uniform(value: np.ndarray) -> bool:
    """Whether all entries are one finite number; 0 and -0 are two."""
    first = value.reshape(-1)[0] if value.size else None
    if first is None or value.dtype.kind not in "fiub" or not np.isfinite(first):
        return False
    if any(value.strides) and value.reshape(-1)[-1] != first:
        return False
    if not any(value.strides):
        return True
    same = value == first
    if first == 0 and value.dtype.kind == "f":
        same &= np.signbit(value) == np.signbit(first)
    return bool(same.all())
