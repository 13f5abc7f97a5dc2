"""This project, compiled: whole steps, update included, by `autograd.compile` or, with Adam, `nn.compile_step`."""

from __future__ import annotations

from typing import Any

import autograd
import autograd.numpy as anp
from autograd import value_and_grad
from benchmarks.contenders.job import Job, training
from benchmarks.contenders.ours import logistic_cost
from benchmarks.data import Data

VERSION = "onegraph compiled"
CANNOT = {"chain": "unrolls 10,000 operations into one program"}


def descend(cost: Any, d: Data, y: Any) -> Job:
    """A step of gradient descent on `cost(params, X, y)`, as one compiled function."""
    slopes_of = value_and_grad(cost)

    def update(params, X, y):
        value, slopes = slopes_of(params, X, y)
        return [p - d.rate * g for p, g in zip(params, slopes, strict=True)], value

    compiled = autograd.compile(update, donate=(0,))
    params = d.params

    def step():
        nonlocal params
        params, value = compiled(params, d.X, y)
        return value

    return training(step, lambda: params)


def digits(d: Data) -> Job:
    m = len(d.X)

    def cost(params, X, y):
        theta1, b1, theta2, b2 = params
        a1 = anp.sigmoid(X @ theta1 + b1)
        a2 = anp.sigmoid(a1 @ theta2 + b2)
        return -anp.sum(y * anp.log(a2) + (1 - y) * anp.log(1 - a2)) / m

    return descend(cost, d, d.y)


def large(d: Data) -> Job:
    from nn import Adam, CrossEntropyLoss, Linear, ReLU, Sequential
    from nn.compiled import compile_step

    first, *rest = (Linear(len(w), len(b), dtype=d.dtype) for w, b in zip(d.params[::2], d.params[1::2], strict=True))
    model = Sequential(first, *(layer for linear in rest for layer in (ReLU(), linear)))
    params = list(model.parameters())
    for p, start in zip(params, d.params, strict=True):
        p.data[...] = start
    compiled = compile_step(model, CrossEntropyLoss(), Adam(params, learning_rate=d.rate))
    return training(lambda: compiled(d.X, d.labels), lambda: [p.data for p in params])


def moons(d: Data) -> Job:
    def cost(params, X, y):
        w1, b1, w2, b2, w3, b3 = params
        a1 = anp.relu(X @ w1 + b1)
        a2 = anp.relu(a1 @ w2 + b2)
        hinge = anp.mean(anp.relu(1 - y * (a2 @ w3 + b3)))
        return hinge + d.alpha * sum(anp.sum(p * p) for p in params)

    return descend(cost, d, d.y)


def hessian(d: Data) -> Job:
    of_cost = autograd.compile(autograd.hessian(logistic_cost(d)))
    return Job(lambda: of_cost(d.w), lambda h: [h])


def deep(d: Data) -> Job:
    def cost(params, X):
        a = X
        for w in params:
            a = anp.tanh(a @ w)
        return anp.mean(a)

    compiled = autograd.compile(value_and_grad(cost))

    def call():
        value, slopes = compiled(d.params, d.X)
        return [value, *slopes]

    return Job(call, list)
