"""The multivariate normal distribution."""

import math

import numpy as np
from scipy.stats import multivariate_normal as theirs

from ... import numpy as anp
from ...errors import UndefinedError
from ...numpy.registry import plain
from .._formula import formula, held, passed_on, recorded
from ._standard import Array, squeezed

_LOG_2PI = math.log(2 * math.pi)


def _matrix(mean: Array, cov: Array) -> Array:
    """The covariance as a matrix: a number or a vector stands for that on the diagonal, of the size of the mean."""
    if np.ndim(plain(cov)) == 2:
        return cov
    return cov * np.eye(max(np.size(plain(mean)) if mean is not None else 1, np.size(plain(cov))))


def _of_covariance(cov: Array) -> Array:
    """log det, by a factor that only a positive definite matrix has: slogdet gives a number for any."""
    return 2 * np.sum(np.log(np.diagonal(np.linalg.cholesky(cov))))


_log_det = recorded(_of_covariance, lambda g, out, cov: g * anp.linalg.inv(cov).T, name="log_det")


@formula(theirs.logpdf)
def logpdf(x: Array, mean: Array = None, cov: Array = 1, allow_singular: bool = False) -> Array:
    """Differentiable in x, mean and cov; in cov only where it may not be singular."""
    cov = _matrix(mean, cov)
    k = cov.shape[0]
    offset = x if mean is None else x - mean
    if offset.ndim == 0 or (k == 1 and offset.shape[-1] != 1):
        offset = anp.expand_dims(offset, -1)  # numbers are points of the line
    if offset.shape[-1] != k:
        raise ValueError(
            f"multivariate_normal: points of {offset.shape[-1]} coordinates, but a covariance of shape {cov.shape}"
        )
    if not allow_singular:
        solved = anp.reshape(anp.linalg.solve(cov, anp.reshape(offset, (-1, k)).T).T, offset.shape)
        return squeezed(-(anp.sum(offset * solved, axis=-1) + _log_det(cov) + k * _LOG_2PI) / 2)
    if getattr(cov, "requires_grad", False):
        raise UndefinedError("multivariate_normal is not differentiable in a covariance that may be singular")
    values, vectors = np.linalg.eigh(plain(cov))
    kept = values > 1e6 * np.finfo(values.dtype).eps * np.max(np.abs(values))
    root = vectors[:, kept] / np.sqrt(values[kept])
    rest = anp.sum((offset @ vectors[:, ~kept]) ** 2, axis=-1)
    out = -(anp.sum((offset @ root) ** 2, axis=-1) + np.sum(np.log(values[kept])) + int(np.sum(kept)) * _LOG_2PI) / 2
    return squeezed(anp.where(rest < 1e-20 + 1e-12 * anp.sum(held(offset) ** 2), out, -np.inf))


@formula(theirs.pdf)
def pdf(x: Array, mean: Array = None, cov: Array = 1, allow_singular: bool = False) -> Array:
    return anp.exp(logpdf(x, mean, cov, allow_singular))


@formula(theirs.entropy)
def entropy(mean: Array = None, cov: Array = 1) -> Array:
    """(k (1 + log 2 pi) + log det cov) / 2, whatever the mean."""
    cov = _matrix(mean, cov)
    return (cov.shape[0] * (1 + _LOG_2PI) + _log_det(cov)) / 2


__getattr__ = passed_on(theirs)
