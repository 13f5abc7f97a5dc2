"""Derivations one can find in books: the text is pinned, read back and computed, and compared with NumPy by hand."""

from textwrap import dedent

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, derive
from autograd.numpy import log_softmax, relu, sigmoid, softmax

from .reading import read_back

SEED = 3


def parameter(rng, *shape):
    return Tensor(0.5 * rng.standard_normal(shape), requires_grad=True)


def one_hot(rng, m, k):
    return np.eye(k)[rng.integers(0, k, m)]


def article(rng):
    m = 12
    X, y = rng.standard_normal((m, 6)), one_hot(rng, m, 3)
    theta1, b1, theta2, b2 = (parameter(rng, *s) for s in [(6, 5), (5,), (5, 3), (3,)])
    z1 = X @ theta1 + b1
    a1 = sigmoid(z1)
    z2 = a1 @ theta2 + b2
    a2 = sigmoid(z2)
    J = -(y * anp.log(a2) + (1 - y) * anp.log(1 - a2)).sum() / m
    made = derive(J, [theta1, b1, theta2, b2], locals(), {"delta3": z2, "delta2": z1}, {"m": m})
    text = """
        delta3  = (a2 - y) / m
        dtheta2 = a1ᵀ delta3
        db2     = sum over rows of delta3
        delta2  = (delta3 theta2ᵀ) ∘ a1 ∘ (1 - a1)
        dtheta1 = Xᵀ delta2
        db1     = sum over rows of delta2"""
    delta3 = (a2.data - y) / m
    delta2 = delta3 @ theta2.data.T * a1.data * (1 - a1.data)
    hand = {"dtheta2": a1.data.T @ delta3, "db2": delta3.sum(0), "dtheta1": X.T @ delta2, "db1": delta2.sum(0)}
    return made, text, hand


def article_written_out(rng):
    """The sigmoid as 1 / (1 + exp(-z)), and the mean instead of a sum over m."""
    m = 12
    X, y, w = rng.standard_normal((m, 6)), one_hot(rng, m, 3), parameter(rng, 6, 3)
    z = X @ w
    p = 1 / (1 + anp.exp(-z))
    cost = -(y * anp.log(p) + (1 - y) * anp.log(1 - p)).sum(axis=1).mean()
    made = derive(cost, [w], locals(), {"delta": z}, {"m": m})
    text = """
        delta = (p - y) / m
        dw    = Xᵀ delta"""
    return made, text, {"dw": X.T @ (p.data - y) / m}


def three_hidden_layers(rng):
    m = 8
    a0, y = rng.standard_normal((m, 4)), one_hot(rng, m, 3)
    W1, W2, W3, W4 = (parameter(rng, *s) for s in [(4, 5), (5, 6), (6, 5), (5, 3)])
    z1 = a0 @ W1
    a1 = sigmoid(z1)
    z2 = a1 @ W2
    a2 = sigmoid(z2)
    z3 = a2 @ W3
    a3 = sigmoid(z3)
    z4 = a3 @ W4
    a4 = sigmoid(z4)
    J = -(y * anp.log(a4) + (1 - y) * anp.log(1 - a4)).sum() / m
    deltas = {"delta5": z4, "delta4": z3, "delta3": z2, "delta2": z1}
    made = derive(J, [W1, W2, W3, W4], locals(), deltas, {"m": m})
    text = """
        delta5 = (a4 - y) / m
        dW4    = a3ᵀ delta5
        delta4 = (delta5 W4ᵀ) ∘ a3 ∘ (1 - a3)
        dW3    = a2ᵀ delta4
        delta3 = (delta4 W3ᵀ) ∘ a2 ∘ (1 - a2)
        dW2    = a1ᵀ delta3
        delta2 = (delta3 W2ᵀ) ∘ a1 ∘ (1 - a1)
        dW1    = a0ᵀ delta2"""
    delta, hand = (a4.data - y) / m, {}
    for name, below, W in (("dW4", a3, W4), ("dW3", a2, W3), ("dW2", a1, W2)):
        hand[name] = below.data.T @ delta
        delta = delta @ W.data.T * below.data * (1 - below.data)
    return made, text, {**hand, "dW1": a0.T @ delta}


def tanh_and_squared_error(rng):
    m = 9
    X, y = rng.standard_normal((m, 4)), rng.standard_normal((m, 2))
    W1, b1, W2 = parameter(rng, 4, 3), parameter(rng, 3), parameter(rng, 3, 2)
    z1 = X @ W1 + b1
    h = anp.tanh(z1)
    out = h @ W2
    cost = ((out - y) ** 2).sum() / (2 * m)
    made = derive(cost, [W1, b1, W2], locals(), {"delta2": out, "delta1": z1}, {"m": m})
    text = """
        delta2 = (out - y) / m
        dW2    = hᵀ delta2
        delta1 = (delta2 W2ᵀ) ∘ (1 - h²)
        dW1    = Xᵀ delta1
        db1    = sum over rows of delta1"""
    delta2 = (out.data - y) / m
    delta1 = delta2 @ W2.data.T * (1 - h.data**2)
    return made, text, {"dW2": h.data.T @ delta2, "dW1": X.T @ delta1, "db1": delta1.sum(0)}


def relu_and_default_names(rng):
    m = 9
    X, y = rng.standard_normal((m, 4)), rng.standard_normal((m, 2))
    W1, b1, W2 = parameter(rng, 4, 3), parameter(rng, 3), parameter(rng, 3, 2)
    z1 = X @ W1 + b1
    h = relu(z1)
    out = h @ W2
    cost = ((out - y) ** 2).sum(axis=1).mean()
    made = derive(cost, [W1, b1, W2], locals(), symbols={"m": m})
    text = """
        dout = 2 (out - y) / m
        dW2  = hᵀ dout
        dz1  = (dout W2ᵀ) ∘ 1[z1 > 0]
        dW1  = Xᵀ dz1
        db1  = sum over rows of dz1"""
    delta2 = 2 * (out.data - y) / m
    delta1 = delta2 @ W2.data.T * (z1.data > 0)
    return made, text, {"dW2": h.data.T @ delta2, "dW1": X.T @ delta1, "db1": delta1.sum(0)}


def leaky_relu_by_where(rng):
    x, y = parameter(rng, 5, 3), rng.standard_normal((5, 3))
    h = anp.where(x > 0, x, 0.25 * x)
    cost = ((h - y) ** 2).sum()
    made = derive(cost, [x], locals())
    return made, "dx = 2 (h - y) ∘ {1 if x > 0, else 1 / 4}", {"dx": 2 * (h.data - y) * np.where(x.data > 0, 1, 0.25)}


def maximum_of_two(rng):
    a, b = parameter(rng, 4, 3), parameter(rng, 4, 3)
    h = anp.maximum(a, b)
    cost = (h**2).sum()
    made = derive(cost, [a], locals())
    return made, "da = 2 h ∘ {1 / 2 if a = b, else 1[a > b]}", {"da": 2 * a.data * (a.data > b.data)}


def softmax_with_cross_entropy(rng):
    m = 7
    X, y, W, b = rng.standard_normal((m, 4)), one_hot(rng, m, 3), parameter(rng, 4, 3), parameter(rng, 3)
    z = X @ W + b
    e = anp.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    cost = -(y * anp.log(p)).sum() / m
    made = derive(cost, [W, b], locals(), {"delta": z}, {"m": m})
    text = """
        delta = (p - y) / m
        dW    = Xᵀ delta
        db    = sum over rows of delta"""
    delta = (p.data - y) / m
    return made, text, {"dW": X.T @ delta, "db": delta.sum(0)}


def log_softmax_with_soft_labels(rng):
    """The labels' rows do not sum to one, so their sum stays in the formula."""
    m = 7
    X, y, W = rng.standard_normal((m, 4)), rng.random((m, 3)), parameter(rng, 4, 3)
    z = X @ W
    p = softmax(z)
    cost = -(y * log_softmax(z)).sum() / m
    made = derive(cost, [W], locals(), {"delta": z}, {"m": m})
    text = """
        delta = ((sum over columns of y) ∘ p - y) / m
        dW    = Xᵀ delta"""
    return made, text, {"dW": X.T @ (p.data * y.sum(1, keepdims=True) - y) / m}


def linear_regression_with_l2(rng):
    m, lam = 11, 0.3
    X, y, theta = rng.standard_normal((m, 4)), rng.standard_normal(m), parameter(rng, 4)
    h = X @ theta
    cost = ((h - y) ** 2).sum() / (2 * m) + lam / 2 * (theta**2).sum()
    made = derive(cost, [theta], locals(), symbols={"m": m, "lambda": lam}, order=2)
    text = """
        dtheta  = Xᵀ (h - y) / m + lambda theta
        d2theta = Xᵀ X / m + lambda I"""
    return (
        made,
        text,
        {
            "dtheta": X.T @ (h.data - y) / m + lam * theta.data,
            "d2theta": X.T @ X / m + lam * np.eye(4),
        },
    )


def logistic_regression_with_l2(rng):
    m, lam = 11, 0.3
    X, y, theta = rng.standard_normal((m, 4)), rng.integers(0, 2, m).astype(float), parameter(rng, 4)
    p = sigmoid(X @ theta)
    cost = -(y * anp.log(p) + (1 - y) * anp.log(1 - p)).sum() / m + lam / 2 * (theta**2).sum()
    made = derive(cost, [theta], locals(), symbols={"m": m, "lambda": lam})
    return made, "dtheta = Xᵀ (p - y) / m + lambda theta", {"dtheta": X.T @ (p.data - y) / m + lam * theta.data}


def hessian_of_logistic_regression(rng):
    m = 11
    X, y, theta = rng.standard_normal((m, 4)), rng.integers(0, 2, m).astype(float), parameter(rng, 4)
    p = sigmoid(X @ theta)
    cost = -(y * anp.log(p) + (1 - y) * anp.log(1 - p)).sum() / m
    made = derive(cost, [theta], locals(), symbols={"m": m}, order=2)
    text = """
        dtheta  = Xᵀ (p - y) / m
        d2theta = Xᵀ diag(p ∘ (1 - p)) X / m"""
    return made, text, {"d2theta": X.T @ np.diag(p.data * (1 - p.data)) @ X / m}


def recurrent_network(rng):
    x1, x2, x3 = rng.standard_normal((3, 6, 2))
    y, h0 = rng.standard_normal((6, 3)), np.zeros((6, 4))
    Wx, Wh, b, Wy = parameter(rng, 2, 4), parameter(rng, 4, 4), parameter(rng, 4), parameter(rng, 4, 3)
    s1 = x1 @ Wx + h0 @ Wh + b
    h1 = anp.tanh(s1)
    s2 = x2 @ Wx + h1 @ Wh + b
    h2 = anp.tanh(s2)
    s3 = x3 @ Wx + h2 @ Wh + b
    h3 = anp.tanh(s3)
    out = h3 @ Wy
    cost = ((out - y) ** 2).sum() / 2
    made = derive(cost, [Wx, Wh, b, Wy], locals(), {"delta3": s3, "delta2": s2, "delta1": s1})
    text = """
        dWy    = h3ᵀ (out - y)
        delta3 = ((out - y) Wyᵀ) ∘ (1 - h3²)
        delta2 = (delta3 Whᵀ) ∘ (1 - h2²)
        delta1 = (delta2 Whᵀ) ∘ (1 - h1²)
        dWx    = x3ᵀ delta3 + x2ᵀ delta2 + x1ᵀ delta1
        dWh    = h2ᵀ delta3 + h1ᵀ delta2 + h0ᵀ delta1
        db     = (sum over rows of delta3) + (sum over rows of delta2) + (sum over rows of delta1)"""
    delta3 = (out.data - y) @ Wy.data.T * (1 - h3.data**2)
    delta2 = delta3 @ Wh.data.T * (1 - h2.data**2)
    delta1 = delta2 @ Wh.data.T * (1 - h1.data**2)
    return (
        made,
        text,
        {
            "dWy": h3.data.T @ (out.data - y),
            "dWx": x3.T @ delta3 + x2.T @ delta2 + x1.T @ delta1,
            "dWh": h2.data.T @ delta3 + h1.data.T @ delta2 + h0.T @ delta1,
            "db": (delta3 + delta2 + delta1).sum(0),
        },
    )


def recurrent_network_on_one_array(rng):
    """The inputs are slices of one array, and the states are stacked."""
    X, Wx, Wh = rng.standard_normal((6, 3, 2)), parameter(rng, 2, 4), parameter(rng, 4, 4)
    h1 = anp.tanh(X[:, 0] @ Wx)
    h2 = anp.tanh(X[:, 1] @ Wx + h1 @ Wh)
    h3 = anp.tanh(X[:, 2] @ Wx + h2 @ Wh)
    cost = (anp.stack([h1, h2, h3], axis=1) ** 2).sum() / 2
    made = derive(cost, [Wx], locals(), {"d3": h3, "d2": h2, "d1": h1})
    text = """
        d3  = h3
        d2  = (d3 ∘ (1 - h3²)) Whᵀ + h2
        d1  = (d2 ∘ (1 - h2²)) Whᵀ + h1
        dWx = X[:, 2]ᵀ (d3 ∘ (1 - h3²)) + X[:, 1]ᵀ (d2 ∘ (1 - h2²)) + X[:, 0]ᵀ (d1 ∘ (1 - h1²))"""
    e3 = h3.data * (1 - h3.data**2)
    e2 = (e3 @ Wh.data.T + h2.data) * (1 - h2.data**2)
    e1 = (e2 @ Wh.data.T + h1.data) * (1 - h1.data**2)
    return made, text, {"dWx": X[:, 2].T @ e3 + X[:, 1].T @ e2 + X[:, 0].T @ e1}


def layer_norm(rng):
    n, eps = 5, 1e-5
    x, gamma, beta, t = parameter(rng, 7, n), parameter(rng, n), parameter(rng, n), rng.standard_normal((7, n))
    mu = x.mean(axis=1, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=1, keepdims=True)
    sigma = anp.sqrt(var + eps)
    xhat = (x - mu) / sigma
    y = gamma * xhat + beta
    cost = ((y - t) ** 2).sum() / 2
    made = derive(cost, [x, gamma, beta], locals(), {"dy": y, "dxhat": xhat}, {"n": n})
    text = """
        dy     = y - t
        dgamma = sum over rows of dy ∘ xhat
        dbeta  = sum over rows of dy
        dxhat  = dy ∘ gamma
        dx     = (n dxhat - (sum over columns of dxhat ∘ xhat) ∘ xhat - (sum over columns of dxhat)) / (n sigma)"""
    dy = y.data - t
    d = dy * gamma.data
    inner = (d * xhat.data).mean(1, keepdims=True)
    hand = (d - d.mean(1, keepdims=True) - xhat.data * inner) / sigma.data
    return made, text, {"dx": hand, "dgamma": (dy * xhat.data).sum(0), "dbeta": dy.sum(0)}


def attention(rng):
    n, d = 6, 5
    Q, K, V, T = parameter(rng, n, d), parameter(rng, n, d), parameter(rng, n, 4), rng.standard_normal((n, 4))
    S = Q @ K.T / np.sqrt(d)
    A = softmax(S)
    O = A @ V
    cost = ((O - T) ** 2).sum() / 2
    made = derive(cost, [Q, K, V], locals(), {"dO": O, "dA": A, "dS": S}, {"d": d})
    text = """
        dO = O - T
        dV = Aᵀ dO
        dA = dO Vᵀ
        dS = (dA - (sum over columns of dA ∘ A)) ∘ A
        dQ = dS K / sqrt(d)
        dK = dSᵀ Q / sqrt(d)"""
    return made, text, attention_by_hand(Q, K, V, A, O.data - T, d)


def attention_by_hand(Q, K, V, A, dO, d):
    dA = dO @ np.swapaxes(V.data, -1, -2)
    dS = A.data * (dA - (dA * A.data).sum(-1, keepdims=True))
    return {
        "dV": np.swapaxes(A.data, -1, -2) @ dO,
        "dQ": dS @ K.data / np.sqrt(d),
        "dK": np.swapaxes(dS, -1, -2) @ Q.data / np.sqrt(d),
    }


def attention_with_heads(rng):
    n, d = 4, 5
    Q, K, V = parameter(rng, 2, 3, n, d), parameter(rng, 2, 3, n, d), parameter(rng, 2, 3, n, 6)
    S = Q @ anp.swapaxes(K, -1, -2) / np.sqrt(d)
    A = anp.exp(S) / anp.exp(S).sum(axis=-1, keepdims=True)
    O = A @ V
    cost = (O**2).sum() / 2
    made = derive(cost, [Q, K, V], locals(), {"dO": O, "dS": S}, {"d": d})
    text = """
        dO = O
        dV = Aᵀ dO
        dS = (dO Vᵀ - (sum over axis 3 of (dO Vᵀ) ∘ A)) ∘ A
        dQ = dS K / sqrt(d)
        dK = dSᵀ Q / sqrt(d)"""
    return made, text, attention_by_hand(Q, K, V, A, O.data, d)


EXAMPLES = [
    article, article_written_out, three_hidden_layers, tanh_and_squared_error, relu_and_default_names,
    leaky_relu_by_where, maximum_of_two, softmax_with_cross_entropy, log_softmax_with_soft_labels,
    linear_regression_with_l2, logistic_regression_with_l2, hessian_of_logistic_regression, recurrent_network,
    recurrent_network_on_one_array, layer_norm, attention, attention_with_heads,
]  # fmt: skip


@pytest.fixture(params=EXAMPLES, ids=lambda example: example.__name__, scope="module")
def example(request):
    return request.param(np.random.default_rng(SEED))


def test_text(example):
    made, text, _ = example
    assert made.text == dedent(text).strip()


def test_check(example):
    assert example[0].check(rtol=1e-9, samples=3) < 1e-9


def test_text_read_back_gives_the_formula_by_hand(example):
    made, _, hand = example
    names = made.recorded.values(made.recorded.run()) | made.sizes
    found = {}
    for step in made.steps:
        found[step.name] = read_back(step.expression, {**names, **found}, step.shape)
    for name, expected in hand.items():
        np.testing.assert_allclose(found[name], expected, rtol=1e-9, atol=1e-12, err_msg=name)


def test_unsimplified_text_is_equal_too(example):
    made, _, hand = example
    names = made.recorded.values(made.recorded.run()) | made.sizes
    found = {}
    for step, line in zip(made.steps, made.unsimplified.split("\n"), strict=True):
        if "I" in step.expression.split() or "diag" in step.expression or "I" in line.split():
            continue
        found[step.name] = read_back(line.partition(" = ")[2], {**names, **found}, step.shape)
    for name, expected in hand.items():
        if name in found:
            np.testing.assert_allclose(found[name], expected, rtol=1e-9, atol=1e-12, err_msg=name)
