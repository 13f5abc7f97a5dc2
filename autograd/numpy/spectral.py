"""Eigenvalues and singular values.

The rules follow Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation"
(2008), written for the complex convention of this package: dL = Re(sum(g * dX)).
"""

import builtins
from typing import Any

import numpy as np

from ..errors import UndefinedError
from .elementwise import _conj, absolute, conj, equal, imag, real, sign, where
from .factors import _h, _on_diagonal, _t, hermitian_of, solve
from .indexing import diagonal as _diagonal
from .indexing import take_along_axis
from .reductions import argmax, sum
from .registry import composed, plain, primitive
from .several import part, several
from .shaping import expand_dims, flip
from .sorting import argsort

Array = Any


# eigenvalues
def _gaps(w: Array) -> Array:
    """1 / (w_j - w_i), and 0 on the diagonal."""
    eye = np.eye(w.shape[-1], dtype=w.dtype)
    return (1 - eye) / (expand_dims(w, -2) - expand_dims(w, -1) + eye)


def _refuse_repeated(function: str, w: Any, turns: Array, gv: Array) -> Array:
    """The turns of the vectors, unless those of values that differ by rounding alone matter: rounding made these.

    Args:
        turns: how much of vector i comes to vector j, divided by w_j - w_i.
        gv: the cotangents of the vectors, which tell what size of turns matters.
    """
    w = plain(w)
    gaps, largest = np.abs(w[..., None, :] - w[..., None]), np.max(np.abs(w), initial=1e-300)
    alike = (gaps > 0) & (gaps <= w.shape[-1] * np.finfo(w.dtype).eps * largest)
    if np.any(alike) and _matters(where(alike, turns, 0), gv / largest):
        raise UndefinedError(
            f"{function}: the result depends on the vectors of a value that occurs more than once, which are any basis "
            "of their space, so its derivative cannot be told; use the values alone, the vectors of others, or "
            "functions of the whole matrix (inv, solve, matrix_power)"
        )
    return turns


def _refuse_phases(function: str, turns: Array, *sizes: Any) -> None:
    """Complex vectors come with phases that are the library's choice: a result that depends on them has no derivative.

    Args:
        turns: the derivative of the result along a turn of each vector.
        sizes: numbers of the size that `turns` would have if they were not 0.
    """
    if _matters(turns, *sizes):
        raise UndefinedError(
            f"{function}: the result depends on the phases of the complex vectors, which are arbitrary, so it has no "
            "derivative; use what does not depend on them: absolute values, or products v @ v^H and u @ vh"
        )


def _matters(slopes: Array, *sizes: Any) -> bool:
    """Whether slopes are more than the rounding of numbers of such sizes."""
    slopes = np.abs(plain(slopes))
    largest = builtins.max(np.max(np.abs(plain(s)), initial=1e-300) for s in sizes if s is not None)
    return bool(np.max(slopes, initial=0) > np.finfo(slopes.dtype).eps ** 0.5 * largest)


def _eigh_rule(g: Any, out: Any, a: Array, UPLO: str = "L") -> Array:
    """NumPy reads one triangle of `a` only, and so only there is a slope."""
    w, v = part(out, 0), part(out, 1)
    gw, gv = part(g, 0), part(g, 1)
    inner = 0 if gw is None else _on_diagonal(gw)
    if gv is not None:
        turned = _t(v) @ gv
        if a.dtype.kind == "c":
            _refuse_phases("linalg.eigh", imag(_diagonal(turned, 0, -2, -1)), gv)
        inner = inner + _refuse_repeated("linalg.eigh", w, _gaps(w) * turned, gv)
    made = _conj(v) @ inner @ _t(v)
    n = a.shape[-1]
    triangle = np.tril(np.ones((n, n), w.dtype), -1)
    triangle = triangle if UPLO.upper() == "L" else triangle.T
    return (made + _h(made)) * triangle + real(made) * np.eye(n, dtype=w.dtype)


eigh = several(np.linalg.eigh, _eigh_rule, "linalg.eigh")


@composed(np.linalg.eigvalsh)
def eigvalsh(a: Array, UPLO: str = "L") -> Array:
    """The eigenvalues of a Hermitian matrix, in increasing order."""
    return eigh(a, UPLO)[0]


def _eig_rule(g: Any, out: Any, a: Array) -> Array:
    """The eigenvectors have length 1, and LAPACK turns complex ones so that their largest entry is real."""
    w, v = part(out, 0), part(out, 1)
    gw, gv = part(g, 0), part(g, 1)
    inner = 0 if gw is None else _on_diagonal(gw)
    if gv is not None:
        if v.dtype.kind == "c":
            places = argmax(absolute(v), axis=-2)
            largest = equal(np.arange(v.shape[-1])[:, None], expand_dims(places, -2))
            turns = imag(sum(gv * v, axis=-2)) / real(sum(where(largest, v, 0), axis=-2))
            gv = gv - where(largest, expand_dims(turns, -2) * 1j, 0)
        turned = _t(v) @ gv
        lengths = real(_diagonal(turned, 0, -2, -1))
        turns = _gaps(w) * (turned - (_t(v) @ conj(v)) * expand_dims(lengths, -2))
        inner = inner + _refuse_repeated("linalg.eig", w, turns, gv)
    return solve(_t(v), inner @ _t(v))


eig = several(np.linalg.eig, _eig_rule, "linalg.eig")


@composed(np.linalg.eigvals)
def eigvals(a: Array) -> Array:
    """The eigenvalues of a square matrix."""
    return eig(a)[0]


# singular values
def _skew(x: Array) -> Array:
    return x - _h(x)


def _thin(u: Array, gu: Any, k: int) -> tuple[Array, Any]:
    """The first k vectors, and their cotangents with what comes from the others: these turn only as the first make
    them; their own basis is the library's choice, so the result must not depend on it."""
    first, others = u[..., :k], u[..., k:]
    if gu is None:
        return first, None
    back = _conj(gu[..., k:])
    if _matters(_skew(_h(others) @ back), back):
        raise UndefinedError(
            "linalg.svd: the result depends on the basis of the vectors beyond the singular values, which is "
            "arbitrary, so it has no derivative; use full_matrices=False, or their products v @ v^H"
        )
    return first, gu[..., :k] - _conj(others @ _h(back) @ first)


def _svd_rule(g: Any, out: Any, a: Array, full_matrices: bool = True, **kwargs: Any) -> Array:
    """The thin factors' slopes; what the vectors' phases are is a choice, so the result must not depend on it."""
    u, s, vh = part(out, 0), part(out, 1), part(out, 2)
    gu, gs, gvh = part(g, 0), part(g, 1), part(g, 2)
    m, n = a.shape[-2:]
    k = s.shape[-1]
    if full_matrices and m > k:
        u, gu = _thin(u, gu, k)
    if full_matrices and n > k:
        v, gv = _thin(_h(vh), None if gvh is None else _h(gvh), k)
        vh, gvh = _h(v), None if gv is None else _h(gv)
    inner = 0 if gs is None else _on_diagonal(gs * sign(s))  # as |x|, whose slope at 0 is 0
    left = right = 0
    turns: Any = 0
    squares = s * s
    if gu is not None:
        gu = _conj(gu)
        turned = _h(u) @ gu
        turns_u = (_skew(turned) * _gaps(squares)) * expand_dims(s, -2)
        inner = inner + _refuse_repeated("linalg.svd", s, turns_u, gu)
        if a.dtype.kind == "c":
            turns = imag(_diagonal(turned, 0, -2, -1))
            inner = inner + _on_diagonal(turns * 1j / s)
        if m > k:
            left = ((gu - u @ turned) / expand_dims(s, -2)) @ vh
    if gvh is not None:
        gvh = _conj(gvh)
        turned = gvh @ _h(vh)  # (V^H gV)^H
        turns_v = expand_dims(s, -1) * (_skew(turned) * _gaps(squares))
        inner = inner - _refuse_repeated("linalg.svd", s, turns_v, gvh)
        if n > k:
            right = u @ ((gvh - turned @ vh) / expand_dims(s, -1))
    if a.dtype.kind == "c" and not (gu is None and gvh is None):
        turns = turns - (0 if gvh is None else imag(_diagonal(turned, 0, -2, -1)))
        _refuse_phases("linalg.svd", turns, gu, gvh)
    return _conj(u @ inner @ vh + left + right)


_svd = several(np.linalg.svd, _svd_rule, "linalg.svd")


def _svdvals_rule(g: Array, out: Array, a: Array) -> Array:
    u, _, vh = svd(a, full_matrices=False)
    return _conj((u * expand_dims(g * sign(out), -2)) @ vh)


_svdvals = primitive(lambda a: np.linalg.svd(a, compute_uv=False), _svdvals_rule, name="linalg.svdvals")


@composed(np.linalg.svd)
def svd(a: Array, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """The factors U, s, V^H with U diag(s) V^H = a, or the singular values s alone."""
    if hermitian and compute_uv:
        w, v = eigh(a)
        order = flip(argsort(absolute(w)), -1)
        w, v = take_along_axis(w, order, -1), take_along_axis(v, expand_dims(order, -2), -1)
        return type(np.linalg.svd(np.eye(1)))(v, absolute(w), _h(v * expand_dims(sign(w), -2)))
    a = hermitian_of(a) if hermitian else a
    return _svd(a, full_matrices) if compute_uv else _svdvals(a)


@composed(np.linalg.svdvals)
def svdvals(x: Array, /) -> Array:
    """The singular values of a matrix, largest first."""
    return _svdvals(x)
