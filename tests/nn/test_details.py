"""Small changes of losses, optimisers and compiled steps that no other test would notice."""

import numpy as np
import pytest

import nn
from autograd import Tensor

X, Y = np.linspace(-1, 1, 12).reshape(6, 2), np.linspace(0, 1, 6)[:, None]


@pytest.mark.parametrize("kind", [nn.Adam, nn.AdamW])
def test_the_numbers_of_adam_are_those_it_was_published_with(kind):
    """Kingma and Ba (2015), algorithm 1: "good default settings"."""
    found = []
    for options in ({}, {"learning_rate": 0.001, "betas": (0.9, 0.999), "epsilon": 1e-8, "weight_decay": 0.0}):
        p = Tensor([1.0, -2.0], requires_grad=True)
        optimizer = kind([p], **options)
        for g in (1e-8, 3.0, -0.5):
            p.grad = np.full(2, g)
            optimizer.step()
        found.append(p.data.tolist())
    assert found[0] == found[1]


@pytest.mark.parametrize("reduction", ["mean", "sum", "examples"])
def test_a_single_number_is_one_example(reduction):
    assert nn.MSELoss(reduction)(Tensor(3.0), np.float64(1.0)).item() == 4.0


def test_the_source_of_a_step_uses_the_words_of_the_optimizer():
    model = nn.Linear(2, 1, rng=0)
    step = nn.compile_step(model, nn.MSELoss(), nn.AdamW(model.parameters(), 0.1, weight_decay=0.1))
    step(X, Y)
    for word in ("parameters", "mean", "square", "rate", "correction", "shrink", "gradient"):
        assert word in step.source.replace("np.mean", "").replace("np.square", ""), word
