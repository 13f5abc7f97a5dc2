"""NumPy's linear algebra. Matrices are the last two axes, so every function works on stacks of them.

The rules follow Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation"
(2008), written for the complex convention of this package: dL = Re(sum(g * dX)).
"""

from typing import Any

import numpy as np

from ..errors import NoRuleError, UndefinedError
from ..shapes import normalize_axes
from .elementwise import _over, absolute, conj, equal, imag, real, sign, where
from .indexing import diagonal as _diagonal
from .indexing import trace as _trace
from .indexing import tril
from .joining import array, concatenate
from .products import cross as cross
from .products import matmul as matmul
from .products import outer as outer
from .products import tensordot as tensordot
from .products import vecdot as vecdot
from .reductions import _products_of_others, argmax, expand, length, max, min, sum
from .registry import composed, constant, known, plain, primitive, registry
from .several import part, several
from .shaping import expand_dims, matrix_transpose, moveaxis, ravel, reshape, squeeze

Array = Any

_t = matrix_transpose


def _h(x: Array) -> Array:
    return conj(_t(x)) if x.dtype.kind == "c" else _t(x)


def _conj(x: Array) -> Array:
    return conj(x) if x.dtype.kind == "c" else x


def _eye(x: Array, n: int) -> Array:
    return np.eye(n, dtype=x.dtype)


def _on_diagonal(x: Array) -> Array:
    """Vectors as the diagonals of matrices."""
    return expand_dims(x, -1) * _eye(x, x.shape[-1])


# inverses and determinants
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


def _det_rule(g: Array, out: Array, a: Array) -> Array:
    """The slopes of a determinant are the cofactors: det * inv where that exists, else from the singular values."""
    g = reshape(g, (*g.shape, 1, 1))
    if np.all(np.asarray(plain(out)) != 0):
        return g * reshape(out, (*out.shape, 1, 1)) * _t(inv(a))
    u, s, vh = svd(a)
    turn = reshape(det(u) * det(vh), (*out.shape, 1, 1))
    return g * turn * _conj((u * expand_dims(_products_of_others(s), -2)) @ vh)


det = primitive(np.linalg.det, _det_rule, name="linalg.det")


def _slogdet_rule(g: Any, out: Any, a: Array) -> Array:
    turn, size = part(g, 0), part(g, 1)
    scale = 0 if size is None else size
    if turn is not None and a.dtype.kind == "c":
        scale = scale + 1j * imag(turn * part(out, 0))
    scale = scale + 0 * part(out, 1)
    return reshape(scale, (*scale.shape, 1, 1)) * _t(inv(a))


slogdet = several(np.linalg.slogdet, _slogdet_rule, "linalg.slogdet")


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
    return _h(_cholesky(a)) if upper else _cholesky(a)


def _copy_lower(x: Array) -> Array:
    below = tril(x, -1)
    return below + _h(below) + real(x * _eye(x, x.shape[-1]))


def _qr_rule(g: Any, out: Any, a: Array) -> Array:
    """Walter and Lehmann, "Algorithmic differentiation of linear algebra functions" (2010), for full column rank."""
    q, r = part(out, 0), part(out, 1)
    gq, gr = part(g, 0), part(g, 1)
    inner = 0 if gr is None else r @ _t(gr)
    inner = inner - (0 if gq is None else _t(gq) @ q)
    made = q @ _copy_lower(inner)
    made = made if gq is None else made + _conj(gq)
    return _conj(_h(solve(r, _h(made))))


_qr = several(np.linalg.qr, _qr_rule, "linalg.qr")


@composed(np.linalg.qr)
def qr(a: Array, mode: str = "reduced") -> Any:
    """The factors Q, with orthonormal columns, and R, upper triangular, with Q R = a."""
    m, n = a.shape[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and m <= n):
        raise NoRuleError(f"linalg.qr: no rule for mode {mode!r} of a {m} x {n} matrix; use mode='reduced'")
    if m >= n:
        made = _qr(a)
        return made.R if mode == "r" else made
    made = _qr(a[..., :m])  # the further columns only turn with Q
    r = concatenate([made.R, _h(made.Q) @ a[..., m:]], axis=-1)
    return r if mode == "r" else type(made)(made.Q, r)


# eigenvalues
def _gaps(w: Array) -> Array:
    """1 / (w_j - w_i), and 0 on the diagonal."""
    eye = np.eye(w.shape[-1])
    return (1 - eye) / (expand_dims(w, -2) - expand_dims(w, -1) + eye)


def _refuse_phases(function: str, turns: Array, sizes: Array) -> None:
    """Complex vectors come with phases that are the library's choice: a result that depends on them has no derivative.

    Args:
        turns: the derivative of the result along a turn of each vector.
        sizes: numbers of the size that `turns` would have if they were not 0.
    """
    turns, sizes = np.abs(plain(turns)), np.abs(plain(sizes))
    if np.max(turns, initial=0) > np.finfo(turns.dtype).eps ** 0.5 * np.max(sizes, initial=1e-300):
        raise UndefinedError(
            f"{function}: the result depends on the phases of the complex vectors, which are arbitrary, so it has no "
            "derivative; use what does not depend on them: absolute values, or products v @ v^H and u @ vh"
        )


def _eigh_rule(g: Any, out: Any, a: Array, UPLO: str = "L") -> Array:
    """NumPy reads one triangle of `a` only, and so only there is a slope."""
    w, v = part(out, 0), part(out, 1)
    gw, gv = part(g, 0), part(g, 1)
    inner = 0 if gw is None else _on_diagonal(gw)
    if gv is not None:
        turned = _t(v) @ gv
        if a.dtype.kind == "c":
            _refuse_phases("linalg.eigh", imag(_diagonal(turned, 0, -2, -1)), turned)
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


def _svd_rule(g: Any, out: Any, a: Array, full_matrices: bool = True, **kwargs: Any) -> Array:
    """The thin factors' slopes; what the vectors' phases are is a choice, so the result must not depend on it."""
    u, s, vh = part(out, 0), part(out, 1), part(out, 2)
    gu, gs, gvh = part(g, 0), part(g, 1), part(g, 2)
    m, n = a.shape[-2:]
    if full_matrices and m != n and not (gu is None and gvh is None):
        raise NoRuleError(f"linalg.svd: no rule for the full vectors of a {m} x {n} matrix; use full_matrices=False")
    if full_matrices and m != n:
        u, s, vh = svd(a, full_matrices=False)
    k = s.shape[-1]
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
        _refuse_phases("linalg.svd", turns, turned)
    return _conj(u @ inner @ vh + left + right)


_svd = several(np.linalg.svd, _svd_rule, "linalg.svd")


def _svdvals_rule(g: Array, out: Array, a: Array) -> Array:
    u, _, vh = svd(a, full_matrices=False)
    return _conj((u * expand_dims(g, -2)) @ vh)


_svdvals = primitive(lambda a: np.linalg.svd(a, compute_uv=False), _svdvals_rule, name="linalg.svdvals")


@composed(np.linalg.svd)
def svd(a: Array, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """The factors U, s, V^H with U diag(s) V^H = a, or the singular values s alone."""
    return _svd(a, full_matrices) if compute_uv else _svdvals(a)


@composed(np.linalg.svdvals)
def svdvals(x: Array, /) -> Array:
    """The singular values of a matrix, largest first."""
    return _svdvals(x)


def _pinv_rule(g: Array, out: Array, a: Array) -> Array:
    """Golub and Pereyra, SIAM J. Numer. Anal. 10 (1973): for constant rank."""
    rows, columns = _eye(a, a.shape[-2]), _eye(a, a.shape[-1])
    straight = -_t(out @ _t(g) @ out)
    aside = (rows - a @ out) @ _t(g) @ out @ _h(out) + _h(out) @ out @ _t(g) @ (columns - out @ a)
    return straight + _conj(aside)


_pinv = primitive(
    lambda a, **kwargs: np.linalg.pinv(a, **kwargs),
    lambda g, out, a, **kwargs: _pinv_rule(g, out, a),
    name="linalg.pinv",
)


@composed(np.linalg.pinv)
def pinv(a: Array, rcond: Any = None, hermitian: bool = False, **kwargs: Any) -> Array:
    """The Moore-Penrose inverse of a matrix."""
    return _pinv(a, **({} if rcond is None else {"rcond": rcond}), **kwargs)


@composed(np.linalg.lstsq)
def lstsq(a: Array, b: Array, rcond: Any = None) -> tuple[Array, Array, Any, Array]:
    """The x of least length that makes |a x - b| least; the sums of squares left; the rank; the singular values."""
    a, b = array(a), array(b)
    m, n = a.shape
    s = svdvals(a)
    sizes = known(s, "the rank in lstsq")
    limit = np.finfo(sizes.dtype).eps * np.maximum(m, n) if rcond is None else rcond
    rank = int(np.sum(sizes > limit * sizes[0]))
    x = pinv(a, **({} if rcond is None else {"rcond": rcond})) @ b
    left = b - a @ x
    residuals = sum(absolute(left) ** 2, axis=0, keepdims=b.ndim == 1)
    return x, residuals if rank == n < m else residuals[..., :0] * 0, rank, s


# norms
def _power_length(x: Array, p: float, axis: Any = None, keepdims: bool = False) -> Array:
    return np.sum(np.abs(x) ** p, axis=axis, keepdims=keepdims) ** (1 / p)


def _power_length_rule(g: Array, out: Array, x: Array, p: float, axis: Any = None, keepdims: bool = False) -> Array:
    share = _over(absolute(x), expand(out, x, axis, keepdims))
    slope = where(share == 0, 0, where(share == 0, 1, share) ** (p - 1))
    return expand(g, x, axis, keepdims) * _conj(sign(x)) * slope


_norm_p = primitive(_power_length, _power_length_rule, name="linalg.norm_p")


@composed(np.linalg.norm)
def norm(x: Array, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Array:
    """The length of vectors or the norm of matrices, of any order NumPy knows; slope 0 at 0 for the 2-norm.

    >>> float(norm(np.array([3.0, 4.0])))
    5.0
    """
    x = array(x)
    if axis is None and (ord is None or (ord in ("f", "fro") and x.ndim == 2) or (ord == 2 and x.ndim == 1)):
        return length(x, axis=tuple(range(x.ndim)), keepdims=True) if keepdims else length(x)
    axes = normalize_axes(axis, x.ndim)
    if len(axes) == 1:
        return _vector_norm(x, 2 if ord is None else ord, axes[0], keepdims)
    if len(axes) != 2:
        raise ValueError(f"linalg.norm: order {ord!r} is for vectors and matrices, not for {len(axes)} axes")
    return _matrix_norm(x, ord, axes, keepdims)


def _vector_norm(x: Array, order: Any, axis: Any, keepdims: bool) -> Array:
    if order == 2:
        return length(x, axis=axis, keepdims=keepdims)
    if order == 0:
        return sum((x != 0).astype(real(x).dtype), axis=axis, keepdims=keepdims)
    if order == 1:
        return sum(absolute(x), axis=axis, keepdims=keepdims)
    if order in (np.inf, -np.inf):
        return (max if order > 0 else min)(absolute(x), axis=axis, keepdims=keepdims)
    if isinstance(order, str):
        raise ValueError(f"linalg.norm: order {order!r} is for matrices")
    return _norm_p(x, float(order), axis=axis, keepdims=keepdims)


def _matrix_norm(x: Array, order: Any, axes: tuple[int, ...], keepdims: bool) -> Array:
    if order in (None, "fro", "f"):
        return length(x, axis=axes, keepdims=keepdims)
    moved = moveaxis(x, axes, (-2, -1))
    if order in (1, -1):
        made = (max if order > 0 else min)(sum(absolute(moved), axis=-2), axis=-1)
    elif order in (np.inf, -np.inf):
        made = (max if order > 0 else min)(sum(absolute(moved), axis=-1), axis=-1)
    elif order in (2, -2):
        made = (max if order > 0 else min)(svdvals(moved), axis=-1)
    elif order == "nuc":
        made = sum(svdvals(moved), axis=-1)
    else:
        raise ValueError(f"linalg.norm: unknown order {order!r} for matrices")
    return reshape(made, tuple(1 if i in axes else n for i, n in enumerate(x.shape))) if keepdims else made


@composed(np.linalg.vector_norm)
def vector_norm(x: Array, /, *, axis: Any = None, ord: Any = 2, keepdims: bool = False) -> Array:
    """The length of vectors along an axis, of several axes together, or of all entries."""
    axes = normalize_axes(axis, x.ndim)
    others = tuple(i for i in range(x.ndim) if i not in axes)
    flat = reshape(moveaxis(x, axes, tuple(range(len(others), x.ndim))), (*(x.shape[i] for i in others), -1))
    made = _vector_norm(flat, ord, -1, False)
    return reshape(made, tuple(1 if i in axes else n for i, n in enumerate(x.shape))) if keepdims else made


@composed(np.linalg.matrix_norm)
def matrix_norm(x: Array, /, *, keepdims: bool = False, ord: Any = "fro") -> Array:
    """The norm of the matrices in the last two axes."""
    return norm(x, ord, (-2, -1), keepdims)


@composed(np.linalg.cond)
def cond(x: Array, p: Any = None) -> Array:
    """The condition number |x| |inv(x)|, by default in the 2-norm."""
    if p in (None, 2, -2):
        s = svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return norm(x, p, (-2, -1)) * norm(inv(x), p, (-2, -1))


# products
@composed(np.linalg.matrix_power)
def matrix_power(a: Array, n: int) -> Array:
    """The n-th power of a square matrix, by squaring; negative n takes the inverse first."""
    if n == 0:
        return a * 0 + _eye(a, a.shape[-1])
    square = inv(a) if n < 0 else a
    n, result = abs(n), None
    while n:
        if n % 2:
            result = square if result is None else result @ square
        n //= 2
        square = square @ square if n else square
    return result


@composed(np.linalg.multi_dot)
def multi_dot(arrays: Any, *, out: Any = None) -> Array:
    """The product of several matrices, in the cheapest order (Cormen et al., Introduction to Algorithms, 15.2)."""
    factors = [array(a) for a in arrays]
    first, last = factors[0].ndim == 1, factors[-1].ndim == 1
    factors[0] = expand_dims(factors[0], 0) if first else factors[0]
    factors[-1] = expand_dims(factors[-1], 1) if last else factors[-1]
    sizes = [f.shape[0] for f in factors] + [factors[-1].shape[1]]
    best: dict[tuple[int, int], tuple[int, int]] = {(i, i): (0, i) for i in range(len(factors))}
    for width in range(1, len(factors)):
        for i in range(len(factors) - width):
            j = i + width
            costs = [best[i, k][0] + best[k + 1, j][0] + sizes[i] * sizes[k + 1] * sizes[j + 1] for k in range(i, j)]
            cheapest = int(np.argmin(costs))
            best[i, j] = costs[cheapest], i + cheapest

    def product(i: int, j: int) -> Array:
        return factors[i] if i == j else product(i, best[i, j][1]) @ product(best[i, j][1] + 1, j)

    made = product(0, len(factors) - 1)
    made = made[0] if first else made
    return made[..., 0] if last else made


@composed(np.linalg.tensorsolve)
def tensorsolve(a: Array, b: Array, axes: Any = None) -> Array:
    """The x with tensordot(a, x, x.ndim) = b."""
    a, b = array(a), array(b)
    if axes is not None:
        a = moveaxis(a, axes, tuple(range(a.ndim - len(axes), a.ndim)))
    shape = a.shape[b.ndim :]
    return reshape(solve(reshape(a, (b.size, -1)), ravel(b)), shape)


@composed(np.linalg.tensorinv)
def tensorinv(a: Array, ind: int = 2) -> Array:
    """The inverse of the map `tensordot(a, x, ind)`."""
    first = int(np.prod(a.shape[ind:]))
    return reshape(inv(reshape(a, (-1, first))), a.shape[ind:] + a.shape[:ind])


@composed(np.linalg.diagonal)
def diagonal(x: Array, /, *, offset: int = 0) -> Array:
    """The diagonals of the matrices in the last two axes."""
    return _diagonal(x, offset, -2, -1)


@composed(np.linalg.trace)
def trace(x: Array, /, *, offset: int = 0, dtype: Any = None) -> Array:
    """The sums of the diagonals of the matrices in the last two axes."""
    return _trace(x, offset, -2, -1, dtype)


matrix_rank = constant(np.linalg.matrix_rank, name="linalg.matrix_rank")
registry[np.linalg.matrix_transpose] = matrix_transpose
T, _dot = matrix_transpose, matmul  # names that code written for HIPS autograd reaches for
LinAlgError = np.linalg.LinAlgError


def __getattr__(name: str) -> Any:
    return getattr(np.linalg, name)


__all__ = list(np.linalg.__all__)
