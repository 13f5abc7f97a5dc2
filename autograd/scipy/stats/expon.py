"""The exponential distribution."""

from typing import Any

from scipy.stats import expon as theirs

from ... import numpy as anp
from ._standard import Array, density, inside, probability


def _log_density(x: Array) -> Array:
    return inside(x >= 0, -x)


logpdf = density(theirs.logpdf, log=True)(_log_density)
pdf = density(theirs.pdf, log=False)(_log_density)
cdf = probability(theirs.cdf)(lambda x: inside(x >= 0, -anp.expm1(-x), 0.0))
sf = probability(theirs.sf)(lambda x: inside(x >= 0, anp.exp(-x), 1.0))
logsf = probability(theirs.logsf)(lambda x: inside(x >= 0, -x, 0.0))


def __getattr__(name: str) -> Any:
    return getattr(theirs, name)
