"""What is measured beside the workloads: start-up, compilation, memory, and how cost grows with batch and depth."""

from __future__ import annotations

import statistics
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks import environment
from benchmarks.runner import Result, run
from benchmarks.workloads import BATCH_SIZES, DEPTHS, WORKLOADS, Workload, at_batch, at_depth

STARTS = 45
FRESH_PROCESSES = 3


@dataclass
class Aside:
    """A titled set of lines, how they were taken, and bars as (what, reached ratio or value, limit)."""

    title: str
    how: str
    lines: list[str]
    bars: list[tuple[str, float, float]] = field(default_factory=list)

    def text(self) -> str:
        return "\n".join([f"\n{self.title}", *("  " + line for line in self.lines)])


def all_of_them(worker: Callable[[str], Any]) -> list[Aside]:
    return [import_time(), compile_time(worker), guard(worker), memory(worker)]


def import_time() -> Aside:
    """`import autograd` against `import numpy`, each timed inside fresh interpreters, in turns."""
    code = "import time; t = time.thread_time(); import {}; print(time.thread_time() - t)"
    environ = {**environment.unforced(), "PYTHONPATH": str(environment.ROOT)}
    seconds: dict[str, list[float]] = {"numpy": [], "autograd": []}
    for _ in range(STARTS + 1):
        for name, found in seconds.items():
            command = [str(environment.PYTHON), "-c", code.format(name)]
            done = subprocess.run(command, env=environ, capture_output=True, text=True, cwd=environment.HOME)
            found.append(float(done.stdout) if done.returncode == 0 else float("nan"))
    middle = {name: statistics.median(found[1:]) for name, found in seconds.items()}
    ratio = statistics.median(a / b for a, b in zip(seconds["autograd"][1:], seconds["numpy"][1:], strict=True))
    return Aside(
        "Import time",
        f"processor time of the importing thread (NumPy's BLAS starts others); medians of {STARTS} fresh interpreters "
        "each, in turns, with bytecode in place",
        [f"import {name:<10} {1e3 * s:7.1f} ms" for name, s in middle.items()],
        [("import autograd / import numpy", ratio, 1.15)],
    )


def compile_time(worker: Callable[[str], Any]) -> Aside:
    """Seconds from nothing to the first result of a compiled step, and the same again for a second batch size."""
    lines, reached = [], []
    for name in ("compiled", "jax"):
        first: list[float] = []
        second: list[float] = []
        reason = ""
        for _ in range(FRESH_PROCESSES):
            process = worker(name)
            for batch, found in ((64, first), (65, second)):
                workload = at_batch(batch)
                answer = process.ask("prepare", kind="digits", dtype=workload.dtype, options=workload.options)
                found.append(answer.get("first_call", float("nan")))
                reason = answer.get("cannot") or answer.get("failed") or reason
            process.close()
        if reason:
            lines.append(f"{name:<10} {reason}")
            continue
        once, again = statistics.median(first), statistics.median(second)
        lines.append(f"{name:<10} first in the process {once:6.3f} s, the next shape {again:6.3f} s")
        if name == "compiled":
            reached = [("compile time of the 400-25-10 step, seconds", once, 0.25)]
    how = f"capture, compilation and first call; medians of {FRESH_PROCESSES} fresh processes; batch 64, then 65"
    return Aside("Compile time of the 400-25-10 step", how, lines, reached)


def guard(worker: Callable[[str], Any]) -> Aside:
    """What it costs to keep the arrays of a graph read-only, of the digit step at batch 64."""
    workload = at_batch(64)
    ratios, on, off = [], [], []
    for _ in range(FRESH_PROCESSES):
        process = worker("eager")
        answer = process.ask("guard", kind="digits", dtype=workload.dtype, options=workload.options)
        process.close()
        on += answer["on"]
        off += answer["off"]
        ratios.append(statistics.median(a / b for a, b in zip(answer["on"], answer["off"], strict=True)))
    lines = [f"{name:<4} {1e3 * statistics.median(found):.4f} ms" for name, found in (("on", on), ("off", off))]
    lines.append("on / off in each process: " + ", ".join(f"{ratio:.3f}" for ratio in ratios))
    how = (
        "eager 400-25-10 step, float32, batch 64, the guard switched on and off in turns of about 10 ms within one "
        f"process; the median ratio of {len(on) // FRESH_PROCESSES} turns, of that the median of {FRESH_PROCESSES} "
        "fresh processes"
    )
    return Aside("Cost of the guard", how, lines, [("guard on / guard off", statistics.median(ratios), 1.05)])


def memory(worker: Callable[[str], Any]) -> Aside:
    """Peak resident memory of training the large network, above that of the loaded library and its data."""
    workload = next(w for w in WORKLOADS if w.kind == "large")
    lines, peaks = [], {}
    for name in ("eager", "compiled", "numpy", "torch", "jax", "hips", "mygrad"):
        answers = []
        for _ in range(FRESH_PROCESSES):
            process = worker(name)
            answers.append(process.ask("memory", kind="large", dtype=workload.dtype, options=workload.options))
            process.close()
        if any("peak" not in answer for answer in answers):
            lines.append(f"{name:<10} {answers[-1].get('failed', 'not available')}")
            continue
        peaks[name] = statistics.median(answer["peak"] for answer in answers)
        first = statistics.median(answer["first"] for answer in answers)
        lines.append(f"{name:<10} {peaks[name]:7.1f} MiB, in the first step {first:7.1f} MiB")
    bars = [(f"peak memory, {n} / torch", peaks[n] / peaks["torch"], 1.0) for n in ("eager", "compiled") if n in peaks]
    how = (
        "resident memory that parameters, optimiser state and a step add at their peak, above the process after "
        "import, a warm-up on a network 96 wide and loading the data (Linux: malloc_trim, /proc/self/clear_refs, then "
        f"VmHWM - VmRSS): of five steps, and of the first one with its compilation; medians of {FRESH_PROCESSES} fresh "
        "processes"
    )
    return Aside("Peak memory of the large step", how, lines, bars if "torch" in peaks else [])


def curves(workers: dict[str, Any], rounds: int) -> list[Aside]:
    """Cost against batch size and against depth, with the straight line through them."""
    how = f"medians of {rounds} interleaved rounds; the line is fitted with weights 1/time^2, so its error is relative"
    return [
        curve("Cost against batch size, 400-25-10 step", how, [(b, at_batch(b)) for b in BATCH_SIZES], workers, rounds),
        curve("Cost against depth, tanh layers", how, [(n, at_depth(n)) for n in DEPTHS], workers, rounds),
    ]


def curve(title: str, how: str, points: list[tuple[int, Workload]], workers: dict[str, Any], rounds: int) -> Aside:
    names = [n for n in ("eager", "compiled", "torch", "numpy") if n in workers]
    results = [(size, run(Result(w), {n: workers[n] for n in names}, rounds)) for size, w in points]
    lines = [f"{'size':<12}" + "".join(f"{size:>10}" for size, _ in results) + "    a + b x size, largest error"]
    for name in names:
        times = [(size, 1e3 * r.median(name)) for size, r in results if name in r.rounds]
        if len(times) < len(points):
            lines.append(f"{name:<12}{results[0][1].absent.get(name, 'failed at one size'):>20}")
            continue
        a, b = straight_line(times)
        worst = max(abs(a + b * size - t) / t for size, t in times)
        shown = "".join(f"{t:10.3f}" for _, t in times)
        lines.append(f"{name:<12}{shown}    {a:.3f} + {b:.5f} x size ms, {100 * worst:.0f} %")
    return Aside(title, how, lines)


def straight_line(points: list[tuple[int, float]]) -> tuple[float, float]:
    """The line a + b x through the points that has the least relative squared error."""
    weights = [1 / t**2 for _, t in points]
    total = sum(weights)
    mean_x = sum(w * x for w, (x, _) in zip(weights, points, strict=True)) / total
    mean_t = sum(w * t for w, (_, t) in zip(weights, points, strict=True)) / total
    spread = sum(w * (x - mean_x) ** 2 for w, (x, _) in zip(weights, points, strict=True))
    slope = sum(w * (x - mean_x) * (t - mean_t) for w, (x, t) in zip(weights, points, strict=True)) / spread
    return mean_t - slope * mean_x, slope
