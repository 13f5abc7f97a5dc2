"""What every test runs under: one BLAS thread, and a check that it leaves the engine at rest."""

import gc
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest

from autograd import guard
from autograd.modes import mode

REST = {"recording": True, "capturing": False, "guarding": True}


def held() -> set[int]:
    """The arrays that live graphs keep read-only."""
    return set(guard._keepers) | {id(array) for arrays in list(guard._alone.values()) for array in arrays}


def unrest(held_before: set[int]) -> str:
    """What is not at rest: modes of this thread, and arrays locked since `held_before`; empty if all is."""
    modes = [f"mode.{k} is {getattr(mode, k)!r}" for k, v in REST.items() if getattr(mode, k) is not v]
    if held() - held_before:
        gc.collect()  # graphs held by a caught exception's frames
        gc.freeze()  # what lives now is not looked through again: of thousands of tests that would be minutes
    locked = len(held() - held_before)
    return "; ".join(modes + ([f"{locked} arrays are still locked"] if locked else []))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.passed = report.passed
    return report


@pytest.fixture(autouse=True)
def at_rest(request):
    """Fail a test that leaves a mode set or arrays locked, and put things right for the next one."""
    before = held()
    yield
    request.node.funcargs.clear()  # fixtures may hold a live graph until now
    problem = unrest(before)
    for key, value in REST.items():
        setattr(mode, key, value)
    if problem and getattr(request.node, "passed", False):  # a failed test has said enough
        pytest.fail(f"the test left the engine not at rest: {problem}")


@pytest.fixture
def rng():
    """A seeded generator."""
    return np.random.default_rng(20240229)
