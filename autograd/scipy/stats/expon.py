"""The exponential distribution."""

from scipy.stats import expon as theirs

from ... import numpy as anp
from .._formula import passed_on
from ._standard import Array, density, inside, probability, quantile


def _log_density(x: Array) -> Array:
    return inside(x >= 0, -x)


logpdf = density(theirs.logpdf, log=True)(_log_density)
pdf = density(theirs.pdf, log=False)(_log_density)
cdf = probability(theirs.cdf)(lambda x: inside(x >= 0, -anp.expm1(-x), 0.0))
sf = probability(theirs.sf)(lambda x: inside(x >= 0, anp.exp(-x), 1.0))
logcdf = probability(theirs.logcdf)(lambda x: inside(x >= 0, anp.log(-anp.expm1(-x))))
logsf = probability(theirs.logsf)(lambda x: inside(x >= 0, -x, 0.0))
ppf = quantile(theirs.ppf)(lambda p: -anp.log1p(-p))
isf = quantile(theirs.isf)(lambda q: -anp.log(q))

__getattr__ = passed_on(theirs)
