"""Each special function's slopes against 40-digit differences of mpmath's function of the same name."""

import mpmath
import numpy as np
import pytest
import scipy.special
from mpmath import mp

import autograd
import autograd.numpy as anp
import autograd.scipy
from autograd import Tensor, elementwise_grad, grad, holomorphic_grad
from autograd.errors import NoRuleError
from autograd.graph import Primitive
from autograd.numpy import registry
from autograd.scipy import special

mp.dps = 40
SQRT2 = mpmath.sqrt(2)
ONE = [0.3, 1.7, 4.2]  # points at which functions of the positive axis are tried

# name: (the function in mpmath, points or tuples of arguments, the argument to differentiate)
UNARY = {
    "gamma": (mpmath.gamma, [*ONE, -0.7]),
    "gammaln": (lambda x: mpmath.log(abs(mpmath.gamma(x))), [*ONE, -0.7]),
    "loggamma": (mpmath.loggamma, ONE),
    "rgamma": (mpmath.rgamma, [*ONE, -0.7, 0.0, -3.0]),
    "psi": (lambda x: mpmath.psi(0, x), [*ONE, -0.7]),
    "erf": (mpmath.erf, [-1.3, 0.0, 2.1]),
    "erfc": (mpmath.erfc, [-1.3, 0.0, 2.1]),
    "erfcx": (lambda x: mpmath.exp(x**2) * mpmath.erfc(x), [-1.3, 0.0, 2.1, 9.9, 30.0, 1e6]),
    "erfi": (mpmath.erfi, [-1.3, 0.0, 2.1]),
    "dawsn": (lambda x: mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(-(x**2)) * mpmath.erfi(x), [-1.3, 0.0, 2.1, 30.0, 1e3]),
    "erfinv": (mpmath.erfinv, [-0.9, 0.0, 0.4]),
    "erfcinv": (lambda x: mpmath.erfinv(1 - x), [0.1, 1.0, 1.8]),
    "ndtr": (mpmath.ncdf, [-3.0, 0.0, 1.2]),
    "ndtri": (lambda p: SQRT2 * mpmath.erfinv(2 * p - 1), [0.02, 0.5, 0.9]),
    "log_ndtr": (lambda x: mpmath.log(mpmath.ncdf(x)), [-1e6, -35.0, -3.0, 0.0, 5.0]),
    "j0": (lambda x: mpmath.besselj(0, x), ONE),
    "j1": (lambda x: mpmath.besselj(1, x), ONE),
    "y0": (lambda x: mpmath.bessely(0, x), ONE),
    "y1": (lambda x: mpmath.bessely(1, x), ONE),
    "i0": (lambda x: mpmath.besseli(0, x), [*ONE, 0.0]),
    "i1": (lambda x: mpmath.besseli(1, x), [*ONE, 0.0]),
    "k0": (lambda x: mpmath.besselk(0, x), ONE),
    "k1": (lambda x: mpmath.besselk(1, x), ONE),
    "i0e": (lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(0, x), [*ONE, -2.0, 1e5, -1e5]),
    "i1e": (lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(1, x), [*ONE, -2.0, 1e5, -1e5]),
    "k0e": (lambda x: mpmath.exp(x) * mpmath.besselk(0, x), [*ONE, 29.0, 1e5]),
    "k1e": (lambda x: mpmath.exp(x) * mpmath.besselk(1, x), [*ONE, 29.0, 1e5]),
    "exp1": (mpmath.e1, ONE),
    "expi": (mpmath.ei, ONE),
    "spence": (lambda x: mpmath.polylog(2, 1 - x), [1e-9, 0.3, 0.9, 1.0, 1 + 1e-9, 30.0]),  # 1: removable
    "ellipk": (mpmath.ellipk, [-1e16, -1e8, -9.0, 0.0, 1e-9, 0.1, 0.8, 0.999]),
    "ellipe": (mpmath.ellipe, [-1e8, -9.0, 0.0, 1e-9, 0.1, 0.8, 0.999]),
    "expit": (lambda x: 1 / (1 + mpmath.exp(-x)), [-30.0, 0.0, 2.5]),
    "log_expit": (lambda x: -mpmath.log(1 + mpmath.exp(-x)), [-10.0, 0.0, 2.5]),
    "logit": (lambda x: mpmath.log(x / (1 - x)), [0.1, 0.5, 0.99]),
    "entr": (lambda x: -x * mpmath.log(x), ONE),
}
MANY = {
    "polygamma": (lambda n, x: mpmath.psi(n, x), [(0, 1.7), (1, 0.3), (3, 4.2)], (1,)),
    "zeta": (mpmath.zeta, [(2.0, 1.5), (3.3, 0.4)], (1,)),
    "poch": (mpmath.rf, [(1.5, 2.3), (0.4, 0.9), (150.0, -60.0), (1e8, 0.5)], (0, 1)),
    "beta": (mpmath.beta, [(1.5, 2.3), (0.4, 0.9)], (0, 1)),
    "betaln": (lambda a, b: mpmath.log(mpmath.beta(a, b)), [(1.5, 2.3), (0.4, 0.9), (0.5, 1e8), (1e8, 1e8)], (0, 1)),
    "binom": (mpmath.binomial, [(5.5, 2.3), (1.4, 0.9), (1e6, 2.0)], (0, 1)),
    "owens_t": (
        lambda h, a: mpmath.quad(lambda t: mpmath.exp(-(h**2) * (1 + t**2) / 2) / (1 + t**2), [0, a]) / (2 * mpmath.pi),
        [(0.7, 1.3), (0.0, -0.4)],
        (0, 1),
    ),
    "stdtr": (
        lambda n, x: (
            mpmath.quad(lambda u: (1 + u**2 / n) ** (-(n + 1) / 2), [0, x]) / mpmath.sqrt(n) / mpmath.beta(n / 2, 0.5)
        ),
        [(3.7, 0.9), (0.5, -40.0)],
        (1,),
    ),
    "gammainc": (lambda a, x: mpmath.gammainc(a, 0, x, regularized=True), [(1.5, 0.7), (0.4, 3.0)], (1,)),
    "gammaincc": (lambda a, x: mpmath.gammainc(a, x, mpmath.inf, regularized=True), [(1.5, 0.7), (0.4, 3.0)], (1,)),
    "betainc": (lambda a, b, x: mpmath.betainc(a, b, 0, x, regularized=True), [(1.5, 2.3, 0.7)], (2,)),
    "betaincc": (lambda a, b, x: mpmath.betainc(a, b, x, 1, regularized=True), [(1.5, 2.3, 0.7)], (2,)),
    "jv": (mpmath.besselj, [(0.5, 1.7), (3, 4.2)], (1,)),
    "yn": (mpmath.bessely, [(2, 1.7)], (1,)),
    "yv": (mpmath.bessely, [(0.5, 1.7)], (1,)),
    "iv": (mpmath.besseli, [(0.5, 1.7), (3, 4.2)], (1,)),
    "kn": (mpmath.besselk, [(2, 1.7)], (1,)),
    "kv": (mpmath.besselk, [(0.5, 1.7)], (1,)),
    "ive": (lambda n, x: mpmath.exp(-abs(x)) * mpmath.besseli(n, x), [(0.5, 1.7), (3, 4.2)], (1,)),
    "kve": (lambda n, x: mpmath.exp(x) * mpmath.besselk(n, x), [(0.5, 1.7), (3, 4.2)], (1,)),
    "expn": (mpmath.expint, [(0, 1.7), (1, 1.7), (2, 1.7), (3, 0.3)], (1,)),
    "hyp2f1": (mpmath.hyp2f1, [(0.5, 1.5, 2.2, 0.4), (1.0, 1.0, 2.0, -3.0)], (3,)),
    "hyp1f1": (mpmath.hyp1f1, [(0.5, 1.5, 0.4), (1.0, 2.0, -3.0)], (2,)),
    "hyp0f1": (mpmath.hyp0f1, [(0.5, 0.4), (2.0, -3.0)], (1,)),
    "hyperu": (mpmath.hyperu, [(1.0, 0.5, 144.0)], (2,)),
    "xlogy": (lambda x, y: x * mpmath.log(y), [(1.7, 0.3), (-2.0, 4.2)], (0, 1)),
    "xlog1py": (lambda x, y: x * mpmath.log1p(y), [(1.7, 0.3), (-2.0, 4.2)], (0, 1)),
    "rel_entr": (lambda x, y: x * mpmath.log(x / y), [(1.7, 0.3)], (0, 1)),
    "kl_div": (lambda x, y: x * mpmath.log(x / y) - x + y, [(1.7, 0.3)], (0, 1)),
    "huber": (
        lambda d, r: r**2 / 2 if abs(r) < d else d * (abs(r) - d / 2),
        [(1.5, 0.4), (1.5, -2.3), (1.5, 7.0)],
        (0, 1),
    ),
    "pseudo_huber": (
        lambda d, r: d**2 * (mpmath.sqrt(1 + (r / d) ** 2) - 1),
        [(1.5, 0.4), (1.5, -7.0), (2.0, 1e-4), (0.3, 0.0)],
        (0, 1),
    ),
    "boxcox": (
        lambda x, power: (x**power - 1) / power if power else mpmath.log(x),
        [(0.3, 0.7), (4.2, -1.5), (1.7, 1e-9), (30.0, 2.0)],
        (0, 1),
    ),
    "inv_boxcox": (lambda y, power: (1 + power * y) ** (1 / power), [(0.3, 0.7), (-0.4, -1.5)], (0, 1)),
}
INVERSES = {  # of a function in its last argument
    "gammaincinv": ("gammainc", (1.5, 0.3)),
    "gammainccinv": ("gammaincc", (1.5, 0.3)),
    "betaincinv": ("betainc", (1.5, 2.3, 0.3)),
    "betainccinv": ("betaincc", (1.5, 2.3, 0.3)),
    "stdtrit": ("stdtr", (3.7, 0.3)),
    "ndtri_exp": ("log_ndtr", (-40.0,)),
}
NO_SLOPE = {"gammasgn"}
OF_ITS_OWN = {"lambertw"}  # a test, below
CASES = [(name, (x,), 0, f) for name, (f, points) in UNARY.items() for x in points] + [
    (name, args, i, f) for name, (f, points, numbers) in MANY.items() for args in points for i in numbers
]


def difference(f, args, argument, order):
    exact = [mpmath.mpf(a) if isinstance(a, float) else a for a in args]

    def along(x):
        return f(*exact[:argument], x, *exact[argument + 1 :])

    return float(mpmath.diff(along, exact[argument], order, relative=abs(args[argument]) > 1e3))


@pytest.mark.filterwarnings("ignore:Output seems independent")  # the second slope of x log y in x
@pytest.mark.parametrize(("name", "args", "argument", "f"), CASES, ids=[f"{c[0]}{c[1]}-{c[2]}" for c in CASES])
def test_slopes(name, args, argument, f):
    ours = getattr(special, name)
    first, second = difference(f, args, argument, 1), difference(f, args, argument, 2)
    assert grad(ours, argument)(*args) == pytest.approx(first, rel=2e-12, abs=1e-30)
    assert grad(grad(ours, argument), argument)(*args) == pytest.approx(second, rel=1e-10, abs=1e-30)


@pytest.mark.parametrize(("name", "forward", "args"), [(n, *c) for n, c in INVERSES.items()])
def test_slopes_of_inverses(name, forward, args):
    shapes, p = args[:-1], args[-1]
    x = getattr(special, name)(*args)
    slope = grad(getattr(special, forward), len(shapes))(*shapes, x)
    assert grad(getattr(special, name), len(shapes))(*args) == pytest.approx(1 / slope, rel=1e-12)
    assert getattr(special, forward)(*shapes, x) == pytest.approx(p, rel=1e-12)


def test_every_primitive_of_the_file_has_a_case():
    rows = {n for n, v in vars(special).items() if isinstance(v, Primitive) and v.name == f"scipy.special.{n}"}
    assert rows == (UNARY.keys() | MANY.keys() | INVERSES.keys() | NO_SLOPE | OF_ITS_OWN) - {"expit", "log_expit"}


def test_values_are_scipys():
    x = np.array([0.3, 1.7])
    for name in ("gamma", "erf", "j0", "log_ndtr", "expit"):
        np.testing.assert_allclose(getattr(special, name)(x), getattr(scipy.special, name)(x), rtol=1e-15)
    assert special.gamma(x.astype(np.float32)).dtype == np.float32
    assert special.ellipkm1 is scipy.special.ellipkm1


def test_scipys_own_functions_record_on_tensors():
    x = Tensor([0.3, 1.7], requires_grad=True)
    scipy.special.erf(x).sum().backward()
    np.testing.assert_allclose(x.grad, 2 / np.sqrt(np.pi) * np.exp(-(x.data**2)), rtol=1e-15)
    assert scipy.special.expit(x).primitive is anp.sigmoid


@pytest.mark.parametrize(
    ("name", "argument", "args"), [("gammainc", 0, (1.5, 0.7)), ("betainc", 1, (1.5, 2.3, 0.7)), ("jv", 0, (0.5, 1.7))]
)
def test_slopes_without_closed_form_are_refused(name, argument, args):
    with pytest.raises(NoRuleError, match=rf"^scipy\.special\.{name} has no derivative rule for argument {argument}, "):
        grad(getattr(special, name), argument)(*args)


def test_zero_times_a_logarithm():
    # the conventions of CONVENTIONS: xlogy(0, y <= 0) has slopes 0, 0
    for y in (0.0, -1.0):
        assert grad(special.xlogy, (0, 1))(0.0, y) == (0.0, 0.0)
        assert grad(grad(special.xlogy, 1), 1)(0.0, y) == 0.0
    assert grad(special.xlogy, (0, 1))(0.0, 2.0) == (np.log(2.0), 0.0)
    assert grad(special.xlog1py, (0, 1))(0.0, -1.0) == (0.0, 0.0)
    assert grad(special.xlogy)(1.0, np.int8(3)) == np.log(3.0)  # and not that of eight bits, which is in sixteen
    assert grad(special.rel_entr, (0, 1))(0.0, 0.0) == (0.0, 0.0)
    assert grad(special.kl_div, (0, 1))(0.0, 0.0) == (0.0, 1.0)  # kl_div(0, y) is y
    assert grad(grad(special.xlogy, 1), 0)(0.0, 4.0) == 0.25  # x / y, differentiated in x
    assert grad(grad(special.xlog1py, 1), 0)(0.0, 3.0) == 0.25


def test_saturated_tails_are_exact():
    assert grad(special.log_ndtr)(-1000.0) == pytest.approx(1000.001, rel=1e-6)
    assert grad(special.log_expit)(-1000.0) == 1.0
    assert grad(lambda z: anp.log(special.expit(z)))(-1000.0) == 1.0
    for x in (1e10, 1e30):  # erfcx is 1 / (sqrt(pi) x)
        assert grad(special.erfcx)(x) == pytest.approx(-1 / (np.sqrt(np.pi) * x**2), rel=1e-14, abs=0)
        assert grad(grad(special.erfcx))(x) == pytest.approx(2 / (np.sqrt(np.pi) * x**3), rel=1e-14, abs=0)


def test_complex_arguments():
    z = 0.7 + 0.4j
    with mp.workdps(40):
        expected = complex(mpmath.psi(0, mpmath.mpc(z)) * mpmath.gamma(mpmath.mpc(z)))
    assert holomorphic_grad(special.gamma)(z) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(("z", "branch"), [(0.3, 0), (0.0, 0), (-0.2, 0), (-0.2, -1), (2.0 - 1.0j, 0), (2.0 - 1.0j, 3)])
def test_lambertw_on_its_branches(z, branch):
    slope, second = (complex(mpmath.diff(lambda x: mpmath.lambertw(x, branch), z, n)) for n in (1, 2))
    along = holomorphic_grad(lambda z: special.lambertw(z, branch))
    assert along(complex(z)) == pytest.approx(slope, rel=1e-12)
    assert holomorphic_grad(along)(complex(z)) == pytest.approx(second, rel=1e-11)
    if isinstance(z, float):
        assert grad(lambda z: anp.real(special.lambertw(z, branch)))(z) == pytest.approx(slope.real, rel=1e-12)


def test_kinks_of_losses():
    assert grad(special.huber, (0, 1))(1.0, 1.0) == (0.0, 1.0)
    assert grad(special.pseudo_huber, 1)(0.0, 2.0) == 0.0  # delta 0: the function is 0
    assert grad(special.pseudo_huber, (0, 1))(1e-3, 1e200) == pytest.approx((1e200, 1e-3))
    assert grad(special.owens_t, 1)(1e200, 2.0) == 0.0  # numbers whose squares overflow


def test_other_functions_of_scipys_say_that_they_have_no_rule():
    with pytest.raises(NoRuleError, match=r"^scipy\.special\.spherical_jn has no derivative rule; give it one with "):
        grad(lambda x: special.spherical_jn(1, x))(0.5)
    assert special.spherical_jn(1, 0.5) == scipy.special.spherical_jn(1, 0.5)


def test_ive_of_complex_numbers_is_not_holomorphic():
    """exp(-|Re z|) I(z): df/dx - i df/dy of the sum of its parts."""
    for z in (0.7 + 0.4j, -0.7 + 0.4j):
        loss = lambda z: anp.real(special.ive(0.5, z)) + anp.imag(special.ive(0.5, z))  # noqa: E731
        h = 1e-5
        along_x, along_y = ((loss(z + d) - loss(z - d)) / (2 * h) for d in (h, 1j * h))
        assert grad(loss)(z) == pytest.approx(along_x - 1j * along_y, rel=1e-8)


# functions of whole arrays


def test_logsumexp_is_scipys_with_weights_and_signs(rng):
    x, b = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
    for axis in (None, 0, (0, 1), -1):
        for keepdims in (False, True):
            expected, sign = scipy.special.logsumexp(x, axis=axis, b=b, keepdims=keepdims, return_sign=True)
            value, ours = special.logsumexp(Tensor(x), axis=axis, b=b, keepdims=keepdims, return_sign=True)
            np.testing.assert_allclose(value.data, expected, rtol=1e-13)
            np.testing.assert_array_equal(ours.data, sign)
    z = x + 1j * b
    expected, sign = scipy.special.logsumexp(z, axis=0, b=b, return_sign=True)
    value, ours = special.logsumexp(Tensor(z), axis=0, b=b, return_sign=True)
    assert value.dtype == expected.dtype == np.float64
    np.testing.assert_allclose(value.data, expected, rtol=1e-13)
    np.testing.assert_allclose(ours.data, sign, rtol=1e-13)
    weights = np.abs(b)
    g = grad(lambda x: special.logsumexp(x, b=weights))(x)
    np.testing.assert_allclose(g, weights * np.exp(x) / np.sum(weights * np.exp(x)), rtol=1e-13)
    g = grad(lambda b: special.logsumexp(x, b=b))(weights)
    np.testing.assert_allclose(g, np.exp(x) / np.sum(weights * np.exp(x)), rtol=1e-13)


def test_logsumexp_is_where_old_programs_import_it_from():
    assert autograd.scipy.misc.logsumexp is special.logsumexp


def test_logsumexp_of_huge_and_missing_terms():
    assert special.logsumexp(Tensor([1000.0, 1000.0])).item() == pytest.approx(1000 + np.log(2))
    np.testing.assert_array_equal(grad(special.logsumexp)(np.array([1000.0, -np.inf])), [1.0, 0.0])


def test_softmax_takes_all_entries_by_default(rng):
    x = rng.standard_normal((2, 3))
    for ours, theirs in ((special.softmax, scipy.special.softmax), (special.log_softmax, scipy.special.log_softmax)):
        for axis in (None, 0, 1):
            np.testing.assert_allclose(ours(Tensor(x), axis=axis).data, theirs(x, axis=axis), rtol=1e-13)
            np.testing.assert_array_equal(ours(x, axis=axis), theirs(x, axis=axis))
    p = scipy.special.softmax(x)
    slope = elementwise_grad(special.softmax)(x)
    np.testing.assert_allclose(slope, 0, atol=1e-15)
    np.testing.assert_allclose(grad(lambda x: special.softmax(x)[0, 0])(x)[0, 0], p[0, 0] * (1 - p[0, 0]), rtol=1e-13)


def test_multigammaln():
    a, d = 4.3, 3
    assert special.multigammaln(Tensor(a), d).item() == pytest.approx(scipy.special.multigammaln(a, d), rel=1e-14)
    expected = sum(scipy.special.psi(a - j / 2) for j in range(d))
    assert grad(special.multigammaln)(a, d) == pytest.approx(expected, rel=1e-14)


def test_numpys_primitives_do_not_depend_on_scipy_being_loaded():
    assert special.erf.name == "scipy.special.erf"
    assert not any("scipy" in name for name in registry.primitives)
