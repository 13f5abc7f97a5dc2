"""`autograd.compile` against NumPy by hand and against the eager engine; its cache."""

import cProfile
import sys
import tracemalloc

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import value_and_grad
from autograd.program import trace

from .test_random_graphs import ours, random_program, run


def network(rng, m=12, dtype=np.float64):
    X = rng.random((m, 8)).astype(dtype)
    y = np.eye(3, dtype=dtype)[rng.integers(0, 3, m)]
    shapes = [(8, 5), (5,), (5, 3), (3,)]
    return [rng.normal(size=s).astype(dtype) for s in shapes], X, y


def cost(params, X, y):
    theta1, b1, theta2, b2 = params
    z1 = X @ theta1 + b1
    a1 = anp.sigmoid(z1)
    z2 = a1 @ theta2 + b2
    a2 = anp.sigmoid(z2)
    J = -anp.sum(y * anp.log(a2) + (1 - y) * anp.log(1 - a2)) / len(X)
    return J


def by_hand(params, X, y):
    """The article's derivation."""
    theta1, b1, theta2, b2 = params
    a1 = 1 / (1 + np.exp(-(X @ theta1 + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ theta2 + b2)))
    J = -np.sum(y * np.log(a2) + (1 - y) * np.log(1 - a2)) / len(X)
    delta3 = (a2 - y) / len(X)
    delta2 = delta3 @ theta2.T * a1 * (1 - a1)
    return J, [X.T @ delta2, delta2.sum(0), a1.T @ delta3, delta3.sum(0)]


@pytest.mark.parametrize("m", [1, 2, 12, 1000])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-4)])
def test_the_articles_network_against_the_hand_derivation(rng, m, dtype, tolerance):
    params, X, y = network(rng, m, dtype)
    step = autograd.compile(value_and_grad(cost))
    expected_value, expected = by_hand(params, X, y)
    for _ in range(3):
        value, gradients = step(params, X, y)
        assert value.dtype == dtype
        np.testing.assert_allclose(value, expected_value, rtol=tolerance)
        for g, e, p in zip(gradients, expected, params, strict=True):
            assert g.dtype == p.dtype
            assert g.shape == p.shape
            np.testing.assert_allclose(g, e, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("m", [4, 40, 400])
def test_a_softmax_written_by_hand_against_the_hand_derivation_in_few_rows_and_many(m):
    rng = np.random.default_rng(m)
    X, w, u, y = rng.random((m, 6)), rng.random((6, 5)), rng.random((5, 3)), np.eye(3)[rng.integers(0, 3, m)]

    def cross_entropy(w, u, X, y):
        h = anp.tanh(X @ w)
        z = h @ u
        e = anp.exp(z - anp.max(z, axis=1, keepdims=True))
        a = e / anp.sum(e, axis=1, keepdims=True)
        return -anp.sum(y * anp.log(a)) / m

    step = autograd.compile(autograd.grad(cross_entropy, (0, 1)))
    dw, du = step(w, u, X, y)
    h = np.tanh(X @ w)
    e = np.exp(h @ u)
    dz = (e / e.sum(axis=1, keepdims=True) - y) / m
    np.testing.assert_allclose(du, h.T @ dz, rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(dw, X.T @ (dz @ u.T * (1 - h**2)), rtol=1e-10, atol=1e-15)
    body = step.source.split("def cross_entropy")[1]
    assert "np.max" not in body  # what goes back to it adds up to zero
    assert " dz = " in body


def test_an_empty_batch():
    params, X, y = network(np.random.default_rng(0), 3)
    step = autograd.compile(value_and_grad(lambda p, X, y: anp.sum((anp.tanh(X @ p[0] + p[1]) @ p[2] - y) ** 2)))
    value, gradients = step(params[:3], X[:0], y[:0])
    assert value == 0
    assert [g.shape for g in gradients] == [p.shape for p in params[:3]]
    assert all((g == 0).all() for g in gradients)


def test_saturated_sigmoids_have_the_true_cost_and_gradient():
    z = np.array([-1000.0, 1000.0, 40.0, 0.0])
    y = np.array([1.0, 0.0, 1.0, 1.0])

    def of(z, y):
        a = anp.sigmoid(z)
        return -anp.sum(y * anp.log(a) + (1 - y) * anp.log(1 - a))

    value, gradient = autograd.compile(value_and_grad(of))(z, y)
    np.testing.assert_allclose(value, 2000 + np.log(2) + np.exp(-40), rtol=1e-15)
    np.testing.assert_allclose(gradient, [-1, 1, 0, -0.5], atol=1e-15)


@pytest.mark.parametrize("seed", range(150))
def test_random_programs(seed):
    inputs, steps = random_program(seed)
    fun = value_and_grad(lambda *xs: run(steps, ours, xs), argnum=tuple(range(len(inputs))))
    compiled = autograd.compile(fun)
    with np.errstate(all="ignore"):
        value, gradients = fun(*inputs)
        for _ in range(2):
            found, found_gradients = compiled(*inputs)
            np.testing.assert_allclose(found, value, rtol=1e-11)
            for f, g in zip(found_gradients, gradients, strict=True):
                np.testing.assert_allclose(f, g, rtol=1e-9, atol=1e-9 * max(1.0, np.abs(g).max()))


def test_hessians_become_one_matrix_product(rng):
    X, t = rng.normal(size=(40, 6)), np.where(rng.random(40) < 0.5, -1.0, 1.0)
    w = rng.normal(size=6)
    compiled = autograd.compile(autograd.hessian(lambda w: anp.mean(anp.softplus(-t * (X @ w)))))
    p = 1 / (1 + np.exp(-(X @ w)))
    np.testing.assert_allclose(compiled(w), (X.T * (p * (1 - p))) @ X / 40, rtol=1e-11, atol=1e-14)
    assert len(compiled.program) < 20


# --- cache


def test_the_first_call_takes_no_more_memory_than_one_recording():
    def chain(x):
        for _ in range(20):
            x = anp.tanh(x) * 1.5
        return anp.sum(x)

    def peak(call):
        tracemalloc.start()
        call()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    x = np.ones((500, 500))
    step = autograd.compile(value_and_grad(chain))
    recording = peak(lambda: trace(value_and_grad(chain), x))
    assert peak(lambda: step(x)) < recording + 3 * x.nbytes
    assert not any(any(line.value.strides) for line in step.program if line.shape and line.kind != "constant")


def test_a_profiler_at_work_is_left_alone():
    def square(x):
        z = x * x
        return z

    profile = cProfile.Profile()
    profile.enable()
    try:
        found = autograd.compile(square)(3.0)
        assert sys.getprofile() is profile
    finally:
        profile.disable()
    assert found == 9


def test_numbers_that_nobody_gave_raise_no_warnings():
    x = np.array([1.0, -1.0])  # a little more has no arccos
    np.testing.assert_array_equal(autograd.compile(anp.arccos)(x), np.arccos(x))


def test_a_new_shape_dtype_or_structure_compiles_again():
    step = autograd.compile(lambda x: x[0] * 2 if isinstance(x, (list, tuple)) else x * 2)
    x = np.ones(3)
    for given in (x, x + 1, np.ones(4), np.ones(3, np.float32), [x], (x,), [x]):
        step(given)
    assert step.cache_info() == (2, 5, 32, 5)
    step.cache_clear()
    assert step.cache_info() == (0, 0, 32, 0)


def test_the_cache_is_bounded_and_drops_the_oldest():
    step = autograd.compile(lambda x: x + 1, cache_size=2)
    for n in (1, 2, 3, 2, 1):
        np.testing.assert_array_equal(step(np.ones(n)), np.full(n, 2.0))
    assert step.cache_info() == (1, 4, 2, 2)
