"""The one place that binds operators and methods to Tensor."""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import AssignmentError
from ..graph import EMPTY, Primitive, Tensor, apply, apply_to_one, binary_operator, describe, forbid_in_capture
from . import constants, elementwise, indexing, products, reductions, shaping
from . import elementwise as e
from .protocols import array_function, array_ufunc, operators
from .registry import cast


def _comparison(primitive: Primitive, infix: Callable[[Any, Any], Any]) -> Callable[[Tensor, Any], Tensor]:
    def compared(a: Any, b: Any) -> Any:
        made = infix(a, b)
        return np.bool_(made) if type(made) is bool else made  # a number beside None, or a string

    def method(self: Tensor, other: Any) -> Tensor:
        return apply(primitive, compared, (self, other), EMPTY)

    return method


def _unary(primitive: Primitive, infix: Callable[[Any], Any]) -> Callable[[Tensor], Tensor]:
    def method(self: Tensor) -> Tensor:
        return apply_to_one(primitive, infix, (self,), EMPTY)

    return method


# Python's own operators on the plain values: for single numbers far cheaper than a call of the ufunc.
_operators = {
    "add": (e.add, operator.add),
    "sub": (e.subtract, operator.sub),
    "mul": (e.multiply, operator.mul),
    "truediv": (e.divide, operator.truediv),
    "pow": (e.power, operator.pow),
    "mod": (e.remainder, operator.mod),
    "floordiv": (e.floor_divide, operator.floordiv),
    "matmul": (products.matmul, products.product),
    "and": (e.bitwise_and, operator.and_),
    "or": (e.bitwise_or, operator.or_),
    "xor": (e.bitwise_xor, operator.xor),
    "lshift": (constants.left_shift, operator.lshift),
    "rshift": (constants.right_shift, operator.rshift),
}
for _name, (_primitive, _infix) in _operators.items():
    setattr(Tensor, f"__{_name}__", binary_operator(_primitive, _infix))
    setattr(Tensor, f"__r{_name}__", binary_operator(_primitive, _infix, reflected=True))
    if isinstance(_primitive.fun, np.ufunc):
        operators[_primitive.fun] = getattr(Tensor, f"__r{_name}__")


def _descend(self: Tensor, other: Any) -> Tensor:
    """`x -= y` gives the name x to a new Tensor; refused where a step of descent would be lost by it."""
    constant = not getattr(other, "requires_grad", False)  # as a gradient is, which has the shape of its leaf
    if self.grad is not None and self.is_leaf and constant and getattr(other, "shape", None) == self.shape:
        raise AssignmentError(
            f"{describe(self)} has a gradient and would stay as it is: -= gives only its name to a new Tensor; "
            f"write {self.name or 'x'}.data -= ... to move it, or {self.name or 'x'} - ... for another Tensor"
        )
    return self - other


_comparisons = {
    "eq": (e.equal, operator.eq),
    "ne": (e.not_equal, operator.ne),
    "lt": (e.less, operator.lt),
    "le": (e.less_equal, operator.le),
    "gt": (e.greater, operator.gt),
    "ge": (e.greater_equal, operator.ge),
}
for _name, (_primitive, _infix) in _comparisons.items():
    setattr(Tensor, f"__{_name}__", _comparison(_primitive, _infix))


def _named(method: Callable[..., Any], name: str) -> Callable[..., Any]:
    method.__name__, method.__doc__ = name, f"autograd.numpy.{name} of this Tensor."
    return method


def _function(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A method that calls one of our functions: primitives are no functions, and would not bind to the Tensor."""

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    return _named(method, name)


_rooms = {
    reductions: "all any argmax argmin cumprod cumsum max mean min prod sum",
    shaping: "ravel squeeze swapaxes",
    indexing: "diagonal repeat take trace",
    elementwise: "clip conj conjugate round",
    products: "dot",
}
for _room, _names in _rooms.items():
    for _name in _names.split():
        setattr(Tensor, _name, _function(getattr(_room, _name), _name))


def _loaded_later(name: str) -> Callable[..., Any]:
    """As `_function`, for a room that is not loaded before it is needed."""

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        return getattr(sys.modules[__package__], name)(self, *args, **kwargs)

    return _named(method, name)


for _name in ["argpartition", "argsort", "copy", "nonzero", "ptp", "searchsorted", "std", "var"]:
    setattr(Tensor, _name, _loaded_later(_name))


def _refuse(name: str) -> Callable[..., None]:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> None:
        raise AssignmentError(
            f"{describe(self)}.{name}() would change a recorded value, which never changes; "
            f"{_INSTEAD.get(name, 'write x = x.at[index].set(value)')}"
        )

    method.__name__, method.__doc__ = name, f"Refused: {_INSTEAD.get(name, 'write x = x.at[index].set(value)')}."
    return method


_INSTEAD = {
    "sort": "write x = np.sort(x)",
    "partition": "write x = np.partition(x, kth)",
    "resize": "write x = np.resize(x, shape)",
    "fill": "write x = np.full_like(x, value)",
}
for _name in ["fill", "itemset", "partition", "put", "resize", "setfield", "setflags", "sort"]:
    setattr(Tensor, _name, _refuse(_name))


def _reshape(self: Tensor, *shape: Any, order: str = "C", copy: bool | None = None) -> Tensor:
    """The same entries in another shape, given as one tuple or as numbers; one length may be -1."""
    return shaping.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)


def _transpose(self: Tensor, *axes: Any) -> Tensor:
    """The axes in another order, given as one tuple or as numbers; reversed by default."""
    if not axes or axes[0] is None:
        return shaping.transpose(self)
    return shaping.transpose(self, axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes)


def _astype(
    self: Tensor, dtype: Any, order: str = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True
) -> Tensor:
    """The Tensor in another dtype; a cast to integers or booleans has no derivative and ends the graph."""
    return cast(self, dtype, casting)


def _compress(self: Tensor, condition: Any, axis: int | None = None, out: Any = None) -> Tensor:
    """The entries along an axis where the condition holds."""
    return indexing.compress(condition, self, axis, out)


def _whole(way: Callable[[Any], int]) -> Callable[[Tensor], int]:
    """A method that makes a plain whole number, as int(x) does: it has no gradient to lose."""

    def method(self: Tensor) -> int:
        forbid_in_capture(self, f"{way.__name__}()")
        return way(self._value[()])

    return method


def _round(self: Tensor, digits: int | None = None) -> Any:
    return _whole(round)(self) if digits is None and not self.ndim else elementwise.round(self, digits or 0)


def _iterate(self: Tensor) -> Any:
    if not self.ndim:
        raise TypeError("iteration over a 0-d Tensor")
    return (self[i] for i in range(len(self)))


# the Array API standard (data-apis.org): array-agnostic libraries ask an array for its namespace
def _namespace(self: Tensor, /, *, api_version: str | None = None) -> Any:
    """autograd.numpy, whose names are those of the standard."""
    return sys.modules[__package__]


def _to_device(self: Tensor, device: Any, /, *, stream: Any = None) -> Tensor:
    """The Tensor itself, which is on that device; ValueError for another one."""
    if device != self.device:
        raise ValueError(f"{describe(self)} cannot be moved to device {device!r}; move its data before it is recorded")
    return self


def _at(self: Tensor) -> Any:
    """x.at[index].set(value) and x.at[index].add(value): a new Tensor in place of an assignment."""
    from .at import At  # not loaded before it is needed

    return At(self)


_bound: dict[str, Any] = {
    "__neg__": _unary(e.negative, operator.neg),
    "__pos__": _unary(e.positive, operator.pos),
    "__abs__": _unary(e.absolute, operator.abs),
    "__invert__": _unary(e.invert, operator.invert),
    "__isub__": _descend,
    "__divmod__": lambda self, other: (self // other, self % other),
    "__rdivmod__": lambda self, other: (other // self, other % self),
    "__round__": _round,
    "__floor__": _whole(math.floor),
    "__ceil__": _whole(math.ceil),
    "__trunc__": _whole(math.trunc),
    "__contains__": lambda self, value: bool((self == value).any()),
    "__getitem__": indexing.getitem,
    "__iter__": _iterate,
    "__array_ufunc__": array_ufunc,
    "__array_function__": array_function,
    "__array_namespace__": _namespace,
    "T": property(shaping.transpose),
    "mT": property(lambda self: shaping.swapaxes(self, -1, -2), doc="The matrices transposed, in the last two axes."),
    "real": property(e.real, doc="The real part."),
    "imag": property(e.imag, doc="The imaginary part."),
    "flat": property(shaping.ravel, doc="The entries in one axis."),
    "at": property(_at),
    "device": property(lambda self: getattr(self._value, "device", "cpu"), doc="Where the data is."),
    "nbytes": property(lambda self: self._value.nbytes, doc="The bytes of the data."),
    "itemsize": property(lambda self: self._value.itemsize, doc="The bytes of an entry."),
    "reshape": _reshape,
    "transpose": _transpose,
    "astype": _astype,
    "compress": _compress,
    "choose": _function(indexing.choose, "choose"),
    "flatten": _function(shaping.ravel, "ravel"),
    "to_device": _to_device,
}
for _name, _value in _bound.items():
    setattr(Tensor, _name, _value)
