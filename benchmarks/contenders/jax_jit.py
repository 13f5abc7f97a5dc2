"""JAX: a whole step in one jax.jit, the parameters donated, each step waited for; `queued` waits for the last only."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.contenders.job import Job, training
from benchmarks.data import Data

jax.config.update("jax_enable_x64", True)
VERSION = f"JAX {jax.__version__}"
CANNOT = {"chain": "unrolls 10,000 operations into one program: minutes of compilation"}
QUEUED = False


def on_device(value: Any) -> Any:
    return jax.tree.map(lambda a: jax.device_put(jnp.asarray(a)), value)


def trainer(update: Any, state: Any) -> Job:
    """A job from `update(state) -> (state, cost)`, whose first part of the state is the parameters."""
    update = jax.jit(update, donate_argnums=0)
    held = [state]

    def step():
        held[0], cost = update(held[0])
        return cost if QUEUED else cost.block_until_ready()

    return training(step, lambda: [np.asarray(p) for p in held[0][0]])


def descend(cost: Any, rate: float) -> Any:
    def update(state):
        value, slopes = jax.value_and_grad(cost)(state[0])
        return (tuple(p - rate * g for p, g in zip(state[0], slopes, strict=True)),), value

    return update


def digits(d: Data) -> Job:
    X, y = on_device((d.X, d.y))

    def cost(params):
        theta1, b1, theta2, b2 = params
        a1 = jax.nn.sigmoid(X @ theta1 + b1)
        a2 = jax.nn.sigmoid(a1 @ theta2 + b2)
        return -jnp.sum(y * jnp.log(a2) + (1 - y) * jnp.log(1 - a2)) / len(d.X)

    return trainer(descend(cost, d.rate), (on_device(tuple(d.params)),))


def large(d: Data) -> Job:
    X, labels = on_device((d.X, d.labels))

    def cost(params):
        w1, b1, w2, b2, w3, b3 = params
        a1 = jax.nn.relu(X @ w1 + b1)
        a2 = jax.nn.relu(a1 @ w2 + b2)
        chosen = jnp.take_along_axis(jax.nn.log_softmax(a2 @ w3 + b3), labels[:, None], axis=1)
        return -jnp.mean(chosen)

    def update(state):
        params, means, squares, count = state
        value, slopes = jax.value_and_grad(cost)(params)
        count = count + 1
        means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, slopes)
        squares = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, squares, slopes)
        rate, scale = d.rate / (1 - 0.9**count), 1 / jnp.sqrt(1 - 0.999**count)

        def moved(p, m, v):
            return p - rate * m / (jnp.sqrt(v) * scale + 1e-8)

        return (jax.tree.map(moved, params, means, squares), means, squares, count), value

    params = on_device(tuple(d.params))
    zeros = [tuple(jnp.zeros_like(p) for p in params) for _ in range(2)]
    return trainer(update, (params, *zeros, jnp.float32(0)))


def moons(d: Data) -> Job:
    X, y = on_device((d.X, d.y))

    def cost(params):
        w1, b1, w2, b2, w3, b3 = params
        a1 = jax.nn.relu(X @ w1 + b1)
        a2 = jax.nn.relu(a1 @ w2 + b2)
        hinge = jnp.mean(jax.nn.relu(1 - y * (a2 @ w3 + b3)))
        return hinge + d.alpha * sum(jnp.sum(p * p) for p in params)

    return trainer(descend(cost, d.rate), (on_device(tuple(d.params)),))


def hessian(d: Data) -> Job:
    X, signs, w = on_device((d.X, d.signs, d.w))

    @jax.jit
    def of_cost(w, X, signs):
        return jax.hessian(lambda w: jnp.mean(jax.nn.softplus(-signs * (X @ w))))(w)

    return Job(lambda: of_cost(w, X, signs) if QUEUED else of_cost(w, X, signs).block_until_ready(), lambda h: [h])


finish = functools.partial(jax.block_until_ready)
