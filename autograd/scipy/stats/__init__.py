"""Probability distributions, differentiable in every argument for which a closed form exists."""

from importlib import import_module
from types import ModuleType
from typing import Any

from scipy import stats as theirs

from ...errors import NoRuleError
from ...numpy.registry import holds_tensor
from .._formula import passed_on
from . import (
    bernoulli,
    beta,
    binom,
    cauchy,
    chi2,
    dirichlet,
    expon,
    gamma,
    laplace,
    logistic,
    lognorm,
    multivariate_normal,
    nbinom,
    norm,
    poisson,
    t,
    uniform,
    weibull_min,
)

__all__ = [
    "bernoulli",
    "beta",
    "binom",
    "cauchy",
    "chi2",
    "dirichlet",
    "expon",
    "gamma",
    "laplace",
    "logistic",
    "lognorm",
    "multivariate_normal",
    "nbinom",
    "norm",
    "poisson",
    "t",
    "uniform",
    "weibull_min",
]


class _Distribution(ModuleType):
    """A distribution, which may be called as SciPy's: with its parameters it is SciPy's own frozen one."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if holds_tensor((*args, *kwargs.values())):
            name = self.__name__.rpartition(".")[2]
            raise NoRuleError(f"stats.{name}(...) holds no Tensors; give them to a method of stats.{name}, after x")
        return self.theirs(*args, **kwargs)

    def __reduce__(self) -> Any:
        return import_module, (self.__name__,)


for _name in __all__:
    globals()[_name].__class__ = _Distribution


__getattr__ = passed_on(theirs)
