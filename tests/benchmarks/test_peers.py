"""Reading what other people's test-suites reported."""

from benchmarks.peers.run import Outcome, environ, read, reasons, speed

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
    assert reasons(outcome) == [("off by # at #", ["a", "b"]), ("other", ["c"])]


def test_time_is_compared_over_the_tests_that_both_pass():
    ours, hips = Outcome({"a": 1.0, "b": 9.0}), Outcome({"a": 2.0, "c": 9.0})
    assert speed([(ours, hips)]) == 0.5
    assert speed([(ours, Outcome())]) is None


def test_ours_is_found_before_the_installed_package(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    assert environ("hips", tmp_path)["PYTHONPATH"] == str(tmp_path / "hips")
    assert not (tmp_path / "hips" / "autograd").exists()
    assert environ("ours", tmp_path)["PYTHONPATH"] == str(tmp_path / "ours")
    assert (tmp_path / "ours" / "autograd" / "errors.py").exists()
