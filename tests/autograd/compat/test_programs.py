"""Programs as people write them for HIPS autograd, held against differences or closed forms."""

import pytest

import autograd.numpy as np
import autograd.numpy.random as npr
import autograd.scipy.stats.multivariate_normal as mvn
from autograd import check_grads, elementwise_grad, grad, hessian, hessian_vector_product, jacobian, make_vjp
from autograd.builtins import dict, list, tuple
from autograd.extend import defvjp, primitive
from autograd.misc import flatten
from autograd.misc.optimizers import adam
from autograd.scipy.integrate import odeint
from autograd.scipy.linalg import solve_triangular
from autograd.scipy.special import logsumexp

rs = npr.RandomState(0)
X = rs.randn(12, 2)


def mixture(params):
    """The log likelihood of a mixture of Gaussians; the parameters are a dict of arrays."""
    weights = params["weights"] - logsumexp(params["weights"])
    parts = [
        weight + mvn.logpdf(X, mean, np.dot(root.T, root) + np.eye(2))
        for weight, mean, root in zip(weights, params["means"], params["roots"], strict=True)
    ]
    return np.sum(logsumexp(np.vstack(parts), axis=0))


MIXTURE = {"weights": rs.randn(3), "means": rs.randn(3, 2), "roots": rs.randn(3, 2, 2)}


def markov(transitions, emissions):
    """The log likelihood of a hidden Markov model, by the forward algorithm."""
    steps = transitions - logsumexp(transitions, axis=1, keepdims=True)
    words = emissions - logsumexp(emissions, axis=1)[:, np.newaxis]
    belief = words[:, 0]
    for seen in [1, 3, 2, 2]:
        belief = logsumexp(belief[:, None] + steps, axis=0) + words[:, seen]
    return logsumexp(belief)


def process(params):
    """The log likelihood of a Gaussian process, by Cholesky."""
    scale, length, noise = np.exp(params)
    apart = np.expand_dims(X, 1) - np.expand_dims(X, 0)
    factor = np.linalg.cholesky(scale * np.exp(-np.sum((apart / length) ** 2, axis=2)) + noise * np.eye(len(X)))
    white = solve_triangular(factor, np.sin(X[:, 0]), lower=True)
    return -0.5 * np.dot(white, white) - np.sum(np.log(np.diag(factor)))


def recurrent(params):
    """The last state of an LSTM, its gates in a list of tuples."""
    state = memory = np.zeros((1, 3))
    for x in X[:4]:
        joined = np.hstack((x[None, :], state))
        forget, enter, leave, new = (np.dot(joined, w) + b for w, b in params)
        memory = memory / (1 + np.exp(-forget)) + np.tanh(new) / (1 + np.exp(-enter))
        state = np.tanh(memory) / (1 + np.exp(-leave))
    return np.sum(state**2)


GATES = [(0.5 * rs.randn(5, 3), rs.randn(3)) for _ in range(4)]


def filtered(params):
    """The log likelihood of a Kalman filter."""
    moves, noise = np.array([[1.0, params[0]], [0.0, 1.0]]), np.diag(np.exp(params[1:3]))
    sees, mean, spread, total = np.array([[1.0, 0.0]]), np.zeros(2), np.eye(2), 0.0
    for y in [1.0, 2.0, 2.5]:
        mean, spread = moves @ mean, moves @ spread @ moves.T + noise
        seen = sees @ spread @ sees.T + np.exp(params[3])
        gain, off = np.linalg.solve(seen, sees @ spread).T, y - sees @ mean
        total = total - 0.5 * np.log(np.linalg.det(seen)) - 0.5 * off @ np.linalg.inv(seen) @ off
        mean, spread = mean + gain @ off, spread - gain @ sees @ spread
    return total


def steered(forces):
    """What it costs to steer a pendulum; the states are gathered in a list."""
    state, states = np.array([0.1, 0.0]), []
    for force in forces:
        state = np.array([state[0] + 0.1 * state[1], state[1] + 0.1 * (9.8 * np.sin(state[0]) + force)])
        states.append(state)
    return np.sum(np.array(states) ** 2)


def resonance(permittivity):
    """The power at the end of a resonator, whose field is complex."""
    n = len(permittivity)
    system = np.diag(4.0 * permittivity) + np.eye(n, k=1) + np.eye(n, k=-1) - (2 - 0.1j) * np.eye(n)
    return np.abs(np.linalg.solve(system, np.eye(n)[0] * 1j)[-1]) ** 2


def learned(rate):
    """What is left after three steps of gradient descent, by the rate of descent."""
    theta = np.zeros(2)
    for _ in range(3):
        theta = theta - rate * grad(lambda t: np.sum((t - 1) ** 4))(theta)
    return np.sum(theta**2)


@pytest.mark.parametrize(
    ("program", "args"),
    [
        (mixture, (MIXTURE,)),
        (markov, (rs.randn(3, 3), rs.randn(3, 4))),
        (process, (np.array([0.2, 0.3, -1.0]),)),
        (recurrent, (GATES,)),
        (filtered, (np.array([0.5, 0.1, 0.2, 0.3]),)),
        (steered, (rs.randn(6),)),
        (resonance, (1 + 0.1 * rs.rand(5),)),
        (learned, (0.1,)),
    ],
)
def test_gradients_of_programs(program, args):
    check_grads(program)(*args)


def test_training_a_network_on_a_flat_vector():
    def predict(params, x):
        for w, b in params:
            out = np.dot(x, w) + b
            x = np.tanh(out)
        return out - logsumexp(out, axis=1, keepdims=True)

    targets = np.eye(2)[(X[:, 0] > 0).astype(int)]
    params = [(0.5 * rs.randn(2, 5), np.zeros(5)), (0.5 * rs.randn(5, 2), np.zeros(2))]
    loss = lambda params, i=0: -np.mean(np.sum(predict(params, X) * targets, axis=1))  # noqa: E731
    trained = adam(grad(loss), params, num_iters=100, step_size=0.1)
    assert loss(trained) < 0.1 * loss(params)
    assert [(type(w), w.shape, b.shape) for w, b in trained] == [(type(w), w.shape, b.shape) for w, b in params]
    vector, unflatten = flatten(trained)
    of_vector = lambda v: loss(unflatten(v))  # noqa: E731
    product = hessian_vector_product(of_vector)(vector, vector)
    np.testing.assert_allclose(product, hessian(of_vector)(vector) @ vector, rtol=1e-6, atol=1e-9)


def test_leapfrog_gives_back_the_start_and_the_energy():
    covariance = np.array([[1.0, 0.8], [0.8, 1.0]])
    potential = lambda q: -mvn.logpdf(q, np.zeros(2), covariance)  # noqa: E731
    force = grad(potential)

    def leapfrog(q, p, steps=50, step=0.01):
        for _ in range(steps):
            p = p - 0.5 * step * force(q)
            q = q + step * p
            p = p - 0.5 * step * force(q)
        return q, p

    q0, p0 = np.ones(2), np.array([0.3, -0.7])
    q1, p1 = leapfrog(q0, p0)
    assert potential(q1) + 0.5 * p1 @ p1 == pytest.approx(potential(q0) + 0.5 * p0 @ p0, abs=1e-3)
    back, turned = leapfrog(q1, -p1)
    np.testing.assert_allclose((back, turned), (q0, -p0), atol=1e-12)


def test_a_differential_equation_by_its_rate_and_start():
    decay = lambda y0, rate: odeint(lambda y, t, rate: -rate * y, y0, np.array([0.0, 2.0]), tuple((rate,)))[-1]  # noqa: E731
    start, rate = np.array([1.0, 3.0]), 0.7
    left = np.exp(-2 * rate)
    np.testing.assert_allclose(grad(lambda y0: np.sum(decay(y0, rate)))(start), [left, left], rtol=1e-5)
    np.testing.assert_allclose(jacobian(lambda rate: decay(start, rate))(rate), -2 * left * start, rtol=1e-5)


def test_a_solver_of_ones_own_with_nests_made_inside():
    @primitive
    def solve(a, b):
        return np.linalg.solve(a, b)

    defvjp(
        solve,
        lambda out, a, b: lambda g: -np.outer(np.linalg.solve(a.T, g), out),
        lambda out, a, b: lambda g: np.linalg.solve(a.T, g),
    )
    a = rs.randn(3, 3) + 3 * np.eye(3)

    def loss(a, b):
        made = dict(solution=solve(a, b), parts=list([np.sum(b), np.sum(a)]))
        return np.sum(made["solution"] ** 2) * made["parts"][0]

    check_grads(loss, order=1)(a, rs.randn(3))


def test_every_derivative_of_tanh():
    x = np.linspace(-2, 2, 9)
    fun, orders = np.tanh, []
    for _ in range(3):
        fun = elementwise_grad(fun)
        orders.append(fun(x))
    t = np.tanh(x)
    first = 1 - t**2
    np.testing.assert_allclose(orders, [first, -2 * t * first, first * (6 * t**2 - 2)], atol=1e-14)


def test_a_product_with_the_jacobian_kept_for_later():
    back, value = make_vjp(lambda x: np.sin(x) * np.sum(x))(np.arange(3.0))
    assert type(value) is np.ndarray
    np.testing.assert_allclose(back(np.ones(3)), np.cos(np.arange(3.0)) * 3 + np.sum(np.sin(np.arange(3.0))))
