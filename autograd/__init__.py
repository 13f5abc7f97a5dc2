"""A small tensor autodiff engine: programs on Tensors leave a graph, and everything else reads that graph."""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from . import errors
from .annotate import annotate, mark_scope, scope_start
from .backward import cotangents
from .builtins import dict, isinstance, list, tuple, type  # noqa: F401 - not in __all__, which must not hide Python's
from .core import primitive
from .differential_operators import grad_named
from .graph import Tensor, enable_grad, guard_arrays, no_grad
from .transforms import (
    checkpoint,
    deriv,
    egrad,
    elementwise_grad,
    grad,
    grad_and_aux,
    hessian,
    hessian_tensor_product,
    hessian_vector_product,
    holomorphic_grad,
    hvp,
    jacobian,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    multigrad_dict,
    tensor_jacobian_product,
    value_and_grad,
    vector_jacobian_product,
)

if _TYPE_CHECKING:
    from .check import check_grads
    from .compiler import compile, source
    from .debug import debug_nans
    from .derivation import derive
    from .pictures import draw

# The readers of the graph are loaded when first used, so that `import autograd` costs little more than NumPy.
_READERS = {
    "check_grads": "check",
    "compile": "compiler",
    "debug_nans": "debug",
    "draw": "pictures",
    "derive": "derivation",
    "source": "compiler",
}


def __getattr__(name: str) -> _Any:
    if name not in _READERS:
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
    value = getattr(_import_module(f".{_READERS[name]}", __name__), name)
    globals()[name] = value
    return value


__all__ = [
    "Tensor",
    "annotate",
    "check_grads",
    "checkpoint",
    "compile",
    "cotangents",
    "debug_nans",
    "deriv",
    "derive",
    "draw",
    "egrad",
    "elementwise_grad",
    "enable_grad",
    "errors",
    "grad",
    "grad_and_aux",
    "grad_named",
    "guard_arrays",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "hvp",
    "jacobian",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_vjp",
    "mark_scope",
    "multigrad_dict",
    "no_grad",
    "primitive",
    "scope_start",
    "source",
    "tensor_jacobian_product",
    "value_and_grad",
    "vector_jacobian_product",
]
