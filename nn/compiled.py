"""A whole training step, optimiser included, as one compiled function."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, cycle
from typing import Any

import numpy as np

import autograd
import autograd.numpy as anp
from autograd import Tensor
from autograd.errors import CaptureError

from .checks import array_of, refuse_misplaced, refuse_replaced, refuse_unconnected
from .modules import Module, _members
from .optimizers import SGD, Adam, AdamW, Optimizer

PACKED = (SGD, Adam, AdamW)
"""Optimisers that treat every entry alike, so that all parameters can be moved as one long vector."""

NUMBERS = ("rate", "correction", "shrink")
"""What the numbers of an optimiser are called in the source."""


class CompiledStep:
    """A training step (inputs, targets) -> cost that runs as NumPy source; made by `compile_step`.

    Attributes:
        source: the readable source, planned_source: what is run; see `autograd.compile`.
    """

    def __init__(self, model: Module, loss: Callable[[Any, Any], Any], optimizer: Optimizer) -> None:
        refuse_misplaced(model, loss, optimizer)
        if not isinstance(model, Module):
            kind = type(model).__name__
            raise TypeError(f"compile_step follows the parts of a Module, and was given a {kind}; take eager_step")
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.parameters = optimizer.parameters
        kinds = {(type(p.data), p.data.dtype) for p in self.parameters}
        self.alike = type(optimizer) in PACKED and len(kinds) == 1
        self.packed = self.alike  # as long as all parameters have taken the same steps
        self.held: list[np.ndarray] = []  # what the parameters hold: views of the units, or these themselves
        self.units: list[np.ndarray] = []
        self.memory: list[tuple[np.ndarray, ...]] = []
        self.owned: list[Any] = []
        self._compile()

    def _fixed(self) -> tuple[Any, ...]:
        """What the source holds as constants: it is written anew when one of them is another."""
        moving = [parameter.requires_grad for parameter in self.parameters]
        modules = [(module.training, module._replaced) for module in self.modules]
        shelved = [[*map(id, shelf.values() if isinstance(shelf, dict) else shelf)] for shelf in self.shelves]
        return modules, shelved, moving, self.packed, self.optimizer.fixed_numbers(self.optimizer)

    def _look(self) -> None:
        """Note what there is to be followed from step to step."""
        self.modules = list(self.model.all_modules())
        self.shelves = [shelf for module in self.modules for value in vars(module).values() for shelf in shelves(value)]
        self.fixed = self._fixed()

    def _compile(self) -> None:
        self._look()

        def step(units: Any, memory: Any, X: Any, y: Any, numbers: Any) -> Any:
            return self._update(units, memory, X, y, numbers)

        self.compiled = autograd.compile(step, donate=(0, 1))

    def __call__(self, inputs: Any, targets: Any) -> float:
        """Move the parameters and the optimiser's memory by one step; the cost before it."""
        optimizer, numbers = self.optimizer, self._numbers()
        if self.packed != (self.alike and len(numbers) == 1):
            self.packed, self.owned = not self.packed, []
        if self._fixed() != self.fixed:
            self._compile()
        self._bind()
        optimizer.count_step()
        try:
            moved, kept, cost, still = self.compiled(
                self.units, self.memory, array_of(inputs), array_of(targets), numbers
            )
        except BaseException as error:
            optimizer.steps -= 1
            if isinstance(error, CaptureError):
                error.add_note("nn.eager_step takes the same arguments, and any model: it captures nothing")
            raise
        write_back([*self.units, *chain(*self.memory)], [*moved, *chain(*kept)])
        if still:
            optimizer.missed.update(still)
        return float(cost.item())

    def _numbers(self) -> list[tuple[Any, ...]]:
        """The optimiser's numbers for the next step: for all units, or for each, where some have missed more steps."""
        optimizer, missed, taken = self.optimizer, self.optimizer.missed, self.optimizer.steps + 1
        if not missed:
            return [optimizer.numbers(taken)]
        own = [optimizer.numbers(taken - missed[i]) for i in range(len(self.parameters))]
        moving = {numbers for numbers, parameter in zip(own, self.parameters, strict=True) if parameter.requires_grad}
        return own if len(moving) > 1 else [*moving] or own[:1]

    def _bind(self) -> None:
        """Hold the arrays of the parameters, in one piece if they move together; anew if others were set."""
        owned, memory = self.owned, self.optimizer.memory
        if len(owned) == len(memory):
            for p, held, mine, kept in zip(self.parameters, self.held, owned, memory, strict=True):
                if p.data is not held or mine is not kept:
                    break
            else:
                if self.units[0].flags.writeable and (self.packed or all(v.flags.writeable for v in self.units)):
                    return
        arrays = [p.data for p in self.parameters]
        if self.packed:
            flat = np.concatenate([np.ravel(a) for a in arrays])
            slots = zip(*memory, strict=True)
            self.memory = [tuple(np.concatenate([np.ravel(a) for a in slot]) for slot in slots)]
            self.units, self.held = [flat], pieces(flat, arrays)
            kept_views = [pieces(slot, arrays) for slot in self.memory[0]]
            self.optimizer.memory[:] = [tuple(views[i] for views in kept_views) for i in range(len(arrays))]
        else:
            self.units = self.held = [np.array(a) for a in arrays]
            self.memory = [tuple(np.array(a) for a in kept) for kept in memory]
            self.optimizer.memory[:] = self.memory
        for p, array in zip(self.parameters, self.held, strict=True):
            p.data = array
        self.owned = list(self.optimizer.memory)

    def _update(self, units: list[Any], memory: list[Any], X: Any, y: Any, numbers: list[Any]) -> Any:
        named = dict(zip(NUMBERS, numbers[0], strict=False)) if len(numbers) == 1 else {}
        if self.packed:
            named |= zip(("parameters", *self.optimizer.slots), (*units, *memory[0]), strict=True)
        for name, value in named.items():
            if isinstance(value, Tensor):
                value.name = name
        cost = self.loss(self.model(X), y)
        self._look()  # a forward may set parts of its own
        found = autograd.cotangents(cost, self.parameters) if isinstance(cost, Tensor) else []
        refuse_unconnected(found)
        pairs = list(zip(self.parameters, found, strict=True))
        refuse_replaced(self.model, self.optimizer, [p for p, g in pairs if g is None])
        gradients = [np.zeros(p.shape, p.dtype) if g is None else g for p, g in pairs]
        moving = [np.full(p.shape, g is not None) for p, g in pairs]
        if self.packed:
            gradients = [anp.concatenate([anp.ravel(g) for g in gradients])]
            moving = [np.concatenate([np.ravel(m) for m in moving])]
            if isinstance(gradients[0], Tensor):
                gradients[0].name = "gradient"
        rows = zip(units, gradients, memory, cycle(numbers), strict=False)
        moved = [self.optimizer.update(*each, *own) for *each, own in rows]
        new = [replaced(*each) for each in zip(moving, (new for new, _ in moved), units, strict=True)]
        kept = [
            tuple(replaced(m, *each) for each in zip(mine, old, strict=True))
            for m, (_, mine), old in zip(moving, moved, memory, strict=True)
        ]
        return new, kept, cost, [i for i, g in enumerate(found) if g is None]

    @property
    def source(self) -> str:
        """The readable NumPy source of the step."""
        return self.compiled.source

    @property
    def planned_source(self) -> str:
        """The source with planned buffers, which is run."""
        return self.compiled.planned_source

    def cache_info(self) -> Any:
        """How many versions, for shapes of batches, there are."""
        return self.compiled.cache_info()


def compile_step(model: Module, loss: Callable[[Any, Any], Any], optimizer: Optimizer) -> CompiledStep:
    """A training step like `eager_step`'s that runs as one compiled function, the optimiser's formula included.

    The parameters' arrays and the optimiser's memory are changed in place. Steps of both kinds can be mixed: they leave
    the same numbers, to rounding. The parameters are laid out in one array, of which each `.data` becomes a view, as
    long as all have taken the same steps.

    Args:
        model: called with a batch of inputs; it may not draw random numbers nor choose by values. Plain numbers and
            arrays of its own, and of the loss, are read once: what changes from step to step has to be a Tensor.
        loss: called with the model's result and a batch of targets; gives a scalar.
        optimizer: of the model's parameters.

    Returns:
        a function (inputs, targets) -> cost before the step.

    Raises:
        CaptureError: in the first call, if the model cannot be captured; see `autograd.compile`.
        TypeError: the model is no Module.

    >>> from nn import Linear, MSELoss
    >>> model = Linear(1, 1, rng=0)
    >>> step = compile_step(model, MSELoss(), SGD(model.parameters(), learning_rate=0.5))
    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> for _ in range(40): cost = step(x, 3 * x + 1)
    >>> model.weight.data.round(2), model.bias.data.round(2)
    (array([[3.]]), array([1.]))
    """
    return CompiledStep(model, loss, optimizer)


def shelves(value: Any) -> Iterator[list[Any] | dict[Any, Any]]:
    """The lists and dicts that hold modules or parameters, at any depth: no module is told when an item is replaced.

    >>> from nn import Tanh
    >>> [*shelves(([3, 4], {"a": [Tanh()]}))]
    [{'a': [Tanh()]}, [Tanh()]]
    """
    if isinstance(value, (list, tuple, dict)):
        if not isinstance(value, tuple) and any(True for _ in _members("", value)):
            yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from shelves(item)


def replaced(moving: np.ndarray, new: Any, old: Any) -> Any:
    """The new values where the cost depends on the parameter; an optimiser leaves the others as they are."""
    return new if moving.all() else anp.where(moving, new, old)


def write_back(mine: Sequence[np.ndarray], new: Sequence[np.ndarray]) -> None:
    """Copy results of another dtype than the arrays they replace, which could not be written in their place."""
    # a result may have been written in the place of another one: all are read before any is overwritten
    apart = [(array, result.copy()) for array, result in zip(mine, new, strict=True) if result is not array]
    for array, result in apart:
        array[...] = result


def pieces(flat: np.ndarray, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Views of a vector in the shapes of the arrays, one after the other."""
    ends = np.cumsum([a.size for a in arrays])
    return [flat[end - a.size : end].reshape(a.shape) for a, end in zip(arrays, ends, strict=True)]
