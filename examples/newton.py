"""Newton's method for logistic regression: gradient and Hessian from one cost, written once."""

import autograd.numpy as np
from autograd import grad, hessian

rng = np.random.default_rng(0)
X = np.hstack([rng.normal(size=(200, 3)), np.ones((200, 1))])
y = (X @ [1.0, -2.0, 0.5, 0.3] + rng.logistic(size=200) > 0) * 1.0


def cost(theta):
    """Cross-entropy plus a small ridge."""
    p = 1 / (1 + np.exp(-X @ theta))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) + 0.005 * theta @ theta


theta = np.zeros(4)
for step in range(1, 7):
    g = grad(cost)(theta)
    theta = theta - np.linalg.solve(hessian(cost)(theta), g)
    print(f"step {step}: cost {cost(theta):.6f}, largest slope before it {abs(g).max():.1e}")

p = 1 / (1 + np.exp(-X @ theta))
by_hand = X.T @ (X * (p * (1 - p))[:, None]) / len(X) + 0.01 * np.eye(4)
assert np.allclose(hessian(cost)(theta), by_hand, rtol=1e-10)
print("the Hessian is X^T diag(p (1 - p)) X / m + 0.01 I, as derived by hand")
