"""NumPy with the derivatives worked out by hand: the reference that every contender's numbers are checked against."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np

from benchmarks.contenders.job import Adam, Job, descend, training
from benchmarks.data import Data


def blas_kernels() -> str:
    """The processor whose kernels NumPy's OpenBLAS has chosen."""
    try:
        library = next((Path(np.__file__).parent.parent / "numpy.libs").glob("*openblas*"))
        name = ctypes.CDLL(str(library)).scipy_openblas_get_corename64_
    except (StopIteration, OSError, AttributeError):
        return "BLAS unknown"
    name.restype = ctypes.c_char_p
    return f"OpenBLAS kernels for {name().decode()}"


VERSION = f"NumPy {np.__version__} ({blas_kernels()})"


def digits(d: Data) -> Job:
    theta1, b1, theta2, b2 = d.params
    m = len(d.X)

    def step():
        a1 = 1 / (1 + np.exp(-(d.X @ theta1 + b1)))
        a2 = 1 / (1 + np.exp(-(a1 @ theta2 + b2)))
        cost = -np.sum(d.y * np.log(a2) + (1 - d.y) * np.log(1 - a2)) / m
        delta3 = (a2 - d.y) / m
        delta2 = (delta3 @ theta2.T) * a1 * (1 - a1)
        descend(d.params, [d.X.T @ delta2, delta2.sum(0), a1.T @ delta3, delta3.sum(0)], d.rate)
        return cost

    return training(step, lambda: d.params)


def large(d: Data) -> Job:
    w1, b1, w2, b2, w3, b3 = d.params
    rows, m = np.arange(len(d.X)), len(d.X)
    adam = Adam(d.params, d.rate)

    def step():
        a1 = np.maximum(d.X @ w1 + b1, 0)
        a2 = np.maximum(a1 @ w2 + b2, 0)
        z = a2 @ w3 + b3
        z -= z.max(1, keepdims=True)
        e = np.exp(z)
        total = e.sum(1, keepdims=True)
        cost = np.mean(np.log(total[:, 0]) - z[rows, d.labels])
        delta4 = e / total
        delta4[rows, d.labels] -= 1
        delta4 /= m
        delta3 = (delta4 @ w3.T) * (a2 > 0)
        delta2 = (delta3 @ w2.T) * (a1 > 0)
        adam.step([d.X.T @ delta2, delta2.sum(0), a1.T @ delta3, delta3.sum(0), a2.T @ delta4, delta4.sum(0)])
        return cost

    return training(step, lambda: d.params)


def moons(d: Data) -> Job:
    w1, b1, w2, b2, w3, b3 = d.params

    def step():
        a1 = np.maximum(d.X @ w1 + b1, 0)
        a2 = np.maximum(a1 @ w2 + b2, 0)
        margin = 1 - d.y * (a2 @ w3 + b3)
        cost = np.mean(np.maximum(margin, 0)) + d.alpha * sum(np.sum(p * p) for p in d.params)
        delta4 = -d.y * (margin > 0) / len(d.X)
        delta3 = (delta4 @ w3.T) * (a2 > 0)
        delta2 = (delta3 @ w2.T) * (a1 > 0)
        slopes = [d.X.T @ delta2, delta2.sum(0), a1.T @ delta3, delta3.sum(0), a2.T @ delta4, delta4.sum(0)]
        descend(d.params, [g + 2 * d.alpha * p for g, p in zip(slopes, d.params, strict=True)], d.rate)
        return cost

    return training(step, lambda: d.params)


def chain(d: Data) -> Job:
    def call():
        x, factor, count = d.x, d.factor, d.length // 2
        y = x
        for _ in range(count):
            y = y * factor
            y = y + x
        slope, passed = 0.0, 1.0
        for _ in range(count):
            slope += passed
            passed *= factor
        return y, slope + passed

    return Job(call, list)


def hessian(d: Data) -> Job:
    def call():
        p = 1 / (1 + np.exp(-(d.X @ d.w)))
        return (d.X.T * (p * (1 - p))) @ d.X / len(d.X)

    return Job(call, lambda h: [h])


def deep(d: Data) -> Job:
    def call():
        outputs = [d.X]
        for w in d.params:
            outputs.append(np.tanh(outputs[-1] @ w))
        delta, gradients = np.full_like(d.X, 1 / d.X.size), []
        for w, a, b in zip(d.params[::-1], outputs[-2::-1], outputs[:0:-1], strict=True):
            delta = delta * (1 - b * b)
            gradients.append(a.T @ delta)
            delta = delta @ w.T
        return outputs[-1].mean(), gradients[::-1]

    return Job(call, lambda last: [last[0], *last[1]])
