"""`python -m benchmarks.peers`: passed and total of every suite on our package and on HIPS autograd, and times."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.environment import ROOT
from benchmarks.peers.page import HEADINGS, failures, page, row, table
from benchmarks.peers.run import ENGINES, Outcome, Result, environment, fetch, run, versions
from benchmarks.peers.suites import SUITES, Suite


def measure(suite: Suite, engines: list[str], rounds: int) -> Iterator[Result]:
    """The groups of one suite, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        tests = fetch(suite, Path(folder))
        for group, files in (suite.files or {"": ()}).items():
            taken: dict[str, list[Outcome]] = {engine: [] for engine in engines}
            for _ in range(rounds):
                for engine in engines:
                    taken[engine].append(run(suite, engine, tests, files, Path(folder)))
            yield Result(suite, group, taken)


def write(text: str) -> None:
    target = ROOT / "benchmarks" / "peers" / "README.md"
    aside = target.with_suffix(".md.new")
    aside.write_text(text)
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
    absent = environment(wanted)
    results: list[Result] = []
    for suite in wanted:
        if suite.name in absent:
            print(f"{suite.name}: not installed: {absent[suite.name]}")
            continue
        try:
            for result in measure(suite, [options.engine] if options.engine else list(ENGINES), options.rounds):
                print("\n".join([*table(HEADINGS, [row(result)]), *failures(result)]), flush=True)
                results.append(result)
        except OSError as error:
            absent[suite.name] = str(error)
            print(f"{suite.name}: {error}")
    if not (options.only or options.engine):
        write(page(results, absent, versions(), options.rounds))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
