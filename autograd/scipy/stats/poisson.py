"""The Poisson distribution; differentiable in its mean `mu`."""

from typing import Any

import numpy as np
from scipy.stats import poisson as theirs

from ... import numpy as anp
from .. import special
from .._formula import formula, held
from ._standard import Array, inside


@formula(theirs.logpmf)
def logpmf(k: Array, mu: Array, loc: Array = 0) -> Array:
    k = held(k) - loc
    return inside((k >= 0) & (k == np.floor(k)), special.xlogy(k, mu) - mu - special.gammaln(k + 1.0))


@formula(theirs.pmf)
def pmf(k: Array, mu: Array, loc: Array = 0) -> Array:
    return anp.exp(logpmf(k, mu, loc))


@formula(theirs.cdf)
def cdf(k: Array, mu: Array, loc: Array = 0) -> Array:
    k = np.floor(held(k) - loc)
    return inside(k >= 0, special.gammaincc(np.maximum(k, 0) + 1.0, mu), 0.0)


@formula(theirs.sf)
def sf(k: Array, mu: Array, loc: Array = 0) -> Array:
    k = np.floor(held(k) - loc)
    return inside(k >= 0, special.gammainc(np.maximum(k, 0) + 1.0, mu), 1.0)


def __getattr__(name: str) -> Any:
    return getattr(theirs, name)
