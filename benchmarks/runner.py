"""Runs every contender in a process of its own, in interleaved rounds, and checks that all computed the same thing."""

from __future__ import annotations

import argparse
import json
import selectors
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from benchmarks import environment, extras, report
from benchmarks.workloads import WORKLOADS, Workload

# Our two come first, and each contender is named in `report.LABELS`.
CONTENDERS = ["eager", "compiled", "numpy", "torch", "jax", "hips", "mygrad", "micrograd"]
INFORMATIVE = ["eager-unguarded", "jax-queued", "mygrad-unguarded"]  # other settings of the same; no bar is about them
EVERYONE = CONTENDERS + INFORMATIVE
PATIENCE = 300.0  # seconds a worker may think about one request
DISTURBED, ATTEMPTS = 0.25, 4  # a round is taken again while other processes use more than this share of a core
PAUSE = 0.01  # lets the last contender's idle threads fall asleep


class Worker:
    """A contender's process; a request that fails or hangs becomes an answer with a reason."""

    def __init__(self, contender: str) -> None:
        script = environment.ROOT / "benchmarks" / "worker.py"
        command = [str(environment.PYTHON), "-P", str(script), str(environment.ROOT), contender]
        log = open(environment.HOME / f"{contender}.log", "w")  # noqa: SIM115 - lives as long as the process
        environ = environment.unforced()
        self.process = subprocess.Popen(command, stdin=-1, stdout=-1, stderr=log, text=True, env=environ)
        self.version = self.ask("hello").get("version", "")

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        try:
            print(json.dumps({"do": do, **request}), file=self.process.stdin, flush=True)
            with selectors.DefaultSelector() as ready:
                ready.register(self.process.stdout, selectors.EVENT_READ)
                if not ready.select(PATIENCE):
                    self.process.kill()
                    return {"failed": f"no answer in {PATIENCE:.0f} s"}
            line = self.process.stdout.readline()
            return json.loads(line) if line else {"failed": "the process ended"}
        except (BrokenPipeError, json.JSONDecodeError) as error:
            return {"failed": f"the process ended ({type(error).__name__})"}

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@dataclass
class Result:
    """What one workload gave: seconds of each round by contender, and the reason for each contender without any."""

    workload: Workload
    rounds: dict[str, list[float]] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    disturbed: int = 0

    def median(self, contender: str) -> float:
        return statistics.median(self.rounds[contender])

    def ratio(self, ours: str, peer: str) -> float:
        """The median over the rounds of our time by the peer's time of the same round."""
        return statistics.median(a / b for a, b in zip(self.rounds[ours], self.rounds[peer], strict=True))


def run(workload: Workload, workers: dict[str, Worker], rounds: int) -> Result:
    """Prepare the workload everywhere, drop who computes something else, and time the rest in turns."""
    result = Result(workload)
    request = {"kind": workload.kind, "dtype": workload.dtype, "options": workload.options}
    found: dict[str, list[list[float]]] = {}
    for name, worker in workers.items():
        answer = worker.ask("prepare", **request)
        if "found" in answer:
            found[name] = answer["found"]
        else:
            result.absent[name] = answer.get("cannot") or "failed: " + answer["failed"]
    reference = found.get("numpy") or next(iter(found.values()), [])
    for name, numbers in found.items():
        if difference(numbers, reference) > workload.tolerance:
            result.absent[name] = f"computed something else (relative difference {difference(numbers, reference):.1e})"
    taking_part = [name for name in found if name not in result.absent]
    result.rounds = {name: [] for name in taking_part}
    for turn in range(rounds):
        shift = turn % max(1, len(taking_part))
        for name in taking_part[shift:] + taking_part[:shift]:
            for _ in range(ATTEMPTS):
                time.sleep(PAUSE)
                answer = workers[name].ask("measure")
                if answer.get("others", 0.0) <= DISTURBED:
                    break
            result.disturbed += answer.get("others", 0.0) > DISTURBED
            if "seconds" not in answer:
                result.absent[name] = "failed: " + answer["failed"]
            result.rounds[name].append(answer.get("seconds", float("nan")))
    for name in result.absent:
        result.rounds.pop(name, None)
    return result


def difference(found: list[list[float]], reference: list[list[float]]) -> float:
    """The largest difference between two lists of digests, relative to the norm of the array it is in.

    An array that is zero but for rounding is held against the largest of the others.
    """
    if [d[0] for d in found] != [d[0] for d in reference]:
        return float("inf")
    worst, floor = 0.0, 1e-6 * max((d[1] for d in reference), default=0.0)
    for mine, theirs in zip(found, reference, strict=True):
        scale = max(theirs[1], floor) or 1.0
        worst = max(worst, *(abs(a - b) / scale if a == a else float("inf") for a, b in zip(mine, theirs, strict=True)))
    return worst


def start(names: list[str], failures: dict[str, str]) -> tuple[dict[str, Worker], dict[str, str], dict[str, str]]:
    """Workers that are up, their versions, and why the others are not."""
    workers: dict[str, Worker] = {}
    versions: dict[str, str] = {}
    down: dict[str, str] = {}
    for name in names:
        package = name.split("-")[0]
        if package in failures:
            down[name] = f"not installed: {failures[package]}"
            continue
        worker = Worker(name)
        if worker.version:
            workers[name], versions[name] = worker, worker.version
        else:
            down[name] = f"does not start; see {environment.HOME.name}/{name}.log"
            worker.close()
    return workers, versions, down


def chosen(names: list[str] | None) -> list[Workload]:
    """The workloads of these names; a name that is none's is taken for a beginning."""
    if names is None:
        return WORKLOADS
    exact = {w.name for w in WORKLOADS} & set(names)
    begun = tuple(set(names) - exact)
    return [w for w in WORKLOADS if w.name in exact or (begun and w.name.startswith(begun))]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", metavar="WORKLOAD", help="a name or its beginning; may be repeated")
    parser.add_argument("--rounds", type=int, default=25, help="rounds of about 0.05 s a contender (default 25)")
    parser.add_argument("--quick", action="store_true", help="5 rounds, without the curves, memory and start-up times")
    parser.add_argument("--contenders", help="a comma-separated list of " + ", ".join(EVERYONE))
    parser.add_argument("--rebuild", action="store_true", help="make the peers' environment anew")
    options = parser.parse_args(arguments)
    wanted = chosen(options.only)
    names = options.contenders.split(",") if options.contenders else EVERYONE
    if not wanted or not set(names) <= set(EVERYONE):
        known = ", ".join(w.name for w in WORKLOADS) if not wanted else ", ".join(EVERYONE)
        parser.error(f"nothing of that name; there are {known}")
    rounds = min(options.rounds, 5) if options.quick else options.rounds
    workers, versions, down = start(names, environment.ensure(options.rebuild))
    try:
        results = []
        for workload in wanted:
            result = run(workload, workers, rounds)
            result.absent |= down
            print(report.block(result), flush=True)
            results.append(result)
        whole = not (options.only or options.contenders or options.quick)
        curves = extras.curves(workers, min(rounds, 9)) if whole else []
    finally:
        for worker in workers.values():
            worker.close()
    asides = [*extras.all_of_them(Worker), *curves] if whole else []
    for aside in asides:
        print(aside.text(), flush=True)
    print(report.summary(results, asides))
    if whole:
        page = environment.ROOT / "benchmarks" / "README.md"
        aside_page = page.with_suffix(".md.new")
        aside_page.write_text(report.page(results, asides, versions, rounds))
        aside_page.replace(page)
        print(f"Written: {page.relative_to(environment.ROOT)}", file=sys.stderr)
    return 0
