"""The Bernoulli distribution; differentiable in its probability `p`."""

from scipy.stats import bernoulli as theirs

from .. import special
from .._formula import passed_on
from ._standard import Array, mass, off


def _log_mass(k: Array, p: Array) -> Array:
    return off((k < 0) | (k > 1), special.xlogy(k, p) + special.xlog1py(1 - k, -p))


logpmf, pmf = mass(theirs, _log_mass, lambda p: (p >= 0) & (p <= 1))

__getattr__ = passed_on(theirs)
