"""Modules: functions with parameters, which may hold other modules."""

from collections.abc import Callable, Iterator
from typing import Any, NoReturn, Self, overload

import numpy as np

from autograd import Tensor, mark_scope, scope_start

from . import functional
from .checks import shape_of


def _refuse_in_place(operator: str) -> Callable[[Tensor, Any], NoReturn]:
    def refuse(self: Tensor, other: Any) -> NoReturn:
        raise TypeError(
            f"{self.name or 'the Parameter'} would stay as it is: {operator} gives only its name to a new Tensor; "
            f"write parameter.data {operator} ..."
        )

    return refuse


class Parameter(Tensor):
    """A Tensor that a module trains.

    Args:
        data: the first value, floating point.
        name: what pictures, formulas and messages call it.

    >>> Parameter([0.0, 1.0], name="b1").requires_grad
    True

    One that is not trained has `requires_grad` set to False; it is saved with the others, as a running mean has to be.
    """

    __slots__ = ()

    def __init__(self, data: Any, name: str | None = None) -> None:
        super().__init__(data, requires_grad=True, name=name)

    __iadd__, __isub__, __imul__, __itruediv__ = map(_refuse_in_place, ("+=", "-=", "*=", "/="))


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

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(vars(self).get(name), Parameter) and not (value is None or isinstance(value, Tensor)):
            raise TypeError(
                f"{type(self).__name__}.{name} is a Parameter, and a {type(value).__name__} in its place would not be "
                f"trained; write {name}.data = ... for other numbers"
            )
        super().__setattr__(name, value)

    def members(self) -> Iterator[tuple[str, "Parameter | Module"]]:
        """The parameters and modules held directly, also in lists, tuples and dicts at any depth, with their names."""
        for key, value in vars(self).items():
            yield from _members(key, value)

    def children(self) -> Iterator["Module"]:
        """The modules held directly."""
        return (member for _, member in self.members() if isinstance(member, Module))

    def all_modules(self) -> Iterator["Module"]:
        """This module and those below it."""
        yield self
        for child in self.children():
            yield from child.all_modules()

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
        for module in self.all_modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set this module and those below it to evaluation."""
        return self.train(False)

    def __repr__(self) -> str:
        held = (f"{name} {m.shape}" if isinstance(m, Parameter) else f"{name}: {m!r}" for name, m in self.members())
        return f"{type(self).__name__}({', '.join(held)})"

    def state_dict(self) -> dict[str, np.ndarray]:
        """A copy of every parameter's array, by path."""
        return {name: np.array(parameter.data) for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Set every parameter from `state`; names and shapes must be this module's own.

        Raises:
            ValueError: a name is missing, unknown, or has another shape or kind. Nothing is changed then.
        """
        own = dict(self.named_parameters())
        for kind, names in (("missing", own.keys() - state.keys()), ("unknown", state.keys() - own.keys())):
            if names:
                raise ValueError(f"{kind} in the state of {type(self).__name__}: {', '.join(sorted(names))}")
        for name, parameter in own.items():
            if np.shape(state[name]) != parameter.shape:
                raise ValueError(f"{name} has shape {np.shape(state[name])} in the state, {parameter.shape} here")
            if not np.can_cast(dtype := np.asarray(state[name]).dtype, parameter.dtype, "same_kind"):
                raise ValueError(f"{name} is of {dtype} in the state, {parameter.dtype} here")
        for name, parameter in own.items():
            parameter.data = np.array(state[name], dtype=parameter.dtype)


def _members(path: str, value: Any) -> Iterator[tuple[str, Parameter | Module]]:
    if isinstance(value, (Parameter, Module)):
        yield path, value
    elif isinstance(value, (list, tuple, dict)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _members(f"{path}.{key}", item)


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
    """exp(x) / sum(exp(x)) along an axis.

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
                raise TypeError(
                    f"Sequential: place {place} is {kind}, not a Module; write Sequential(Linear(...), ReLU())"
                )
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
