"""Arrays that have no name as formulas: one number throughout, or what they come from."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..formula import ONE_HOT, Translator, Value, known
from ..origin import Affine, OneHot, Part, origin


def is_symmetric(value: Any) -> bool:
    """Whether an array is its own transpose, but for rounding."""
    value = np.asarray(value)
    if value.ndim != 2 or value.shape[0] != value.shape[1] or value.dtype.kind not in "fiub":
        return False
    return np.allclose(value, value.T, rtol=0, atol=1e-12 * np.max(np.abs(value), initial=0))


def recognised(value: Any, named: Mapping[str, Any], t: Translator) -> Value | None:
    """An array as a number, the identity matrix or through the named ones; None if nothing simple is found."""
    made = known(value, t)
    found = origin(value, named) if made is None else None
    if found is None:
        flat = np.squeeze(value) if made is None else value
        made = recognised(flat, named, t) if flat.ndim < np.ndim(value) else made  # x[:, None]
        places = [i for i, n in enumerate(np.shape(value)) if n != 1]
        return made if made is None or made.shape == np.shape(value) else t.moved(made, places, value.shape)
    x = t.table.name(found.word, found.shape)
    if isinstance(found, Part):
        return t.part(x, found.parts, value.shape)
    if isinstance(found, Affine):
        return Value(t.number(found.factor) * x.expr + t.number(found.shift), value.shape)
    if isinstance(found, OneHot):
        return t.table.call(ONE_HOT, [x], {"classes": found.classes}, value.shape)
    return t.moved(x, range(len(found.shape))[::-1], value.shape)
