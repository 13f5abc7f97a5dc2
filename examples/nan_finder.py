"""A NaN in the cost: where was it born?"""

import autograd.numpy as np
from autograd import Tensor, debug_nans
from autograd.errors import NonFiniteError


def cost(weights):
    """Takes a root that exists only for weights up to 1."""
    spread = np.sqrt(1 - weights)
    return (spread * 3).sum()


weights = Tensor([0.5, 2.0], requires_grad=True, name="weights")
try:
    with debug_nans():
        cost(weights)
except NonFiniteError as error:
    print(error)
