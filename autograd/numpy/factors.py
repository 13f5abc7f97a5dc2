"""Inverses of matrices and their factors: solve, Cholesky, QR.

The rules follow Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation"
(2008), written for the complex convention of this package: dL = Re(sum(g * dX)).
"""

from typing import Any

import numpy as np

from ..errors import NoRuleError
from ..graph import describe
from .elementwise import _conj, imag, logical_and, real, where
from .indexing import tril, triu
from .joining import concatenate
from .products import cross as cross
from .products import matmul as matmul
from .products import outer as outer
from .products import tensordot as tensordot
from .products import vecdot as vecdot
from .reductions import all
from .registry import composed, primitive
from .several import part, several
from .shaping import expand_dims, matrix_transpose, squeeze
from .statistics import length

Array = Any

_t = matrix_transpose


def _h(x: Array) -> Array:
    return _conj(_t(x))


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
    if a.ndim < 2:
        raise np.linalg.LinAlgError(f"qr: {describe(a)} is no matrix")
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
