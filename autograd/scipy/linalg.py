"""Solvers for triangular, banded and Sylvester equations, Cholesky's factors, and functions of matrices.

The rules follow Giles, An extended collection of matrix derivative results for algorithmic differentiation (2008).
What NumPy has too is NumPy's there.
"""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg as theirs

from .. import numpy as anp
from ..errors import NoRuleError
from ..extend import primitive
from ..graph import Primitive
from ..numpy.registry import plain
from ._formula import formula, recorded

Array = Any


_t = anp.matrix_transpose


def _in_columns(solve: Callable[[Array], Array], b: Array) -> Array:
    """The solution for right-hand sides in columns; for a vector, that of one column."""
    if np.ndim(plain(b)) > 1:
        return solve(b)
    return anp.squeeze(solve(anp.expand_dims(b, -1)), -1)


def _solve(a: Array, b: Array, transpose: bool, lower: bool, unit: bool) -> Array:
    return theirs.solve_triangular(a, b, trans=int(transpose), lower=lower, unit_diagonal=unit)


def _solve_rule_a(g: Array, out: Array, a: Array, b: Array, transpose: bool, lower: bool, unit: bool) -> Array:
    v = _triangular(a, g, not transpose, lower, unit)
    slope = -(out @ _t(v) if transpose else v @ _t(out))
    offset = 1 if unit else 0
    return anp.tril(slope, -offset) if lower else anp.triu(slope, offset)


_triangular: Primitive = recorded(
    _solve,
    _solve_rule_a,
    lambda g, out, a, b, transpose, lower, unit: _triangular(a, g, not transpose, lower, unit),
    name="scipy.linalg.solve_triangular",
)


def solve_triangular(
    a: Array,
    b: Array,
    trans: int | str = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Array:
    """The x with a x = b (trans 0 or "N"), a^T x = b (1, "T") or a^H x = b (2, "C") for a triangular matrix a."""
    if trans in (2, "C"):
        a, trans = anp.conj(a), 1
    options = (trans in (1, "T"), bool(lower), bool(unit_diagonal))
    return _in_columns(lambda b: _triangular(a, b, *options), b)


solve_sylvester: Primitive = recorded(
    theirs.solve_sylvester,
    lambda g, out, a, b, q: -solve_sylvester(_t(a), _t(b), g) @ _t(out),
    lambda g, out, a, b, q: -_t(out) @ solve_sylvester(_t(a), _t(b), g),
    lambda g, out, a, b, q: solve_sylvester(_t(a), _t(b), g),
    name="scipy.linalg.solve_sylvester",
)
solve_sylvester.__doc__ = "The x with a x + x b = q."


def _sqrtm_rule(g: Array, out: Array, a: Array, **kwargs: Any) -> Array:
    if kwargs.get("disp", True) is not True:
        raise NoRuleError("sqrtm has no derivative rule for disp=False, which returns an error estimate too")
    return solve_sylvester(_t(out), _t(out), g)


sqrtm = recorded(theirs.sqrtm, _sqrtm_rule, name="scipy.linalg.sqrtm")


def _band(l_and_u: tuple[int, int], n: int, transpose: bool) -> tuple[Array, Array, Array]:
    """Where each entry of a band matrix's diagonal form is found in that of its transpose, or at which row it stands.

    Returns the row and the column there, and whether the entry is one of the matrix.
    """
    low, up = (int(k) for k in l_and_u)
    shift = np.arange(low + up + 1)[:, None] - (low if transpose else up)  # i - j of the matrix that is wanted
    column = np.arange(n)[None, :] + shift
    row = np.broadcast_to(up - shift if transpose else shift + up, column.shape)
    inside = (column >= 0) & (column < n)
    return row, np.where(inside, column, 0), inside


def _transposed_band(l_and_u: tuple[int, int], ab: Array) -> Array:
    row, column, inside = _band(l_and_u, ab.shape[-1], transpose=True)
    return anp.where(inside, ab[..., row, column], 0)


def _back(g: Array, l_and_u: tuple[int, int], ab: Array) -> Array:
    low, up = l_and_u
    return _banded((up, low), _transposed_band(l_and_u, ab), g)


def _banded_rule(g: Array, out: Array, l_and_u: tuple[int, int], ab: Array, b: Array) -> Array:
    v = _back(g, l_and_u, ab)
    _, at, inside = _band(l_and_u, ab.shape[-1], transpose=False)
    return -anp.where(inside, anp.sum(v[..., at, :] * anp.expand_dims(out, -3), axis=-1), 0)


_banded: Primitive = recorded(
    theirs.solve_banded,
    None,
    _banded_rule,
    lambda g, out, l_and_u, ab, b: _back(g, l_and_u, ab),
    name="scipy.linalg.solve_banded",
)


def solve_banded(
    l_and_u: tuple[int, int],
    ab: Array,
    b: Array,
    overwrite_ab: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Array:
    """The x with a x = b, for a band matrix a given by its diagonals as rows (see SciPy)."""
    return _in_columns(lambda b: _banded(l_and_u, ab, b), b)


# Cholesky's factors: SciPy's is the upper one by default, and reads the upper triangle.


def _h(x: Array) -> Array:
    return anp.conj(_t(x))


@formula(theirs.cholesky)
def cholesky(a: Array, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Array:
    """The triangular l with l l^H = a, or u with u^H u = a."""
    return anp.linalg.cholesky(a) if lower else _h(anp.linalg.cholesky(_h(a)))


@formula(theirs.cho_factor)
def cho_factor(
    a: Array, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> tuple[Array, bool]:
    """Cholesky's factor, and whether it is the lower one: what `cho_solve` takes."""
    return cholesky(a, lower), lower


@formula(theirs.cho_solve)
def cho_solve(c_and_lower: tuple[Array, bool], b: Array, overwrite_b: bool = False, check_finite: bool = True) -> Array:
    """The x with a x = b, for the a that `cho_factor` was given."""
    factor, lower = c_and_lower
    first, second = (0, "C") if lower else ("C", 0)
    return _in_columns(lambda b: solve_triangular(factor, solve_triangular(factor, b, first, lower), second, lower), b)


# Functions of matrices: f of [[a, e], [0, a]] has in its corner the derivative of f at a along e, and the cotangent is
# that at the transpose of a, along g (Higham, Functions of matrices, 2008, chapter 3).


def _of_matrix(name: str) -> Primitive:
    def rule(g: Array, out: Array, a: Array, **kwargs: Any) -> Array:
        n, a = a.shape[-1], _t(a)
        rows = anp.concatenate([a, g], axis=-1), anp.concatenate([anp.zeros_like(a), a], axis=-1)
        return made(anp.concatenate(rows, axis=-2))[..., :n, n:]

    made = recorded(getattr(theirs, name), rule, name=f"scipy.linalg.{name}")
    made.__doc__ = getattr(theirs, name).__doc__
    return made


expm: Primitive = _of_matrix("expm")
logm: Primitive = _of_matrix("logm")
sinm: Primitive = _of_matrix("sinm")
cosm: Primitive = _of_matrix("cosm")


@formula(theirs.solve)
def solve(
    a: Array,
    b: Array,
    lower: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    assume_a: str | None = None,
    transposed: bool = False,
) -> Array:
    """The x with a x = b, or a^T x = b; of a matrix assumed "sym", "her" or "pos" one triangle is read, as by SciPy."""
    if assume_a in ("sym", "symmetric", "her", "hermitian", "pos", "positive definite"):
        half = (anp.tril if lower else anp.triu)(a) * (1 - np.eye(a.shape[-1], dtype=a.dtype) / 2)
        a = half + (_t if assume_a.startswith("s") else _h)(half)
    elif assume_a not in (None, "gen", "general"):
        raise NoRuleError(f"scipy.linalg.solve has no derivative rule with assume_a={assume_a!r}")
    return _in_columns(lambda b: anp.linalg.solve(_t(a) if transposed else a, b), b)


@formula(theirs.block_diag)
def block_diag(*arrays: Array) -> Array:
    """The matrix with the given ones along its diagonal and zeros elsewhere."""
    blocks = [anp.atleast_2d(a) for a in arrays]
    width, at, rows = sum(a.shape[-1] for a in blocks), 0, []
    for a in blocks:
        rows.append(anp.pad(a, [(0, 0)] * (a.ndim - 1) + [(at, width - at - a.shape[-1])]))
        at += a.shape[-1]
    return anp.concatenate(rows, axis=-2)


@formula(theirs.toeplitz)
def toeplitz(c: Array, r: Array = None) -> Array:
    """The matrix of constant diagonals with first column c and first row r, by default the conjugate of c."""
    c = anp.atleast_1d(c)
    r = anp.conj(c) if r is None else anp.atleast_1d(r)
    if c.ndim > 1 or r.ndim > 1:
        raise NoRuleError("scipy.linalg.toeplitz has no derivative rule for stacks of vectors")
    diagonals = anp.concatenate([c[::-1], r[1:]])
    return diagonals[np.arange(len(r)) - np.arange(len(c))[:, None] + len(c) - 1]


def _as_numpys(name: str) -> Callable[..., Any]:
    """NumPy's function of the name; of SciPy's options those that NumPy has too, or that are about speed only."""
    signature = inspect.signature(getattr(theirs, name))
    numpys = inspect.signature(getattr(np.linalg, name)).parameters

    def ours(*args: Any, **kwargs: Any) -> Any:
        (_, a), *rest = signature.bind(*args, **kwargs).arguments.items()
        options = {k: v for k, v in rest if k not in ("overwrite_a", "check_finite", "lapack_driver", "driver")}
        for option in options:
            if option not in numpys:
                raise NoRuleError(f"scipy.linalg.{name} has no derivative rule with {option}=")
        return getattr(anp.linalg, name)(a, **options)

    return formula(getattr(theirs, name))(ours)


det, inv, norm = _as_numpys("det"), _as_numpys("inv"), _as_numpys("norm")
eigh, eigvalsh, svd = _as_numpys("eigh"), _as_numpys("eigvalsh"), _as_numpys("svd")


def __getattr__(name: str) -> Any:
    """SciPy's other names; its functions as primitives, which `extend.defvjp` can give a rule."""
    found = getattr(theirs, name)
    globals()[name] = made = primitive(found) if inspect.isfunction(found) else found
    return made
