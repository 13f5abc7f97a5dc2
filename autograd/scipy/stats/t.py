"""Student's t distribution."""

import math
from typing import Any

from scipy.special import stdtr
from scipy.stats import t as theirs

from ... import numpy as anp
from .. import special
from .._formula import recorded
from ._standard import Array, density, probability


def _log_density(x: Array, df: Array) -> Array:
    constant = special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - anp.log(df * math.pi) / 2
    return constant - (df + 1) / 2 * anp.log1p(x**2 / df)


# There is no closed form for the derivative in the degrees of freedom.
_stdtr = recorded(
    stdtr,
    special._missing("scipy.special.stdtr", 0),
    lambda g, out, df, x: g * anp.exp(_log_density(x, df)),
    name="scipy.special.stdtr",
    elementwise=True,
)

logpdf = density(theirs.logpdf, log=True)(_log_density)
pdf = density(theirs.pdf, log=False)(_log_density)
cdf = probability(theirs.cdf)(lambda x, df: _stdtr(df, x))
sf = probability(theirs.sf)(lambda x, df: _stdtr(df, -x))
logcdf = probability(theirs.logcdf)(lambda x, df: anp.log(_stdtr(df, x)))
logsf = probability(theirs.logsf)(lambda x, df: anp.log(_stdtr(df, -x)))


def __getattr__(name: str) -> Any:
    return getattr(theirs, name)
