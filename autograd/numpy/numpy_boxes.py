"""HIPS autograd's `autograd.numpy.numpy_boxes`."""

from ..compat.boxes import ArrayBox, Box, SequenceBox
from ..extend import primitive

__all__ = ["ArrayBox", "Box", "SequenceBox", "primitive"]
