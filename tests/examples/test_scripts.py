"""The short examples run, and say what they should."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import examples

SCRIPTS = sorted(path.stem for path in Path(examples.__file__).parent.glob("*.py") if path.stem != "__init__")
SAYS = {
    "derive": [
        "delta3  = -(y / a2 - (1 - y) / (1 - a2)) ∘ a2 ∘ (1 - a2) / m\n",
        "\ndelta2  = (delta3 theta2ᵀ) ∘ a1 ∘ (1 - a1)\ndtheta1 = Xᵀ delta2\ndb1     = sum over rows of delta2\n",
    ],
    "article_claim": ["no network, all outputs 1", "arg-max accuracy 0.99"],
    "hand_derived": ["delta3: largest relative difference", "delta2: largest relative difference"],
    "nan_finder": ["forward: sqrt(", "made 1 NaN of 2 entries", "spread = np.sqrt(1 - weights)"],
    "newton": ["the Hessian is X^T diag(p (1 - p)) X / m + 0.01 I, as derived by hand"],
    "saturated": ["z = 1000.0: cost in plain NumPy       inf, gradient a - y by the engine 1\n"],
    "xor": ["0 xor 0: 0.0", "0 xor 1: 1.0", "1 xor 0: 1.0", "1 xor 1: 0.0"],
}


def run(*arguments):
    return subprocess.run([sys.executable, "-W", "error", "-m", *arguments], capture_output=True, text=True)


@pytest.mark.parametrize("script", SCRIPTS)
def test_example(script):
    done = run(f"examples.{script}")
    assert (done.returncode, done.stderr) == (0, "")
    for text in SAYS.get(script, []):
        assert text in done.stdout


def test_the_published_measure_is_met_by_chance(capsys):
    from examples.article_claim import own_measure, recipe
    from nn.data import accuracy

    rng = np.random.default_rng(0)
    y = np.eye(10)[np.repeat(range(10), 500)]
    assert own_measure(np.ones_like(y), y) == 1.0
    assert accuracy(np.ones_like(y), y) == 0.1
    outcome = recipe(rng.uniform(0, 1, (5000, 400)), y, seed=0)
    assert outcome.honest == 0.1
    assert max(outcome.missing) > 0.5


def test_a_missing_file_is_one_line():
    done = run("examples.article_claim", "--data", "none.xlsx")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "article_claim: none.xlsx: no such file\n")
