"""A function run once on fresh leaves, and the walks back from its result: what every transform is made of."""

from __future__ import annotations

import functools
import operator
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from . import numpy as anp
from .backward import descendants, reverse_order, slope_dtype, take, walk
from .errors import AutogradError, ConversionError, GraphError
from .graph import DIFFERENTIABLE, Primitive, Tensor, describe, mode, user_frames
from .tree import flatten, leaves_like

Argnum = int | tuple[int, ...] | list[int]

identity = Primitive(lambda x: x, "identity", [lambda g, out, x: g], elementwise=True, linear=True)


def unary_to_nary(unary: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a transform of one-argument functions into one of any function and an `argnum`."""

    @functools.wraps(unary)
    def nary(fun: Callable[..., Any], argnum: Argnum = 0, *nary_args: Any, **nary_kwargs: Any) -> Callable[..., Any]:
        if not callable(fun):
            name = unary.__name__
            raise TypeError(
                f"{name} takes a function, and was given {describe(fun)}: write {name}(f)(x), not {name}(f(x))"
            )
        one, numbers = _numbers(argnum)

        @functools.wraps(fun, updated=())
        def transformed(*args: Any, **kwargs: Any) -> Any:
            for number in numbers:
                if not -len(args) <= number < len(args):
                    advice = f"; pass {', '.join(kwargs)} by position" if kwargs else ""
                    raise TypeError(
                        f"{unary.__name__}: argnum is {number}, but only {len(args)} positional arguments were given"
                        f"{advice}"
                    )
            if one:
                x = args[numbers[0]]
                place = numbers[0] % len(args)

                def of_one(x: Any) -> Any:
                    return fun(*args[:place], x, *args[place + 1 :], **kwargs)
            else:
                if len({i % len(args) for i in numbers}) < len(numbers):
                    raise TypeError(f"{unary.__name__}: argnum is {argnum}, which names one argument twice")
                x = tuple(args[i] for i in numbers)

                def of_one(x: Any) -> Any:
                    changed = list(args)
                    for i, value in zip(numbers, x, strict=True):
                        changed[i] = value
                    return fun(*changed, **kwargs)

            of_one.__name__ = named
            return unary(of_one, x, *nary_args, **nary_kwargs)

        named = getattr(fun, "__name__", "fun")
        transformed.__name__ = f"{unary.__name__}_of_{named}_wrt_argnum_{argnum}"
        transformed.__doc__ = (
            f"    {unary.__name__} of function {named} with respect to argument number {argnum}. "
            f"Takes the same arguments as {named}.\n\n{getattr(fun, '__doc__', None) or ''}"
        )
        return transformed

    del nary.__wrapped__, nary.__annotations__  # help() tells how it is called, which is not as `unary` is
    return nary


def _numbers(argnum: Any) -> tuple[bool, tuple[int, ...]]:
    """Whether one argument is meant, and the numbers of all that are."""
    one = not isinstance(argnum, (tuple, list))
    try:
        return one, tuple(map(operator.index, (argnum,) if one else argnum))
    except TypeError:
        message = f"argnum is {argnum!r}; it is the number of an argument, or a tuple of numbers"
        raise TypeError(message) from None


leaf_type: type[Tensor] = Tensor  # what a transform makes of an argument; HIPS's clients want their own name for it


def start_leaf(x: Any) -> Tensor:
    """A fresh node for a transform to walk back to: a leaf, or within another transform a recorded identity."""
    if isinstance(x, Tensor) and (x.track or mode.capturing):
        if x.dtype.kind == "b":  # as for plain arrays
            return _leaf(x._value)
        start = identity(x if x.dtype.kind in "fc" else anp.array(x, dtype=np.float64))
        start.track = DIFFERENTIABLE  # also where only a captured program tracks it
        return start
    return _leaf(x._value if isinstance(x, Tensor) else x)


def _leaf(x: Any) -> Tensor:
    if isinstance(x, np.ndarray) and x.dtype.kind in "iu":
        x = x.astype(np.float64)  # clients pass times and counts so; what is meant is the same function of reals
    if isinstance(x, (bool, int, str, type(None))) or (hasattr(x, "dtype") and x.dtype.kind not in "fc"):
        what = f"{describe(x)} of type {x.dtype}" if hasattr(x, "dtype") else f"{x!r:.60} of type {type(x).__name__}"
        number = x.dtype.kind in "iuO" if hasattr(x, "dtype") else type(x) is int
        advice = "write 3.0 for 3, or array.astype(float)" if number else "pass it in another argument"
        raise TypeError(
            f"cannot differentiate with respect to {what}: only floating and complex numbers have a gradient; {advice}"
        )
    tensor = leaf_type(x)
    tensor.track = DIFFERENTIABLE
    return tensor


class Vjp:
    """A function run once, and the walks back from its result."""

    leaves: list[Tensor]
    outputs: list[Any]
    rebuild: Callable[[list[Any]], Any]
    rebuild_output: Callable[[list[Any]], Any]

    def __init__(self, fun: Callable[[Any], Any], x: Any) -> None:
        values, self.rebuild = flatten(x)
        outside = mode.recording
        mode.recording = outside or True  # as set_mode does, at a tenth of the price
        try:
            self.leaves = [start_leaf(v) for v in values]
            self.result = fun(self.rebuild(self.leaves))
        except Exception as error:
            why = error.__cause__
            told = isinstance(error, AutogradError) or hasattr(error, "__notes__")
            if isinstance(why, ConversionError) and not told:
                error.add_note(str(why))  # NumPy and SciPy tell of it in words of theirs, which stand last
            raise
        finally:
            mode.recording = outside
        self.outputs, self.rebuild_output = flatten(self.result)
        self.wanted = set(self.leaves)
        self.orders = [reverse_order(o, self.wanted) if self._reached(o) else ([], False) for o in self.outputs]
        self.foreign = any(foreign for _, foreign in self.orders)
        self.nodes = self._merge()
        self.connected = not self.wanted.isdisjoint(self.nodes)

    @classmethod
    def inside(cls, output: Tensor, leaf: Tensor) -> Vjp:
        """The function of a leaf whose results are all values on the way to `output`, a dict by their Tensors."""
        vjp = cls.__new__(cls)
        vjp.leaves, vjp.wanted, vjp.foreign = [leaf], {leaf}, False
        vjp.nodes = reverse_order(output, vjp.wanted)[0]
        if any(node.guard is not None and node.guard.spent for node in vjp.nodes):
            raise GraphError(f"the graph of {describe(output)} was spent by backward(); pass it retain_graph=True")
        moved = descendants(vjp.nodes, vjp.wanted)
        vjp.outputs = [n for n in reversed(vjp.nodes) if n in moved and n is not leaf and n.shape is not None]
        vjp.rebuild = lambda new: new[0]
        vjp.rebuild_output = lambda new: dict(zip(vjp.outputs, new, strict=True))
        vjp.result = vjp.rebuild_output(vjp.outputs)
        return vjp

    def _reached(self, output: Any) -> bool:
        return isinstance(output, Tensor) and output.track == DIFFERENTIABLE

    def _merge(self) -> list[Tensor]:
        if len(self.orders) == 1:
            return self.orders[0][0]
        every = {node for nodes, _ in self.orders for node in nodes}
        return sorted(every, key=lambda node: node.serial, reverse=True)

    @property
    def value(self) -> Any:
        """The function's result: plain arrays, unless it depends on something else that is tracked."""
        kept = self.foreign or mode.capturing  # a captured value that nothing leads to is followed all the same
        plain = [o.data if isinstance(o, Tensor) and not kept else o for o in self.outputs]
        return self.rebuild_output(plain)

    def __call__(self, g: Any) -> Any:
        """The cotangent at the argument for the cotangent `g` at the result, both of the nests' shapes."""
        gs = leaves_like(g, self.result, "cotangent")
        linear = any(isinstance(c, Tensor) and c.track for c in gs)
        record = self.foreign or (linear and mode.capturing)
        table: dict[Tensor, Any] = {}
        for output, c in zip(self.outputs, gs, strict=True):
            if self._reached(output):
                c = start(c, output)
                table[output] = table[output] + c if output in table else c
        found = walk(self.nodes, table, self.wanted, record, linear=linear)
        back = [take(found, leaf) if leaf in found else anp.zeros_like(leaf._value) for leaf in self.leaves]
        back = [b[()] if type(b) is np.ndarray and not b.shape else b for b in back]
        return self.rebuild(back)

    def warn_if_unconnected(self) -> None:
        """Say that the result does not depend on the argument, in HIPS autograd's words, at the user's line."""
        frame = None if self.connected else next(user_frames(), None)
        if frame is not None:
            seen, name = frame.f_globals.setdefault("__warningregistry__", {}), frame.f_globals.get("__name__")
            text, file = "Output seems independent of input.", frame.f_code.co_filename
            warnings.warn_explicit(text, UserWarning, file, frame.f_lineno, name, seen)


def start(given: Any, tensor: Tensor, kind: str = "cotangent") -> Any:
    """A cotangent or tangent as an array of the shape of what it belongs to; a number will do for all entries."""
    if given is None:
        raise ValueError(f"no {kind} was given for {describe(tensor)}")
    if not hasattr(given, "dtype") or given.dtype.kind not in "fc":
        given = np.asarray(given, slope_dtype(tensor._value))[()]
    if given.dtype.kind == "c" and tensor.dtype.kind != "c":
        raise ValueError(f"a complex {kind} was given for {describe(tensor)}, which is real")
    if given.shape == tensor.shape:
        return given
    if given.shape != ():
        raise ValueError(f"a {kind} of shape {given.shape} was given for {describe(tensor)}")
    return anp.broadcast_to(given, tensor.shape)
