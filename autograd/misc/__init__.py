"""Flattening of nests, optimisers of plain functions, fixed points: HIPS autograd's `autograd.misc`."""

from .flatten import flatten
from .tracers import const_graph

__all__ = ["const_graph", "flatten"]
