"""The Laplace distribution."""

import math

from scipy.stats import laplace as theirs

from ... import numpy as anp
from .._formula import passed_on
from ._standard import Array, density, quantiles, tails


def _log_density(x: Array) -> Array:
    return -anp.abs(x) - math.log(2)


def _cdf(x: Array) -> Array:
    return anp.where(x < 0, anp.exp(x) / 2, 1 - anp.exp(-x) / 2)


def _log_cdf(x: Array) -> Array:
    return anp.where(x < 0, x - math.log(2), anp.log1p(-anp.exp(-x) / 2))


def _quantile(p: Array) -> Array:
    return anp.where(p < 0.5, anp.log(2 * p), -anp.log(2 - 2 * p))


logpdf, pdf = density(theirs, _log_density)
cdf, sf, logcdf, logsf = tails(theirs, _cdf, lambda x: _cdf(-x), _log_cdf, lambda x: _log_cdf(-x))
ppf, isf = quantiles(theirs, _quantile, lambda q: -_quantile(q))

__getattr__ = passed_on(theirs)
