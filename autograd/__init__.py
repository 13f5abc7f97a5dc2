"""A small tensor autodiff engine: programs on Tensors leave a graph, and everything else reads that graph."""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from . import errors
from .annotate import annotate, mark_scope, scope_start
from .backward import cotangents
from .compat import boxes as _boxes  # noqa: F401 - what grad and its kin run a function on
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
    from .core import primitive
    from .debug import debug_nans
    from .derivation import derive
    from .differential_operators import grad_named
    from .jacobians import jacobian
    from .pictures import draw

# What is loaded when first used, so that `import autograd` costs little more than NumPy: the readers of the graph, and
# HIPS autograd's inner names. Python's own names among them are not in __all__, which must not hide them.
_LATER = {
    "check_grads": "check",
    "compile": "compiler",
    "debug_nans": "debug",
    "derive": "derivation",
    "dict": "builtins",
    "draw": "pictures",
    "grad_named": "differential_operators",
    "isinstance": "builtins",
    "jacobian": "jacobians",
    "list": "builtins",
    "primitive": "core",
    "source": "compiler",
    "tuple": "builtins",
    "type": "builtins",
}
_MODULES = {"builtins", "core", "differential_operators", "extend", "tracer", "util", "wrap_util"}


def __getattr__(name: str) -> _Any:
    if name in _MODULES:
        return _import_module(f".{name}", __name__)
    if name not in _LATER:
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
    value = getattr(_import_module(f".{_LATER[name]}", __name__), name)
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
