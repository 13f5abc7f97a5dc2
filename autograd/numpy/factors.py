"""Inverses and factors of matrices: solve, Cholesky, QR, eigenvalues, singular values.

The rules follow Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation"
(2008), written for the complex convention of this package: dL = Re(sum(g * dX)).
"""

import builtins
from typing import Any

import numpy as np

from ..errors import NoRuleError, UndefinedError
from .elementwise import absolute, conj, equal, imag, logical_and, real, sign, where
from .indexing import diagonal as _diagonal
from .indexing import take_along_axis, tril, triu
from .joining import concatenate
from .products import cross as cross
from .products import matmul as matmul
from .products import outer as outer
from .products import tensordot as tensordot
from .products import vecdot as vecdot
from .reductions import all, argmax, sum
from .registry import composed, plain, primitive
from .several import part, several
from .shaping import expand_dims, flip, matrix_transpose, squeeze
from .sorting import argsort
from .statistics import length

Array = Any

_t = matrix_transpose


def _h(x: Array) -> Array:
    return conj(_t(x)) if x.dtype.kind == "c" else _t(x)


def _conj(x: Array) -> Array:
    return conj(x) if x.dtype.kind == "c" else x


def _eye(x: Array, n: int) -> Array:
    return np.eye(n, dtype=x.dtype)


def hermitian_of(x: Array) -> Array:
    """The Hermitian matrix whose lower triangle is that of `x`."""
    below = tril(x, -1)
    return below + _h(below) + real(x * _eye(x, x.shape[-1]))


def _on_diagonal(x: Array) -> Array:
    """Vectors as the diagonals of matrices."""
    return expand_dims(x, -1) * _eye(x, x.shape[-1])


inv = primitive(np.linalg.inv, lambda g, out, a: -(_t(out) @ g @ _t(out)), name="linalg.inv")


def _solve_left(g: Array, out: Array, a: Array, b: Array) -> Array:
    back = _solve_right(g, out, a, b)
    if b.ndim == 1:
        return -expand_dims(back, -1) * expand_dims(out, -2)
    return -(back @ _t(out))


def _solve_right(g: Array, out: Array, a: Array, b: Array) -> Array:
    if b.ndim == 1:
        return squeeze(solve(_t(a), expand_dims(g, -1)), -1)
    return solve(_t(a), g)


solve = primitive(np.linalg.solve, _solve_left, _solve_right, name="linalg.solve")


# factors
def _lower_half(x: Array) -> Array:
    return tril(x) - 0.5 * (x * _eye(x, x.shape[-1]))


def _cholesky_rule(g: Array, out: Array, a: Array) -> Array:
    """Murray, "Differentiation of the Cholesky decomposition" (2016); the part of g that keeps `a` symmetric."""
    half = _lower_half(_t(out) @ g)
    made = _t(solve(_h(out), _t(solve(_t(out), half))))
    return (made + _h(made)) * 0.5


_cholesky = primitive(lambda a: np.linalg.cholesky(a), _cholesky_rule, name="linalg.cholesky")


@composed(np.linalg.cholesky)
def cholesky(a: Array, /, *, upper: bool = False) -> Array:
    """The lower triangular L with L L^H = a (or L^H), for `a` Hermitian and positive definite."""
    return _h(_cholesky(_h(a))) if upper else _cholesky(a)


def _qr_rule(g: Any, out: Any, a: Array) -> Array:
    """Walter and Lehmann, "Algorithmic differentiation of linear algebra functions" (2010), for full column rank."""
    q, r = part(out, 0), part(out, 1)
    gq, gr = part(g, 0), part(g, 1)
    inner = 0 if gr is None else r @ _t(gr)
    inner = inner - (0 if gq is None else _t(gq) @ q)
    made = q @ hermitian_of(inner)
    made = made if gq is None else made + _conj(gq)
    return _conj(_h(solve(r, _h(made))))


_qr = several(np.linalg.qr, _qr_rule, "linalg.qr")


@composed(np.linalg.qr)
def qr(a: Array, mode: str = "reduced") -> Any:
    """The factors Q, with orthonormal columns, and R, upper triangular, with Q R = a."""
    m, n = a.shape[-2:]
    if mode not in ("reduced", "r", "complete"):
        raise NoRuleError(f"linalg.qr: no rule for mode {mode!r}; use 'reduced', 'complete' or 'r'")
    if mode == "complete" and m > n:
        return _complete_qr(a)
    if m >= n:
        made = _qr(a)
        return made.R if mode == "r" else made
    made = _qr(a[..., :m])  # the further columns only turn with Q
    r = concatenate([made.R, _h(made.Q) @ a[..., m:]], axis=-1)
    return r if mode == "r" else type(made)(made.Q, r)


def _complete_qr(a: Array) -> Any:
    """Q square, from Householder's reflections as LAPACK chooses them (Golub and Van Loan, 5.1), one a column."""
    m, n = a.shape[-2:]
    q, r, signs = np.eye(m, dtype=a.dtype), a, []
    for j in range(n):
        x = r[..., j:, j]
        first = x[..., :1]
        size = length(x, axis=-1, keepdims=True)
        size = where(real(first) < 0, size, -size)
        before = np.zeros((*x.shape[:-1], j), a.dtype)
        nothing = size == 0
        reflected = concatenate([before, first * 0 + 1, x[..., 1:] / where(nothing, 1, first - size)], axis=-1)
        v = expand_dims(reflected, -1)
        scale = expand_dims(where(nothing, 0, (size - first) / where(nothing, 1, size)), -1)
        # a column that is zero below and real is left as it is, which differs from its reflection by the sign
        left = logical_and(all(x[..., 1:] == 0, axis=-1, keepdims=True), imag(first) == 0)
        signs.append(where(logical_and(left, size != 0), -1, 1))
        r = r - _conj(scale) * (v @ (_h(v) @ r))
        q = q - scale * ((q @ v) @ _h(v))
    turn = concatenate([*signs, np.ones((*a.shape[:-2], m - n))], axis=-1).astype(real(a).dtype)
    q, r = q * expand_dims(turn, -2), r * expand_dims(turn, -1)
    return type(np.linalg.qr(np.eye(1)))(q, triu(r))


# eigenvalues
def _gaps(w: Array) -> Array:
    """1 / (w_j - w_i), and 0 on the diagonal."""
    eye = np.eye(w.shape[-1])
    return (1 - eye) / (expand_dims(w, -2) - expand_dims(w, -1) + eye)


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
        inner = inner + _gaps(w).astype(w.dtype) * turned
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
        inner = inner + _gaps(w) * (turned - (_t(v) @ conj(v)) * expand_dims(lengths, -2))
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
    inner = 0 if gs is None else _on_diagonal(gs)
    left = right = 0
    turns: Any = 0
    squares = s * s
    if gu is not None:
        gu = _conj(gu)
        turned = _h(u) @ gu
        inner = inner + (_skew(turned) * _gaps(squares).astype(s.dtype)) * expand_dims(s, -2)
        if a.dtype.kind == "c":
            turns = imag(_diagonal(turned, 0, -2, -1))
            inner = inner + _on_diagonal(turns * 1j / s)
        if m > k:
            left = ((gu - u @ turned) / expand_dims(s, -2)) @ vh
    if gvh is not None:
        gvh = _conj(gvh)
        turned = gvh @ _h(vh)  # (V^H gV)^H
        inner = inner - expand_dims(s, -1) * (_skew(turned) * _gaps(squares).astype(s.dtype))
        if n > k:
            right = u @ ((gvh - turned @ vh) / expand_dims(s, -1))
    if a.dtype.kind == "c" and not (gu is None and gvh is None):
        turns = turns - (0 if gvh is None else imag(_diagonal(turned, 0, -2, -1)))
        _refuse_phases("linalg.svd", turns, gu, gvh)
    return _conj(u @ inner @ vh + left + right)


_svd = several(np.linalg.svd, _svd_rule, "linalg.svd")


def _svdvals_rule(g: Array, out: Array, a: Array) -> Array:
    u, _, vh = svd(a, full_matrices=False)
    return _conj((u * expand_dims(g, -2)) @ vh)


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
