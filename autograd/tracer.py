"""HIPS autograd's `autograd.tracer`."""

from .compat.boxes import Box, TraceStack, getval, isbox, new_box, trace_stack
from .compat.nodes import Node, toposort, trace
from .extend import notrace_primitive, primitive, register_notrace
from .numpy.registry import registry as trace_primitives_map
from .util import subvals

box_type_mappings = Box.type_mappings
box_types = Box.types

__all__ = [
    "Box",
    "Node",
    "TraceStack",
    "box_type_mappings",
    "box_types",
    "getval",
    "isbox",
    "new_box",
    "notrace_primitive",
    "primitive",
    "register_notrace",
    "subvals",
    "toposort",
    "trace",
    "trace_primitives_map",
    "trace_stack",
]
