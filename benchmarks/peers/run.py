"""Fetches a suite's source archive, runs its tests on our package and on HIPS autograd, and reads what came out."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import tarfile
import venv
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.environment import ROOT, install
from benchmarks.peers.suites import Suite

HOME = ROOT / ".venv-peers"
PYTHON = HOME / "bin" / "python"
ENGINES = ("ours", "hips")
TIME_LIMIT = 120  # seconds a test


@dataclass
class Outcome:
    """Of one group of tests on one engine: seconds by passed test, reasons by failed one, and how many were skipped."""

    passed: dict[str, float] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: int = 0
    trouble: str = ""

    @property
    def total(self) -> int:
        return len(self.passed) + len(self.failed)


@dataclass
class Result:
    """Of one group of a suite: what each round of each engine gave."""

    suite: Suite
    group: str
    rounds: dict[str, list[Outcome]]

    def last(self, engine: str) -> Outcome:
        """The outcome that is shown; the earlier rounds are there for the time."""
        return self.rounds[engine][-1]

    def times(self) -> tuple[float, float, float] | None:
        """Seconds of ours and of HIPS's over the tests that both pass, and their ratio: medians over the rounds."""
        if len(self.rounds) < 2:
            return None
        pairs = [seconds(*pair) for pair in zip(*(self.rounds[engine] for engine in ENGINES), strict=True)]
        if not all(theirs for _, theirs in pairs):
            return None
        ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
        return ours, theirs, statistics.median(a / b for a, b in pairs)


def seconds(ours: Outcome, theirs: Outcome) -> tuple[float, float]:
    """The time of either engine, over the tests that both pass."""
    common = ours.passed.keys() & theirs.passed.keys()
    return sum(ours.passed[name] for name in common), sum(theirs.passed[name] for name in common)


def environment(suites: list[Suite]) -> dict[str, str]:
    """Make `.venv-peers` with HIPS autograd in it; returns the reason for each suite that cannot be installed."""
    if not PYTHON.exists():
        print(f"Creating {HOME.name}", flush=True)
        venv.create(HOME, with_pip=True)
    subprocess.run([PYTHON, "-m", "compileall", "-q", ROOT / "autograd"], check=True)  # as installed packages are
    base = install(PYTHON, "pytest", "pytest-timeout", "numpy>=2", "autograd==1.9.1")
    return {s.name: reason for s in suites if (reason := base or install(PYTHON, *s.needs))}


def versions() -> dict[str, str]:
    """What is installed in `.venv-peers`, by name."""
    done = subprocess.run([PYTHON, "-m", "pip", "freeze"], capture_output=True, text=True, check=True)
    return dict(line.split("==") for line in done.stdout.split() if "==" in line)


def fetch(suite: Suite, folder: Path) -> Path:
    """The suite's tests in a temporary folder."""
    if not suite.archive:
        return Path(__file__).parent / suite.tests
    options = ["-q", "--no-deps", "--no-binary", ":all:", "-d", str(folder)]
    done = subprocess.run([PYTHON, "-m", "pip", "download", *options, suite.archive], capture_output=True, text=True)
    archives = sorted(folder.glob("*.tar.gz"))
    if not archives:
        raise OSError(f"no source archive of {suite.archive}: {done.stderr.strip().splitlines()[-1:]}")
    with tarfile.open(archives[0]) as archive:
        archive.extractall(folder, filter="data")
    # Moved away from the archive's own packages, which must not be imported in the installed ones' place.
    moved = folder / "suite" / "tests"
    moved.parent.mkdir()
    (folder / archives[0].name.removesuffix(".tar.gz") / suite.tests).rename(moved)
    for name in suite.without:
        (moved / name).unlink()
    return moved


def environ(engine: str, folder: Path) -> dict[str, str]:
    """An environment in which `import autograd` gives the engine of that name, and `-p conditions` our plugin."""
    place = folder / engine
    place.mkdir(exist_ok=True)
    links = {"conditions.py": Path(__file__).with_name("conditions.py")}
    if engine == "ours":
        links["autograd"] = ROOT / "autograd"
    for name, target in links.items():
        if not (place / name).exists():
            (place / name).symlink_to(target)
    one_thread = {"OPENBLAS_NUM_THREADS": "1"}  # the time that BLAS's idle threads spin would be counted
    return os.environ | one_thread | {"MPLBACKEND": "agg", "PYTHONPATH": str(place)}


def run(suite: Suite, engine: str, tests: Path, files: tuple[str, ...], folder: Path) -> Outcome:
    """One run of one group of test files."""
    report = folder / "report.xml"
    report.unlink(missing_ok=True)
    quiet = ["-q", "-p", "no:cacheprovider", "-o", "addopts=", "--continue-on-collection-errors"]
    command: list[str | Path] = [PYTHON, "-P", "-m", "pytest", *quiet, "-p", "conditions", "--rootdir", tests]
    command += ["--timeout", str(TIME_LIMIT), "--junitxml", report]
    command += [tests / f for f in files] if files else [tests]
    done = subprocess.run(command, env=environ(engine, folder), capture_output=True, text=True, cwd=tests.parent)
    if not report.exists():
        complaint = (done.stdout + done.stderr).strip().splitlines()
        return Outcome(trouble=complaint[-1] if complaint else "pytest ended without a report")
    return read(report)


def read(report: Path) -> Outcome:
    """The outcome in a JUnit report."""
    outcome = Outcome()
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname', '')}::{case.get('name', '')}"
        wrong = case.find("failure") if case.find("failure") is not None else case.find("error")
        if wrong is not None:
            outcome.failed[name] = reason_of(wrong)
        elif case.find("skipped") is not None:
            outcome.skipped += 1
        else:
            taken = case.find("properties/property[@name='seconds']")
            outcome.passed[name] = float(taken.get("value", 0)) if taken is not None else 0.0
    return outcome


def reason_of(wrong: ElementTree.Element) -> str:
    """The last error line of a traceback, or the message."""
    errors = [
        line[1:].strip()
        for line in (wrong.text or "").splitlines()
        if re.match(r"E   +\w[\w.]*(Error|Warning|Exception|Failed)\b", line)
    ]
    text = errors[-1] if errors else (wrong.get("message") or "no message")
    return " ".join(text.split())[:160]


def reasons(outcome: Outcome, known: dict[str, str]) -> list[tuple[str, list[str]]]:
    """The names of failed tests by reason, the most frequent one first.

    A reason is the one `known` for a test of that name, or its error, numbers and addresses aside.
    """
    found: dict[str, list[str]] = {}
    for name, error in outcome.failed.items():
        shown = "`" + re.sub(r"0x[0-9a-f]+|[-+]?\d*\.\d+(e[-+]?\d+)?", "#", error) + "`"
        found.setdefault(known.get(name.rpartition("::")[2], shown), []).append(name)
    return sorted(found.items(), key=lambda item: -len(item[1]))
