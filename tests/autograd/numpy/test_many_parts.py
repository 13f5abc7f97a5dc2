"""Joining many arrays: their cotangents, which are had together, are the pieces of the incoming one."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import grad, hessian
from autograd.backward import MANY
from autograd.check import check_grads

RNG = np.random.default_rng(11)
COUNT = 2 * MANY
UNEVEN = [RNG.standard_normal((1 + i % 3, 2)) for i in range(COUNT)]
EVEN = [RNG.standard_normal((3, 2)) for _ in range(COUNT)]


@pytest.mark.parametrize(
    ("join", "parts"),
    [
        (lambda parts: anp.concatenate(parts), UNEVEN),
        (lambda parts: anp.concatenate([p.T for p in parts], axis=-1), UNEVEN),
        (lambda parts: anp.concatenate(parts, axis=None), UNEVEN),
        (lambda parts: anp.stack(parts), EVEN),
        (lambda parts: anp.stack(parts, axis=1), EVEN),
        (lambda parts: anp.stack(parts, axis=-1), EVEN),
    ],
)
def test_pieces(join, parts):
    weights = RNG.standard_normal(join(parts).shape)
    found = grad(lambda parts: (weights * join(parts)).sum())(parts)
    each = [
        grad(lambda p, i=i: (weights * join([*parts[:i], p, *parts[i + 1 :]])).sum())(parts[i]) for i in range(COUNT)
    ]
    for mine, alone, part in zip(found, each, parts, strict=True):
        assert mine.shape == part.shape
        np.testing.assert_array_equal(mine, alone)
    check_grads(lambda *parts: anp.sin(join(parts)), modes=["rev"], order=2)(*parts)


def test_a_list_of_numbers():
    x = RNG.standard_normal(COUNT)
    f = lambda x: (anp.array([anp.sin(x[i]) for i in range(COUNT)]) ** 2).sum()  # noqa: E731
    np.testing.assert_allclose(grad(f)(x), np.sin(2 * x), rtol=1e-14)
    np.testing.assert_allclose(hessian(f)(x), np.diag(2 * np.cos(2 * x)), rtol=1e-14, atol=1e-15)


def test_a_value_behind_where_stays_out_of_many():
    x = np.zeros(COUNT)
    f = lambda x: anp.where(x > 1, anp.stack([anp.sqrt(x[i]) for i in range(COUNT)]), x).sum()  # noqa: E731
    np.testing.assert_array_equal(grad(f)(x), np.ones(COUNT))
