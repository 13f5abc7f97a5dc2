"""What is asked of arrays and gradients wherever they come in."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import NotConnectedError


def shape_of(x: Any, owner: str) -> tuple[int, ...]:
    """The shape of an array or Tensor; what is neither is refused in the name of the `owner`.

    >>> shape_of([[1.0, 2.0]], "Linear")
    Traceback (most recent call last):
    TypeError: Linear takes arrays and Tensors, and was given a list; write numpy.array(...)
    """
    if not (isinstance(x, np.generic) or hasattr(x, "__array_function__")):
        hint = "is a return missing?" if x is None else "write numpy.array(...)"
        raise TypeError(f"{owner} takes arrays and Tensors, and was given a {type(x).__name__}; {hint}")
    return tuple(x.shape)


def refuse_unconnected(gradients: Iterable[Any]) -> None:
    """Raise NotConnectedError if there is no gradient of any parameter: a step would change nothing."""
    if all(gradient is None for gradient in gradients):
        raise NotConnectedError(
            "the cost was computed from none of the optimizer's parameters, or its record was lost on the way; "
            "give the optimizer the parameters of this model, and let the loss return a Tensor, no .item() or .data"
        )


def array_of(value: Any) -> Any:
    """A Tensor as its array, anything else as it is."""
    return value.data if isinstance(value, Tensor) else value
