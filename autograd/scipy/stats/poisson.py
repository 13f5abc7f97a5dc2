"""The Poisson distribution; differentiable in its mean `mu`."""

import numpy as np
from scipy.stats import poisson as theirs

from .. import special
from .._formula import passed_on
from ._standard import Array, mass, off, steps


def _log_mass(k: Array, mu: Array) -> Array:
    return off(k < 0, special.xlogy(k, mu) - mu - special.gammaln(k + 1.0))


def _allowed(mu: Array) -> Array:
    return mu >= 0


logpmf, pmf = mass(theirs, _log_mass, _allowed)
cdf, sf = steps(
    theirs,
    lambda k, mu: off(k < 0, special.gammaincc(np.maximum(k, 0) + 1.0, mu), 0.0),
    lambda k, mu: off(k < 0, special.gammainc(np.maximum(k, 0) + 1.0, mu), 1.0),
    _allowed,
)

__getattr__ = passed_on(theirs)
