"""What a contender hands to the worker, and the two optimisers for contenders that bring none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Job(NamedTuple):
    """`call()` does the work once and leaves it finished; `outcome(last)` gives the arrays the runner compares."""

    call: Callable[[], Any]
    outcome: Callable[[Any], list[Any]]


def training(step: Callable[[], Any], params: Callable[[], list[Any]]) -> Job:
    """A job whose step returns the cost and changes the parameters: compared by cost and by how far they moved."""
    start = [np.array(p) for p in params()]

    def outcome(cost: Any) -> list[Any]:
        return [cost, *(np.asarray(p, dtype=np.float64) - q for p, q in zip(params(), start, strict=True))]

    return Job(step, outcome)


def descend(params: list[np.ndarray], gradients: list[np.ndarray], rate: float) -> None:
    """One step of gradient descent, in place."""
    for p, g in zip(params, gradients, strict=True):
        p -= rate * g


class Adam:
    """Adam (Kingma and Ba 2015) on plain arrays, in place."""

    def __init__(self, params: list[np.ndarray], rate: float) -> None:
        self.params, self.rate, self.count = params, rate, 0
        self.moments = [(np.zeros_like(p), np.zeros_like(p), np.empty_like(p)) for p in params]

    def step(self, gradients: list[np.ndarray]) -> None:
        self.count += 1
        scale = 1 / np.sqrt(1 - 0.999**self.count)
        rate = self.rate / (1 - 0.9**self.count)
        for p, g, (mean, square, work) in zip(self.params, gradients, self.moments, strict=True):
            mean *= 0.9
            mean += np.multiply(g, 0.1, out=work)
            square *= 0.999
            square += np.multiply(np.square(g, out=work), 0.001, out=work)
            np.sqrt(square, out=work)
            work *= float(scale)
            work += 1e-8
            np.divide(mean, work, out=work)
            work *= float(rate)
            p -= work
