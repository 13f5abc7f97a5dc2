"""The beta distribution."""

from scipy.stats import beta as theirs

from .. import special
from .._formula import passed_on
from ._standard import Array, density, off, quantiles, tails


def _log_density(x: Array, a: Array, b: Array) -> Array:
    return off((x < 0) | (x > 1), special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b))


def _cdf(x: Array, a: Array, b: Array) -> Array:
    return off(x < 0, off(x > 1, special.betainc(a, b, x), 1.0), 0.0)


def _sf(x: Array, a: Array, b: Array) -> Array:
    return off(x < 0, off(x > 1, special.betaincc(a, b, x), 0.0), 1.0)


logpdf, pdf = density(theirs, _log_density)
cdf, sf, logcdf, logsf = tails(theirs, _cdf, _sf)
ppf, isf = quantiles(theirs, lambda p, a, b: special.betaincinv(a, b, p), lambda q, a, b: special.betainccinv(a, b, q))

__getattr__ = passed_on(theirs)
