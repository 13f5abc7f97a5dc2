"""HIPS autograd's `autograd.differential_operators`."""

from collections.abc import Callable
from typing import Any

from .compat.spaces import vspace
from .core import make_jvp as _make_jvp
from .core import make_vjp as _make_vjp
from .jacobians import jacobian
from .transforms import (
    checkpoint,
    deriv,
    elementwise_grad,
    grad,
    grad_and_aux,
    hessian,
    hessian_tensor_product,
    hessian_vector_product,
    holomorphic_grad,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    multigrad_dict,
    tensor_jacobian_product,
    unary_to_nary,
    value_and_grad,
    vector_jacobian_product,
)

__all__ = [
    "_make_jvp",
    "_make_vjp",
    "checkpoint",
    "deriv",
    "elementwise_grad",
    "grad",
    "grad_and_aux",
    "grad_named",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "jacobian",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_jvp_reversemode",
    "make_vjp",
    "multigrad_dict",
    "tensor_jacobian_product",
    "unary_to_nary",
    "value_and_grad",
    "vector_jacobian_product",
    "vspace",
]


def grad_named(fun: Callable[..., Any], argname: str) -> Callable[..., Any]:
    """The gradient with respect to the argument of this name.

    Raises:
        ValueError: `fun` has no such argument.

    >>> grad_named(lambda x, y: x * y, "y")(2.0, 3.0)
    np.float64(2.0)
    """
    import inspect

    names = list(inspect.signature(fun).parameters)
    if argname not in names:
        raise ValueError(
            f"{getattr(fun, '__name__', 'the function')} has no argument {argname!r}, only {', '.join(names)}"
        )
    return grad(fun, names.index(argname))


@unary_to_nary
def make_jvp_reversemode(fun: Callable[..., Any], x: Any) -> Callable[[Any], Any]:
    """A function from a tangent to the tangent of the result (without the value, which `make_jvp` gives too)."""
    jvp = _make_jvp(fun, x)
    return lambda v: jvp(v)[1]
