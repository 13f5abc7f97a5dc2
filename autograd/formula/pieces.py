"""What the writers of formulas share: pieces already written, and how an array lies along the axes of a formula."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .index import Labels, Value
from .notation import ATOM, CALL, JUXTAPOSED, OPERAND, SCRIPT, Text
from .table import Table

ALPHABET = "ijklpqrstuvwabcdefgh"


class NeedIndicesError(Exception):
    """The formula has no form in matrix notation."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a formula, written; and how tightly it binds."""

    text: str
    binds: int = ATOM


class Writer:
    """Writes expressions of one table in one notation; the rest of it is in `arithmetic`, `arrays` and `sums`.

    Args:
        table: where the atoms are.
        notation: what joins pieces.
        indices: write every array with its indices, for what matrix notation has no form for.
        counted: expressions in plain text, shared between writers of one formula.
    """

    def __init__(
        self, table: Table, notation: Text, indices: bool = False, counted: dict[Any, Piece | None] | None = None
    ) -> None:
        self.table, self.to, self.indices = table, notation, indices
        self.counted: dict[Any, Piece | None] = {} if counted is None else counted
        self.letters: dict[int, str] = {}

    def piece(self, expr: Any, axes: Labels) -> Piece:
        """An expression, whose rows and columns are the last two of `axes`."""
        raise NotImplementedError

    def filled(self, value: Value, counted: bool = False) -> Piece:
        """A value by itself, with its shape."""
        raise NotImplementedError

    def everywhere(self, digit: str, shape: tuple[int, ...]) -> Piece:
        """An array of zeros or ones."""
        raise NotImplementedError

    def symbol(self, expr: Any, axes: Labels) -> Piece:
        """A named size, or a view of an atom."""
        raise NotImplementedError

    def total(self, body: Any, bound: dict[int, int], axes: Labels) -> Piece:
        """A sum of `body` over the labels in `bound`."""
        raise NotImplementedError

    def condition(self, op: str, atom: Any, labels: Labels, axes: Labels) -> str:
        """A comparison, or an array of truth values."""
        raise NotImplementedError

    def truth(self, expr: Any, axes: Labels) -> str:
        """A condition by itself, not as the number 1 or 0."""
        raise NotImplementedError

    def with_rows(self, arrays: list[Any], axes: Labels) -> list[Any]:
        """The factors of a product, a row among them put where it reads best."""
        raise NotImplementedError

    def transposes(self, expr: Any, axes: Labels) -> int:
        """How many transposes it takes to write an expression along these axes."""
        raise NotImplementedError

    def factor_order(self, expr: Any) -> tuple:
        """Where a factor stands in a product."""
        raise NotImplementedError

    def letter(self, labels: Sequence[int]) -> list[str]:
        """A letter for each label that is summed over or counts an axis."""
        taken = self.table.taken() | ({self.table.unit()} if self.table.with_unit else set())
        free = [c for c in ALPHABET if c not in taken]
        for k in labels:
            if k not in self.letters:
                used = len(self.letters)
                self.letters[k] = free[used] if used < len(free) else f"i{used}"
        return [self.letters[k] for k in labels]

    def at_least(self, piece: Piece, binds: int) -> str:
        """The piece, in brackets if it binds less tightly than its place asks for."""
        return piece.text if piece.binds >= binds else self.to.brackets(piece.text)

    def missing(self, value: Value) -> list[int]:
        """The axes, longer than 1, that a value does not vary along."""
        own = self.table.labels(value.expr)
        return [k for k in real_axes(value) if k is not None and k not in own]

    def turned(self, piece: Piece, labels: Labels, axes: Labels) -> Piece:
        """An array whose axes lie along `labels`, in a formula whose axes are `axes`; None is an axis of length 1."""
        own = [k for k in labels if k is not None]
        if self.indices:
            return Piece(self.to.indexed(self.at_least(piece, CALL), self.letter(own)), CALL) if own else piece
        if len(set(own)) < len(own) or not set(own) <= set(axes):
            raise NeedIndicesError
        real = [k for k in axes if k is not None]
        if aligned(labels, axes) or (own == real and len(labels) != len(axes)):
            return piece
        if len(labels) > 1 and aligned((*labels[:-2], labels[-1], labels[-2]), axes):
            return Piece(self.to.transposed(self.at_least(piece, CALL)), SCRIPT)
        if own[::-1] == real and len(own) == 2:
            return Piece(self.to.transposed(self.at_least(piece, CALL)), SCRIPT)
        if len(labels) == 1 and len(axes) > 1 and axes[-2] == own[0]:
            return Piece(self.to.column(self.at_least(piece, OPERAND)), JUXTAPOSED)
        raise NeedIndicesError


def real_axes(value: Value) -> Labels:
    """The labels of a Value's axes; None for those of length 1."""
    return tuple(None if n == 1 else k for n, k in zip(value.shape, value.axes, strict=True))


def aligned(labels: Labels, axes: Labels) -> bool:
    """Whether NumPy would broadcast axes with these labels to `axes` without moving any."""
    if any(k is not None for k in labels[: max(len(labels) - len(axes), 0)]):
        return False
    return all(k is None or k == a for k, a in zip(labels[::-1], axes[::-1], strict=False))


def over_axes(axis: Any, ndim: int) -> str:
    """What a reduction over `axis` runs over, in words; nothing if it is over everything."""
    axes = tuple(range(ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    axes = tuple(int(a) % ndim for a in axes)
    if len(axes) == ndim:
        return ""
    if ndim == 2:
        return "rows" if axes == (0,) else "columns"
    return ("axis " if len(axes) == 1 else "axes ") + ", ".join(map(str, axes))


def shown(part: Any) -> str:
    """Plain data among the arguments of a primitive."""
    if isinstance(part, slice):
        ends = ["" if e is None else str(e) for e in (part.start, part.stop, part.step)]
        return ":".join(ends if part.step is not None else ends[:2])
    if part is Ellipsis:
        return "..."
    if hasattr(part, "shape") and getattr(part, "ndim", 0) > 0:
        return f"array of {'×'.join(map(str, part.shape))}"
    if isinstance(part, tuple):
        return "(" + ", ".join(map(shown, part)) + ")"
    return str(part)
