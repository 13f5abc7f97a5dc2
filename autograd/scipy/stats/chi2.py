"""The chi-squared distribution."""

import math

from scipy.stats import chi2 as theirs

from .. import special
from .._formula import passed_on
from . import gamma
from ._standard import Array, density, off, quantiles, tails


def _log_density(x: Array, df: Array) -> Array:
    return off(x < 0, special.xlogy(df / 2 - 1, x) - x / 2 - special.gammaln(df / 2) - df / 2 * math.log(2))


def _cdf(x: Array, df: Array) -> Array:
    return gamma._cdf(x / 2, df / 2)


def _sf(x: Array, df: Array) -> Array:
    return gamma._sf(x / 2, df / 2)


logpdf, pdf = density(theirs, _log_density)
cdf, sf, logcdf, logsf = tails(theirs, _cdf, _sf, log_above=lambda x, df: gamma._log_sf(x / 2, df / 2))
ppf, isf = quantiles(
    theirs, lambda p, df: 2 * special.gammaincinv(df / 2, p), lambda q, df: 2 * special.gammainccinv(df / 2, q)
)

__getattr__ = passed_on(theirs)
