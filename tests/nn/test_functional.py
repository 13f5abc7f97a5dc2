"""Activations: values, extremes, Tensors and plain arrays alike."""

import mpmath
import numpy as np
import pytest

from autograd import Tensor, grad
from nn import functional

POINTS = [-1000.0, -40.0, -1.5, 0.0, 0.25, 17.0, 40.0, 1000.0]
mpmath.mp.dps = 60
FORMULAS = {
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "tanh": mpmath.tanh,
    "relu": lambda x: max(x, mpmath.mpf(0)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)) if x < 0 else x + mpmath.log1p(mpmath.exp(-x)),
    "log_sigmoid": lambda x: -mpmath.log1p(mpmath.exp(-x)) if x > 0 else x - mpmath.log1p(mpmath.exp(x)),
}
SLOPES = {
    "sigmoid": lambda x: mpmath.exp(-abs(x)) / (1 + mpmath.exp(-abs(x))) ** 2,
    "tanh": lambda x: mpmath.sech(x) ** 2,
    "relu": lambda x: mpmath.mpf(x > 0),
    "softplus": lambda x: 1 / (1 + mpmath.exp(-x)),
    "log_sigmoid": lambda x: 1 / (1 + mpmath.exp(x)),
}


@pytest.mark.parametrize("name", sorted(FORMULAS))
@pytest.mark.parametrize("x", POINTS)
def test_value_and_slope(name, x):
    function = getattr(functional, name)
    # Values below the smallest normal number may be 0; a sigmoid's slope a (1 - a) is 0 once a has rounded to 1.
    assert float(function(x)) == pytest.approx(float(FORMULAS[name](mpmath.mpf(x))), rel=1e-14, abs=1e-300)
    assert float(grad(function)(x)) == pytest.approx(float(SLOPES[name](mpmath.mpf(x))), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", sorted(functional.__all__))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tensors_and_plain_arrays_alike(name, dtype):
    x = np.array([[0.5, -1.0, 2.0], [0.0, 3.0, -4.0]], dtype)
    function = getattr(functional, name)
    plain, recorded = function(x), function(Tensor(x, requires_grad=True))
    assert isinstance(plain, (np.ndarray, np.floating))
    assert isinstance(recorded, Tensor)
    assert plain.dtype == recorded.dtype == dtype
    np.testing.assert_array_equal(plain, recorded.data)


@pytest.mark.parametrize("shift", [-1000.0, 0.0, 1000.0])
def test_softmax_family_does_not_feel_a_shift(shift):
    z = np.array([1.0, 2.0, 4.0])
    exponentials = [mpmath.exp(v) for v in z]
    total = sum(exponentials)
    expected = np.array([float(e / total) for e in exponentials])
    np.testing.assert_allclose(functional.softmax(z + shift), expected, rtol=1e-14)
    np.testing.assert_allclose(functional.log_softmax(z + shift), np.log(expected), rtol=1e-12)
    assert float(functional.logsumexp(z + shift)) == pytest.approx(float(mpmath.log(total)) + shift, rel=1e-14)
    np.testing.assert_allclose(grad(functional.logsumexp)(z + shift), expected, rtol=1e-14)
