"""Convolution over any axes, with sums over others."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .. import numpy as anp
from ..graph import Primitive, Tensor
from ._formula import passed_on, recorded

Array = Any

# Three operations are each other's derivatives, since sum A[i,d,x] B[j,d,y] G[i,j,x+y] is linear in A, B and G.
# Axes: i of A alone, j of B alone, d summed over, x, y and x+y convolved; `free` and `dot` count the i (or j) and d.


def _full(a: Array, b: Array, free: int, dot: int) -> Array:
    """out[i, j, z] = sum over d and x + y = z of a[i, d, x] b[j, d, y]."""
    size = b.shape[b.ndim - (a.ndim - free - dot) :]
    padded = np.pad(a, [(0, 0)] * (free + dot) + [(n - 1, n - 1) for n in size])
    flipped = b[(..., *[slice(None, None, -1)] * len(size))]
    b_free = b.ndim - dot - len(size)
    axes_a = [*range(free, free + dot), *range(a.ndim, a.ndim + len(size))]
    axes_b = list(range(b_free, b.ndim))
    windows = sliding_window_view(padded, size, tuple(range(free + dot, a.ndim))) if size else padded
    out = np.tensordot(windows, flipped, (axes_a, axes_b))  # i, z, j
    return np.moveaxis(out, range(free, free + len(size)), range(out.ndim - len(size), out.ndim))


def _correlate(g: Array, b: Array, free: int, b_free: int) -> Array:
    """out[i, d, x] = sum over j and y of g[i, j, x + y] b[j, d, y], for the d of b."""
    conv = g.ndim - free - b_free
    size = b.shape[b.ndim - conv :]
    windows = sliding_window_view(g, size, tuple(range(free + b_free, g.ndim))) if size else g
    axes_g = [*range(free, free + b_free), *range(g.ndim, g.ndim + conv)]
    axes_b = [*range(b_free), *range(b.ndim - conv, b.ndim)]
    out = np.tensordot(windows, b, (axes_g, axes_b))  # i, x, d
    return np.moveaxis(out, range(free, free + conv), range(out.ndim - conv, out.ndim))


def _swapped(g: Array, free: int, b_free: int) -> Array:
    """g[j, i, z] for g[i, j, z]."""
    return anp.moveaxis(g, tuple(range(free)), tuple(range(b_free, b_free + free)))


def _free(b: Array, a: Array, free: int, dot: int) -> int:
    return b.ndim - dot - (a.ndim - free - dot)


_convolution: Primitive = recorded(
    _full,
    lambda g, out, a, b, free, dot: _correlation(g, b, free, _free(b, a, free, dot)),
    lambda g, out, a, b, free, dot: _correlation(
        _swapped(g, free, _free(b, a, free, dot)), a, _free(b, a, free, dot), free
    ),
    name="scipy.signal.convolve_full",
)
_correlation: Primitive = recorded(
    _correlate,
    lambda w, out, g, b, free, b_free: _convolution(w, b, free, w.ndim - free - (g.ndim - free - b_free)),
    lambda w, out, g, b, free, b_free: _correlation(_swapped(g, free, b_free), w, b_free, free),
    name="scipy.signal.correlate_full",
)


def convolve(
    A: Array,
    B: Array,
    axes: Sequence[Sequence[int]] | None = None,
    dot_axes: Sequence[Sequence[int]] = ((), ()),
    mode: str = "full",
) -> Array:
    """The convolution of A and B over pairs of axes, summed over other pairs.

    Args:
        axes: the axes of A, and those of B, to convolve over in pairs; by default all.
        dot_axes: the axes of A, and those of B, to multiply and sum over in pairs.
        mode: "full"; "same", the middle of it, of the size of A; "valid", where the smaller lies inside the larger.

    Returns:
        an array with the remaining axes of A, then those of B, then the convolved ones.

    Raises:
        ValueError: another mode; or "valid", and neither array is the larger along all convolved axes.
    """
    if mode not in ("full", "same", "valid"):
        raise ValueError(f"convolve: mode is 'full', 'same' or 'valid', not {mode!r}")
    A, B = anp.asarray(A), anp.asarray(B)
    if axes is None:
        axes = [range(A.ndim), range(A.ndim)]
    conv_a, conv_b = ([k % x.ndim for k in given] for x, given in zip((A, B), axes, strict=True))
    dot_a, dot_b = ([k % x.ndim for k in given] for x, given in zip((A, B), dot_axes, strict=True))
    free_a = [k for k in range(A.ndim) if k not in conv_a and k not in dot_a]
    free_b = [k for k in range(B.ndim) if k not in conv_b and k not in dot_b]
    sizes = [(A.shape[i], B.shape[j]) for i, j in zip(conv_a, conv_b, strict=True)]
    if mode == "valid" and any(n < m for n, m in sizes) and any(n > m for n, m in sizes):
        raise ValueError(
            f"convolve: mode 'valid' of {tuple(A.shape)} and {tuple(B.shape)} needs one array to be the larger "
            "along all convolved axes"
        )
    A = anp.transpose(A, (*free_a, *dot_a, *conv_a))
    B = anp.transpose(B, (*free_b, *dot_b, *conv_b))
    out = _convolution(A, B, len(free_a), len(dot_a))
    if mode == "full":
        return out
    if mode == "same":
        window = [slice((m - 1) // 2, (m - 1) // 2 + n) for n, m in sizes]
    else:
        window = [slice(min(n, m) - 1, max(n, m)) for n, m in sizes]
    return out[(..., *window)] if window else out


def correlate(in1: Array, in2: Array, mode: str = "full", method: str = "auto") -> Array:
    """The cross-correlation over all axes: the convolution with in2 conjugated and turned round."""
    if isinstance(in1, Tensor) or isinstance(in2, Tensor):
        return convolve(in1, anp.conj(anp.flip(in2)), mode=mode)
    import scipy.signal  # which takes a while, and convolve does without

    return scipy.signal.correlate(in1, in2, mode, method)


def __getattr__(name: str) -> Any:
    import scipy.signal

    return passed_on(scipy.signal, "convolve and correlate")(name)
