"""The short examples run, and say what they should."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import examples

SCRIPTS = sorted(
    path.stem for path in Path(examples.__file__).parent.glob("*.py") if path.stem not in ("__init__", "command")
)
SAYS = {
    "derive": [
        "delta3  = -(y / a2 - (1 - y) / (1 - a2)) ∘ a2 ∘ (1 - a2) / m\n",
        "\ndelta2  = (delta3 theta2ᵀ) ∘ a1 ∘ (1 - a1)\ndtheta1 = Xᵀ delta2\ndb1     = sum over rows of delta2\n",
    ],
    "article_claim": ["no network, all outputs 1", "its\n    logarithm NaN", "trained on all 1797 rows:  0.99"],
    "hand_derived": ["delta3: largest relative difference", "delta2: largest relative difference"],
    "nan_finder": ["forward: sqrt(", "made 1 NaN of 2 entries", "spread = np.sqrt(1 - weights)"],
    "newton": ["the Hessian is X^T diag(p (1 - p)) X / m + 0.01 I, as derived by hand"],
    "saturated": ["z = 1000.0: cost     inf by NumPy,    1000 by the engine, gradient 1\n"],
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


def test_little_data_is_not_told_of_saturation(tmp_path):
    """The recipe's steps are sums over the rows: of few rows they leave weights near 0, and no NaN."""
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "d.npz", X=rng.random((40, 9)), y=np.arange(40) % 2)
    said = run("examples.article_claim", "--seeds", "2", "--data", str(tmp_path / "d.npz")).stdout
    assert "(0%), " in said
    assert "%), 1" in said
    for word in ("saturated", "logarithm", "large"):
        assert word not in said


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("article_claim --data ''", "argument --data: '' is not a name (see"),
        ("article_claim --data none.xlsx", "none.xlsx: no such file"),
        ("article_claim --seeds 0", "argument --seeds: '0' is not a whole number from 1 to a billion (see"),
        (
            "derive 25 0",
            "argument hidden: '0' is not a whole number from 1 to a billion (see python -m examples.derive",
        ),
        ("derive --examples 2", "argument --examples: '2' is not a whole number from 3 to a billion (see"),
        ("derive --latex --explain", "argument --explain: not allowed with argument --latex"),
        ("derive --latex --mathml", "argument --mathml: not allowed with argument --latex"),
    ],
)
def test_what_is_wrong_is_one_line(command, said):
    name, *options = shlex.split(command)
    done = run(f"examples.{name}", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{name}: {said}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    ["derive --explain", "article_claim", "saturated", "newton", "xor", "digits --help", "digits train --help"],
)
def test_what_is_printed_fits_a_terminal(command):
    name, *options = command.split()
    environment = {**os.environ, "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-m", f"examples.{name}", *options], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
