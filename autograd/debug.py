"""Finding where a NaN was born: `debug_nans` watches every operation and every rule."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from .annotate import Annotator
from .errors import NonFiniteError
from .graph import Primitive, Tensor, describe, mode, set_mode


class NanFinder(Annotator):
    """Raises at the first operation or rule that makes a NaN (or an infinity) out of sound numbers."""

    def __init__(self, infinities: bool) -> None:
        super().__init__()
        self.is_bad = _not_finite if infinities else _not_a_number

    def seen(self, result: Tensor, primitive: Primitive, args: tuple[Any, ...]) -> None:
        """Look at the result of a forward operation."""
        super().seen(result, primitive, args)
        if not self.is_bad(result._value):
            return
        shown = ", ".join(_show(a) for a in args)
        raise NonFiniteError(
            f"forward: {primitive.name}({shown}) made {_count(result._value)}{_where(result)}{self._birth(args)}"
        )

    def fired(self, node: Tensor, argument: int, g: Any, cotangent: Any) -> None:
        """Look at what a rule sent back."""
        if not self.is_bad(cotangent._value if isinstance(cotangent, Tensor) else cotangent):
            return
        assert node.record is not None
        primitive, args = node.record[:2]
        shown = ", ".join(_show(a) for a in args)
        plain = cotangent._value if isinstance(cotangent, Tensor) else cotangent
        raise NonFiniteError(
            f"backward: the rule of {primitive.name}({shown}) for argument {argument} made {_count(plain)} "
            f"out of a cotangent of {describe(node)} in {_range(g)}; the operation was recorded{_where(node)}"
        )

    def _birth(self, args: tuple[Any, ...]) -> str:
        """Where the first infinity among the inputs came from, if there is one: a NaN's usual parent."""
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
            return f"; the input {describe(oldest)} already held {_count(oldest._value)}"
        shown = ", ".join(_show(a) for a in oldest.args)
        return f"; first born in {oldest.primitive.name}({shown}) as {_count(oldest._value)}{_where(oldest)}"


def _not_a_number(x: Any) -> bool:
    dtype = getattr(x, "dtype", None)
    return dtype is not None and dtype.kind in "fc" and bool(np.isnan(x).any())


def _not_finite(x: Any) -> bool:
    dtype = getattr(x, "dtype", None)
    return dtype is not None and dtype.kind in "fc" and not bool(np.isfinite(x).all())


def _count(x: Any) -> str:
    nans, infs = int(np.isnan(x).sum()), int(np.isinf(x).sum())
    parts = [f"{nans} NaN" if nans else "", f"{infs} infinite" if infs else ""]
    return f"{' and '.join(p for p in parts if p)} of {np.size(x)} entries"


def _range(x: Any) -> str:
    plain = x._value if isinstance(x, Tensor) else x
    return f"[{np.min(plain):.4g}, {np.max(plain):.4g}]" if np.size(plain) else "[]"


def _show(a: Any) -> str:
    if isinstance(a, Tensor) or hasattr(a, "shape"):
        plain = a._value if isinstance(a, Tensor) else a
        return f"{describe(a)} in {_range(plain)}" if plain.dtype.kind in "fiu" else describe(a)
    return repr(a)


def _where(node: Tensor) -> str:
    notes = node.notes or {}
    return f" at {notes['source']}: {notes['code']}" if "source" in notes else ""


@contextlib.contextmanager
def debug_nans(infinities: bool = False) -> Iterator[None]:
    """Inside, the first operation or rule that makes a NaN raises, and says which, where and from what.

    Args:
        infinities: stop at the first infinity as well.

    Raises:
        NonFiniteError: naming the primitive, forward or backward, the shapes, ranges and names of its inputs, the
            line that recorded it, and where the first bad value among its inputs was born.

    Costs a look at every array inside; nothing outside.

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
