"""Our own contenders compute what NumPy by hand computes; the peers' are held to the same when the benchmarks run."""

import numpy as np
import pytest

from benchmarks import data
from benchmarks.contenders import compiled, hand, ours
from benchmarks.runner import difference
from benchmarks.worker import digest
from benchmarks.workloads import WORKLOADS

SMALL = {
    "digits": {"batch": 7},
    "large": {"batch": 5, "width": 9},
    "moons": {},
    "chain": {"length": 40},
    "hessian": {"rows": 30, "parameters": 4},
    "deep": {"depth": 6},
}
KINDS = [(ours, kind) for kind in SMALL] + [(compiled, kind) for kind in SMALL if kind not in compiled.CANNOT]


def found(module, kind, dtype):
    job = getattr(module, kind)(data.make(kind, dtype, SMALL[kind]))
    for _ in range(3):
        last = job.call()
    return [np.asarray(a) for a in job.outcome(last)]


@pytest.mark.parametrize(("module", "kind"), KINDS, ids=lambda p: getattr(p, "__name__", p))
def test_our_contenders_agree_with_numpy_by_hand(module, kind):
    mine, reference = found(module, kind, "float64"), found(hand, kind, "float64")
    assert [a.shape for a in mine] == [a.shape for a in reference]
    for a, b in zip(mine, reference, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", SMALL)
def test_every_call_of_a_training_step_moves_the_parameters(kind):
    outcome = found(hand, kind, "float64")
    assert all(np.any(a != 0) for a in outcome)


def test_every_workload_has_arrays_and_all_three_of_our_forms():
    for workload in WORKLOADS:
        assert workload.kind in SMALL
        assert hasattr(hand, workload.kind)
        assert hasattr(ours, workload.kind)
        assert hasattr(compiled, workload.kind) or workload.kind in compiled.CANNOT


def test_data_are_the_same_in_every_process():
    first, second = (data.make("digits", "float32", {"batch": 4}) for _ in range(2))
    np.testing.assert_array_equal(first.X, second.X)
    assert first.X.dtype == np.float32
    assert all(p.dtype == np.float32 for p in first.params)


@pytest.mark.parametrize("wrong", [lambda a: a * 1.01, lambda a: a[::-1], lambda a: a[:-1], lambda a: a * np.nan])
def test_a_wrong_gradient_is_noticed(wrong):
    right = np.random.default_rng(0).normal(size=50)
    assert difference([digest(right)], [digest(right + 1e-12)]) < 1e-10
    assert difference([digest(wrong(right))], [digest(right)]) > 1e-3


def test_rounding_in_an_array_of_zeros_is_not_a_difference():
    right = np.ones(5)
    assert difference([digest(right), digest(1e-18 * right)], [digest(right), digest(3e-18 * right)]) < 1e-8
