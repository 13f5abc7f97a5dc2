"""Which suites are run, and what they need; none of their text is kept here."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Suite:
    """A release on PyPI whose source archive carries tests.

    Attributes:
        archive: the requirement whose source archive holds the tests, or "" where the tests are our own checks.
        tests: the folder of tests inside the archive (or in `peers/`).
        needs: what is installed beside it.
        files: the test files of each group; a group is counted apart. Empty: every file.
        ignore: test files that do not concern an engine.
    """

    name: str
    archive: str
    tests: str
    needs: tuple[str, ...] = ()
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    note: str = ""


SUITES = [
    Suite(
        "HIPS autograd",
        "autograd==1.9.1",
        "tests",
        ("scipy", "xarray"),
        {
            "public names": (
                "test_binary_ops.py",
                "test_builtins.py",
                "test_complex.py",
                "test_dict.py",
                "test_direct.py",
                "test_fft.py",
                "test_graphs.py",
                "test_jacobian.py",
                "test_linalg.py",
                "test_list.py",
                "test_numpy.py",
                "test_performance.py",
                "test_scalar_ops.py",
                "test_scipy.py",
                "test_systematic.py",
                "test_truediv.py",
                "test_tuple.py",
                "test_ufunc_dispatch.py",
            ),
            "inner names too": (
                "test_core.py",
                "test_logic.py",
                "test_misc.py",
                "test_tests.py",
                "test_vspaces.py",
                "test_wrappers.py",
            ),
        },
        note="the second group imports core, tracer, util or wrap_util",
    ),
    Suite(
        "autograd-gamma",
        "",
        "checks",
        ("autograd-gamma", "scipy"),
        note="its archive carries no tests: these are our own, of each of its functions against differences of SciPy's",
    ),
    Suite(
        "lifelines",
        "lifelines",
        "lifelines/tests",
        ("lifelines", "flaky", "dill", "statsmodels", "jinja2", "joblib"),
        ignore=("test_plotting.py",),
        note="without its plotting tests",
    ),
    Suite(
        "reliability",
        "reliability",
        "tests",
        ("reliability",),
    ),
]
