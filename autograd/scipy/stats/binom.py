"""The binomial distribution; differentiable in its probability `p`."""

import numpy as np
from scipy.stats import binom as theirs

from .. import special
from .._formula import passed_on
from ._standard import Array, mass, off


def _log_mass(k: Array, n: Array, p: Array) -> Array:
    ways = special.gammaln(n + 1.0) - special.gammaln(k + 1.0) - special.gammaln(n - k + 1.0)
    return off((k < 0) | (k > n), ways + special.xlogy(k, p) + special.xlog1py(n - k, -p))


logpmf, pmf = mass(theirs, _log_mass, lambda n, p: (n >= 0) & (n == np.floor(n)) & (p >= 0) & (p <= 1))

__getattr__ = passed_on(theirs)
