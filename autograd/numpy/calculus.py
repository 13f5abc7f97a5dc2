"""Functions of a sequence of values: differences, integrals, interpolation, moments."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import describe
from ..shapes import normalize_axes, normalize_axis
from .elementwise import _conj, clip, inexact, where
from .indexing import take
from .joining import array, concatenate, stack
from .products import tensordot
from .reductions import mean, sum
from .registry import cast, composed, for_other_data, gathered, plain, primitive
from .shaping import broadcast_to, expand_dims, moveaxis, ravel, reshape
from .sorting import argsort, searchsorted

Array = Any


def _at(axis: int, start: int | None, stop: int | None) -> tuple[Any, ...]:
    return (*(slice(None),) * axis, slice(start, stop))


@composed(np.diff)
def diff(a: Array, n: int = 1, axis: int = -1, prepend: Any = NotImplemented, append: Any = NotImplemented) -> Array:
    """The n-th differences of neighbours along an axis.

    >>> diff(np.array([1.0, 4.0, 9.0]))
    array([3., 5.])
    """
    a = gathered(a)
    if n == 0:
        return a
    if n < 0:
        raise ValueError(f"diff: the order is not negative, but n={n}")
    axis = normalize_axis(axis, np.ndim(plain(a)))
    left, right = (
        None if end is NotImplemented or end is np._NoValue else _as_end(end, a, axis) for end in (prepend, append)
    )
    if left is not None or right is not None:
        a = concatenate([part for part in (left, a, right) if part is not None], axis=axis)
    for _ in range(n):
        later, earlier = a[_at(axis, 1, None)], a[_at(axis, None, -1)]
        a = later != earlier if later.dtype == bool else later - earlier
    return a


def _as_end(end: Any, a: Array, axis: int) -> Array:
    end = array(end)
    return broadcast_to(end, (*a.shape[:axis], 1, *a.shape[axis + 1 :])) if end.ndim == 0 else end


@composed(np.ediff1d)
def ediff1d(ary: Array, to_end: Any = None, to_begin: Any = None) -> Array:
    """The differences of neighbours among all entries, with something before and behind."""
    ary = array(ary)
    before, after = (
        [] if end is None else [ravel(cast(array(end), ary.dtype, "same_kind", "ediff1d: "))]
        for end in (to_begin, to_end)
    )
    return concatenate([*before, diff(ravel(ary)), *after])


@composed(np.gradient)
def gradient(f: Array, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Central differences inside and one-sided ones at the ends, along each axis; spacings or coordinates may follow.

    The weights are those of the parabola through three neighbours (Fornberg, Math. Comp. 51, 1988).
    """
    f = gathered(f)
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order is 1 or 2, not {edge_order}")
    axes = normalize_axes(axis, f.ndim)
    spacings = varargs * len(axes) if len(varargs) == 1 else varargs or (1.0,) * len(axes)
    if len(spacings) != len(axes):
        raise TypeError(f"gradient: {len(varargs)} spacings for {len(axes)} axes")
    f = inexact(f)
    made = tuple(_slopes(f, h, a, edge_order) for h, a in zip(spacings, axes, strict=True))
    made = tuple(slope if slope.dtype == f.dtype else slope.astype(f.dtype) for slope in made)
    return made[0] if len(made) == 1 else made


def _slopes(f: Array, spacing: Any, axis: int, edge_order: int) -> Array:
    y = moveaxis(f, axis, -1)
    if y.shape[-1] <= edge_order:
        raise ValueError(f"gradient: at least {edge_order + 1} entries are needed along axis {axis} of {describe(f)}")
    if np.ndim(plain(spacing)) == 0:
        near = next_near = last_near = next_last = spacing
        inside = (y[..., 2:] - y[..., :-2]) / (2 * spacing)
    else:
        spacing = array(spacing)
        if spacing.shape != y.shape[-1:]:
            raise ValueError(
                f"gradient: {describe(spacing)} is not one coordinate for each entry along axis {axis} of {describe(f)}"
            )
        steps = diff(inexact(spacing))
        near, last_near = steps[0], steps[-1]
        next_near, next_last = (steps[1], steps[-2]) if edge_order > 1 else (None, None)
        before, after = steps[:-1], steps[1:]
        inside = (
            y[..., :-2] * (-after / (before * (before + after)))
            + y[..., 1:-1] * ((after - before) / (before * after))
            + y[..., 2:] * (before / (after * (before + after)))
        )
    if edge_order == 1:
        first = (y[..., 1:2] - y[..., :1]) / near
        last = (y[..., -1:] - y[..., -2:-1]) / last_near
    else:
        first = _edge(y[..., 0:1], y[..., 1:2], y[..., 2:3], near, next_near)
        last = -_edge(y[..., -1:], y[..., -2:-1], y[..., -3:-2], last_near, next_last)
    return moveaxis(concatenate([first, inside, last], axis=-1), -1, axis)


def _edge(y0: Array, y1: Array, y2: Array, near: Array, far: Array) -> Array:
    both = near + far
    return y0 * (-(near + both) / (near * both)) + y1 * (both / (near * far)) - y2 * (near / (far * both))


@composed(np.trapezoid)
def trapezoid(y: Array, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Array:
    """The integral along an axis by the trapezoidal rule.

    >>> float(trapezoid(np.array([0.0, 1.0, 4.0])))
    3.0
    """
    y = array(y)
    along, axis = axis, normalize_axis(axis, y.ndim)
    if x is None:
        steps: Any = dx
    else:
        x = array(x)
        steps = diff(x, axis=0 if x.ndim == 1 else along)
        if x.ndim == 1:
            steps = reshape(steps, (-1,) + (1,) * (y.ndim - axis - 1))
    return sum(steps * (y[_at(axis, 1, None)] + y[_at(axis, None, -1)]) / 2.0, axis=along)


unwrap = primitive(np.unwrap, lambda g, out, p, *args, **kwargs: g)


@composed(np.interp)
def interp(x: Array, xp: Array, fp: Array, left: Any = None, right: Any = None, period: Any = None) -> Array:
    """The values at `x` of the polygon through the points (xp, fp); its slope at a point is that to the right.

    >>> float(interp(1.5, np.array([1.0, 2.0]), np.array([10.0, 20.0])))
    15.0
    """
    x, xp, fp = (array(v) for v in (x, xp, fp))
    x, xp = cast(x, float, "same_kind"), cast(xp, float, "same_kind")
    fp = fp if fp.dtype.kind == "c" else array(fp, float)
    if xp.shape != fp.shape or xp.ndim != 1 or not xp.size:
        raise ValueError(f"interp: xp and fp are vectors of one length, not {describe(xp)} and {describe(fp)}")
    if period is not None:
        if not for_other_data() and plain(period) == 0:
            raise ValueError("interp: the period is 0, and nothing repeats after no length")
        x, xp = x % abs(period), xp % abs(period)
        order = argsort(xp)
        xp, fp = take(xp, order), take(fp, order)
        xp = concatenate([xp[-1:] - abs(period), xp, xp[:1] + abs(period)])
        fp = concatenate([fp[-1:], fp, fp[:1]])
        left = right = None
    n = xp.shape[0]
    if n == 1:
        inside = fp[0] + 0 * x
    else:
        place = searchsorted(xp, x, side="right") - 1
        place = clip(place, 0, n - 2)
        start, width = take(xp, place), take(xp, place + 1) - take(xp, place)
        share = where(x < xp[0], 0, where(x > xp[-1], 1, (x - start) / where(width == 0, 1, width)))
        inside = take(fp, place) + share * (take(fp, place + 1) - take(fp, place))
    inside = inside if left is None else where(x < xp[0], left, inside)
    return inside if right is None else where(x > xp[-1], right, inside)


@composed(np.apply_along_axis)
def apply_along_axis(func1d: Any, axis: int, arr: Array, *args: Any, **kwargs: Any) -> Array:
    """The results of a function of vectors, called on each line along an axis."""
    axis = normalize_axis(axis, arr.ndim)
    lines = moveaxis(arr, axis, -1)
    made = [array(func1d(lines[place], *args, **kwargs)) for place in np.ndindex(*lines.shape[:-1])]
    whole = reshape(stack(made), (*lines.shape[:-1], *made[0].shape))
    others = lines.ndim - 1
    return moveaxis(whole, tuple(range(others, whole.ndim)), tuple(range(axis, axis + whole.ndim - others)))


@composed(np.apply_over_axes)
def apply_over_axes(func: Any, a: Array, axes: Any) -> Array:
    """A reduction called on one axis after the other, each kept with length 1."""
    for axis in normalize_axes(axes, a.ndim):
        made = func(a, axis)
        a = made if made.ndim == a.ndim else expand_dims(made, axis)
    return a


# moments
@composed(np.cov)
def cov(
    m: Array,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Array:
    """The covariance matrix of the rows of `m` (the columns if not `rowvar`), perhaps joined with those of `y`."""
    rows = _rows(m, rowvar)
    if y is not None:
        rows = concatenate([rows, _rows(y, rowvar)])
    rows = array(rows, np.result_type(rows.dtype, float) if dtype is None else dtype)
    ddof = (0 if bias else 1) if ddof is None else ddof
    if fweights is None and aweights is None:
        centred = rows - mean(rows, axis=1, keepdims=True)
        made = tensordot(centred, _conj(centred), ((1,), (1,))) / max(rows.shape[1] - ddof, 0)
    else:
        n = rows.shape[1]
        counts = 1.0 if fweights is None else _of_samples(array(fweights), n, "fweights")
        aweights = None if aweights is None else _of_samples(array(aweights, float), n, "aweights")
        w = counts if aweights is None else counts * aweights
        total = sum(w)
        scale = total - ddof * (1 if aweights is None else sum(w * aweights) / total)
        centred = rows - expand_dims(sum(rows * w, axis=1) / total, 1)
        made = tensordot(centred * w, _conj(centred), ((1,), (1,))) / scale
    return reshape(made, ()) if made.shape == (1, 1) else made


def _of_samples(weights: Array, n: int, name: str) -> Array:
    """The weights, if they are some of n samples: fweights say how often each occurs, aweights how much it matters."""
    if weights.shape != (n,):
        raise RuntimeError(f"cov: {name} are one for each of {n} samples, not {describe(weights)}")
    numbers = plain(weights)
    if not for_other_data():
        if name == "fweights" and np.any(numbers != np.round(numbers)):
            raise TypeError("cov: fweights are whole numbers; pass others as aweights")
        if np.any(numbers < 0):
            raise ValueError(f"cov: {name} are not negative")
    return weights


def _rows(m: Array, rowvar: bool) -> Array:
    m = array(m)
    if m.ndim > 2:
        raise ValueError(f"cov: the variables are the rows of a matrix, not {describe(m)}")
    if m.ndim < 2:
        return reshape(m, (1, -1))
    return m if rowvar else m.T


@composed(np.corrcoef)
def corrcoef(x: Array, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Array:
    """The correlation coefficients of the rows of `x`, perhaps joined with those of `y`."""
    c = cov(x, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    spread = np.arange(c.shape[0])
    deviations = c[spread, spread] ** 0.5
    return c / expand_dims(deviations, 1) / expand_dims(deviations, 0)
