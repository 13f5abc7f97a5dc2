"""HIPS autograd's `autograd.numpy.numpy_vspaces`."""

from ..compat.spaces import ArrayVSpace, ComplexArrayVSpace, VSpace

__all__ = ["ArrayVSpace", "ComplexArrayVSpace", "VSpace"]
