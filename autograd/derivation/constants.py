"""Arrays that have no name as formulas: one number throughout, or what they come from."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..formula import ONE_HOT, Translator, Value, known
from ..origin import Affine, OneHot, Part, origin
from ..program import Line, Program

FUNCTIONS = ("log", "exp", "absolute", "sign")
POWERS = (2, 3, 4, -1, -2)
PRODUCTS = ("ki,kj->ij", "ki,k->i", "ij,jk->ik", "ij,kj->ik", "ij,j->i", "i,j->ij")


def is_symmetric(value: Any) -> bool:
    """Whether an array is its own transpose, but for rounding."""
    value = np.asarray(value)
    if value.ndim != 2 or value.shape[0] != value.shape[1] or value.dtype.kind not in "fiub":
        return False
    return np.allclose(value, value.T, rtol=0, atol=1e-12 * np.max(np.abs(value), initial=0))


def positions(program: Program) -> set[Line]:
    """The lines that say which entries of an array are meant: indices and masks."""
    picks = [n for n in program.lines if n.primitive is not None and n.primitive.name in ("index", "scatter")]
    return {a for n in picks for a in n.args[1:] if isinstance(a, Line)}


def recognised(value: Any, named: Mapping[str, Any], t: Translator, name: Callable[[str], Value]) -> Value | None:
    """An array as a number, a multiple of the identity or through the named ones; None if nothing simple is found.

    Args:
        value: the array.
        named: arrays, by name.
        t: what makes the formula.
        name: makes one of a named array.
    """
    made, value = known(value, t), np.asarray(value)
    if made is not None or value.size < 2 or value.dtype.kind not in "fiub":
        return made
    made = _copied(value, named, t, name) or _computed(value, named, t, name)
    if made is None and 1 in value.shape:  # x[:, None]
        made = recognised(np.squeeze(value), named, t, name)
        places = [i for i, n in enumerate(value.shape) if n != 1]
        made = None if made is None else t.moved(made, places, value.shape)
    return made


def _copied(value: np.ndarray, named: Mapping[str, Any], t: Translator, name: Callable[[str], Value]) -> Value | None:
    """A part of a named array, its transpose, a multiple, or the classes that it names."""
    found = origin(value, named)
    if found is None:
        return None
    x = name(found.word)
    if isinstance(found, Part):
        return t.part(x, found.parts, value.shape)
    if isinstance(found, Affine):
        return Value(t.number(found.factor) * x.expr + t.number(found.shift), value.shape)
    if isinstance(found, OneHot):
        return t.table.call(ONE_HOT, [x], {"classes": found.classes}, value.shape)
    return t.moved(x, range(len(found.shape))[::-1], value.shape)


def _computed(value: np.ndarray, named: Mapping[str, Any], t: Translator, name: Callable[[str], Value]) -> Value | None:
    """log(x), x², Xᵀ X or Xᵀ y, computed with NumPy alone."""
    arrays = {w: np.asarray(x) for w, x in named.items() if np.asarray(x).dtype.kind in "fiu" and np.size(x) > 1}
    for word, x in arrays.items():
        for function in FUNCTIONS if x.shape == value.shape else ():
            with np.errstate(all="ignore"):
                same = np.array_equal(getattr(np, function)(x), value)
            if same:
                return t.function(function, name(word))
        for power in POWERS if x.shape == value.shape else ():
            with np.errstate(all="ignore"):
                same = np.allclose(x.astype(float) ** power, value, rtol=1e-15, atol=0)
            if same:
                base = name(word)
                return Value(base.expr**power, base.shape)
    for subscripts in PRODUCTS:
        left, right, out = subscripts.replace("->", ",").split(",")
        if len(out) != value.ndim:
            continue
        for a, x in arrays.items():
            for b, y in arrays.items():
                if (x.ndim, y.ndim) == (len(left), len(right)) and _is_product(value, subscripts, x, y):
                    return t.product([(name(a), left), (name(b), right)], out)
    return None


def _is_product(value: np.ndarray, subscripts: str, x: np.ndarray, y: np.ndarray) -> bool:
    """Whether einsum makes an array of two others; its first row is tried before the whole."""
    left, right, out = subscripts.replace("->", ",").split(",")
    sizes = dict(zip(left, x.shape, strict=True))
    if any(sizes.setdefault(c, n) != n for c, n in zip(right, y.shape, strict=True)):
        return False
    if tuple(sizes[c] for c in out) != value.shape:
        return False
    first = np.take(x, [0], axis=left.index(out[0]))
    tolerance = {"rtol": 0, "atol": 1e-13 * np.max(np.abs(value))}
    if not np.allclose(np.einsum(subscripts, first, y, optimize=True), value[:1], **tolerance):
        return False
    return np.allclose(np.einsum(subscripts, x, y, optimize=True), value, **tolerance)
