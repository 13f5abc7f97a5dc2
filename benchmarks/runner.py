"""Runs every contender in a process of its own, in interleaved rounds, and checks that all computed the same thing."""

from __future__ import annotations

import json
import selectors
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from typing import Any

from benchmarks import environment
from benchmarks.workloads import Workload

PATIENCE = 300.0  # seconds a worker may think about one request
DISTURBED, ATTEMPTS = 0.25, 4  # a round is taken again while other processes use more than this share of a core
PAUSE = 0.06  # with the warm-up, the tenth of a second after which OpenBLAS's idle threads fall asleep


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


def run(result: Result, workers: dict[str, Worker], rounds: int) -> Result:
    """Prepare the workload everywhere, drop who computes something else, and add rounds of the rest, timed in turns."""
    workload = result.workload
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
            result.rounds.setdefault(name, []).append(answer.get("seconds", float("nan")))
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
