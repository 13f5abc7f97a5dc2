"""HIPS autograd's `autograd.core`."""

from collections.abc import Callable
from typing import Any

from . import transforms
from .compat.deprecated import primitive, primitive_vjps, primitive_with_deprecation_warnings
from .compat.nodes import JVPNode, Node, VJPNode, backward_pass, toposort, trace
from .compat.spaces import SparseObject, VSpace, vspace
from .extend import (
    def_linear,
    defjvp,
    defjvp_argnum,
    defjvp_argnums,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
)
from .numpy import numpy_boxes, numpy_vjps, numpy_vspaces  # noqa: F401 - clients reach them as attributes
from .tracer import Box, getval, isbox
from .util import func, subval
from .vjp import Vjp

__all__ = [
    "Box",
    "JVPNode",
    "Node",
    "SparseObject",
    "VJPNode",
    "VSpace",
    "backward_pass",
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "func",
    "getval",
    "isbox",
    "make_jvp",
    "make_vjp",
    "primitive",
    "primitive_vjps",
    "primitive_with_deprecation_warnings",
    "subval",
    "toposort",
    "trace",
    "vspace",
]


def make_vjp(fun: Callable[[Any], Any], x: Any) -> tuple[Callable[[Any], Any], Any]:
    """The vjp of a function of one argument at `x`, and its value there."""
    vjp = Vjp(fun, x)
    vjp.warn_if_unconnected()
    return vjp, vjp.value


def make_jvp(fun: Callable[[Any], Any], x: Any) -> Callable[[Any], tuple[Any, Any]]:
    """The jvp of a function of one argument at `x`: a function from a tangent to the value and its tangent."""
    return transforms.make_jvp(fun)(x)
