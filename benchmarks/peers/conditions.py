"""A pytest plugin, put beside the suite: both engines see the same random numbers, and each test is timed.

Suites that draw numbers without a seed, and then ask that an interval covers the truth, would fail now and then on
any engine. The time is the processor's, which other processes disturb little.
"""

import random
import time

import numpy as np
import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Start every test from the same random numbers."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - the generator that the suites use


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Leave the seconds in the report of the test."""
    began = time.process_time()
    try:
        return (yield)
    finally:
        item.user_properties.append(("seconds", time.process_time() - began))
