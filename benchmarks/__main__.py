"""`python -m benchmarks`: build the peers' environment, run every contender, print and write the tables."""

from __future__ import annotations

import argparse
import sys

from benchmarks import environment, extras, report
from benchmarks.runner import Result, Worker, run
from benchmarks.workloads import ROUND_SECONDS, WORKLOADS, Workload

# Our two come first, and each contender is named in `report.LABELS`.
CONTENDERS = ["eager", "compiled", "numpy", "torch", "jax", "hips", "mygrad", "micrograd"]
INFORMATIVE = ["eager-unguarded", "jax-queued", "mygrad-unguarded"]  # other settings of the same; no bar is about them
EVERYONE = CONTENDERS + INFORMATIVE
PASSES = 3  # where the arrays of a process happen to lie moves its figures by some percent, so each is started anew


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
    parser.add_argument("--rounds", type=int, default=24, help=f"rounds of up to {ROUND_SECONDS:g} s, in all (24)")
    parser.add_argument("--quick", action="store_true", help="5 rounds, without the curves, memory and start-up times")
    parser.add_argument("--contenders", help="a comma-separated list of " + ", ".join(EVERYONE))
    parser.add_argument("--rebuild", action="store_true", help="make the peers' environment anew")
    options = parser.parse_args(arguments)
    wanted = chosen(options.only)
    names = options.contenders.split(",") if options.contenders else EVERYONE
    if not wanted or not set(names) <= set(EVERYONE):
        known = ", ".join(w.name for w in WORKLOADS) if not wanted else ", ".join(EVERYONE)
        parser.error(f"nothing of that name; there are {known}")
    whole = not (options.only or options.contenders or options.quick)
    passes = 1 if options.quick else PASSES
    rounds = 5 if options.quick else max(1, options.rounds // passes)
    failures = environment.ensure(options.rebuild)
    results, curves = [Result(workload) for workload in wanted], []
    for turn in range(passes):
        workers, versions, down = start(names, failures)
        last = turn == passes - 1
        try:
            curves = extras.curves(workers, rounds) if whole and last else []
            for result in results:
                run(result, workers, rounds)
                result.absent |= down
                print(report.block(result) if last else f"{result.workload.name}: pass {turn + 1}", flush=True)
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
        aside_page.write_text(report.page(results, asides, versions, passes, rounds))
        aside_page.replace(page)
        print(f"Written: {page.relative_to(environment.ROOT)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
