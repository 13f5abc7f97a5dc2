"""The normal distribution."""

import math
from typing import Any

from scipy.stats import norm as theirs

from .. import special
from ._standard import Array, density, probability


def _log_density(x: Array) -> Array:
    return -(x**2) / 2 - math.log(2 * math.pi) / 2


logpdf = density(theirs.logpdf, log=True)(_log_density)
pdf = density(theirs.pdf, log=False)(_log_density)
cdf = probability(theirs.cdf)(lambda x: special.ndtr(x))
sf = probability(theirs.sf)(lambda x: special.ndtr(-x))
logcdf = probability(theirs.logcdf)(lambda x: special.log_ndtr(x))
logsf = probability(theirs.logsf)(lambda x: special.log_ndtr(-x))


def __getattr__(name: str) -> Any:
    return getattr(theirs, name)
