"""One version of a compiled function: captured, simplified, written, planned."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import CaptureError
from ..graph import Tensor, mode
from ..program import Line, Program
from ..simplify import simplify
from ..simplify.facts import is_line
from ..simplify.lowering import lower
from ..simplify.scaling import sink_factors
from ..tree import flatten
from ..writer import Source, readable
from ..writer.readable import clean_names
from ..writer.traits import may_share
from .arguments import float_dtypes, is_static
from .blocks import in_blocks
from .capture import Place, capture
from .frozen import nudged, refuse_frozen
from .loops import loops_text, maker, plan_with_loops
from .nest import Nest
from .outside import Outside
from .parameters import identifier
from .signature import Signature

MISS = object()
"""What a planned function returns for arguments that it was not made for."""


class Entry:
    """One compiled version of a function: for arguments of one structure, with one shape and dtype for each array."""

    def __init__(
        self, fun: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], donate: tuple[int, ...]
    ) -> None:
        if mode.capturing:
            raise CaptureError("source() cannot be asked for within a captured function; ask for it outside")
        self.name = identifier(fun)
        leaves, rebuild = flatten((args, kwargs))
        first, beside = capture(fun, leaves, rebuild, naming=True), []
        if any(isinstance(v, (float, complex)) for v in leaves) and not float_dtypes(leaves):
            constants = [line.value for line in first.program.lines if line.kind == "constant" and line.shape]
            beside = [*(t._value for t in first.outside), *constants]
            first = capture(fun, leaves, rebuild, naming=True, beside=beside)
        with np.errstate(all="ignore"):  # it is about numbers that nobody gave
            second = capture(fun, [nudged(v) for v in leaves], rebuild, naming=False, beside=beside)
        if first.picked != second.picked:
            second = capture(fun, leaves, rebuild, naming=False, beside=beside)
        refuse_frozen(first, second, self.name)
        self.signature = Signature(fun, args, kwargs, leaves, beside)
        name_inputs(first.program, self.signature)
        self.program = simplify(first.program)
        self.outside = Outside(drop_unused(self.program, first.outside))
        arrays = [v for v in leaves if not is_static(v) and hasattr(v, "dtype")]
        self.on_numpy = all(isinstance(v, (np.ndarray, np.generic)) for v in arrays) and self.outside.on_numpy()
        self.result, self.picked = first.result, first.picked
        written = Nest(self.result, self.program.outputs)
        self.source = self._readable(written)
        self.donated: list[int] = []
        self.planned_text = ""
        if self.on_numpy:
            self._plan(written, donate)

    def _readable(self, written: "Nest") -> Source:
        reserved = self.signature.containers
        names = clean_names(self.program, reserved)
        arguments, _ = self._split([names[line] for line in self.program.inputs])
        unpack = [*self.signature.notes(), *self.signature.unpack(arguments)]
        signature = self.signature.text(arguments, by_keyword=True)
        result, constants = written.text(), written.constants
        tensors = self.outside.tensors
        return readable(self.program, self.name, signature, unpack, result, constants, reserved, tensors, self.picked)

    def _split(self, inputs: list[str]) -> tuple[list[str], list[str]]:
        """The names of the program's inputs: those of arguments, and those of Tensors from outside."""
        n = len(self.signature.dynamic)
        return inputs[:n], inputs[n:]

    def _plan(self, written: "Nest", donate: tuple[int, ...]) -> None:
        lowered, blocks = in_blocks(lower(sink_factors(self.program)))
        reserved = {*self.signature.containers, "_miss", "_array", "_step", "_quiet"}
        donated = {} if self.picked else self._donations(donate, lowered)  # a call may be given up when it has begun
        planned, loops = plan_with_loops(lowered, donated, reserved, self.picked)
        names, outside = self._split(planned.names)
        tensors = self.outside.parameters(outside)
        self.donated = sorted(set(donated.values()))
        guard = [*self.signature.guard(names), *self.outside.statements(outside)]
        if self.donated:
            guard += [
                f"if not ({' and '.join(f'{names[i]}.flags.writeable' for i in self.donated)}):",
                "    return _miss",
            ]
        result = written.text(copies=True).format(*planned.results)
        body = [*guard, *self.signature.convert(names), *planned.body, f"return {result}"]
        fixed = self.signature.fixed
        taken = [*planned.constants, *planned.foreign, *written.constants, *tensors, *fixed]
        name = self.name
        while name in {*taken, *(statement.partition(" = ")[0] for statement in planned.setup)}:
            name += "_"
        head = f"{name}({self.signature.text(names)})"
        first = ["_array = np.ndarray", *self.signature.dtypes(self.outside.given)]
        text = planned.definition("build", ["np", "_miss", *taken], head, body, first)
        self._make = maker(text, f"<planned {self.name}>", loops)
        self.planned_text = (blocks.text if blocks else "") + loops_text(planned) + text
        self.given = {**planned.constants, **planned.foreign, **written.constants, **tensors, **fixed}

    def _donations(self, donate: tuple[int, ...], lowered: Program) -> dict[int, int]:
        """Outputs matched with the inputs of donated arguments, in order, by shape and dtype.

        An input that another output may be a view of keeps its numbers.
        """
        if donate and max(donate) >= len(self.signature.values):
            raise ValueError(
                f"{self.name}: donate names argument {max(donate)}, and only {len(self.signature.values)} were given"
            )
        inputs = [i for i, (argument, _) in enumerate(self.signature.dynamic) if argument in donate]
        matched: dict[int, int] = {}
        shared = [inputs_shared(line) for line in lowered.outputs]
        for j, line in enumerate(lowered.outputs):
            elsewhere = set().union(*shared[:j], *shared[j + 1 :])
            for i in inputs:
                source = lowered.inputs[i]
                alike = source.shape == line.shape and source.dtype == line.dtype
                if alike and line.shape and source not in elsewhere:
                    matched[j] = i
                    inputs.remove(i)
                    break
        return matched

    def check_donated(self, args: tuple[Any, ...], kwargs: dict[str, Any], aliases: bool) -> None:
        """Refuse donated arrays that cannot be written into, and with `aliases` those that other arguments share."""
        arrays = [v for v in flatten((args, kwargs))[0] if not is_static(v)] if self.donated else []
        words = [word for _, word in self.signature.dynamic]
        for i in self.donated:
            told = f"{self.name}: the donated argument {words[i]} of shape {arrays[i].shape}"
            if not arrays[i].flags.writeable:
                raise ValueError(
                    f"{told} is read-only, so that no result can be written into it. Pass a copy, drop the graph that "
                    "guards it, or leave it out of donate="
                )
            for j, other in enumerate(arrays):
                if aliases and i != j and isinstance(other, np.ndarray) and np.shares_memory(arrays[i], other):
                    raise ValueError(
                        f"{told} shares memory with the argument {words[j]}, which writing a result into it would "
                        "change. Pass a copy of one of them, or leave it out of donate="
                    )

    def build(self) -> Callable[..., Any]:
        """The planned function with buffers of its own, for one thread."""
        return self._make(np, MISS, *self.given.values())

    def interpret(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the simplified program through the primitives, for arrays of another library."""
        leaves = [v for v in flatten((args, kwargs))[0] if not is_static(v)]
        outputs = self.program.run(*leaves, *self.outside.arrays())
        masks = outputs[len(outputs) - len(self.picked) :]
        if any(mask.sum() != n for mask, n in zip(masks, self.picked, strict=True)):
            return MISS
        items, rebuild = flatten(self.result)
        return rebuild([outputs[i.number] if isinstance(i, Place) else i for i in items])


def inputs_shared(line: Line) -> set[Line]:
    """The inputs whose memory a value may be in."""
    found, stack = set(), [line]
    while stack:
        top = stack.pop()
        if top.kind == "input":
            found.add(top)
        elif may_share(top):
            stack += top.parents
    return found


def drop_unused(program: Program, outside: list[Tensor]) -> list[Tensor]:
    """Those of the Tensors from outside that the program still needs; the others are no inputs any more."""
    used = {parent for line in program.lines for parent in line.parents} | set(program.outputs)
    n = len(program.inputs) - len(outside)
    kept = [(line, t) for line, t in zip(program.inputs[n:], outside, strict=True) if line in used]
    dropped = set(program.inputs[n:]) - {line for line, _ in kept}
    program.inputs = [line for line in program.inputs if line not in dropped]
    program.lines = [line for line in program.lines if line not in dropped]
    return [t for _, t in kept]


def name_inputs(program: Program, signature: "Signature") -> None:
    """Inputs take the parameter's name, or the name of the local variable that held them."""
    users = program.users()
    for line, (argument, word) in zip(program.inputs, signature.dynamic, strict=False):
        inner = next((u for u in users[line] if is_line(u, "identity") and u.named), None)
        if not signature.is_nest(argument):
            line.name = word
        elif not line.named:
            line.name = word if inner is None else inner.name
        if inner is not None and not line.named:
            inner.named = False
        line.named = True
