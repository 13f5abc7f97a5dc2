"""Small changes of losses, optimisers and compiled steps that no other test would notice."""

import numpy as np
import pytest

import nn
from autograd import Tensor

X, Y = np.linspace(-1, 1, 12).reshape(6, 2), np.linspace(0, 1, 6)[:, None]


@pytest.mark.parametrize("kind", [nn.Adam, nn.AdamW])
def test_the_numbers_of_adam_are_those_it_was_published_with(kind):
    """Kingma and Ba (2015), algorithm 1: "good default settings"; without a decay AdamW would be Adam."""
    found, decay = [], 0.0 if kind is nn.Adam else 0.01
    for options in ({}, {"learning_rate": 0.001, "betas": (0.9, 0.999), "epsilon": 1e-8, "weight_decay": decay}):
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


class Layers(nn.Module):
    """Two layers, of single and of double precision."""

    def __init__(self):
        self.one, self.two = nn.Linear(2, 3, rng=1, dtype=np.float32), nn.Linear(3, 1, rng=2)

    def forward(self, x):
        return self.two(self.one(x))


@pytest.mark.parametrize("kind", [lambda p: nn.SGD(p, 0.1, momentum=0.9), lambda p: nn.Adam(p, 0.1)])
def test_a_compiled_step_keeps_the_dtype_of_each_parameter_and_what_the_optimizer_remembers(kind):
    trained = []
    for make in (nn.compile_step, nn.eager_step):
        model = Layers()
        optimizer = kind(list(model.parameters()))
        step = make(model, nn.MSELoss(), optimizer)
        for _ in range(3):
            step(X, Y)
        assert [p.dtype for p in model.parameters()] == [np.float32] * 2 + [np.float64] * 2
        trained.append({**model.state_dict(), **optimizer.state_dict()})
    for name, array in trained[0].items():
        np.testing.assert_allclose(array, trained[1][name], rtol=1e-4, atol=1e-6, err_msg=name)


def test_the_source_of_a_step_uses_the_words_of_the_optimizer():
    model = nn.Linear(2, 1, rng=0)
    step = nn.compile_step(model, nn.MSELoss(), nn.AdamW(model.parameters(), 0.1, weight_decay=0.1))
    step(X, Y)
    for word in ("parameters", "mean", "square", "rate", "correction", "shrink", "gradient"):
        assert word in step.source.replace("np.mean", "").replace("np.square", ""), word


@pytest.mark.parametrize("make", [nn.compile_step, nn.eager_step])
@pytest.mark.parametrize("kind", [lambda p: nn.SGD(p, 0.1, momentum=0.9), lambda p: nn.AdamW(p, 0.1, weight_decay=0.1)])
def test_a_learning_rate_that_numpy_made_does_not_widen_single_precision(kind, make):
    trained = []
    for number in (float, np.float64):
        model = nn.Sequential(nn.Linear(2, 3, rng=0, dtype=np.float32), nn.Linear(3, 1, rng=1, dtype=np.float32))
        optimizer = kind(model.parameters())
        step = make(model, nn.MSELoss(), optimizer)
        for rate in np.linspace(0.1, 0.01, 4):
            optimizer.learning_rate = number(rate)
            step(X.astype(np.float32), Y.astype(np.float32))
        assert {p.dtype for p in model.parameters()} == {np.dtype(np.float32)}
        trained.append(model.state_dict())
    for name, array in trained[0].items():
        assert np.array_equal(array, trained[1][name]), name
