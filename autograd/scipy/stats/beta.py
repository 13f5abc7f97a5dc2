"""The beta distribution."""

from typing import Any

from scipy.stats import beta as theirs

from .. import special
from ._standard import Array, density, inside, probability


def _log_density(x: Array, a: Array, b: Array) -> Array:
    on = (x >= 0) & (x <= 1)
    return inside(on, special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b))


def _cdf(x: Array, a: Array, b: Array) -> Array:
    return inside(x >= 0, inside(x <= 1, special.betainc(a, b, x), 1.0), 0.0)


logpdf = density(theirs.logpdf, log=True)(_log_density)
pdf = density(theirs.pdf, log=False)(_log_density)
cdf = probability(theirs.cdf)(_cdf)
sf = probability(theirs.sf)(lambda x, a, b: inside(x >= 0, inside(x <= 1, special.betaincc(a, b, x), 0.0), 1.0))


def __getattr__(name: str) -> Any:
    return getattr(theirs, name)
