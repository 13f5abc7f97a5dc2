"""The normal distribution."""

import math

from scipy.stats import norm as theirs

from .. import special
from .._formula import passed_on
from ._standard import Array, density, probability, quantile


def _log_density(x: Array) -> Array:
    return -(x**2) / 2 - math.log(2 * math.pi) / 2


logpdf, pdf = density(theirs, _log_density)
cdf = probability(theirs.cdf)(lambda x: special.ndtr(x))
sf = probability(theirs.sf)(lambda x: special.ndtr(-x))
logcdf = probability(theirs.logcdf)(lambda x: special.log_ndtr(x))
logsf = probability(theirs.logsf)(lambda x: special.log_ndtr(-x))
ppf = quantile(theirs.ppf)(lambda p: special.ndtri(p))
isf = quantile(theirs.isf)(lambda q: -special.ndtri(q))

__getattr__ = passed_on(theirs)
