"""Axis arithmetic against NumPy."""

import itertools
import re

import numpy as np
import pytest

from autograd.errors import RuleError
from autograd.shapes import broadcast_axes, count, inverse_permutation, kept_shape, normalize_axes

SHAPES = [(), (4,), (2, 3), (0, 3), (2, 1, 4), (1, 1)]
AXES = [None, 0, -1, 1, -2, (0,), (0, 1), (-1, 0), ()]


def fits(shape, axis):
    axes = () if axis is None else axis if isinstance(axis, tuple) else (axis,)
    inside = [a % len(shape) for a in axes if -len(shape) <= a < len(shape)]
    return len(set(inside)) == len(axes)


CASES = [(shape, axis) for shape, axis in itertools.product(SHAPES, AXES) if fits(shape, axis)]


@pytest.mark.parametrize(("shape", "axis"), CASES)
def test_kept_shape_and_count_are_those_of_a_sum(shape, axis):
    kept = np.sum(np.ones(shape), axis=axis, keepdims=True)
    assert kept_shape(shape, axis) == kept.shape
    assert np.all(kept == count(shape, axis))  # each sum of ones counts what it took together


@pytest.mark.parametrize(("shape", "axis"), CASES)
def test_normalize_axes(shape, axis):
    axes = normalize_axes(axis, len(shape))
    assert all(0 <= a < len(shape) for a in axes)
    assert np.sum(np.ones(shape), axis=axes).shape == np.sum(np.ones(shape), axis=axis).shape


def test_axes_may_be_lists_and_numpys_numbers():
    assert normalize_axes([-1, 0], 3) == (2, 0)
    assert normalize_axes(np.int64(-1), 3) == (2,)


TARGETS = [(), (1,), (3,), (1, 3), (2, 1), (2, 3), (4, 2, 3), (1, 1, 1), (0, 3), (4, 1, 3)]


@pytest.mark.parametrize(("shape", "target"), list(itertools.product(TARGETS, TARGETS)))
def test_broadcast_axes_bring_a_broadcast_back(shape, target):
    try:
        broadcast = np.broadcast_shapes(shape, target) == shape
    except ValueError:
        broadcast = False
    if not broadcast:
        message = re.escape(f"shape {shape} is not a broadcast of {target}")
        with pytest.raises(RuleError, match=f"^{message}$"):
            broadcast_axes(shape, target)
        return
    value = np.broadcast_to(np.ones(target), shape)
    summed = value.sum(axis=broadcast_axes(shape, target)).reshape(target)
    assert summed.shape == target
    factor = int(np.prod(shape)) // max(int(np.prod(target)), 1)
    assert np.all(summed == factor)


@pytest.mark.parametrize("axes", [(), (0,), (1, 0), (2, 0, 1), (1, 2, 3, 0), (-1, 0, 1), (-2, -1, 0)])
def test_inverse_permutation_undoes_a_transpose(axes):
    x = np.empty(tuple(range(2, 2 + len(axes))))
    assert x.transpose(axes).transpose(inverse_permutation(axes)).shape == x.shape
