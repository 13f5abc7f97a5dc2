"""The gamma distribution."""

from typing import Any

from scipy.stats import gamma as theirs

from .. import special
from ._standard import Array, density, inside, probability


def _log_density(x: Array, a: Array) -> Array:
    return inside(x >= 0, special.xlogy(a - 1, x) - x - special.gammaln(a))


logpdf = density(theirs.logpdf, log=True)(_log_density)
pdf = density(theirs.pdf, log=False)(_log_density)
cdf = probability(theirs.cdf)(lambda x, a: inside(x >= 0, special.gammainc(a, x), 0.0))
sf = probability(theirs.sf)(lambda x, a: inside(x >= 0, special.gammaincc(a, x), 1.0))


def __getattr__(name: str) -> Any:
    return getattr(theirs, name)
