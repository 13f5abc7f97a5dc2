"""Stochastic gradient descent and its relatives on functions of nests of arrays.

Each takes `grad(x, i)`, the gradient at step i, and a start, and returns the x after `num_iters` steps. Its
`callback(x, i, g)` is called before each step. The start, x and g are nests of one structure.

>>> from autograd import grad
>>> def loss(params, step):
...     return params["w"] ** 2 + (params["b"] - 3) ** 2
>>> end = sgd(grad(loss), {"w": 1.0, "b": 0.0})
>>> bool(abs(end["w"]) < 1e-3), bool(abs(end["b"] - 3) < 1e-3)
(True, True)
"""

import functools
from collections.abc import Callable
from typing import Any

from .. import numpy as anp
from .flatten import flatten


def unflatten_optimizer(optimize: Callable[..., Any]) -> Callable[..., Any]:
    """Let an optimiser that works on vectors work on nests of lists, tuples and dicts."""

    @functools.wraps(optimize)
    def of_nests(
        grad: Callable[[Any, int], Any],
        x0: Any,
        callback: Callable[[Any, int, Any], Any] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        start, unflatten = flatten(x0)

        def of_vectors(x: Any, i: int) -> Any:
            g = flatten(grad(unflatten(x), i))[0]
            if len(g) != len(x):
                raise ValueError(
                    f"{optimize.__name__}: grad(x, i) returned {len(g)} numbers for the {len(x)} of x; "
                    "pass autograd.grad(loss), not the loss"
                )
            return g

        def told(x: Any, i: int, g: Any) -> Any:
            assert callback is not None
            return callback(unflatten(x), i, unflatten(g))

        return unflatten(optimize(of_vectors, start, told if callback else None, *args, **kwargs))

    return of_nests


@unflatten_optimizer
def sgd(
    grad: Any, x: Any, callback: Any = None, num_iters: int = 200, step_size: float = 0.1, mass: float = 0.9
) -> Any:
    """Gradient descent with momentum: v <- mass v - (1 - mass) g, x <- x + step_size v."""
    velocity = anp.zeros(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        if callback:
            callback(x, i, g)
        velocity = mass * velocity - (1.0 - mass) * g
        x = x + step_size * velocity
    return x


@unflatten_optimizer
def rmsprop(
    grad: Any,
    x: Any,
    callback: Any = None,
    num_iters: int = 100,
    step_size: float = 0.1,
    gamma: float = 0.9,
    eps: float = 1e-8,
) -> Any:
    """RMSprop (Hinton, 2012): steps divided by the root of a running mean of g**2."""
    mean_square = anp.ones(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        if callback:
            callback(x, i, g)
        mean_square = mean_square * gamma + g**2 * (1 - gamma)
        x = x - step_size * g / (anp.sqrt(mean_square) + eps)
    return x


@unflatten_optimizer
def adam(
    grad: Any,
    x: Any,
    callback: Any = None,
    num_iters: int = 100,
    step_size: float = 0.001,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> Any:
    """Adam (Kingma and Ba, 2015)."""
    m = anp.zeros(len(x))
    v = anp.zeros(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        if callback:
            callback(x, i, g)
        m = (1 - b1) * g + b1 * m
        v = (1 - b2) * g**2 + b2 * v
        unbiased = m / (1 - b1 ** (i + 1))
        x = x - step_size * unbiased / (anp.sqrt(v / (1 - b2 ** (i + 1))) + eps)
    return x
