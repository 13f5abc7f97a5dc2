"""The exponential distribution."""

from scipy.stats import expon as theirs

from ... import numpy as anp
from .._formula import passed_on
from ._standard import Array, density, log_of, off, probability, quantile


def _log_density(x: Array) -> Array:
    return off(x < 0, -x)


logpdf, pdf = density(theirs, _log_density)
cdf = probability(theirs.cdf)(lambda x: off(x < 0, -anp.expm1(-x), 0.0))
sf = probability(theirs.sf)(lambda x: off(x < 0, anp.exp(-x), 1.0))
logcdf = probability(theirs.logcdf)(lambda x: off(x < 0, log_of(-anp.expm1(-x), anp.exp(-x))))
logsf = probability(theirs.logsf)(lambda x: off(x < 0, -x, 0.0))
ppf = quantile(theirs.ppf)(lambda p: -anp.log1p(-p))
isf = quantile(theirs.isf)(lambda q: -anp.log(q))

__getattr__ = passed_on(theirs)
