"""To the last digit: what is computed another way than NumPy's has NumPy's bits, and slopes keep their digits."""

import itertools
import warnings
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents, grad, hessian

from .oracle import leaves

SPECIAL = [np.nan, -0.0, 0.0, np.inf, -np.inf, 1e-45, -1.5, 1e38]
rng = np.random.default_rng(0)


def bits(a: Any) -> tuple[Any, ...]:
    return a.dtype, a.shape, a.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, ">f4", np.complex64, np.int64])
def test_a_choice_among_many_has_numpys_bits(dtype: Any) -> None:
    with np.errstate(all="ignore"):
        a, b = (rng.choice(SPECIAL if dtype != np.int64 else np.arange(8), (64, 40)).astype(dtype) for _ in range(2))
    mask = rng.random((64, 40)) > 0.5
    arrays = [a, b[::-1, ::-1], b.T.copy().T, b[:1], b[:, :1], np.array(b[0, 0]), np.broadcast_to(b[:1], b.shape)]
    values = [*arrays, b[0, 0], b.astype(np.complex128), 0, 0.0, -0.0, 1, np.nan, -np.inf, True]
    for condition in (mask, mask[::-1], mask[:1], mask[:, :1], mask.astype(int), mask[0, 0], np.array(True), False):
        for x, y in itertools.product(values, values):
            if hasattr(x, "dtype") or hasattr(y, "dtype"):
                assert bits(anp.where(condition, x, y)) == bits(np.where(condition, x, y))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
@pytest.mark.parametrize("size", [7, 5000])
def test_relu_has_the_bits_of_maximum(dtype: Any, size: int) -> None:
    with np.errstate(all="ignore"):
        x = rng.choice(SPECIAL, size).astype(dtype)
    assert bits(anp.relu(x)) == bits(np.maximum(x, 0))


places, again, row = np.array([3, 0, 5, 7]), np.array([1, -1, 7, 1]), np.array([[2], [0]])
KEYS: list[Any] = [
    places, again, (slice(None), places), (slice(None), again), (slice(1, 6), again), (places, again), (row, again),
    (again, slice(2, 5)), (again, 2), (2, again), (..., again), (None, again), (again, None), (again, slice(None), row),
    (slice(None), slice(None), again), np.arange(8) > 3, (slice(None), np.arange(9) > 3), (np.arange(8) > 6, again[:1]),
    (again, np.arange(9) > 4, 1), np.tile(again, 300), (slice(None), np.tile(again, (2, 40))), np.array(3),
    (np.array(-2), again), places.astype(np.uint8), np.zeros(0, int), (again % 8, again, again), np.ones((8, 9), bool),
]  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64, complex])
@pytest.mark.parametrize("key", KEYS, ids=str)
def test_what_carries_a_cotangent_back_adds_as_numpy_does(key: Any, dtype: Any) -> None:
    for shape in ((8, 9, 10), (8, 9, 8)):
        x = Tensor(rng.normal(size=shape).astype(dtype), requires_grad=True)
        taken = x[key]
        g = np.asfortranarray(rng.normal(size=taken.shape)).astype(dtype)
        expected = np.zeros_like(x.data)
        np.add.at(expected, key, g)
        assert bits(cotangents(taken, [x], g)[0]) == bits(expected)


ONE: dict[str, tuple[Any, list[float]]] = {  # the derivative, told so that nothing cancels
    "expm1": (np.exp, [-40.0, -3.0, -1e-9, 2.0]),
    "arcsin": (lambda x: 1 / np.sqrt((1 - x) * (1 + x)), [0.3, 0.9999, 1 - 1e-6, -1 + 1e-6]),
    "arccos": (lambda x: -1 / np.sqrt((1 - x) * (1 + x)), [0.3, 0.9999, 1 - 1e-6, -1 + 1e-6]),
    "arctanh": (lambda x: 1 / ((1 - x) * (1 + x)), [0.3, 0.9999, 1 - 1e-6, -1 + 1e-6]),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ONE)
def test_slopes_keep_their_digits_where_the_function_flattens_or_steepens(name: str, dtype: Any) -> None:
    slope, points = ONE[name]
    for x in np.array(points, dtype):
        exact = slope(np.longdouble(float(x)))
        assert abs(grad(getattr(anp, name))(x) - exact) <= 4 * np.finfo(dtype).eps * abs(exact)


@pytest.mark.parametrize("function", [anp.nanvar, lambda x: anp.var(x, where=True | (x == x))])
def test_a_variance_curves_also_where_an_entry_is_the_mean(function: Any) -> None:
    exact = 2 / 3 * (np.eye(3) - 1 / 3)  # of mean(x**2) - mean(x)**2
    np.testing.assert_allclose(hessian(function)(np.array([1.0, 2.0, 3.0])), exact, rtol=1e-14)


def test_a_deviation_asked_for_as_a_complex_number_is_the_real_one() -> None:
    x = rng.normal(size=6)

    def deviation(x: Any, **options: Any) -> Any:
        return anp.real(anp.std(x[:3] + 1j * x[3:], **options) * (1 + 2j))

    np.testing.assert_allclose(hessian(lambda x: deviation(x, dtype=complex))(x), hessian(deviation)(x), rtol=1e-12)


@pytest.mark.parametrize(
    "start", [rng.normal(size=(3, 2)), np.array([1, -2], np.float32), np.float64(0.3), 1j * np.ones(2)]
)
@pytest.mark.parametrize("stop", [-1, 0.7, rng.normal(size=2), np.float32(5)])
@pytest.mark.parametrize("options", [{}, {"num": 7, "axis": -1}, {"endpoint": False}, {"dtype": complex}, {"num": 1}])
def test_a_space_of_numbers_has_numpys_bits(start: Any, stop: Any, options: dict[str, Any]) -> None:
    expected, step = np.linspace(start, stop, retstep=True, **options)
    found, steps = anp.linspace(Tensor(start, requires_grad=True), stop, retstep=True, **options)
    assert bits(found.data) == bits(expected)
    np.testing.assert_array_equal(getattr(steps, "data", steps), step)


def test_weights_of_a_covariance_are_double() -> None:
    m, w = rng.normal(size=(2, 5)).astype(np.float32), rng.uniform(1, 2, 5).astype(np.float32)
    np.testing.assert_allclose(anp.cov(Tensor(m), aweights=w).data, np.cov(m, aweights=w), rtol=1e-14)


def test_single_precision_beside_pythons_numbers() -> None:
    x = np.array([1.5, 2.5], np.float32)
    for function in (
        lambda x: anp.concatenate([x, 1.0], axis=None),
        lambda x: anp.union1d(x, 0.3),
        lambda x: anp.append(x, 1.0),
    ):
        assert bits(function(Tensor(x)).data) == bits(function(x))
    assert bits(anp.clip(3, Tensor(x), 0.5).data) == bits(np.clip(3, x, 0.5))
    assert anp.sort_complex(Tensor(x.astype(np.complex64))).dtype == np.complex64
    assert bits(np.maximum(Tensor(x), 2.2, dtype=int, casting="unsafe").data) == bits(
        np.maximum(x, 2.2, dtype=int, casting="unsafe")
    )


def test_what_replaces_nans_leaves_the_array_as_it_is() -> None:
    x = np.array([1.0, np.nan])
    for made in (anp.nan_to_num(Tensor(x, requires_grad=True), copy=False), np.nan_to_num(Tensor(x), False, 3.0)):
        assert np.isfinite(made.data).all()
        assert np.isnan(x[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, np.int64, complex])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_the_stable_order_of_many_is_numpys(axis: int, dtype: Any) -> None:
    for values in (rng.permutation(4000), rng.integers(0, 50, 4000), np.zeros(4000), np.full(4000, 7)):
        a = values.reshape(40, 100).astype(dtype)
        if a.dtype.kind in "fc":
            a[rng.random(a.shape) < 0.1] = np.nan
            a[rng.random(a.shape) < 0.1] = -0.0
        expected = np.argsort(a, axis, kind="stable")
        np.testing.assert_array_equal(anp.argsort(Tensor(a), axis, kind="stable").data, expected)
        np.testing.assert_array_equal(anp.sort(Tensor(a), axis).data, np.take_along_axis(a, expected, axis))


@pytest.mark.parametrize("function", ["percentile", "nanpercentile"])
def test_several_percentiles_are_those_one_by_one(function: str) -> None:
    x, q = rng.normal(size=(3, 4, 5)), np.array([5.0, 50.0, 95.0, 33.3])
    for options in ({}, {"axis": 1}, {"axis": (0, 2), "keepdims": True}, {"axis": -1, "method": "hazen"}):
        found = getattr(anp, function)(Tensor(x), q, **options).data
        np.testing.assert_allclose(found, getattr(np, function)(x, q, **options), rtol=1e-14, atol=1e-15)
    assert type(anp.median(Tensor(x)).data) is np.float64


@pytest.mark.parametrize("shape", [(300,), (40, 50)])
def test_a_norm_of_everything_has_numpys_bits(shape: tuple[int, ...]) -> None:
    for dtype in (np.float32, np.float64, np.complex64):
        x = (rng.normal(size=shape) * (1 + 1j if dtype == np.complex64 else 1)).astype(dtype)
        assert bits(anp.linalg.norm(Tensor(x)).data) == bits(np.linalg.norm(x))


WHOLE = np.array([1.5, -2.0, np.inf, -np.inf, np.nan, -0.0])
half, mask = np.array([0.5, 2.0, 0.75], np.float32), np.array([True, False, True])
ALIKE: list[Any] = [
    (np.modf, (WHOLE,), {}),
    (np.trapezoid, (mask, half), {}),
    (np.trapezoid, (rng.normal(size=9),), {"dx": 0.3}),
    (np.quantile, (half, np.float32(0.3)), {}),
    (np.percentile, (half, np.float64(30)), {}),
    (anp.kaiser, (5, np.float32(0.7)), {}),
    (np.cov, (np.ones((2, 0)),), {}),
    (np.cov, (half,), {"ddof": 4}),
    (np.var, (half,), {"ddof": 4, "where": mask}),
    (lambda a, m: np.std(a, mean=m, dtype=np.float32), (half, np.float64(0.37)), {}),
    (lambda a: np.nanvar(a, mean=np.float64(0.5)), (half,), {}),
    (np.linalg.matrix_power, (np.array([[np.inf, 1.0], [2, 3]]), 0), {}),
    (np.matmul, (half, (1, 2, 3)), {}),
    (np.gradient, (1e8 + rng.normal(size=9),), {}),
    (np.gradient, (np.arange(5) ** 2,), {}),
    (np.gradient, (1e8 + rng.normal(size=9), 0.3), {}),
    (np.gradient, (half, 2), {"edge_order": 2}),
    (np.fmax.reduce, (WHOLE.reshape(2, 3),), {}),
    (np.fmin.reduce, (WHOLE,), {"keepdims": True}),
    (np.fft.rfftn, (rng.normal(size=(3, 4)),), {"axes": (0, 0)}),
]


@pytest.mark.parametrize(("function", "args", "options"), ALIKE)
def test_the_same_from_tensors(function: Any, args: Any, options: Any) -> None:
    def wrapped(a: Any) -> Any:
        return Tensor(a, requires_grad=a.dtype.kind == "f") if hasattr(a, "dtype") else a

    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = function(*args, **options)
        runs = [function(*map(wrapped, args), **options)]
        if len(args) == 2 and hasattr(args[1], "dtype"):
            runs.append(function(args[0], wrapped(args[1]), **options))
        results = [(e, f) for found in runs for e, f in zip(*map(leaves, (expected, found)), strict=True)]
        for e, f in results:
            for of in (np.real, np.imag) if e.dtype.kind == "c" else (np.asarray,):
                np.testing.assert_array_max_ulp(of(f.data), of(e), 1)
                np.testing.assert_array_equal(np.signbit(of(f.data)), np.signbit(of(e)))
            assert f.dtype == e.dtype
            if f.requires_grad and f.size:
                anp.sum(f).backward(retain_graph=True)
    if function is np.matmul:
        np.testing.assert_array_equal(cotangents(np.matmul(t := wrapped(half), (1, 2, 3)), [t])[0], [1, 2, 3])


def test_slopes_where_there_is_no_number_or_none_that_is_finite() -> None:
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(grad(lambda x: anp.sum(anp.i0(x)))(WHOLE)[2:], [np.inf, -np.inf, np.nan, 0.0])
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="Degrees of freedom"):
        assert grad(anp.std)(np.ones((0, 3))).shape == (0, 3)
    np.testing.assert_array_equal(grad(lambda x: anp.sum(anp.modf(x)[0]))(np.array([1.5, -2.0])), [1, 1])


def test_the_step_between_whole_numbers_keeps_its_slope() -> None:
    def step(stop: Any) -> Any:
        return anp.linspace(1.0, stop, 5, retstep=True, dtype=int)[1]

    assert step(4.5) == np.linspace(1.0, 4.5, 5, retstep=True)[1]
    assert grad(step)(4.5) == 0.25


def test_splits_at_recorded_places_are_read() -> None:
    parts = anp.split(Tensor(np.arange(4.0)), Tensor(np.array([1, 3])))
    assert [p.data.tolist() for p in parts] == [[0.0], [1.0, 2.0], [3.0]]


@pytest.mark.parametrize("ufunc", [np.maximum, np.minimum])
def test_a_running_extreme_keeps_a_nan(ufunc) -> None:
    x = np.array([[1.0, np.nan, 3.0], [2.0, 0.0, np.nan]])
    for axis in (0, 1):
        np.testing.assert_array_equal(
            ufunc.accumulate(Tensor(x, requires_grad=True), axis).data, ufunc.accumulate(x, axis)
        )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64, np.int8, np.bool_, np.longdouble])
def test_the_operator_of_matrices_gives_what_numpys_does(dtype: Any) -> None:
    a, b = (4 * rng.normal(size=(5, 7))).astype(dtype), (4 * rng.normal(size=(7, 3))).astype(dtype)
    for left in (a, a[:1], np.asfortranarray(a), a[::2], a[:, :0], a[0], np.stack([a, a])):
        for right in (b, b[:, :1], b.T.copy().T, b[:, ::2], b[:, 0]):
            right = right[: left.shape[-1]]
            made, wanted = (Tensor(left) @ Tensor(right)).data, left @ right
            assert (type(made), made.dtype, made.shape) == (type(wanted), wanted.dtype, wanted.shape)
            if made.dtype.kind in "fc":
                np.testing.assert_allclose(made, wanted, rtol=0, atol=100 * np.finfo(dtype).eps)
            else:
                np.testing.assert_array_equal(made, wanted)


@pytest.mark.parametrize("avx512", [False, True])
@pytest.mark.parametrize(
    ("rows", "inner", "columns"), [(1000, 400, 25), (999, 400, 25), (1000, 399, 25), (900, 450, 226)]
)
def test_the_gradient_of_weights_of_much_data(
    rows: int, inner: int, columns: int, avx512: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anp.products, "has_avx512", lambda: avx512)
    X, g = rng.normal(size=(rows, inner)), rng.normal(size=(rows, columns))
    w = Tensor(rng.normal(size=(inner, columns)), requires_grad=True)
    (Tensor(X) @ w).backward(g)
    assert w.grad.flags.c_contiguous
    exact = (X.T.astype(np.longdouble) @ g.astype(np.longdouble)).astype(float)
    np.testing.assert_allclose(w.grad, exact, rtol=0, atol=1e-11)
