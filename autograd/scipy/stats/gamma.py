"""The gamma distribution."""

from scipy.stats import gamma as theirs

from ... import numpy as anp
from .. import special
from .._formula import passed_on
from ._standard import Array, density, inside, probability, quantile


def _log_density(x: Array, a: Array) -> Array:
    return inside(x >= 0, special.xlogy(a - 1, x) - x - special.gammaln(a))


def _cdf(x: Array, a: Array) -> Array:
    return inside(x >= 0, special.gammainc(a, x), 0.0)


def _sf(x: Array, a: Array) -> Array:
    return inside(x >= 0, special.gammaincc(a, x), 1.0)


logpdf = density(theirs.logpdf, log=True)(_log_density)
pdf = density(theirs.pdf, log=False)(_log_density)
cdf = probability(theirs.cdf)(_cdf)
sf = probability(theirs.sf)(_sf)
logcdf = probability(theirs.logcdf)(lambda x, a: anp.log(_cdf(x, a)))
logsf = probability(theirs.logsf)(lambda x, a: anp.log(_sf(x, a)))
ppf = quantile(theirs.ppf)(lambda p, a: special.gammaincinv(a, p))
isf = quantile(theirs.isf)(lambda q, a: special.gammainccinv(a, q))

__getattr__ = passed_on(theirs)
