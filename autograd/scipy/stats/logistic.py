"""The logistic distribution."""

from scipy.stats import logistic as theirs

from .. import special
from .._formula import passed_on
from ._standard import Array, density, quantiles, tails


def _log_density(x: Array) -> Array:
    return special.log_expit(x) + special.log_expit(-x)


logpdf, pdf = density(theirs, _log_density)
cdf, sf, logcdf, logsf = tails(
    theirs, special.expit, lambda x: special.expit(-x), special.log_expit, lambda x: special.log_expit(-x)
)
ppf, isf = quantiles(theirs, special.logit, lambda q: -special.logit(q))

__getattr__ = passed_on(theirs)
