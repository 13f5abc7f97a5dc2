"""Solvers for triangular, banded and Sylvester equations, and the matrix square root.

The rules follow Giles, An extended collection of matrix derivative results for algorithmic differentiation (2008).
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
from ._formula import plain, recorded

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


def __getattr__(name: str) -> Any:
    """SciPy's other names; its functions as primitives, which `extend.defvjp` can give a rule."""
    found = getattr(theirs, name)
    globals()[name] = made = primitive(found) if inspect.isfunction(found) else found
    return made
