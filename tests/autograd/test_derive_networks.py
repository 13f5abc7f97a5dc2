"""Derivations of random networks: the text of each line, read back, comes to the engine's own gradient."""

from textwrap import dedent

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents, derive

from .reading import read_back

ACTIVATIONS = [
    anp.tanh,
    anp.sigmoid,
    anp.relu,
    anp.softplus,
    lambda x: anp.maximum(x, 0.1 * x),
    lambda x: anp.where(x > 0, x, anp.exp(x) - 1),
]


def entropy(z, y, names):
    names["p"] = p = anp.sigmoid(z)
    return -(y * anp.log(p) + (1 - y) * anp.log(1 - p)).sum()


def classes(z, y, names):
    names["p"] = p = anp.softmax(z)
    return -(y * anp.log(p)).sum()


COSTS = {
    "squares": lambda z, y, names: ((z - y) ** 2).sum(),
    "entropy": entropy,
    "classes": classes,
    "logarithms": lambda z, y, names: -(y * anp.log_softmax(z)).sum(),
    "hinge": lambda z, y, names: anp.maximum(0, 1 - (2 * y - 1) * z).sum(),
}


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize(("m", "k"), [(5, 3), (1, 3), (5, 1), (2, 2)])
def test_the_text_of_a_network_is_its_gradient(cost, m, k):
    rng = np.random.default_rng([m, k, len(cost)])
    X, y = rng.standard_normal((m, 4)), np.eye(k)[rng.integers(0, k, m)]
    names, parameters, a = {"X": X, "y": y}, [], X
    for i, (rows, columns) in enumerate([(4, 3), (3, k)], start=1):
        W, b = (Tensor(rng.standard_normal(s), requires_grad=True) for s in ((rows, columns), columns))
        parameters += [W, b]
        z = a @ W + b
        a = ACTIVATIONS[rng.integers(len(ACTIVATIONS))](z)
        named = {f"W{i}": W, f"b{i}": b, f"z{i}": z, f"a{i}": a}
        names |= {word: t for word, t in named.items() if word[0] in "Wb" or rng.random() < 0.6}
    total = COSTS[cost](z, y, names) / m + 0.05 * (parameters[0] ** 2).sum()
    made = derive(total, parameters, names, symbols={"m": m} if m > 2 else None)
    assert made.check() < 1e-9
    gradients = cotangents(total, [step.line.tensor for step in made.steps])
    known = {word: value.data if isinstance(value, Tensor) else value for word, value in names.items()} | {"m": m}
    known |= {line.name: line.value for line in made.invented}
    known |= {step.name: g for step, g in zip(made.steps, gradients, strict=True)}
    for step in made.steps:
        found = read_back(step.expression, {w: v for w, v in known.items() if w != step.name}, step.shape)
        np.testing.assert_allclose(found, known[step.name], rtol=1e-9, atol=1e-12, err_msg=made.text)


def test_steps_of_a_recurrent_network_on_vectors(rng):
    W, v = (Tensor(rng.random(s), requires_grad=True) for s in [(3, 3), (3,)])
    h0, x1, x2, x3 = rng.random((4, 3))
    z1 = x1 + h0 @ W
    h1 = anp.tanh(z1)
    z2 = x2 + h1 @ W
    h2 = anp.tanh(z2)
    z3 = x3 + h2 @ W
    h3 = anp.tanh(z3)
    made = derive(v @ h3, [W], locals())
    text = """
        dz3 = v ∘ (1 - h3²)
        dz2 = (W dz3) ∘ (1 - h2²)
        dW  = h0 ((W dz2) ∘ (1 - h1²))ᵀ + h1 dz2ᵀ + h2 dz3ᵀ"""
    assert made.text == dedent(text).strip()
    assert made.check() < 1e-9
