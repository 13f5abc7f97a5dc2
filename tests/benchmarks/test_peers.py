"""Reading what other people's test-suites reported."""

import pytest

from benchmarks.peers.page import page, table
from benchmarks.peers.run import Outcome, Result, environ, read, reasons
from benchmarks.peers.suites import SUITES, Suite

REPORT = """<testsuites><testsuite>
<testcase classname="test_a" name="one" time="0.9">
<properties><property name="seconds" value="0.5"/></properties></testcase>
<testcase classname="test_a" name="two" time="0.1"><failure message="assert 1.5 == 2.5">
def two():
&gt;   f()
E   ValueError: shapes (3,) and 0x7f
</failure></testcase>
<testcase classname="test_a" name="three" time="0.1"><error message="collection failure"/></testcase>
<testcase classname="test_a" name="four" time="0"><skipped message="no display"/></testcase>
</testsuite></testsuites>"""


def test_a_report_is_counted_with_reasons(tmp_path):
    (tmp_path / "report.xml").write_text(REPORT)
    outcome = read(tmp_path / "report.xml")
    assert outcome.passed == {"test_a::one": 0.5}
    assert outcome.failed == {"test_a::two": "ValueError: shapes (3,) and 0x7f", "test_a::three": "collection failure"}
    assert (outcome.skipped, outcome.total) == (1, 3)


def test_failures_that_differ_in_numbers_alone_share_a_reason():
    outcome = Outcome(failed={"a": "off by 0.25 at 0x7f1", "b": "off by 1.5e-3 at 0x8a2", "c": "other"})
    assert reasons(outcome, {}) == [("`off by # at #`", ["a", "b"]), ("`other`", ["c"])]


def test_a_known_reason_stands_for_the_error():
    outcome = Outcome(failed={"test_a.Class::one": "TypeError: no", "test_a::two": "TypeError: no"})
    assert reasons(outcome, {"one": "asks for more"}) == [
        ("asks for more", ["test_a.Class::one"]),
        ("`TypeError: no`", ["test_a::two"]),
    ]


SUITE = Suite("them", "theirs==1", "tests", known={"b": "asks for an error"}, note="without plots")


def test_time_is_compared_over_the_tests_that_both_pass():
    ours, hips = Outcome({"a": 1.0, "b": 9.0}), Outcome({"a": 2.0, "c": 9.0})
    quick, slow = Outcome({"a": 3.0}), Outcome({"a": 4.0})
    assert Result(SUITE, "", {"ours": [ours], "hips": [hips]}).times() == (1.0, 2.0, 0.5)
    assert Result(SUITE, "", {"ours": [ours, quick], "hips": [hips, slow]}).times() == (2.0, 3.0, 0.625)
    assert Result(SUITE, "", {"ours": [ours], "hips": [Outcome()]}).times() is None
    assert Result(SUITE, "", {"ours": [ours]}).times() is None


def test_the_page_has_a_row_a_group_and_a_line_a_reason():
    ours, hips = Outcome({"t::a": 1.0}, {"t::b": "TypeError: no"}), Outcome({"t::a": 2.0, "t::b": 1.0})
    text = page(
        [Result(SUITE, "inner names", {"ours": [ours], "hips": [hips]})],
        {"others": "no source archive"},
        {"theirs": "1.0", "numpy": "2.4"},
        rounds=1,
    )
    assert "| them, inner names |" in text
    assert "|      1 of 2 |               2 of 2 |    1.00 |    2.00 |  0.50 |" in text
    assert "theirs 1.0; numpy 2.4." in text
    assert "- them: without plots." in text
    assert "- others: not run: no source archive" in text
    assert "- them, on our package: t::b: asks for an error" in text


def test_columns_are_aligned():
    assert table(["a", "bb"], [["long", "1"]]) == ["| a    | bb |", "|------|---:|", "| long |  1 |"]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_every_suite_names_its_release(suite):
    assert suite.release in "".join(suite.needs) or suite.archive.startswith(f"{suite.release}==")


def test_ours_is_found_before_the_installed_package(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    assert environ("hips", tmp_path)["PYTHONPATH"] == str(tmp_path / "hips")
    assert not (tmp_path / "hips" / "autograd").exists()
    assert environ("ours", tmp_path)["PYTHONPATH"] == str(tmp_path / "ours")
    assert (tmp_path / "ours" / "autograd" / "errors.py").exists()
