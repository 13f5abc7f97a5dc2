"""Zeros of structure: entries of a cotangent that no path reaches, which no rule may turn into NaN.

`where(mask, f(x), other)` sends nothing to f(x) off the mask. That zero must stay zero when the rule of f multiplies it
by an infinite slope; a zero that was computed (sqrt(x)**2 at 0) must not be saved so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import numpy as anp
from .graph import Primitive, Record, Tensor
from .numpy.registry import for_other_data, primitives
from .shapes import broadcast_axes

# besides the structural ones: their rules, given a mask of ones and zeros, are zero just where nothing comes back
MOVING = {primitives[name] for name in ("concatenate", "cumsum", "mean", "stack")}


class Live:
    """Which entries a cotangent can reach at all; worked out only once a rule has made one that is not finite.

    Attributes:
        make: gives the mask.
        chosen: whether a `where` or the like is behind it, rather than entries left unread by an index. A recorded
            walk then masks in any case, because a slope that is finite here may not be so in the next order.
    """

    __slots__ = ("chosen", "make", "mask")

    def __init__(self, make: Callable[[], Any], chosen: bool) -> None:
        self.make, self.chosen, self.mask = make, chosen, None

    def __call__(self) -> Any:
        if self.mask is None:
            self.mask = self.make()
        return self.mask

    def spoilt(self, cotangent: Any) -> bool:
        """Whether the mask is needed for this cotangent."""
        if isinstance(cotangent, Tensor):
            if self.chosen or for_other_data():
                return True
            cotangent = cotangent._value
        plain = type(cotangent) is np.ndarray or isinstance(cotangent, np.generic)
        return not (plain and np.isfinite(cotangent).all())


def mask_structural_zeros(
    masks: dict[Tensor, Live],
    node: Tensor,
    parent: Tensor,
    argument: int,
    cotangent: Any,
    out: Any,
    ins: Sequence[Any],
    record: Record,
    again: bool,
) -> Any:
    """Keep entries that no path reaches at zero, though a rule may make them 0 * inf.

    `where(mask, f(x), other)` sends nothing to f(x) off the mask. That zero is one of structure: it must stay zero
    when the rule of f multiplies it by an infinite slope, while a zero that was computed (sqrt(x)**2 at 0) must not
    be saved so. `masks` remembers which entries are live, through elementwise and entry-moving operations.
    """
    primitive, _, kwargs, values = record[:4]
    live = masks.get(node)
    if live is not None and not (primitive.structural or primitive in MOVING):
        if not primitive.elementwise:
            live = None
        elif not primitive.linear and live.spoilt(cotangent):
            cotangent = anp.where(live(), cotangent, 0)
    if live is None and primitive.support is None:
        masks.pop(parent, None)
        return cotangent
    chosen = (live is not None and live.chosen) or not (primitive.support is None or primitive.structural)
    shape = values[argument].shape
    reached = Live(lambda: _reached(live, primitive, argument, node.shape, shape, out, ins, kwargs), chosen)
    if again:  # a cotangent came to the parent by another way
        earlier = masks.pop(parent, None)
        if earlier is None:
            return cotangent
        reached = Live(lambda now=reached: anp.logical_or(now(), earlier()), chosen or earlier.chosen)  # type: ignore[misc]
    masks[parent] = reached
    return cotangent


def _reached(
    live: Live | None, primitive: Primitive, argument: int, node_shape: Any, shape: Any, out: Any, ins: Any, kwargs: Any
) -> Any:
    """The mask of an argument's live entries, from that of the result's."""
    mask = np.ones(node_shape, bool) if live is None else live()
    own = None if primitive.support is None else primitive.support(argument, *ins)
    if own is not None:
        mask = anp.logical_and(mask, own)
    if primitive.structural or primitive in MOVING:
        mask = anp.not_equal(primitive.rules[argument](mask * 1.0, out, *ins, **kwargs), 0)
    if mask.shape != shape:
        mask = anp.reshape(anp.any(mask, broadcast_axes(mask.shape, shape)), shape)
    return mask
