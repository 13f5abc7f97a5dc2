"""Modules: functions with parameters, which may hold other modules."""

from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from autograd import Tensor, mark_scope, scope_start

from . import functional


class Parameter(Tensor):
    """A Tensor that a module trains.

    Args:
        data: the first value, floating point.
        name: what pictures, formulas and messages call it.

    >>> Parameter([0.0, 1.0], name="b1").requires_grad
    True
    """

    __slots__ = ()

    def __init__(self, data: Any, name: str | None = None) -> None:
        super().__init__(data, requires_grad=True, name=name)


class Module:
    """A function with parameters: subclasses set Parameters and Modules as attributes and write `forward`.

    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Parameter(2.0)
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> scale = Scale()
    >>> [name for name, parameter in scale.named_parameters()], float(scale(3.0).data)
    (['factor'], 6.0)
    """

    training = True
    name: str | None = None
    """What pictures call the module's box, behind its place ("0", "hidden"); the name of its class by default."""

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The function itself."""
        raise NotImplementedError(f"{type(self).__name__} has no forward method: define one, it is what a call runs")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        start = scope_start()
        result = self.forward(*args, **kwargs)
        mark_scope(result, self.name or type(self).__name__, start, self)
        return result

    def members(self) -> Iterator[tuple[str, "Parameter | Module"]]:
        """The parameters and modules held directly, also those in a list, tuple or dict, with their names."""
        for key, value in vars(self).items():
            if isinstance(value, (Parameter, Module)):
                yield key, value
                continue
            items: Any = ()
            if isinstance(value, (list, tuple)):
                items = enumerate(value)
            elif isinstance(value, dict):
                items = value.items()
            for index, item in items:
                if isinstance(item, (Parameter, Module)):
                    yield f"{key}.{index}", item

    def children(self) -> Iterator["Module"]:
        """The modules held directly."""
        return (member for _, member in self.members() if isinstance(member, Module))

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every parameter once, with its path (such as "0.weight"), in the order in which they were set."""
        seen: set[int] = set()
        for name, parameter in self._walk(""):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                yield name, parameter

    def _walk(self, path: str) -> Iterator[tuple[str, Parameter]]:
        for name, member in self.members():
            if isinstance(member, Module):
                yield from member._walk(f"{path}{name}.")
            else:
                yield path + name, member

    def parameters(self) -> Iterator[Parameter]:
        """Every parameter once."""
        return (parameter for _, parameter in self.named_parameters())

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.grad = None

    def train(self, mode: bool = True) -> Self:
        """Set this module and those below it to training (or, with False, to evaluation)."""
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self) -> Self:
        """Set this module and those below it to evaluation."""
        return self.train(False)

    def state_dict(self) -> dict[str, np.ndarray]:
        """A copy of every parameter's array, by path."""
        return {name: np.array(parameter.data) for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Set every parameter from `state`; names and shapes must be this module's own.

        Raises:
            ValueError: a name is missing, unknown, or has another shape. Nothing is changed then.
        """
        own = dict(self.named_parameters())
        for kind, names in (("missing", own.keys() - state.keys()), ("unknown", state.keys() - own.keys())):
            if names:
                raise ValueError(f"{kind} in the state of {type(self).__name__}: {', '.join(sorted(names))}")
        for name, parameter in own.items():
            if np.shape(state[name]) != parameter.shape:
                raise ValueError(f"{name} has shape {np.shape(state[name])} in the state, {parameter.shape} here")
        for name, parameter in own.items():
            parameter.data = np.array(state[name], dtype=parameter.dtype)


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
        if inputs < 1 or outputs < 1:
            raise ValueError(f"Linear({inputs}, {outputs}): both sizes must be at least 1")
        limit = gain * np.sqrt(6 / (inputs + outputs))
        weight = np.random.default_rng(rng).uniform(-limit, limit, (inputs, outputs))
        self.weight = Parameter(weight.astype(dtype), name="weight")
        self.bias = Parameter(np.zeros(outputs, dtype), name="bias") if bias else None

    def forward(self, x: Any) -> Tensor:
        """x of shape (..., inputs) -> (..., outputs)."""
        if x.shape[-1:] != self.weight.shape[:1]:
            raise ValueError(
                f"{type(self).__name__}: {self.weight.name} of shape {self.weight.shape} takes {self.weight.shape[0]} "
                f"features in the last axis, and was given an array of shape {tuple(x.shape)}"
            )
        y = x @ self.weight
        return y if self.bias is None else y + self.bias


class Sigmoid(Module):
    """1 / (1 + exp(-x)), entry by entry."""

    def forward(self, x: Any) -> Any:
        """Any shape -> the same."""
        return functional.sigmoid(x)


class Tanh(Module):
    """The hyperbolic tangent, entry by entry."""

    def forward(self, x: Any) -> Any:
        """Any shape -> the same."""
        return functional.tanh(x)


class ReLU(Module):
    """max(x, 0), entry by entry."""

    def forward(self, x: Any) -> Any:
        """Any shape -> the same."""
        return functional.relu(x)


class Softplus(Module):
    """log(1 + exp(x)), entry by entry."""

    def forward(self, x: Any) -> Any:
        """Any shape -> the same."""
        return functional.softplus(x)


class Softmax(Module):
    """exp(x) / sum(exp(x)) along an axis."""

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        """Any shape -> the same."""
        return functional.softmax(x, axis=self.axis)


class Sequential(Module):
    """Modules one after another.

    >>> network = Sequential(Linear(400, 25, rng=1), Sigmoid(), Linear(25, 10, rng=2), Sigmoid())
    >>> [name for name, parameter in network.named_parameters()]
    ['0.weight', '0.bias', '2.weight', '2.bias']
    """

    def __init__(self, *modules: Module) -> None:
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

    def __getitem__(self, index: int) -> Module:
        return self.modules[index]
