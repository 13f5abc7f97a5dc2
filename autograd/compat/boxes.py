"""HIPS autograd's boxes: there, a value under differentiation; here, a Tensor."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from .. import vjp
from ..graph import DIFFERENTIABLE, Tensor
from ..tree import flatten


class Box(Tensor):
    """A Tensor made by a transform such as `grad`, and whatever is computed from it."""

    __slots__ = ("node",)
    node: Any
    type_mappings: ClassVar[dict[type, type]] = {}
    types: ClassVar[set[type]] = set()

    @property
    def _trace(self) -> int:
        return 0  # one flat graph: there are no levels

    @classmethod
    def register(cls, value_type: type) -> None:
        """Note that values of a type are boxed by this class."""
        Box.types.add(cls)
        Box.type_mappings[value_type] = cls


class ArrayBox(Box):
    """The box of an array or number. Clients look for HIPS's spelling of its type, so it says that it lives there."""

    __slots__ = ()
    __module__ = "autograd.numpy.numpy_boxes"

    def __init__(self, data: Any, requires_grad: bool = False, name: str | None = None) -> None:
        if type(data) in Box.type_mappings and not hasattr(data, "dtype"):
            raise TypeError(
                f"{type(data).__name__} has a Box of its own, but what is recorded here are arrays, not objects. "
                "Differentiate with respect to the arrays in it, as a list, tuple or dict, and make the object of them "
                "inside the function"
            )
        if isinstance(data, np.matrix):
            raise TypeError("the * of a numpy.matrix is not that of arrays, and has no rule: pass np.asarray(matrix)")
        super().__init__(data, requires_grad, name)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self.__copy__()  # of an argument within the function: not a parameter of its own, as a Tensor's is


ArrayBox.kind = ArrayBox
vjp.leaf_type = ArrayBox


def getval(x: Any) -> Any:
    """The plain value of a Tensor; anything else as it is."""
    return x._value if isinstance(x, Tensor) else x


def isbox(x: Any) -> bool:
    """Whether a value is a Tensor."""
    return isinstance(x, Tensor)


def new_box(value: Any, trace: int, node: Any) -> Any:
    """A leaf to run a function on, known to the graph of nodes as `node`; a nest gives a nest of leaves."""
    leaves, rebuild = flatten(value)
    return rebuild([_box(leaf, node) for leaf in leaves])


def _box(value: Any, node: Any) -> ArrayBox:
    box = ArrayBox(getval(value))
    if box.dtype.kind not in "fc":
        raise TypeError(f"Can't differentiate w.r.t. type {type(value)}")
    box.track = DIFFERENTIABLE
    box.node = node
    return box


class TraceStack:
    """HIPS's stack of levels; the graph here is flat, so there is one."""

    top = -1

    @contextlib.contextmanager
    def new_trace(self) -> Iterator[int]:
        """Enter the level, and hand out its number."""
        yield 0


trace_stack = TraceStack()


class _Nest(type):
    """Classes that stand for containers with Tensors in them, which here are Python's own."""

    container: type | tuple[type, ...]

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.container) and any(isinstance(x, Tensor) for x in flatten(instance)[0])


class SequenceBox(metaclass=_Nest):
    """A list or tuple that holds Tensors."""

    container = (list, tuple)


class ListBox(metaclass=_Nest):
    """A list that holds Tensors."""

    container = (list,)


class TupleBox(metaclass=_Nest):
    """A tuple that holds Tensors."""

    container = (tuple,)


class DictBox(metaclass=_Nest):
    """A dict that holds Tensors."""

    container = (dict,)
