"""NumPy's Fourier transforms. The matrix of a transform is symmetric, so its rule is the same transform again."""

from typing import Any

import numpy as np

from ..shapes import normalize_axes, normalize_axis
from .elementwise import conj
from .joining import concatenate
from .registry import composed, primitive
from .shaping import broadcast_to, roll

Array = Any
Axes = Any
fftfreq, rfftfreq = np.fft.fftfreq, np.fft.rfftfreq


def _resized(x: Array, n: int, axis: int) -> Array:
    """The array cut off, or filled with zeros, to length n along an axis: what the transforms do to their input."""
    axis = normalize_axis(axis, x.ndim)
    length = x.shape[axis]
    if length == n:
        return x
    if length > n:
        return x[(*(slice(None),) * axis, slice(0, n))]
    zeros = broadcast_to(np.zeros((), x.dtype), (*x.shape[:axis], n - length, *x.shape[axis + 1 :]))
    return concatenate([x, zeros], axis=axis)


def _fft_rule(g: Array, out: Array, a: Array, n: Any = None, axis: int = -1, norm: Any = None) -> Array:
    return _resized(fft(g, axis=axis, norm=norm), a.shape[axis], axis)


def _ifft_rule(g: Array, out: Array, a: Array, n: Any = None, axis: int = -1, norm: Any = None) -> Array:
    return _resized(ifft(g, axis=axis, norm=norm), a.shape[axis], axis)


def _rfft_rule(g: Array, out: Array, a: Array, n: Any = None, axis: int = -1, norm: Any = None) -> Array:
    length = a.shape[axis] if n is None else n
    return _resized(fft(_resized(g, length, axis), axis=axis, norm=norm), a.shape[axis], axis)


def _irfft_rule(g: Array, out: Array, a: Array, n: Any = None, axis: int = -1, norm: Any = None) -> Array:
    """The frequencies that irfft fills in, by symmetry with those it is given, make the latter count twice."""
    length = out.shape[axis]
    half = length // 2 + 1
    twice = np.full(half, 2.0, out.dtype)
    twice[0] = 1
    if length % 2 == 0:
        twice[-1] = 1
    back = _resized(ifft(g, axis=axis, norm=norm), half, axis)
    (place,) = normalize_axes(axis, a.ndim)
    return _resized(back * twice.reshape((-1,) + (1,) * (a.ndim - place - 1)), a.shape[axis], axis)


fft = primitive(np.fft.fft, _fft_rule, name="fft.fft")
ifft = primitive(np.fft.ifft, _ifft_rule, name="fft.ifft")
rfft = primitive(np.fft.rfft, _rfft_rule, name="fft.rfft")
irfft = primitive(np.fft.irfft, _irfft_rule, name="fft.irfft")


def _lengths(a: Array, s: Any, axes: Axes) -> list[tuple[Any, int]]:
    """The pairs (length, axis) to transform, in NumPy's order: the last axis first."""
    if axes is None:
        axes = tuple(range(a.ndim)) if s is None else tuple(range(-len(s), 0))
    sizes = (None,) * len(axes) if s is None else s
    if len(sizes) != len(axes):
        raise ValueError(f"fft: {len(sizes)} lengths in s={s} are not one for each of the axes {axes}")
    return [(a.shape[axis] if n == -1 else n, axis) for n, axis in zip(sizes, axes, strict=True)][::-1]


@composed(np.fft.fftn)
def fftn(a: Array, s: Any = None, axes: Axes = None, norm: Any = None, out: Any = None) -> Array:
    """The Fourier transform over several axes."""
    for n, axis in _lengths(a, s, axes):
        a = fft(a, n, axis, norm)
    return a


@composed(np.fft.ifftn)
def ifftn(a: Array, s: Any = None, axes: Axes = None, norm: Any = None, out: Any = None) -> Array:
    """The inverse of `fftn`."""
    for n, axis in _lengths(a, s, axes):
        a = ifft(a, n, axis, norm)
    return a


@composed(np.fft.rfftn)
def rfftn(a: Array, s: Any = None, axes: Axes = None, norm: Any = None, out: Any = None) -> Array:
    """The Fourier transform of real numbers over several axes; half of the last one."""
    (n, last), *others = _lengths(a, s, axes)
    shape = a.shape
    a = rfft(a, n, last, norm)
    for n, axis in others[::-1]:
        a = fft(a, shape[axis] if n is None else n, axis, norm)
    return a


@composed(np.fft.irfftn)
def irfftn(a: Array, s: Any = None, axes: Axes = None, norm: Any = None, out: Any = None) -> Array:
    """The inverse of `rfftn`."""
    (n, last), *others = _lengths(a, s, axes)
    for length, axis in others[::-1]:
        a = ifft(a, length, axis, norm)
    return irfft(a, n, last, norm)


@composed(np.fft.fft2)
def fft2(a: Array, s: Any = None, axes: Axes = (-2, -1), norm: Any = None, out: Any = None) -> Array:
    """The Fourier transform over two axes."""
    return fftn(a, s, axes, norm)


@composed(np.fft.ifft2)
def ifft2(a: Array, s: Any = None, axes: Axes = (-2, -1), norm: Any = None, out: Any = None) -> Array:
    """The inverse of `fft2`."""
    return ifftn(a, s, axes, norm)


@composed(np.fft.rfft2)
def rfft2(a: Array, s: Any = None, axes: Axes = (-2, -1), norm: Any = None, out: Any = None) -> Array:
    """The Fourier transform of real numbers over two axes."""
    return rfftn(a, s, axes, norm)


@composed(np.fft.irfft2)
def irfft2(a: Array, s: Any = None, axes: Axes = (-2, -1), norm: Any = None, out: Any = None) -> Array:
    """The inverse of `rfft2`."""
    return irfftn(a, s, axes, norm)


_OPPOSITE = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


@composed(np.fft.hfft)
def hfft(a: Array, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Array:
    """The Fourier transform of numbers symmetric about 0, of which one half is given; real."""
    return irfft(conj(a), n, axis, _OPPOSITE.get(norm, norm))


@composed(np.fft.ihfft)
def ihfft(a: Array, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Array:
    """The inverse of `hfft`."""
    return conj(rfft(a, n, axis, _OPPOSITE.get(norm, norm)))


@composed(np.fft.fftshift)
def fftshift(x: Array, axes: Axes = None) -> Array:
    """The frequencies in order, 0 in the middle."""
    axes = normalize_axes(axes, x.ndim)
    return roll(x, tuple(x.shape[a] // 2 for a in axes), axes)


@composed(np.fft.ifftshift)
def ifftshift(x: Array, axes: Axes = None) -> Array:
    """The inverse of `fftshift`."""
    axes = normalize_axes(axes, x.ndim)
    return roll(x, tuple(-(x.shape[a] // 2) for a in axes), axes)


def __getattr__(name: str) -> Any:
    return getattr(np.fft, name)


__all__ = list(np.fft.__all__)
