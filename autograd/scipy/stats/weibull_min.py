"""The Weibull distribution."""

from scipy.stats import weibull_min as theirs

from ... import numpy as anp
from .. import special
from .._formula import passed_on
from ._standard import Array, density, log_of, off, probability, quantile


def _log_density(x: Array, c: Array) -> Array:
    return off(x < 0, anp.log(c) + special.xlogy(c - 1, x) - x**c)


logpdf, pdf = density(theirs, _log_density)
cdf = probability(theirs.cdf)(lambda x, c: off(x < 0, -anp.expm1(-(x**c)), 0.0))
sf = probability(theirs.sf)(lambda x, c: off(x < 0, anp.exp(-(x**c)), 1.0))
logcdf = probability(theirs.logcdf)(lambda x, c: off(x < 0, log_of(-anp.expm1(-(x**c)), anp.exp(-(x**c)))))
logsf = probability(theirs.logsf)(lambda x, c: off(x < 0, -(x**c), 0.0))
ppf = quantile(theirs.ppf)(lambda p, c: (-anp.log1p(-p)) ** (1 / c))
isf = quantile(theirs.isf)(lambda q, c: (-anp.log(q)) ** (1 / c))

__getattr__ = passed_on(theirs)
