"""Ratios, bars and tables from given numbers."""

import pytest

from benchmarks import report
from benchmarks.extras import Aside, straight_line
from benchmarks.runner import Result
from benchmarks.workloads import WORKLOADS, Workload

ROUNDS = {"eager": [2e-3, 4e-3, 9e-3], "torch": [4e-3, 4e-3, 4e-3]}


def result(limit):
    workload = Workload(
        "w", "digits", "a workload", "float32", {}, {("eager", "torch"): limit, ("compiled", "torch"): 1}
    )
    return Result(workload, dict(ROUNDS), {"compiled": "not available", "hips": "not installed: no such version"})


def test_a_ratio_is_the_median_of_the_ratios_of_each_round():
    assert result(1.0).ratio("eager", "torch") == 1.0
    assert result(1.0).median("eager") == 4e-3


@pytest.mark.parametrize(("limit", "word"), [(1.0, "reached"), (0.99, "MISSED")])
def test_bars_are_marked(limit, word):
    block = report.block(result(limit))
    assert f"eager <= {limit:g} {word}" in block
    assert "compiled <= 1 not measured" in block


def test_who_could_not_take_part_is_named_with_the_reason():
    lines = report.block(result(1.0)).splitlines()
    assert any("HIPS autograd" in line and "not installed: no such version" in line for line in lines)
    assert any("ours, compiled" in line and "not available" in line for line in lines)


def test_the_page_names_what_was_missed():
    aside = Aside("Import time", "fresh interpreters", ["import numpy 80 ms"], [("import", 1.3, 1.15)])
    page = report.page([result(0.5)], [aside], {"torch": "PyTorch 0.0"}, 3, 8)
    assert "0 reached, 2 missed, 1 not measured" in page
    assert "w: eager / PyTorch eager is 1, the bar is 0.5" in page
    assert "import is 1.3, the bar is 1.15" in page


def test_a_straight_line_is_found():
    assert straight_line([(x, 0.5 + 0.25 * x) for x in (1, 10, 100)]) == pytest.approx((0.5, 0.25))


def test_names_of_workloads_are_distinct():
    names = [w.name for w in WORKLOADS]
    assert len(set(names)) == len(names)
