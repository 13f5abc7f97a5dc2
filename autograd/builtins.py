"""HIPS autograd's `autograd.builtins`: Python's own containers hold Tensors here, so they are what is meant."""

import builtins
from typing import Any

from .compat.boxes import DictBox, ListBox, SequenceBox, TupleBox, getval
from .compat.spaces import ContainerVSpace, DictVSpace, ListVSpace, NamedTupleVSpace, SequenceVSpace, TupleVSpace

__all__ = [
    "ContainerVSpace",
    "DictBox",
    "DictVSpace",
    "ListBox",
    "ListVSpace",
    "NamedTupleVSpace",
    "SequenceBox",
    "SequenceVSpace",
    "TupleBox",
    "TupleVSpace",
    "container_take",
    "dict",
    "dict_",
    "isinstance",
    "isinstance_",
    "list",
    "list_",
    "make_sequence",
    "tuple",
    "tuple_",
    "type",
    "type_",
]

tuple = tuple_ = builtins.tuple
list = list_ = builtins.list
dict = dict_ = builtins.dict
isinstance_ = builtins.isinstance
type_ = builtins.type


def isinstance(x: Any, kinds: Any) -> bool:
    """Whether x, or the plain value of the Tensor x, is of one of these types."""
    return builtins.isinstance(x, kinds) or builtins.isinstance(getval(x), kinds)


def type(x: Any) -> Any:
    """The type of x, or of the plain value of the Tensor x."""
    return builtins.type(getval(x))


def container_take(nest: Any, index: Any) -> Any:
    """nest[index]."""
    return nest[index]


def make_sequence(kind: Any, *items: Any) -> Any:
    """A list or tuple of these items."""
    return kind(items)
