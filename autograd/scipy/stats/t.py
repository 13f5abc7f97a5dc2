"""Student's t distribution."""

import numpy as np
from scipy.stats import t as theirs

from ... import numpy as anp
from .. import special
from .._formula import passed_on
from ._standard import Array, density, log_of, probability, quantile


def _log_density(x: Array, df: Array) -> Array:
    return special._student_log_density(df, x)


def _quantile(p: Array, df: Array) -> Array:
    return anp.where(p == 0, -np.inf, anp.where(p == 1, np.inf, special.stdtrit(df, p)))  # SciPy's has no sign there


logpdf, pdf = density(theirs, _log_density)
cdf = probability(theirs.cdf)(lambda x, df: special.stdtr(df, x))
sf = probability(theirs.sf)(lambda x, df: special.stdtr(df, -x))
logcdf = probability(theirs.logcdf)(lambda x, df: log_of(special.stdtr(df, x), special.stdtr(df, -x)))
logsf = probability(theirs.logsf)(lambda x, df: log_of(special.stdtr(df, -x), special.stdtr(df, x)))
ppf = quantile(theirs.ppf)(_quantile)
isf = quantile(theirs.isf)(lambda q, df: -_quantile(q, df))

__getattr__ = passed_on(theirs)
