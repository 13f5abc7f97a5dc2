"""`python -m benchmarks.peers`: passed and total of every suite on our package and on HIPS autograd, and times."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.environment import ROOT
from benchmarks.peers.run import ENGINES, Outcome, environment, fetch, reasons, run, speed
from benchmarks.peers.suites import SUITES, Suite

NAMES = 8  # of tests shown for one reason
INTRODUCTION = """# Other people's tests on our package

This page is written by `python -m benchmarks.peers` (`make peers`); do not edit it by hand.
Each suite comes from its release's source archive on PyPI into a temporary folder and is run twice in the same
environment (`.venv-peers`): with HIPS autograd 1.9.1, and with our package found first under the same import name.
`time` is our processor time by HIPS's over the tests that both pass, the median of the rounds, which alternate.
"""


def measure(suite: Suite, engines: list[str], rounds: int) -> list[str]:
    """Lines of Markdown about one suite, printed as they come."""
    lines = [f"## {suite.name}" + (f" ({suite.note})" if suite.note else "")]
    with tempfile.TemporaryDirectory() as folder:
        try:
            tests = fetch(suite, Path(folder))
        except OSError as error:
            return [*lines, f"not run: {error}", ""]
        for group, files in (suite.files or {"all": ()}).items():
            taken: dict[str, list[Outcome]] = {engine: [] for engine in engines}
            for _ in range(rounds):
                for engine in engines:
                    taken[engine].append(run(suite, engine, tests, files, Path(folder)))
            total = max(outcome[-1].total for outcome in taken.values())  # a file that cannot be imported counts as one
            for engine in engines:
                last = taken[engine][-1]
                skipped = f", {last.skipped} skipped" if last.skipped else ""
                counts = f"{len(last.passed)} of {total} passed{skipped}"
                lines.append(f"- {group}, {engine}: {last.trouble or counts}")
            if len(engines) > 1:
                ratio = speed(list(zip(taken["ours"], taken["hips"], strict=True)))
                lines.append(f"- {group}, time: {f'{ratio:.2f}' if ratio else 'nothing to compare'}")
            for engine in engines:
                for reason, names in reasons(taken[engine][-1]):
                    shown = ", ".join(names[:NAMES]) + (f" and {len(names) - NAMES} more" if len(names) > NAMES else "")
                    lines.append(f"  - {engine}: {shown}: `{reason}`")
    return [*lines, ""]


def write(page: str) -> None:
    target = ROOT / "benchmarks" / "peers" / "README.md"
    aside = target.with_suffix(".md.new")
    aside.write_text(page)
    aside.replace(target)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--only", action="append", metavar="SUITE", help="one of " + ", ".join(s.name for s in SUITES))
    parser.add_argument("--engine", choices=ENGINES, help="one engine only")
    parser.add_argument("--rounds", type=int, default=1, help="runs of each suite, for the time (default 1)")
    options = parser.parse_args()
    wanted = [s for s in SUITES if not options.only or s.name in options.only]
    if not wanted:
        parser.error("no suite of that name; there are " + ", ".join(s.name for s in SUITES))
    failures = environment(wanted)
    page = [INTRODUCTION, time.strftime("%Y-%m-%d."), ""]
    for suite in wanted:
        if suite.name in failures:
            lines = [f"## {suite.name}", f"not installed: {failures[suite.name]}", ""]
        else:
            lines = measure(suite, [options.engine] if options.engine else list(ENGINES), options.rounds)
        print("\n".join(lines), flush=True)
        page += lines
        if not (options.only or options.engine):
            write("\n".join(page))  # after each suite, for the later ones take minutes
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
