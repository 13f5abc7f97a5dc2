"""Finding where a NaN was born: `debug_nans` watches every operation and every rule."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from .annotate import Annotator
from .errors import NonFiniteError
from .graph import Primitive, Tensor, describe, mode, set_mode

# What to try, behind what was found.
UNDEFINED = "; try to keep its arguments where it is defined: anp.where, maximum or clip before it"
INFINITE = "; try to keep that finite: clip its arguments, or use softplus, log_softmax or logsumexp"
CLEAN = "; look where that came from, before this line"
SLOPE = "; if its slope is infinite there, try to keep its argument away: anp.where or maximum before it"
GIVEN = "; look at the gradient that the walk was given, and at what hooks return"
TANGENT = "; look at the tangent that was given"


class NanFinder(Annotator):
    """Raises at the first operation or rule whose result holds a NaN (or an infinity)."""

    def __init__(self, infinities: bool) -> None:
        super().__init__()
        self.is_bad = _not_finite if infinities else _not_a_number
        # by serial number, since a Tensor would keep its graph alive
        self.sums: dict[int, Any] = {}  # of cotangents, where an infinity waits for its opposite
        self.slopes: dict[int, str] = {}  # where the first infinity in a cotangent came from
        self.last = 0

    def seen(self, result: Tensor, primitive: Primitive, args: tuple[Any, ...]) -> None:
        """Look at the result of a forward operation."""
        super().seen(result, primitive, args)
        if not self.is_bad(result._value):
            return
        verb = "passed on" if any(_not_a_number(_plain(a)) for a in args) else "made"
        raise NonFiniteError(
            f"forward: {_call(primitive, args)} {verb} {_count(result._value)}{_where(result)}"
            f"{self._birth(args) or (UNDEFINED if _not_a_number(result._value) else _overflow(result))}"
        )

    def fired(self, node: Tensor, argument: int, g: Any, cotangent: Any) -> None:
        """Look at what a rule sent back, and at what it adds up to with what the same value was sent before."""
        assert node.record is not None
        primitive, args = node.record[:2]
        recorded = f"the operation was recorded{_where(node)}"
        plain = _plain(cotangent)
        if node.serial > self.last:  # a walk goes back in recorded order: this is another one
            self.sums.clear()
            self.slopes.clear()
        self.last = node.serial
        slope = self.slopes.get(node.serial)
        if self.is_bad(plain):
            verb, born = "made", SLOPE if slope is None else f"; that infinity came from the rule of {slope}{SLOPE}"
            if _not_a_number(_plain(g)):
                verb, born = "passed on", GIVEN  # every rule before was looked at
            whose = "its results" if node.shape is None else describe(node)
            raise NonFiniteError(
                f"backward: the rule of {_call(primitive, args)} for argument {argument} {verb} {_count(plain)} "
                f"out of a cotangent of {whose} in {_range(g)}; {recorded}{born}"
            )
        if node.record[6] is not None or isinstance(plain, tuple):
            return  # the rule may have been that of another operation, on other values; or was of several results
        parent = args[argument]
        if parent.serial in self.sums or _not_finite(plain):
            self.slopes.setdefault(parent.serial, slope or f"{_call(primitive, args)}{_where(node)}")
            total = self.sums[parent.serial] = self.sums.get(parent.serial, 0.0) + plain
            if self.is_bad(total):
                raise NonFiniteError(
                    f"backward: the cotangents of {describe(parent)} add up to {_count(total)}, infinities of both "
                    f"signs; the last came from the rule of {_call(primitive, args)}; {recorded}{SLOPE}"
                )

    def pushed(self, node: Tensor, argument: int, tangent: Any, out: Any) -> None:
        """Look at the tangent that an operation sent on."""
        assert node.record is not None
        if self.is_bad(_plain(out)):
            verb, advice = ("passed on", TANGENT) if _not_a_number(_plain(tangent)) else ("made", SLOPE)
            raise NonFiniteError(
                f"forward mode: {_call(*node.record[:2])} {verb} {_count(_plain(out))} along argument {argument}, out "
                f"of a tangent in {_range(tangent)}; the operation was recorded{_where(node)}{advice}"
            )

    def _birth(self, args: tuple[Any, ...]) -> str:
        """Where the first number among the inputs that is not finite came from, if there is one."""
        for i, a in enumerate(args):
            if not isinstance(a, Tensor) and _not_finite(a):
                return f"; argument {i}, {describe(a)} already held {_count(a)}{CLEAN}"
        oldest: Tensor | None = None
        stack = [a for a in args if isinstance(a, Tensor)]
        seen = set(map(id, stack))
        while stack:
            node = stack.pop()
            if _not_finite(node._value):
                if oldest is None or node.serial < oldest.serial:
                    oldest = node
                for a in node.args:
                    if isinstance(a, Tensor) and id(a) not in seen:
                        seen.add(id(a))
                        stack.append(a)
        if oldest is None:
            return ""
        if oldest.primitive is None:
            return f"; the input {describe(oldest)} already held {_count(oldest._value)}{CLEAN}"
        born = f"; first born in {_call(oldest.primitive, oldest.args)} as {_count(oldest._value)}{_where(oldest)}"
        return born + _overflow(oldest)


def _plain(x: Any) -> Any:
    return x._value if isinstance(x, Tensor) else x


def _numbers(x: Any) -> list[Any]:
    """The floating and complex arrays in a value: itself, or those of several results."""
    parts = map(_plain, x if isinstance(x, tuple) else (x,))
    return [p for p in parts if getattr(p, "dtype", None) is not None and p.dtype.kind in "fc"]


def _not_a_number(x: Any) -> bool:
    return any(bool(np.isnan(p).any()) for p in _numbers(x))


def _not_finite(x: Any) -> bool:
    return any(not bool(np.isfinite(p).all()) for p in _numbers(x))


def _count(x: Any) -> str:
    numbers = _numbers(x)
    nans, infs = (sum(int(kind(p).sum()) for p in numbers) for kind in (np.isnan, np.isinf))
    parts = [f"{nans} NaN" if nans else "", f"{infs} infinite" if infs else ""]
    return f"{' and '.join(p for p in parts if p)} of {sum(p.size for p in numbers)} entries"


def _overflow(result: Tensor) -> str:
    """What to try where a number became infinite."""
    return INFINITE + ("; float16 ends at 65504: try float32" if result.dtype == np.float16 else "")


def _range(x: Any) -> str:
    if isinstance(x, tuple):
        return " and ".join(map(_range, _numbers(x)))
    plain = np.asarray(_plain(x))
    if plain.dtype.kind not in "fiu":
        return "complex numbers" if plain.dtype.kind == "c" else f"{plain.dtype} numbers"
    known = plain[~np.isnan(plain)]
    if not known.size:
        return "[NaN]" if plain.size else "[]"
    return f"[{np.min(known):.4g}, {np.max(known):.4g}]" + (" and NaN" if known.size < plain.size else "")


def _call(primitive: Primitive, args: tuple[Any, ...]) -> str:
    """The operation as a call, its arguments with their shapes and ranges."""
    return f"{primitive.name}({', '.join(_show(a) for a in args)})"


def _show(a: Any) -> str:
    if getattr(_plain(a), "dtype", None) is None:
        return describe(a) if isinstance(a, (Tensor, tuple)) else repr(a)
    return f"{describe(a)} in {_range(a)}" if _plain(a).dtype.kind in "fiu" else describe(a)


def _where(node: Tensor) -> str:
    notes = node.notes or {}
    code = f": {notes['code']}" if notes.get("code") else ""
    return f" at {notes['source']}{code}" if "source" in notes else ""


@contextlib.contextmanager
def debug_nans(infinities: bool = False) -> Iterator[None]:
    """Inside, the first operation or rule that makes a NaN raises, and says which, where and from what.

    Args:
        infinities: stop at the first infinity as well.

    Raises:
        NonFiniteError: naming the primitive, forward or backward, the shapes, ranges and names of its inputs, the
            line that recorded it, where the first bad value among its inputs was born, and what to try.

    Costs a look at every array inside; nothing outside. What is not recorded is not watched: plain arrays, and
    everything within `no_grad`.

    >>> x = Tensor(-1.0, requires_grad=True, name="x")
    >>> with debug_nans():
    ...     y = np.sqrt(x)
    Traceback (most recent call last):
    autograd.errors.NonFiniteError: forward: sqrt(x() in [-1, -1]) made 1 NaN of 1 entries at ...
    """
    if mode.recording is False:
        with np.errstate(all="ignore"):
            yield
        return
    with set_mode(recording=NanFinder(infinities)), np.errstate(all="ignore"):
        yield
