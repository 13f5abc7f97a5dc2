"""To the last digit: what is computed another way than NumPy's has NumPy's bits, and slopes keep their digits."""

import itertools
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents

SPECIAL = [np.nan, -0.0, 0.0, np.inf, -np.inf, 1e-45, -1.5, 1e38]
rng = np.random.default_rng(0)


def bits(a: Any) -> tuple[Any, ...]:
    return a.dtype, a.shape, a.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, ">f4", np.complex64, np.int64])
def test_a_choice_among_many_has_numpys_bits(dtype: Any) -> None:
    with np.errstate(all="ignore"):
        a, b = (rng.choice(SPECIAL if dtype != np.int64 else np.arange(8), (64, 40)).astype(dtype) for _ in range(2))
    mask = rng.random((64, 40)) > 0.5
    arrays = [a, b[::-1, ::-1], b.T.copy().T, b[:1], b[:, :1], np.array(b[0, 0]), np.broadcast_to(b[:1], b.shape)]
    values = [*arrays, b[0, 0], b.astype(np.complex128), 0, 0.0, -0.0, 1, np.nan, -np.inf, True]
    for condition in (mask, mask[::-1], mask[:1], mask[:, :1], mask.astype(int)):
        for x, y in itertools.product(values, values):
            if hasattr(x, "dtype") or hasattr(y, "dtype"):
                assert bits(anp.where(condition, x, y)) == bits(np.where(condition, x, y))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
@pytest.mark.parametrize("size", [7, 5000])
def test_relu_has_the_bits_of_maximum(dtype: Any, size: int) -> None:
    with np.errstate(all="ignore"):
        x = rng.choice(SPECIAL, size).astype(dtype)
    assert bits(anp.relu(x)) == bits(np.maximum(x, 0))


places, again, row = np.array([3, 0, 5, 7]), np.array([1, -1, 7, 1]), np.array([[2], [0]])
KEYS: list[Any] = [
    places, again, (slice(None), places), (slice(None), again), (slice(1, 6), again), (places, again), (row, again),
    (again, slice(2, 5)), (again, 2), (2, again), (..., again), (None, again), (again, None), (again, slice(None), row),
    (slice(None), slice(None), again), np.arange(8) > 3, (slice(None), np.arange(9) > 3), (np.arange(8) > 6, again[:1]),
    (again, np.arange(9) > 4, 1), np.tile(again, 300), (slice(None), np.tile(again, (2, 40))), np.array(3),
    (np.array(-2), again), places.astype(np.uint8), np.zeros(0, int), (again % 8, again, again), np.ones((8, 9), bool),
]  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64, complex])
@pytest.mark.parametrize("key", KEYS, ids=str)
def test_what_carries_a_cotangent_back_adds_as_numpy_does(key: Any, dtype: Any) -> None:
    for shape in ((8, 9, 10), (8, 9, 8)):
        x = Tensor(rng.normal(size=shape).astype(dtype), requires_grad=True)
        taken = x[key]
        g = np.asfortranarray(rng.normal(size=taken.shape)).astype(dtype)
        expected = np.zeros_like(x.data)
        np.add.at(expected, key, g)
        assert bits(cotangents(taken, [x], g)[0]) == bits(expected)
