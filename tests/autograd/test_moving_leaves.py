"""`w -= ...` on a leaf that has a gradient: a step that would move nothing."""

import numpy as np
import pytest

from autograd import Tensor, grad
from autograd.errors import AssignmentError
from autograd.modes import set_mode


@pytest.mark.parametrize("recording", [True, False])
def test_a_step_that_would_only_bind_a_name_is_refused(recording):
    weights = [Tensor([1.0, 2.0], requires_grad=True, name="theta")]
    (weights[0] * weights[0]).sum().backward()
    for w in weights:
        with set_mode(recording=recording), pytest.raises(AssignmentError) as caught:
            w -= 0.5 * w.grad
        assert str(caught.value) == (
            "theta(2,) has a gradient and would stay as it is: -= gives only its name to a new Tensor; "
            "write theta.data -= ... to move it, or theta - ... for another Tensor"
        )
        w.data -= 0.25 * w.grad
    np.testing.assert_array_equal(weights[0].data, [0.5, 1.0])


def test_what_a_function_computes_may_bear_the_name_of_its_argument():
    def f(x):
        x -= 3.0
        x -= 2 * x
        return (x * x).sum()

    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(grad(f)(x), 2 * (x - 3.0))
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_what_is_no_step_of_descent_is_let_pass_in_the_second_iteration_too():
    x = Tensor([1.0, 2.0], requires_grad=True)
    for _ in range(2):
        x.grad = None if x.grad is None else 0 * x.grad
        centred = x
        centred -= 3.0
        centred -= x.mean()
        (centred * centred).sum().backward()
        np.testing.assert_allclose(x.grad, 2 * (x.data - 3.0 - 1.5) + 6.0)


def test_a_step_that_is_recorded_is_no_mistake():
    fast = start = Tensor(2.0, requires_grad=True)
    (start**3).backward(create_graph=True)
    fast -= 0.1 * start.grad
    start.grad = None
    fast.backward()
    assert start.grad == pytest.approx(1 - 0.6 * 2.0)
