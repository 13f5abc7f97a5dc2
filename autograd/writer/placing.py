"""Values put at places of zeros, as the statements a person writes: zeros, and then what is added where."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..numpy.scattering import is_basic
from ..program import Line
from ..simplify.facts import is_line
from .expressions import index, is_ours
from .plainer import filled
from .text import PRODUCT, SUM, Text, leads_with_minus, literal, minus
from .traits import FRESH, is_product, ufunc_of


@dataclass
class Places:
    """A sum of arrays and of values at places.

    Attributes:
        terms: the arrays; none where the sum begins with zeros.
        fresh: whether the first of them is made by its expression, and can be added to.
        pieces: index, whether places in it may come twice, and value.
    """

    terms: list[Text]
    fresh: bool
    pieces: list[tuple[str, bool, Text]]

    def statements(self, line: Line, name: str) -> Iterator[tuple[str, str]]:
        """The statements that make it, the first with the shape as a note."""
        note = " x ".join(map(str, line.shape))
        if self.terms:
            whole = self.terms[0].within(SUM)
            for t in self.terms[1:]:
                whole += f" - {minus(t).within(PRODUCT)}" if leads_with_minus(t) else f" + {t.within(PRODUCT)}"
            anew = bool(line.shape) and (self.fresh or len(self.terms) > 1)
            yield f"{name} = {whole if anew else f'np.array({whole})'}", note
        else:
            yield f"{name} = {filled(line.shape, 0, line.dtype).text}", note
        for i, (where, repeated, value) in enumerate(self.pieces):
            if repeated:
                yield f"np.add.at({name}, {where}, {value.within(0)})", ""
            elif (self.terms or i) and leads_with_minus(value):
                yield f"{name}[{where}] -= {minus(value).within(0)}", ""
            else:
                yield f"{name}[{where}] {'+=' if self.terms or i else '='} {value.within(0)}", ""


def is_placed(line: Line, places: Mapping[Line, Places]) -> bool:
    """Whether a line is a scatter, or adds to one."""
    assert line.primitive is not None
    if not is_ours(line.primitive):
        return False
    return line.primitive.name == "scatter" or any(a in places for a in line.parents)


def collected(line: Line, places: Mapping[Line, Places], texts: Mapping[Line, Text]) -> Places:
    """What a scatter, or a sum with scatters, is made of."""
    if is_line(line, "scatter"):
        return Places([], False, [_piece(line, texts)])
    terms: list[Text] = []
    pieces: list[tuple[str, bool, Text]] = []
    fresh = False
    for a in line.args:
        if a in places:
            fresh = fresh or places[a].fresh
            terms += places[a].terms
            pieces += places[a].pieces
        else:
            fresh = _makes_anew(a, texts[a])
            terms.append(texts[a])
    return Places(terms, fresh, pieces)


def _makes_anew(line: Line, text: Text) -> bool:
    if line.primitive is None or text.text.isidentifier():
        return False
    return ufunc_of(line) is not None or is_product(line) or line.primitive.name in FRESH


def _piece(line: Line, texts: Mapping[Line, Text]) -> tuple[str, bool, Text]:
    value, _, *parts = line.args
    if is_line(value, "broadcast_to") and isinstance(value.args[0], Line) and value.args[0] in texts:
        value = value.args[0] if not texts[value].text.isidentifier() else value
    written = [texts[p] if isinstance(p, Line) else literal(p) for p in parts]
    where = index(parts, written)
    repeated = not all(is_basic((p,)) or getattr(p, "dtype", None) == np.dtype(bool) for p in parts)
    if repeated:
        sliced = any(p is None or p is Ellipsis or isinstance(p, slice) for p in parts)
        where = f"np.s_[{where}]" if sliced else f"({where})" if len(parts) > 1 else where
    return where, repeated, texts[value] if isinstance(value, Line) else _number(value)


def _number(value: Any) -> Text:
    return literal(value.item() if isinstance(value, np.generic) else value)
