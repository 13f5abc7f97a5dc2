"""Recording: a Primitive runs on Tensors at once and leaves a Record of itself on its result.

Each operation whose input is tracked leaves the primitive, its arguments as written (Tensors among them) and the plain
values it ran on. Nothing here knows a derivative or a formula; `backward` walks the records, `program` reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .errors import NoRuleError
from .guard import Guard
from .modes import Mode, enable_grad, guard_arrays, mode, no_grad, set_mode
from .tensor import (
    CONSTANT,
    DIFFERENTIABLE,
    RECORDED,
    Record,
    Rule,
    Tensor,
    Twin,
    describe,
    forbid_in_capture,
    leaf,
    next_serial,
    refuse_other_products,
    user_frames,
    variable_name,
)

__all__ = [
    "CONSTANT",
    "DIFFERENTIABLE",
    "EMPTY",
    "OPERANDS",
    "RECORDED",
    "Mode",
    "Observer",
    "Primitive",
    "Record",
    "Rule",
    "Tensor",
    "apply",
    "apply_stable",
    "apply_to_one",
    "binary_operator",
    "describe",
    "enable_grad",
    "explain",
    "forbid_in_capture",
    "guard_arrays",
    "leaf",
    "mode",
    "next_serial",
    "no_grad",
    "set_mode",
    "user_frames",
    "variable_name",
]

EMPTY: dict[str, Any] = {}  # the keyword arguments of all operations that have none

# What to try, behind NumPy's words for a matrix that has no inverse or no factor.
SINGULAR = dict.fromkeys(("Singular matrix", "Matrix is not positive definite"), "; try it plus 1e-6 * np.eye(n)")

_new = object.__new__
_ndarray = np.ndarray


class Docstring:
    """The docstring of a class; of its instances, that of their function, which NumPy composes whenever it is read."""

    def __init__(self, own: str | None) -> None:
        self.own = own

    def __get__(self, primitive: Primitive | None, kind: type) -> str | None:
        return self.own if primitive is None else primitive.fun.__doc__


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

    __doc__ = Docstring(__doc__)

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
        # May name an equal, numerically stabler operation for arguments the graph knows more of; see numpy/stable.py.
        self.stabilize: Callable[[tuple[Any, ...]], Twin | None] | None = None
        self.__name__ = self.name.rsplit(".", 1)[-1]

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for a in args:
            if isinstance(a, Tensor):
                if self.stabilize is not None:
                    return apply_stable(self, args, kwargs)
                return (apply_to_one if len(args) == 1 else apply)(self, self.fun, args, kwargs)
        for key, value in kwargs.items():
            if isinstance(value, Tensor):
                raise NoRuleError(
                    f"{self.name}: no rule for a Tensor as keyword argument {key!r}; "
                    "pass it by position if the function allows, or pass its .data to treat it as a constant"
                )
        return self.fun(*args, **kwargs)


def apply_stable(primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
    """`apply` for a primitive that the graph may allow to be computed in an equal, stabler way."""
    twin = primitive.stabilize(args) if primitive.stabilize is not None and not kwargs else None
    if twin is None:
        return apply_to_one(primitive, primitive.fun, args, kwargs)
    out = twin[0][4]
    return apply_to_one(primitive, lambda *_: out, args, kwargs, twin)


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
    track = CONSTANT
    kind = Tensor
    for i, a in enumerate(args):
        if isinstance(a, Tensor):
            values.append(a._value)
            if a.track == DIFFERENTIABLE:
                parents += (i,)
                track = DIFFERENTIABLE
                kind = a.kind
            elif a.track and not track:
                track = RECORDED
        else:
            if type(a) is list:  # which no guard keeps from being changed before a walk
                a = own(a)
                args = (*args[:i], a, *args[i + 1 :])
            values.append(a)
    if mode.recording is not True:
        return _apply_observed(primitive, fun, args, kwargs, values, parents, track, stable)
    try:
        out = fun(*values, **kwargs)
    except Exception as error:
        raise explain(error, primitive, args) from error
    result = _new(kind)
    result._value = out
    result.grad = result.name = result.notes = None
    result.serial = next_serial()
    if track:
        _record(result, primitive, args, kwargs, tuple(values), out, parents, track, stable)
    else:
        result.record = result.guard = None
        result.track = CONSTANT
    return result


def own(nest: list[Any]) -> list[Any]:
    """A copy of nested lists, with the same things in them."""
    return [own(v) if type(v) is list else v for v in nest]


def apply_to_one(
    primitive: Primitive,
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    stable: Twin | None = None,
) -> Tensor:
    """`apply` for a single Tensor, flatter where it requires a gradient: sums, and functions entry by entry."""
    a = args[0]
    if a.track != DIFFERENTIABLE or mode.recording is not True or not primitive.differentiable:
        return apply(primitive, fun, args, kwargs, stable)
    value = a._value
    try:
        out = fun(value, **kwargs) if kwargs else fun(value)
    except Exception as error:
        raise explain(error, primitive, args) from error
    result = _new(a.kind)
    result._value = out
    result.grad = result.name = result.notes = None
    result.serial = next_serial()
    result.track = DIFFERENTIABLE
    result.record = (primitive, args, kwargs, (value,), out, (0,), stable)
    guard = a.guard
    if guard is None:
        guard = Guard(mode.guarding)
        if guard.on and type(value) is _ndarray:
            guard.lock(value)
    result.guard = guard
    return result


# the operands to differentiate, by how far the left one is tracked and then the right one
_PARENTS: tuple[tuple[tuple[int, ...], ...], ...] = (((), (), (1,)), (), ((0,), (), (0, 1)))
OPERANDS = {bool, int, float, complex, _ndarray, np.float32, np.float64}  # which need no closer look


def outranks(value: Any, operation: str = "") -> bool:
    """Whether a value holds arrays, and so Tensors: then an operation with it is its own affair (NEP 13)."""
    if operation != "matmul" or type(value).__module__.startswith("numpy.ma"):
        refuse_other_products(value)
    return type(value).__module__.partition(".")[0] in ("xarray", "pandas", "pint")


def binary_operator(primitive: Primitive, infix: Callable[[Any, Any], Any], reflected: bool = False) -> Any:
    """A method for Tensor: `apply` for two arguments, its loops unrolled because most operations are of this kind."""

    def method(self: Tensor, other: Any) -> Tensor:
        if isinstance(other, Tensor):
            theirs, track = other._value, other.track
        else:
            if type(other) not in OPERANDS:
                if outranks(other, primitive.name):
                    return NotImplemented
                if isinstance(other, (list, tuple)):  # NumPy's function takes it for an array
                    return primitive(list(other), self) if reflected else primitive(self, list(other))
            theirs, track = other, CONSTANT
        mine, own = self._value, self.track
        either = own | track
        if either & RECORDED or mode.recording is not True:
            if reflected and type(other) is complex and type(mine) is np.float64:
                other = np.complex128(other)  # as below
            return apply(primitive, infix, (other, self) if reflected else (self, other), EMPTY)
        try:
            out = infix(theirs, mine) if reflected else infix(mine, theirs)
        except Exception as error:
            raise explain(error, primitive, (other, self) if reflected else (self, other)) from error
        if reflected and type(out) is complex:
            out = np.complex128(out)  # 1j * np.float64 is Python's own complex
        result = _new(self.kind if own or not track else other.kind)
        result._value = out
        result.grad = result.name = result.notes = None
        result.serial = next_serial()
        result.track = either
        if not either:
            result.record = result.guard = None
            return result
        if reflected:
            result.record = (
                primitive,
                (other, self),
                EMPTY,
                (theirs, mine),
                out,
                _PARENTS[track][own],
                None,
            )
        else:
            result.record = (
                primitive,
                (self, other),
                EMPTY,
                (mine, theirs),
                out,
                _PARENTS[own][track],
                None,
            )
        guard = self.guard
        if guard is None:
            guard = (other.guard if track else None) or Guard(mode.guarding)
            if guard.on and type(mine) is _ndarray:
                guard.lock(mine)
        if (not track or other.guard is None) and type(theirs) is _ndarray and guard.on:
            guard.lock(theirs)
        result.guard = guard
        return result

    return method


def _record(
    result: Tensor,
    primitive: Primitive,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    values: tuple[Any, ...],
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
    if track:  # no walk goes through a mask or an index, so these keep no array
        held: Any = None
        for a in args:
            if isinstance(a, Tensor):
                if a.guard is not None:
                    guard = a.guard
                    continue
                a = a._value
            if type(a) is _ndarray:
                held = (held, a)
        if guard is None:
            guard = Guard(mode.guarding)
        while held is not None:
            held, a = held
            if guard.on:
                guard.lock(a)
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

    def pushed(self, node: Tensor, argument: int, tangent: Any, out: Any) -> None:
        """Look at one step of forward mode, where that ended in numbers that are not finite."""


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
    result = next((a.kind for a in args if isinstance(a, Tensor) and a.track), Tensor)(out)
    if mode.since and not track and any(isinstance(a, Tensor) and a.serial < mode.since for a in args):
        track = RECORDED  # of Tensors from outside what is captured, which may hold other numbers when it runs
    if track and (observer or mode.capturing):
        if not observer:  # a captured no_grad() stops gradients, but the values must be computed anew all the same
            parents, track = (), RECORDED
        _record(result, primitive, args, kwargs, tuple(values), out, parents, track, stable)
    watcher = observer or mode.capturing  # a captured function is watched within no_grad() as well
    if watcher and watcher is not True:
        watcher.seen(result, primitive, args)
    return result


def explain(error: Exception, primitive: Primitive, args: tuple[Any, ...]) -> Exception:
    """The error of a failed operation, told again with the primitive, the shapes and the user's names."""
    if getattr(error, "explained", False):
        return error
    shown = ", ".join(describe(a) for a in args)
    told: Exception
    if type(error) in (ValueError, TypeError, IndexError, np.linalg.LinAlgError):
        advice = "; pass .astype(float)" if " of Python objects" in shown else SINGULAR.get(str(error), "")
        told = type(error)(f"{primitive.name}({shown}): {error}{advice}")
    else:
        told = error
        told.add_note(f"in {primitive.name}({shown})")
    told.explained = True  # type: ignore[attr-defined]
    return told
