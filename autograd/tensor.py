"""A Tensor is an array and, where a gradient may be asked for, the record of the operation that made it."""

from __future__ import annotations

import itertools
import operator
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from .errors import AssignmentError, CaptureError, ConversionError
from .guard import Guard
from .modes import mode, set_mode

if TYPE_CHECKING:
    from .graph import Primitive
    from .surface import Surface
else:
    Surface = object  # operators and methods are bound later, by numpy/methods.py and backward.py

# How far a Tensor is tracked. RECORDED values only happen while a program is captured: integers and masks that
# carry no gradient but must be computed anew when the program is run on other data.
CONSTANT, RECORDED, DIFFERENTIABLE = 0, 1, 2

Rule = Callable[..., Any]
# (primitive, args as written, kwargs, plain values, plain result, argument numbers to differentiate, and where the
# operation was computed in another, stabler way: the record of that, and the tensors it steps over)
Twin = tuple["Record", tuple["Tensor", ...]]
Record = tuple["Primitive", tuple[Any, ...], dict[str, Any], tuple[Any, ...], Any, tuple[int, ...], Twin | None]

next_serial = itertools.count(1).__next__


class Tensor(Surface):
    """An array, and the operation that made it where a gradient may be asked for.

    Args:
        data: an array (kept as it is, whatever library it comes from), a number, or nested lists of numbers.
        requires_grad: whether `backward` shall leave a gradient here; floating or complex data only.
        name: what pictures, formulas and messages call it.

    Raises:
        TypeError: integer or boolean data with requires_grad=True.

    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    array([2., 4.])
    """

    __slots__ = ("__weakref__", "_value", "grad", "guard", "name", "notes", "record", "serial", "track")
    _value: Any
    grad: Any
    guard: Guard | None
    name: str | None
    notes: dict[str, Any] | None
    record: Record | None
    serial: int
    track: int

    # What an operation on this tensor makes; a subclass that names itself here (compat/boxes.py) is handed on.
    kind: ClassVar[type[Tensor]]

    def __init__(self, data: Any, requires_grad: bool = False, name: str | None = None) -> None:
        if isinstance(data, Tensor):
            if data.track and not requires_grad:
                raise ConversionError(
                    f"{describe(data)} is a Tensor already, and a new one of its numbers would lose its gradient; "
                    "for the plain numbers use .data or .detach()"
                )
            data = data._value
        elif not hasattr(data, "dtype"):
            given, data = data, np.asarray(data)
            if data.dtype.kind not in "biufc":
                raise TypeError(f"a Tensor holds numbers, not {type(given).__name__}: {given!r:.60}")
            if not data.shape:
                data = data[()]
        elif type(data) is not np.ndarray:
            refuse_other_products(data)
        if requires_grad and data.dtype.kind not in "fc":
            raise TypeError(
                f"Tensor{f' {name}' if name else ''} of dtype {data.dtype} cannot require a gradient: "
                "only floating and complex numbers have one; write 3.0 for 3, or array.astype(float)"
            )
        self._value = data
        self.grad = None
        self.guard = None
        self.name = name
        self.notes = None
        self.record = None
        self.serial = next_serial()
        self.track = DIFFERENTIABLE if requires_grad else CONSTANT

    @property
    def data(self) -> Any:
        """The array itself: read-only while a graph needs it."""
        if self.track:
            if mode.capturing:
                forbid_in_capture(self, ".data")
            if self.guard is not None:
                self.guard.add(self._value)
        elif self.serial < mode.since:
            forbid_in_capture(self, ".data")
        return self._value

    @data.setter
    def data(self, array: Any) -> None:
        if self.serial < mode.since:
            forbid_in_capture(self, "a change of .data")
        if array is self._value:  # updated in place
            return
        if type(array) is not np.ndarray or array.dtype.kind not in "fc":
            array = Tensor(array, self.requires_grad, self.name)._value
        self._value = array

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to this tensor."""
        return self.track == DIFFERENTIABLE

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if self.record is not None and self.track:
            raise ValueError(f"only a leaf can change requires_grad; {describe(self)} is a result: use detach()")
        if value and self.dtype.kind not in "fc":
            raise TypeError(f"{describe(self)} of dtype {self.dtype} cannot require a gradient")
        self.track = DIFFERENTIABLE if value else CONSTANT

    def requires_grad_(self, value: bool = True) -> Self:
        """Set `requires_grad` in place and return the tensor."""
        self.requires_grad = value
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether the user made this tensor, rather than a recorded operation."""
        return self.record is None or not self.track

    @property
    def primitive(self) -> Primitive | None:
        """The operation that made this tensor, or None."""
        return None if self.record is None else self.record[0]

    @property
    def args(self) -> tuple[Any, ...]:
        """The arguments of that operation as written: Tensors and plain values."""
        return () if self.record is None else self.record[1]

    @property
    def kwargs(self) -> dict[str, Any]:
        """The keyword arguments of that operation."""
        return {} if self.record is None else self.record[2]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the data."""
        return self._value.shape

    @property
    def dtype(self) -> Any:
        """The dtype of the data."""
        return self._value.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._value.ndim

    @property
    def size(self) -> int:
        """The number of entries."""
        return self._value.size

    def detach(self) -> Tensor:
        """The same data, cut off from the graph."""
        if changes_later(self):
            with set_mode(recording=False):
                return self.astype(self.dtype)  # an operation, so that a captured program computes it anew
        return Tensor(self.data, name=self.name)

    def numpy(self) -> Any:
        """The data itself; read-only while a graph needs it."""
        forbid_in_capture(self, "numpy()")
        return self.data

    def item(self, *index: Any) -> Any:
        """The one entry, or that at an index, as a Python number; ValueError if there are more."""
        forbid_in_capture(self, "item()")
        return self._value.item(*index)

    def tolist(self) -> Any:
        """The data as nested lists of Python numbers."""
        forbid_in_capture(self, "tolist()")
        return self._value.tolist()

    def _number(self, what: str) -> Any:
        """The data for `what`, unless a gradient would be lost without a word: in math.exp(x), or array[0] = x."""
        forbid_in_capture(self, what)
        if self.track and not (self.guard is not None and self.guard.spent):
            raise ConversionError(
                f"{describe(self)} is recorded and would lose its gradient as a plain number. Write autograd.numpy for "
                "math, and x.at[i].set(v) or stack for array[i] = v; for the plain number write .item()"
            )
        return self._value

    def __bool__(self) -> bool:
        forbid_in_capture(self, "a truth value (if, while, and, or, not)")
        return bool(self._value)

    def __float__(self) -> float:
        return float(self._number("float()"))

    def __int__(self) -> int:
        forbid_in_capture(self, "int()")
        return int(self._value)

    def __complex__(self) -> complex:
        return complex(self._number("complex()"))

    def __index__(self) -> int:
        forbid_in_capture(self, "an index or range()")
        return operator.index(self._value)

    def __len__(self) -> int:
        return len(self._value)

    def __format__(self, spec: str) -> str:
        return format(self._value, spec) if spec and self.ndim == 0 else format(str(self), spec)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if self.track and (dtype is None or np.dtype(dtype).kind not in "biu"):  # whole numbers have no gradient
            raise ConversionError(
                f"{describe(self)} is recorded and would lose its gradient as a plain array. To fill an array with "
                "traced values build it with stack, concatenate or where, or write x.at[i].set(v); functions of SciPy "
                "are in autograd.scipy; for the plain numbers use .data or .detach()"
            )
        forbid_in_capture(self, "np.asarray")
        return np.array(self._value, dtype=dtype, copy=copy)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise AssignmentError(
            f"{describe(self)} cannot be assigned into: a recorded value never changes. "
            "Write x = x.at[index].set(value) or .add(value), or build it with where, stack or concatenate"
        )

    def __repr__(self) -> str:
        text = np.array2string(np.asarray(self._value), separator=", ", prefix="Tensor(")
        extra = f", dtype={self.dtype}" if self.dtype not in (np.float64, np.int64, np.bool_) else ""
        extra += ", requires_grad=True" if self.requires_grad else ""
        extra += f", name={self.name!r}" if self.name else ""
        return f"Tensor({text}{extra})"

    def __str__(self) -> str:
        return str(self._value)

    __hash__ = object.__hash__  # the C slot itself: the walk keys its tables by tensor

    def __copy__(self) -> Tensor:
        return self.astype(self.dtype)  # recorded: the gradient passes through a copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        from copy import deepcopy  # whoever is here has loaded it; `import autograd` need not

        twin = type(self).__new__(type(self))
        Tensor.__init__(twin, deepcopy(self._value, memo), self.requires_grad, self.name)
        twin.grad = deepcopy(self.grad, memo)
        memo[id(self)] = twin
        return twin

    def __reduce__(self) -> Any:
        return _rebuild, (type(self), self._value, self.requires_grad, self.name)


Tensor.kind = Tensor


def _rebuild(cls: type[Tensor], data: Any, requires_grad: bool, name: str | None) -> Tensor:
    twin = cls.__new__(cls)
    Tensor.__init__(twin, data, requires_grad, name)
    return twin


def refuse_other_products(value: Any) -> None:
    """Refuse arrays whose * is the product of matrices, or which have a mask: the graph takes all entry by entry."""
    if isinstance(value, np.matrix) or type(value).__module__.startswith("scipy.sparse"):
        way = "np.asarray(m)" if isinstance(value, np.matrix) else "m.toarray()"
        raise ConversionError(
            f"{type(value).__module__.partition('.')[0]}'s {type(value).__name__} {describe(value)} has another * than "
            f"arrays have and cannot be recorded; pass {way}"
        )
    if type(value).__module__.startswith("numpy.ma"):
        raise ConversionError(
            f"the mask of {describe(value)} would be lost in silence; pass m.filled(number), and leave the masked "
            "entries out with where()"
        )


def describe(value: Any) -> str:
    """A value in the words of a message: its name where the user gave one or holds it in a variable, and its shape."""
    shape = getattr(value, "shape", None)
    if shape is None:
        return repr(value) if isinstance(value, (bool, int, float, complex, str)) else type(value).__name__
    objects = " of Python objects" if getattr(getattr(value, "dtype", None), "kind", "") == "O" else ""
    if isinstance(value, Tensor):
        return f"{value.name or variable_name(value) or 'Tensor'}{tuple(shape)}{objects}"
    return f"{variable_name(value) or type(value).__name__}{tuple(shape)}{objects}"


def user_frames() -> Iterator[Any]:
    """The frames outside this package and those that it is called by, the nearest first."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] not in ("autograd", "numpy", "contextlib", "scipy", "pandas"):
            yield frame
        frame = frame.f_back


def variable_name(value: Any) -> str | None:
    """The variable of the nearest user's frame that holds `value`; only messages can afford to look."""
    for frame in itertools.islice(user_frames(), 3):
        for name, held in frame.f_locals.items():
            if held is value and not name.startswith("_"):
                return name
    return None


def changes_later(tensor: Tensor) -> bool:
    """Whether a captured program will compute this value anew, or read it anew from a Tensor that is older than it."""
    return mode.capturing and (bool(tensor.track) or tensor.serial < mode.since)


def forbid_in_capture(tensor: Tensor, what: str) -> None:
    """Refuse `what` for a value that a captured program will compute anew on other data."""
    if changes_later(tensor):
        raise CaptureError(
            f"the captured function needs {what} of {describe(tensor)}, whose value is not fixed"
            f"{_caller()}; write it with where, minimum or maximum, or pass the value in as a plain Python argument"
        )


def _caller() -> str:
    """The nearest line outside this package, as ' at file:line'."""
    frame = next(user_frames(), None)
    return "" if frame is None else f" at {frame.f_code.co_filename}:{frame.f_lineno}"


def leaf(data: Any, track: int = DIFFERENTIABLE, name: str | None = None) -> Tensor:
    """A tracked leaf of any dtype; captured programs need integer ones, which users cannot make."""
    tensor = Tensor(data, name=name)
    tensor.track = track
    return tensor
