"""Names that NumPy 2 dropped and that code written for NumPy 1 still calls."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ConversionError
from .calculus import trapezoid
from .elementwise import round
from .joining import vstack
from .reductions import all, any, cumprod, max, min, prod
from .registry import holds_tensor, known
from .sorting import sort

Array = Any

trapz = trapezoid
row_stack = vstack
product = prod
cumproduct = cumprod
alltrue = all
sometrue = any
round_ = round
amax, amin = max, min


def msort(a: Array) -> Array:
    """The array sorted along its first axis."""
    return sort(a, 0)


def in1d(ar1: Array, ar2: Array, **kwargs: Any) -> Array:
    """Whether each entry of `ar1`, in one axis, is among those of `ar2`."""
    return np.isin(np.ravel(known(ar1, "in1d")), known(ar2, "in1d"), **kwargs)


def asfarray(a: Array, dtype: type = np.float64) -> Array:
    """The array as floating numbers."""
    return np.asarray(a, dtype)


def bmat(obj: Any, ldict: Any = None, gdict: Any = None) -> Any:
    """NumPy's matrix made of blocks; Tensors have no such class, and `block` joins them into one."""
    if holds_tensor((obj,)):
        raise ConversionError("bmat makes a numpy.matrix, which cannot be recorded; call autograd.numpy.block")
    return np.bmat(obj, ldict, gdict)


float_, complex_, cfloat, singlecomplex = np.float64, np.complex128, np.complex128, np.complex64
Inf = Infinity = infty = PINF = np.inf
NINF, NaN = -np.inf, np.nan
PZERO, NZERO = 0.0, -0.0
