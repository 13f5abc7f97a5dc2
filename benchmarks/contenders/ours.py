"""This project, eager: Tensors, `backward()`, and updates on plain arrays (Adam is the project's own)."""

from __future__ import annotations

import autograd
import autograd.numpy as anp
from autograd import Tensor
from benchmarks.contenders.job import Job, training
from benchmarks.data import Data

VERSION = "onegraph eager"


def leaves(d: Data) -> list[Tensor]:
    return [Tensor(p, requires_grad=True) for p in d.params]


def values(params: list[Tensor]):
    return lambda: [p.data for p in params]


def descend(params: list[Tensor], rate: float) -> None:
    for p in params:
        p.data -= rate * p.grad
        p.grad = None


def digits(d: Data) -> Job:
    params = theta1, b1, theta2, b2 = leaves(d)
    X, y, m = Tensor(d.X), Tensor(d.y), len(d.X)

    def step():
        a1 = anp.sigmoid(X @ theta1 + b1)
        a2 = anp.sigmoid(a1 @ theta2 + b2)
        cost = -anp.sum(y * anp.log(a2) + (1 - y) * anp.log(1 - a2)) / m
        cost.backward()
        descend(params, d.rate)
        return cost.data

    return training(step, values(params))


def large(d: Data) -> Job:
    from nn.losses import CrossEntropyLoss
    from nn.optimizers import Adam

    params = w1, b1, w2, b2, w3, b3 = leaves(d)
    adam, loss = Adam(params, learning_rate=d.rate), CrossEntropyLoss()

    def step():
        a1 = anp.relu(d.X @ w1 + b1)
        a2 = anp.relu(a1 @ w2 + b2)
        cost = loss(a2 @ w3 + b3, d.labels)
        adam.zero_grad()
        cost.backward()
        adam.step()
        return cost.data

    return training(step, values(params))


def moons(d: Data) -> Job:
    X, y = Tensor(d.X), Tensor(d.y)
    params = w1, b1, w2, b2, w3, b3 = leaves(d)

    def step():
        a1 = anp.relu(X @ w1 + b1)
        a2 = anp.relu(a1 @ w2 + b2)
        hinge = anp.mean(anp.relu(1 - y * (a2 @ w3 + b3)))
        cost = hinge + d.alpha * sum(anp.sum(p * p) for p in params)
        cost.backward()
        descend(params, d.rate)
        return cost.data

    return training(step, values(params))


def chain(d: Data) -> Job:
    def call():
        x = Tensor(d.x, requires_grad=True)
        y = x
        for _ in range(d.length // 2):
            y = y * d.factor
            y = y + x
        y.backward()
        return y.data, x.grad

    return Job(call, list)


def logistic_cost(d: Data):
    return lambda w: anp.mean(anp.softplus(-d.signs * (d.X @ w)))


def hessian(d: Data) -> Job:
    of_cost = autograd.hessian(logistic_cost(d))
    return Job(lambda: of_cost(d.w), lambda h: [h])


def deep(d: Data) -> Job:
    params = leaves(d)

    def call():
        a = d.X
        for w in params:
            a = anp.tanh(a @ w)
        cost = anp.mean(a)
        for p in params:
            p.grad = None
        cost.backward()
        return cost.data

    return Job(call, lambda cost: [cost, *(p.grad for p in params)])
