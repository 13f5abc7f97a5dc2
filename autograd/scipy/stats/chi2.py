"""The chi-squared distribution."""

import math
from typing import Any

from scipy.stats import chi2 as theirs

from .. import special
from ._standard import Array, density, inside, probability


def _log_density(x: Array, df: Array) -> Array:
    return inside(x >= 0, special.xlogy(df / 2 - 1, x) - x / 2 - special.gammaln(df / 2) - df / 2 * math.log(2))


logpdf = density(theirs.logpdf, log=True)(_log_density)
pdf = density(theirs.pdf, log=False)(_log_density)
cdf = probability(theirs.cdf)(lambda x, df: inside(x >= 0, special.gammainc(df / 2, x / 2), 0.0))
sf = probability(theirs.sf)(lambda x, df: inside(x >= 0, special.gammaincc(df / 2, x / 2), 1.0))


def __getattr__(name: str) -> Any:
    return getattr(theirs, name)
