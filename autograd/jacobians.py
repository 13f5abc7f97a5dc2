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
    """The Jacobian of `fun`: an array of shape (*result.shape, *x.shape).

    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    vjp = Vjp(fun, x)
    output = vjp.result
    if isinstance(output, (list, tuple, dict)):
        raise TypeError(
            f"jacobian takes functions that return one array, and this one returned a {type(output).__name__}: "
            "join its arrays with concatenate, or differentiate one at a time (for a hessian: one argument at a time)"
        )
    if not hasattr(output, "dtype"):
        output = np.asarray(output)
    if _is_tall(vjp, output):
        return vjp.rebuild(_by_columns(vjp, output))
    basis = np.eye(output.size, dtype=output.dtype).reshape(output.size, *output.shape)
    columns = _columns(vjp, basis)
    if output.dtype.kind == "c" and any(leaf.dtype.kind != "c" for leaf in vjp.leaves):
        # the cotangent of real numbers is a real part: that of the rows times -1j is the imaginary part
        parts = zip(columns, _columns(vjp, -1j * basis), vjp.leaves, strict=True)
        columns = [c if leaf.dtype.kind == "c" else c + 1j * turned for c, turned, leaf in parts]
    shapes = [output.shape + np.shape(leaf._value) for leaf in vjp.leaves]
    return vjp.rebuild([anp.reshape(c, s) for c, s in zip(columns, shapes, strict=True)])


def _columns(vjp: Vjp, basis: Any) -> list[Any]:
    """For each leaf the cotangents of all rows of a basis."""
    columns = _rows_at_once(vjp, basis)
    if columns is not None:
        return columns
    rows = [flatten(vjp(row if row.ndim else row[()]))[0] for row in basis]
    columns = [anp.stack(list(column)) for column in zip(*rows, strict=True)]
    return columns or [np.zeros_like(leaf._value, shape=0) for leaf in vjp.leaves]


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
        blocks.append(anp.reshape(anp.stack(made, axis=-1), output.shape + leaf.shape))
    return blocks


def _hooked(vjp: Vjp) -> bool:
    return any(node.notes is not None and "hooks" in node.notes for node in vjp.nodes)


_LARGEST_BATCH = 2**18  # entries of the widest value times rows carried at once: 2 MB of float64, near to a cache


def _rows_at_once(vjp: Vjp, basis: np.ndarray) -> list[Any] | None:
    """For each leaf all rows of the Jacobian, from walks that carry many cotangents; None where rows must be single.

    Single rows are needed where the Jacobian is itself to be differentiated, runs on arrays of another library, or
    meets a hook or a user's rule that asks more of its cotangent than a `Batch` can do.
    """
    plain = all(isinstance(node._value, (np.ndarray, np.generic)) for node in vjp.nodes)
    if (
        vjp.foreign
        or _hooked(vjp)
        or not vjp.nodes
        or not len(basis)
        or not plain
        or not isinstance(mode.recording, bool)
    ):
        return None
    widest = max(node._value.size for node in vjp.nodes)
    step = max(1, _LARGEST_BATCH // max(widest, 1))
    from .batching import Batch  # not loaded before it is needed

    batches = [Batch(basis[i : i + step], unit=basis.ndim == 2) for i in range(0, len(basis), step)]
    try:
        chunks = [flatten(vjp(batch))[0] for batch in batches]
    except Exception:
        return None  # a rule that is wrong, not only shy of batches, will say so of a single row
    return [
        np.concatenate([_rows(c, min(step, len(basis))) for c in column])[: len(basis)]
        for column in zip(*chunks, strict=True)
    ]


def _rows(cotangent: Any, members: int) -> np.ndarray:
    """The members of a batch; a cotangent that came out the same for all is repeated."""
    if isinstance(cotangent, (np.ndarray, np.generic)):
        return np.broadcast_to(cotangent, (members, *np.shape(cotangent)))
    return cotangent.array
