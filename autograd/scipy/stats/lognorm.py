"""The lognormal distribution: that of exp(s z), z standard normal."""

import math

from scipy.stats import lognorm as theirs

from ... import numpy as anp
from .. import special
from .._formula import passed_on
from ._standard import Array, density, off, quantiles, tails


def _log_density(x: Array, s: Array) -> Array:
    return off(x <= 0, -((anp.log(x) / s) ** 2) / 2 - anp.log(s * x) - math.log(2 * math.pi) / 2)


logpdf, pdf = density(theirs, _log_density)
cdf, sf, logcdf, logsf = tails(
    theirs,
    lambda x, s: off(x <= 0, special.ndtr(anp.log(x) / s), 0.0),
    lambda x, s: off(x <= 0, special.ndtr(-anp.log(x) / s), 1.0),
    lambda x, s: off(x <= 0, special.log_ndtr(anp.log(x) / s)),
    lambda x, s: off(x <= 0, special.log_ndtr(-anp.log(x) / s), 0.0),
)
ppf, isf = quantiles(theirs, lambda p, s: anp.exp(s * special.ndtri(p)), lambda q, s: anp.exp(-s * special.ndtri(q)))

__getattr__ = passed_on(theirs)
