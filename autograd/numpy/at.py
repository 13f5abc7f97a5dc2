"""`x.at[index].set(v)` and `.add(v)`: assignment for values that never change, as a changed copy."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Tensor, describe
from .elementwise import astype, where
from .indexing import as_part, scatter
from .joining import asarray, concatenate
from .scattering import is_basic
from .shaping import broadcast_to, ravel


class At:
    """`x.at[index]`, whose `set` and `add` return a changed copy."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def __getitem__(self, key: Any) -> _Place:
        return _Place(self.tensor, key if isinstance(key, tuple) else (key,))


class _Place:
    def __init__(self, tensor: Tensor, parts: tuple[Any, ...]) -> None:
        self.tensor = tensor
        self.parts = tuple(map(as_part, parts))

    def add(self, value: Any) -> Tensor:
        """A copy with `value` added at the index; repeated indices accumulate."""
        spread = self._spread(value)
        return self.tensor + astype(scatter(spread, self.tensor.shape, *self.parts), self.tensor.dtype)

    def set(self, value: Any) -> Tensor:
        """A copy with the entries at the index replaced by `value`."""
        mask = np.zeros(self.tensor.shape, bool)
        mask[self.parts] = True
        spread = self._spread(value)
        place = scatter if is_basic(self.parts) else _place
        placed = place(spread, self.tensor.shape, *self.parts)
        return where(mask, astype(placed, self.tensor.dtype), self.tensor)

    def _spread(self, value: Any) -> Any:
        """The value, one for each entry at the index."""
        value, tensor = asarray(value), self.tensor
        if value.dtype.kind == "c" and tensor.dtype.kind != "c":
            what = f"{describe(tensor)} of {tensor.dtype}"
            raise TypeError(f"x.at[index]: complex numbers do not fit into {what}; take .real, or x.astype(complex)")
        return broadcast_to(value, tensor._value[self.parts].shape)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"x.at[index] has set and add, and not {name!r}; write x.at[index].set(f(x[index])) for any f"
        )


def _place(value: Any, shape: tuple[int, ...], *parts: Any) -> Any:
    """Zeros of `shape` with `value` at `parts`; where an index repeats the last one counts, as in NumPy."""
    positions = np.zeros(shape, int)
    positions[parts] = np.arange(1, value.size + 1).reshape(value.shape)
    flat = concatenate([np.zeros(1, value.dtype), ravel(value)])
    return flat[positions]
