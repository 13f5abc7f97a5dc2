"""Solvers for triangular, banded and Sylvester equations, and the matrix square root.

The rules follow Giles, An extended collection of matrix derivative results for algorithmic differentiation (2008).
"""

from typing import Any

import numpy as np
import scipy.linalg as theirs

from .. import numpy as anp
from ..errors import NoRuleError
from ..graph import Primitive
from ..numpy.registry import registry
from ._formula import recorded

Array = Any


def _outer(v: Array, out: Array) -> Array:
    """The sum over right-hand sides of v out^T."""
    if v.ndim == 1:
        return anp.expand_dims(v, -1) * anp.expand_dims(out, 0)
    return v @ out.T


def _solve(a: Array, b: Array, transpose: bool, lower: bool, unit: bool) -> Array:
    return theirs.solve_triangular(a, b, trans=int(transpose), lower=lower, unit_diagonal=unit)


def _solve_rule_a(g: Array, out: Array, a: Array, b: Array, transpose: bool, lower: bool, unit: bool) -> Array:
    v = _triangular(a, g, not transpose, lower, unit)
    slope = -(_outer(out, v) if transpose else _outer(v, out))
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
    return _triangular(a, b, trans in (1, "T"), bool(lower), bool(unit_diagonal))


solve_sylvester: Primitive = recorded(
    theirs.solve_sylvester,
    lambda g, out, a, b, q: -solve_sylvester(a.T, b.T, g) @ out.T,
    lambda g, out, a, b, q: -out.T @ solve_sylvester(a.T, b.T, g),
    lambda g, out, a, b, q: solve_sylvester(a.T, b.T, g),
    name="scipy.linalg.solve_sylvester",
)
solve_sylvester.__doc__ = "The x with a x + x b = q."


def _sqrtm_rule(g: Array, out: Array, a: Array, **kwargs: Any) -> Array:
    if kwargs.get("disp", True) is not True:
        raise NoRuleError("sqrtm has no derivative rule for disp=False, which returns an error estimate too")
    return solve_sylvester(out.T, out.T, g)


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
    row, column, inside = _band(l_and_u, ab.shape[1], transpose=True)
    return anp.where(inside, ab[row, column], 0)


def _back(g: Array, l_and_u: tuple[int, int], ab: Array) -> Array:
    low, up = l_and_u
    return solve_banded((up, low), _transposed_band(l_and_u, ab), g)


def _banded_rule(g: Array, out: Array, l_and_u: tuple[int, int], ab: Array, b: Array) -> Array:
    v = _back(g, l_and_u, ab)
    _, at, inside = _band(l_and_u, ab.shape[1], transpose=False)
    product = v[at] * anp.expand_dims(out, 0)
    return -anp.where(inside, anp.sum(product, axis=-1) if out.ndim > 1 else product, 0)


solve_banded: Primitive = recorded(
    theirs.solve_banded,
    None,
    _banded_rule,
    lambda g, out, l_and_u, ab, b: _back(g, l_and_u, ab),
    name="scipy.linalg.solve_banded",
)
solve_banded.__doc__ = "The x with a x = b, for a band matrix a given by its diagonals as rows (see SciPy)."

# What NumPy has too is differentiated there.
for _name in ("cholesky", "det", "eigh", "inv", "norm", "pinv", "qr", "solve", "svd"):
    _ours, _theirs = getattr(anp.linalg, _name, None), getattr(theirs, _name)
    if _ours is not None:
        registry.setdefault(_theirs, _ours)


def __getattr__(name: str) -> Any:
    return getattr(theirs, name)
