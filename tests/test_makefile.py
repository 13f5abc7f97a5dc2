"""What `make` says on a machine where something is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(folder, *arguments):
    """`make` with the project's Makefile, in a folder that has no environment yet: code, complaints, output."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    done = subprocess.run(["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    said = [line for line in done.stderr.splitlines() if "***" not in line]  # make's own last line
    return done.returncode, said, done.stdout


def python_that(folder, fails_on):
    """A stand-in for a Python that has something missing."""
    program = folder / "python"
    program.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *{fails_on}*) exit 1;; --version) echo "Python 3.9.2";; *) exec {sys.executable} "$@";; esac\n'
    )
    program.chmod(0o755)
    return f"PYTHON={program}"


@pytest.mark.parametrize("target", ["digits", "test", "check"])
def test_no_python(tmp_path, target):
    code, said, _ = make(tmp_path, target, "PYTHON=python9")
    assert code == 2
    assert said == [
        "make: no 'python9' program; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3.11"
    ]


def test_a_python_that_is_too_old(tmp_path):
    code, said, _ = make(tmp_path, "digits", python_that(tmp_path, "version_info"))
    assert code == 2
    assert len(said) == 1
    assert said[0].startswith("make: Python 3.9.2 is too old, 3.11 or newer is needed")


def test_a_python_without_venv(tmp_path):
    code, said, _ = make(tmp_path, "test", python_that(tmp_path, "ensurepip"))
    assert code == 2
    assert len(said) == 1
    assert said[0].endswith("has no venv module; install it with: apt-get install python3-venv")


def test_the_long_wait_is_announced(tmp_path):
    _, _, output = make(tmp_path, "digits", python_that(tmp_path, "--clear"))
    assert output == "building an environment in .venv; this is done once\n"


def test_help_names_every_target(tmp_path):
    text = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert {line.split()[1] for line in text.splitlines()} == {"digits", "test", "check", "format", "bench", "peers"}
