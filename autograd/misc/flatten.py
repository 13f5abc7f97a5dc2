"""Nests of arrays as one vector."""

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
    leaves, rebuild = leaves_of(_sorted(value))
    shapes = [np.shape(getval(leaf)) for leaf in leaves]
    kinds = [np.asarray(getval(leaf)).dtype for leaf in leaves]
    for leaf, dtype in zip(leaves, kinds, strict=True):
        if dtype.kind not in "biufc":
            raise TypeError(f"flatten takes nests of numbers, and this one holds {leaf!r:.60}")
    vector = anp.concatenate([anp.ravel(leaf) for leaf in leaves]) if leaves else np.zeros(0)

    def unflatten(vector: Any) -> Any:
        parts, start = [], 0
        for shape, dtype in zip(shapes, kinds, strict=True):
            end = start + int(np.prod(shape))
            part = anp.reshape(vector[start:end], shape)
            if dtype.kind == "f" and part.dtype != dtype:
                part = anp.astype(anp.real(part), dtype)
            parts.append(part[()] if type(part) is np.ndarray and not shape else part)
            start = end
        return _unsorted(value, rebuild(parts))

    return vector, unflatten


def _sorted(nest: Any) -> Any:
    if isinstance(nest, dict):
        return {key: _sorted(nest[key]) for key in sorted(nest)}
    if isinstance(nest, (list, tuple)):
        return [_sorted(item) for item in nest]
    return nest


def _unsorted(nest: Any, built: Any) -> Any:
    """`built`, whose dicts are in sorted order and whose sequences are lists, in the types and order of `nest`."""
    if isinstance(nest, dict):
        return type(nest)((key, _unsorted(nest[key], built[key])) for key in nest)
    if isinstance(nest, (list, tuple)):
        items = [_unsorted(a, b) for a, b in zip(nest, built, strict=True)]
        return type(nest)(*items) if hasattr(nest, "_fields") else type(nest)(items)
    return built


def flatten_func(fun: Callable[..., Any], example: Any) -> tuple[Callable[..., Any], Callable[[Any], Any], Any]:
    """A function of nests as one of vectors; with the way back to nests, and `example` as a vector.

    >>> fun, unflatten, start = flatten_func(lambda p: {"a": p["a"] * 2, "b": p["b"]}, {"a": 1.0, "b": [2.0]})
    >>> fun(start), unflatten(start)
    (array([2., 2.]), {'a': np.float64(1.0), 'b': [np.float64(2.0)]})
    """
    vector, unflatten = flatten(example)
    return lambda x, *args: flatten(fun(unflatten(x), *args))[0], unflatten, vector
