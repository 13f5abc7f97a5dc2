"""MyGrad as it comes: like ours, it keeps the arrays of a graph read-only."""

from __future__ import annotations

import mygrad as mg
from mygrad.nnet.activations import relu, sigmoid
from mygrad.nnet.losses import softmax_crossentropy

from benchmarks.contenders.job import Adam, Job, descend, training
from benchmarks.data import Data

VERSION = f"MyGrad {mg.__version__}"
CANNOT = {"hessian": "its gradients are plain arrays: no second order"}


def leaves(d: Data) -> list[mg.Tensor]:
    return [mg.tensor(p, copy=False) for p in d.params]


def digits(d: Data) -> Job:
    params = theta1, b1, theta2, b2 = leaves(d)
    ones = 1 - d.y

    def step():
        a1 = sigmoid(d.X @ theta1 + b1)
        a2 = sigmoid(a1 @ theta2 + b2)
        cost = -mg.sum(d.y * mg.log(a2) + ones * mg.log(1 - a2)) / len(d.X)
        cost.backward()
        descend(d.params, [p.grad for p in params], d.rate)
        return cost.data

    return training(step, lambda: d.params)


def large(d: Data) -> Job:
    params = w1, b1, w2, b2, w3, b3 = leaves(d)
    adam = Adam(d.params, d.rate)

    def step():
        a1 = relu(d.X @ w1 + b1)
        a2 = relu(a1 @ w2 + b2)
        cost = softmax_crossentropy(a2 @ w3 + b3, d.labels)
        cost.backward()
        adam.step([p.grad for p in params])
        return cost.data

    return training(step, lambda: d.params)


def moons(d: Data) -> Job:
    params = w1, b1, w2, b2, w3, b3 = leaves(d)

    def step():
        a1 = relu(d.X @ w1 + b1)
        a2 = relu(a1 @ w2 + b2)
        hinge = mg.mean(relu(1 - d.y * (a2 @ w3 + b3)))
        cost = hinge + d.alpha * sum(mg.sum(p * p) for p in params)
        cost.backward()
        descend(d.params, [p.grad for p in params], d.rate)
        return cost.data

    return training(step, lambda: d.params)


def chain(d: Data) -> Job:
    def call():
        x = mg.tensor(d.x)
        y = x
        for _ in range(d.length // 2):
            y = y * d.factor
            y = y + x
        y.backward()
        return y.data, x.grad

    return Job(call, list)


def deep(d: Data) -> Job:
    params = leaves(d)

    def call():
        a = d.X
        for w in params:
            a = mg.tanh(a @ w)
        cost = mg.mean(a)
        cost.backward()
        return cost.data

    return Job(call, lambda cost: [cost, *(p.grad for p in params)])
