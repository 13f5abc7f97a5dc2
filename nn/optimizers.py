"""Optimisers: each is one formula, from a parameter, its gradient and what is remembered to the next of them."""

import functools
import itertools
import math
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

import numpy as np

import autograd
import autograd.numpy as anp
from autograd import Tensor

from .checks import array_of, fitting, narrowed

Memory = tuple[Any, ...]  # what is remembered of one parameter, an array for each slot

LARGE = 1 << 16  # entries of a parameter from which on new arrays for each step cost more than the arithmetic
TIDY = 256  # steps between two looks for what has decayed to almost nothing


def _refuse_lr(optimizer: Any, value: Any = None) -> NoReturn:
    """PyTorch's name: set as an attribute of its own, it would change nothing."""
    raise AttributeError(f"{type(optimizer).__name__} calls it learning_rate, and not lr")


class Optimizer:
    """Steps parameters down their gradients; subclasses say how, in `update`.

    `update` is written in operators alone, so that it runs on plain arrays and on recorded Tensors alike. Parameters
    with settings of their own, such as no weight decay, have an optimizer of their own, and a loop that steps both.

    >>> class Sign(Optimizer):
    ...     def update(self, parameter, gradient, memory, learning_rate):
    ...         return parameter - learning_rate * anp.sign(gradient), memory
    >>> p = Tensor([1.0, -3.0], requires_grad=True)
    >>> optimizer = Sign([p], learning_rate=0.5)
    >>> (p * p).sum().backward(); optimizer.step(); p.data
    array([ 0.5, -2.5])

    Args:
        parameters: the Tensors to train.
        learning_rate: the size of a step; may be set anew between steps.
        weight_decay: how much of a parameter is added to its gradient: L2 regularisation.

    Raises:
        TypeError: something else than Tensors of real numbers.
        ValueError: no parameters, one that is given twice or was computed, or a number that makes no sense.
    """

    slots: tuple[str, ...] = ()
    """What is remembered of each parameter between steps, in arrays of its shape."""

    def __init__(self, parameters: Iterable[Tensor], learning_rate: float, weight_decay: float = 0.0) -> None:
        self.parameters = self._checked(parameters)
        self.learning_rate = learning_rate
        self.weight_decay = self._number("weight_decay", weight_decay)
        self.steps = 0
        self.missed: Counter[int] = Counter()  # by number of a parameter: the steps in which it had no gradient
        self.memory: list[Memory] = [tuple(p.data * 0 for _ in self.slots) for p in self.parameters]
        self._made: list[Any] = [None] * len(self.parameters)
        self._compiled: tuple[Any, Callable[..., Any]] | None = None

    def _checked(self, parameters: Iterable[Tensor]) -> list[Tensor]:
        owner = type(self).__name__
        if isinstance(parameters, Tensor) or not isinstance(parameters, Iterable):
            kind = type(parameters).__name__
            raise TypeError(f"{owner} takes the Tensors to train, such as model.parameters(), not a {kind}")
        given = list(parameters)
        if not given:
            raise ValueError(f"{owner} was given no parameters; those of a module are its nn.Parameter attributes")
        first = {id(p): i for i, p in reversed(list(enumerate(given)))}
        for i, p in enumerate(given):
            if not isinstance(p, Tensor):
                hint = "make an optimizer of each group" if isinstance(p, dict) else "give model.parameters()"
                raise TypeError(f"{owner}: parameter {i} is a {type(p).__name__}, not a Tensor; {hint}")
            if p.dtype.kind == "c":  # the steepest way down is the conjugate of its gradient
                raise TypeError(f"{owner}: parameter {i} is of {p.dtype}; train its real and imaginary part as two")
            if not p.is_leaf:
                raise ValueError(f"{owner}: parameter {i} was computed from others; train those it was computed from")
            if first[id(p)] != i:
                raise ValueError(f"{owner}: parameter {i} is given twice, and would move twice in a step")
        return given

    def _number(self, name: str, value: float, below: float = math.inf) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not 0 <= number < below:
            limit = "" if below == math.inf else f" and below {below:g}"
            raise ValueError(f"{type(self).__name__}: {name} must be a finite number, at least 0{limit}, not {value!r}")
        return number

    @property
    def learning_rate(self) -> float:
        """The size of a step."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._learning_rate = self._number("learning_rate", value)

    lr = property(_refuse_lr, _refuse_lr)

    @functools.cached_property
    def fixed_numbers(self) -> Callable[["Optimizer"], Any]:
        """Gives the settings that a compiled update holds as constants: all plain numbers but the learning rate."""
        return operator.attrgetter(*(k for k, v in vars(self).items() if k[0] != "_" and isinstance(v, (float, tuple))))

    def numbers(self, steps: int) -> tuple[float, ...]:
        """The plain numbers that `update` takes last, the learning rate, say, for a parameter's step number `steps`."""
        return (self.learning_rate,)

    def update(self, parameter: Any, gradient: Any, memory: Memory, *numbers: Any) -> tuple[Any, Memory]:
        """The next value of a parameter, and what to remember."""
        raise NotImplementedError

    def step(self) -> None:
        """Move every parameter that has a gradient."""
        self.count_step()
        missed, taken = self.missed, self.steps
        numbers = self.numbers(taken)
        for i, parameter in enumerate(self.parameters):
            if parameter.grad is None:
                missed[i] += 1
                continue
            if missed and self.steps - missed[i] != taken:
                taken = self.steps - missed[i]
                numbers = self.numbers(taken)
            data = parameter.data
            update = self.update if data.size < LARGE else self._update_in_place(parameter)
            moved, kept = update(data, array_of(parameter.grad), self.memory[i], *numbers)
            if moved.dtype != data.dtype or moved.shape != data.shape:
                moved, kept = narrowed(parameter, moved, kept, type(self).__name__)
            parameter.data, self.memory[i] = moved, kept
            self._made[i] = parameter.data

    def count_step(self) -> None:
        """One step more. Now and then, memory that has decayed to subnormal numbers is set to zero.

        What is remembered of a dead unit shrinks in each step, to numbers below 1e-38 that move no parameter, never
        reach zero, and cost a processor several times what others do.
        """
        self.steps += 1
        if self.steps % TIDY == 0:
            for array in itertools.chain.from_iterable(self.memory):
                if isinstance(array, np.ndarray) and array.dtype.kind == "f" and array.flags.writeable:
                    array[abs(array) < np.finfo(array.dtype).tiny] = 0

    def _update_in_place(self, parameter: Tensor) -> Callable[..., Any]:
        """`update`, compiled to write over the parameter, once its array is one that this optimiser has made."""
        if not any(parameter.data is made for made in self._made) or not parameter.data.flags.writeable:
            return self.update
        fixed = self.fixed_numbers(self)
        if self._compiled is None or self._compiled[0] != fixed:
            self._compiled = fixed, autograd.compile(self.update, donate=(0, 2))
        return self._compiled[1]

    def zero_grad(self) -> None:
        """Forget the gradients of the parameters."""
        for parameter in self.parameters:
            parameter.grad = None

    def state_dict(self) -> dict[str, Any]:
        """Learning rate, steps, how many each parameter missed; copies of the memory, by parameter number and slot.

        `nn.saving.save` takes it as it is.
        """
        state: dict[str, Any] = {
            "learning_rate": self.learning_rate,
            "steps": self.steps,
            "missed": np.array([self.missed[i] for i in range(len(self.memory))]),
        }
        for i, arrays in enumerate(self.memory):
            state.update({f"{i}.{slot}": np.array(a) for slot, a in zip(self.slots, arrays, strict=True)})
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from what `state_dict` gave.

        Raises:
            TypeError: `state` is no dict.
            ValueError: it belongs to another optimiser, to parameters of other shapes or kinds, or was damaged.
                Nothing is changed then.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict takes a dict, as state_dict gives, not a {type(state).__name__}")
        # older states lack these two
        state = {"learning_rate": self.learning_rate, "missed": np.zeros(len(self.parameters), int), **state}
        owner, names = type(self).__name__, {"learning_rate", "steps", "missed"}
        names |= {f"{i}.{slot}" for i in range(len(self.parameters)) for slot in self.slots}
        if state.keys() != names or np.shape(state["missed"]) != (len(self.parameters),):
            raise ValueError(f"{owner}: the state is of another optimiser or number of parameters")
        steps, missed = state["steps"], np.asarray(state["missed"])
        if np.shape(steps) or not (steps >= 0 and steps == int(steps)):
            raise ValueError(f"{owner}: steps must be a whole number of at least 0, not {steps!r}")
        if (missed != np.clip(missed.astype(int), 0, steps)).any():
            raise ValueError(f"{owner}: missed must be whole numbers from 0 to {steps}, not {missed}")
        memory = [
            tuple(fitting(f"{owner}: {i}.{slot}", state[f"{i}.{slot}"], p) for slot in self.slots)
            for i, p in enumerate(self.parameters)
        ]
        self.learning_rate = state["learning_rate"]
        self.steps, self.memory = int(steps), memory
        self.missed = Counter({i: int(n) for i, n in enumerate(missed) if n})


class SGD(Optimizer):
    """Gradient descent with momentum: v = momentum v + g, p = p - learning_rate v (Polyak, 1964).

    g is the gradient plus weight_decay p.

    >>> p = Tensor([1.0], requires_grad=True)
    >>> optimizer = SGD([p], learning_rate=0.1)
    >>> (p * p).sum().backward(); optimizer.step(); p.data
    array([0.8])
    """

    def __init__(
        self, parameters: Iterable[Tensor], learning_rate: float, momentum: float = 0.0, weight_decay: float = 0.0
    ) -> None:
        self.momentum = self._number("momentum", momentum, 1)
        self.slots = ("velocity",) if momentum else ()
        super().__init__(parameters, learning_rate, weight_decay)

    def update(self, parameter: Any, gradient: Any, memory: Memory, *numbers: Any) -> tuple[Any, Memory]:
        """The formula above."""
        (learning_rate,) = numbers
        if self.weight_decay:
            gradient = gradient + self.weight_decay * parameter
        if memory:
            gradient = self.momentum * memory[0] + gradient
            memory = (gradient,)
        elif self.momentum:
            raise ValueError("SGD: momentum was 0 at first, so no velocity is remembered; make a new SGD with momentum")
        return parameter - learning_rate * gradient, memory


class Adam(Optimizer):
    """Adam: m = b1 m + (1-b1) g, v = b2 v + (1-b2) g**2, p = p - learning_rate m^ / (sqrt(v^) + epsilon).

    g is the gradient plus weight_decay p; m^ = m / (1 - b1**t) and v^ = v / (1 - b2**t) in the t-th step of that
    parameter (Kingma and Ba, Adam, 2015, algorithm 1).

    >>> p = Tensor([1.0], requires_grad=True)
    >>> optimizer = Adam([p], learning_rate=0.1)
    >>> (p * p).sum().backward(); optimizer.step(); p.data.round(6)
    array([0.9])
    """

    slots = ("mean", "square")

    def __init__(
        self,
        parameters: Iterable[Tensor],
        learning_rate: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        if np.shape(betas) != (2,):
            raise ValueError(f"{type(self).__name__}: betas must be two numbers, not {betas!r}")
        self.betas = (self._number("betas[0]", betas[0], 1), self._number("betas[1]", betas[1], 1))
        self.epsilon = self._number("epsilon", epsilon)
        super().__init__(parameters, learning_rate, weight_decay)

    def numbers(self, steps: int) -> tuple[float, ...]:
        """The learning rate over 1 - b1**t, and 1 / sqrt(1 - b2**t)."""
        b1, b2 = self.betas
        return self.learning_rate / (1 - b1**steps), 1 / math.sqrt(1 - b2**steps)

    def update(self, parameter: Any, gradient: Any, memory: Memory, *numbers: Any) -> tuple[Any, Memory]:
        """The formula above."""
        if self.weight_decay:
            gradient = gradient + self.weight_decay * parameter
        return self._move(parameter, gradient, memory, *numbers)

    def _move(self, parameter: Any, gradient: Any, memory: Memory, rate: Any, correction: Any) -> tuple[Any, Memory]:
        b1, b2 = self.betas
        mean = b1 * memory[0] + (1 - b1) * gradient
        square = b2 * memory[1] + (1 - b2) * (gradient * gradient)
        return parameter - rate * (mean / (anp.sqrt(square) * correction + self.epsilon)), (mean, square)


class AdamW(Adam):
    """Adam whose weight decay, 0.01 by default, shrinks the parameter: p = (1 - learning_rate weight_decay) p - ... .

    (Loshchilov and Hutter, Decoupled weight decay regularization, 2019, algorithm 2.)

    >>> p = Tensor([1.0], requires_grad=True)
    >>> optimizer = AdamW([p], learning_rate=0.1, weight_decay=0.5)
    >>> (p * p).sum().backward(); optimizer.step(); p.data.round(6)
    array([0.85])
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        learning_rate: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, learning_rate, betas, epsilon, weight_decay)

    def numbers(self, steps: int) -> tuple[float, ...]:
        """Adam's numbers, and the factor by which parameters shrink."""
        return *super().numbers(steps), 1 - self.learning_rate * self.weight_decay

    def update(self, parameter: Any, gradient: Any, memory: Memory, *numbers: Any) -> tuple[Any, Memory]:
        """The formula above."""
        rate, correction, shrink = numbers
        return self._move(parameter * shrink, gradient, memory, rate, correction)
