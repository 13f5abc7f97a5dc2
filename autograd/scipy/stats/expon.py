"""The exponential distribution."""

from scipy.stats import expon as theirs

from ... import numpy as anp
from .._formula import passed_on
from ._standard import Array, density, off, quantiles, tails


def _log_density(x: Array) -> Array:
    return off(x < 0, -x)


logpdf, pdf = density(theirs, _log_density)
cdf, sf, logcdf, logsf = tails(
    theirs,
    lambda x: off(x < 0, -anp.expm1(-x), 0.0),
    lambda x: off(x < 0, anp.exp(-x), 1.0),
    log_above=lambda x: off(x < 0, -x, 0.0),
)
ppf, isf = quantiles(theirs, lambda p: -anp.log1p(-p), lambda q: -anp.log(q))

__getattr__ = passed_on(theirs)
