"""The uniform distribution on [loc, loc + scale]."""

from scipy.stats import uniform as theirs

from ... import numpy as anp
from .._formula import passed_on
from ._standard import Array, density, off, quantiles, tails


def _log_density(x: Array) -> Array:
    return off((x < 0) | (x > 1), 0.0 * x)


logpdf, pdf = density(theirs, _log_density)
cdf, sf, logcdf, logsf = tails(
    theirs,
    lambda x: anp.clip(x, 0, 1),
    lambda x: 1 - anp.clip(x, 0, 1),
    lambda x: anp.log(anp.clip(x, 0, 1)),
    lambda x: anp.log1p(-anp.clip(x, 0, 1)),
)
ppf, isf = quantiles(theirs, lambda p: p, lambda q: 1 - q)

__getattr__ = passed_on(theirs)
