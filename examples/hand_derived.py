"""Record a two-layer network, walk back, and find the article's hand-derived delta3 and delta2 on the way."""

import autograd
import autograd.numpy as np
from autograd import Tensor

rng = np.random.default_rng(0)
m = 50
X = rng.normal(size=(m, 400))
y = np.eye(10)[rng.integers(0, 10, m)]
theta1 = Tensor(rng.normal(size=(400, 25)) / 20, requires_grad=True, name="theta1")
b1 = Tensor(np.zeros(25), requires_grad=True, name="b1")
theta2 = Tensor(rng.normal(size=(25, 10)) / 5, requires_grad=True, name="theta2")
b2 = Tensor(np.zeros(10), requires_grad=True, name="b2")

z1 = X @ theta1 + b1
a1 = 1 / (1 + np.exp(-z1))
z2 = a1 @ theta2 + b2
a2 = 1 / (1 + np.exp(-z2))
J = -(y * np.log(a2) + (1 - y) * np.log(1 - a2)).sum() / m

inner = autograd.cotangents(J, [z2, z1])  # dJ/dz of both layers: the deltas
J.backward(retain_graph=True)  # theta1.grad, b1.grad, theta2.grad, b2.grad

delta3 = (a2.data - y) / m
delta2 = (delta3 @ theta2.data.T) * a1.data * (1 - a1.data)
by_hand = {"delta3": delta3, "delta2": delta2, "theta2": a1.data.T @ delta3, "theta1": X.T @ delta2}
by_engine = {"delta3": inner[0], "delta2": inner[1], "theta2": theta2.grad, "theta1": theta1.grad}
for name, expected in by_hand.items():
    difference = abs(by_engine[name] - expected).max() / abs(expected).max()
    print(f"{name}: largest relative difference of engine and hand-derived formula {difference:.0e}")
    assert difference < 1e-12
