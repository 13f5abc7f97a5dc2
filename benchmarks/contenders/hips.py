"""HIPS autograd, whose import name is ours too: this process has no other `autograd` on its path.

Its `expit` is faster than 1 / (1 + exp(-z)) for small batches and no slower for large ones.
"""

from __future__ import annotations

from importlib.metadata import version

import autograd.numpy as np
import autograd.scipy.special as special
from autograd import hessian as hips_hessian
from autograd import value_and_grad
from benchmarks.contenders.job import Adam, Job, descend, training
from benchmarks.data import Data

VERSION = f"HIPS autograd {version('autograd')}"


def digits(d: Data) -> Job:
    m = len(d.X)

    def cost(params):
        theta1, b1, theta2, b2 = params
        a1 = special.expit(np.dot(d.X, theta1) + b1)
        a2 = special.expit(np.dot(a1, theta2) + b2)
        return -np.sum(d.y * np.log(a2) + (1 - d.y) * np.log(1 - a2)) / m

    value_and_slopes = value_and_grad(cost)

    def step():
        value, slopes = value_and_slopes(d.params)
        descend(d.params, slopes, d.rate)
        return value

    return training(step, lambda: d.params)


def large(d: Data) -> Job:
    rows, adam = np.arange(len(d.X)), Adam(d.params, d.rate)

    def cost(params):
        w1, b1, w2, b2, w3, b3 = params
        a1 = np.maximum(np.dot(d.X, w1) + b1, 0)
        a2 = np.maximum(np.dot(a1, w2) + b2, 0)
        z = np.dot(a2, w3) + b3
        return np.mean(special.logsumexp(z, axis=1) - z[rows, d.labels])

    value_and_slopes = value_and_grad(cost)

    def step():
        value, slopes = value_and_slopes(d.params)
        adam.step(slopes)
        return value

    return training(step, lambda: d.params)


def moons(d: Data) -> Job:
    def cost(params):
        w1, b1, w2, b2, w3, b3 = params
        a1 = np.maximum(np.dot(d.X, w1) + b1, 0)
        a2 = np.maximum(np.dot(a1, w2) + b2, 0)
        hinge = np.mean(np.maximum(1 - d.y * (np.dot(a2, w3) + b3), 0))
        return hinge + d.alpha * sum(np.sum(p * p) for p in params)

    value_and_slopes = value_and_grad(cost)

    def step():
        value, slopes = value_and_slopes(d.params)
        descend(d.params, slopes, d.rate)
        return value

    return training(step, lambda: d.params)


def chain(d: Data) -> Job:
    def run(x):
        y = x
        for _ in range(d.length // 2):
            y = y * d.factor
            y = y + x
        return y

    value_and_slope = value_and_grad(run)
    return Job(lambda: value_and_slope(d.x), list)


def hessian(d: Data) -> Job:
    of_cost = hips_hessian(lambda w: np.mean(np.logaddexp(0.0, -d.signs * np.dot(d.X, w))))
    return Job(lambda: of_cost(d.w), lambda h: [h])


def deep(d: Data) -> Job:
    def run(params):
        a = d.X
        for w in params:
            a = np.tanh(np.dot(a, w))
        return np.mean(a)

    value_and_slopes = value_and_grad(run)
    return Job(lambda: value_and_slopes(d.params), lambda last: [last[0], *last[1]])
