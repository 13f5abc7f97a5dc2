"""A mask made of values picks now more entries, now fewer: shapes that were captured must not outlive the number."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, no_grad
from autograd.tree import flatten

X = np.array([1.0, 2.0, 3.0, 0.5])


CASES = {
    "sum": lambda x: anp.sum(x[x > 0.9]),
    "mean": lambda x: anp.mean(x[x > 0.9]),
    "deviation": lambda x: anp.std(x[x > 0.9]) + anp.median(x[x > 0.9]),
    "length": lambda x: len(x[x > 0.9]) * x,
    "ones": lambda x: anp.sum(anp.ones_like(x[x > 0.9])),
    "entries": lambda x: anp.exp(x[x > 0.9]) - 1,
    "gradient": autograd.value_and_grad(lambda x: anp.mean(x[x > 0.9] ** 2)),
    "both sides": lambda x: anp.mean(x[x > 0.9]) - len(x[~(x > 0.9)]),
    "no gradient": lambda x: no_grad()(lambda x: anp.mean(x[x > 0.9]))(x) * x,
    "in rows": lambda x: anp.mean(anp.stack([x, 2 * x])[:, x > 0.9], axis=1),
    "a number": lambda x: x[None][x[0] > 0.9].sum() / 2,
    "another size": lambda x: anp.exp(x)[x > 0.9] @ x[x > 0.9],
}


@pytest.mark.parametrize("fun", CASES.values(), ids=CASES)
@pytest.mark.parametrize("donate", [(), 0])
def test_a_mask_of_values_may_pick_another_number_of_entries(fun, donate):
    step = autograd.compile(fun, donate=donate)
    for x in (X, X[::-1].copy(), X + 1, X * 2 - 2, X):
        found = flatten(step(x.copy()))[0]
        expected = flatten(fun(x))[0]
        for f, e in zip(found, expected, strict=True):
            np.testing.assert_allclose(f, getattr(e, "data", e), rtol=1e-12)


def test_a_mask_may_be_an_argument_or_a_tensor_from_outside():
    held = Tensor(X > 1)
    given = autograd.compile(lambda x, m: anp.mean(x[m]))
    outside = autograd.compile(lambda x: anp.mean(x[held]))
    for mask in (X > 1, X > 2, X > 0):
        held.data = mask
        np.testing.assert_allclose([given(X, mask), outside(X)], X[mask].mean(), rtol=1e-12)
    assert given.cache_info().misses == outside.cache_info().misses == 1


def test_the_source_refuses_another_number_of_entries():
    step = autograd.compile(lambda x: anp.mean(x[x > 0.9]))
    step(X)
    assert step.source == (
        "def function(x):\n"
        "    t1 = x > 0.9                      # 4\n"
        "    assert np.count_nonzero(t1) == 3  # for which the shapes are\n"
        "    return np.sum(x[t1]) / 3\n"
    )
    scope = {"np": np}
    exec(step.source, scope)
    assert scope["function"](X[::-1]) == 2
    with pytest.raises(AssertionError):
        scope["function"](X + 1)


def test_a_threshold_at_a_value_itself_is_no_random_choice():
    step = autograd.compile(lambda x: anp.mean(x[x >= 1.0]))
    assert step(X) == 2
    assert step(X + 1) == 2.625
