"""The peers' environment, `.venv-bench`: one installation a peer, so that a failing one stops no other."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv-bench"
PYTHON = HOME / "bin" / "python"

REQUIREMENTS = {
    "numpy": "numpy>=2",
    "torch": "torch==2.13.0",
    "jax": "jax",
    "hips": "autograd==1.9.1",
    "mygrad": "mygrad",
    "micrograd": "micrograd",
    "scipy": "scipy",
}


def ensure(rebuild: bool = False) -> dict[str, str]:
    """Make the environment where it is missing; returns the reason for each requirement that could not be installed."""
    record = HOME / "failures.json"
    if record.exists() and not rebuild:
        return json.loads(record.read_text())
    print(f"Creating {HOME.name} with the peers; this takes a minute.", file=sys.stderr)
    venv.create(HOME, with_pip=True, clear=rebuild)
    failures = {name: reason for name, spec in REQUIREMENTS.items() if (reason := install(PYTHON, spec))}
    record.write_text(json.dumps(failures))
    return failures


def install(python: Path, *specs: str) -> str:
    """Install with pip; returns its last line of complaint, or nothing."""
    done = subprocess.run([python, "-m", "pip", "install", "-q", *specs], capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return "" if done.returncode == 0 else (complaints or ["pip failed"])[-1].removeprefix("ERROR: ")
