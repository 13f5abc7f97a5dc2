"""Interleaved rounds with workers that answer at once."""

import pytest

from benchmarks import runner
from benchmarks.runner import Result, run
from benchmarks.workloads import Workload

WORKLOAD = Workload("w", "digits", "a workload", "float64")


class Answering:
    """A worker that computes `found` and takes so many seconds; None where it fails."""

    def __init__(self, found, *seconds):
        self.found, self.seconds = found, list(seconds)

    def ask(self, do, **request):
        if do == "prepare":
            return {"found": self.found}
        seconds = self.seconds.pop(0)
        return {"failed": "out of memory"} if seconds is None else {"seconds": seconds, "others": 0.0}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(runner, "PAUSE", 0.0)


def test_rounds_of_all_passes_are_kept_in_order():
    result = Result(WORKLOAD)
    for first in (1.0, 3.0):
        run(result, {"eager": Answering([[1, 2.0]], first, first + 1), "numpy": Answering([[1, 2.0]], 1.0, 1.0)}, 2)
    assert result.rounds == {"eager": [1.0, 2.0, 3.0, 4.0], "numpy": [1.0] * 4}
    assert result.ratio("eager", "numpy") == 2.5


def test_who_computes_something_else_is_not_timed():
    result = Result(WORKLOAD)
    run(result, {"eager": Answering([[1, 2.001]]), "numpy": Answering([[1, 2.0]], 1.0)}, 1)
    assert result.rounds == {"numpy": [1.0]}
    assert result.absent["eager"].startswith("computed something else")


def test_who_fails_in_one_pass_is_left_out_of_all():
    result = Result(WORKLOAD)
    for seconds in (None, 1.0):
        run(result, {"eager": Answering([[1, 2.0]], seconds), "numpy": Answering([[1, 2.0]], 1.0)}, 1)
    assert result.rounds == {"numpy": [1.0, 1.0]}
    assert result.absent == {"eager": "failed: out of memory"}
