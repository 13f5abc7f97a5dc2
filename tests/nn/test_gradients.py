"""The network's gradients against backpropagation derived by hand, in plain NumPy."""

from itertools import pairwise

import numpy as np
import pytest

import nn


def hand_derived(thetas, biases, x, y):
    """delta_L = a_L - y; delta_l = (delta_{l+1} theta^T) o a o (1 - a); dtheta = a^T delta / m; db = sum(delta) / m."""
    activations = [x]
    for theta, b in zip(thetas, biases, strict=True):
        activations.append(1 / (1 + np.exp(-(activations[-1] @ theta + b))))
    m = len(x)
    delta = activations.pop() - y
    gradients = []
    for theta in reversed(thetas):
        a = activations.pop()
        gradients += [delta.sum(axis=0) / m, a.T @ delta / m]
        delta = (delta @ theta.T) * a * (1 - a)
    return gradients[::-1]


def network_of(layers, dtype, rng, gain=1.0):
    modules = []
    for inputs, outputs in pairwise(layers):
        linear = nn.Linear(inputs, outputs, dtype=dtype, rng=rng, gain=gain)
        linear.bias.data = rng.standard_normal(outputs).astype(dtype)
        modules += [linear, nn.Sigmoid()]
    return nn.Sequential(*modules)


def largest_difference(network, x, y, loss=None):
    loss = loss or nn.BCELoss(reduction="examples")
    network.zero_grad()
    loss(network(x), y).backward()
    linears = [module for module in network if isinstance(module, nn.Linear)]
    expected = hand_derived([m.weight.data for m in linears], [m.bias.data for m in linears], x, y)
    found = [p.grad for p in network.parameters()]
    assert [g.shape for g in found] == [e.shape for e in expected]
    assert all(g.dtype == x.dtype for g in found)
    return max(np.abs(g - e).max() / np.abs(e).max() for g, e in zip(found, expected, strict=True))


@pytest.mark.parametrize("hidden_layers", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 2e-4)])
def test_gradients_are_the_hand_derived_ones(hidden_layers, seed, dtype, tolerance):
    rng = np.random.default_rng([seed, hidden_layers])
    layers = rng.integers(1, 30, hidden_layers + 2)
    m = 1 if seed == 0 else int(rng.integers(2, 60))
    x = rng.standard_normal((m, layers[0])).astype(dtype)
    y = np.eye(layers[-1], dtype=dtype)[rng.integers(0, layers[-1], m)]
    assert largest_difference(network_of(layers, dtype, rng), x, y) <= tolerance


def test_gradients_of_the_articles_network():
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 1, (500, 400))
    y = np.eye(10)[rng.integers(0, 10, 500)]
    assert largest_difference(network_of([400, 25, 10], "float64", rng), x, y) <= 1e-12


def test_gradients_where_most_units_are_saturated():
    rng = np.random.default_rng(2)
    x = rng.standard_normal((50, 40)) * 30
    y = np.eye(5)[rng.integers(0, 5, 50)]
    network = network_of([40, 20, 5], "float64", rng, gain=60)
    with np.errstate(over="ignore"):
        assert (np.abs(network(x).data - 0.5) == 0.5).mean() > 0.2  # really rounded to 0 or 1
        assert largest_difference(network, x, y) <= 1e-12


def test_a_wrong_formula_is_noticed():
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((20, 6)), np.eye(3)[rng.integers(0, 3, 20)]
    squared = nn.MSELoss(reduction="examples")
    assert largest_difference(network_of([6, 4, 3], "float64", rng), x, y, squared) > 0.01
