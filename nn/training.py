"""The training loop: epochs of shuffled batches, a schedule, callbacks, and a stop at the first NaN or infinity."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import autograd
from autograd import Tensor

from .checks import refuse_misplaced, refuse_replaced, refuse_unconnected
from .data import batches
from .modules import Module
from .optimizers import Optimizer

Step = Callable[[np.ndarray, np.ndarray], float]


class NonFiniteCost(FloatingPointError):
    """The cost became NaN or infinite; `epoch` says when, the message also by which operation."""

    def __init__(self, epoch: int, where: str, hint: str = "try a smaller learning rate") -> None:
        super().__init__(f"the cost became NaN or infinite in epoch {epoch}: {where}; {hint}")
        self.epoch = epoch


def eager_step(model: Module, loss: Callable[[Any, Any], Any], optimizer: Optimizer) -> Step:
    """A training step: record the cost of a batch, walk back, move the parameters.

    Args:
        model: called with a batch of inputs.
        loss: called with the model's result and a batch of targets; gives a scalar.
        optimizer: of the model's parameters.

    Returns:
        a function (inputs, targets) -> cost before the step.

    Raises:
        NotConnectedError: by that function, if the cost depends on none of the optimizer's parameters, or one of them
            was replaced in the model.
        TypeError: a class was given where one of its instances is meant, or the arguments in another order.

    >>> from nn import Linear, MSELoss, SGD
    >>> model = Linear(1, 1, rng=0)
    >>> step = eager_step(model, MSELoss(), SGD(model.parameters(), learning_rate=0.5))
    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> costs = [step(x, 3 * x + 1) for _ in range(40)]
    >>> costs[0] > 1, costs[-1] < 1e-6
    (True, True)
    """
    refuse_misplaced(model, loss, optimizer)

    def step(x: np.ndarray, y: np.ndarray) -> float:
        cost = loss(model(x), y)
        optimizer.zero_grad()
        if isinstance(cost, Tensor):
            cost.backward()
        if still := [parameter for parameter in optimizer.parameters if parameter.grad is None]:
            refuse_unconnected(parameter.grad for parameter in optimizer.parameters)
            refuse_replaced(model, optimizer, still)
        number = float(cost.item())
        optimizer.step()
        return number

    return step


class Trainer:
    """Trains a model on arrays.

    Args:
        model, loss, optimizer: as `eager_step` takes them.
        step: (inputs, targets) -> cost, what runs a batch: `eager_step(model, loss, optimizer)` by default, a
            `compile_step`, or a function of your own, which may clip gradients, say.
        schedule: from the number of the step (1, 2, ...) to a factor of the optimiser's learning rate, as
            `warm_then_linear` gives.
        callbacks: called after each epoch with (trainer, epoch); a true result ends the training.

    >>> from nn import Linear, MSELoss, SGD
    >>> model = Linear(1, 1, rng=0)
    >>> trainer = Trainer(model, MSELoss(), SGD(model.parameters(), learning_rate=0.5))
    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> trainer.fit(x, 3 * x + 1, epochs=50, batch_size=10, seed=0)
    >>> model.weight.data.round(3), model.bias.data.round(3)
    (array([[3.]]), array([1.]))
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[[Any, Any], Any],
        optimizer: Optimizer,
        step: Step | None = None,
        schedule: Callable[[int], float] | None = None,
        callbacks: Iterable[Callable[["Trainer", int], Any]] = (),
    ) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.step = step or eager_step(model, loss, optimizer)
        self.schedule = schedule
        self.callbacks = list(callbacks)

    def fit(
        self, x: np.ndarray, y: np.ndarray, epochs: int, batch_size: int, seed: int | None = 0, first_epoch: int = 1
    ) -> None:
        """Run the epochs from `first_epoch` to `epochs`; each shuffles by (seed, epoch), so that any can be repeated.

        The model's mode, training or evaluation, is left as it is.

        Args:
            x, y: inputs and targets, one example a row.
            epochs: number of the last epoch.
            batch_size: rows a step.
            seed: of the order of the rows; None for another order in each call.
            first_epoch: where to begin; after a restart, the epoch after the last one that was finished.

        Raises:
            NonFiniteCost: the cost became NaN or infinite. The model is as it was at the start of that epoch.
        """
        try:
            entropy = np.random.SeedSequence(seed).entropy
        except (TypeError, ValueError) as error:
            whole = f"fit: seed is a whole number of at least 0, or None for another order each time, not {seed!r}"
            raise type(error)(whole) from None
        if not isinstance(epochs, (int, np.integer)):
            raise TypeError(f"fit: epochs is a whole number, the last epoch's, not {epochs!r}")
        for epoch in range(first_epoch, epochs + 1):
            before = self.snapshot()
            with np.errstate(all="ignore"):
                finite = self._run(self.step, x, y, batch_size, (entropy, epoch))
            if not finite:
                self.restore(before)
                for name, array in (("x", x), ("y", y)):
                    if not np.isfinite(array).all():
                        raise NonFiniteCost(epoch, f"{name} itself holds NaN or infinity", "leave such rows out")
                try:
                    where = self._find_origin(x, y, batch_size, (entropy, epoch))
                finally:
                    self.restore(before)
                raise NonFiniteCost(epoch, where)
            stop = [callback(self, epoch) for callback in self.callbacks]
            if any(stop):
                break

    def _run(self, step: Step, x: np.ndarray, y: np.ndarray, batch_size: int, seed: Any) -> bool:
        for inputs, targets in batches(x, y, batch_size, np.random.default_rng(seed)):
            cost = self._at_scheduled_rate(step, inputs, targets)
            if cost is None:
                raise TypeError("fit: the step gave None instead of its cost; is a return missing?")
            if not math.isfinite(cost):
                return False
        return all(np.isfinite(parameter.data).all() for parameter in self.optimizer.parameters)

    def _at_scheduled_rate(self, step: Step, inputs: np.ndarray, targets: np.ndarray) -> float:
        optimizer, rate = self.optimizer, self.optimizer.learning_rate
        if self.schedule is not None:
            optimizer.learning_rate = rate * self.schedule(optimizer.steps + 1)
        try:
            return step(inputs, targets)
        finally:
            optimizer.learning_rate = rate

    def snapshot(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Copies of the model's parameters and of the optimiser's state."""
        return self.model.state_dict(), self.optimizer.state_dict()

    def restore(self, snapshot: tuple[dict[str, np.ndarray], dict[str, Any]]) -> None:
        """Go back to a snapshot."""
        self.model.load_state_dict(snapshot[0])
        self.optimizer.load_state_dict(snapshot[1])

    def _find_origin(self, x: np.ndarray, y: np.ndarray, batch_size: int, seed: Any) -> str:
        """Run the epoch again, eagerly and watched, and say what made the first number that is not finite."""

        def watched(inputs: np.ndarray, targets: np.ndarray) -> float:
            with autograd.debug_nans(infinities=True):
                cost = self.loss(self.model(inputs), targets)
                self.optimizer.zero_grad()
                cost.backward()
            self.optimizer.step()
            for parameter in self.optimizer.parameters:
                if not np.isfinite(parameter.data).all():
                    name = type(self.optimizer).__name__
                    raise FloatingPointError(f"first in {name}'s update of {parameter.name or 'a parameter'}")
            return float(cost.data)

        try:
            with np.errstate(all="ignore"):
                self._run(watched, x, y, batch_size, seed)
        except FloatingPointError as error:
            return " ".join(str(error).split())
        return "its origin did not show when the epoch was run again"


def warm_then_linear(steps: int, warm: float = 0.05) -> Callable[[int], float]:
    """A learning-rate schedule: up from 0 over the first part of the steps, then straight down to 0, after the last.

    Args:
        steps: how many there will be.
        warm: the part of them, 0 to 1, in which the rate rises.

    Returns:
        a function from the number of the step, 1 to `steps`, to a factor in 0..1.

    Raises:
        ValueError: a number is out of its range; from the function, a step after the last one.

    >>> rate = warm_then_linear(100, warm=0.1)
    >>> [round(rate(step), 3) for step in (5, 10, 55, 100)]
    [0.5, 1.0, 0.505, 0.011]
    """
    if not (steps >= 1 and 0 <= warm <= 1):
        raise ValueError(f"warm_then_linear takes at least 1 step, and warm from 0 to 1; not {steps} and {warm}")
    peak = warm * steps

    def factor(step: int) -> float:
        if step > steps:
            raise ValueError(f"step {step} of a schedule of {steps} steps would train nothing; make a new optimizer")
        return step / peak if step < peak else (steps + 1 - step) / (steps + 1 - peak)

    return factor
