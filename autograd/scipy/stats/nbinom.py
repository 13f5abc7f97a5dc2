"""The negative binomial distribution: failures before the n-th success, of probability `p`; differentiable in both."""

from scipy.stats import nbinom as theirs

from .. import special
from .._formula import passed_on
from ._standard import Array, mass, off


def _log_mass(k: Array, n: Array, p: Array) -> Array:
    ways = special.gammaln(n + k) - special.gammaln(k + 1.0) - special.gammaln(n)
    return off(k < 0, ways + special.xlogy(n, p) + special.xlog1py(k, -p))


logpmf, pmf = mass(theirs, _log_mass, lambda n, p: (n > 0) & (p > 0) & (p <= 1))

__getattr__ = passed_on(theirs)
