"""Functions of signals: convolution and correlation, sliding windows, sinc, and the Bessel function i0 of a window."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..graph import Primitive
from .elementwise import conj
from .joining import array, stack
from .registry import composed, elementwise, primitive
from .shaping import flip

Array = Any

_MODES = ("valid", "same", "full")


def _mode(function: str, mode: Any) -> str:
    """The mode's name, also from its number."""
    for number, name in enumerate(_MODES):
        if mode in (name, number):
            return name
    raise ValueError(f"{function}: mode is one of {', '.join(_MODES)}, not {mode!r}")


def _full(a: Array, v: Array) -> Array:
    return np.convolve(a, v)


_convolve = primitive(
    _full,
    lambda g, out, a, v: convolve(g, flip(v), "valid"),
    lambda g, out, a, v: convolve(g, flip(a), "valid"),
    name="convolve",
)


@composed(np.convolve)
def convolve(a: Array, v: Array, mode: str = "full") -> Array:
    """The sums of products a[j] v[i - j], at every overlap ("full"), as long as the longer ("same"), or "valid"."""
    a, v = array(a, ndmin=1), array(v, ndmin=1)
    mode = _mode("convolve", mode)
    shorter, longer = min(a.shape[0], v.shape[0]), max(a.shape[0], v.shape[0])
    whole = _convolve(a, v)
    if mode == "full":
        return whole
    start = shorter - 1 if mode == "valid" else (shorter - 1) // 2
    return whole[start : start + (longer - shorter + 1 if mode == "valid" else longer)]


@composed(np.correlate)
def correlate(a: Array, v: Array, mode: str = "valid") -> Array:
    """The sums of products a[i + j] conj(v[j]), in the modes of `convolve`."""
    a, v = array(a), array(v)
    mode = _mode("correlate", mode)
    v = conj(v) if v.dtype.kind == "c" else v
    if mode == "same" and a.shape[0] < v.shape[0] and a.shape[0] % 2 == 0:
        whole = convolve(a, flip(v))  # NumPy exchanges the two, which moves the middle of an even length
        start = a.shape[0] // 2
        return whole[start : start + v.shape[0]]
    return convolve(a, flip(v), mode)


_windows: Any = np.lib.stride_tricks.sliding_window_view


@composed(_windows)
def sliding_window_view(
    x: Array, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Array:
    """All windows of a shape, each in new axes behind the others; of a Tensor copies, not views.

    >>> sliding_window_view(np.array([1.0, 2.0, 3.0]), 2)
    array([[1., 2.],
           [2., 3.]])
    """
    _windows(np.broadcast_to(0, x.shape), window_shape, axis)  # which finds what is wrong with the arguments
    axes = range(x.ndim) if axis is None else np.ravel(axis) % x.ndim  # may be repeated
    for length, a in zip(np.ravel(window_shape).tolist(), axes, strict=True):
        lead, windows = (slice(None),) * a, x.shape[a] - length + 1
        x = stack([x[(*lead, slice(start, start + windows))] for start in range(length)], axis=-1)
    return x


# sinc and its derivatives: exact at 0, where the quotients that define them are not
def _sinc_derivative(x: Array, order: int) -> Array:
    """The derivative of the given order of sin(pi x) / (pi x).

    By its power series near 0, and elsewhere upwards from the product rule for (pi x) sinc(x) = sin(pi x).
    """
    near = np.abs(x) < 1 + order / np.pi
    small = np.where(near, x, 0)
    square = small * small
    series = 0 * small
    for k in reversed(range((order + 1) // 2, 24 + order)):
        weight = (-1) ** k * math.pi ** (2 * k) / math.factorial(2 * k + 1) * math.perm(2 * k, order)
        series = series * square + weight
    series = series * small if order % 2 else series
    large = np.where(near, 1, x)
    value = np.sinc(large)
    for n in range(1, order + 1):
        value = (math.pi ** (n - 1) * np.sin(math.pi * large + n * math.pi / 2) - n * value) / large
    return np.where(near, series, value)


sinc_derivative: Primitive = elementwise(
    _sinc_derivative, lambda g, out, x, order: g * sinc_derivative(x, order + 1), None, name="sinc_derivative"
)
sinc = elementwise(np.sinc, lambda g, out, x: g * sinc_derivative(x, 1))


# the modified Bessel function of order 0, by the trapezoidal rule (Trefethen and Weideman, SIAM Review 56, 2014)
def _i0_derivative(x: Array, order: int) -> Array:
    """The mean of cos(t)**order * exp(x cos(t)) over a quarter turn, where the odd part of exp cancels or is all.

    The error falls faster than any power of the number of points; all terms have one sign, so tiny x are exact too.
    """
    largest = np.max(np.fmin(np.abs(x), 12_000), initial=0)  # from which they overflow in any precision
    points = 24 + 4 * math.isqrt(math.ceil(float(largest)))
    cosines = np.cos((np.arange(points) + 0.5) * (math.pi / 2 / points)).astype(x.dtype)
    grown = np.multiply.outer(x, cosines)
    with np.errstate(over="ignore"):
        return np.mean(cosines**order * (np.sinh(grown) if order % 2 else np.cosh(grown)), axis=-1)


i0_derivative: Primitive = elementwise(
    _i0_derivative, lambda g, out, x, order: g * i0_derivative(x, order + 1), None, name="i0_derivative"
)
i0 = elementwise(np.i0, lambda g, out, x: g * i0_derivative(x, 1))


@composed(np.kaiser)
def kaiser(M: int, beta: Array) -> Array:
    """Kaiser's window of M points; differentiable in its shape `beta`."""
    centred = 2 * np.arange(M) / max(M - 1, 1) - 1 if M != 1 else np.zeros(1)
    beta = array(beta)
    wide = np.result_type(beta.dtype, float)
    beta = beta if beta.dtype == wide else beta.astype(wide)
    return i0(beta * np.sqrt(np.maximum(1 - centred**2, 0))) / i0(beta)
