"""One contender in a process of its own: requests on standard input, answers on standard output, a JSON line each.

Run by `runner.py` as `python -P worker.py ROOT CONTENDER`; it can be run by hand to see a contender's own traceback.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import sys
import time
import traceback
from types import ModuleType
from typing import Any

OURS = {"eager", "eager-unguarded", "compiled"}

MODULES = {
    "eager": "ours",
    "eager-unguarded": "ours_unguarded",
    "numpy": "hand",
    "torch": "pytorch",
    "jax": "jax_jit",
    "jax-queued": "jax_queued",
    "mygrad": "mygrad_",
    "micrograd": "micrograd_",
}
CHECKED_CALLS = 3
GUARD_TURNS, GUARD_SHARE = 300, 10  # turns with the guard on and off, and the part of a round that each takes


class Session:
    """The contender's module and the job at hand."""

    def __init__(self, contender: str) -> None:
        name = MODULES.get(contender, contender).replace("-", "_")
        self.module: ModuleType = importlib.import_module(f"benchmarks.contenders.{name}")
        self.finish = getattr(self.module, "finish", lambda value: value)
        self.loops = 1
        self.job: Any = None

    def hello(self) -> dict[str, Any]:
        return {"version": self.module.VERSION}

    def prepare(self, kind: str, dtype: str, options: dict[str, int]) -> dict[str, Any]:
        """Build the job, time its first call, check what it computes, and choose how many calls make a round."""
        self.job = None
        gc.collect()
        cannot = getattr(self.module, "CANNOT", {}).get(kind)
        if cannot or not hasattr(self.module, kind):
            return {"cannot": cannot or "not written for this contender"}
        from benchmarks import data
        from benchmarks.workloads import ROUND_SECONDS

        arrays = data.make(kind, dtype, options)
        began = time.perf_counter()
        self.job = getattr(self.module, kind)(arrays)
        last = self.finish(self.job.call())
        first_call = time.perf_counter() - began
        for _ in range(CHECKED_CALLS - 1):
            last = self.job.call()
        found = [digest(a) for a in self.job.outcome(self.finish(last))]
        self.loops = 1
        while self.measure()["seconds"] * self.loops < ROUND_SECONDS / 2:
            self.loops *= 2
        return {"first_call": first_call, "found": found}

    def measure(self) -> dict[str, float]:
        """The mean seconds of a call over one round, after as many that bring caches and threads back.

        The scheduler takes about 50 ms to spread the threads of a library over the cores: without a whole round before
        the one that counts, JAX's step of the large network takes a third longer.
        """
        call = self.job.call
        for _ in range(self.loops):
            last = call()
        self.finish(last)
        others = cpu_seconds_of_others()
        began = time.perf_counter()
        for _ in range(self.loops):
            last = call()
        self.finish(last)
        seconds = time.perf_counter() - began
        return {"seconds": seconds / self.loops, "others": (cpu_seconds_of_others() - others) / seconds}

    def guard(self, kind: str, dtype: str, options: dict[str, int]) -> dict[str, list[float]]:
        """Seconds of an eager step with the guard on and off, in turns: apart, two processes differ by more than it."""
        import autograd

        self.prepare(kind, dtype, options)
        loops = -(-self.loops // GUARD_SHARE)
        found: dict[str, list[float]] = {"on": [], "off": []}
        for turn in range(GUARD_TURNS):
            for on in (True, False) if turn % 2 else (False, True):
                with autograd.guard_arrays(on):
                    began = time.perf_counter()
                    for _ in range(loops):
                        self.job.call()
                    found["on" if on else "off"].append((time.perf_counter() - began) / loops)
        return found

    def memory(self, kind: str, dtype: str, options: dict[str, int]) -> dict[str, float]:
        """MiB that model, optimiser and steps add to the warmed library at their peak: in the first step, and later."""
        from benchmarks import data

        warm = getattr(self.module, kind)(data.make(kind, dtype, {**options, "batch": 2, "width": 96}))
        for _ in range(3):
            self.finish(warm.call())
        del warm
        arrays = data.make(kind, dtype, options)
        before = lowered()
        job = getattr(self.module, kind)(arrays)
        self.finish(job.call())
        first = resident("VmHWM") - before
        self.finish(job.call())
        lowered()
        for _ in range(5):
            self.finish(job.call())
        return {"first": first, "peak": resident("VmHWM") - before}


def cpu_seconds_of_others() -> float:
    """Seconds of processor time that the machine has spent on anything but this process (0 without Linux's /proc)."""
    try:
        with open("/proc/stat") as lines:
            user, nice, system, _, _, *rest = map(int, lines.readline().split()[1:9])
    except OSError:
        return 0.0
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK") - time.process_time()


def lowered() -> float:
    """Give freed memory back to the system, forget the highest mark so far, and return what is resident now, in MiB."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
    return resident("VmRSS")


def resident(field: str) -> float:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field)) / 1024


def digest(array: Any) -> list[float]:
    """Size, norm and a weighted sum: two arrays that agree in all three are the same array for our purpose."""
    import numpy as np

    flat = np.asarray(array, dtype=np.float64).ravel()
    weights = np.cos(0.7 * np.arange(flat.size)) / np.sqrt(flat.size)
    return [float(flat.size), float(np.linalg.norm(flat)), float(flat @ weights)]


def serve(root: str, contender: str) -> None:
    """Answer requests until standard input ends."""
    # HIPS autograd has our import name: only our own contenders see this checkout before the installed packages.
    sys.path.insert(0 if contender in OURS else len(sys.path), root)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answers
    session: Session | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            session = session or Session(contender)
            answer = getattr(session, request.pop("do"))(**request)
        except Exception as error:  # any failure is reported in the table under the contender's name
            traceback.print_exc()
            answer = {"failed": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    serve(*sys.argv[1:3])
