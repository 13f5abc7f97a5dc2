"""A recorded graph as a Program: a flat list of named lines in the order they ran.

Pictures, formulas and generated source are all made from this list; none of them walks the graph.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .graph import RECORDED, Primitive, Tensor, leaf, set_mode
from .tree import flatten


@dataclass(slots=True, eq=False)
class Line:
    """One value of a program and how it is made.

    Attributes:
        name: unique in the program; the user's own name where there is one.
        primitive: the operation, or None for an input or a constant.
        args: earlier Lines, and plain Python values (numbers, axes, index parts).
        kwargs: keyword arguments of the operation.
        value: the array it had when it was recorded; a blank (see `hollow`) where the numbers were let go, and for a
            line made by a rewriting pass.
        kind: "input" (a leaf that requires a gradient, or an argument of the function), "constant" or "operation".
        named: whether the name is the user's.
        tensor: the Tensor it was read from; None for plain constants and for lines made by a rewriting pass.
    """

    name: str
    primitive: Primitive | None
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    value: Any
    kind: str
    named: bool = False
    tensor: Tensor | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value; () for a plain number."""
        return getattr(self.value, "shape", ())

    @property
    def dtype(self) -> Any:
        """The dtype of the value; None for a plain number."""
        return getattr(self.value, "dtype", None)

    @property
    def parents(self) -> list["Line"]:
        """The lines among the arguments, in order, repeated where used twice."""
        return [a for a in self.args if isinstance(a, Line)]

    def __repr__(self) -> str:
        if self.primitive is None:
            return f"{self.name}: {self.kind} {self.shape}"
        shown = [a.name if isinstance(a, Line) else repr(a) for a in self.args]
        shown += [f"{k}={v!r}" for k, v in self.kwargs.items()]
        return f"{self.name} = {self.primitive.name}({', '.join(shown)})  {self.shape}"


@dataclass(slots=True, eq=False)
class Program:
    """A graph, flat: every line after the lines it uses.

    Attributes:
        lines: inputs and constants first where they are first needed, operations in recorded order.
        outputs: the lines the program was asked for.
        inputs: for a traced function its arguments in order; for a graph its leaves in recorded order.
    """

    lines: list[Line] = field(default_factory=list)
    outputs: list[Line] = field(default_factory=list)
    inputs: list[Line] = field(default_factory=list)

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __str__(self) -> str:
        return "\n".join(map(repr, self.lines))

    def release(self) -> None:
        """Let go of the numbers of all lines but the constants; shapes and dtypes stay."""
        for line in self.lines:
            if line.kind != "constant":
                line.value = hollow(line.value)

    def users(self) -> dict[Line, list[Line]]:
        """For each line the lines that use it, in order."""
        return users_of(self.lines)

    def run(self, *values: Any) -> list[Any]:
        """Compute the outputs anew for other values of the inputs, in their order, through the primitives.

        Run on Tensors it is recorded, as the program itself was.

        >>> program, _ = trace(lambda x: x * 2 + 1, 3.0)
        >>> [float(out) for out in program.run(5.0)]
        [11.0]
        """
        if len(values) != len(self.inputs):
            raise TypeError(f"the program has {len(self.inputs)} inputs, and {len(values)} values were given")
        for line, value in zip(self.inputs, values, strict=True):
            if np.shape(value) != line.shape:
                raise ValueError(
                    f"the program was read with {line.name} of shape {line.shape}, and a value of shape "
                    f"{np.shape(value)} was given: read or trace it again for other shapes"
                )
        table: dict[Line, Any] = dict(zip(self.inputs, values, strict=True))
        for line in self.lines:
            if line in table:
                continue
            if line.primitive is None:
                table[line] = line.value
            else:
                args = [table[a] if isinstance(a, Line) else a for a in line.args]
                table[line] = line.primitive(*args, **line.kwargs)
        return [table[line] for line in self.outputs]


def users_of(lines: Sequence[Line]) -> dict[Line, list[Line]]:
    """For each of these lines those of them that use it, in order."""
    table: dict[Line, list[Line]] = {line: [] for line in lines}
    for line in lines:
        for parent in dict.fromkeys(line.parents):
            table[parent].append(line)
    return table


def blank(shape: tuple[int, ...], dtype: Any) -> Any:
    """Zeros of a shape and dtype that take the memory of one."""
    zero = np.zeros((), dtype)
    return np.ndarray(shape, dtype, zero, strides=(0,) * len(shape)) if shape else zero[()]


def hollow(value: Any) -> Any:
    """A blank in the place of an array, or of each one in a tuple; other values as they are."""
    if isinstance(value, tuple):
        return type(value)(map(hollow, value))
    return blank(value.shape, value.dtype) if type(value) is np.ndarray and value.shape else value


def read(
    outputs: Sequence[Tensor],
    names: dict[str, Any] | None = None,
    inputs: Sequence[Tensor] | None = None,
    stable: bool = False,
    since: int = 0,
) -> Program:
    """The graph behind `outputs` as a Program.

    Args:
        outputs: Tensors; their whole recorded history is read.
        names: words for tensors and plain arrays, `locals()` say; a Tensor's own name counts before.
        inputs: the inputs in order; by default the leaves that require a gradient, in recorded order.
        stable: read the numerically stable twin of an operation where it has one, instead of what was written.
        since: Tensors with a smaller serial number are inputs too, after the others; how they came about is not read.
    """
    reader = _Reader(names, None if inputs is None else {id(t) for t in inputs}, since)
    tensors = sorted(history(outputs, stable, since), key=lambda t: t.serial)
    reader.reserved.update(t.name for t in tensors if t.name)
    for tensor in tensors:
        if tensor.record is not None:
            reader.values.update((id(a), v) for a, v in zip(tensor.args, tensor.record[3], strict=True))
    for tensor in tensors:
        reader.read(tensor, stable)
    program, table = reader.program, reader.table
    program.outputs = [table[id(t)] for t in outputs]
    if inputs is not None:
        for t in inputs:
            if id(t) not in table:  # an argument the outputs do not use
                reader.add_leaf(t, "input")
        program.inputs = [table[id(t)] for t in (*inputs, *(t for t in tensors if t.serial < since))]
    return program


class _Reader:
    """The state of one reading: which lines stand already, and which names are taken."""

    def __init__(self, names: dict[str, Any] | None, chosen: set[int] | None, since: int) -> None:
        self.program = Program()
        self.table: dict[int, Line] = {}
        self.chosen = chosen
        self.since = since
        self.words: dict[int, str] = {}
        for word, value in (names or {}).items():
            if not word.startswith("_") and (isinstance(value, Tensor) or hasattr(value, "dtype")):
                self.words.setdefault(id(value), word)
        self.reserved = set(names or ())
        self.values: dict[int, Any] = {}  # what each tensor held when it was used
        self.taken: set[str] = set()
        self.counters: dict[str, int] = {}

    def read(self, tensor: Tensor, stable: bool) -> None:
        """Write the line of one tensor, whose parents stand already."""
        required = tensor.record is None and tensor.requires_grad
        is_input = required if self.chosen is None else id(tensor) in self.chosen or tensor.serial < self.since
        if is_input or tensor.record is None:
            line = self.add_leaf(tensor, "input" if is_input else "constant")
            if is_input:
                self.program.inputs.append(line)
            return
        record = tensor.record[6][0] if stable and tensor.record[6] is not None else tensor.record
        args = record[1]
        if record[0].elementwise:  # a list computed with is an array; elsewhere it may be axes or an index
            args = tuple(np.asarray(a) if type(a) in (list, tuple) else a for a in args)
        args = tuple(self.argument(a) for a in args)
        name, named = self.name(tensor, "t")
        self.add(tensor, Line(name, record[0], args, record[2], tensor.record[4], "operation", named, tensor))

    def argument(self, a: Any) -> Any:
        """The line of an argument that is a Tensor or an array; a plain value as it is."""
        if isinstance(a, Tensor):
            return self.table[id(a)]
        if isinstance(a, type) or not hasattr(a, "dtype") or not hasattr(a, "shape"):
            return a  # the types of NumPy's numbers have these names too
        if a.shape == () and id(a) not in self.words:
            return a
        return self.table[id(a)] if id(a) in self.table else self.add_leaf(a, "constant")

    def add_leaf(self, value: Any, kind: str) -> Line:
        """Write the line of an input or a constant."""
        tensor = value if isinstance(value, Tensor) else None
        name, named = self.name(value, "x" if kind == "input" else "c")
        data = value if tensor is None else self.values.get(id(tensor), tensor._value)
        return self.add(value, Line(name, None, (), {}, data, kind, named, tensor))

    def add(self, value: Any, line: Line) -> Line:
        self.program.lines.append(line)
        self.table[id(value)] = line
        return line

    def name(self, value: Any, prefix: str) -> tuple[str, bool]:
        """The user's word for a value, made unique, or a fresh numbered one; and whether it is the user's."""
        word = self.words.get(id(value))
        if isinstance(value, Tensor):
            word = value.name or word or self.words.get(id(value._value))
        name, k = word, 1
        while name is None or name in self.taken or (word is None and name in self.reserved):
            if word is None:
                self.counters[prefix] = self.counters.get(prefix, 0) + 1
                name = f"{prefix}{self.counters[prefix]}"
            else:
                k += 1
                name = f"{word}_{k}"
        self.taken.add(name)
        return name, word is not None


def history(outputs: Iterable[Tensor], stable: bool = False, since: int = 0) -> list[Tensor]:
    """Every Tensor that `outputs` were computed from, and they themselves; nothing behind those older than `since`."""
    seen = {id(t): t for t in outputs}
    stack = list(seen.values())
    while stack:
        tensor = stack.pop()
        record = tensor.record
        if record is None or tensor.serial < since:
            continue
        if stable and record[6] is not None:
            record = record[6][0]
        for a in record[1]:
            if isinstance(a, Tensor) and id(a) not in seen:
                seen[id(a)] = a
                stack.append(a)
    return list(seen.values())


def trace(
    fun: Callable[..., Any],
    *args: Any,
    names: Sequence[str] | None = None,
    stable: bool = False,
    since: int = 0,
) -> tuple[Program, Any]:
    """Run `fun` once on `args` (nests of arrays) and read what it did; nothing is taken for fixed but Python values.

    Args:
        names: a word for each array in the arguments, in order.
        stable, since: as in `read`.

    Returns:
        the Program, whose inputs are the arrays in the arguments in order; and the result's nest with Tensors in it.

    Raises:
        CaptureError: the function branches on a value.
    """
    leaves, rebuild = flatten(args)
    words: Sequence[str | None] = [None] * len(leaves) if names is None else names
    with set_mode(capturing=True, recording=True):
        tensors = [_traced(v, word) for v, word in zip(leaves, words, strict=True)]
        result = fun(*rebuild(list(tensors)))
    outputs = [o for o in flatten(result)[0] if isinstance(o, Tensor)]
    return read(outputs, inputs=tensors, stable=stable, since=since), result


def _traced(value: Any, name: str | None) -> Tensor:
    tensor = leaf(value._value if isinstance(value, Tensor) else value, name=name)
    if tensor.dtype.kind not in "fc":
        tensor.track = RECORDED
    return tensor
