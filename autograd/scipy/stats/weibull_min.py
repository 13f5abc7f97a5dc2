"""The Weibull distribution."""

import numpy as np
from scipy.stats import weibull_min as theirs

from ... import numpy as anp
from .. import special
from .._formula import passed_on
from ._standard import Array, density, off, quantiles, tails


def _power(x: Array, c: Array) -> Array:
    return x ** off(c == 0, c, np.nan)  # since NaN**0 is 1


def _log_density(x: Array, c: Array) -> Array:
    return off(x < 0, anp.log(c) + special.xlogy(c - 1, x) - _power(x, c))


logpdf, pdf = density(theirs, _log_density)
cdf, sf, logcdf, logsf = tails(
    theirs,
    lambda x, c: off(x < 0, -anp.expm1(-_power(x, c)), 0.0),
    lambda x, c: off(x < 0, anp.exp(-_power(x, c)), 1.0),
    log_above=lambda x, c: off(x < 0, -_power(x, c), 0.0),
)
ppf, isf = quantiles(theirs, lambda p, c: (-anp.log1p(-p)) ** (1 / c), lambda q, c: (-anp.log(q)) ** (1 / c))

__getattr__ = passed_on(theirs)
