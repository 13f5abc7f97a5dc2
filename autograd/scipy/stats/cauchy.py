"""The Cauchy distribution."""

import math

from scipy.stats import cauchy as theirs

from ... import numpy as anp
from .._formula import passed_on
from ._standard import Array, density, quantiles, tails


def _log_density(x: Array) -> Array:
    return -2 * anp.log(anp.hypot(1, x)) - math.log(math.pi)


def _cdf(x: Array) -> Array:
    return anp.arctan2(1, -x) / math.pi  # to all digits in the tail


def _quantile(p: Array) -> Array:
    middle = anp.tan(math.pi * (p - 0.5))
    return anp.where(p < 0.25, -1 / anp.tan(math.pi * p), anp.where(p > 0.75, 1 / anp.tan(math.pi * (1 - p)), middle))


logpdf, pdf = density(theirs, _log_density)
cdf, sf, logcdf, logsf = tails(theirs, _cdf, lambda x: _cdf(-x))
ppf, isf = quantiles(theirs, _quantile, lambda q: -_quantile(q))

__getattr__ = passed_on(theirs)
