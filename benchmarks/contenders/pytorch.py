"""PyTorch eager; updating by hand is faster than torch.optim.SGD in any of its forms, and Adam is the fused one."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from benchmarks.contenders.job import Job, training
from benchmarks.data import Data

VERSION = f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads"


def leaves(d: Data) -> list[torch.Tensor]:
    return [torch.tensor(p, requires_grad=True) for p in d.params]


def values(params: list[torch.Tensor]):
    return lambda: [p.detach().numpy() for p in params]


def descend(params: list[torch.Tensor], rate: float) -> None:
    with torch.no_grad():
        for p in params:
            p.sub_(p.grad, alpha=rate)
            p.grad = None


def digits(d: Data) -> Job:
    X, y, m = torch.tensor(d.X), torch.tensor(d.y), len(d.X)
    params = theta1, b1, theta2, b2 = leaves(d)

    def step():
        a1 = torch.sigmoid(torch.addmm(b1, X, theta1))
        a2 = torch.sigmoid(torch.addmm(b2, a1, theta2))
        cost = -(y * torch.log(a2) + (1 - y) * torch.log(1 - a2)).sum() / m
        cost.backward()
        descend(params, d.rate)
        return cost.detach()

    return training(step, values(params))


def large(d: Data) -> Job:
    X, labels = torch.tensor(d.X), torch.tensor(d.labels)
    params = w1, b1, w2, b2, w3, b3 = leaves(d)
    adam = torch.optim.Adam(params, lr=d.rate, fused=True)

    def step():
        a1 = torch.relu(torch.addmm(b1, X, w1))
        a2 = torch.relu(torch.addmm(b2, a1, w2))
        cost = F.cross_entropy(torch.addmm(b3, a2, w3), labels)
        adam.zero_grad()
        cost.backward()
        adam.step()
        return cost.detach()

    return training(step, values(params))


def moons(d: Data) -> Job:
    X, y = torch.tensor(d.X), torch.tensor(d.y)
    params = w1, b1, w2, b2, w3, b3 = leaves(d)

    def step():
        a1 = torch.relu(torch.addmm(b1, X, w1))
        a2 = torch.relu(torch.addmm(b2, a1, w2))
        hinge = torch.relu(1 - y * torch.addmm(b3, a2, w3)).mean()
        cost = hinge + d.alpha * sum((p * p).sum() for p in params)
        cost.backward()
        descend(params, d.rate)
        return cost.detach()

    return training(step, values(params))


def chain(d: Data) -> Job:
    def call():
        x = torch.tensor(d.x, dtype=torch.float64, requires_grad=True)
        y = x
        for _ in range(d.length // 2):
            y = y * d.factor
            y = y + x
        y.backward()
        return y.detach(), x.grad

    return Job(call, list)


def hessian(d: Data) -> Job:
    X, signs, w = torch.tensor(d.X), torch.tensor(d.signs), torch.tensor(d.w)
    of_cost = torch.func.hessian(lambda w: F.softplus(-signs * (X @ w)).mean())
    return Job(lambda: of_cost(w), lambda h: [h])


def deep(d: Data) -> Job:
    X, params = torch.tensor(d.X), leaves(d)

    def call():
        a = X
        for w in params:
            a = torch.tanh(a @ w)
        cost = a.mean()
        for p in params:
            p.grad = None
        cost.backward()
        return cost.detach()

    return Job(call, lambda cost: [cost, *(p.grad for p in params)])
