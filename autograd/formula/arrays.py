"""Writing arrays: names and how they lie, functions of each entry, and primitives with a notation of their own."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from inspect import signature
from typing import Any

from ..shapes import normalize_axes
from .arithmetic import OPPOSITES
from .index import Atom, Labels, Value
from .notation import ADD, CALL, PRODUCT, RELATION, SCRIPT, WORDS, relations
from .pieces import NeedIndicesError, Piece, Writer, over_axes, real_axes, shown
from .rows import SWAPPED

REDUCTIONS = {"max", "min", "prod", "var", "std", "cumsum", "logsumexp", "argmax", "argmin", "any", "all"}
TITLES = {"maximum": "max", "minimum": "min", "linalg.det": "det", "absolute": "abs", "prod": "product"}


class Arrays(Writer):
    """The part of a writer for arrays and functions of them."""

    def symbol(self, expr: Any, axes: Labels) -> Piece:
        """A named size, or a view of an atom."""
        if expr not in self.table.views:
            return Piece(self.to.name(expr.name))
        atom, labels = self.table.views[expr]
        if self.table.symmetric(atom) and set(labels) == set(axes[-2:]):
            labels = axes[-2:]
        if atom.kind == "name":
            return self.turned(Piece(self.to.name(atom.op)), labels, axes)
        if atom.kind == "sum":
            (body,), bound = self.table.open(atom, labels)
            return self.total(body, bound, axes)
        if atom.kind == "map":
            return self.function(atom, labels, axes)
        if atom.op in REDUCTIONS and not self.indices:
            labels = self.kept(atom, labels)
        return self.turned(self.call(atom), labels, axes)

    def kept(self, atom: Atom, labels: Labels) -> Labels:
        """The labels of a reduction, its reduced axes kept: a maximum over columns stands as a column."""
        whole = next(p for p in atom.parts if isinstance(p, Value)).shape
        axis = atom.options.get("axis")
        axes = normalize_axes(axis, len(whole))
        if len(labels) + len(axes) != len(whole):
            return labels
        rest = iter(labels)
        return tuple(None if i in axes else next(rest) for i in range(len(whole)))

    def function(self, atom: Atom, labels: Labels, axes: Labels) -> Piece:
        """A function of each entry."""
        if atom.op in relations:
            return Piece(self.condition(atom.op, atom, labels, axes), RELATION)
        parts, _ = self.table.open(atom, labels)
        if atom.op == "where":
            written = [self.truth(parts[0], axes), *(self.piece(p, axes).text for p in parts[1:])]
            return Piece(self.to.where(*written), self.to.where_binds)
        if atom.op == "power" and not atom.options:
            base, exponent = (self.piece(p, axes) for p in parts)
            return Piece(self.to.power(self.at_least(base, CALL), exponent.text), SCRIPT)
        args = [self.piece(p, axes).text for p in parts]
        args += [self.to.plain(f"{k}={shown(v)}") for k, v in atom.options.items()]
        return Piece(self.to.call(title(atom.op), args), CALL)

    def truth(self, expr: Any, axes: Labels) -> str:
        """A condition by itself, not as the number 1 or 0."""
        if expr.is_Symbol and self.table.is_condition(expr):
            atom, labels = self.table.views[expr]
            return self.condition(atom.op, atom, labels, axes)
        if expr.is_Add and self.table.is_condition(expr) and (1 - expr).is_Symbol:
            atom, labels = self.table.views[1 - expr]
            if atom.op in OPPOSITES:
                return self.condition(OPPOSITES[atom.op], atom, labels, axes)
        if expr.is_Mul and self.table.is_condition(expr):
            return self.to.both([self.truth(c, axes) for c in sorted(expr.args, key=self.factor_order)])
        return self.piece(expr, axes).text

    def condition(self, op: str, atom: Atom, labels: Labels, axes: Labels) -> str:
        if atom.kind == "name":
            return self.turned(Piece(self.to.name(atom.op)), labels, axes).text
        parts, _ = self.table.open(atom, labels)
        if op in relations:
            op, parts = self.moved_over(op, parts)
            x, y = (self.at_least(self.piece(p, axes), ADD) for p in parts)
            return self.to.relation(op, x, y)
        return self.to.call(op, [self.truth(p, axes) for p in parts])

    def moved_over(self, op: str, parts: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
        """1 - x > 0 as x < 1."""
        left, right = parts
        number, rest = left.as_coeff_Add()
        if right != 0 or number == 0 or not rest.as_coeff_Mul()[0].is_negative:
            return op, parts
        return SWAPPED.get(op, op), (-rest, number)

    def call(self, atom: Atom) -> Piece:
        """A primitive taken whole: in the notation it has in the table below, else as name(arguments)."""
        pieces = self.arguments(atom)
        row = notations.get(atom.op, _reduction if atom.op in REDUCTIONS else _call)
        return row(self, atom, pieces)

    def arguments(self, atom: Atom) -> list[Piece]:
        """The arrays that a primitive is applied to."""
        values = [p for p in atom.parts if isinstance(p, Value)]
        if not self.indices and atom.op in ("index", "scatter"):
            whole, *places = values  # a scatter repeats its values by itself, and a mask is no number
            first = (
                self.piece(whole.expr, real_axes(whole)) if atom.op == "scatter" else self.filled(whole, counted=True)
            )
            return [first, *(Piece(self.truth(v.expr, real_axes(v))) for v in places)]
        if not self.indices:
            return [self.filled(v, counted=True) for v in values]
        try:
            inner = type(self)(self.table, self.to)
            return [inner.filled(v, counted=True) for v in values]
        except NeedIndicesError:
            pieces = []
            for v in values:
                labels = [next(self.table.fresh) for _ in v.shape]
                whole = v.expr if not self.missing(v) else v.expr * self.table.ones(v.shape)
                expr = self.table.relabel(whole, dict(zip(v.axes, labels, strict=True)))
                self.letter(labels)
                pieces.append(self.piece(expr, tuple(labels)))
            return pieces


def title(op: str) -> str:
    """What a primitive is called in a formula: its name without the module."""
    return TITLES.get(op, op.rsplit(".", 1)[-1])


def _plain(atom: Atom) -> list[Any]:
    return [p for p in atom.parts if not isinstance(p, Value)]


def _call(to: Arrays, atom: Atom, pieces: list[Piece]) -> Piece:
    written = iter(pieces)
    usual = _defaults(atom.primitive)
    parts = list(atom.parts)
    while parts and len(parts) <= len(usual) and _is_plain(parts[-1], list(usual.values())[len(parts) - 1]):
        parts.pop()
    args = [next(written).text if isinstance(p, Value) else to.to.plain(shown(p)) for p in parts]
    options = {k: v for k, v in atom.options.items() if v is not False and not _is_plain(v, usual.get(k))}
    args += [to.to.plain(f"{k}={shown(v)}") for k, v in options.items()]
    return Piece(to.to.call(title(atom.op), args), CALL)


def _defaults(primitive: Any) -> dict[str, Any]:
    """What each argument of a primitive is where it is not given."""
    try:
        return {k: p.default for k, p in signature(primitive.fun).parameters.items()}
    except (TypeError, ValueError):  # NumPy does not say
        return {}


def _is_plain(part: Any, value: Any) -> bool:
    return part is None or (isinstance(part, (int, str)) and type(part) is type(value) and part == value)


def _reduction(to: Arrays, atom: Atom, pieces: list[Piece]) -> Piece:
    if any(v for k, v in atom.options.items() if k not in ("axis", "keepdims")):  # std(x, ddof=1)
        return _call(to, replace(atom, options=atom.options | {"keepdims": False}), pieces)
    whole = next(p for p in atom.parts if isinstance(p, Value))
    axis = atom.options.get("axis", next(iter(_plain(atom)), None))
    over = over_axes(axis, len(whole.shape))
    return Piece(to.to.words(title(atom.op), over, to.at_least(pieces[0], PRODUCT)), WORDS)


def _norm(to: Arrays, atom: Atom, pieces: list[Piece]) -> Piece:
    over_axis = atom.options.get("axis") is not None and atom.options.get("ord") is None and not _plain(atom)
    return (_reduction if over_axis else _call)(to, atom, pieces)


def _places(to: Arrays, parts: Sequence[Any], pieces: list[Piece]) -> list[str]:
    written = iter(pieces)
    return [next(written).text if isinstance(p, Value) else to.to.plain(shown(p)) for p in parts]


def _index(to: Arrays, atom: Atom, pieces: list[Piece]) -> Piece:
    return Piece(to.to.pick(to.at_least(pieces[0], CALL), _places(to, atom.parts[1:], pieces[1:])), CALL)


def _scatter(to: Arrays, atom: Atom, pieces: list[Piece]) -> Piece:
    places = to.to.pick("", _places(to, atom.parts[2:], pieces[1:]))
    return Piece(to.to.call("scatter", [pieces[0].text, places]), CALL)


def _joined(to: Arrays, atom: Atom, pieces: list[Piece]) -> Piece:
    axis = atom.options.get("axis", 0) or 0
    return Piece(to.to.joined([p.text for p in pieces], axis % max(len(atom.shape), 1)))


def _over_last_axis(to: Arrays, atom: Atom, pieces: list[Piece]) -> Piece:
    if atom.options.get("axis") != len(atom.shape) - 1:
        return _call(to, atom, pieces)
    return Piece(to.to.call(title(atom.op), [pieces[0].text]), CALL)


def _item(to: Arrays, atom: Atom, pieces: list[Piece]) -> Piece:
    options = dict(atom.options)
    of, number = options.pop("of"), options.pop("number")
    call = _call(to, replace(atom, op=of.name, options=options), pieces)
    return Piece(to.to.pick(call.text, [to.to.plain(str(number))]), CALL)


def _inverse(to: Arrays, atom: Atom, pieces: list[Piece]) -> Piece:
    return Piece(to.to.power(to.at_least(pieces[0], CALL), "-1"), SCRIPT)


def _identity(to: Arrays, atom: Atom, pieces: list[Piece]) -> Piece:
    if "I" not in to.table.taken():
        return Piece(to.to.name("I"))
    return Piece(to.to.call("eye", [to.piece(to.table.length(atom.shape[0]), ()).text]), CALL)


# primitives that are taken whole and have a notation of their own
notations: dict[str, Callable[[Arrays, Atom, list[Piece]], Piece]] = {
    "index": _index,
    "item": _item,
    "scatter": _scatter,
    "concatenate": _joined,
    "stack": _joined,
    "softmax": _over_last_axis,
    "log_softmax": _over_last_axis,
    "linalg.inv": _inverse,
    "linalg.det": _call,
    "linalg.norm": _norm,
    "one_hot": lambda to, atom, pieces: Piece(to.to.call("one_hot", [pieces[0].text]), CALL),
    "ones": lambda to, atom, pieces: to.everywhere("1", atom.shape),
    "eye": _identity,
}
