"""Distributions: values are SciPy's, slopes are 40-digit differences of the textbook's density."""

import copy
import itertools
import pickle

import mpmath
import numpy as np
import pytest
import scipy.stats
from mpmath import mp

import autograd
import autograd.numpy as anp
from autograd import Tensor, grad, hessian, jacobian
from autograd.errors import NoRuleError, UndefinedError
from autograd.scipy import stats

mp.dps = 40
pi, log, exp = mpmath.pi, mpmath.log, mpmath.exp

LOG_DENSITIES = {  # of the standard variable and the shapes
    "norm": (lambda x: -(x**2) / 2 - log(2 * pi) / 2, ()),
    "expon": (lambda x: -x, ()),
    "gamma": (lambda x, a: (a - 1) * log(x) - x - mpmath.loggamma(a), (2.3,)),
    "chi2": (lambda x, k: (k / 2 - 1) * log(x) - x / 2 - mpmath.loggamma(k / 2) - k / 2 * log(2), (3.1,)),
    "beta": (lambda x, a, b: (a - 1) * log(x) + (b - 1) * log(1 - x) - log(mpmath.beta(a, b)), (2.3, 1.4)),
    "t": (
        lambda x, n: (
            mpmath.loggamma((n + 1) / 2) - mpmath.loggamma(n / 2) - log(n * pi) / 2 - (n + 1) / 2 * log(1 + x**2 / n)
        ),
        (3.7,),
    ),
    "laplace": (lambda x: -abs(x) - log(2), ()),
    "logistic": (lambda x: -x - 2 * log(1 + exp(-x)), ()),
    "cauchy": (lambda x: -log(pi * (1 + x**2)), ()),
    "lognorm": (lambda x, s: -((log(x) / s) ** 2) / 2 - log(s * x) - log(2 * pi) / 2, (0.7,)),
    "weibull_min": (lambda x, c: log(c) + (c - 1) * log(x) - x**c, (1.7,)),
    "uniform": (lambda x: 0 * x, ()),
}
TAILS = ("cdf", "sf", "logcdf", "logsf")
LOC, SCALE = 0.2, 1.3
X = 0.9  # inside the support of each, also after location and scale


def log_density(name, x, *rest):
    *shapes, loc, scale = rest
    return LOG_DENSITIES[name][0]((x - loc) / scale, *shapes) - log(scale)


@pytest.mark.filterwarnings("ignore:Output seems independent")  # the second slope of -x
@pytest.mark.parametrize("name", LOG_DENSITIES)
@pytest.mark.parametrize("log_of", [True, False], ids=["logpdf", "pdf"])
def test_densities_in_every_argument(name, log_of):
    args = (X, *LOG_DENSITIES[name][1], LOC, SCALE)
    exact = [mpmath.mpf(a) for a in args]
    ours = getattr(getattr(stats, name), "logpdf" if log_of else "pdf")
    theirs = getattr(getattr(scipy.stats, name), "logpdf" if log_of else "pdf")
    assert ours(Tensor(X), *args[1:]).item() == pytest.approx(theirs(*args), rel=1e-13)

    def f(*a):
        value = log_density(name, *a)
        return value if log_of else exp(value)

    for i in range(len(args)):
        along = lambda v, i=i: f(*exact[:i], v, *exact[i + 1 :])  # noqa: E731
        assert grad(ours, i)(*args) == pytest.approx(float(mpmath.diff(along, exact[i])), rel=1e-11), i
        second = grad(grad(ours, i), i)(*args)
        assert second == pytest.approx(float(mpmath.diff(along, exact[i], 2)), rel=1e-10, abs=1e-13), i


@pytest.mark.parametrize(("name", "tail"), list(itertools.product(LOG_DENSITIES, TAILS)))
def test_tails_in_the_variable_location_and_scale(name, tail):
    shapes = LOG_DENSITIES[name][1]
    args = (X, *shapes, LOC, SCALE)
    ours, theirs = getattr(getattr(stats, name), tail), getattr(getattr(scipy.stats, name), tail)
    value = theirs(*args)
    assert ours(Tensor(X), *args[1:]).item() == pytest.approx(value, rel=1e-13)
    slope = float(exp(log_density(name, *[mpmath.mpf(a) for a in args])))  # of the cdf in x
    slope *= -1 if "sf" in tail else 1
    slope /= np.exp(value) if "log" in tail else 1
    n = len(shapes)
    assert grad(ours, 0)(*args) == pytest.approx(slope, rel=1e-12)
    assert grad(ours, n + 1)(*args) == pytest.approx(-slope, rel=1e-12)
    assert grad(ours, n + 2)(*args) == pytest.approx(-slope * (X - LOC) / SCALE, rel=1e-12)


@pytest.mark.parametrize(("method", "tail"), [("ppf", "cdf"), ("isf", "sf")])
@pytest.mark.parametrize("name", LOG_DENSITIES)
def test_quantiles_are_inverses(name, method, tail):
    shapes = LOG_DENSITIES[name][1]
    ours, theirs = (getattr(getattr(module, name), method) for module in (stats, scipy.stats))
    for p in (0.0, 1e-9, 0.3, 0.5, 0.8, 1.0):
        args = (p, *shapes, LOC, SCALE)
        x = theirs(*args)
        assert ours(Tensor(p), *args[1:]).item() == pytest.approx(x, rel=1e-9), p
        if p in (0.0, 1.0):
            continue
        slope = grad(getattr(getattr(stats, name), tail))(x, *args[1:])
        assert grad(ours)(*args) == pytest.approx(1 / slope, rel=1e-7), p
        assert grad(ours, len(shapes) + 1)(*args) == 1.0
        assert grad(ours, len(shapes) + 2)(*args) == pytest.approx((x - LOC) / SCALE, rel=1e-9, abs=1e-15), p


def test_quantiles_in_shapes_of_a_closed_form():
    """Of the lognormal and Weibull's: x = exp(s z), x = (-log(1 - p))**(1/c)."""
    z = scipy.stats.norm.ppf(0.3)
    assert grad(stats.lognorm.ppf, 1)(0.3, 0.7) == pytest.approx(z * np.exp(0.7 * z), rel=1e-13)
    power = -np.log(0.7)
    expected = power ** (1 / 1.7) * np.log(power) * -(1.7**-2)
    assert grad(stats.weibull_min.ppf, 1)(0.3, 1.7) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("name", ["gamma", "chi2", "beta", "expon", "lognorm", "weibull_min", "uniform"])
def test_outside_the_support(name):
    shapes = LOG_DENSITIES[name][1]
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    for x in (-0.5, 1.5 if name in ("beta", "uniform") else -2.0):
        for method in ("pdf", "logpdf", *TAILS):
            assert getattr(ours, method)(Tensor(x), *shapes).item() == getattr(theirs, method)(x, *shapes)
            with np.errstate(all="ignore"):
                assert grad(getattr(ours, method))(x, *shapes) == 0.0


def test_arguments_by_keyword_and_broadcasting(rng):
    x, loc = rng.standard_normal((3, 4)), rng.standard_normal(4)
    value = stats.norm.logpdf(Tensor(x), scale=2.0, loc=loc).data
    np.testing.assert_allclose(value, scipy.stats.norm.logpdf(x, loc, 2.0), rtol=1e-13)
    g = grad(lambda loc: anp.sum(stats.norm.logpdf(x, loc, 2.0)))(loc)
    np.testing.assert_allclose(g, np.sum(x - loc, axis=0) / 4, rtol=1e-12)
    for args, options, wrong in [
        ((), {"sigma": 2.0}, "unexpected keyword argument 'sigma'"),
        ((0.0, 1.0, 2.0), {}, "too many positional arguments"),
        ((0.0,), {"loc": 2.0}, "multiple values for argument 'loc'"),
    ]:
        with pytest.raises(TypeError, match=rf"^norm\.logpdf\(x, loc=0\.0, scale=1\.0\): .*{wrong}$"):
            stats.norm.logpdf(Tensor(x), *args, **options)
    assert stats.poisson.logpmf(k=2, mu=Tensor(0.5)).item() == pytest.approx(scipy.stats.poisson.logpmf(k=2, mu=0.5))
    assert stats.norm.ppf(q=Tensor(0.1), scale=2.0).item() == pytest.approx(scipy.stats.norm.ppf(q=0.1, scale=2.0))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", LOG_DENSITIES)
def test_parameters_that_are_none_give_nan_as_scipys(name):
    """Also off the support, where the answer would not depend on them; and no warning on the way."""
    good = (*LOG_DENSITIES[name][1], 0.0, 1.0)
    some = [(*good[:i], bad, *good[i + 1 :]) for i in range(len(good)) for bad in (-1.0, 0.0, np.nan)]
    for method in ("pdf", "logpdf", *TAILS, "ppf", "isf"):
        ours, theirs = getattr(getattr(stats, name), method), getattr(getattr(scipy.stats, name), method)
        for parameters in some:
            for x in (-0.5, 0.0, 0.3, 1.0, 1.5):
                with np.errstate(all="ignore"):
                    expected = theirs(x, *parameters)
                for recorded in (ours(Tensor(x), *parameters), ours(x, *map(Tensor, parameters))):
                    assert np.isnan(recorded.data) == np.isnan(expected), (method, x, parameters)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("name", "good"), [("bernoulli", (0.3,)), ("binom", (3, 0.3)), ("nbinom", (3, 0.3)), ("poisson", (0.3,))]
)
def test_counts_of_parameters_that_are_none_are_nan_as_scipys(name, good):
    methods = ("logpmf", "pmf", "cdf", "sf") if name == "poisson" else ("logpmf", "pmf")
    bads = (-1, -0.1, 0.0, 1.0, 1.1, 2.5, np.nan)
    some = [(*good[:i], bad, *good[i + 1 :]) for i in range(len(good)) for bad in bads]
    for method, parameters, k in itertools.product(methods, some, (-1, 0, 0.5, 1)):
        with np.errstate(all="ignore"):
            expected = getattr(getattr(scipy.stats, name), method)(k, *parameters)
        recorded = getattr(getattr(stats, name), method)(k, *parameters[:-1], Tensor(float(parameters[-1])))
        assert np.isnan(recorded.data) == np.isnan(expected), (method, k, parameters)


@pytest.mark.parametrize("name", LOG_DENSITIES)
def test_numbers_do_not_widen_float32(name):
    shapes = LOG_DENSITIES[name][1]
    for method in ("pdf", "logpdf", *TAILS, "ppf", "isf"):
        ours, theirs = getattr(getattr(stats, name), method), getattr(getattr(scipy.stats, name), method)
        for x in (np.float32(0.3), np.array([0.3, 0.8], np.float32)):
            value = ours(Tensor(x), *shapes, LOC, SCALE).data
            assert value.dtype == np.float32, method
            np.testing.assert_allclose(value, theirs(x, *shapes, LOC, SCALE), rtol=1e-5)
        assert ours(Tensor([0, 1]), *shapes).dtype == np.float64


def test_lists_and_tuples_are_arrays():
    x = Tensor([0.3, 0.7], requires_grad=True)
    stats.multivariate_normal.logpdf([x[0], x[1]], [0.0, 1.0], [[1.0, 0.0], [0.0, 2.0]]).backward()
    np.testing.assert_allclose(x.grad, [-0.3, 0.15], rtol=1e-13)
    for k in ([1, 2], (1, 2)):
        np.testing.assert_allclose(grad(lambda mu, k=k: anp.sum(stats.poisson.logpmf(k, mu)))(0.5), 4.0)
    slope = grad(lambda a: stats.dirichlet.logpdf([0.3, 0.7], a))(np.ones(2))
    np.testing.assert_allclose(slope, np.log([0.3, 0.7]) + 1, rtol=1e-13)


@pytest.mark.parametrize("name", LOG_DENSITIES)
def test_values_everywhere(name):
    """NaN stays NaN, infinities have their limits, and what is close to 1 keeps its logarithm."""
    far = np.array([-np.inf, -40, -3, -1e-9, 0, 1e-300, 1e-9, 0.3, 0.5, 1, 3, 40, np.inf, np.nan])
    chances = np.array([-0.1, 0.0, 1e-300, 1e-20, 0.1, 0.5, 0.9, 1 - 1e-15, 1.0, 1.1, np.nan])
    for method in ("pdf", "logpdf", *TAILS, "ppf", "isf"):
        x = chances if method in ("ppf", "isf") else far
        ours, theirs = (getattr(getattr(module, name), method) for module in (stats, scipy.stats))
        shapes = LOG_DENSITIES[name][1]
        with np.errstate(all="ignore"):
            expected = theirs(x, *shapes)
            least = 1e-16 if x is chances else 0
            np.testing.assert_allclose(ours(Tensor(x), *shapes).data, expected, rtol=1e-9, atol=least)


@pytest.mark.parametrize(
    ("name", "x"), [("gamma", 0.0), ("chi2", 0.0), ("beta", 0.0), ("beta", 1.0), ("weibull_min", 0.0)]
)
def test_densities_where_the_support_ends(name, x):
    """From 0 on one side to something on the other: the least slope of the kink is 0."""
    shapes = LOG_DENSITIES[name][1]
    with np.errstate(all="ignore"):
        assert grad(getattr(stats, name).pdf, tuple(range(1 + len(shapes))))(x, *shapes) == (0.0,) * (1 + len(shapes))


def test_far_tails():
    hazard = float(mpmath.npdf(40) / mpmath.ncdf(-40))
    assert grad(stats.norm.logsf)(40.0) == pytest.approx(-hazard, rel=1e-12)
    assert grad(stats.norm.logcdf)(-1000.0) == pytest.approx(1000.001, rel=1e-6)
    tail = stats.beta.sf(Tensor(0.999), 2.0, 20.0).item()
    assert tail == pytest.approx(scipy.stats.beta.sf(0.999, 2.0, 20.0), rel=1e-12)


def test_student_of_many_degrees_of_freedom():
    exact = LOG_DENSITIES["t"][0](mpmath.mpf(0.5), mpmath.mpf(10) ** 6)
    assert stats.t.logpdf(Tensor(0.5), 1e6).item() == pytest.approx(float(exact), rel=1e-14)


def test_the_median_of_cauchy():
    p = np.array([0.5, 0.5 + 1e-10, 0.3, 0.2, 0.8])
    exact = [float(mpmath.tan(pi * (mpmath.mpf(v) - 0.5))) for v in p]
    np.testing.assert_allclose(stats.cauchy.ppf(Tensor(p)).data, exact, rtol=1e-15)
    np.testing.assert_allclose(grad(stats.cauchy.ppf)(0.5), np.pi, rtol=1e-15)


def test_shapes_without_closed_form_are_refused():
    with pytest.raises(NoRuleError, match=r"scipy\.special\.gammainc has no derivative rule for argument 0"):
        grad(stats.gamma.cdf, 1)(0.5, 1.5)
    with pytest.raises(NoRuleError, match=r"scipy\.special\.stdtr has no derivative rule for argument 0"):
        grad(stats.t.cdf, 1)(0.5, 1.5)


def test_poisson_in_its_mean():
    k, mu = np.array([0.0, 3.0, 7.0, 2.5, -1.0]), np.array([1.2, 2.0, 6.5, 2.0, 2.0])
    whole = (k == np.floor(k)) & (k >= 0)
    for method, slope in (
        ("logpmf", np.where(whole, k / mu - 1, 0)),
        ("pmf", scipy.stats.poisson.pmf(k, mu) * (k / mu - 1)),
        ("cdf", -scipy.stats.poisson.pmf(np.floor(k), mu)),
        ("sf", scipy.stats.poisson.pmf(np.floor(k), mu)),
    ):
        ours = getattr(stats.poisson, method)
        np.testing.assert_allclose(ours(k, Tensor(mu)).data, getattr(scipy.stats.poisson, method)(k, mu), rtol=1e-12)
        g = grad(lambda m, f=ours: anp.sum(anp.where(whole, f(k, m), 0)))(mu)
        np.testing.assert_allclose(g[whole], slope[whole], rtol=1e-12)


COUNTS = {  # the textbook's probability of k, and shapes of which the last may be differentiated
    "binom": (lambda k, n, p: mpmath.binomial(n, k) * p**k * (1 - p) ** (n - k), (5, 0.3)),
    "bernoulli": (lambda k, p: p**k * (1 - p) ** (1 - k), (0.3,)),
    "nbinom": (lambda k, n, p: mpmath.binomial(n + k - 1, k) * p**n * (1 - p) ** k, (2.5, 0.3)),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_in_their_parameters(name):
    mass, shapes = COUNTS[name]
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    k = np.array([-1.0, 0.0, 1.0, 4.0, 0.5])
    last = len(shapes)
    for loc in (0, -1):
        for method in ("logpmf", "pmf"):
            at = (*shapes[:-1], Tensor(shapes[-1]), loc)
            np.testing.assert_allclose(
                getattr(ours, method)(k, *at).data, getattr(theirs, method)(k, *shapes, loc), 1e-12
            )
    for count in (0, 1):
        along = lambda p, count=count: log(mass(count, *map(mpmath.mpf, shapes[:-1]), p))  # noqa: E731
        slope = float(mpmath.diff(along, mpmath.mpf(shapes[-1])))
        assert grad(ours.logpmf, last)(count, *shapes) == pytest.approx(slope, rel=1e-12)
        assert grad(ours.pmf, last)(count, *shapes) == pytest.approx(slope * theirs.pmf(count, *shapes), rel=1e-12)


def test_certain_counts():
    assert grad(stats.binom.logpmf, 2)(0, 5, 0.0) == -5.0
    assert grad(stats.binom.logpmf, 2)(5, 5, 1.0) == 5.0
    assert grad(stats.bernoulli.logpmf, 1)(1, 1.0) == 1.0
    assert grad(stats.nbinom.logpmf, 2)(0, 2.5, 1.0) == 2.5


def test_the_number_of_successes_of_nbinom():
    exact = lambda n: log(COUNTS["nbinom"][0](3, n, mpmath.mpf(0.3)))  # noqa: E731
    assert grad(stats.nbinom.logpmf, 1)(3, 2.5, 0.3) == pytest.approx(float(mpmath.diff(exact, 2.5)), rel=1e-12)


def test_dirichlet(rng):
    alpha = np.array([1.5, 2.0, 3.5])
    x = scipy.stats.dirichlet.rvs(alpha, size=4, random_state=rng).T
    ours, theirs = stats.dirichlet, scipy.stats.dirichlet
    np.testing.assert_allclose(ours.logpdf(Tensor(x), alpha).data, theirs.logpdf(x, alpha), rtol=1e-12)
    one = x[:, 0]
    np.testing.assert_allclose(ours.pdf(one[:2], Tensor(alpha)).data, theirs.pdf(one, alpha), rtol=1e-12)
    np.testing.assert_allclose(grad(stats.dirichlet.logpdf)(one, alpha), (alpha - 1) / one, rtol=1e-13)
    psi = scipy.special.psi
    expected = np.log(one) - psi(alpha) + psi(alpha.sum())
    np.testing.assert_allclose(grad(stats.dirichlet.logpdf, 1)(one, alpha), expected, rtol=1e-12)
    density = scipy.stats.dirichlet.pdf(one, alpha)
    np.testing.assert_allclose(grad(stats.dirichlet.pdf, 1)(one, alpha), density * expected, rtol=1e-12)


@pytest.fixture
def normal(rng):
    k = 3
    root = rng.standard_normal((k, k))
    return rng.standard_normal((5, k)), rng.standard_normal(k), root @ root.T + np.eye(k)


def test_multivariate_normal(normal):
    x, mean, cov = normal
    mvn = stats.multivariate_normal
    theirs = scipy.stats.multivariate_normal
    np.testing.assert_allclose(mvn.logpdf(x, Tensor(mean), cov).data, theirs.logpdf(x, mean, cov), rtol=1e-12)
    precision = np.linalg.inv(cov)
    offsets = (x - mean) @ precision
    np.testing.assert_allclose(grad(lambda x: anp.sum(mvn.logpdf(x, mean, cov)))(x), -offsets, rtol=1e-10)
    np.testing.assert_allclose(grad(lambda m: anp.sum(mvn.logpdf(x, m, cov)))(mean), offsets.sum(0), rtol=1e-10)
    expected = (offsets.T @ offsets - len(x) * precision) / 2
    np.testing.assert_allclose(grad(lambda c: anp.sum(mvn.logpdf(x, mean, c)))(cov), expected, rtol=1e-9)
    np.testing.assert_allclose(hessian(lambda m: mvn.logpdf(x[0], m, cov))(mean), -precision, rtol=1e-10)
    density = scipy.stats.multivariate_normal.pdf(x, mean, cov)
    np.testing.assert_allclose(jacobian(mvn.pdf, 1)(x, mean, cov), density[:, None] * offsets, rtol=1e-10)
    assert mvn.entropy(mean, Tensor(cov)).item() == pytest.approx(scipy.stats.multivariate_normal.entropy(mean, cov))
    np.testing.assert_allclose(grad(mvn.entropy, 1)(mean, cov), precision / 2, rtol=1e-10)


def test_multivariate_normal_with_simple_covariances():
    x, mvn, theirs = np.array([0.3, 0.7]), stats.multivariate_normal, scipy.stats.multivariate_normal
    np.testing.assert_allclose(mvn.logpdf(Tensor(x)).data, theirs.logpdf(x))  # two points of the line
    value = mvn.logpdf(Tensor(x), np.zeros(2), np.array([1.0, 2.0])).item()
    assert value == pytest.approx(theirs.logpdf(x, np.zeros(2), np.array([1.0, 2.0])))
    assert mvn.logpdf(Tensor(x), np.zeros(2), 2.0).item() == pytest.approx(theirs.logpdf(x, np.zeros(2), 2.0))
    assert mvn.logpdf(Tensor(0.3), 0.1, 2.0).item() == pytest.approx(theirs.logpdf(0.3, 0.1, 2.0))


@pytest.mark.parametrize("shape", [(1, 2), (1, 1, 2), (3, 1, 2), (1, 3, 2)])
@pytest.mark.parametrize("singular", [False, True])
def test_axes_of_one_point_are_dropped_as_by_scipy(shape, singular, rng):
    x, mean, cov = rng.standard_normal(shape), np.array([0.1, -0.3]), np.array([[1.0, 0.3], [0.3, 2.0]])
    for name in ("logpdf", "pdf"):
        expected = getattr(scipy.stats.multivariate_normal, name)(x, mean, cov, allow_singular=singular)
        ours = getattr(stats.multivariate_normal, name)(Tensor(x), mean, cov, allow_singular=singular)
        assert ours.shape == expected.shape
        np.testing.assert_allclose(ours.data, expected, rtol=1e-12)
    shares, alpha = np.array([[0.2], [0.3], [0.5]]), np.array([1.0, 2.0, 3.0])
    for name in ("logpdf", "pdf"):
        assert getattr(stats.dirichlet, name)(shares, Tensor(alpha)).shape == ()


@pytest.mark.parametrize(
    ("x", "mean", "size"),
    [((3, 2), None, 3), ((3, 2), (2,), 3), ((4, 3), (3,), 2), ((6,), None, 2), ((2,), (2,), 3)],
)
def test_points_of_another_size_than_the_covariance_are_refused(x, mean, size):
    given = np.ones(x), None if mean is None else np.zeros(mean), np.eye(size)
    with pytest.raises(ValueError, match=r"mismatch|broadcast"):
        scipy.stats.multivariate_normal.logpdf(*given)
    with pytest.raises(ValueError, match=rf"^multivariate_normal: points of {x[-1]} coordinates, but a covariance of "):
        stats.multivariate_normal.logpdf(Tensor(given[0]), *given[1:])


def test_multivariate_normal_with_a_singular_covariance():
    cov = np.diag([2.0, 0.5, 0.0])
    x, mean = np.array([0.3, 0.7, 0.1]), np.array([0.0, 0.5, 0.1])
    mvn, theirs = stats.multivariate_normal, scipy.stats.multivariate_normal
    value = mvn.logpdf(Tensor(x), mean, cov, allow_singular=True).item()
    assert value == pytest.approx(theirs.logpdf(x, mean, cov, allow_singular=True), rel=1e-12)
    g = grad(mvn.logpdf)(x, mean, cov, allow_singular=True)
    np.testing.assert_allclose(g, [-0.3 / 2, -0.2 / 0.5, 0.0], rtol=1e-12, atol=1e-15)
    off = x + np.array([0.0, 0.0, 1.0])
    assert mvn.logpdf(Tensor(off), mean, cov, allow_singular=True).item() == -np.inf
    with pytest.raises(UndefinedError, match="not differentiable in a covariance that may be singular"):
        grad(mvn.logpdf, 2)(x, mean, cov, True)


@pytest.mark.parametrize("cov", [[[1.0, 2.0], [2.0, 1.0]], [[-1.0, 0.0], [0.0, -1.0]]])
def test_multivariate_normal_refuses_what_is_no_covariance(cov):
    x, cov, mvn = np.array([0.3, 0.7]), np.array(cov), stats.multivariate_normal
    for wrong in (lambda: scipy.stats.multivariate_normal.logpdf(x, cov=cov), lambda: mvn.logpdf(x, cov=cov)):
        with pytest.raises(ValueError, match="positive semidefinite"):
            wrong()
    refused = pytest.raises(np.linalg.LinAlgError, match="not positive definite")
    with refused:
        grad(mvn.logpdf, 2)(x, None, cov)
    with refused:
        grad(mvn.entropy, 1)(None, cov)
    compiled = autograd.compile(mvn.logpdf)
    compiled(x, np.zeros(2), np.eye(2))
    with refused:
        compiled(x, np.zeros(2), cov)


def test_dirichlet_refuses_what_scipy_refuses():
    for x, alpha, message in [([0.5, 0.6], [1.0, 2.0], "simplex"), ([0.5, 0.5], [1.0, -2.0], "greater than 0")]:
        for method in ("logpdf", "pdf"):
            with pytest.raises(ValueError, match=message):
                getattr(scipy.stats.dirichlet, method)(x, alpha)
            with pytest.raises(ValueError, match=message):
                grad(getattr(stats.dirichlet, method), 1)(np.array(x), np.array(alpha))


def test_other_names_are_scipys():
    assert stats.norm.ppf(0.5) == 0.0
    assert stats.gumbel_r is scipy.stats.gumbel_r
    assert stats.multivariate_normal.rvs(np.zeros(2), random_state=0).shape == (2,)


@pytest.mark.parametrize("name", [name for name in stats.__all__ if name not in ("dirichlet", "multivariate_normal")])
def test_a_distribution_is_called_as_scipys(name):
    ours, theirs = getattr(stats, name), getattr(scipy.stats, name)
    parameters = [2, 0.4][-theirs.numargs :] if theirs.numargs else []
    frozen = ours(*parameters, loc=2)
    assert type(frozen) is type(theirs(*parameters))
    np.testing.assert_equal(frozen.mean(), theirs.mean(*parameters, loc=2))  # cauchy has none
    assert ours.rvs(*parameters, random_state=0) == theirs.rvs(*parameters, random_state=0)
    assert ours.rvs is ours.rvs
    assert pickle.loads(pickle.dumps(ours)) is copy.deepcopy(ours) is ours
    with pytest.raises(NoRuleError, match=rf"stats\.{name}\(\.\.\.\) holds no Tensors; give them to a method"):
        ours(*parameters, loc=Tensor(2.0, requires_grad=True))


def test_several_variables_are_called_as_scipys():
    assert stats.multivariate_normal([0.0, 1.0]).mean.tolist() == [0.0, 1.0]
    assert stats.dirichlet([1.0, 3.0]).mean().tolist() == [0.25, 0.75]


def test_methods_without_a_rule_say_so():
    with pytest.raises(NoRuleError, match=r"^scipy\.stats\.gamma\.entropy has no derivative rule; give it one with "):
        grad(stats.gamma.entropy)(2.0)
    with pytest.raises(NoRuleError, match=r"^scipy\.stats\.multivariate_normal\.cdf has no derivative rule; "):
        grad(stats.multivariate_normal.cdf)(np.zeros(2))
    with pytest.raises(NoRuleError, match=r"^scipy\.stats\.zscore has no derivative rule; "):
        grad(lambda x: stats.zscore(x)[0])(np.arange(3.0))


def test_the_slope_in_the_degrees_of_freedom_keeps_its_digits_where_t_is_nearly_normal():
    logpdf = LOG_DENSITIES["t"][0]
    for df, rel in ((500.0, 1e-11), (1e4, 1e-10), (1e6, 1e-8)):  # terms of 1 / df, which leave one of 1 / df**2
        expected = float(mpmath.diff(lambda n: logpdf(mpmath.mpf(0.5), n), mpmath.mpf(df), relative=True))
        assert grad(stats.t.logpdf, 1)(0.5, df) == pytest.approx(expected, rel=rel, abs=0)


def test_both_sides_of_the_uniform_distribution_move_right_above_its_end():
    assert grad(stats.uniform.cdf)(1e-300) == 1.0
    assert grad(stats.uniform.sf)(1e-300) == -1.0


@pytest.mark.parametrize(("name", "shape"), [("gamma", 0.001), ("gamma", 2.3), ("gamma", 40.0), ("chi2", 3.1)])
def test_a_survival_too_small_for_a_number_has_a_logarithm(name, shape):
    def log_sf(x):
        a, x = (mpmath.mpf(shape), x) if name == "gamma" else (mpmath.mpf(shape) / 2, x / 2)
        return log(mpmath.gammainc(a, x, regularized=True))

    logsf = getattr(stats, name).logsf
    for x in (1700.0, 1e5):
        expected = [float(mpmath.diff(log_sf, mpmath.mpf(x), n, relative=True)) for n in range(3)]
        assert logsf(Tensor(x), shape).item() == pytest.approx(expected[0], rel=1e-13)
        assert grad(logsf)(x, shape) == pytest.approx(expected[1], rel=1e-13)
        assert grad(grad(logsf))(x, shape) == pytest.approx(expected[2], rel=1e-11, abs=0)
    assert logsf(Tensor(np.inf), shape).item() == -np.inf
    assert logsf(Tensor(np.array([0.3, 900.0], np.float32)), np.float32(shape)).dtype == np.float32
    with pytest.raises(NoRuleError, match=r"^scipy\.special\.gammainc.* has no derivative rule for argument 0"):
        grad(logsf, 1)(900.0, shape)
