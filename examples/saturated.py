"""A unit that is surely wrong: its cost as written is infinite in NumPy, and exact here, as its gradient a - y is."""

import numpy

import autograd.numpy as np
from autograd import value_and_grad


def cost(z: float) -> float:
    """Binary cross-entropy of sigmoid(z) for the target 0, as a textbook writes it."""
    a = 1 / (1 + np.exp(-z))
    return -np.log(1 - a)


for z in (0.0, 10.0, 40.0, 1000.0):
    with numpy.errstate(divide="ignore", over="ignore"):
        plain = cost(z)  # plain numbers in, plain numbers out: a is 1, and log(0) is -infinity
    exact, slope = value_and_grad(cost)(z)  # on a recorded z the logarithm is taken from z itself
    print(f"z = {z:6}: cost {plain:7.5g} by NumPy, {exact:7.5g} by the engine, gradient {slope:.6g}")
