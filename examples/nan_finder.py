"""A NaN in the cost: where was it born?"""

import autograd.numpy as np
from autograd import Tensor, debug_nans
from autograd.errors import NonFiniteError

weights = Tensor([0.5, 2.0], requires_grad=True, name="weights")

try:
    with debug_nans():
        spread = np.sqrt(1 - weights)
        cost = (spread * 3).sum()
except NonFiniteError as error:
    print(error)
