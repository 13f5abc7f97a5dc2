"""The one place that binds operators and methods to Tensor."""

import operator
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import AssignmentError
from ..graph import Primitive, Tensor, apply, binary_operator, describe
from . import constants, creation, elementwise, indexing, joining, products, reductions, shaping, sorting
from . import elementwise as e
from .registry import array_function, array_ufunc, operators

NONE: dict[str, Any] = {}


def _comparison(primitive: Primitive, infix: Callable[[Any, Any], Any]) -> Callable[[Tensor, Any], Tensor]:
    def method(self: Tensor, other: Any) -> Tensor:
        return apply(primitive, infix, (self, other), NONE)

    return method


def _unary(primitive: Primitive, infix: Callable[[Any], Any]) -> Callable[[Tensor], Tensor]:
    def method(self: Tensor) -> Tensor:
        return apply(primitive, infix, (self,), NONE)

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
    "matmul": (products.matmul, operator.matmul),
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

Tensor.__neg__ = _unary(e.negative, operator.neg)  # type: ignore[method-assign]
Tensor.__pos__ = _unary(e.positive, operator.pos)  # type: ignore[method-assign]
Tensor.__abs__ = _unary(e.absolute, operator.abs)  # type: ignore[method-assign]
Tensor.__invert__ = _unary(e.invert, operator.invert)  # type: ignore[method-assign]
Tensor.__getitem__ = indexing.getitem  # type: ignore[method-assign]
Tensor.__array_ufunc__ = array_ufunc  # type: ignore[method-assign]
Tensor.__array_function__ = array_function  # type: ignore[method-assign]
Tensor.T = property(shaping.transpose)  # type: ignore[assignment,arg-type]
Tensor.mT = property(lambda self: shaping.swapaxes(self, -1, -2))  # type: ignore[assignment]
Tensor.real = property(e.real, doc="The real part.")  # type: ignore[assignment,arg-type]
Tensor.imag = property(e.imag, doc="The imaginary part.")  # type: ignore[assignment,arg-type]



def _function(function: Callable[..., Any]) -> Callable[..., Any]:
    """A method that calls one of our functions: primitives are no functions, and would not bind to the Tensor."""

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    return method


_rooms = {
    reductions: "all any argmax argmin cumprod cumsum max mean min prod ptp std sum var",
    shaping: "ravel squeeze swapaxes",
    indexing: "compress diagonal repeat take trace",
    sorting: "argpartition argsort searchsorted",
    elementwise: "clip conj conjugate round",
    products: "dot",
    creation: "copy",
    constants: "nonzero",
}
for _room, _names in _rooms.items():
    for _name in _names.split():
        setattr(Tensor, _name, _function(getattr(_room, _name)))
Tensor.choose = _function(indexing.choose)  # type: ignore[attr-defined]
Tensor.__divmod__ = _function(creation.divmod)  # type: ignore[attr-defined]


def _refuse(name: str) -> Callable[..., None]:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> None:
        raise AssignmentError(
            f"{describe(self)}.{name}() would change a recorded value, which never changes; "
            f"{_INSTEAD.get(name, 'write x = x.at[index].set(value)')}"
        )

    return method


_INSTEAD = {
    "sort": "write x = np.sort(x)",
    "partition": "write x = np.partition(x, kth)",
    "resize": "write x = np.resize(x, shape)",
    "fill": "write x = np.full_like(x, value)",
}
for _name in "fill itemset partition put resize setfield setflags sort".split():
    setattr(Tensor, _name, _refuse(_name))


def _reshape(self: Tensor, *shape: Any, order: str = "C") -> Tensor:
    return shaping.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)


def _transpose(self: Tensor, *axes: Any) -> Tensor:
    if not axes or axes == (None,):
        return shaping.transpose(self)
    return shaping.transpose(self, axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes)


def _astype(self: Tensor, dtype: Any, copy: bool = True) -> Tensor:
    return e.astype(self, dtype)


def _iterate(self: Tensor) -> Any:
    if not self.ndim:
        raise TypeError("iteration over a 0-d Tensor")
    return (self[i] for i in range(len(self)))


class _At:
    """`x.at[index]`, whose `set` and `add` return a changed copy."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def __getitem__(self, key: Any) -> "_Place":
        return _Place(self.tensor, key if isinstance(key, tuple) else (key,))


class _Place:
    def __init__(self, tensor: Tensor, parts: tuple[Any, ...]) -> None:
        self.tensor = tensor
        self.parts = tuple(np.asarray(p) if isinstance(p, list) else p for p in parts)

    def add(self, value: Any) -> Tensor:
        """A copy with `value` added at the index; repeated indices accumulate."""
        spread = shaping.broadcast_to(joining.asarray(value), self.tensor.data[self.parts].shape)
        return self.tensor + e.astype(indexing.scatter(spread, self.tensor.shape, *self.parts), self.tensor.dtype)

    def set(self, value: Any) -> Tensor:
        """A copy with the entries at the index replaced by `value`."""
        mask = np.zeros(self.tensor.shape, bool)
        mask[self.parts] = True
        spread = shaping.broadcast_to(joining.asarray(value), self.tensor.data[self.parts].shape)
        placed = _place(spread, self.tensor.shape, *self.parts)
        return e.where(mask, e.astype(placed, self.tensor.dtype), self.tensor)


def _place(value: Any, shape: tuple[int, ...], *parts: Any) -> Any:
    """Zeros of `shape` with `value` at `parts`; where an index repeats the last one counts, as in NumPy."""
    positions = np.zeros(shape, int)
    positions[parts] = np.arange(1, value.size + 1).reshape(value.shape)
    flat = joining.concatenate([np.zeros(1, value.dtype), shaping.ravel(value)])
    return flat[positions]


Tensor.reshape = _reshape  # type: ignore[method-assign]
Tensor.transpose = _transpose  # type: ignore[method-assign]
Tensor.astype = _astype  # type: ignore[method-assign]
Tensor.__iter__ = _iterate  # type: ignore[method-assign]
Tensor.at = property(_At)  # type: ignore[assignment]
Tensor.flatten = _function(shaping.ravel)  # type: ignore[method-assign]


# the Array API standard (data-apis.org): array-agnostic libraries ask an array for its namespace
def _namespace(self: Tensor, /, *, api_version: str | None = None) -> Any:
    """autograd.numpy, whose names are those of the standard."""
    return sys.modules[__package__]


def _to_device(self: Tensor, device: Any, /, *, stream: Any = None) -> Tensor:
    if device != self.device:  # type: ignore[attr-defined]
        raise ValueError(f"{describe(self)} cannot be moved to device {device!r}; move its data before it is recorded")
    return self


Tensor.__array_namespace__ = _namespace  # type: ignore[attr-defined]
Tensor.device = property(lambda self: getattr(self.data, "device", "cpu"))  # type: ignore[attr-defined]
Tensor.to_device = _to_device  # type: ignore[attr-defined]
Tensor.nbytes = property(lambda self: self.data.nbytes)  # type: ignore[attr-defined]
Tensor.itemsize = property(lambda self: self.data.itemsize)  # type: ignore[attr-defined]
