"""Eigenvalues and singular values that occur more than once: what rounding alone would decide is no gradient."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import check_grads, grad, jacobian
from autograd.errors import UndefinedError

rng = np.random.default_rng(0)
Q = np.linalg.qr(rng.normal(size=(4, 4)))[0]
W = rng.normal(size=(4, 4))
EXACT, ROUNDED = np.diag([1.0, 1.0, 1.0, 3.0]), Q @ np.diag([1.0, 1.0, 1.0, 3.0]) @ Q.T
LOW_RANK = np.outer(Q[0], Q[1])


def single(a: Any) -> Any:
    """The projector on the eigenvector of the largest eigenvalue, which occurs once."""
    v = anp.linalg.eigh((a + a.T) / 2)[1][:, -1]
    return anp.outer(v, v)


def test_the_vector_of_a_single_value_has_its_slope() -> None:
    a = ROUNDED
    check_grads(lambda a: anp.sum(W * single(a)), modes=["fwd", "rev"], order=1)(a)
    rows = [grad(lambda a, i=i: single(a)[i])(a) for i in np.ndindex(4, 4)]
    np.testing.assert_allclose(jacobian(single)(a), np.reshape(rows, (4, 4, 4, 4)), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("a", [EXACT, ROUNDED, np.eye(4)])
def test_values_have_their_slopes(a: np.ndarray) -> None:
    cube = 3 * a.T @ a.T  # of the trace of a @ a @ a
    for values in (anp.linalg.eigvalsh, anp.linalg.svdvals, lambda a: anp.real(anp.linalg.eigvals(a))):
        np.testing.assert_allclose(grad(lambda a, f=values: anp.sum(f((a + a.T) / 2) ** 3))(a), cube, atol=1e-12)


def test_singular_vectors_of_zeros_that_do_not_matter() -> None:
    a = LOW_RANK

    def odd(a: Any) -> Any:
        u, s, vh = anp.linalg.svd(a)
        return anp.sum(W * ((u * s**3) @ vh))

    np.testing.assert_allclose(grad(odd)(a), grad(lambda a: anp.sum(W * (a @ a.T @ a)))(a), atol=1e-7)


def of_eigh(a: Any) -> Any:
    w, v = anp.linalg.eigh((a + a.T) / 2)
    return (v * anp.exp(w)) @ v.T


def of_eig(a: Any) -> Any:
    w, v = anp.linalg.eig(a)
    return anp.real((v * w**2) @ anp.linalg.inv(v))


def of_svd(a: Any) -> Any:
    u, s, vh = anp.linalg.svd(a)
    return (u * anp.tanh(s)) @ vh


def log_of_eigh(a: Any) -> Any:
    w, v = anp.linalg.eigh((a + a.T) / 2)
    return (v * anp.log(w)) @ v.T


@pytest.mark.parametrize("function", [of_eigh, log_of_eigh, of_eig, of_svd, lambda a: anp.linalg.eigh(a)[1]])
def test_no_slope_is_made_of_rounding(function: Callable[[Any], Any]) -> None:
    with pytest.raises(UndefinedError, match="occurs more than once"):
        grad(lambda a: anp.sum(W * function(a)))(ROUNDED)
    for a in (EXACT, np.eye(4)):
        with np.errstate(all="ignore"):
            assert np.isnan(grad(lambda a: anp.sum(W * function(a)))(a)).any()
