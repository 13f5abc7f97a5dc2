"""Every function of autograd-gamma: its gradient against central differences of its own values."""

import autograd_gamma as gamma
import numpy as np
import pytest

import autograd.numpy as anp
from autograd import elementwise_grad, grad, hessian, jacobian

TWO = ["gammainc", "gammaincc", "gammaincln", "gammainccln"]
INVERSE = ["gammaincinv", "gammainccinv"]
FIRST = np.array([0.4, 1.3, 2.5, 6.0])
SECOND = np.array([0.3, 1.1, 2.0, 7.5])
SHARE = np.array([0.1, 0.35, 0.6, 0.9])


def difference(fun, x, step=1e-5):
    return (fun(x + step) - fun(x - step)) / (2 * step)


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize("argument", [0, 1])
def test_two_arguments(name, argument):
    fun = getattr(gamma, name)
    points = [FIRST, SECOND]
    found = elementwise_grad(fun, argument)(*points)
    wanted = difference(lambda x: fun(*(x if i == argument else p for i, p in enumerate(points))), points[argument])
    np.testing.assert_allclose(found, wanted, rtol=2e-4, atol=1e-7)


@pytest.mark.parametrize("name", INVERSE)
@pytest.mark.parametrize("argument", [0, 1])
def test_inverses(name, argument):
    fun = getattr(gamma, name)
    points = [FIRST, SHARE]
    found = elementwise_grad(fun, argument)(*points)
    wanted = difference(lambda x: fun(*(x if i == argument else p for i, p in enumerate(points))), points[argument])
    np.testing.assert_allclose(found, wanted, rtol=5e-3, atol=1e-6)


@pytest.mark.parametrize("name", ["betainc", "betaincln"])
@pytest.mark.parametrize("argument", [0, 1, 2])
def test_beta(name, argument):
    fun = getattr(gamma, name)
    points = [FIRST, SECOND, SHARE]
    found = elementwise_grad(fun, argument)(*points)
    wanted = difference(lambda x: fun(*(x if i == argument else p for i, p in enumerate(points))), points[argument])
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-6)


def test_scalars_and_broadcasting():
    assert np.isclose(grad(gamma.gammainc)(1.0, 2.0), difference(lambda a: gamma.gammainc(a, 2.0), 1.0), rtol=1e-4)
    found = grad(lambda a: anp.sum(gamma.gammainc(a, SECOND)))(1.5)
    assert np.shape(found) == ()
    assert np.isclose(found, difference(lambda a: np.sum(gamma.gammainc(a, SECOND)), 1.5), rtol=1e-4)


def test_maximum_likelihood_gradient_and_curvature():
    times = np.random.default_rng(0).gamma(2.0, 1.5, 200)

    def negative_log_likelihood(params):
        shape, scale = anp.exp(params)
        return -anp.mean(anp.log(gamma.gammaincc(shape, times / scale)))

    at = np.array([0.5, 0.4])
    steps = 1e-5 * np.eye(2)
    wanted = [(negative_log_likelihood(at + s) - negative_log_likelihood(at - s)) / 2e-5 for s in steps]
    np.testing.assert_allclose(grad(negative_log_likelihood)(at), wanted, rtol=1e-4)
    np.testing.assert_allclose(jacobian(negative_log_likelihood)(at), wanted, rtol=1e-4)
    curvature = hessian(lambda p: anp.sum(gamma.gammainc(2.0, anp.exp(p))))(at)
    assert np.shape(curvature) == (2, 2)
    assert np.isclose(curvature[0, 1], 0)
