"""`x.at[index].set(v)` and `.add(v)`: assignment for values that never change, as a changed copy."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Tensor, describe
from .elementwise import astype, where
from .indexing import as_part, index, scatter
from .joining import asarray, concatenate
from .registry import constant
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
        spread, shape = self._spread(value), self.tensor.shape
        if is_basic(self.parts):
            mask = np.zeros(shape, bool)
            mask[self.parts] = True
            placed = scatter(spread, shape, *self.parts)
        else:
            positions = place_numbers(shape, *self.parts)
            mask = positions > 0
            placed = index(concatenate([np.zeros(1, spread.dtype), ravel(spread)]), positions)
        return where(mask, astype(placed, self.tensor.dtype), self.tensor)

    def _spread(self, value: Any) -> Any:
        """The value, one for each entry at the index."""
        value, tensor = asarray(value), self.tensor
        if value.dtype.kind == "c" and tensor.dtype.kind != "c":
            what = f"{describe(tensor)} of {tensor.dtype}"
            raise TypeError(f"x.at[index]: complex numbers do not fit into {what}; take .real, or x.astype(complex)")
        return broadcast_to(value, index(tensor, *self.parts).shape)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"x.at[index] has set and add, and not {name!r}; write x.at[index].set(f(x[index])) for any f"
        )


def _place_numbers(shape: tuple[int, ...], *parts: Any) -> Any:
    """Whole numbers from 1 at `parts`, in the order of x[parts]; the last one where an index repeats, as in NumPy."""
    numbers = np.zeros(shape, int)
    numbers[parts] = np.arange(1, numbers[parts].size + 1).reshape(numbers[parts].shape)
    return numbers


place_numbers = constant(_place_numbers, "place_numbers")
