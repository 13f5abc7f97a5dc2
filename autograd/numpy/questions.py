"""Functions that are answered by NumPy on the plain values: about shape and kind, and what is no array of numbers."""

import numpy as np

from .registry import ROOMS, on_values

# these look at shapes and dtypes alone, so that they may be asked while a program is captured
_OF_SHAPE = """can_cast common_type einsum_path iscomplexobj isfortran isrealobj isscalar iterable may_share_memory
min_scalar_type ndim result_type shape shares_memory size""".split()

for _name in ROOMS["questions"].split():
    globals()[_name] = on_values(getattr(np, _name), reads_values=_name not in _OF_SHAPE)
