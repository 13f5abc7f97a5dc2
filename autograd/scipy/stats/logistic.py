"""The logistic distribution."""

from scipy.stats import logistic as theirs

from .. import special
from .._formula import passed_on
from ._standard import Array, density, probability, quantile


def _log_density(x: Array) -> Array:
    return special.log_expit(x) + special.log_expit(-x)


logpdf, pdf = density(theirs, _log_density)
cdf = probability(theirs.cdf)(lambda x: special.expit(x))
sf = probability(theirs.sf)(lambda x: special.expit(-x))
logcdf = probability(theirs.logcdf)(lambda x: special.log_expit(x))
logsf = probability(theirs.logsf)(lambda x: special.log_expit(-x))
ppf = quantile(theirs.ppf)(lambda p: special.logit(p))
isf = quantile(theirs.isf)(lambda q: -special.logit(q))

__getattr__ = passed_on(theirs)
