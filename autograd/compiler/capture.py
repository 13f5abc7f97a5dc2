"""One recorded run of a function: its names, and its constants."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..errors import CaptureError
from ..graph import Observer, Tensor, describe, next_serial, set_mode
from ..numpy.registry import primitives
from ..program import Line, Program, trace
from ..tensor import changes_later, forbid_in_capture
from ..tree import flatten
from ..writer.plainer import defaults
from .arguments import NUMBERS, is_static, weak_floats
from .constants import Constants, own_constants
from .outside import words_for

LIBRARIES = {"autograd", "nn", "numpy", *sys.stdlib_module_names}
"""Packages whose local variables are no words of the user's."""
SHAPING = {"axis", "axes", "axis1", "axis2", "shape", "newshape", "source", "destination"}
"""Parameters on which the shape of a result depends."""


class Namer(Observer):
    """Gives recorded values the names of the local variables that held them, and cotangents names made from these.

    Tensors older than `since` are from outside.
    """

    def __init__(self, since: int) -> None:
        self.since = since
        self.words: dict[int, str] = {}  # variables that hold Tensors from outside, whose own names are left alone
        self.grads: dict[Tensor, Any] = {}  # of Tensors from outside, as they were before a walk reached them
        self.parts: dict[int, Tensor] = {}
        self.minor: set[int] = set()  # cotangents of inner values, whose names are only used where one is needed
        self.held: list[Any] = []
        self.masks: list[Tensor] = []  # that pick entries: how many, depends on values
        self.constants = Constants()

    def watch(self, frame: Any, event: str, arg: Any) -> None:
        """Called by Python when a function returns: its local variables name the Tensors in them."""
        if event != "return" or str(frame.f_globals.get("__name__")).partition(".")[0] in LIBRARIES:
            return
        if frame.f_code.co_name in ("<listcomp>", "<genexpr>", "<dictcomp>"):
            return
        for name, value in variables(frame):
            if isinstance(value, Tensor) and value.name is None and not name.startswith(("_", ".")):
                if value.serial < self.since:
                    self.words.setdefault(id(value), name)
                elif value.track:
                    value.name = name
            elif type(value) is np.ndarray:
                self.constants.name(name, value)

    def fired(self, node: Tensor, argument: int, g: Any, cotangent: Any) -> None:
        """Name a cotangent after what it belongs to, z2 -> delta3, a1 -> da1."""
        self._name(g, node)
        if isinstance(cotangent, Tensor) and node.record is not None:
            parent = node.record[1][argument]
            if isinstance(parent, Tensor):
                self._part(cotangent, parent)
                if parent.serial < self.since:
                    self.grads.setdefault(parent, parent.grad)

    def seen(self, result: Tensor, primitive: Any, args: tuple[Any, ...]) -> None:
        """Arrays are recorded as they are now; a sum of two parts of a cotangent is the cotangent so far.

        Raises:
            CaptureError: a shape depends on a value.
            TypeError: what is no number.
        """
        dtype = getattr(result._value, "dtype", None)
        if dtype is not None and dtype.kind not in NUMBERS:
            raise TypeError(
                f"{primitive.name}({', '.join(map(describe, args))}) gives dtype {dtype}, and compiled functions "
                "compute with numbers and booleans: make floats of its arguments first, float(x) or x.astype(float)"
            )
        if any(isinstance(a, Tensor) and a.dtype.kind in "iu" for a in args[1:]):
            for name, a in zip(defaults(primitive.fun), args, strict=False):
                if name in SHAPING and isinstance(a, Tensor):
                    forbid_in_capture(a, f"the values ({name} of {primitive.name})")
        if result.record is not None:
            kept = tuple(map(self.constants.copy, args))  # Tensors as they are
            kwargs = {name: self.constants.copy(value) for name, value in result.record[2].items()}
            values = tuple(v if isinstance(a, Tensor) else a for a, v in zip(kept, result.record[3], strict=True))
            result.record = (primitive, kept, kwargs, values, *result.record[4:])
        if primitive is primitives["index"]:
            masks = (a for a in args[1:] if isinstance(a, Tensor) and a.dtype == bool and changes_later(a))
            self.masks += [a for a in masks if all(a is not other for other in self.masks)]
        if primitive.name == "add":
            owners = [self.parts.get(id(a)) for a in args]
            if owners[0] is not None and owners[0] is owners[1]:
                self._part(result, owners[0])

    def _part(self, cotangent: Tensor, owner: Tensor) -> None:
        self.parts[id(cotangent)] = owner
        self.held.append(cotangent)

    def _name(self, g: Any, owner: Tensor) -> None:
        if isinstance(g, Tensor) and g.name is None and g.record is not None and owner.name:
            g.name = cotangent_name(owner.name)
            self.held.append(g)
            if not is_start(owner) and not g.name.startswith("delta"):
                self.minor.add(id(g))

    def refuse_backward(self) -> None:
        """backward() leaves gradients on Tensors from outside, where compiled calls would leave none."""
        left = [t for t, grad in self.grads.items() if t.grad is not grad]
        for t in left:
            t.grad = self.grads[t]
        if left:
            raise CaptureError(
                f"the captured function leaves a gradient on {t.name or self.words.get(id(t), 'a Tensor')} of shape "
                f"{t.shape} by backward(), which a compiled call would not do; return the gradients instead, from "
                "grad, value_and_grad or cotangents"
            )

    def finish(self, outputs: Sequence[Any]) -> None:
        """Name the gradients that are returned."""
        for output in outputs:
            owner = self.parts.get(id(output))
            if owner is not None and is_start(owner):
                self._name(output, owner)


def variables(frame: Any) -> Iterator[tuple[str, Any]]:
    """The local variables of a frame, attributes of its `self`, and global variables that it reads."""
    yield from frame.f_locals.items()
    yield from getattr(frame.f_locals.get("self"), "__dict__", {}).items()
    for name in frame.f_code.co_names:
        yield name, frame.f_globals.get(name)


def is_start(tensor: Tensor) -> bool:
    """Whether a tensor is what a gradient is taken of: a leaf, or a transform's own node for one."""
    return tensor.record is None or tensor.record[0].name == "identity"


def cotangent_name(name: str) -> str:
    """The usual word for the cotangent of a value.

    >>> cotangent_name("z2"), cotangent_name("theta1")
    ('delta3', 'dtheta1')
    """
    layer = re.fullmatch(r"z(\d+)", name)
    return f"delta{int(layer[1]) + 1}" if layer else f"d{name}"


class Capture(NamedTuple):
    """What one captured run gave.

    Attributes:
        program: what was recorded; its inputs are the arrays among the arguments and then those of `outside`, its
            last outputs the masks that pick entries.
        result: the function's result with the numbers of the outputs in place of Tensors.
        outside: the Tensors that it read without being passed them.
        picked: how many entries each of the masks picked, on which shapes depend.
    """

    program: Program
    result: Any
    outside: list[Tensor]
    picked: list[int]


@dataclass(frozen=True)
class Place:
    """Stands in a result's nest for an output of the program, which was an array or a number of NumPy's."""

    number: int
    is_array: bool


def capture(
    fun: Callable[..., Any],
    leaves: list[Any],
    rebuild: Callable[[list[Any]], Any],
    naming: bool,
    beside: Sequence[Any] = (),
) -> Capture:
    """Run `fun` once on leaves, of which the static ones are given to it as they are.

    Args:
        naming: whether local variables give their names to what they hold.
        beside: arrays from outside that Python's floats meet.
    """
    dynamic = [i for i, v in enumerate(leaves) if not is_static(v)]
    since = next_serial()
    namer = Namer(since)
    found: list[Any] = []

    def run(*tensors: Tensor) -> Any:
        full = list(leaves)
        for i, tensor in zip(dynamic, tensors, strict=True):
            full[i] = tensor
        args, kwargs = rebuild(full)
        watching = naming and sys.getprofile() is None  # a profiler that is at work is left alone
        with set_mode(recording=namer, capturing=namer, guarding=False, since=since):
            if watching:
                sys.setprofile(namer.watch)
            try:
                found.append(fun(*args, **kwargs))
            finally:
                if watching:
                    sys.setprofile(None)
                namer.refuse_backward()
        outputs, _ = flatten(found[0])
        namer.finish(outputs)
        return outputs, namer.masks

    values = [leaves[i] for i in dynamic]
    program, (outputs, masks) = trace(run, *weak_floats(values, beside), stable=True, since=since)
    outside = name_outside(program, program.inputs[len(values) :], namer.words)
    for line in program.lines:
        if id(line.tensor) in namer.minor:
            line.named = False
    own_constants(program, namer.constants.words)
    program.release()
    for line in program.outputs[: len(program.outputs) - len(masks)]:
        if not line.named and line.kind == "operation" and not line.shape:
            line.name = "value"
    numbers = iter(range(len(outputs)))
    _, rebuild_result = flatten(found[0])
    places = [
        Place(next(numbers), isinstance(o._value, np.ndarray)) if isinstance(o, Tensor) else namer.constants.copy(o)
        for o in outputs
    ]
    return Capture(program, rebuild_result(places), outside, [int(np.count_nonzero(m._value)) for m in masks])


def name_outside(program: Program, lines: list[Line], words: dict[int, str]) -> list[Tensor]:
    """Name the lines of Tensors from outside; arguments come before them in the program, and so get their names."""
    tensors = [line.tensor for line in lines if line.tensor is not None]
    for line, word in zip(lines, words_for(tensors, words), strict=True):
        if word is not None:
            line.name, line.named = word, True
    inputs = set(program.inputs)
    program.lines = [*program.inputs, *(line for line in program.lines if line not in inputs)]
    return tensors
