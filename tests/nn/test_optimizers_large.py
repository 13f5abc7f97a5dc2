"""Large parameters are updated in place by compiled code: the same numbers, and nobody's array is written over."""

import numpy as np
import pytest

from autograd import Tensor
from nn import optimizers
from nn.optimizers import SGD, Adam, AdamW, Optimizer


def five_steps(make, large: int, monkeypatch: pytest.MonkeyPatch) -> tuple[np.ndarray, Optimizer]:
    monkeypatch.setattr(optimizers, "LARGE", large)
    p = Tensor(np.random.default_rng(0).standard_normal((30, 40)).astype(np.float32), requires_grad=True)
    given, first = p.data, p.data.copy()
    optimizer = make(p)
    for step in range(5):
        p.grad = p.data * np.float32(0.3) + 1
        optimizer.step()
        if step == 2 and isinstance(optimizer, SGD):
            optimizer.momentum = 0.5
    assert np.array_equal(given, first)
    return p.data, optimizer


@pytest.mark.parametrize(
    "make",
    [
        lambda p: Adam([p], 0.01),
        lambda p: AdamW([p], 0.01, weight_decay=0.1),
        lambda p: SGD([p], 0.01, momentum=0.9, weight_decay=0.1),
    ],
    ids=["Adam", "AdamW", "SGD"],
)
def test_in_place_and_compiled_gives_the_same_numbers(make, monkeypatch):
    plain, _ = five_steps(make, 1 << 40, monkeypatch)
    compiled, optimizer = five_steps(make, 1, monkeypatch)
    assert optimizer._compiled is not None
    np.testing.assert_allclose(compiled, plain, rtol=1e-6)


def test_compiled_once_for_all_steps(monkeypatch):
    _, optimizer = five_steps(lambda p: Adam([p], 0.01), 1, monkeypatch)
    assert optimizer._compiled[1].cache_info().misses == 1


def test_an_array_that_is_held_read_only_is_replaced(monkeypatch):
    monkeypatch.setattr(optimizers, "LARGE", 1)
    p = Tensor(np.ones(3), requires_grad=True)
    optimizer = SGD([p], 0.5)
    for _ in range(2):
        cost = (p * p).sum()
        cost.backward(retain_graph=True)
        held, before = p.data, p.data.copy()
        optimizer.step()
        p.grad = None
        assert np.array_equal(held, before)
        assert p.data is not held
    assert np.array_equal(p.data, np.zeros(3))
