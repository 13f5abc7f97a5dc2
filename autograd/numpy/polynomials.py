"""Polynomials as NumPy has them: vectors of coefficients, the highest power first."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..graph import describe
from .elementwise import inexact, real, sqrt
from .joining import array, concatenate
from .linalg import eigvals, inv, lstsq
from .products import outer
from .reductions import sum
from .registry import composed, known
from .shaping import atleast_1d, expand_dims
from .signals import convolve

Array = Any


def _zeros(n: int, like: Array) -> Array:
    return np.zeros(n, like.dtype)


def _aligned(a: Any, b: Any) -> tuple[Array, Array]:
    """Two polynomials with as many coefficients each."""
    a, b = atleast_1d(array(a)), atleast_1d(array(b))
    longer = b.shape[0] - a.shape[0]
    if longer > 0:
        return concatenate([_zeros(longer, a), a]), b
    return a, concatenate([_zeros(-longer, b), b]) if longer else b


@composed(np.polyadd)
def polyadd(a1: Array, a2: Array) -> Array:
    """The sum of two polynomials."""
    a1, a2 = _aligned(a1, a2)
    return a1 + a2


@composed(np.polysub)
def polysub(a1: Array, a2: Array) -> Array:
    """The difference of two polynomials."""
    a1, a2 = _aligned(a1, a2)
    return a1 - a2


@composed(np.polymul)
def polymul(a1: Array, a2: Array) -> Array:
    """The product of two polynomials.

    >>> polymul(np.array([1.0, 1.0]), np.array([1.0, -1.0]))
    array([ 1.,  0., -1.])
    """
    return convolve(_without_leading_zeros(a1), _without_leading_zeros(a2))


def _without_leading_zeros(p: Any) -> Array:
    """The coefficients from the first that is not 0, as NumPy's poly1d keeps them."""
    p = atleast_1d(array(p))
    places = np.nonzero(known(p, "which coefficients are 0"))[0]
    return p[int(places[0]) :] if len(places) else p[-1:]


@composed(np.polydiv)
def polydiv(u: Array, v: Array) -> tuple[Array, Array]:
    """The quotient and the remainder of two polynomials, by long division."""
    u, v = atleast_1d(array(u)) + 0.0, atleast_1d(array(v)) + 0.0
    steps = u.shape[0] - v.shape[0] + 1
    quotient = [_zeros(1, u)[0] * v[0]] if steps < 1 else []
    rest = u + 0 * v[0]
    for k in range(steps):
        quotient.append(rest[k] / v[0])
        rest = rest - concatenate([_zeros(k, u), quotient[k] * v, _zeros(steps - 1 - k, u)])
    near_zero = np.isclose(known(rest, "the remainder in polydiv"), 0, rtol=1e-14)
    start = int(np.argmin(near_zero)) if not np.all(near_zero) else len(near_zero) - 1
    return array(quotient), rest[start:]


@composed(np.polyder)
def polyder(p: Array, m: int = 1) -> Array:
    """The m-th derivative of a polynomial."""
    if m < 0:
        raise ValueError(f"polyder: the order of a derivative is not negative, but m={m}; see polyint")
    p = array(p)
    for _ in range(int(m)):
        p = p[:-1] * np.arange(p.shape[0] - 1, 0, -1)
    return p


@composed(np.polyint)
def polyint(p: Array, m: int = 1, k: Any = None) -> Array:
    """The m-th antiderivative of a polynomial, with the constants of integration `k` (0 if not given)."""
    if m < 0:
        raise ValueError(f"polyint: the order of an antiderivative is not negative, but m={m}; see polyder")
    p = array(p)
    constants = atleast_1d(np.zeros(int(m)) if k is None else array(k))
    if constants.shape[0] < m and constants.shape[0] != 1:
        raise ValueError(f"polyint: {m} integrations need one constant or {m}, not {constants.shape[0]}")
    for i in range(int(m)):
        i = min(i, constants.shape[0] - 1)
        p = concatenate([p / np.arange(p.shape[0], 0, -1), constants[i : i + 1]])
    return p


@composed(np.polyval)
def polyval(p: Array, x: Array) -> Array:
    """The polynomial with these coefficients at `x`: Horner's sum."""
    p, x = array(p), array(x)
    total = x * 0
    for i in range(p.shape[0]):
        total = total * x + p[i]
    return total


@composed(np.roots)
def roots(p: Array) -> Array:
    """Where a polynomial is 0: the eigenvalues of its companion matrix."""
    p = atleast_1d(array(p))
    if p.ndim > 1:
        raise ValueError(f"roots: a polynomial is a vector of coefficients, not {describe(p)}")
    p = inexact(p)
    places = np.nonzero(known(p, "which coefficients are 0 (in roots)"))[0]
    if not len(places):
        return np.array([])
    at_zero = p.shape[0] - 1 - int(places[-1])
    p = p[int(places[0]) : int(places[-1]) + 1]
    n = p.shape[0] - 1
    found = eigvals(concatenate([expand_dims(-p[1:] / p[0], 0), np.eye(n, dtype=p.dtype)[:-1]])) if n else p[:0]
    return concatenate([found, _zeros(at_zero, found)]) if at_zero else found


@composed(np.poly)
def poly(seq_of_zeros: Array) -> Array:
    """The polynomial with these roots and the leading coefficient 1; of a square matrix, its characteristic one."""
    zeros = atleast_1d(array(seq_of_zeros))
    zeros = array(zeros, np.mintypecode(zeros.dtype.char))
    zeros = eigvals(zeros) if zeros.ndim == 2 and zeros.shape[0] == zeros.shape[1] > 0 else zeros
    if zeros.ndim != 1:
        raise ValueError(f"poly: the roots are a vector, or the eigenvalues of a square matrix, not {describe(zeros)}")
    made = np.ones(1, zeros.dtype)
    for i in range(zeros.shape[0]):
        made = convolve(made, concatenate([np.ones(1, zeros.dtype), -zeros[i : i + 1]]))
    if made.dtype.kind == "c":
        numbers = known(zeros, "whether the roots in poly come in conjugate pairs")
        made = real(made) if np.all(np.sort(numbers) == np.sort(numbers.conj())) else made
    return made


@composed(np.vander)
def vander(x: Array, N: int | None = None, increasing: bool = False) -> Array:
    """The powers of the entries of a vector as columns, highest first."""
    x = array(x)
    if x.ndim != 1:
        raise ValueError(f"vander: the entries of a vector become rows of powers, not those of {describe(x)}")
    n = x.shape[0] if N is None else N
    x = array(x, np.promote_types(x.dtype, int))
    powers = np.arange(n) if increasing else np.arange(n)[::-1]
    return concatenate([expand_dims(x ** int(p), 1) for p in powers], axis=1)


@composed(np.polyfit)
def polyfit(
    x: Array, y: Array, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False
) -> Any:
    """The polynomial of degree `deg` nearest to the points (x, y), by least squares; differentiable in x, y and w.

    Args:
        w: weights of the differences, not squared.
        full: whether to return the residuals, the rank, the singular values and rcond too.
        cov: whether to return the covariance matrix too; "unscaled": without the residuals' size in it.
    """
    x, y = array(x) + 0.0, array(y) + 0.0
    if not (x.ndim == 1 and x.size and y.ndim in (1, 2) and y.shape[0] == x.shape[0]):
        raise TypeError(f"polyfit: a vector x needs as many rows of y, not {describe(x)} and {describe(y)}")
    if deg < 0:
        raise ValueError(f"polyfit: the degree of a polynomial is not negative, but deg={deg}")
    rcond = x.shape[0] * np.finfo(x.dtype).eps if rcond is None else rcond
    powers = vander(x, deg + 1)
    if w is not None:
        w = array(w) + 0.0
        if w.shape != x.shape:
            raise TypeError(f"polyfit: w is one weight for each entry of {describe(x)}, not {describe(w)}")
        powers, y = powers * expand_dims(w, 1), y * (w if y.ndim == 1 else expand_dims(w, 1))
    scale = sqrt(sum(powers * powers, axis=0))
    powers = powers / scale
    found, residuals, rank, sizes = lstsq(powers, y, rcond)
    found = (found.T / scale).T
    if full:
        return found, residuals, rank, sizes, rcond
    if rank != deg + 1:
        warnings.warn("polyfit: the points do not tell all coefficients", np.exceptions.RankWarning, stacklevel=3)
    if not cov:
        return found
    spread = inv(powers.T @ powers) / outer(scale, scale)
    if cov != "unscaled":
        if x.shape[0] <= deg + 1:
            raise ValueError(f"polyfit: the covariance needs more than {deg + 1} points, or cov='unscaled'")
        spread = (spread if y.ndim == 1 else expand_dims(spread, 2)) * (residuals / (x.shape[0] - deg - 1))
    return found, spread
