"""SciPy's special functions, distributions, matrix functions, solvers, convolution and ODE integrator, on Tensors.

SciPy is loaded by these modules only. Their other names are SciPy's own, passed through.
"""

from importlib import import_module as _import_module
from importlib.util import find_spec as _find_spec
from types import ModuleType as _ModuleType

from ..errors import MissingPackageError as _MissingPackageError

if _find_spec("scipy") is None:
    raise _MissingPackageError("autograd.scipy needs SciPy: pip install scipy")


def __getattr__(name: str) -> _ModuleType:
    if name in ("integrate", "linalg", "misc", "signal", "special", "stats"):
        return _import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
