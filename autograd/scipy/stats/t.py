"""Student's t distribution."""

import numpy as np
from scipy.stats import t as theirs

from ... import numpy as anp
from .. import special
from .._formula import passed_on
from ._standard import Array, density, quantiles, tails


def _log_density(x: Array, df: Array) -> Array:
    return special._student_log_density(df, x)


def _quantile(p: Array, df: Array) -> Array:
    return anp.where(p == 0, -np.inf, anp.where(p == 1, np.inf, special.stdtrit(df, p)))  # SciPy's has no sign there


logpdf, pdf = density(theirs, _log_density)
cdf, sf, logcdf, logsf = tails(theirs, lambda x, df: special.stdtr(df, x), lambda x, df: special.stdtr(df, -x))
ppf, isf = quantiles(theirs, _quantile, lambda q, df: -_quantile(q, df))

__getattr__ = passed_on(theirs)
