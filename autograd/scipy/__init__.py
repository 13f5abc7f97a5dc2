"""SciPy's special functions, distributions, solvers, convolution and ODE integrator, recorded on Tensors.

SciPy is loaded by these modules only. Their other names are SciPy's own, passed through.
"""

from ..errors import MissingPackageError

try:
    import scipy as _scipy  # noqa: F401
except ImportError as _error:
    raise MissingPackageError("autograd.scipy needs SciPy: pip install scipy") from _error
