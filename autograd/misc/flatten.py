"""Nests of arrays as one vector."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import numpy as anp
from ..compat.boxes import getval
from ..tree import flatten as leaves_of


def flatten(value: Any) -> tuple[Any, Callable[[Any], Any]]:
    """All numbers of a nest of lists, tuples and dicts as one vector, and the function that builds the nest again.

    Both ways can be differentiated. The items of a dict come in the order of its sorted keys.

    >>> vector, unflatten = flatten({"b": 3.0, "a": [1.0, 2.0]})
    >>> vector, unflatten(vector * 2)["b"]
    (array([1., 2., 3.]), np.float64(6.0))
    """
    leaves, rebuild = leaves_of(value)
    order = leaves_of(_sorted(rebuild(list(range(len(leaves))))))[0]
    for leaf in leaves:
        if np.asarray(getval(leaf)).dtype.kind not in "biufc":
            raise TypeError(f"flatten takes nests of numbers, and this one holds {leaf!r:.60}")
    kinds = [(np.shape(getval(leaf)), np.asarray(getval(leaf)).dtype) for leaf in leaves]
    vector = anp.concatenate([anp.ravel(leaves[i]) for i in order]) if leaves else np.zeros(0)
    length = len(vector)

    def unflatten(vector: Any) -> Any:
        if np.size(getval(vector)) != length:
            raise ValueError(f"this nest is of {length} numbers, and the vector has {np.size(getval(vector))}")
        parts: list[Any] = [None] * len(order)
        start = 0
        for i in order:
            shape, dtype = kinds[i]
            end = start + math.prod(shape)
            part = anp.reshape(vector[start:end], shape)
            if dtype.kind == "f" and part.dtype != dtype:
                part = anp.astype(anp.real(part), dtype)
            parts[i] = part[()] if type(part) is np.ndarray and not shape else part
            start = end
        return rebuild(parts)

    return vector, unflatten


def _sorted(nest: Any) -> Any:
    if isinstance(nest, dict):
        return {key: _sorted(nest[key]) for key in sorted(nest)}
    if isinstance(nest, (list, tuple)):
        return [_sorted(item) for item in nest]
    return nest


def flatten_func(fun: Callable[..., Any], example: Any) -> tuple[Callable[..., Any], Callable[[Any], Any], Any]:
    """A function of nests as one of vectors; with the way back to nests, and `example` as a vector.

    >>> fun, unflatten, start = flatten_func(lambda p: {"a": p["a"] * 2, "b": p["b"]}, {"a": 1.0, "b": [2.0]})
    >>> fun(start), unflatten(start)
    (array([2., 2.]), {'a': np.float64(1.0), 'b': [np.float64(2.0)]})
    """
    vector, unflatten = flatten(example)
    return lambda x, *args: flatten(fun(unflatten(x), *args))[0], unflatten, vector
