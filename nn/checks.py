"""What is asked of arrays and gradients wherever they come in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from autograd.errors import NotConnectedError

if TYPE_CHECKING:
    from .modules import Module
    from .optimizers import Optimizer


def shape_of(x: Any, owner: str) -> tuple[int, ...]:
    """The shape of an array or Tensor of numbers; what is none is refused in the name of the `owner`.

    >>> shape_of([[1.0, 2.0]], "Linear")
    Traceback (most recent call last):
    TypeError: Linear takes arrays and Tensors, and was given a list; write numpy.array(...)
    """
    if isinstance(x, Tensor):
        return x.shape
    if not (isinstance(x, np.generic) or hasattr(x, "__array_function__")):
        array = "x.toarray()" if hasattr(x, "toarray") else "numpy.array(...)"
        hint = "is a return missing?" if x is None else f"write {array}"
        kind = type(x).__name__ if type(x).__name__ != "Tensor" else f"{type(x).__module__}.Tensor"  # another library's
        raise TypeError(f"{owner} takes arrays and Tensors, and was given a {kind}; {hint}")
    if x.dtype.kind not in "biufc":
        raise TypeError(f"{owner} takes numbers, and was given an array of {x.dtype}; write x.astype(float)")
    return tuple(x.shape)


def refuse_misplaced(model: Any, loss: Any, optimizer: Any) -> None:
    """Raise TypeError for a class where one of its instances is meant, and for arguments in another order."""
    for place, value, needed in (
        ("model", model, "__call__"),
        ("loss", loss, "__call__"),
        ("optimizer", optimizer, "step"),
    ):
        kind = value.__name__ if isinstance(value, type) else type(value).__name__
        if isinstance(value, type):
            raise TypeError(f"{place} is the class {kind}; write {kind}(...)")
        if not hasattr(value, needed):
            raise TypeError(f"{place} is of {kind}; the order is model, loss, optimizer")


def refuse_unconnected(gradients: Iterable[Any]) -> None:
    """Raise NotConnectedError if there is no gradient of any parameter: a step would change nothing."""
    if all(gradient is None for gradient in gradients):
        raise NotConnectedError(
            "the cost was computed from none of the optimizer's parameters, or its record was lost on the way; "
            "give the optimizer the parameters of this model, and let the loss return a Tensor, no .item() or .data"
        )


def refuse_replaced(model: Module, optimizer: Optimizer, still: Iterable[Tensor]) -> None:
    """Raise NotConnectedError if a parameter that got no gradient is no longer the model's, which has a new one."""
    lost = {id(p) for p in still if p.requires_grad}
    if not lost:
        return
    held = dict(model.named_parameters()) if hasattr(model, "named_parameters") else {}  # a function may be the model
    moved = {id(p) for p in optimizer.parameters}
    new = [name for name, p in held.items() if p.requires_grad and id(p) not in moved]
    if new and lost - {id(p) for p in held.values()}:
        raise NotConnectedError(
            f"{type(optimizer).__name__} moves a parameter that the model no longer holds, and not {', '.join(new)}: "
            "make the optimizer after the model has got its parameters, or write parameter.data = ... for other numbers"
        )


def narrowed(parameter: Tensor, moved: Any, kept: tuple[Any, ...], owner: str) -> tuple[Any, tuple[Any, ...]]:
    """An update's results in the dtype of a parameter that was cast since the optimiser was made, or is widened by it.

    Raises:
        ValueError: the parameter would get another shape, or lose an imaginary part.
    """
    wide, dtype = moved.dtype, parameter.dtype
    if moved.shape != parameter.shape or not np.can_cast(wide, dtype, "same_kind"):
        raise ValueError(
            f"{owner}: {parameter.name or 'a parameter'} of shape {parameter.shape} and dtype {dtype} would become one "
            f"of shape {moved.shape} and dtype {wide}; see what its .grad was set to"
        )
    return moved.astype(dtype), tuple(m.astype(dtype) if m.dtype == wide else m for m in kept)


def fitting(name: str, value: Any, parameter: Tensor) -> np.ndarray:
    """A copy of an array of a state, in the dtype of the parameter.

    Raises:
        TypeError: it is PyTorch's, whose weights are the transposes of ours, which a square one would not tell.
        ValueError: it has another shape, or is of another kind.
    """
    if type(value).__module__ == "torch":
        raise TypeError(f"{name} is a torch.Tensor in the state: write .numpy(), and for a weight of Linear .numpy().T")
    shape, dtype = np.shape(value), np.asarray(value).dtype
    if shape != parameter.shape:
        raise ValueError(f"{name} has shape {shape} in the state, {parameter.shape} here")
    if not np.can_cast(dtype, parameter.dtype, "same_kind"):
        raise ValueError(f"{name} is of {dtype} in the state, {parameter.dtype} here")
    return np.array(value, dtype=parameter.dtype)


def array_of(value: Any) -> Any:
    """A Tensor as its array, anything else as it is."""
    return value.data if isinstance(value, Tensor) else value
