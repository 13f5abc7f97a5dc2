"""A pytest plugin, put beside the suite: the processor time of each test, which other processes disturb little."""

import time

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Leave the seconds in the report of the test."""
    began = time.process_time()
    try:
        return (yield)
    finally:
        item.user_properties.append(("seconds", time.process_time() - began))
