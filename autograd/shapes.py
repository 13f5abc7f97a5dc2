"""Broadcasting and axis arithmetic on ints and tuples; no arrays."""

from __future__ import annotations

import operator
from collections.abc import Iterable

from numpy.exceptions import AxisError

from .errors import RuleError

Shape = tuple[int, ...]
Axis = int | tuple[int, ...] | None


def normalize_axes(axis: Axis | Iterable[int], ndim: int) -> tuple[int, ...]:
    """The axes meant by a NumPy `axis` argument, as non-negative ints; None means all, and 0 and -1 of a number none.

    >>> normalize_axes(-1, 3), normalize_axes(None, 2), normalize_axes(-1, 0)
    ((2,), (0, 1), ())
    """
    if axis is None:
        return tuple(range(ndim))
    if isinstance(axis, int):
        axes: tuple[int, ...] = (axis,)
    elif isinstance(axis, Iterable) and getattr(axis, "ndim", None) != 0:
        axes = tuple(axis)
    else:  # a number of NumPy's, also as an array
        axes = (operator.index(axis),)  # type: ignore[arg-type]
    for a in axes:
        if not -ndim <= a < ndim and (ndim or a not in (0, -1)):
            raise AxisError(a, ndim)
    if not ndim:
        return ()
    axes = tuple([a + ndim if a < 0 else a for a in axes])
    if len(axes) > 1 and len(set(axes)) < len(axes):
        raise ValueError(f"repeated axis in {axis}")
    return axes


def normalize_axis(axis: int, ndim: int) -> int:
    """The one axis meant, of an array that has axes.

    >>> normalize_axis(-1, 3)
    2
    """
    axis = operator.index(axis)
    if not ndim:
        raise AxisError(axis, ndim)
    (one,) = normalize_axes(axis, ndim)
    return one


def kept_shape(shape: Shape, axis: Axis) -> Shape:
    """The shape of a reduction of `shape` over `axis` with keepdims=True.

    >>> kept_shape((5, 3), 0)
    (1, 3)
    """
    axes = normalize_axes(axis, len(shape))
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def count(shape: Shape, axis: Axis) -> int:
    """How many entries a reduction over `axis` takes together.

    >>> count((5, 3), 0), count((5, 3), None)
    (5, 15)
    """
    product = 1
    for a in normalize_axes(axis, len(shape)):
        product *= shape[a]
    return product


def broadcast_axes(shape: Shape, target: Shape) -> tuple[int, ...]:
    """The axes of `shape` to sum over so that a value broadcast from `target` comes back to it.

    >>> broadcast_axes((5, 3), (3,)), broadcast_axes((5, 3), (5, 1))
    ((0,), (1,))
    """
    lead = len(shape) - len(target)
    axes = tuple(range(lead)) if lead > 0 else ()
    for i, (n, wanted) in enumerate(zip(shape[max(lead, 0) :], target, strict=False)):
        if n != wanted:
            if wanted != 1:
                raise RuleError(f"shape {shape} is not a broadcast of {target}")
            axes += (i + lead,)
    if lead < 0:
        raise RuleError(f"shape {shape} is not a broadcast of {target}")
    return axes


def inverse_permutation(axes: Iterable[int]) -> tuple[int, ...]:
    """The permutation that undoes `axes`.

    >>> inverse_permutation((2, 0, 1))
    (1, 2, 0)
    """
    order = tuple(axes)
    inverse = [0] * len(order)
    for position, axis in enumerate(order):
        inverse[axis % len(order)] = position
    return tuple(inverse)
