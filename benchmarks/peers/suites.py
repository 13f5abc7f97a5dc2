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
        without: files that are left out, since they need other libraries or do not concern an engine.
        known: why tests of these names fail.
    """

    name: str
    archive: str
    tests: str
    needs: tuple[str, ...] = ()
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    known: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def release(self) -> str:
        """The project on PyPI whose version is shown."""
        return (self.archive or self.needs[0]).partition("==")[0]


TIE = (
    "a softplus of maximum(z, 0) and |z|, exactly at 0: the kink of maximum against a number has slope 0 here, as relu"
)

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
        known={
            "test_rfftn_odd_not_implemented": "asks for an error where HIPS autograd has no gradient; ours has one",
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
        without=("test_plotting.py",),
        known={"test_fit_on_simulated_data": "simulated data of this seed lie outside what it asks for"},
        note="without its plotting tests",
    ),
    Suite("reliability", "reliability", "tests", ("reliability",)),
    Suite(
        "pymanopt",
        "pymanopt",
        "tests",
        ("pymanopt",),
        without=(
            "conftest.py",
            "test_examples.py",
            "test_problem.py",
            "backends/test_jax.py",
            "backends/test_pytorch.py",
            "backends/test_tensorflow.py",
        ),
        note="without the tests that import TensorFlow, PyTorch or JAX",
    ),
    Suite(
        "surpyval",
        "surpyval",
        "surpyval/tests",
        ("surpyval",),
        {
            "": (
                "test_autograd_gamma_compat_shapes.py",
                "multivariate/test_archimedean.py",
                "recurrent/test_cox_lewis.py",
                "univariate/parametric/test_censored_hessian.py",
                "univariate/parametric/test_custom_distribution.py",
                "univariate/parametric/test_discrete.py",
                "univariate/parametric/test_distribution_tails.py",
                "univariate/parametric/test_distributions_math.py",
                "univariate/parametric/test_tail_forms.py",
                "utils/test_autograd_where.py",
                "utils/test_incomplete_beta.py",
                "utils/test_normal.py",
            )
        },
        known={
            "test_562_autograd_still_needs_the_patch": "asks that the gradient of a broadcast where is still wrong",
            "test_gradients_match_central_differences[Logistic]": TIE,
            "test_gradients_match_central_differences[LogLogistic]": TIE,
        },
        note="the tests that differentiate most; all 2,400 take an hour",
    ),
]
