"""This project, compiled: a whole step, update included, in one `autograd.compile`, with the parameters donated."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
import autograd.numpy as anp
from autograd import value_and_grad
from benchmarks.contenders.job import Job, training
from benchmarks.contenders.ours import logistic_cost
from benchmarks.data import Data

VERSION = "onegraph compiled"
CANNOT = {"chain": "unrolls 10,000 operations into one program", "deep": "not measured"}


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
    """Adam (Kingma and Ba 2015) inside the compiled function; what depends on the step's number is passed in."""
    rows = np.arange(len(d.X))

    def cost(params, X, labels):
        w1, b1, w2, b2, w3, b3 = params
        a1 = anp.relu(X @ w1 + b1)
        a2 = anp.relu(a1 @ w2 + b2)
        return -anp.mean(anp.log_softmax(a2 @ w3 + b3)[rows, labels])

    slopes_of = value_and_grad(cost)

    def update(params, means, squares, X, labels, rate, scale):
        value, slopes = slopes_of(params, X, labels)
        means = [0.9 * m + 0.1 * g for m, g in zip(means, slopes, strict=True)]
        squares = [0.999 * v + 0.001 * g * g for v, g in zip(squares, slopes, strict=True)]
        state = zip(params, means, squares, strict=True)
        return [p - rate * m / (anp.sqrt(v) * scale + 1e-8) for p, m, v in state], means, squares, value

    compiled = autograd.compile(update, donate=(0, 1, 2))
    params, count = d.params, 0
    means, squares = ([np.zeros_like(p) for p in params] for _ in range(2))

    def step():
        nonlocal params, means, squares, count
        count += 1
        rate, scale = d.rate / (1 - 0.9**count), 1 / (1 - 0.999**count) ** 0.5
        params, means, squares, value = compiled(params, means, squares, d.X, d.labels, rate, scale)
        return value

    return training(step, lambda: params)


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
