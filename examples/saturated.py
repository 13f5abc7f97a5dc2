"""A unit that is surely wrong: its cost is infinite when written naively, and exact here."""

import numpy

import autograd.numpy as np
from autograd import grad


def cost(z: float) -> float:
    """Binary cross-entropy of sigmoid(z) for the target 0, as a textbook writes it."""
    a = 1 / (1 + np.exp(-z))
    return -np.log(1 - a)


for z in (0.0, 10.0, 40.0, 1000.0):
    with numpy.errstate(divide="ignore", over="ignore"):
        plain = cost(z)  # plain numbers in, plain numbers out: a is 1, and log(0) is -infinity
    slope = grad(cost)(z)  # on a recorded z the logarithm is taken from z itself
    print(f"z = {z:6}: cost in plain NumPy {plain:9.5g}, gradient a - y by the engine {slope:.10g}")
