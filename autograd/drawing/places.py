"""Where the entries of a result come from, for operations that only move entries: an index, a transpose, a stack."""

from typing import Any

import numpy as np

from ..graph import set_mode
from ..program import Line

MOVERS = ("concatenate", "stack")  # besides those that declare themselves structural
LIMIT = 4096  # entries of a result whose places are written on the page


def places(line: Line) -> list[int] | None:
    """For each entry of a result, where it stood: entries of the arguments are counted through, first to last.

    Found by moving two sets of marks instead of numbers: where both tell the same place, that is where an entry came
    from; a mark that did not change is a constant of the operation, such as a zero beside a triangle: -1.

    Returns:
        None where the operation computes, rather than moves.

    >>> from autograd.numpy.registry import primitives
    >>> x = Line("x", None, (), {}, np.arange(6.0).reshape(2, 3), "input")
    >>> places(Line("t", primitives["transpose"], (x,), {}, x.value.T, "operation"))
    [0, 3, 1, 4, 2, 5]
    """
    primitive = line.primitive
    if primitive is None or not (primitive.structural or primitive.name in MOVERS):
        return None
    sizes = [int(np.size(a.value)) if _moves(a) else 0 for a in line.args]
    total = sum(sizes)
    if not total or not 0 < np.size(line.value) <= LIMIT:
        return None
    found = []
    draws = np.random.default_rng(0)
    marks = [draws.permutation(total) + 2.0**40, draws.permutation(total) + 2.0**41]
    try:
        for mark in marks:
            parts = np.split(mark, np.cumsum(sizes)[:-1])
            args = [
                part.reshape(a.shape) if _moves(a) else a.value if isinstance(a, Line) else a
                for a, part in zip(line.args, parts, strict=True)
            ]
            with set_mode(recording=False):
                found.append(np.ravel(primitive.fun(*args, **line.kwargs)))
    except Exception:  # an operation that looks at the numbers: it does not only move them
        return None
    first, second = (_place(mark, made) for mark, made in zip(marks, found, strict=True))
    constant = (first < 0) & (second < 0) & (found[0] == found[1])
    return first.tolist() if (constant | (first == second)).all() and not ((first < 0) & ~constant).any() else None


def _moves(argument: Any) -> bool:
    return isinstance(argument, Line) and argument.dtype is not None and argument.dtype.kind in "fc"


def _place(mark: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Where each number made stands in the marks; -1 for no place."""
    order = np.argsort(mark)
    at = np.minimum(np.searchsorted(mark, made, sorter=order), len(mark) - 1)
    return np.where(mark[order[at]] == made, order[at], -1)
