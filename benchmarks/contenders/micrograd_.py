"""micrograd, one Python object a scalar: the two workloads made of scalars, with the recursion limit raised for one."""

from __future__ import annotations

import sys
from importlib.metadata import version

from micrograd.engine import Value
from micrograd.nn import MLP

from benchmarks.contenders.job import Job, training
from benchmarks.data import Data

VERSION = f"micrograd {version('micrograd')}"
SCALARS = "has scalars only: a step would take minutes"
CANNOT = {"digits": SCALARS, "large": SCALARS, "deep": SCALARS, "hessian": "its gradients are numbers: no second order"}


def moons(d: Data) -> Job:
    model = MLP(2, [16, 16, 1])
    for layer, w, b in zip(model.layers, d.params[::2], d.params[1::2], strict=True):
        for column, neuron in enumerate(layer.neurons):
            neuron.b.data = float(b[column])
            for weight, value in zip(neuron.w, w[:, column], strict=True):
                weight.data = float(value)
    X, y = d.X.tolist(), d.y[:, 0].tolist()

    def step():
        scores = [model([Value(a) for a in row]) for row in X]
        hinge = sum((1 + -sign * score).relu() for sign, score in zip(y, scores, strict=True)) * (1 / len(X))
        cost = hinge + d.alpha * sum(p * p for p in model.parameters())
        model.zero_grad()
        cost.backward()
        for p in model.parameters():
            p.data -= d.rate * p.grad
        return cost.data

    def values():
        for layer in model.layers:
            yield [[n.w[i].data for n in layer.neurons] for i in range(len(layer.neurons[0].w))]
            yield [n.b.data for n in layer.neurons]

    return training(step, lambda: list(values()))


def chain(d: Data) -> Job:
    sys.setrecursionlimit(10 * d.length)

    def call():
        x = Value(d.x)
        y = x
        for _ in range(d.length // 2):
            y = y * d.factor
            y = y + x
        y.backward()
        return y.data, x.grad

    return Job(call, list)
