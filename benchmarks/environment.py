"""The peers' environment, `.venv-bench`: one installation a peer, so that a failing one stops no other."""

from __future__ import annotations

import json
import os
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
    "numba": "numba",
}

# Variables that force a library's processor kernels or threads; without them each chooses its own, as for most users.
FORCING = """
OPENBLAS_CORETYPE OPENBLAS_L2_SIZE MKL_DEBUG_CPU_TYPE MKL_ENABLE_INSTRUCTIONS ONEDNN_MAX_CPU_ISA ATEN_CPU_CAPABILITY
NPY_DISABLE_CPU_FEATURES NPY_ENABLE_CPU_FEATURES OMP_NUM_THREADS OPENBLAS_NUM_THREADS MKL_NUM_THREADS
""".split()


def unforced() -> dict[str, str]:
    """The environment of a contender: without what forces kernels or threads, and free to keep compiled bytecode."""
    left_out = {*FORCING, "PYTHONDONTWRITEBYTECODE"}
    return {name: value for name, value in os.environ.items() if name not in left_out}


def ensure(rebuild: bool = False) -> dict[str, str]:
    """Make the environment where it is missing or another one is wanted by now; returns why a requirement failed."""
    record = HOME / "record.json"
    known = json.loads(record.read_text()) if record.exists() and not rebuild else {}
    if known.get("requirements") == REQUIREMENTS:
        return known["failures"]
    print(f"Creating {HOME.name} with the peers; this takes a minute.", file=sys.stderr)
    venv.create(HOME, with_pip=True, clear=True)
    failures = {name: reason for name, spec in REQUIREMENTS.items() if (reason := install(PYTHON, spec))}
    record.write_text(json.dumps({"requirements": REQUIREMENTS, "failures": failures}))
    return failures


def install(python: Path, *specs: str) -> str:
    """Install with pip; returns its last line of complaint, or nothing."""
    done = subprocess.run([python, "-m", "pip", "install", "-q", *specs], capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return "" if done.returncode == 0 else (complaints or ["pip failed"])[-1].removeprefix("ERROR: ")
