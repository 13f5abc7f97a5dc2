"""The Jacobian: its rows by walks that carry many cotangents at once, or its columns where these are few."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import numpy as anp
from .graph import mode
from .tree import flatten
from .vjp import Vjp, unary_to_nary


@unary_to_nary
def jacobian(fun: Callable[..., Any], x: Any) -> Any:
    """A function that returns the Jacobian of `fun`: an array of shape (*result.shape, *x.shape).

    Args:
        fun: returns one array; its argument may be a nest of arrays, and then the result is that nest of Jacobians.
        argnum: which argument to differentiate.

    Raises:
        TypeError: `fun` returns nothing, or a list, tuple or dict.

    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    return jacobian_of(Vjp(fun, x))


def jacobian_of(vjp: Vjp) -> Any:
    """The Jacobian of a function that has been run."""
    output = vjp.result
    if output is None or isinstance(output, (list, tuple, dict)):
        tip = "join its arrays with concatenate, or differentiate one at a time (for a hessian: one argument at a time)"
        raise TypeError(
            f"jacobian takes functions that return one array, and this one returned a {type(output).__name__}: "
            f"{'is a return missing?' if output is None else tip}"
        )
    vjp.warn_if_unconnected()
    if not hasattr(output, "dtype"):
        output = np.asarray(output)
    if _is_tall(vjp, output):
        return vjp.rebuild(_by_columns(vjp, output))
    columns = _columns(vjp, output)
    if output.dtype.kind == "c" and any(leaf.dtype.kind != "c" for leaf in vjp.leaves):
        # the cotangent of real numbers is a real part: that of the rows times -1j is the imaginary part
        parts = zip(columns, _columns(vjp, output, -1j), vjp.leaves, strict=True)
        columns = [c if leaf.dtype.kind == "c" else c + 1j * turned for c, turned, leaf in parts]
    shapes = [output.shape + np.shape(leaf._value) for leaf in vjp.leaves]
    return vjp.rebuild([anp.reshape(c, s) for c, s in zip(columns, shapes, strict=True)])


def _columns(vjp: Vjp, output: Any, factor: complex = 1) -> list[Any]:
    """For each leaf the cotangents of all entries of the result, one a row; each entry's own cotangent is `factor`."""
    columns = _rows_at_once(vjp, output, factor)
    if columns is not None:
        return columns
    rows = [flatten(vjp(_units(output, i, i + 1, factor)[0]))[0] for i in range(output.size)]
    columns = [anp.stack(list(column)) for column in zip(*rows, strict=True)]
    return columns or [np.zeros_like(leaf._value, shape=0) for leaf in vjp.leaves]


def _units(output: Any, start: int, stop: int, factor: complex) -> np.ndarray:
    """Some rows of the identity times a factor, each in the shape of the result."""
    rows = np.eye(stop - start, output.size, start, dtype=output.dtype)
    return (rows if factor == 1 else factor * rows).reshape(stop - start, *output.shape)


_PRICE_OF_A_PUSH = 8000  # as many entries of a batch are walked back in the time of one more tangent


def _is_tall(vjp: Vjp, output: Any) -> bool:
    """Whether a Jacobian of real numbers has so few columns that forward mode, one column a pass, is quicker."""
    if mode.capturing or not vjp.nodes or _hooked(vjp) or not isinstance(mode.recording, bool):
        return False
    if any(value.dtype.kind != "f" for value in (output, *vjp.leaves)):
        return False
    columns = sum(leaf.size for leaf in vjp.leaves)
    return 0 < columns * (_PRICE_OF_A_PUSH + output.size) < output.size**2


def _by_columns(vjp: Vjp, output: Any) -> list[Any]:
    """For each leaf its block of the Jacobian, from one push of a tangent for each of its entries."""
    from .forward import jvp  # not loaded before it is needed

    still = [np.zeros(leaf.shape, leaf.dtype) for leaf in vjp.leaves]
    blocks = []
    for k, leaf in enumerate(vjp.leaves):
        units = np.eye(leaf.size, dtype=leaf.dtype).reshape(leaf.size, *leaf.shape)
        made = [jvp(vjp, vjp.rebuild([*still[:k], unit, *still[k + 1 :]])) for unit in units]
        block = anp.reshape(anp.stack(made, axis=-1), output.shape + leaf.shape)
        if block.dtype != leaf.dtype:
            block = anp.astype(block, leaf.dtype)  # a column has the dtype of the result, a row that of the leaf
        blocks.append(block)
    return blocks


def _hooked(vjp: Vjp) -> bool:
    return any(node.notes is not None and "hooks" in node.notes for node in vjp.nodes)


_LARGEST_BATCH = 2**18  # entries of the widest value times rows carried at once: 2 MB of float64, near to a cache


def _rows_at_once(vjp: Vjp, output: Any, factor: complex) -> list[Any] | None:
    """For each leaf all rows of the Jacobian, from walks that carry many cotangents; None where rows must be single.

    Single rows are needed where the Jacobian is itself to be differentiated, runs on arrays of another library, or
    meets a hook or a user's rule that asks more of its cotangent than a `Batch` can do.
    """
    plain = all(isinstance(node._value, (np.ndarray, np.generic)) for node in vjp.nodes)
    if (
        vjp.foreign
        or _hooked(vjp)
        or not vjp.nodes
        or not output.size
        or not plain
        or not isinstance(mode.recording, bool)
    ):
        return None
    widest = max(node._value.size for node in vjp.nodes)
    step = max(1, _LARGEST_BATCH // max(widest, 1))
    from .batching import Batch  # not loaded before it is needed

    columns = [np.empty((output.size, *leaf.shape), leaf.dtype) for leaf in vjp.leaves]
    try:
        for start in range(0, output.size, step):
            stop = min(start + step, output.size)
            batch = Batch(_units(output, start, stop, factor), unit=output.ndim == 1 and factor == 1)
            for column, cotangent in zip(columns, flatten(vjp(batch))[0], strict=True):
                column[start:stop] = cotangent.array if isinstance(cotangent, Batch) else cotangent
    except Exception:
        return None  # a rule that is wrong, not only shy of batches, will say so of a single row
    return columns
