"""Recording: a Tensor is a value and, where a gradient may be asked for, the operation that made it.

A program on Tensors runs at once. Each operation whose input is tracked leaves a `Record` on its result: the
primitive, its arguments as written (Tensors among them) and the plain values it ran on. Nothing here knows a
derivative or a formula; `backward` walks the records, `program` reads them.
"""

import contextlib
import itertools
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, Self

import numpy as np

from .errors import AssignmentError, CaptureError, ConversionError, NoRuleError

# How far a Tensor is tracked. RECORDED values only happen while a program is captured: integers and masks that
# carry no gradient but must be computed anew when the program is run on other data.
CONSTANT, RECORDED, DIFFERENTIABLE = 0, 1, 2

Rule = Callable[..., Any]
# (primitive, args as written, kwargs, plain values, plain result, argument numbers to differentiate, and where the
# operation was computed in another, stabler way: the record of that, and the tensors it steps over)
Twin = tuple["Record", tuple["Tensor", ...]]
Record = tuple["Primitive", tuple[Any, ...], dict[str, Any], list[Any], Any, tuple[int, ...], Twin | None]

next_serial = itertools.count(1).__next__
_new = object.__new__
_ndarray = np.ndarray


class Mode(threading.local):
    """What this thread does with operations; `recording` is True, False, or an Observer that sees each one."""

    recording: Any = True
    capturing: bool = False
    guarding: bool = True


mode = Mode()


class Guard:
    """Keeps the arrays that a graph needs read-only until the graph is dropped or spent.

    One guard serves all operations grown from one first operation, so the price is paid once per array and graph.
    Arrays reached by another writable view of the same memory cannot be guarded.
    """

    __slots__ = ("arrays", "spent")

    def __init__(self) -> None:
        self.arrays: dict[int, np.ndarray] = {}
        self.spent = False

    def add(self, array: np.ndarray) -> None:
        base = array.base
        if base is not None and type(base) is _ndarray and id(base) not in self.arrays:
            self.add(base)
        key = id(array)
        with _guard_lock:
            if key in _guarded:
                _guarded[key] += 1
            elif array.flags.writeable:
                _guarded[key] = 1
                array.setflags(False)
            else:
                return
            self.arrays[key] = array

    def release(self) -> None:
        arrays, self.arrays = self.arrays, {}
        with _guard_lock:
            for key, array in arrays.items():
                if _guarded[key] > 1:
                    _guarded[key] -= 1
                    continue
                del _guarded[key]
                try:
                    array.setflags(True)
                except ValueError:
                    pass  # a view whose base another graph still guards stays read-only

    def __del__(self) -> None:
        if self.arrays:
            self.release()


_guarded: dict[int, int] = {}
_guard_lock = threading.RLock()  # re-entrant: the collector may run __del__ inside add


class Tensor:
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

    __slots__ = ("__weakref__", "data", "grad", "guard", "name", "notes", "record", "serial", "track")
    data: Any
    grad: Any
    guard: Guard | None
    name: str | None
    notes: dict[str, Any] | None
    record: Record | None
    serial: int
    track: int

    # What an operation on this tensor makes; a subclass that names itself here (compat/boxes.py) is handed on.
    kind: ClassVar[type["Tensor"]]

    def __init__(self, data: Any, requires_grad: bool = False, name: str | None = None) -> None:
        if isinstance(data, Tensor):
            data = data.data
        elif not hasattr(data, "dtype"):
            data = np.asarray(data)
            if not data.shape:
                data = data[()]
        if requires_grad and data.dtype.kind not in "fc":
            raise TypeError(
                f"Tensor {name or ''} of dtype {data.dtype} cannot require a gradient: "
                "only floating and complex numbers have one; write 3.0 for 3, or array.astype(float)"
            )
        self.data = data
        self.grad = None
        self.guard = None
        self.name = name
        self.notes = None
        self.record = None
        self.serial = next_serial()
        self.track = DIFFERENTIABLE if requires_grad else CONSTANT

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
    def primitive(self) -> "Primitive | None":
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
        return self.data.shape

    @property
    def dtype(self) -> Any:
        """The dtype of the data."""
        return self.data.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.data.size

    def detach(self) -> "Tensor":
        """The same data, cut off from the graph."""
        return Tensor(self.data, name=self.name)

    def numpy(self) -> Any:
        """The data itself; read-only while a graph needs it."""
        return self.data

    def item(self) -> Any:
        """The one entry as a Python number; ValueError if there are more."""
        forbid_in_capture(self, "item()")
        return self.data.item()

    def tolist(self) -> Any:
        """The data as nested lists of Python numbers."""
        forbid_in_capture(self, "tolist()")
        return self.data.tolist()

    def __bool__(self) -> bool:
        forbid_in_capture(self, "a truth value (if, while, and, or, not)")
        return bool(self.data)

    def __float__(self) -> float:
        forbid_in_capture(self, "float()")
        return float(self.data)

    def __int__(self) -> int:
        forbid_in_capture(self, "int()")
        return int(self.data)

    def __complex__(self) -> complex:
        forbid_in_capture(self, "complex()")
        return complex(self.data)

    def __index__(self) -> int:
        forbid_in_capture(self, "an index or range()")
        return self.data.__index__()

    def __len__(self) -> int:
        return len(self.data)

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec and self.data.ndim == 0 else format(str(self), spec)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if self.track:
            raise ConversionError(
                f"{describe(self)} is recorded and would lose its gradient as a plain array. To fill an array with "
                "traced values build it with stack, concatenate or where, or write x.at[i].set(v); "
                "for the plain numbers use .data or .detach()"
            )
        return np.array(self.data, dtype=dtype, copy=copy)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise AssignmentError(
            f"{describe(self)} cannot be assigned into: a recorded value never changes. "
            "Write x = x.at[index].set(value) or .add(value), or build it with where, stack or concatenate"
        )

    def __repr__(self) -> str:
        text = np.array2string(np.asarray(self.data), separator=", ", prefix="Tensor(")
        extra = f", dtype={self.dtype}" if self.dtype not in (np.float64, np.int64, np.bool_) else ""
        extra += ", requires_grad=True" if self.requires_grad else ""
        extra += f", name={self.name!r}" if self.name else ""
        return f"Tensor({text}{extra})"

    def __str__(self) -> str:
        return str(self.data)

    __hash__ = object.__hash__  # the C slot itself: the walk keys its tables by tensor

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = type(self).__new__(type(self))
        Tensor.__init__(twin, np.copy(self.data), self.requires_grad, self.name)
        twin.grad = None if self.grad is None else np.copy(self.grad)
        memo[id(self)] = twin
        return twin

    def __reduce__(self) -> Any:
        return _rebuild, (type(self), self.data, self.requires_grad, self.name)


Tensor.kind = Tensor


def _rebuild(cls: type[Tensor], data: Any, requires_grad: bool, name: str | None) -> Tensor:
    twin = cls.__new__(cls)
    Tensor.__init__(twin, data, requires_grad, name)
    return twin


def describe(value: Any) -> str:
    """A value in the words of a message: its name where the user gave one or holds it in a variable, and its shape."""
    shape = getattr(value, "shape", None)
    if shape is None:
        return repr(value) if isinstance(value, (bool, int, float, complex, str)) else type(value).__name__
    word = getattr(value, "name", None) if isinstance(value, Tensor) else None
    return f"{word or variable_name(value) or type(value).__name__}{tuple(shape)}"


def user_frames() -> Iterator[Any]:
    """The frames outside this package and NumPy, the nearest first."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] not in ("autograd", "numpy", "contextlib"):
            yield frame
        frame = frame.f_back


def variable_name(value: Any) -> str | None:
    """The variable of the nearest user's frame that holds `value`; only messages can afford to look."""
    for frame in itertools.islice(user_frames(), 3):
        for name, held in frame.f_locals.items():
            if held is value and not name.startswith("_"):
                return name
    return None


def forbid_in_capture(tensor: Tensor, what: str) -> None:
    """Refuse `what` for a value that a captured program will compute anew on other data."""
    if mode.capturing and tensor.track:
        raise CaptureError(
            f"the captured function needs {what} of {describe(tensor)}, whose value is not fixed"
            f"{_caller()}; write it with where, minimum or maximum, or pass the value in as a plain Python argument"
        )


def _caller() -> str:
    """The nearest line outside this package, as ' at file:line'."""
    frame = next(user_frames(), None)
    return "" if frame is None else f" at {frame.f_code.co_filename}:{frame.f_lineno}"


class Primitive:
    """A function that the engine records as one operation, and its derivative rules.

    Args:
        fun: computes the result on plain arrays.
        name: what graphs, formulas and source call it: NumPy's own path, such as "linalg.solve".
        rules: one rule an argument, `(g, out, *args, **kwargs) -> cotangent`; None where the derivative is zero.
        differentiable: False for comparisons, rounding to integers and the like.
        elementwise: entry i of the result depends on entry i of the (broadcast) arguments alone.
        structural: the result holds entries of the first argument, moved, copied or summed.
        linear: the rules neither multiply nor divide by a value, so that a zero cotangent stays zero.

    >>> twice = Primitive(lambda x: 2 * x, "twice", [lambda g, out, x: 2 * g])
    >>> twice(3.0)
    6.0
    """

    __slots__ = (
        "__dict__",
        "differentiable",
        "elementwise",
        "fun",
        "linear",
        "name",
        "rules",
        "stabilize",
        "structural",
        "support",
    )

    def __init__(
        self,
        fun: Callable[..., Any],
        name: str | None = None,
        rules: Iterable[Rule | None] = (),
        *,
        differentiable: bool = True,
        elementwise: bool = False,
        structural: bool = False,
        linear: bool = False,
    ) -> None:
        self.fun = fun
        self.name = name or fun.__name__
        self.rules: Any = list(rules)
        self.differentiable = differentiable
        self.elementwise = elementwise
        self.structural = structural
        self.linear = linear or structural
        # Where an argument's cotangent is zero by structure, not by value: `(argument, *args) -> mask` of live entries.
        self.support: Callable[..., Any] | None = None
        # A hook that may give the record of an equal, numerically stabler operation; see numpy/stable.py.
        self.stabilize: Callable[[tuple[Any, ...]], tuple[Primitive, tuple[Any, ...], tuple[Tensor, ...]] | None] | None = (
            None
        )
        self.__name__ = self.name.rsplit(".", 1)[-1]
        self.__doc__ = fun.__doc__

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for a in args:
            if isinstance(a, Tensor):
                if self.stabilize is not None:
                    return _apply_stable(self, args, kwargs)
                return apply(self, self.fun, args, kwargs)
        for key, value in kwargs.items():
            if isinstance(value, Tensor):
                raise NoRuleError(
                    f"{self.name}: no rule for a Tensor as keyword argument {key!r}; "
                    "pass it by position if the function allows, or pass its .data to treat it as a constant"
                )
        return self.fun(*args, **kwargs)


def _apply_stable(primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
    """`apply` for a primitive that the graph may allow to be computed in an equal, stabler way."""
    twin = primitive.stabilize(args) if primitive.stabilize is not None and not kwargs else None
    if twin is None:
        return apply(primitive, primitive.fun, args, kwargs)
    stable, inputs, skipped = twin
    values = [a.data for a in inputs]
    parents = (0,) if inputs[0].track == DIFFERENTIABLE else ()
    out = stable.fun(*values)
    return apply(primitive, lambda *_: out, args, kwargs, ((stable, inputs, {}, values, out, parents, None), skipped))


def apply(
    primitive: Primitive,
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    stable: Twin | None = None,
) -> Tensor:
    """Run `fun` on the plain values of `args`, and record `primitive` if an argument is tracked.

    This is the hot path: every operation on Tensors passes here once, so it is written flat.
    """
    values = []
    parents: tuple[int, ...] = ()
    track = i = 0
    kind = Tensor
    for a in args:
        if isinstance(a, Tensor):
            values.append(a.data)
            if a.track == DIFFERENTIABLE:
                parents += (i,)
                track = DIFFERENTIABLE
                kind = a.kind
            elif a.track and not track:
                track = RECORDED
        else:
            values.append(a)
        i += 1
    if mode.recording is not True:
        return _apply_observed(primitive, fun, args, kwargs, values, parents, track, stable)
    try:
        out = fun(*values, **kwargs)
    except Exception as error:
        raise explain(error, primitive, args) from error
    result = _new(kind)
    result.data = out
    result.grad = result.name = result.notes = None
    result.serial = next_serial()
    if track:
        _record(result, primitive, args, kwargs, values, out, parents, track, stable)
    else:
        result.record = result.guard = None
        result.track = CONSTANT
    return result


_PARENTS = ((), (0,), (1,), (0, 1))


def binary_operator(primitive: Primitive, infix: Callable[[Any, Any], Any], reflected: bool = False) -> Any:
    """A method for Tensor: `apply` for two arguments, with its loops unrolled because most operations are of this kind."""

    def method(self: Tensor, other: Any) -> Tensor:
        if isinstance(other, Tensor):
            theirs, track = other.data, other.track
        else:
            theirs, track = other, CONSTANT
        mine, own = self.data, self.track
        if mode.recording is not True or own == RECORDED or track == RECORDED or not (own or track):
            return apply(primitive, infix, (other, self) if reflected else (self, other), _NONE)
        try:
            out = infix(theirs, mine) if reflected else infix(mine, theirs)
        except Exception as error:
            raise explain(error, primitive, (other, self) if reflected else (self, other)) from error
        result = _new(self.kind if own else other.kind)
        result.data = out
        result.grad = result.name = result.notes = None
        result.serial = next_serial()
        result.track = own or track
        if reflected:
            result.record = (primitive, (other, self), _NONE, [theirs, mine], out, _PARENTS[own + track // 2], None)
        else:
            result.record = (primitive, (self, other), _NONE, [mine, theirs], out, _PARENTS[own // 2 + track], None)
        if mode.guarding:
            guard = self.guard
            if guard is None:
                guard = other.guard if track else None
                if guard is None:
                    guard = Guard()
                if type(mine) is _ndarray and id(mine) not in guard.arrays:
                    guard.add(mine)
            if type(theirs) is _ndarray and id(theirs) not in guard.arrays and (not track or other.guard is None):
                guard.add(theirs)
            if type(out) is _ndarray:
                out.setflags(False)
            result.guard = guard
        else:
            result.guard = None
        return result

    return method


_NONE: dict[str, Any] = {}


def _record(
    result: Tensor,
    primitive: Primitive,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    values: list[Any],
    out: Any,
    parents: tuple[int, ...],
    track: int,
    stable: Twin | None,
) -> None:
    """Fill `result` with the record of an operation, and guard the arrays it will need."""
    if not primitive.differentiable:
        parents = ()
        track = RECORDED if mode.capturing else CONSTANT
    result.track = track
    result.record = (primitive, args, kwargs, values, out, parents, stable)
    guard = None
    if mode.guarding:
        held = None
        for a in args:  # results are locked already; what is left are leaves and plain arrays
            if isinstance(a, Tensor):
                if a.guard is not None:
                    guard = a.guard
                    continue
                a = a.data
            if type(a) is _ndarray:
                held = (held, a)
        if guard is None:
            guard = Guard()
        while held is not None:
            held, a = held
            if id(a) not in guard.arrays:
                guard.add(a)
        if type(out) is _ndarray:
            out.setflags(False)
    result.guard = guard


class Observer:
    """Sees each operation of a mode such as `debug_nans`; subclasses override what they need."""

    def run(self, primitive: Primitive, fun: Callable[..., Any], values: list[Any], kwargs: dict[str, Any]) -> Any:
        """Compute the operation."""
        return fun(*values, **kwargs)

    def seen(self, result: Tensor, primitive: Primitive, args: tuple[Any, ...]) -> None:
        """Look at the result of a forward operation."""

    def fired(self, node: Tensor, argument: int, g: Any, cotangent: Any) -> None:
        """Look at one application of a rule in the reverse walk."""


def _apply_observed(
    primitive: Primitive,
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    values: list[Any],
    parents: tuple[int, ...],
    track: int,
    stable: Twin | None,
) -> Tensor:
    """`apply` for a thread that does not record (no_grad), or has an observer."""
    observer = mode.recording
    try:
        out = observer.run(primitive, fun, values, kwargs) if observer else fun(*values, **kwargs)
    except Exception as error:
        raise explain(error, primitive, args) from error
    result = Tensor(out)
    if observer:
        if track:
            _record(result, primitive, args, kwargs, values, out, parents, track, stable)
        observer.seen(result, primitive, args)
    return result


def explain(error: Exception, primitive: Primitive, args: tuple[Any, ...]) -> Exception:
    """The error of a failed operation, told again with the primitive, the shapes and the user's names."""
    if getattr(error, "explained", False):
        return error
    shown = ", ".join(describe(a) for a in args)
    told: Exception
    if type(error) in (ValueError, TypeError, IndexError, np.linalg.LinAlgError):
        told = type(error)(f"{primitive.name}({shown}): {error}")
    else:
        told = error
        told.add_note(f"in {primitive.name}({shown})")
    told.explained = True  # type: ignore[attr-defined]
    return told


@contextlib.contextmanager
def set_mode(**values: Any) -> Iterator[None]:
    """Set attributes of this thread's Mode, and put the old ones back whatever happens."""
    old = {key: getattr(mode, key) for key in values}
    for key, value in values.items():
        setattr(mode, key, value)
    try:
        yield
    finally:
        for key, value in old.items():
            setattr(mode, key, value)


def no_grad() -> contextlib.AbstractContextManager[None]:
    """Operations inside are not recorded (this thread only); also a decorator.

    >>> x = Tensor(2.0, requires_grad=True)
    >>> with no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """
    return set_mode(recording=False)


def enable_grad() -> contextlib.AbstractContextManager[None]:
    """Operations inside are recorded, also within `no_grad` (this thread only)."""
    return set_mode(recording=mode.recording or True)


def guard_arrays(on: bool) -> contextlib.AbstractContextManager[None]:
    """Whether graphs recorded inside keep their arrays read-only (the default) or trust you not to change them."""
    return set_mode(guarding=on)


def leaf(data: Any, track: int = DIFFERENTIABLE, name: str | None = None) -> Tensor:
    """A tracked leaf of any dtype; captured programs need integer ones, which users cannot make."""
    tensor = Tensor(data, name=name)
    tensor.track = track
    return tensor


def name_tensors(names: dict[str, Any] | None) -> None:
    """Give tensors found in `names` (locals(), say) their names, where they have none."""
    for name, value in (names or {}).items():
        if isinstance(value, Tensor) and value.name is None and not name.startswith("_"):
            value.name = name
