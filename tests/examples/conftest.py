"""Small labelled data for the commands, and Ctrl-C as a terminal has it."""

import signal

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def heeded():
    """A shell's background job ignores Ctrl-C, and so would the commands that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def small(tmp_path):
    """An .npz file of 90 rows of 16 values in three classes, labelled 10, 1 and 2, in the article's order."""
    rng = np.random.default_rng(7)
    labels = np.repeat([10, 1, 2], 30)
    centres = rng.uniform(0, 1, (3, 16))
    x = (centres[np.repeat([0, 1, 2], 30)] + 0.15 * rng.standard_normal((90, 16))).round(6)
    path = tmp_path / "small.npz"
    np.savez(path, X=x, y=labels)
    return path
