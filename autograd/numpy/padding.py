"""np.pad in every mode, one axis after the other."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from ..graph import describe
from ..shapes import normalize_axis
from .indexing import take
from .joining import array, concatenate
from .products import tensordot
from .reductions import max, min
from .registry import composed
from .shaping import broadcast_to, moveaxis, reshape
from .sorting import median

Array = Any


@composed(np.pad)
def pad(array: Array, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Array:
    """The array with more entries at the ends of its axes, taken from where `mode` says.

    >>> pad(np.array([1.0, 2.0, 3.0]), 2, "reflect")
    array([3., 2., 1., 2., 3., 2., 1.])
    """
    a = array
    numpys: Any = np.pad
    if isinstance(mode, str):
        numpys(np.zeros(0), 0, mode, **dict.fromkeys(kwargs, 0))  # refuses options that are not this mode's
    if isinstance(pad_width, dict):
        sides: list[Any] = [(0, 0)] * a.ndim
        for axis, width in pad_width.items():
            sides[normalize_axis(axis, a.ndim)] = (width, width) if np.ndim(width) == 0 else width
        pad_width = sides
    widths = np.broadcast_to(np.asarray(pad_width), (a.ndim, 2))
    _refuse_negative("widths are", widths)
    _refuse_negative("stat_length is", 0 if kwargs.get("stat_length") is None else kwargs["stat_length"])
    options = {k: _pairs(v, a.ndim) if k != "reflect_type" else [v] * a.ndim for k, v in kwargs.items()}
    for axis, (before, after) in enumerate(widths.tolist()):
        if not a.shape[axis] and before + after > 0 and mode not in ("constant", "empty"):
            raise ValueError(f"pad: axis {axis} of {describe(a)} has no entries for mode {mode!r}; use 'constant'")
        a = _pad_axis(a, axis, before, after, mode, {k: v[axis] for k, v in options.items()})
    return a


def _refuse_negative(name: str, lengths: Any) -> None:
    least = np.min(lengths, initial=0)
    if least < 0:
        raise ValueError(f"pad: {name} not negative, but {least} is")


def _pairs(value: Any, ndim: int) -> list[Any]:
    """One (before, after) an axis, from any of the forms that NumPy takes."""
    pairs = broadcast_to(array(value), (ndim, 2))
    return [(pairs[axis, 0], pairs[axis, 1]) for axis in range(ndim)]


def _pad_axis(a: Array, axis: int, before: int, after: int, mode: str, options: dict[str, Any]) -> Array:
    n = a.shape[axis]
    places = np.arange(n)
    numpys: Any = np.pad
    if mode in ("edge", "wrap", "empty") or (
        mode in ("reflect", "symmetric") and options.get("reflect_type", "even") == "even"
    ):
        source = numpys(places, (before, after), "edge" if mode == "empty" else mode)
        return take(a, source, axis)
    if mode in ("reflect", "symmetric"):  # "odd": a linear map, read off from what NumPy does to the unit vectors
        weights = numpys(np.eye(n, dtype=a.dtype), ((before, after), (0, 0)), mode, **options)
        return moveaxis(tensordot(weights, a, ((1,), (axis,))), 0, axis)
    left, right = _ends(a, axis, before, after, mode, options)
    return concatenate([left, a, right], axis=axis)


def _ends(a: Array, axis: int, before: int, after: int, mode: str, options: dict[str, Any]) -> tuple[Array, Array]:
    n = a.shape[axis]
    lead = (slice(None),) * axis

    def wide(value: Array, width: int) -> Array:
        value = array(value)
        value = value if value.dtype == a.dtype else value.astype(a.dtype)
        return broadcast_to(value, (*a.shape[:axis], width, *a.shape[axis + 1 :]))

    if mode == "constant":
        low, high = options.get("constant_values", (0, 0))
        return wide(low, before), wide(high, after)
    if mode == "linear_ramp":
        low, high = options.get("end_values", (0, 0))
        column = (-1,) + (1,) * (a.ndim - axis - 1)
        rise = reshape(np.arange(before, dtype=a.dtype) / builtins.max(before, 1), column)
        fall = reshape(np.arange(after, dtype=a.dtype)[::-1] / builtins.max(after, 1), column)
        first, last = a[(*lead, slice(0, 1))], a[(*lead, slice(n - 1, n))]
        return wide(low + (first - low) * rise, before), wide(high + (last - high) * fall, after)
    reductions: dict[str, Any] = {"maximum": max, "minimum": min, "median": median, "mean": _mean}
    reduce = reductions.get(mode)
    if reduce is None:
        raise ValueError(f"pad: mode {mode!r} is not supported for Tensors")
    first, last = options.get("stat_length", (None, None)) or (None, None)
    head = a[(*lead, slice(0, first))]
    tail = a[(*lead, slice(None if last is None else builtins.max(n - last, 0), n))]
    return wide(reduce(head, axis=axis, keepdims=True), before), wide(reduce(tail, axis=axis, keepdims=True), after)


def _mean(a: Array, axis: int, keepdims: bool) -> Array:
    return a.mean(axis=axis, keepdims=keepdims)
