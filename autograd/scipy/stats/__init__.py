"""Probability distributions, differentiable in every argument for which a closed form exists."""

from typing import Any

from . import beta, chi2, dirichlet, expon, gamma, multivariate_normal, norm, poisson, t

__all__ = ["beta", "chi2", "dirichlet", "expon", "gamma", "multivariate_normal", "norm", "poisson", "t"]


def __getattr__(name: str) -> Any:
    import scipy.stats

    return getattr(scipy.stats, name)
