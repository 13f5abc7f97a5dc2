"""`w -= ...` on a leaf that has a gradient: a step that would move nothing."""

import operator

import numpy as np
import pytest

import autograd
from autograd import Tensor
from autograd.errors import AssignmentError

OPERATORS = {"+=": operator.iadd, "-=": operator.isub, "*=": operator.imul, "/=": operator.itruediv}


@pytest.mark.parametrize("sign", OPERATORS)
@pytest.mark.parametrize("recording", [True, False])
def test_a_step_that_would_only_bind_a_name_is_refused(sign, recording):
    weights = [Tensor([1.0, 2.0], requires_grad=True, name="theta")]
    (weights[0] * weights[0]).sum().backward()
    for w in weights:
        with autograd.modes.set_mode(recording=recording), pytest.raises(AssignmentError) as caught:
            OPERATORS[sign](w, 0.5)
        assert str(caught.value) == (
            f"theta(2,) has a gradient and would stay as it is: {sign} gives only its name to a new Tensor; "
            f"write theta.data {sign} ... to move it"
        )
        w.data = OPERATORS[sign](w.data.copy(), 0.5)
    np.testing.assert_array_equal(weights[0].data, OPERATORS[sign](np.array([1.0, 2.0]), 0.5))


@pytest.mark.parametrize("sign", OPERATORS)
def test_what_a_function_computes_may_bear_the_name_of_its_argument(sign):
    def f(x, change):
        x = change(x, 3.0)
        x = change(x, x)
        return (x * x).sum()

    x = np.array([1.0, 2.0])
    found = autograd.grad(lambda x: f(x, OPERATORS[sign]))(x)
    expected = autograd.grad(lambda x: f(x, getattr(operator, OPERATORS[sign].__name__[1:])))(x)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(x, [1.0, 2.0])
