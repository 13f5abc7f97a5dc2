"""Compiled on some numbers and run on others, where eager code takes another branch: equal all the same."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd.errors import CaptureError
from autograd.numpy import products
from autograd.tree import flatten

REGULAR = np.array([[1.0, 2.0], [3.0, 4.0]])
SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
MIXED = np.stack([REGULAR, SINGULAR])
SOME, NONE = REGULAR, np.zeros((2, 2))


def check(fun, first, second):
    """Each way round, and within one compiled version."""
    for start, then in ((first, second), (second, first)):
        compiled = autograd.compile(fun)
        with np.errstate(all="ignore"):
            for args in (start, then):
                found, expected = flatten(compiled(*args))[0], flatten(fun(*args))[0]
                for f, e in zip(found, expected, strict=True):
                    np.testing.assert_allclose(f, e, rtol=1e-9, atol=1e-12)
        assert compiled.cache_info().misses == 1


@pytest.mark.parametrize(
    ("fun", "first", "second"),
    [
        (anp.linalg.det, (REGULAR,), (SINGULAR,)),
        (lambda a: anp.sum(anp.linalg.det(a)), (np.stack([REGULAR, REGULAR]),), (MIXED,)),
        (anp.prod, (SOME,), (SOME * [[0, 1], [0, 1]],)),
        (lambda x: anp.sum(anp.cumprod(x)), (SOME,), (SOME * [[0, 1], [0, 1]],)),
        (anp.linalg.norm, (SOME,), (NONE,)),
        (anp.std, (SOME,), (NONE + 1,)),
        (anp.max, (SOME,), (NONE + 1,)),
        (anp.median, (SOME,), (NONE + 1,)),
        (lambda x: anp.sum(anp.sqrt(x)[:1]), (SOME,), (SOME * [[1, 1], [0, 1]],)),
        (lambda x: anp.sum(anp.where(x > 1.5, anp.sqrt(x - 1.5), 0.0)), (SOME,), (-SOME,)),
        (lambda x: anp.sum(anp.clip(x, 1, 3)), (SOME,), (SOME[::-1] * 1.5,)),
        (lambda x: anp.sum(anp.maximum(x, SOME)), (SOME * 2,), (SOME,)),
        (lambda x: anp.sum(anp.sort(x.ravel()) * np.arange(4)), (SOME,), (-SOME,)),
        (lambda x: anp.sum(anp.nan_to_num(x) ** 2), (SOME,), (SOME * [[np.nan, 1], [1, np.inf]],)),
        (lambda x: anp.nanmax(x), (SOME,), (SOME * [[1, 1], [1, np.nan]],)),
        (lambda x: anp.sum(anp.sinc(x)), (SOME,), (NONE,)),
        (lambda x: anp.sum(anp.arctan2(x, x)), (SOME,), (NONE,)),
        (lambda z: anp.sum(anp.log(1 / (1 + anp.exp(-z)))), (SOME,), (-1000 * SOME,)),
        (lambda x, y: anp.sum(x**y), (SOME, SOME), (NONE, np.array([[0.0, 1.0], [2.0, 0.5]]))),
        (lambda x, q: anp.quantile(x, q), (SOME, 0.3), (SOME, 1.0)),
        (lambda x: 2 ** anp.sum(x), (SOME,), (NONE,)),
        (lambda x: anp.sum(3.0 ** x[0]), (SOME,), (NONE,)),
    ],
)  # fmt: skip
def test_gradients(fun, first, second):
    check(autograd.value_and_grad(fun, argnum=tuple(range(len(first)))), first, second)


SHARE = np.array([[True, False], [True, True]])


@pytest.mark.parametrize(
    "fun",
    [
        lambda x: anp.sum(-x, axis=0, initial=2.0),
        lambda x: 3 * anp.sum(2 * x, axis=0, initial=2.0),
        lambda x: -2 * anp.sum(x - SOME**2, axis=0, initial=2.0),
        lambda x: anp.sum(x, axis=0, initial=2.0) + anp.sum(x * 3, axis=0, initial=1.0),
        lambda x: anp.sum(anp.sum(x, axis=0, initial=3.0)) + anp.sum(anp.sum(x, axis=0), axis=0, initial=2.0),
        lambda x: anp.log(anp.sum(anp.exp(x), axis=0, keepdims=True, initial=5.0)),
        lambda x: anp.log(anp.sum(anp.exp(x), axis=0, keepdims=True, where=SHARE)),
        lambda x: anp.exp(x) / anp.sum(anp.exp(x), axis=0, keepdims=True, initial=5.0),
        lambda x: anp.reshape(anp.sum(x, axis=0, initial=2.0), (1, 2)),
        lambda x: anp.sum(x * x, axis=(0, 1), initial=1.0) + anp.sum(x[None], axis=0, initial=1.0),
        lambda x: anp.stack([anp.sum(row, initial=2.0, where=SHARE[0]) for row in x]),
        lambda x: anp.sum(x, 0, np.float32) * 2 + anp.sum(anp.sum(x, axis=0), dtype=np.float32),
        lambda x: anp.max(x, axis=0, initial=2.0) * anp.prod(x, axis=0, initial=2.0) + anp.mean(x, axis=0, where=SHARE),
    ],
)
def test_sums_of_some_entries_from_another_start_or_in_another_dtype(fun):
    """What is known of sums does not hold for these."""
    check(fun, (SOME,), (SOME + 1,))
    check(autograd.value_and_grad(lambda x: anp.sum(fun(x) * 1.5)), (SOME,), (SOME + 1,))


@pytest.mark.parametrize("other", [SINGULAR, np.eye(2), REGULAR * 3])
def test_the_second_derivative_of_a_determinant(other):
    check(autograd.hessian(anp.linalg.det), (REGULAR,), (other,))


def test_the_cofactors_of_a_singular_matrix_by_hand():
    slope = autograd.compile(autograd.grad(anp.linalg.det))
    for a in (REGULAR, SINGULAR, NONE):
        np.testing.assert_allclose(slope(a), [[a[1, 1], -a[1, 0]], [-a[0, 1], a[0, 0]]], atol=1e-14)


def test_scipys_functions():
    special = pytest.importorskip("autograd.scipy.special")
    stats = pytest.importorskip("autograd.scipy.stats")
    both = autograd.value_and_grad(lambda a, b: special.logsumexp(a, b=b), argnum=(0, 1))
    check(both, (REGULAR[0], REGULAR[1]), (REGULAR[0] + 2000, REGULAR[1]))
    counts = np.array([0, 1, 2])
    for name in ("logpmf", "pmf", "cdf", "sf"):
        of_both = lambda k, mu, name=name: getattr(stats.poisson, name)(k, mu)  # noqa: E731
        check(of_both, (counts, 1.5), (counts - 1, 2.5))
        check(of_both, (counts * 1.0, 1.5), (counts + 0.5, 2.5))
    flat = lambda x: stats.multivariate_normal.logpdf(x, np.zeros(2), SINGULAR, allow_singular=True)  # noqa: E731
    check(flat, (np.array([1.0, 2.0]),), (np.array([3e6, 6e6]),))


@pytest.mark.parametrize(
    "fun",
    [
        lambda i, x: anp.choose(i, [x, 2 * x]),
        lambda i, x: anp.in1d(i, x),
        lambda i, x: anp.isin(i, x),
        lambda i, x: anp.compress(i > 0, x),
    ],
    ids=["choose", "in1d", "isin", "compress"],
)
def test_what_has_to_look_at_values_is_refused(fun):
    with pytest.raises(CaptureError, match="needs the values"):
        autograd.compile(fun)(np.array([0, 1]), np.array([1.0, 2.0]))
    check(lambda i, x: anp.choose(i, [x, 2 * x], mode="clip"), (np.array([0, 1]), SOME[0]), (np.array([1, 7]), SOME[0]))


@pytest.mark.parametrize("rate", [0.01, 0.3])
@pytest.mark.parametrize("m", [7, 64])
def test_an_update_in_single_precision_has_no_double_between(m, rate):
    """The learning rate sinks to a small cotangent and meets 1 / m there: two Python numbers, and no double."""
    rng = np.random.default_rng(0)
    params = [rng.normal(size=shape).astype(np.float32) for shape in ((6, 5), (5,), (5, 3), (3,))]
    X, y = rng.normal(size=(m, 6)).astype(np.float32), np.eye(3, dtype=np.float32)[rng.integers(0, 3, m)]

    def update(params, X, y):
        def cost(params):
            theta1, b1, theta2, b2 = params
            a2 = anp.sigmoid(anp.sigmoid(X @ theta1 + b1) @ theta2 + b2)
            return -anp.sum(y * anp.log(a2) + (1 - y) * anp.log(1 - a2)) / m

        return [p - rate * g for p, g in zip(params, autograd.grad(cost)(params), strict=True)]

    step = autograd.compile(update)
    for found, expected in zip(step(params, X, y), update(params, X, y), strict=True):
        np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-6)
    assert "float64" not in step.planned_source
    assert "np.sum" not in step.planned_source  # sums of single precision are products with ones


@pytest.mark.parametrize(
    "fun",
    [
        lambda x: x - x,
        lambda x: (x * 0, x / x, x**0 * x),
        lambda x: anp.sum(x * 0.0, axis=0) - x[0],
        lambda x: anp.where(x > 1, x, 2 * x),
        lambda x: anp.concatenate([anp.maximum(x, 0).ravel(), anp.log(anp.exp(x)).ravel()]),
        autograd.value_and_grad(lambda x: anp.sum(anp.softmax(x @ x.T)[0] * anp.sum(x * 0, axis=1))),
    ],
)
def test_a_nan_in_an_argument_is_not_lost(fun):
    x = np.arange(1.0, 7.0).reshape(2, 3)
    step = autograd.compile(fun)
    step(x)
    for place in np.ndindex(x.shape):
        poked = x.copy()
        poked[place] = np.nan
        for found, e in zip(flatten(step(poked))[0], flatten(fun(poked))[0], strict=True):
            np.testing.assert_array_equal(np.isnan(found), np.isnan(e))


def test_a_gradient_inside_of_what_does_not_depend_on_its_argument():
    for fun in (lambda x: 3.0 * x.shape[0], lambda x: anp.ones(2).sum()):
        inner = autograd.value_and_grad(fun)
        x = np.array([1.0, 2.0])
        with pytest.warns(UserWarning, match="independent"):
            expected = inner(x)
        with pytest.warns(UserWarning, match="independent"):
            found = autograd.compile(lambda x, inner=inner: inner(x))(x)
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1], expected[1])


def test_truth_values_are_refused_inside_as_outside():
    def f(x):
        return autograd.grad(lambda mask: (mask * 2.0).sum())(x > 1)

    for call in (f, autograd.compile(f)):
        with pytest.raises(TypeError, match=r"cannot differentiate with respect to .* of type bool"):
            call(np.array([1.0, 2.0]))


@pytest.mark.parametrize("avx512", [False, True])
def test_the_gradient_of_weights_of_much_data_in_either_order_of_operands(avx512, monkeypatch):
    monkeypatch.setattr(products, "has_avx512", lambda: avx512)
    rng = np.random.default_rng(0)
    X, y, w = rng.normal(size=(1000, 400)), rng.normal(size=(1000, 20)), rng.normal(size=(400, 20))

    def slope(w, X, y):
        return autograd.grad(lambda w: anp.sum((X @ w - y) ** 2))(w)

    def moved(w, X, y):
        return w - 1e-3 * anp.tanh(slope(w, X, y))

    for fun in (slope, moved):
        step = autograd.compile(fun)
        for made in (step(w, X, y), step(w, X, y)):
            assert made.flags.c_contiguous
            np.testing.assert_allclose(made, fun(w, X, y), rtol=1e-10, atol=1e-9)
        assert (".T, X).T" in step.planned_source) == avx512


@pytest.mark.parametrize("dtype", ["u1", "i1", "u4", "i8", "?"])
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("sigmoid", lambda z: 1 / (1 + np.exp(-z))),
        ("softplus", lambda z: np.logaddexp(0, z)),
        ("log_sigmoid", lambda z: -np.logaddexp(0, -z)),
        ("softmax", lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum()),
        ("log_softmax", lambda z: z - np.logaddexp.reduce(z)),
        ("logsumexp", np.logaddexp.reduce),
    ],
)
def test_smooth_functions_take_whole_numbers_for_floating_ones(name, wanted, dtype):
    """-x and x - max(x) wrap around in eight bits, and where there is no sign."""
    x, fun = np.array([0, 3, 9, 100, 1]).astype(dtype), getattr(anp, name)
    expected = wanted(x.astype(float))
    scope = {"np": np}
    exec(autograd.source(fun, x, optimize=False), scope)
    for made in (fun(x), fun(autograd.Tensor(x)).data, autograd.compile(fun)(x), scope[name](x)):
        assert made.dtype == float
        np.testing.assert_allclose(made, expected, rtol=1e-12)


def test_a_sigmoid_written_out_for_bytes_is_computed_in_bytes():
    x = np.array([0, 3, 200], "u4")
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(autograd.compile(lambda x: 1 / (1 + np.exp(-x)))(x), 1 / (1 + np.exp(-x)))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("fun", [anp.sigmoid, anp.softplus, anp.log_sigmoid, anp.reciprocal, anp.tanh])
def test_smooth_functions_of_sums_with_a_row_are_the_engines_to_the_last_bit(fun, dtype):
    special = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 1e4, -1e4, 20.0, -20.0, 2.0])
    x = np.concatenate([special, np.random.default_rng(0).normal(size=590) * 8]).astype(dtype).reshape(60, 10)
    row = -x[0] + np.arange(10).astype(dtype) % 2

    def apply(x, row):
        return fun(x + row), fun(row - x), anp.sum(fun(x[2:] + row) * 2)

    step = autograd.compile(apply)
    with np.errstate(all="ignore"):
        for made, wanted in zip(step(x, row), apply(x, row), strict=True):
            np.testing.assert_array_equal(made, wanted)
