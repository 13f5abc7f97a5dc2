"""The gamma distribution."""

import numpy as np
from scipy.stats import gamma as theirs

from ... import numpy as anp
from .. import special
from .._formula import held, passed_on
from ._standard import Array, density, log_of, off, quantiles, tails


def _log_density(x: Array, a: Array) -> Array:
    return off(x < 0, special.xlogy(a - 1, x) - x - special.gammaln(a))


def _cdf(x: Array, a: Array) -> Array:
    return off(x < 0, special.gammainc(a, x), 0.0)


def _sf(x: Array, a: Array) -> Array:
    return off(x < 0, special.gammaincc(a, x), 1.0)


def _log_sf(x: Array, a: Array) -> Array:
    """Far out the probability itself runs out of small numbers; its logarithm, by Tricomi's function, does not."""
    below, above = _cdf(x, a), _sf(x, a)
    far = (above < np.finfo(above.dtype).tiny ** 0.8) & (x < np.inf)
    a, x = anp.where(far, held(a), 1.0), anp.where(far, x, 1.0)
    tail = a * anp.log(x) - x - special.gammaln(a) + anp.log(special.hyperu(1.0, 1 + a, x))
    return anp.where(far, tail, log_of(above, below))


logpdf, pdf = density(theirs, _log_density)
cdf, sf, logcdf, logsf = tails(theirs, _cdf, _sf, log_above=_log_sf)
ppf, isf = quantiles(theirs, lambda p, a: special.gammaincinv(a, p), lambda q, a: special.gammainccinv(a, q))

__getattr__ = passed_on(theirs)
