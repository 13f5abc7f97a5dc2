"""HIPS autograd's `autograd.numpy.numpy_vjps`: the helpers that clients' own rules are written with."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import numpy as anp
from ..backward import fit
from ..compat.boxes import getval
from ..graph import Primitive

_helper = Primitive(lambda x: x, "unbroadcast")


def unbroadcast(x: Any, target_meta: Any, broadcast_idx: int = 0) -> Any:
    """The sum of a cotangent over the axes that broadcasting gave its argument, by the argument's `metadata`."""
    shape, _, dtype, _ = target_meta
    return fit(x if hasattr(x, "dtype") else np.asarray(x), np.broadcast_to(np.zeros((), dtype), shape), _helper, 0)


def metadata(x: Any) -> tuple[Any, int, Any, bool]:
    """Shape, number of axes, dtype, and whether complex."""
    x = np.asarray(getval(x))
    return x.shape, x.ndim, x.dtype, np.iscomplexobj(x)


def unbroadcast_f(target: Any, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """f, with its result summed to the shape of the argument `target`."""
    meta = metadata(target)
    return lambda g: unbroadcast(f(g), meta)


def match_complex(target: Any, x: Any) -> Any:
    """x, real if the target is real, complex if it is complex."""
    if np.iscomplexobj(getval(target)):
        return x if np.iscomplexobj(getval(x)) else x + 0j
    return anp.real(x)


def replace_zero(x: Any, value: Any) -> Any:
    """x with its zeros replaced."""
    return anp.where(x, x, value)


def balanced_eq(x: Any, z: Any, y: Any) -> Any:
    """1 where x alone equals z, 0.5 where x and y both do: the weights of a tie."""
    return (getval(x) == getval(z)) / (1.0 + (getval(x) == getval(y)))


def repeat_to_match_shape(g: Any, shape: Any, dtype: Any, axis: Any, keepdims: bool) -> tuple[Any, Any]:
    """A cotangent of a reduction over `axis`, repeated to the shape before; and how many entries went into one."""
    if shape == ():
        return g, 1
    axes = range(len(shape)) if axis is None else [axis] if isinstance(axis, int) else axis
    kept = list(shape)
    for a in axes:
        kept[a] = 1
    repeats = int(np.prod(shape)) // max(int(np.prod(kept)), 1)
    return anp.broadcast_to(anp.reshape(g, kept), shape), repeats
