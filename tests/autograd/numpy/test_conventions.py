"""Gradients at the edge: every row of the table of conventions, at the exact point, first and second order."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad, jacobian
from autograd.errors import UndefinedError

INF, NAN = np.inf, np.nan


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """At a singular point NumPy itself warns of the value (log(0), 1/0); that is not what is tested here."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.filterwarnings("ignore", "Output seems independent of input")
        yield


def slopes(fun: Callable[..., Any], *at: float) -> list[float]:
    """The derivatives of a function of numbers with respect to each of them."""
    return [float(grad(fun, i)(*at)) for i in range(len(at))]


def nth(fun: Callable[[Any], Any], x: float, order: int) -> float:
    for _ in range(order):
        fun = grad(fun)
    return float(fun(x))


def leaky_relu(x: Any) -> Any:
    return anp.where(x > 0, x, 0.1 * x)


KINKS = [
    ("abs", anp.abs, 0.0, 0.0),
    ("fabs", anp.fabs, 0.0, 0.0),
    ("relu", anp.relu, 0.0, 0.0),
    ("relu6 at 0", lambda x: anp.clip(x, 0, 6), 0.0, 0.0),
    ("relu6 at 6", lambda x: anp.clip(x, 0, 6), 6.0, 0.0),
    ("hardtanh at -1", lambda x: anp.clip(x, -1, 1), -1.0, 0.0),
    ("hardtanh at 1", lambda x: anp.clip(x, -1, 1), 1.0, 0.0),
    ("sign", anp.sign, 0.0, 0.0),
    ("sign off 0", anp.sign, 2.0, 0.0),
    ("floor", anp.floor, 1.0, 0.0),
    ("ceil", anp.ceil, 1.0, 0.0),
    ("round", anp.round, 0.5, 0.0),
    ("rint", anp.rint, 0.5, 0.0),
    ("trunc", anp.trunc, 1.0, 0.0),
    ("leaky relu", leaky_relu, 0.0, 0.1),
    ("maximum with a number", lambda x: anp.maximum(x, 0), 0.0, 0.0),
    ("maximum with a number, exchanged", lambda x: anp.maximum(0.0, x), 0.0, 0.0),
    ("minimum with a number", lambda x: anp.minimum(x, 2.0), 2.0, 0.0),
    ("fmax with a number", lambda x: anp.fmax(x, 0), 0.0, 0.0),
    ("angle of a real number", anp.angle, 1e-300, 0.0),
    ("angle of infinity", anp.angle, INF, 0.0),
    ("1-norm at 0", lambda x: anp.linalg.norm(anp.array([x, 1.0]), 1), 0.0, 0.0),
]


@pytest.mark.parametrize(("fun", "x", "slope"), [k[1:] for k in KINKS], ids=[k[0].replace(" ", "_") for k in KINKS])
def test_kinks(fun: Callable[[Any], Any], x: float, slope: float) -> None:
    assert nth(fun, x, 1) == slope
    assert nth(fun, x, 2) == 0


SINGULAR = [
    ("sqrt", anp.sqrt, 0.0, INF),
    ("x ** 0.5", lambda x: x**0.5, 0.0, INF),
    ("cbrt", anp.cbrt, 0.0, INF),
    ("log", anp.log, 0.0, INF),
    ("log2", anp.log2, 0.0, INF),
    ("log10", anp.log10, 0.0, INF),
    ("log1p", anp.log1p, -1.0, INF),
    ("arcsin", anp.arcsin, 1.0, INF),
    ("arccos", anp.arccos, 1.0, -INF),
    ("arctanh", anp.arctanh, 1.0, INF),
    ("arccosh", anp.arccosh, 1.0, INF),
]


@pytest.mark.parametrize(
    ("fun", "x", "slope"), [k[1:] for k in SINGULAR], ids=[k[0].replace(" ", "_") for k in SINGULAR]
)
def test_singular_points_have_the_limit(fun: Callable[[Any], Any], x: float, slope: float) -> None:
    assert nth(fun, x, 1) == slope


@pytest.mark.parametrize("size", [1, 3])
def test_length_and_deviation_of_nothing(size: int) -> None:
    for fun in (anp.linalg.norm, lambda x: anp.linalg.norm(x, 3), lambda x: anp.linalg.norm(x, axis=0), anp.std):
        zero = np.zeros(size)
        np.testing.assert_array_equal(grad(fun)(zero), zero)
        assert np.all(np.isfinite(jacobian(grad(fun))(zero)))
    equal = np.full(3, 0.7)
    for fun in (anp.std, anp.nanstd, lambda x: anp.std(x, where=np.array([True, True, False]))):
        np.testing.assert_array_equal(grad(fun)(equal), np.zeros(3))
        assert np.all(np.isfinite(jacobian(grad(fun))(equal)))
    np.testing.assert_array_equal(grad(anp.linalg.norm)(np.zeros((2, 2))), np.zeros((2, 2)))


TIES = np.array([1.0, 1.0, 0.0])


LARGEST = [
    anp.max,
    lambda x: -anp.min(-x),
    lambda x: anp.max(x, axis=0),
    lambda x: anp.amax(x, axis=(0,)),
    lambda x: anp.nanmax(x),
    lambda x: anp.linalg.norm(x, INF),
]


@pytest.mark.parametrize("best", LARGEST)
def test_tied_extremes_share(best: Callable[[Any], Any]) -> None:
    np.testing.assert_array_equal(grad(best)(TIES), [0.5, 0.5, 0.0])
    np.testing.assert_array_equal(jacobian(grad(best))(TIES), np.zeros((3, 3)))


def test_tied_arrays_share() -> None:
    for fun in (anp.maximum, anp.minimum, anp.fmax, anp.fmin):
        assert grad(fun, (0, 1))(2.0, 2.0) == (0.5, 0.5)
        np.testing.assert_array_equal(grad(lambda x, f=fun: anp.sum(f(x, TIES)))(TIES), [0.5, 0.5, 0.5])


@pytest.mark.parametrize("power", [1, 2, 3, 1.0, 2.0, 3.0, np.float64(2), np.array(2.0), np.array(3)])
def test_whole_powers_at_zero_are_exact(power: Any) -> None:
    exact = [float(power), float(power) * (float(power) - 1), float(power) * (float(power) - 1) * (float(power) - 2)]
    for order in (1, 2, 3):
        assert nth(lambda x: x**power, 0.0, order) == (exact[order - 1] if power == order else 0.0)
        near = exact[order - 1] * 2.0 ** (float(power) - order) if power >= order else 0.0
        assert nth(lambda x: x**power, 2.0, order) == pytest.approx(near)


@pytest.mark.parametrize("power", [0, 0.0, np.array(0.0)])
def test_zeroth_power_is_flat(power: Any) -> None:
    for order in (1, 2, 3):
        assert nth(lambda x: x**power, 0.0, order) == 0.0
    assert nth(lambda x: anp.power(x, power), 0.0, 1) == 0.0


def test_power_of_two_variables() -> None:
    assert slopes(anp.power, 0.0, 0.0) == [0.0, 0.0]
    for y in (0.0, 0.5, 1.0, 2.0):
        assert slopes(anp.power, 0.0, y)[1] == 0.0
    assert slopes(anp.power, 0.0, -1.0)[1] == -INF
    assert slopes(lambda x: anp.power(x, 2.0), -3.0) == [-6.0]  # d/dy, log(-3), is not computed


def test_division_is_ieee() -> None:
    assert slopes(anp.divide, 1.0, 0.0) == [INF, -INF]
    assert np.isnan(slopes(anp.divide, 0.0, 0.0)[1])


def test_removable_points() -> None:
    assert slopes(anp.arctan2, 0.0, 0.0) == [0.0, 0.0]
    assert slopes(anp.hypot, 0.0, 0.0) == [0.0, 0.0]
    for i in (0, 1):
        for j in (0, 1):
            assert np.isfinite(grad(grad(anp.hypot, i), j)(0.0, 0.0))
            assert np.isfinite(grad(grad(anp.arctan2, i), j)(0.0, 0.0))
    assert nth(anp.sinc, 0.0, 1) == 0.0
    assert nth(anp.sinc, 0.0, 2) == pytest.approx(-(np.pi**2) / 3, rel=1e-15)
    assert nth(anp.sinc, 0.0, 3) == 0.0
    assert nth(anp.sinc, 0.0, 4) == pytest.approx(np.pi**4 / 5, rel=1e-15)


def test_arctan2_far_and_near() -> None:
    for scale in (1e-200, 1e200):
        np.testing.assert_allclose(slopes(anp.arctan2, 3 * scale, 4 * scale), [4 / 25 / scale, -3 / 25 / scale])


PRODUCTS = [([2.0, 0.0, 3.0], [0.0, 6.0, 0.0]), ([2.0, 0.0, 0.0], [0.0, 0.0, 0.0]), ([0.0], [1.0])]


@pytest.mark.parametrize(("x", "slope"), PRODUCTS)
def test_products_with_zeros(x: list[float], slope: list[float]) -> None:
    x_ = np.array(x)
    np.testing.assert_array_equal(grad(anp.prod)(x_), slope)
    np.testing.assert_array_equal(grad(lambda v: anp.cumprod(v)[-1])(x_), slope)
    second = np.array(
        [[np.prod(np.delete(x_, [i, j])) if i != j else 0.0 for j in range(len(x))] for i in range(len(x))]
    )
    np.testing.assert_array_equal(jacobian(grad(anp.prod))(x_), second)
    np.testing.assert_array_equal(jacobian(grad(lambda v: anp.cumprod(v)[-1]))(x_), second)


def test_an_infinite_factor_is_not_in_its_own_slope() -> None:
    for first, others in ((INF, INF), (np.nan, np.nan)):
        x = np.array([first, 2.0, 3.0])
        for fun in (anp.prod, lambda v: anp.cumprod(v)[-1]):
            np.testing.assert_array_equal(grad(fun)(x), [6.0, others, others])
        np.testing.assert_array_equal(grad(anp.prod)(x[::-1].copy()), [others, others, 6.0])
    assert grad(anp.prod)(INF) == 1


@pytest.mark.parametrize("order", ["nuc", 2])
def test_matrix_norms_at_0(order: Any) -> None:
    """As |x|: their least subgradient is 0, and no vectors of the library's choice are in it."""
    np.testing.assert_array_equal(grad(lambda x: anp.linalg.norm(x, order))(np.zeros((3, 2))), np.zeros((3, 2)))
    kept = np.diag([2.0, 0.0])
    np.testing.assert_array_equal(grad(lambda x: anp.linalg.norm(x, "nuc"))(kept), np.diag([1.0, 0.0]))
    np.testing.assert_array_equal(grad(lambda x: anp.sum(anp.linalg.svd(x)[1]))(kept), np.diag([1.0, 0.0]))


def test_determinant_of_a_singular_matrix() -> None:
    a = np.array([[1.0, 2.0], [2.0, 4.0]])
    np.testing.assert_allclose(grad(anp.linalg.det)(a), [[4.0, -2.0], [-2.0, 1.0]], atol=1e-12)
    b = np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 2.0])
    np.testing.assert_allclose(grad(anp.linalg.det)(b), np.zeros((3, 3)), atol=1e-12)


def test_repeated_singular_values_and_eigenvalues() -> None:
    """The values have slopes where their vectors have none, and only what is asked for is computed."""
    one = np.eye(3)
    np.testing.assert_allclose(grad(lambda a: anp.sum(anp.linalg.svd(a)[1]))(one), one, atol=1e-15)
    np.testing.assert_allclose(grad(lambda a: anp.linalg.norm(a, "nuc"))(one), one, atol=1e-15)
    np.testing.assert_allclose(grad(lambda a: anp.sum(anp.linalg.eigvalsh(a)))(one), one, atol=1e-15)
    np.testing.assert_allclose(grad(lambda a: anp.sum(anp.linalg.eigh(a).eigenvalues ** 2))(one), 2 * one, atol=1e-15)
    np.testing.assert_allclose(grad(lambda a: anp.linalg.slogdet(a)[1])(one), one, atol=1e-15)


def test_phases_of_complex_vectors_are_nothing_to_depend_on() -> None:
    rng = np.random.default_rng(0)
    a = rng.standard_normal((3, 3)) + 1j * rng.standard_normal((3, 3))
    for fun in (lambda a: anp.linalg.eigh(a)[1], lambda a: anp.linalg.svd(a)[0], lambda a: anp.linalg.svd(a)[2]):
        with pytest.raises(UndefinedError, match=r"linalg\.\w+: the result depends on the phases of"):
            grad(lambda a, fun=fun: anp.sum(anp.real(fun(a))))(a)
        assert np.all(np.isfinite(grad(lambda a, fun=fun: anp.sum(anp.abs(fun(a)) ** 3))(a)))


def test_repeated_places_accumulate() -> None:
    for read in (lambda x: x[[0, 0]], lambda x: anp.take(x, [0, 0]), lambda x: x[np.array([0, 0])]):
        np.testing.assert_array_equal(
            grad(lambda x, read=read: anp.sum(read(x) ** 2))(np.array([3.0, 1.0])), [12.0, 0.0]
        )


def test_order_statistics_use_the_stable_permutation() -> None:
    weights = np.array([1.0, 10.0, 100.0, 1000.0])
    x = np.array([2.0, 1.0, 2.0, 1.0])
    np.testing.assert_array_equal(grad(lambda x: anp.sum(anp.sort(x) * weights))(x), [100.0, 1.0, 1000.0, 10.0])
    np.testing.assert_array_equal(grad(anp.median)(np.array([3.0, 1.0, 2.0])), [0.0, 0.0, 1.0])
    np.testing.assert_array_equal(grad(anp.median)(np.array([4.0, 1.0, 3.0, 2.0])), [0.0, 0.0, 0.5, 0.5])
    np.testing.assert_array_equal(grad(anp.median)(np.array([1.0, 1.0, 1.0])), [0.0, 1.0, 0.0])


def test_remainder() -> None:
    assert slopes(anp.mod, 7.5, 2.0) == [1.0, -3.0]
    assert slopes(anp.mod, -7.5, 2.0) == [1.0, 4.0]
    assert slopes(lambda x, y: x % y, 6.0, 2.0) == [1.0, -3.0]


SATURATED = [
    (anp.sigmoid, 1000.0, 1.0, 0.0),
    (anp.sigmoid, -1000.0, 0.0, 0.0),
    (anp.log_sigmoid, 1000.0, 0.0, 0.0),
    (anp.log_sigmoid, -1000.0, -1000.0, 1.0),
    (anp.softplus, 1000.0, 1000.0, 1.0),
    (anp.softplus, -1000.0, 0.0, 0.0),
    (anp.tanh, 1000.0, 1.0, 0.0),
    (anp.relu, -1000.0, 0.0, 0.0),
]


@pytest.mark.parametrize(("fun", "x", "value", "slope"), SATURATED)
def test_saturated_functions(fun: Callable[[Any], Any], x: float, value: float, slope: float) -> None:
    assert fun(x) == value
    assert fun(Tensor(x)).data == value
    assert nth(fun, x, 1) == slope
    assert nth(fun, x, 2) == 0.0


def test_saturated_sums_of_exponentials() -> None:
    x = np.array([1000.0, 0.0, -1000.0])
    np.testing.assert_array_equal(grad(anp.logsumexp)(x), [1.0, 0.0, 0.0])
    np.testing.assert_array_equal(grad(lambda x: anp.softmax(x)[0])(x), [0.0, 0.0, 0.0])
    np.testing.assert_array_equal(grad(lambda x: anp.log_softmax(x)[2])(x), [-1.0, 0.0, 1.0])
    assert np.all(np.isfinite(jacobian(grad(anp.logsumexp))(x)))
    assert slopes(anp.logaddexp, 1000.0, -1000.0) == [1.0, 0.0]
    assert slopes(anp.logaddexp, INF, 0.0) == [1.0, 0.0]
    assert slopes(anp.logaddexp, -INF, 0.0) == [0.0, 1.0]
    assert slopes(anp.logaddexp2, -INF, -INF) == [0.5, 0.5]
    rows = np.array([[-INF, -INF], [INF, INF], [INF, 0.0], [-INF, 1.0], [2.0, 2.0]])
    found = grad(lambda x: anp.sum(anp.logsumexp(x, axis=1)))(rows)
    np.testing.assert_array_equal(found, [[0.5, 0.5], [0.5, 0.5], [1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    np.testing.assert_array_equal(grad(np.logaddexp.reduce)(rows[0]), [0.5, 0.5])


@pytest.mark.parametrize(
    ("dtype", "z"), [(np.float64, 36.8), (np.float64, 700.0), (np.float32, 16.7), (np.float32, 80.0)]
)
@pytest.mark.parametrize("sigmoid", [lambda z: 1 / (1 + anp.exp(-z)), anp.sigmoid, lambda z: 1.0 / (anp.exp(-z) + 1.0)])
@pytest.mark.parametrize("complement", [lambda a: anp.log(1 - a), lambda a: anp.log1p(-a)])
def test_saturated_article_cost(dtype: Any, z: float, sigmoid: Any, complement: Any) -> None:
    """dE/dz is a - y however saturated the sigmoid is, written as the article writes it."""
    zs = np.array([z, -z, z, -z], dtype)
    y = np.array([1.0, 0.0, 0.0, 1.0], dtype)

    def cost(z: Any) -> Any:
        a = sigmoid(z)
        return anp.sum(-y * anp.log(a) - (1 - y) * complement(a))

    found = grad(cost)(zs)
    assert found.dtype == dtype
    exact = 1 / (1 + np.exp(-zs.astype(np.longdouble))) - y
    np.testing.assert_allclose(found, exact.astype(dtype), rtol=0, atol=2 * np.finfo(dtype).eps)
    assert np.all(np.isfinite(jacobian(grad(cost))(zs)))
    assert np.isfinite(cost(Tensor(zs, requires_grad=True)).data)


X = np.array([0.0, 4.0, -1.0])
POSITIVE = X > 0
LEAKS = [
    ("where", lambda x: anp.where(x > 0, anp.sqrt(x), 0.0)),
    ("where with a function on both sides", lambda x: anp.where(x > 0, anp.sqrt(x), x * 0)),
    ("where, log", lambda x: anp.where(x > 0, anp.log(x), 0.0)),
    ("where, division", lambda x: anp.where(x > 0, 1 / x, 0.0)),
    ("where, a chain of functions", lambda x: anp.where(x > 0, anp.exp(anp.sqrt(x) * 2) / anp.log(x), 0.0)),
    ("where, reshaped", lambda x: anp.where(POSITIVE.reshape(3, 1), anp.reshape(anp.sqrt(x), (3, 1)), 0.0)),
    ("where, summed first", lambda x: anp.sum(anp.where(x > 0, anp.sqrt(x), 0.0))),
    ("where, mask and power", lambda x: anp.where(x > 0, x**0.5, 0.0) * 3),
    ("select", lambda x: anp.select([x > 0], [anp.sqrt(x)], 0.0)),
    ("select of two", lambda x: anp.select([x > 0, x < -5], [anp.sqrt(x), anp.log(x)], 0.0)),
    ("choose", lambda x: anp.choose(np.array([0, 1, 0]), [x * 0, anp.sqrt(x)])),
    ("piecewise", lambda x: anp.piecewise(x, [x > 0], [anp.sqrt, 0.0])),
    ("a mask", lambda x: anp.sqrt(x)[POSITIVE]),
    ("a mask made of x", lambda x: anp.log(x)[x > 0]),
    ("places", lambda x: anp.sqrt(x)[np.array([1])]),
    ("take", lambda x: anp.take(anp.log(x), [1])),
    ("a slice", lambda x: anp.sqrt(x)[1:2]),
    ("extract", lambda x: anp.extract(POSITIVE, anp.sqrt(x))),
    ("nan_to_num", lambda x: anp.where(x > 0, anp.nan_to_num(anp.log(x)), 0)),
    ("nan_to_num alone", lambda x: anp.nan_to_num(anp.log(x), nan=0.0, posinf=0.0, neginf=0.0)),
    ("sum where", lambda x: anp.sum(anp.sqrt(x), where=POSITIVE)),
    ("mean where", lambda x: anp.mean(anp.log(x), where=POSITIVE)),
    ("nansum", lambda x: anp.nansum(anp.where(x > 0, anp.sqrt(x), anp.nan))),
    ("maximum", lambda x: anp.maximum(anp.sqrt(anp.where(x < 0, 0, x)), 1.0)),
    ("where, joined first", lambda x: anp.where(np.arange(6) == 1, anp.concatenate([anp.sqrt(x), anp.log(x)]), 0.0)),
    ("a slice of a join", lambda x: anp.hstack([x, anp.sqrt(x)])[4:5]),
    ("a row of a stack", lambda x: anp.stack([anp.log(x), x])[1, 1:2]),
    ("where, padded first", lambda x: anp.where(np.arange(5) == 2, anp.pad(anp.sqrt(x), 1), 0.0)),
    ("where, rows averaged first", lambda x: anp.where(POSITIVE, anp.mean(anp.log(x)[:, None] * np.ones(2), 1), 0)),
    ("an entry of running sums", lambda x: anp.cumsum(anp.sqrt(x[::-1])[1:])[0]),
    ("diagonal", lambda x: anp.diagonal(anp.sqrt(anp.stack([x[1:], x[:2]])))[:1]),
]  # fmt: skip


@pytest.mark.parametrize("fun", [leak[1] for leak in LEAKS], ids=[leak[0].replace(" ", "_") for leak in LEAKS])
def test_nothing_leaks_from_the_branch_not_taken(fun: Callable[[Any], Any]) -> None:
    """What is selected depends on x[1] = 4 alone: there the slope is that of the function, elsewhere 0."""
    found = grad(lambda x: anp.sum(fun(x)))(X)
    assert found[1] != 0
    assert np.all(np.isfinite(found))
    second = jacobian(grad(lambda x: anp.sum(fun(x))))(X)
    assert np.isfinite(second[1, 1])
    assert np.all(np.isfinite(second))


def test_a_computed_zero_is_not_made_a_silent_zero() -> None:
    """sqrt(x)**2 is x, so its slope at 0 is 1, or unknown; never 0."""
    found = grad(lambda x: anp.sqrt(x) ** 2)(0.0)
    assert found == 1 or np.isnan(found)
    found = grad(lambda x: anp.where(x >= 0, anp.sqrt(x) ** 2, 0.0))(0.0)
    assert found == 1 or np.isnan(found)
    found = grad(lambda x: anp.sum(anp.where(np.array([True]), anp.sqrt(x) ** 2, 0.0)))(np.zeros(1))
    assert found == 1 or np.isnan(found)


# near the points of the table


def test_an_extreme_that_ties_with_its_initial_value():
    """`initial` is a plain number: exactly at it the slope is 0, as for maximum(x, 0)."""
    x = np.array([0.0, -1.0])
    for fun in (anp.max, anp.nanmax):
        np.testing.assert_array_equal(grad(lambda x, fun=fun: fun(x, initial=0.0))(x), [0, 0])
        np.testing.assert_array_equal(grad(lambda x, fun=fun: fun(x, initial=-0.5))(x), [1, 0])
    np.testing.assert_array_equal(grad(lambda x: anp.min(x, initial=-1.0))(x), [0, 0])
    masked = grad(lambda x: anp.max(x, initial=-1.0, where=np.array([False, True])))
    np.testing.assert_array_equal(masked(x), [0, 0])
    np.testing.assert_array_equal(grad(lambda x: anp.max(x, axis=1, initial=-2.0)[0])(x[None]), [[1, 0]])


def test_a_remainder_follows_the_quotient_that_its_value_has():
    """1 / 0.1 rounds to 10, but there are only 9 whole 0.1 in 1."""
    for fun in (anp.remainder, anp.fmod):
        assert fun(1.0, 0.1) == pytest.approx(0.1)
        assert slopes(fun, 1.0, 0.1) == [1.0, -9.0]
    assert slopes(anp.fmod, -1.0, 0.1) == [1.0, 9.0]
    assert slopes(anp.remainder, -1.0, INF) == [1.0, 1.0]


def test_the_angle_of_a_tiny_number():
    tiny = 1e-200
    slope = grad(lambda x: anp.angle(x + 1j * tiny))(tiny)
    assert slope == pytest.approx(-0.5 / tiny, rel=1e-12)


def test_full_qr_of_a_column_that_needs_no_reflection():
    """LAPACK leaves a column alone that is zero below the diagonal; on Tensors the same, with any column of zeros."""
    for a in (np.array([[1.0, 2], [0, 3], [0, 4]]), np.array([[0.0, 2], [0, 3], [0, 4]]), np.array([[-1.0], [0], [0]])):
        for found, expected in zip(anp.linalg.qr(Tensor(a), "complete"), np.linalg.qr(a, "complete"), strict=True):
            np.testing.assert_allclose(found.data, expected, atol=1e-15)
        assert np.isfinite(grad(lambda a: anp.sum(anp.linalg.qr(a, "complete")[1] ** 2))(a)).all()
    a, weights = np.array([[1.0, 2], [0, 3], [0, 4]]), np.arange(6.0).reshape(3, 2)
    thin, full = (
        grad(lambda a, m=m: anp.sum(anp.linalg.qr(a, m)[0][:, :2] * weights))(a) for m in ("reduced", "complete")
    )
    np.testing.assert_allclose(full, thin, rtol=1e-12, atol=1e-14)


def test_condition_of_no_matrix_at_all():
    for p in (None, 2, -2):
        assert anp.linalg.cond(Tensor(np.zeros((2, 2))), p).item() == np.linalg.cond(np.zeros((2, 2)), p) == INF


def test_a_variance_without_degrees_of_freedom():
    assert np.isnan(grad(lambda x: anp.var(x, ddof=1))(np.array([2.0]))).all()
    assert grad(lambda x: anp.std(x, ddof=1))(np.array([2.0])) == 0  # as of any equal values


def test_reductions_of_nothing():
    """No lines, or (where NumPy has an answer) lines without entries: a gradient of no entries."""
    everything = "sum mean prod max min ptp var nansum nanprod nanmax cumsum cumprod sort".split()
    linalg = [anp.linalg.norm, lambda x, axis: anp.linalg.vector_norm(x, ord=3, axis=axis)]
    for fun in [getattr(anp, name) for name in everything] + [lambda x, axis: anp.median(x, axis=1), *linalg]:
        for axes in (1, 0, (0, 1)):
            x = np.zeros((0, 3))
            try:
                fun(x, axis=axes)
            except (ValueError, IndexError, TypeError):
                continue  # NumPy refuses
            np.testing.assert_array_equal(grad(lambda x, f=fun, a=axes: anp.sum(f(x, axis=a)))(x), x)


def test_a_narrow_base_has_its_logarithm_in_the_precision_of_the_power():
    """NumPy's logarithm of eight-bit numbers is in half precision."""
    for dtype in (np.int8, np.uint8, np.int16, np.float16, np.float32):
        found = grad(lambda y, d=dtype: anp.sum(np.array([2, 3], d) ** y))(np.ones(2))
        np.testing.assert_allclose(found, [2 * np.log(2), 3 * np.log(3)], rtol=1e-15)
    assert grad(lambda y: anp.sum(np.array([2], np.int8) ** y))(np.ones(1, np.float32)).dtype == np.float32


def test_interp_exactly_at_its_points():
    """The end points belong to the polygon, not to what is left or right of it; a slope is that to the right."""
    xp, fp = np.array([1.0, 2.0, 4.0]), np.array([3.0, 5.0, 4.0])
    for ends in ({}, {"left": -7.0, "right": 9.0}):
        values = anp.interp(Tensor(np.array([0.5, 1.0, 2.0, 4.0, 5.0]), requires_grad=True), xp, fp, **ends)
        np.testing.assert_array_equal(values.data, np.interp([0.5, 1.0, 2.0, 4.0, 5.0], xp, fp, **ends))
        slopes = [grad(lambda x, ends=ends: anp.interp(x, xp, fp, **ends))(x) for x in (0.5, 1.0, 2.0, 3.0, 5.0)]
        assert slopes == [0.0, 2.0, -0.5, -0.5, 0.0]
