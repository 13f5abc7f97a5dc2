"""Functions without a derivative: tests of kind, whole-number arithmetic, counting, and questions about shape."""

import numpy as np

from .registry import constant, on_values, registry

# predicates and whole-number arithmetic, entry by entry; recorded while a program is captured
isneginf = constant(lambda x: np.isneginf(x), name="isneginf", elementwise=True)
isposinf = constant(lambda x: np.isposinf(x), name="isposinf", elementwise=True)
registry[np.isneginf], registry[np.isposinf] = isneginf, isposinf  # their `out=` would write into a Tensor
isneginf.most = isposinf.most = 1
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

# questions about kind and shape: answered by NumPy on the plain values, with plain answers
shape = on_values(np.shape, reads_values=False)
ndim = on_values(np.ndim, reads_values=False)
size = on_values(np.size, reads_values=False)
iscomplexobj = on_values(np.iscomplexobj, reads_values=False)
isrealobj = on_values(np.isrealobj, reads_values=False)
isscalar = on_values(np.isscalar, reads_values=False)
result_type = on_values(np.result_type, reads_values=False)
can_cast = on_values(np.can_cast, reads_values=False)
common_type = on_values(np.common_type, reads_values=False)
min_scalar_type = on_values(np.min_scalar_type, reads_values=False)
may_share_memory = on_values(np.may_share_memory, reads_values=False)
shares_memory = on_values(np.shares_memory, reads_values=False)
einsum_path = on_values(np.einsum_path, reads_values=False)
isfortran = on_values(np.isfortran, reads_values=False)
iterable = on_values(np.iterable, reads_values=False)

# answers that depend on the values, and are no single array or of a size that does
_VALUES = """
allclose argwhere array2string array_equal array_equiv array_repr array_str flatnonzero in1d isin nonzero packbits
ravel_multi_index save savetxt savez savez_compressed tril_indices_from triu_indices_from diag_indices_from typename
unpackbits unravel_index
""".split()
for _name in _VALUES:
    if hasattr(np, _name):
        globals()[_name] = on_values(getattr(np, _name))

__all__ = sorted(f.__name__ for f in registry.values() if globals().get(getattr(f, "__name__", "")) is f)
