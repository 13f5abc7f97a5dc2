"""States of optimisers: training continues from them bit for bit, and what is no state is refused."""

import math

import numpy as np
import pytest

import nn
from autograd import Tensor

from .test_optimizers import GRADIENTS, KINDS, START, run


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_state_continues_bit_for_bit(kind):
    p = Tensor(START, requires_grad=True)
    through = run(kind([p]), p).copy()

    first = Tensor(START, requires_grad=True)
    optimizer = kind([first])
    run(optimizer, first, GRADIENTS[:5])
    second = Tensor(first.data.copy(), requires_grad=True)
    state = optimizer.state_dict()
    run(optimizer, first, GRADIENTS[5:])  # the state is a copy: going on does not change it
    again = kind([second])
    again.load_state_dict(state)
    np.testing.assert_array_equal(run(again, second, GRADIENTS[5:]), through)


def test_the_state_of_another_optimizer_is_refused():
    p, q = Tensor(START, requires_grad=True), Tensor(START[:2], requires_grad=True)
    adam, sgd = nn.Adam([p], 0.1), nn.SGD([p], 0.1)
    with pytest.raises(ValueError, match=r"^SGD: the state is of another optimiser"):
        sgd.load_state_dict(adam.state_dict())
    with pytest.raises(ValueError, match=r"^Adam: 0.mean has shape \(3,\) in the state, \(2,\) here"):
        nn.Adam([q], 0.1).load_state_dict(adam.state_dict())


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("0.mean", START * 1j, "0.mean is of complex128 in the state, float64 here"),
        ("0.mean", START.astype(str), "0.mean is of <U32 in the state, float64 here"),
        ("steps", -1, "steps must be a whole number of at least 0, not -1"),
        ("steps", 2.5, "steps must be a whole number of at least 0, not 2.5"),
        ("steps", np.array([2]), r"steps must be a whole number of at least 0, not array\(\[2\]\)"),
        ("missed", np.array([-1]), r"missed must be whole numbers from 0 to 4, not \[-1\]"),
        ("missed", np.array([0.5]), r"missed must be whole numbers from 0 to 4, not \[0\.5\]"),
        ("missed", np.array([5]), r"missed must be whole numbers from 0 to 4, not \[5\]"),
    ],
)
def test_a_state_of_another_kind_of_numbers_is_refused(name, value, message):
    optimizer = nn.Adam([Tensor(START, requires_grad=True)])
    state = {**optimizer.state_dict(), "steps": 4, "learning_rate": 0.5}
    with pytest.raises(ValueError, match=f"^Adam: {message}$"):
        optimizer.load_state_dict({**state, name: value})
    assert (optimizer.steps, optimizer.learning_rate) == (0, 0.001)
    optimizer.load_state_dict({**state, "steps": np.array(4.0)})
    assert (optimizer.steps, type(optimizer.steps)) == (4, int)


@pytest.mark.parametrize("state", [({}, {}), None])
def test_a_state_is_a_dict(state):
    with pytest.raises(
        TypeError, match=f"load_state_dict takes a dict, as state_dict gives, not a {type(state).__name__}"
    ):
        nn.SGD([Tensor(START, requires_grad=True)], 0.1).load_state_dict(state)


def test_a_learning_rate_that_was_set_between_steps_is_part_of_the_state():
    p = Tensor(START, requires_grad=True)
    optimizer = nn.Adam([p], 0.1)
    optimizer.learning_rate = 0.02
    again = nn.Adam([p], 0.1)
    again.load_state_dict(optimizer.state_dict())
    assert again.learning_rate == 0.02
    older = {name: value for name, value in optimizer.state_dict().items() if name != "learning_rate"}
    again.learning_rate = 0.03
    again.load_state_dict(older)
    assert again.learning_rate == 0.03
    with pytest.raises(ValueError, match="Adam: learning_rate must be a finite number, at least 0, not nan"):
        again.load_state_dict({**optimizer.state_dict(), "learning_rate": math.nan, "steps": 99})
    assert again.steps == 0
