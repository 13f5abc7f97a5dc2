"""Layers: the modules that are ready to use, and Sequential, which puts one after another."""

from collections.abc import Iterator
from typing import Any, overload

import numpy as np

from autograd import Tensor

from . import functional
from .checks import shape_of
from .modules import Module, Parameter


class Linear(Module):
    """The affine map y = x @ weight + bias.

    Args:
        inputs, outputs: number of features before and after.
        bias: whether there is a bias.
        dtype: of the parameters.
        rng: a numpy.random.Generator, or a seed, for the first weights.
        gain: widens their distribution; above 1 suits logistic sigmoids, whose slope is at most 1/4.

    The weight, inputs x outputs, starts uniform in +-gain sqrt(6 / (inputs + outputs)), the bias at 0
    (Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010, eq. 16).

    >>> layer = Linear(400, 25, rng=0)
    >>> layer(np.zeros((5000, 400))).shape, layer.weight.shape
    ((5000, 25), (400, 25))
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        bias: bool = True,
        dtype: Any = np.float64,
        rng: np.random.Generator | int | None = None,
        gain: float = 1.0,
    ) -> None:
        if not all(isinstance(n, (int, np.integer)) and n >= 1 for n in (inputs, outputs)):
            raise ValueError(f"Linear({inputs!r}, {outputs!r}): both sizes must be whole numbers of at least 1")
        if not 0 <= gain < np.inf:
            raise ValueError(f"Linear: gain must be a finite number, at least 0, not {gain}")
        limit = gain * np.sqrt(6 / (inputs + outputs))
        weight = np.random.default_rng(rng).uniform(-limit, limit, (inputs, outputs))
        self.weight = Parameter(weight.astype(dtype), name="weight")
        self.bias = Parameter(np.zeros(outputs, dtype), name="bias") if bias else None

    def forward(self, x: Any) -> Tensor:
        """x of shape (..., inputs) -> (..., outputs)."""
        shape = shape_of(x, type(self).__name__)
        if shape[-1:] != self.weight.shape[:1]:
            raise ValueError(
                f"{type(self).__name__}: {self.weight.name} of shape {self.weight.shape} takes {self.weight.shape[0]} "
                f"features in the last axis, and was given an array of shape {shape}"
            )
        y = x @ self.weight
        return y if self.bias is None else y + self.bias


class Sigmoid(Module):
    """1 / (1 + exp(-x)), entry by entry.

    >>> Sigmoid()(np.array([-1000.0, 0.0]))
    array([0. , 0.5])
    """

    def forward(self, x: Any) -> Any:
        """Any shape -> the same."""
        return functional.sigmoid(x)


class Tanh(Module):
    """The hyperbolic tangent, entry by entry.

    >>> Tanh()(np.array([0.0, 1000.0]))
    array([0., 1.])
    """

    def forward(self, x: Any) -> Any:
        """Any shape -> the same."""
        return functional.tanh(x)


class ReLU(Module):
    """max(x, 0), entry by entry.

    >>> ReLU()(np.array([-2.0, 3.0]))
    array([0., 3.])
    """

    def forward(self, x: Any) -> Any:
        """Any shape -> the same."""
        return functional.relu(x)


class Softplus(Module):
    """log(1 + exp(x)), entry by entry.

    >>> Softplus()(np.array([-1000.0, 1000.0]))
    array([   0., 1000.])
    """

    def forward(self, x: Any) -> Any:
        """Any shape -> the same."""
        return functional.softplus(x)


class Softmax(Module):
    """exp(x) / sum(exp(x)) along an axis, the last one by default.

    >>> Softmax()(np.array([[0.0, 0.0], [1000.0, 0.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        """Any shape -> the same."""
        return functional.softmax(x, axis=self.axis)


class Sequential(Module):
    """Modules one after another; a slice of them is a Sequential again.

    >>> network = Sequential(Linear(400, 25, rng=1), Sigmoid(), Linear(25, 10, rng=2), Sigmoid())
    >>> [name for name, parameter in network.named_parameters()]
    ['0.weight', '0.bias', '2.weight', '2.bias']
    """

    def __init__(self, *modules: Module) -> None:
        for place, module in enumerate(modules):
            if not isinstance(module, Module):
                kind = f"the class {module.__name__}" if isinstance(module, type) else f"a {type(module).__name__}"
                right = "*layers" if isinstance(module, (list, tuple)) else "Linear(...), ReLU()"
                raise TypeError(f"Sequential: place {place} is {kind}, not a Module; write Sequential({right})")
        self.modules = modules

    def members(self) -> Iterator[tuple[str, Parameter | Module]]:
        """The modules, named by their place."""
        return ((str(i), module) for i, module in enumerate(self.modules))

    def forward(self, x: Any) -> Any:
        """What the last module makes of what the one before it made, and so on; in between are z1, a1, z2, a2 ..."""
        layer = 0
        for module in self.modules:
            x = module(x)
            linear = isinstance(module, Linear)
            layer += linear
            if layer and isinstance(x, Tensor) and x.name is None:
                x.name = f"{'z' if linear else 'a'}{layer}"
        return x

    def __len__(self) -> int:
        return len(self.modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.modules)

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> "Sequential": ...
    def __getitem__(self, index: int | slice) -> Module:
        return Sequential(*self.modules[index]) if isinstance(index, slice) else self.modules[index]
