"""The gamma distribution."""

from scipy.stats import gamma as theirs

from .. import special
from .._formula import passed_on
from ._standard import Array, density, log_of, off, probability, quantile


def _log_density(x: Array, a: Array) -> Array:
    return off(x < 0, special.xlogy(a - 1, x) - x - special.gammaln(a))


def _cdf(x: Array, a: Array) -> Array:
    return off(x < 0, special.gammainc(a, x), 0.0)


def _sf(x: Array, a: Array) -> Array:
    return off(x < 0, special.gammaincc(a, x), 1.0)


logpdf, pdf = density(theirs, _log_density)
cdf = probability(theirs.cdf)(_cdf)
sf = probability(theirs.sf)(_sf)
logcdf = probability(theirs.logcdf)(lambda x, a: log_of(_cdf(x, a), _sf(x, a)))
logsf = probability(theirs.logsf)(lambda x, a: log_of(_sf(x, a), _cdf(x, a)))
ppf = quantile(theirs.ppf)(lambda p, a: special.gammaincinv(a, p))
isf = quantile(theirs.isf)(lambda q, a: special.gammainccinv(a, q))

__getattr__ = passed_on(theirs)
