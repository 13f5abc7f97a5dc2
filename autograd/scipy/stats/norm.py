"""The normal distribution."""

import math

from scipy.stats import norm as theirs

from .. import special
from .._formula import passed_on
from ._standard import Array, density, quantiles, tails


def _log_density(x: Array) -> Array:
    return -(x**2) / 2 - math.log(2 * math.pi) / 2


logpdf, pdf = density(theirs, _log_density)
cdf, sf, logcdf, logsf = tails(
    theirs, special.ndtr, lambda x: special.ndtr(-x), special.log_ndtr, lambda x: special.log_ndtr(-x)
)
ppf, isf = quantiles(theirs, special.ndtri, lambda q: -special.ndtri(q))

__getattr__ = passed_on(theirs)
