"""The tables: one block a workload on the terminal, and the whole run as `benchmarks/README.md`."""

from __future__ import annotations

import os
import platform
import subprocess
import time

from benchmarks.extras import Aside
from benchmarks.runner import Result
from benchmarks.workloads import ROUND_SECONDS

LABELS = {
    "eager": "ours, eager",
    "compiled": "ours, compiled",
    "numpy": "NumPy by hand",
    "torch": "PyTorch eager",
    "jax": "jax.jit",
    "hips": "HIPS autograd",
    "mygrad": "MyGrad",
    "micrograd": "micrograd",
    "eager-unguarded": "(ours, eager, guard off)",
    "jax-queued": "(jax.jit, queued)",
    "mygrad-unguarded": "(MyGrad, guard off)",
}


def verdict(reached: float, limit: float) -> str:
    return "reached" if reached <= limit else "MISSED"


def rows(result: Result) -> list[list[str]]:
    """Label, milliseconds, eager / it, compiled / it, and the bars that this contender is the measure of."""
    table = []
    for name, label in LABELS.items():
        if name in result.absent:
            table.append([label, "-", "", "", result.absent[name]])
        if name not in result.rounds:
            continue
        cells = [label, f"{1e3 * result.median(name):.4g}"]
        for ours in ("eager", "compiled"):
            shown = ours in result.rounds and not LABELS[name].lstrip("(").startswith("ours")
            cells.append(f"{result.ratio(ours, name):.3g}" if shown else "")
        table.append([*cells, ", ".join(bars_against(result, name))])
    return table


def bars_against(result: Result, peer: str) -> list[str]:
    found = []
    for (ours, measure), limit in result.workload.bars.items():
        if measure == peer and ours in result.rounds:
            found.append(f"{ours} <= {limit:g} {verdict(result.ratio(ours, peer), limit)}")
        elif measure == peer:
            found.append(f"{ours} <= {limit:g} not measured")
    return found


HEADINGS = ["contender", "ms", "eager/it", "compiled/it", "bars"]


def block(result: Result) -> str:
    """One workload for the terminal."""
    lines = [f"\n{result.workload.name}: {result.workload.title}"]
    for label, ms, eager, compiled, note in [HEADINGS, *rows(result)]:
        lines.append(f"  {label:<26}{ms:>10}{eager:>10}{compiled:>13}  {note}".rstrip())
    if result.disturbed:
        lines.append(f"  {disturbance(result)}")
    return "\n".join(lines)


def disturbance(result: Result) -> str:
    """How much of a result was taken while other processes were at work."""
    total = sum(map(len, result.rounds.values()))
    return f"other processes were at work in {result.disturbed} of {total} rounds"


def counted(results: list[Result], asides: list[Aside]) -> tuple[int, list[str], int]:
    """How many bars were reached, a line for each that was missed, and how many could not be measured."""
    reached, unmeasured, missed = 0, 0, []
    for result in results:
        for (ours, peer), limit in result.workload.bars.items():
            if ours not in result.rounds or peer not in result.rounds:
                unmeasured += 1
            elif (ratio := result.ratio(ours, peer)) <= limit:
                reached += 1
            else:
                missed.append(f"{result.workload.name}: {ours} / {LABELS[peer]} is {ratio:.3g}, the bar is {limit:g}")
    for what, value, limit in [bar for aside in asides for bar in aside.bars]:
        if value <= limit:
            reached += 1
        else:
            missed.append(f"{what} is {value:.3g}, the bar is {limit:g}")
    return reached, missed, unmeasured


def summary(results: list[Result], asides: list[Aside]) -> str:
    reached, missed, unmeasured = counted(results, asides)
    head = f"\nBars: {reached} reached, {len(missed)} missed, {unmeasured} not measured."
    lines = [f"  {what}: {value:.3g} (bar {limit:g})" for aside in asides for what, value, limit in aside.bars]
    return "\n".join([head, *("  missed: " + line for line in missed), *lines])


def table(headings: list[str], body: list[list[str]]) -> list[str]:
    """A Markdown table."""
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    return lines + ["| " + " | ".join(cells) + " |" for cells in body]


def machine() -> str:
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as lines:
            name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


HOW = """# Benchmarks

This page is written by `python -m benchmarks` (`make bench`); do not edit it by hand.
`--only digits`, `--rounds 50`, `--quick` and `--contenders eager,torch` print parts of it and leave the page alone.

## How the figures were taken
- Every contender runs in a process of its own, in one environment that the command makes (`.venv-bench`). Ours and
  HIPS autograd have the same import name, so only our processes see this checkout.
- All start from the same arrays (`data.py`). Before anything is timed, the cost of the third step and the distance each
  parameter has moved (or the gradient, or the Hessian) are compared with NumPy by hand: within 2e-3 in float32, 1e-8 in
  float64, relative to the norm of the array. Who computes something else is named and not timed.
- A round is up to {round_ms:.0f} ms of consecutive calls of one contender, after a pause in which the threads of the
  last one fall asleep, and after as many calls again in which its own spread over the cores. {rounds} rounds are
  interleaved over the contenders, whose order is rotated, so that all see the same machine weather. A round during
  which other processes used more than a quarter of a core is taken again, up to three times. All of it is done
  {passes} times, in new processes, since where their arrays lie in memory moves the figures. `ms` is the median of all
  rounds; a ratio is the median over the rounds of our time by theirs in the same round.
- Threads and processor kernels are every library's own choice: environment variables that force either (such as
  `OPENBLAS_CORETYPE`, which some machine images set) are taken out of the contenders' environment.
- Each contender is written in its own best style: PyTorch updates parameters by hand for SGD (faster than
  `torch.optim.SGD`) and uses the fused Adam; JAX compiles the whole step and donates its parameters; MyGrad and
  ours keep the arrays of a graph read-only, as they do by default; `jax.jit` waits for each step, as all others do.
  Contenders in parentheses are other settings, shown for information: both guards off, and steps of JAX that are queued
  while only the last of a round is waited for.
- Our optional `numba` is installed: compiled functions and optimisers use it for arithmetic on 65,536 entries and more,
  here in the Adam step of the large network only.
- The cost of the 400-25-10 step is the article's, written with its logarithms, for everyone.
"""


def page(results: list[Result], asides: list[Aside], versions: dict[str, str], passes: int, rounds: int) -> str:
    """The whole of `benchmarks/README.md`."""
    reached, missed, unmeasured = counted(results, asides)
    lines = [HOW.format(rounds=rounds, passes=passes, round_ms=1e3 * ROUND_SECONDS)]
    lines += [f"{time.strftime('%Y-%m-%d')}, commit {commit()}, {machine()}. "]
    lines += ["; ".join(dict.fromkeys(versions.values())) + ".", ""]
    lines += ["## Bars", f"{reached} reached, {len(missed)} missed, {unmeasured} not measured."]
    lines += [f"- missed: {line}" for line in missed] + [""]
    for result in results:
        lines += [f"## {result.workload.title}", *table(HEADINGS, rows(result)), ""]
        lines += [f"{disturbance(result).capitalize()}.", ""] if result.disturbed else []
    for aside in asides:
        lines += [f"## {aside.title}", f"{aside.how}.", "", "```", *aside.lines, "```"]
        lines += [f"- {what}: {value:.3g}, bar {limit:g}: {verdict(value, limit)}" for what, value, limit in aside.bars]
        lines += [""]
    return "\n".join(lines)
