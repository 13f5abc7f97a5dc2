"""A call in the other forms that NumPy takes it in: numbers of NumPy's, an axis as an array, arguments by position."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, check_grads, grad

from .oracle import leaves

Call = Callable[[Any, Any], Any]

X = np.random.default_rng(0).normal(size=(2, 3))
MASK, ONE = X > -0.5, np.array(1)


def holds_as_in_numpy(call: Call, x: Any) -> None:
    """Value, shape and dtype are NumPy's, and the slopes are those of differences."""
    for got, wanted in zip(leaves(call(anp, Tensor(x, requires_grad=True))), leaves(call(np, x)), strict=True):
        assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
        np.testing.assert_allclose(got.data, wanted, rtol=16 * float(np.finfo(x.dtype).eps), atol=0)
    if x.dtype == float:
        check_grads(lambda v: call(anp, v), modes=["fwd", "rev"], order=2)(x)


AXES: list[Call] = [
    lambda N, x: N.sum(x, axis=ONE),
    lambda N, x: N.mean(x, ONE),
    lambda N, x: N.max(x, axis=ONE, keepdims=True),
    lambda N, x: N.prod(x, ONE),
    lambda N, x: N.std(x, axis=ONE),
    lambda N, x: N.average(x, ONE, [1, 2, 3]),
    lambda N, x: N.median(x, ONE),
    lambda N, x: N.diff(x, axis=ONE),
    lambda N, x: N.repeat(x, 2, ONE),
    lambda N, x: N.trapezoid(x, axis=ONE),
    lambda N, x: N.split(x, 3, ONE),
    lambda N, x: N.gradient(x, axis=ONE),
    lambda N, x: N.linalg.norm(x, axis=ONE),
    lambda N, x: N.ptp(x, axis=ONE),
]


@pytest.mark.parametrize("call", AXES)
def test_an_axis_may_be_an_array_without_axes(call: Call) -> None:
    holds_as_in_numpy(call, X)


@pytest.mark.parametrize("axis", [(0,), [0], 0.0])
def test_one_axis_is_one_whole_number(axis: Any) -> None:
    calls: list[Call] = [
        lambda N, x: N.diff(x, axis=axis),
        lambda N, x: N.delete(x, 0, axis),
        lambda N, x: N.insert(x, 0, 1.0, axis),
        lambda N, x: N.split(x, 1, axis),
        lambda N, x: N.take_along_axis(x, np.zeros((2, 3), int), axis),
    ]
    for call in calls:
        for numpys, x in ((np, X), (anp, Tensor(X, requires_grad=True))):
            with pytest.raises(TypeError):
                call(numpys, x)


NUMBERS: list[Call] = [
    lambda N, x: N.max(x, initial=np.float64(0.1), where=MASK),
    lambda N, x: N.nanmin(x, 1, initial=np.float64(0.1), where=MASK),
    lambda N, x: N.var(x, 1, ddof=np.int64(1), where=MASK),
    lambda N, x: N.nanstd(x, 1, ddof=np.int64(1)),
    lambda N, x: N.percentile(x, np.float64(30)),
    lambda N, x: N.percentile(x, 30),
    lambda N, x: N.percentile(x, np.float32(30)),
    lambda N, x: N.nanpercentile(x, [10, 30], axis=1),
    lambda N, x: N.linalg.norm(x, keepdims=np.True_),
    lambda N, x: N.linalg.norm(x, 1, (0, 1), keepdims=np.True_),
]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, float, np.longdouble])
@pytest.mark.parametrize("call", NUMBERS)
def test_numbers_of_numpys_widen_as_in_numpy(call: Call, dtype: Any) -> None:
    holds_as_in_numpy(call, X.astype(dtype))


DEFAULTS: list[Call] = [
    lambda N, x: N.nanmax(x, 1, None, True, 0.1, MASK),
    lambda N, x: N.nanmin(x, 1, None, np._NoValue, np._NoValue, np._NoValue),
    lambda N, x: N.nanmean(x, 1, where=np._NoValue),
    lambda N, x: N.nanvar(x, 1, where=np._NoValue, mean=np._NoValue, correction=np._NoValue),
]


BEHIND_OUT: list[Call] = [
    lambda N, x: N.sum(x, 0, None, None, True, 2.0, MASK),
    lambda N, x: N.prod(x, 0, None, None, True, 2.0, MASK),
    lambda N, x: N.max(x, 0, None, True, 0.1, MASK),
    lambda N, x: N.min(x, 1, None, False, 0.1),
    lambda N, x: N.mean(x, 0, None, None, True),
    lambda N, x: N.sum(x, 1, where=np._NoValue),
    lambda N, x: N.mean(x, 1, where=np._NoValue),
    lambda N, x: N.round(N.sin(x), 0, None) + x,
    lambda N, x: N.dot(x, x.T, None),
    lambda N, x: N.outer(x, x, out=None),
    lambda N, x: N.real(N.fft.fft(x, None, -1, None, None)),
    lambda N, x: N.abs(N.fft.rfft(x, out=None)),
    lambda N, x: N.fft.irfft(x, out=None),
]


@pytest.mark.parametrize("call", DEFAULTS + BEHIND_OUT)
def test_what_is_left_out_may_be_said(call: Call) -> None:
    holds_as_in_numpy(call, X)


def test_out_by_position_of_plain_arrays() -> None:
    for name in ("fix", "isposinf", "isneginf"):
        made = np.empty(X.shape, bool if name[0] == "i" else float)
        assert getattr(anp, name)(X, made) is made
        np.testing.assert_array_equal(made, getattr(np, name)(X))
    np.testing.assert_array_equal(anp.sum(X, 0, None, None, True, 2.0, MASK), np.sum(X, 0, None, None, True, 2.0, MASK))


@pytest.mark.parametrize("function", ["nanvar", "nanstd"])
@pytest.mark.parametrize(
    "options", [{"ddof": 2}, {"ddof": 3}, {"ddof": 1, "mean": 0.3}, {"correction": 2, "keepdims": True}]
)
@pytest.mark.filterwarnings("ignore:Degrees of freedom")
@pytest.mark.filterwarnings("ignore:.*encountered in divide")
def test_without_degrees_of_freedom_it_is_nan(function: str, options: dict[str, Any]) -> None:
    x = np.array([[1.0, 2.0, 4.0], [np.nan, 3.0, 5.0], [np.nan, np.nan, 7.0]])
    got = getattr(anp, function)(Tensor(x, requires_grad=True), axis=0, **options)
    np.testing.assert_allclose(got.data, getattr(np, function)(x, axis=0, **options), rtol=1e-14)


def test_clip_takes_its_bounds_by_one_pair_of_names() -> None:
    for numpys, x in ((np, X), (anp, Tensor(X, requires_grad=True))):
        for bounds in ({"min": -1}, {"max": 0.5}):
            with pytest.raises(ValueError, match=r"`min` or `max`|some of each"):
                numpys.clip(x, 0, 1, **bounds)


def test_partition_refuses_what_numpy_refuses() -> None:
    for told, options in (("select kind", {"kind": "quicksort"}), ("no fields", {"order": "a"})):
        with pytest.raises(ValueError, match=told):
            anp.partition(Tensor(X, requires_grad=True), 1, **options)


@pytest.mark.parametrize("N", [np, anp])
def test_polyfit_warns_where_numpy_does(N: Any) -> None:
    y = X[0] if N is np else Tensor(X[0], requires_grad=True)
    with pytest.warns(np.exceptions.RankWarning):
        N.polyfit([1.0, 1.0, 1.0], y, 1)


def test_flat_is_the_entries_in_one_axis() -> None:
    x = Tensor(X, requires_grad=True)
    np.testing.assert_array_equal(x.flat[2:4].data, X.flat[2:4])
    assert [entry.item() for entry in x.flat] == list(X.flat)
    weights = np.arange(6.0)
    np.testing.assert_array_equal(grad(lambda v: anp.sum(v.flat * weights))(X), weights.reshape(2, 3))
