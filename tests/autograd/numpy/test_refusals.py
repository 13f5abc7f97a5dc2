"""What NumPy refuses is refused on Tensors too, with an error of the same kind, and not computed as something else."""

from typing import Any

import numpy as np
import pytest

from autograd import Tensor

v, w, M, T = np.arange(1.0, 5), np.array([0.5, 0.2, 0.9, 0.4]), np.ones((3, 4)), np.ones((2, 3, 4))

OF_AN_AXIS = [
    np.sum, np.mean, np.prod, np.max, np.var, np.std, np.ptp, np.median, np.nanmax, np.nansum, np.cumsum, np.sort,
    np.argsort, np.argmax, np.diff, np.gradient, np.trapezoid, np.flip, np.squeeze, np.expand_dims, np.fft.fft,
    np.linalg.norm, np.unstack, lambda x, axis: np.take(x, 0, axis), lambda x, axis: np.repeat(x, 2, axis),
    lambda x, axis: np.delete(x, 0, axis), lambda x, axis: np.insert(x, 0, 1.0, axis),
    lambda x, axis: np.split(x, 1, axis), lambda x, axis: np.array_split(x, 1, axis),
    lambda x, axis: np.concatenate([x, x], axis), lambda x, axis: np.compress([True], x, axis),
    lambda x, axis: np.take_along_axis(x, np.zeros(x.shape, int), axis), lambda x, axis: np.quantile(x, 0.5, axis),
    lambda x, axis: np.average(x, axis), lambda x, axis: np.roll(x, 1, axis),
    lambda x, axis: np.trim_zeros(x, axis=axis), lambda x, axis: np.apply_along_axis(np.sum, axis, x),
    lambda x, axis: np.swapaxes(x, 0, axis),
]  # fmt: skip


@pytest.mark.parametrize("axis", [3, -4])
@pytest.mark.parametrize("function", OF_AN_AXIS)
def test_an_axis_that_is_not_there(function: Any, axis: int) -> None:
    for x in (M, Tensor(M, requires_grad=True)):
        with pytest.raises((IndexError, ValueError)):  # NumPy's AxisError is both
            function(x, axis=axis)


REFUSED = [
    (lambda x: np.gradient(x, axis=(0, 0)), M),
    (lambda x: np.rot90(x, axes=(1, 1)), M),
    (lambda x: np.convolve(x, x), M),
    (lambda x: np.correlate(x, x), M),
    (lambda x: np.polymul(x, x), M),
    (lambda x: np.roots(x), M),
    (lambda x: np.vander(x), M),
    (lambda x: np.cross(x, x), v),
    (lambda x: np.interp(x, [0.0, 1.0], [0.0, 1.0, 2.0]), v),
    (lambda x: np.ix_(x, x), M),
    (lambda x: np.vsplit(x, 2), v),
    (lambda x: np.dsplit(x, 2), M),
    (lambda x: np.take(x, [0], mode="bogus"), v),
    (lambda x: np.take_along_axis(x, np.array([0, 1]), 0), M),
    (lambda x: np.repeat(x, x), w),
    (lambda x: np.tile(x, 1.5), v),
    (lambda x: np.tile(v, x), w),
    (lambda x: np.quantile(x, np.array([0.5, 1.5])), v),
    (lambda x: np.quantile(v, x), v),
    (lambda x: np.linspace(x, 1.0, -1), np.float64(0.5)),
    (lambda x: np.linspace(x, 1.0, 2.5), np.float64(0.5)),
    (lambda x: np.linalg.matrix_power(x, 1.5), np.eye(2)),
    (lambda x: np.concatenate([x, x], dtype=int), v),
    (lambda x: np.stack([x, x], dtype=int), v),
    (lambda x: np.hstack([x, x], dtype=np.float32, casting="safe"), v),
]  # fmt: skip


@pytest.mark.parametrize(("function", "x"), REFUSED)
def test_what_numpy_refuses(function: Any, x: Any) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - NumPy says which
        function(x)
    with pytest.raises(theirs.type):
        function(Tensor(x, requires_grad=True))


def test_casting_is_allowed_by_its_own_word() -> None:
    t = Tensor(v, requires_grad=True)
    assert np.concatenate([t, t], dtype=int, casting="unsafe").dtype == int
    assert np.stack([t, t], dtype=np.float32).dtype == np.float32
    with pytest.raises(TypeError, match=r"of float64 cannot be cast to int64 with casting='same_kind'"):
        np.vstack([t, t], dtype=int)
