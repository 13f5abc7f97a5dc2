"""The Cauchy distribution."""

import math

from scipy.stats import cauchy as theirs

from ... import numpy as anp
from .._formula import passed_on
from ._standard import Array, density, log_of, probability, quantile


def _log_density(x: Array) -> Array:
    return -2 * anp.log(anp.hypot(1, x)) - math.log(math.pi)


def _cdf(x: Array) -> Array:
    return anp.arctan2(1, -x) / math.pi  # to all digits in the tail


def _quantile(p: Array) -> Array:
    return anp.where(p < 0.5, -1 / anp.tan(math.pi * p), 1 / anp.tan(math.pi * (1 - p)))


logpdf, pdf = density(theirs, _log_density)
cdf = probability(theirs.cdf)(_cdf)
sf = probability(theirs.sf)(lambda x: _cdf(-x))
logcdf = probability(theirs.logcdf)(lambda x: log_of(_cdf(x), _cdf(-x)))
logsf = probability(theirs.logsf)(lambda x: log_of(_cdf(-x), _cdf(x)))
ppf = quantile(theirs.ppf)(_quantile)
isf = quantile(theirs.isf)(lambda q: -_quantile(q))

__getattr__ = passed_on(theirs)
