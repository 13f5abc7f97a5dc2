"""Modules: functions with parameters, which may hold other modules."""

from collections.abc import Callable, Iterator, Mapping
from reprlib import recursive_repr
from typing import Any, NoReturn, Self

import numpy as np

from autograd import Tensor, mark_scope, scope_start

from .checks import fitting


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
        data: the first value, floating point; it is copied.
        requires_grad: False for what is saved with the others but not trained: a frozen layer's, or a running mean.
        name: what pictures, formulas and messages call it.

    >>> Parameter([0.0, 1.0], name="b1").requires_grad
    True
    """

    __slots__ = ()

    def __init__(self, data: Any, requires_grad: bool = True, name: str | None = None) -> None:
        super().__init__(data, requires_grad=True, name=name)
        self.requires_grad = requires_grad
        self.data = self.data.copy()  # what it was made from stays as it is when it is moved in place

    __iadd__, __isub__, __imul__, __itruediv__ = map(_refuse_in_place, ("+=", "-=", "*=", "/="))


class Module:
    """A function with parameters: a subclass writes `forward`, and sets Parameters and Modules in `__init__`.

    Lists, tuples and dicts of them are looked into, at any depth. A plain Tensor is not found, and so not trained or
    saved, even if it requires a gradient. No call of `super().__init__()` is needed.

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
    _replaced = 0  # times that a Parameter or a Module in it was: a compiled step has to look anew then
    name: str | None = None
    """What pictures call the module's box, behind its place ("0", "hidden"); the name of its class by default."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, value in vars(cls).items():
            for _, member in _members(name, value):
                if isinstance(member, Parameter) or list(member.parameters()):
                    raise TypeError(
                        f"{cls.__name__}.{name} is set in the class, where its parameters would be shared by all "
                        f"instances and not be found; write self.{name} = ... in __init__"
                    )

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The function itself."""
        raise NotImplementedError(f"{type(self).__name__} has no forward method: define one, it is what a call runs")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        start = scope_start()
        result = self.forward(*args, **kwargs)
        mark_scope(result, self.name or type(self).__name__, start, self)
        return result

    def __setattr__(self, name: str, value: Any) -> None:
        old = vars(self).get(name, value)
        if isinstance(old, Parameter) and not (value is None or isinstance(value, Tensor)):
            raise TypeError(
                f"{type(self).__name__}.{name} is a Parameter, and a {type(value).__name__} in its place would not be "
                f"trained; write {name}.data = ... for other numbers"
            )
        if old is not value and any(True for part in (old, value) for _ in _members(name, part)):
            vars(self)["_replaced"] = self._replaced + 1
        super().__setattr__(name, value)

    def members(self) -> Iterator[tuple[str, "Parameter | Module"]]:
        """The parameters and modules held directly, also in lists, tuples and dicts at any depth, with their names."""
        for key, value in vars(self).items():
            yield from _members(key, value)

    def children(self) -> Iterator["Module"]:
        """The modules held directly."""
        return (member for _, member in self.members() if isinstance(member, Module))

    def all_modules(self) -> Iterator["Module"]:
        """This module and those below it, every one once, also where they hold each other."""
        seen: set[int] = set()
        waiting: list[Module] = [self]
        while waiting:
            module = waiting.pop()
            if id(module) not in seen:
                seen.add(id(module))
                yield module
                waiting += reversed(list(module.children()))

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every parameter once, with its path (such as "0.weight"), in the order in which they were set.

        Raises:
            ValueError: two parameters have one path.
            TypeError: one is in a set.
        """
        seen: set[int | str] = {id(self)}
        for name, parameter in self._walk("", seen):
            if name in seen:
                kind = type(self).__name__
                raise ValueError(f"{kind}: two parameters have the path {name}; name the keys of its dicts otherwise")
            seen.add(name)
            yield name, parameter

    def _walk(self, path: str, seen: set[int | str]) -> Iterator[tuple[str, Parameter]]:
        for name, member in self.members():
            if id(member) in seen:
                continue
            seen.add(id(member))
            if isinstance(member, Module):
                yield from member._walk(f"{path}{name}.", seen)
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

    @recursive_repr()
    def __repr__(self) -> str:
        held = [f"{name} {m.shape}" if isinstance(m, Parameter) else f"{name}: {m!r}" for name, m in self.members()]
        settings = (each for each in vars(self).items() if each[0] not in ("training", "name") and each[0][0] != "_")
        held += [f"{name}={value!r}" for name, value in settings if isinstance(value, (bool, int, float, str))]
        return f"{type(self).__name__}({', '.join(held)})"

    def state_dict(self) -> dict[str, np.ndarray]:
        """A copy of every parameter's array, by path."""
        return {name: np.array(parameter.data) for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set every parameter from `state`; names and shapes must be this module's own.

        Raises:
            TypeError: `state` is no dict.
            ValueError: a name is missing, unknown, or has another shape or kind. Nothing is changed then.
        """
        if not isinstance(state, Mapping):
            raise TypeError(
                "load_state_dict takes a dict of arrays by name, as state_dict gives and nn.saving.load gives first, "
                f"not a {type(state).__name__}"
            )
        own = dict(self.named_parameters())
        for kind, names in (("missing", own.keys() - state.keys()), ("unknown", state.keys() - own.keys())):
            if names:
                raise ValueError(f"{kind} in the state of {type(self).__name__}: {', '.join(sorted(names))}")
        arrays = [fitting(name, state[name], parameter) for name, parameter in own.items()]
        for parameter, array in zip(own.values(), arrays, strict=True):
            parameter.data = array


def _members(path: str, value: Any) -> Iterator[tuple[str, Parameter | Module]]:
    if isinstance(value, (Parameter, Module)):
        yield path, value
    elif isinstance(value, (list, tuple, dict)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _members(f"{path}.{key}", item)
    elif isinstance(value, (set, frozenset)):
        for item in value:
            if isinstance(item, (Parameter, Module)):
                raise TypeError(
                    f"the set {path} holds a {type(item).__name__}, and has no order to name it by; write a list"
                )
