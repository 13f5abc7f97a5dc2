"""Functions without a derivative, entry by entry: tests of kind, and arithmetic of whole numbers."""

import numpy as np

from .registry import Function, constant, registry

# recorded while a program is captured
isneginf = constant(lambda x, out=None: np.isneginf(x, out), name="isneginf", elementwise=True)
isposinf = constant(lambda x, out=None: np.isposinf(x, out), name="isposinf", elementwise=True)
registry[np.isneginf], registry[np.isposinf] = isneginf, isposinf  # their `out=` would write into a Tensor
isreal = constant(np.isreal, elementwise=True)
iscomplex = constant(np.iscomplex, elementwise=True)
isclose = constant(np.isclose, elementwise=True)
left_shift = constant(np.left_shift, elementwise=True)
right_shift = constant(np.right_shift, elementwise=True)
gcd = constant(np.gcd, elementwise=True)
lcm = constant(np.lcm, elementwise=True)
bitwise_count = constant(np.bitwise_count, elementwise=True)
empty_like = constant(np.empty_like)
nanargmax = constant(np.nanargmax)
nanargmin = constant(np.nanargmin)

__all__ = sorted(name for name, made in globals().items() if isinstance(made, Function))
