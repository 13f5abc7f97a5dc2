"""The gamma distribution."""

from scipy.stats import gamma as theirs

from .. import special
from .._formula import passed_on
from ._standard import Array, density, off, quantiles, tails


def _log_density(x: Array, a: Array) -> Array:
    return off(x < 0, special.xlogy(a - 1, x) - x - special.gammaln(a))


def _cdf(x: Array, a: Array) -> Array:
    return off(x < 0, special.gammainc(a, x), 0.0)


def _sf(x: Array, a: Array) -> Array:
    return off(x < 0, special.gammaincc(a, x), 1.0)


logpdf, pdf = density(theirs, _log_density)
cdf, sf, logcdf, logsf = tails(theirs, _cdf, _sf)
ppf, isf = quantiles(theirs, lambda p, a: special.gammaincinv(a, p), lambda q, a: special.gammainccinv(a, q))

__getattr__ = passed_on(theirs)
