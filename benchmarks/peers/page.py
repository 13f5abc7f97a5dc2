"""What was measured, as lines on the terminal and as `benchmarks/peers/README.md`."""

from __future__ import annotations

import re
import time

from benchmarks.peers.run import Result, reasons
from benchmarks.report import commit, machine

NAMES = {"ours": "our package", "hips": "HIPS autograd"}
SHOWN = 8  # tests named for one reason
HEADINGS = ["suite", "ours passes", "HIPS autograd passes", "ours, s", "HIPS, s", "ratio"]

HOW = """# Other people's tests on our package

This page is written by `python -m benchmarks.peers` (`make peers`); do not edit it by hand.
`--only lifelines`, `--engine ours` and `--rounds 3` print parts of it and leave the page alone.

Each suite comes from its release's source archive on PyPI into a temporary folder, none of it is kept here, and runs in
one environment (`.venv-peers`): with HIPS autograd 1.9.1, and with our package found first under the same import name.
Every test starts from the same seed of the global random numbers. Time is one thread's processor time in the tests that
both pass, without imports and collection; with several rounds, which alternate between the two, it is the median.
Below 1 the ratio says that ours is faster. Skipped tests are not counted, nor those that a suite expects to fail and
that do.
"""


def row(result: Result) -> list[str]:
    """The cells of one group."""
    cells = [result.suite.name + (f", {result.group}" if result.group else "")]
    total = max(outcomes[-1].total for outcomes in result.rounds.values())  # a file that cannot be imported is one
    for engine in NAMES:
        if engine not in result.rounds:
            cells.append("-")
        else:
            last = result.last(engine)
            cells.append(last.trouble or f"{len(last.passed)} of {total}")
    times = result.times()
    return cells + (["-"] * 3 if times is None else [f"{times[0]:.2f}", f"{times[1]:.2f}", f"{times[2]:.2f}"])


def table(headings: list[str], body: list[list[str]]) -> list[str]:
    """A Markdown table whose columns are aligned as plain text too: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(headings, *body, strict=True)]

    def line(cells: list[str]) -> str:
        padded = [f"{c:>{w}}" if k else f"{c:<{w}}" for k, (c, w) in enumerate(zip(cells, widths, strict=True))]
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join("-" * (w + 1) + (":" if k else "-") for k, w in enumerate(widths)) + "|"
    return [line(headings), rule, *map(line, body)]


def failures(result: Result) -> list[str]:
    """A line for each reason why tests failed, on either engine."""
    lines = []
    for engine in result.rounds:
        for reason, names in reasons(result.last(engine), result.suite.known):
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            shown = ", ".join(re.sub(r"^.*?(\w+)::", r"\1::", name) for name in names[:SHOWN])
            lines.append(f"- {result.suite.name}, on {NAMES[engine]}: {shown}{more}: {reason}")
    return lines


def page(results: list[Result], absent: dict[str, str], versions: dict[str, str], rounds: int) -> str:
    """The whole of `benchmarks/peers/README.md`."""
    of = [f"{name} {versions[name]}" for r in results if (name := r.suite.release) in versions]
    of += [f"{name} {versions[name]}" for name in ("numpy", "scipy") if name in versions]
    taken = f"{time.strftime('%Y-%m-%d')}, commit {commit()}, {machine()}, {rounds} round{'s' * (rounds > 1)}."
    lines = [HOW, taken, "; ".join(dict.fromkeys(of)) + ".", "", *table(HEADINGS, [row(r) for r in results]), ""]
    lines += [f"- {name}: not run: {reason}" for name, reason in absent.items()]
    notes = {r.suite.name: r.suite.note for r in results if r.suite.note}
    lines += [f"- {name}: {note}." for name, note in notes.items()]
    lines += ["", "## Tests that fail", *[line for r in results for line in failures(r)], ""]
    return "\n".join(lines)
