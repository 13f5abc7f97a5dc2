"""Arrays without a name are told through those that have one, and what is written comes to the same numbers."""

import numpy as np
import pytest

from autograd.origin import origin

RNG = np.random.default_rng(0)
NAMED = {"X": RNG.random((4, 3)), "T": RNG.random((2, 4, 3)), "y": np.array([2, 0, 1, 1]), "m": np.array([True, False])}
FOUND = {
    "X[2]": NAMED["X"][2],
    "X[:, 1]": NAMED["X"][:, 1],
    "X[1:3]": NAMED["X"][1:3],
    "X[:2]": NAMED["X"][:2],
    "X[3:]": NAMED["X"][3:],
    "y[1:2]": NAMED["y"][1:2],
    "T[1]": NAMED["T"][1],
    "T[:, 2]": NAMED["T"][:, 2],
    "T[:, :, 0]": NAMED["T"][:, :, 0],
    "Xᵀ": NAMED["X"].T,
    "1 - X": 1 - NAMED["X"],
    "2 X + 0.5": 2 * NAMED["X"] + 0.5,
    "X - 3": NAMED["X"] - 3,
    "-X": -NAMED["X"],
    "-2 X": -2 * NAMED["X"],
    "0.85 X": 0.85 * NAMED["X"],
    "X": NAMED["X"].copy(),
    "one_hot(y)": np.eye(3)[NAMED["y"]],
    "1 - m": 1.0 - NAMED["m"],
}


@pytest.mark.parametrize("text", FOUND)
def test_found(text):
    assert str(origin(FOUND[text], NAMED)) == text
    python = (
        text.replace("ᵀ", ".T")
        .replace("2 X", "2 * X")
        .replace("5 X", "5 * X")
        .replace("one_hot(y)", "np.eye(3)[y]")
        .replace("1 - m", "~m")
    )
    np.testing.assert_allclose(eval(python, {"np": np, **NAMED}), FOUND[text])


@pytest.mark.parametrize(
    "value",
    [NAMED["X"] ** 2, NAMED["X"][::2], NAMED["X"][:, :2], NAMED["X"][2].copy(), np.zeros((0, 3)), np.array(["a"]), 1j],
)
def test_nothing_is_said_of_others(value):
    assert origin(value, NAMED) is None
