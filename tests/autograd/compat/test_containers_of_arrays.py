"""What holds arrays (xarray, pandas, pint) ranks above Tensors: an operation with it is its own, and holds Tensors."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad


class Labelled(np.lib.mixins.NDArrayOperatorsMixin):
    """The least that xarray.DataArray is, as far as NumPy's protocol goes."""

    __module__ = "xarray.core"

    def __init__(self, data):
        self.data = data

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return Labelled(getattr(ufunc, method)(*[x.data if isinstance(x, Labelled) else x for x in inputs], **kwargs))


BASE = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("operation", "slope"),
    [
        (lambda x: x * Labelled(BASE), 6.0),
        (lambda x: Labelled(BASE) * x, 6.0),
        (lambda x: np.multiply(x, Labelled(BASE)), 6.0),
        (lambda x: anp.multiply(x, Labelled(BASE)), 6.0),
        (lambda x: anp.subtract(Labelled(BASE), x), -3.0),
        (lambda x: np.exp(Labelled(BASE) * x), float(np.sum(BASE * np.exp(2 * BASE)))),
        (lambda x: x * (Labelled(BASE) * x), 24.0),
        (lambda x: x - Labelled(BASE), 3.0),
        (lambda x: Labelled(BASE) / x, -1.5),
    ],
)
def test_the_holder_is_returned_and_the_gradient_passes(operation, slope):
    def f(x):
        held = operation(x)
        assert isinstance(held, Labelled)
        assert isinstance(held.data, Tensor)
        return anp.sum(held.data)

    assert grad(f)(2.0) == pytest.approx(slope, rel=1e-14)
