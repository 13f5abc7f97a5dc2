"""A parameter that had no gradient for a while goes on where it stopped, as if the others did not exist."""

import numpy as np
import pytest

import nn
from autograd import Tensor

GRADIENTS = np.random.default_rng(6).standard_normal((9, 3))
START = np.array([1.0, -2.0, 0.5])
KINDS = {
    "momentum": lambda p: nn.SGD(p, 0.1, momentum=0.9, weight_decay=0.01),
    "Adam": lambda p: nn.Adam(p, 0.1, weight_decay=0.01),
    "AdamW": lambda p: nn.AdamW(p, 0.1, weight_decay=0.01),
}
PAUSES = [range(4), range(3, 7), (0, 2, 3, 8)]


def alone(kind, gradients):
    p = Tensor(START, requires_grad=True)
    optimizer = kind([p])
    for g in gradients:
        p.grad = g
        optimizer.step()
    return p.data


@pytest.mark.parametrize("pause", PAUSES)
@pytest.mark.parametrize("kind", KINDS)
def test_steps_without_a_gradient_do_not_count(kind, pause):
    p, q = Tensor(START, requires_grad=True), Tensor(START, requires_grad=True)
    optimizer = KINDS[kind]([p, q])
    for i, g in enumerate(GRADIENTS):
        p.grad, q.grad = g, None if i in pause else g
        optimizer.step()
        state = optimizer.state_dict()
        optimizer = KINDS[kind]([p, q])  # the counts are part of the state
        optimizer.load_state_dict(state)
    np.testing.assert_array_equal(p.data, alone(KINDS[kind], GRADIENTS))
    np.testing.assert_array_equal(q.data, alone(KINDS[kind], np.delete(GRADIENTS, list(pause), axis=0)))


class Own(nn.Adam):
    """An optimiser of which no step knows that it treats every entry alike."""


@pytest.mark.parametrize("pause", PAUSES)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("kind", [*KINDS.values(), lambda p: Own(p, 0.1)])
def test_compiled_steps_unfreeze_alike(kind, dtype, pause):
    x, y = np.linspace(-1, 1, 12, dtype=dtype).reshape(6, 2), np.linspace(0, 1, 6, dtype=dtype)[:, None]
    trained = []
    for make in (nn.compile_step, nn.eager_step):
        model = nn.Sequential(nn.Linear(2, 3, rng=0, dtype=dtype), nn.Tanh(), nn.Linear(3, 1, rng=1, dtype=dtype))
        optimizer = kind(model.parameters())
        step = make(model, nn.MSELoss(), optimizer)
        for i in range(9):
            for p in model[0].parameters():
                p.requires_grad = i not in pause
            step(x, y)
        assert {p.dtype for p in model.parameters()} == {np.dtype(dtype)}
        trained.append({**model.state_dict(), **optimizer.state_dict()})
    for name, array in trained[1].items():
        np.testing.assert_allclose(
            trained[0][name], array, rtol=1e-9 if dtype == "f8" else 1e-3, atol=1e-6, err_msg=name
        )


def test_a_parameter_that_the_model_leaves_out_for_a_while_misses_compiled_steps():
    class Halves(nn.Module):
        def __init__(self):
            self.one, self.two = nn.Linear(2, 1, rng=0), nn.Linear(2, 1, rng=1)

        def forward(self, x):
            return self.one(x) if self.training else self.one(x) + self.two(x)

    x, y = np.linspace(-1, 1, 12).reshape(6, 2), np.linspace(0, 1, 6)[:, None]
    trained = []
    for make in (nn.compile_step, nn.eager_step):
        model = Halves()
        optimizer = nn.Adam(model.parameters(), 0.1)
        step = make(model, nn.MSELoss(), optimizer)
        for i in range(6):
            model.train(i < 3)
            step(x, y)
        trained.append({**model.state_dict(), **optimizer.state_dict()})
    assert trained[0]["missed"].tolist() == [0, 0, 3, 3]
    for name, array in trained[1].items():
        np.testing.assert_allclose(trained[0][name], array, rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_numbers_that_do_not_count_steps_are_the_same_for_all(momentum):
    """With an array of them, another version is compiled, which is several times as slow."""

    class Spare(nn.Module):
        def __init__(self):
            self.used, self.unused = nn.Linear(2, 1, rng=0), nn.Linear(2, 1, rng=1)

        def forward(self, x):
            return self.used(x)

    model = Spare()
    step = nn.compile_step(model, nn.MSELoss(), nn.SGD(model.parameters(), 0.1, momentum=momentum))
    for _ in range(4):
        step(np.ones((6, 2)), np.ones((6, 1)))
    assert step.cache_info().currsize == 1


def test_a_state_without_such_counts_has_none():
    p = Tensor(START, requires_grad=True)
    optimizer = nn.Adam([p])
    state = optimizer.state_dict()
    del state["missed"]
    optimizer.load_state_dict(state)
    assert optimizer.state_dict()["missed"].tolist() == [0]
    with pytest.raises(ValueError, match="of another optimiser or number of parameters"):
        optimizer.load_state_dict({**state, "missed": np.zeros(2, int)})
