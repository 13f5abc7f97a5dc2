"""NumPy's linear algebra. Matrices are the last two axes, so every function works on stacks of them."""

import operator
from typing import Any

import numpy as np

from ..graph import describe
from ..shapes import kept_shape, normalize_axes
from .elementwise import _conj, _over, absolute, imag, inexact, real, sign, where, zeros_like
from .factors import _eye, _h, _t, hermitian_of
from .factors import cholesky as cholesky
from .factors import inv as inv
from .factors import qr as qr
from .factors import solve as solve
from .indexing import diagonal as _diagonal
from .indexing import trace as _trace
from .joining import array
from .products import cross as cross
from .products import dot
from .products import matmul as matmul
from .products import outer as outer
from .products import tensordot as tensordot
from .products import vecdot as vecdot
from .reductions import _products_of_others, expand, max, min, sum
from .registry import composed, constant, for_other_data, known, plain, primitive, registry
from .several import part, several
from .shaping import expand_dims, matrix_transpose, merge_axes, moveaxis, ravel, reshape
from .spectral import eig as eig
from .spectral import eigh as eigh
from .spectral import eigvals as eigvals
from .spectral import eigvalsh as eigvalsh
from .spectral import svd as svd
from .spectral import svdvals as svdvals
from .statistics import length, squares

Array = Any


# determinants
def _det_rule(g: Array, out: Array, a: Array) -> Array:
    """The slopes of a determinant are the cofactors: det * inv where that exists, else from the singular values."""
    g = reshape(g, (*g.shape, 1, 1))
    if for_other_data():  # both ways, each on matrices that it can take
        n = a.shape[-1]
        regular = reshape(np.not_equal(out, 0), (*out.shape, 1, 1))
        some, simple = np.eye(n, dtype=a.dtype), np.diag(np.arange(1, n + 1)).astype(a.dtype)
        by_inverse = _cofactors_by_inverse(out, where(regular, a, some))
        return g * where(regular, by_inverse, _cofactors(where(regular, simple, a)))
    return g * (_cofactors_by_inverse(out, a) if np.all(np.asarray(plain(out)) != 0) else _cofactors(a))


def _cofactors_by_inverse(out: Array, a: Array) -> Array:
    return reshape(out, (*out.shape, 1, 1)) * _t(inv(a))


def _cofactors(a: Array) -> Array:
    u, s, vh = svd(a)
    turn = reshape(det(u) * det(vh), (*a.shape[:-2], 1, 1))
    return turn * _conj((u * expand_dims(_products_of_others(s), -2)) @ vh)


det = primitive(np.linalg.det, _det_rule, name="linalg.det")


def _slogdet_rule(g: Any, out: Any, a: Array) -> Array:
    turn, size = part(g, 0), part(g, 1)
    scale = 0 if size is None else size
    if turn is not None and a.dtype.kind == "c":
        scale = scale + imag(turn * part(out, 0)) * 1j  # 1j first would make a Python complex of two numbers
    scale = scale + 0 * part(out, 1)
    return reshape(scale, (*scale.shape, 1, 1)) * _t(inv(a))


slogdet = several(np.linalg.slogdet, _slogdet_rule, "linalg.slogdet")


# inverses of what has none
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
    """The Moore-Penrose inverse of a matrix; of a `hermitian` one, its lower triangle is read."""
    a = hermitian_of(a) if hermitian and a.ndim > 1 else a
    return _pinv(a, **({} if rcond is None else {"rcond": rcond}), **kwargs)


@composed(np.linalg.lstsq)
def lstsq(a: Array, b: Array, rcond: Any = None) -> tuple[Array, Array, Any, Array]:
    """The x of least length that makes |a x - b| least; the sums of squares left; the rank; the singular values."""
    a, b = array(a), array(b)
    kind = np.result_type(a.dtype, b.dtype, np.float32)
    a, b = (v if v.dtype == kind else v.astype(kind) for v in (a, b))
    if a.ndim != 2 or b.ndim not in (1, 2) or a.shape[0] != b.shape[0]:
        raise np.linalg.LinAlgError(
            f"lstsq: a matrix and a vector or a matrix of as many rows, not {describe(a)}, {describe(b)}"
        )
    m, n = a.shape
    s = svdvals(a)
    sizes = known(s, "the rank in lstsq")
    limit = np.finfo(sizes.dtype).eps * np.maximum(m, n) if rcond is None else rcond
    rank = int(np.sum(sizes > limit * sizes[:1]))
    x = pinv(a, **({} if rcond is None else {"rcond": rcond})) @ b
    left = b - a @ x
    residuals = sum(squares(left), axis=0, keepdims=b.ndim == 1)
    return x, residuals if rank == n < m else residuals[..., :0] * 0, np.int32(rank), s


# norms
def _power_length(x: Array, p: float, axis: Any = None, keepdims: bool = False) -> Array:
    total = np.sum(np.abs(x) ** p, axis=axis, keepdims=keepdims)
    return total ** (1 / total.dtype.type(p))  # to the last digit of any precision


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
    x, keepdims = inexact(array(x)), bool(keepdims)
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
    return reshape(made, kept_shape(x.shape, axes)) if keepdims else made


@composed(np.linalg.vector_norm)
def vector_norm(x: Array, /, *, axis: Any = None, ord: Any = 2, keepdims: bool = False) -> Array:
    """The length of vectors along an axis, of several axes together, or of all entries."""
    x, axes = inexact(x), normalize_axes(axis, x.ndim)
    made = _vector_norm(merge_axes(x, axes), ord, -1, False)
    return reshape(made, kept_shape(x.shape, axes)) if keepdims else made


@composed(np.linalg.matrix_norm)
def matrix_norm(x: Array, /, *, keepdims: bool = False, ord: Any = "fro") -> Array:
    """The norm of the matrices in the last two axes."""
    return norm(x, ord, (-2, -1), keepdims)


@composed(np.linalg.cond)
def cond(x: Array, p: Any = None) -> Array:
    """The condition number |x| |inv(x)|, by default in the 2-norm."""
    if p in (None, 2, -2):
        s = svdvals(x)
        ratio = s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
        return where(s[..., 0] == 0, np.inf, ratio)
    return norm(x, p, (-2, -1)) * norm(inv(x), p, (-2, -1))


# products
@composed(np.linalg.matrix_power)
def matrix_power(a: Array, n: int) -> Array:
    """The n-th power of a square matrix, by squaring; negative n takes the inverse first."""
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise np.linalg.LinAlgError(f"matrix_power: {describe(a)} is no square matrix")
    try:
        n = operator.index(n)
    except TypeError:
        raise TypeError(f"matrix_power: the exponent is a whole number, not {n!r}") from None
    if n == 0:
        return zeros_like(a) + _eye(a, a.shape[-1])
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
    if len(factors) < 2:
        raise ValueError(f"multi_dot: at least two arrays are multiplied, not {len(factors)}")
    if len(factors) == 2:
        return dot(*factors)
    first, last = factors[0].ndim == 1, factors[-1].ndim == 1
    factors[0] = expand_dims(factors[0], 0) if first else factors[0]
    factors[-1] = expand_dims(factors[-1], 1) if last else factors[-1]
    for factor in factors:
        if factor.ndim != 2:
            raise np.linalg.LinAlgError(f"multi_dot: {describe(factor)} is no matrix; see matmul")
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


def _rank(A: Array, *args: Any, **kwargs: Any) -> Array:
    return np.asarray(np.linalg.matrix_rank(A, *args, **kwargs))[()]


matrix_rank = constant(_rank, name="linalg.matrix_rank")
registry[np.linalg.matrix_rank] = matrix_rank
registry[np.linalg.matrix_transpose] = matrix_transpose
T, _dot = matrix_transpose, matmul  # names that code written for HIPS autograd reaches for
LinAlgError = np.linalg.LinAlgError


def __getattr__(name: str) -> Any:
    return getattr(np.linalg, name)


__all__ = list(np.linalg.__all__)
