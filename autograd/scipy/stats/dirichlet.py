"""The Dirichlet distribution."""

from scipy.stats import dirichlet as theirs

from ... import numpy as anp
from ...numpy.registry import plain
from .. import special
from .._formula import formula, passed_on
from ._standard import Array, squeezed


@formula(theirs.logpdf)
def logpdf(x: Array, alpha: Array) -> Array:
    theirs.logpdf(plain(x), plain(alpha))  # for its complaints about numbers that are no probabilities
    if x.shape[0] == len(alpha) - 1:  # SciPy lets the last coordinate be left out
        x = anp.concatenate([x, 1 - anp.sum(x, axis=0, keepdims=True)])
    norm = anp.sum(special.gammaln(alpha)) - special.gammaln(anp.sum(alpha))
    return squeezed(anp.sum(special.xlogy((alpha - 1), x.T).T, axis=0) - norm)


@formula(theirs.pdf)
def pdf(x: Array, alpha: Array) -> Array:
    return anp.exp(logpdf(x, alpha))


__getattr__ = passed_on(theirs)
