"""What NumPy refuses is refused on Tensors too, with an error of the same kind; what it takes at the edge is taken."""

from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor

v, w, M, T = np.arange(1.0, 5), np.array([0.5, 0.2, 0.9, 0.4]), np.ones((3, 4)), np.ones((2, 3, 4))
x, some = np.array([3.0, 1.0, 2.0]), np.array([True, False, True])
column = x[:, None]  # beside it a mask of three entries is one of nine

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
    (lambda x: np.vecdot(x, np.ones(1)), v),
    (lambda x: np.interp(x, [0.0, 1.0], [0.0, 1.0]), v * 1j),
    (lambda x: np.bincount([0, 1, 1, 2], x), v * 1j),
    (lambda x: np.quantile(x, 0.5), v * 1j),
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
    (lambda x: np.sum(x, where=some), column),
    (lambda x: np.prod(x, where=some), column),
    (lambda x: np.mean(x, where=some), column),
    (lambda x: np.max(x, where=some, initial=0.0), column),
    (lambda x: np.std(x, where=some), column),
    (lambda x: np.nanvar(x, where=some), column),
    (lambda x: np.max(x, where=x > 1), v),
    (lambda x: np.nanmin(x, where=x > 1), v),
    (lambda x: np.gradient(x, np.array([0.0, 1.0, 3.0]), axis=0), T),
    (lambda x: np.gradient(x, edge_order=3), v),
    (lambda x: np.bincount([0, 1, 1], x), v[:1]),
    (lambda x: np.bincount([0, 1, 1], x), np.float64(1.0)),
    (lambda x: np.polyfit([1.0, 2.0, 3.0], x, 1), v[:1]),
    (lambda x: np.polyfit([1.0, 2.0, 3.0], x, 1, w=[1.0, 2.0, 1.0]), v[:1]),
    (lambda x: np.polyfit(x, x, 1), M),
    (lambda x: np.polyfit(x, x, -1), v),
    (lambda x: np.polyfit(x, x, 1, w=[1.0]), v),
    (lambda x: np.polyfit(x, x, 1, w=np.ones((1, 4))), v),
    (lambda x: np.polyfit(v, v, 1, w=x), v[:1]),
    (lambda x: np.poly(x), M),
    (lambda x: np.meshgrid(x, v, indexing="XY"), v),
    (lambda x: np.interp(x, v, v, period=0), v),
    (lambda x: np.ediff1d(np.array([1, 2, 4]), to_begin=x), np.float64(0.5)),
    (lambda x: np.ediff1d(x, to_end=1j), v),
    (lambda x: np.pad(x, {1: 2}), v),
    (lambda x: np.pad(x, 1, "edge"), np.ones((2, 0))),
    (lambda x: np.pad(x, 1, "mean"), np.ones((2, 0))),
    (lambda x: np.pad(x, 1.5), v),
    (lambda x: np.pad(x, -1), v),
    (lambda x: np.pad(x, 1, "mean", stat_length=-1), v),
    (lambda x: np.sort(x, kind="bogus"), v),
    (lambda x: np.var(x, ddof=1, correction=1), v),
    (lambda x: np.nanstd(x, ddof=1, correction=1), v),
    (lambda x: np.piecewise(x, [v > 1], [1.0, 2.0, 3.0]), v),
    (lambda x: np.piecewise(x, [[True]], [1.0]), v),
    (lambda x: np.select([v > 1, v > 2], [x]), v),
    (lambda x: np.select([], [x]), v),
    (lambda x: np.choose(x, [v, v]), w),
    (lambda x: np.linalg.pinv(x, hermitian=True), v),
    (lambda x: np.fft.fftn(x, (2, 2), (0,)), M),
    (lambda x: np.resize(x, -1), v),
    (lambda x: np.resize(x, (3, -1)), v),
    (lambda x: np.pad(x, 1, "edge", constant_values=2.0), v),
    (lambda x: np.pad(x, 1, "wrap", stat_length=2), v),
    (lambda x: np.average(x, weights=[1.0, -1.0, 0.0, 0.0]), v),
    (lambda x: np.average(v, weights=x), v - v),
    (lambda x: np.average(x, weights=np.ones((4, 3))), M),
    (lambda x: np.average(x, axis=(0, 1), weights=np.ones((4, 3))), M),
    (lambda x: np.average(x, weights=np.ones(4)), M),
    (lambda x: np.average(x, axis=0, weights=np.ones(4)), M),
    (lambda x: np.average(M, axis=0, weights=x), v),
    (lambda x: np.cov(x, aweights=[1.0]), M),
    (lambda x: np.cov(x, aweights=np.ones((1, 4))), M),
    (lambda x: np.cov(x, aweights=[-1.0, 1.0, 1.0, 1.0]), M),
    (lambda x: np.cov(M, aweights=x), -v),
    (lambda x: np.cov(M, aweights=x), v[:1]),
    (lambda x: np.cov(x, fweights=[1]), M),
    (lambda x: np.cov(x, fweights=[[1, 1, 1, 1]]), M),
    (lambda x: np.cov(x, fweights=[1.5, 2.0, 1.0, 1.0]), M),
    (lambda x: np.cov(x, fweights=[1, -2, 1, 1]), M),
    (lambda x: np.geomspace(x, 1.0), np.float64(0.0)),
    (lambda x: np.linalg.matrix_power(x, 1), M),
    (lambda x: np.linalg.matrix_power(x, 0), v),
    (lambda x: np.diag(x), np.float64(2.0)),
    (lambda x: np.diag(x), T),
    (lambda x: np.hsplit(x, 1), np.float64(2.0)),
    (lambda x: np.unstack(x, axis=1), v),
    (lambda x: np.repeat(x, [1, 2], axis=1), v),
    (lambda x: np.quantile(x, 0.5), np.zeros(0)),
    (lambda x: np.median(x, axis=1), np.float64(2.0)),
    (lambda x: np.gradient(x, axis=2), np.float64(2.0)),
    (lambda x: np.linalg.vector_norm(x, axis=1), np.float64(2.0)),
    (lambda x: np.linalg.qr(x), v),
    (lambda x: np.linalg.lstsq(x, np.ones((2, 3, 1))), T),
    (lambda x: np.linalg.lstsq(x, np.ones((2, 2, 1))), np.eye(2)),
    (lambda x: np.linalg.lstsq(x, [1.0]), np.eye(2)),
    (lambda x: np.linalg.multi_dot([x]), M),
    (lambda x: np.linalg.multi_dot([M, x, M]), v),
    (lambda x: np.fft.hfft(x, norm="bogus"), v),
]  # fmt: skip


@pytest.mark.parametrize(("function", "x"), REFUSED)
def test_what_numpy_refuses(function: Any, x: Any) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - NumPy says which
        function(x)
    with pytest.raises(theirs.type):
        function(Tensor(x, requires_grad=True))


# What is refused is told with the function's name, the shapes, and what to try
TOLD = [
    (lambda t: anp.average(t, weights=np.ones((4, 3))), r"ndarray\(4, 3\) is not one .* of t\(3, 4\); .* axis="),
    (lambda t: anp.average(t, axis=0, weights=[1.0, 2.0]), r"^average: .* not one .*, or for each along axis 0$"),
    (lambda t: anp.cov(t, aweights=[1.0]), r"^cov: aweights are one for each of 4 samples, not ndarray\(1,\)$"),
    (lambda t: anp.cov(t, fweights=[0.5, 1, 1, 1]), "^cov: fweights are whole numbers; pass others as aweights$"),
    (lambda t: anp.polyfit(t[0], t[0], -1), "^polyfit: the degree of a polynomial is not negative, but deg=-1$"),
    (lambda t: anp.polyfit(t[0], t[0], 1, w=[1.0]), r"^polyfit: w is one .* entry of Tensor\(4,\), not ndarray"),
    (lambda t: anp.poly(t), r"^poly: the roots are a vector, or the .* not Tensor\(3, 4\)$"),
    (lambda t: anp.ediff1d([1, 2], to_end=t), r"^ediff1d: t\(3, 4\) of float64 cannot be cast to int64"),
    (lambda t: anp.interp(t, [0.0, 1.0], [0.0, 1.0], period=0), "^interp: the period is 0"),
    (lambda t: anp.pad(t[:0], 1, "mean"), r"^pad: axis 0 of Tensor\(0, 4\) has no .*; use 'constant'$"),
    (lambda t: anp.pad(t, -1), "^pad: widths are not negative, but -1 is$"),
    (lambda t: anp.pad(t, 1, "mean", stat_length=-1), "^pad: stat_length is not negative, but -1 is$"),
    (lambda t: anp.split(t[0, 0], 1), "^axis 0 is out of bounds for array of dimension 0$"),
    (lambda t: anp.select([t > 0, t > 1], [t]), "^select: one choice for each condition, not 1 for 2$"),
    (lambda t: anp.piecewise(t, [t > 0], []), "^piecewise: one function for each of 1 conditions, .*, not 0$"),
    (lambda t: anp.choose(t, [1.0, 2.0]), r"^choose: t\(3, 4\) of float64 does not .*; pass whole numbers$"),
    (lambda t: anp.meshgrid(t, indexing="XY"), "^meshgrid: indexing is 'xy' or 'ij', not 'XY'$"),
    (lambda t: anp.var(t, ddof=1, correction=1), "^var and std: ddof=1 and correction=1 are one number"),
    (lambda t: anp.fft.fftn(t, (2, 2), (0,)), r"^fft: 2 lengths in s=\(2, 2\) .* each of the axes \(0,\)$"),
    (lambda t: anp.linalg.matrix_power(t @ t.T, 0.5), "^matrix_power: the exponent is a whole number, not 0.5$"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "words"), TOLD)
def test_what_is_wrong_is_told(function: Any, words: str) -> None:
    t = Tensor(M, requires_grad=True)
    with pytest.raises((ValueError, TypeError, RuntimeError), match=words):
        function(t)


@pytest.mark.parametrize("function", [
    np.sort, np.diff, np.trapezoid, lambda x: np.delete(x, 0, 0), lambda x: np.insert(x, 0, 1.0, 0),
])  # fmt: skip
def test_a_number_has_no_axis(function: Any) -> None:
    with pytest.raises(np.exceptions.AxisError, match=r"^axis (0|-1) is out of bounds for array of dimension 0$"):
        function(Tensor(0.5, requires_grad=True))


def test_casting_is_allowed_by_its_own_word() -> None:
    t = Tensor(v, requires_grad=True)
    assert np.concatenate([t, t], dtype=int, casting="unsafe").dtype == int
    assert np.stack([t, t], dtype=np.float32).dtype == np.float32
    with pytest.raises(TypeError, match=r"of float64 cannot be cast to int64 with casting='same_kind'"):
        np.vstack([t, t], dtype=int)


# What NumPy takes was refused, or computed wrongly, for these
TAKEN = [
    (lambda x: x[[]], x),
    (lambda x: x[None, [[]]], x),
    (lambda x: np.take(x, []), x),
    (lambda x: x[(0, 2),], x),
    (lambda x: np.delete(x, np.argmax(x)), x),
    (lambda x: np.delete(np.arange(3), np.argmax(x)), x),
    (lambda x: np.insert(x, np.argmax(x), [9.0]), x),
    (lambda x: np.nanmax(x, initial=4.0, axis=0), np.array([[np.nan, 1.0], [np.nan, 5.0]])),
    (lambda x: np.nanmin(x), np.array([3, 1])),
    (lambda x: np.mean(x, where=some), some),
    (lambda x: np.mean(x, where=np.ones(300, bool)), np.full(300, 200, np.uint8)),
    (lambda x: np.nanmean(x), some),
    (lambda x: np.var(x, where=some), some),
    (lambda x: np.std(x, mean=0.37), some),
    (lambda x: np.poly(x), np.array([1, 2, 3], np.uint8)),
    (lambda x: np.roots(x), np.array([1, 3, 2], np.uint8)),
    (lambda x: np.linalg.norm(x, 1), np.array([1, -2])),
    (lambda x: np.linalg.norm(x, np.inf), np.array([1, -2])),
    (lambda x: np.linalg.vector_norm(x, ord=1), np.array([1, -2])),
    (lambda x: np.copy(x), some),
    (lambda x: np.fft.irfftn(x, (2, -1), (0, 1)), M),
    (lambda x: np.diff(x), some),
    (lambda x: np.choose(1, [x, x + 1]), np.float64(2.0)),
    (lambda x: np.linalg.cond(x), np.array([[2.0, 1.0], [0.0, 3.0]])),
    (lambda x: np.std(x, axis=0, where=x > 1, keepdims=1), M + x[:, None]),
    (lambda x: np.nanstd(x, axis=0, keepdims=1), M),
    (lambda x: np.nanmin(x, axis=0, keepdims=1), M),
    (lambda x: np.cov(x, rowvar=False), M[:1]),
    (lambda x: np.geomspace(x, 16 * x, 4), np.float32([0.1, 3.3])),
    (lambda x: np.geomspace(x, 16 * x, 4), np.float16([0.1, 3.3])),
    (lambda x: np.median(x), np.zeros((2, 0))),
    (lambda x: np.nanmedian(x, axis=0, keepdims=True), np.zeros((2, 0))),
    (lambda x: np.nanquantile(x, [0.1, 0.9]), np.zeros(0)),
    (lambda x: np.prod(x, initial=None), x),
    (lambda x: np.argsort(x, 0, "stable", None), x),
    (lambda x: np.piecewise(x, [some], [1.0, 2.0]), np.ones((3, 3))),
    (lambda x: np.piecewise(x, [some], [lambda v: 3 * v, 2.0]), np.ones((3, 2))),
    (lambda x: np.piecewise(x, x > 1, [2.5, lambda v: 1.5 * v]), np.array([3, 1, 2])),
    (lambda x: np.piecewise(x, [x < 2], [5.0]), np.array([1.0, np.inf, np.nan])),
    (lambda x: np.nan_to_num(x, nan=np.array([7.0, 8.0])), np.array([np.nan, 1.0])),
    (lambda x: np.pad(x, 1, "constant"), np.ones((2, 0))),
    (lambda x: np.pad(x, 1), np.array(2.0)),
    (lambda x: np.pad(x, ((1, 1), (0, 0)), "edge"), np.ones((2, 0))),
    (lambda x: np.cov(x, fweights=[1, 2, 1, 1], aweights=v), M * v),
    (lambda x: np.linalg.lstsq(x, np.zeros(0))[0], np.zeros((0, 3))),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of a mean of nothing
@pytest.mark.parametrize(("function", "x"), TAKEN)
def test_what_numpy_takes(function: Any, x: Any) -> None:
    expected = function(x)
    found = function(Tensor(x, requires_grad=x.dtype.kind == "f"))
    found = found.data if isinstance(found, Tensor) else found
    assert type(found) is type(expected)
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("function", [anp.relu, anp.softplus, anp.log_sigmoid])
def test_functions_of_real_numbers_refuse_complex_ones(function: Any) -> None:
    for x in (np.array([1j]), np.complex64(1), 2j, Tensor([1j], requires_grad=True)):
        with pytest.raises(TypeError, match="a function of real numbers"):
            function(x)


def test_the_ends_of_a_geometric_sequence_are_exact() -> None:
    low, high = np.float64(0.3), np.float64(7.7)
    found = np.geomspace(Tensor(low, requires_grad=True), high, 6).data
    assert (found[0], found[-1]) == (low, high)
    np.testing.assert_array_equal(found[[0, -1]], np.geomspace(low, high, 6)[[0, -1]])


@pytest.mark.parametrize("options", [{"axis": 0, "initial": None}, {"initial": 2.0}, {}])
def test_a_product_may_have_no_initial_factor(options: Any) -> None:
    t = Tensor(x, requires_grad=True)
    np.prod(t, **options).backward()
    factor = options.get("initial") or 1.0
    np.testing.assert_array_equal(t.grad, factor * np.array([2.0, 6.0, 3.0]))
