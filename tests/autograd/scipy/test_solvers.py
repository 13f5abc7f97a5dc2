"""Solvers, convolution and the ODE integrator, against SciPy, dense matrices, plain loops and closed forms."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
import scipy.linalg
import scipy.signal

import autograd.numpy as anp
from autograd import Tensor, grad, holomorphic_grad, jacobian
from autograd.errors import NoRuleError
from autograd.scipy import integrate, linalg, signal
from autograd.test_util import check_grads


@pytest.mark.parametrize("trans", [0, "T", "C"])
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("unit", [False, True])
@pytest.mark.parametrize("columns", [(), (2,)])
def test_solve_triangular_is_solve_of_the_triangle(rng, trans, lower, unit, columns):
    a, b = rng.standard_normal((3, 3)) + 3 * np.eye(3), rng.standard_normal((3, *columns))

    def dense(a, b):
        t = anp.tril(a) if lower else anp.triu(a)
        t = t - t * np.eye(3) + np.eye(3) if unit else t
        return anp.linalg.solve(t.T if trans else t, b)

    def ours(a, b):
        return linalg.solve_triangular(a, b, trans=trans, lower=lower, unit_diagonal=unit)

    np.testing.assert_allclose(ours(a, b), dense(a, b), rtol=1e-12)
    for i in (0, 1):
        np.testing.assert_allclose(jacobian(ours, i)(a, b), jacobian(dense, i)(a, b), rtol=1e-11, atol=1e-13)
        slope = lambda f, i=i: grad(lambda *x: anp.sum(anp.sin(grad(lambda *x: anp.sum(f(*x) ** 2), i)(*x))), 0)  # noqa: E731
        np.testing.assert_allclose(slope(ours)(a, b), slope(dense)(a, b), rtol=1e-9, atol=1e-10)


def test_solve_triangular_conjugated(rng):
    a = rng.standard_normal((2, 2)) + 1j * rng.standard_normal((2, 2)) + 3 * np.eye(2)
    b = rng.standard_normal(2) + 0j
    x = linalg.solve_triangular(Tensor(a), b, trans="C").data
    np.testing.assert_allclose(np.triu(a).conj().T @ x, b, rtol=1e-13)


def test_sylvester_and_square_root(rng):
    a, b, q = (rng.standard_normal((n, m)) for n, m in ((3, 3), (2, 2), (3, 2)))
    a, b = a + 3 * np.eye(3), b + 3 * np.eye(2)

    def dense(a, b, q):  # vec of rows: (a x I + I x b^T) x = q
        system = anp.kron(a, np.eye(2)) + anp.kron(np.eye(3), b.T)
        return anp.reshape(anp.linalg.solve(system, anp.ravel(q)), (3, 2))

    np.testing.assert_allclose(linalg.solve_sylvester(a, b, q), dense(a, b, q), rtol=1e-11)
    for i in range(3):
        np.testing.assert_allclose(
            jacobian(linalg.solve_sylvester, i)(a, b, q), jacobian(dense, i)(a, b, q), rtol=1e-9, atol=1e-12
        )
    spd = a @ a.T
    root = linalg.sqrtm(Tensor(spd)).data
    np.testing.assert_allclose(root @ root, spd, rtol=1e-11)
    back = jacobian(lambda s: linalg.sqrtm(s) @ linalg.sqrtm(s))(spd)
    np.testing.assert_allclose(back, np.eye(9).reshape(3, 3, 3, 3), atol=1e-10)


def test_stacks_of_matrices_are_solved_one_by_one(rng):
    """All lengths are 2, so that a rule which turns the wrong axes would show in the numbers only."""
    a, b, c = (rng.standard_normal((2, 2, 2)) for _ in range(3))
    a, b = np.tril(a) + 3 * np.eye(2), b + 4 * np.eye(2)
    ab = rng.standard_normal((2, 3, 2)) + np.array([[0], [4], [0]])
    solvers = [
        (lambda a, c: linalg.solve_triangular(a, c, lower=True), (a, c)),
        (lambda a, c: linalg.solve_triangular(a, c, lower=True, trans="T"), (a, c[0])),
        (lambda a, c: linalg.solve_triangular(a, c, lower=True), (a, c[0, 0])),
        (linalg.solve_sylvester, (a, b, c)),
        (linalg.sqrtm, (a @ np.swapaxes(a, 1, 2),)),
        (lambda ab, c: linalg.solve_banded((1, 1), ab, c), (ab, c)),
        (lambda ab, c: linalg.solve_banded((1, 1), ab, c), (ab, c[0])),
        (lambda ab, c: linalg.solve_banded((1, 1), ab, c), (ab, c[0, 0])),
    ]

    def singly(solve, *args):
        one = lambda k: [x[k] if x.ndim == 3 else x for x in args]  # noqa: E731
        return anp.stack([solve(*one(k)) for k in range(2)])

    for solve, args in solvers:
        np.testing.assert_allclose(solve(*args), singly(solve, *args), rtol=1e-12)
        for i in range(len(args)):
            stacked, single = jacobian(solve, i)(*args), jacobian(lambda *x, s=solve: singly(s, *x), i)(*args)
            np.testing.assert_allclose(stacked, single, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("l_and_u", [(1, 1), (0, 2), (2, 0), (2, 1), (0, 0)])
@pytest.mark.parametrize("columns", [(), (2,)])
def test_solve_banded_is_solve_of_the_matrix(rng, l_and_u, columns):
    low, up = l_and_u
    n = 5
    ab, b = rng.standard_normal((low + up + 1, n)), rng.standard_normal((n, *columns))
    ab[up] += 5

    def dense(ab, b):
        rows = [[ab[up + i - j, j] if -up <= i - j <= low else 0.0 * ab[0, 0] for j in range(n)] for i in range(n)]
        return anp.linalg.solve(anp.stack([anp.stack(row) for row in rows]), b)

    def ours(ab, b):
        return linalg.solve_banded(l_and_u, ab, b)

    np.testing.assert_allclose(ours(ab, b), dense(ab, b), rtol=1e-11)
    for i in (0, 1):
        np.testing.assert_allclose(jacobian(ours, i)(ab, b), jacobian(dense, i)(ab, b), rtol=1e-9, atol=1e-12)

    def second(f):
        return grad(lambda ab: anp.sum(grad(lambda ab: anp.sum(f(ab, b) ** 2))(ab) ** 2))(ab)

    np.testing.assert_allclose(second(ours), second(dense), rtol=1e-8, atol=1e-11)


# Cholesky's factors, functions of matrices, and what NumPy has too: values are SciPy's, slopes those of differences

SQUARE = np.array([[2.0, 0.3, -0.4], [0.7, 3.0, 0.2], [-0.1, 0.5, 1.5]])  # not symmetric: which triangle is read shows
TALL = np.array([[1.0, 2.0], [0.5, -1.0], [0.3, 0.7]])
VECTOR = np.array([1.0, -2.0, 0.5])
LINEAR = {
    "cholesky": (linalg.cholesky, SQUARE),
    "cholesky lower": (lambda a: linalg.cholesky(a, lower=True), SQUARE),
    "expm": (linalg.expm, SQUARE),
    "logm": (linalg.logm, SQUARE),
    "sinm": (linalg.sinm, SQUARE),
    "cosm": (linalg.cosm, SQUARE),
    "solve": (linalg.solve, SQUARE, VECTOR),
    "solve columns": (lambda a, b: linalg.solve(a, b, transposed=True), SQUARE, TALL),
    "solve pos": (lambda a, b: linalg.solve(a, b, assume_a="pos"), SQUARE, VECTOR),
    "solve sym lower": (lambda a, b: linalg.solve(a, b, lower=True, assume_a="sym"), SQUARE, TALL),
    "block_diag": (linalg.block_diag, SQUARE, TALL, VECTOR),
    "toeplitz": (linalg.toeplitz, VECTOR),
    "toeplitz rows": (linalg.toeplitz, VECTOR, np.arange(4.0)),
    "det": (linalg.det, SQUARE),
    "inv": (lambda a: linalg.inv(a, check_finite=False), SQUARE),
    "norm": (lambda a: linalg.norm(a, 1, axis=0), TALL),
    "eigvalsh": (linalg.eigvalsh, SQUARE),
    "svd": (lambda a: linalg.svd(a, True, False), TALL),
}


@pytest.mark.parametrize("name", LINEAR)
def test_matrix_functions(name):
    fun, *args = LINEAR[name]
    value = fun(*args)

    def weighed(*args):
        out = fun(*args)
        return anp.sum(out * anp.cos(anp.arange(out.size).reshape(out.shape)))

    symmetric = name.startswith("chol") or name == "eigvalsh"  # their gradients are shared by both triangles
    for i, arg in enumerate(args):
        recorded = fun(*args[:i], Tensor(arg), *args[i + 1 :])
        np.testing.assert_allclose(recorded.data, value, rtol=1e-12, atol=1e-14)
        step = np.sin(1 + np.arange(arg.size)).reshape(arg.shape)
        step = step + step.T if symmetric else step

        def along(t, i=i, arg=arg, step=step):
            return weighed(*args[:i], arg + t * step, *args[i + 1 :])

        slope = np.sum(grad(weighed, i)(*args) * step)
        assert slope == pytest.approx((along(1e-5) - along(-1e-5)) / 2e-5, rel=1e-7, abs=1e-8)
        second = (grad(along)(1e-5) - grad(along)(-1e-5)) / 2e-5
        assert grad(grad(lambda t: along(t) + 0 * t**2))(0.0) == pytest.approx(second, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("lower", [False, True])
def test_cho_solve_is_solve(lower):
    a = SQUARE @ SQUARE.T

    def by_factor(a, b):
        return linalg.cho_solve(linalg.cho_factor(a, lower=lower), b)

    for b in (VECTOR, TALL):
        np.testing.assert_allclose(by_factor(a, b), anp.linalg.solve(a, b), rtol=1e-12)
        for i in (0, 1):
            ours = jacobian(by_factor, i)(a, b)
            dense = jacobian(lambda a, b: anp.linalg.solve((a + a.T) / 2, b), i)(a, b)
            np.testing.assert_allclose(ours, dense, rtol=1e-9, atol=1e-12)


def test_complex_factors_and_exponentials(rng):
    z = rng.standard_normal((2, 2)) + 1j * rng.standard_normal((2, 2))
    a, b = z @ z.conj().T, z[0]
    for lower in (False, True):
        factor = linalg.cholesky(Tensor(a), lower=lower).data
        np.testing.assert_allclose(factor, scipy.linalg.cholesky(a, lower=lower), rtol=1e-12)
        solved = linalg.cho_solve(linalg.cho_factor(Tensor(a), lower=lower), b).data
        np.testing.assert_allclose(a @ solved, b, rtol=1e-12)
    h = 1e-6
    slope = holomorphic_grad(lambda t: anp.sum(linalg.expm(t * z)))(0.3 + 0.1j)
    expected = (np.sum(scipy.linalg.expm((0.3 + 0.1j + h) * z)) - np.sum(scipy.linalg.expm((0.3 + 0.1j - h) * z))) / (
        2 * h
    )
    assert slope == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("assume_a", ["sym", "her"])
def test_solve_reads_of_a_complex_matrix_what_scipy_reads(rng, assume_a, lower):
    z = rng.standard_normal((3, 3)) + 1j * rng.standard_normal((3, 3))  # whose diagonal is not real
    expected = scipy.linalg.solve(z, VECTOR, assume_a=assume_a, lower=lower)
    np.testing.assert_allclose(linalg.solve(Tensor(z), VECTOR, lower, assume_a=assume_a).data, expected, rtol=1e-10)


def test_plain_stacks_are_scipys_affair():
    factor = scipy.linalg.cho_factor((SQUARE @ SQUARE.T)[None])
    np.testing.assert_array_equal(linalg.cho_solve(factor, VECTOR), scipy.linalg.cho_solve(factor, VECTOR))


def test_one_right_hand_side_for_a_stack_of_factors(rng):
    a = rng.standard_normal((2, 3, 3))
    a = a @ np.swapaxes(a, 1, 2) + np.eye(3)
    for lower in (False, True):
        solved = linalg.cho_solve((linalg.cholesky(Tensor(a), lower=lower), lower), VECTOR).data
        np.testing.assert_allclose(solved, [np.linalg.solve(one, VECTOR) for one in a], rtol=1e-12)


@pytest.mark.parametrize("assume_a", [None, "sym", "her", "pos"])
def test_solve_does_not_widen_float32(assume_a):
    a, b = (SQUARE @ SQUARE.T).astype(np.float32), VECTOR.astype(np.float32)
    assert linalg.solve(Tensor(a), b, assume_a=assume_a).dtype == scipy.linalg.solve(a, b, assume_a=assume_a).dtype


def test_options_without_a_rule_are_refused():
    for call in (
        lambda a: linalg.eigh(a, subset_by_index=[0, 1])[0],
        lambda a: linalg.solve(a, VECTOR, assume_a="diagonal"),
    ):
        with pytest.raises(NoRuleError, match=r"^scipy\.linalg\.\w+ has no derivative rule with \w+="):
            jacobian(call)(SQUARE)
    with pytest.raises(NoRuleError, match=r"^scipy\.linalg\.toeplitz has no derivative rule for stacks of vectors$"):
        jacobian(linalg.toeplitz)(SQUARE)


# convolution


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize(("m", "n"), [((5,), (3,)), ((3,), (5,)), ((4, 6), (3, 2)), ((4, 4), (4, 4))])
def test_convolve_is_scipys(rng, mode, m, n):
    a, b = rng.standard_normal(m), rng.standard_normal(n)
    expected = scipy.signal.convolve(a, b, mode, method="direct")
    np.testing.assert_allclose(signal.convolve(a, b, mode=mode), expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize(("m", "n"), [((5,), (3,)), ((3,), (5,)), ((4, 6), (3, 2))])
def test_correlate_is_scipys(rng, mode, m, n):
    a, b = (rng.standard_normal(k) + 1j * rng.standard_normal(k) for k in (m, n))
    expected = scipy.signal.correlate(a, b, mode)
    np.testing.assert_allclose(signal.correlate(a, b, mode), expected)
    np.testing.assert_allclose(signal.correlate(Tensor(a), b, mode).data, expected, rtol=1e-11)
    np.testing.assert_allclose(signal.correlate(a, Tensor(b), mode).data, expected, rtol=1e-11)


def loops(a, b, axes, dot_axes):
    """The definition, by loops over every pair of entries."""
    used = [{*c, *d} for c, d in zip(axes, dot_axes, strict=True)]
    keep = [[k for k in range(x.ndim) if k not in u] for x, u in zip((a, b), used, strict=True)]
    sizes = [a.shape[i] + b.shape[j] - 1 for i, j in zip(*axes, strict=True)]
    out = np.zeros([a.shape[k] for k in keep[0]] + [b.shape[k] for k in keep[1]] + sizes)
    for i in itertools.product(*map(range, a.shape)):
        for j in itertools.product(*map(range, b.shape)):
            if all(i[k] == j[l] for k, l in zip(*dot_axes, strict=True)):
                moved = [i[k] + j[l] for k, l in zip(*axes, strict=True)]
                out[(*[i[k] for k in keep[0]], *[j[k] for k in keep[1]], *moved)] += a[i] * b[j]
    return out


@pytest.mark.parametrize(
    ("m", "n", "axes", "dot_axes"),
    [
        ((2, 4), (3, 2), ([1], [0]), ([], [])),
        ((2, 3), (3, 2), ([0], [1]), ([1], [0])),
        ((2, 3, 4), (2, 2, 3), ([2], [1]), ([0, 1], [0, 2])),
        ((2, 3, 4), (3, 2, 2), ([1, 2], [0, 1]), ([], [])),
        ((2, 3, 4), (3, 2, 2), ([-1], [-1]), ([0], [1])),
        ((2, 3), (2, 4), ([], []), ([0], [0])),
    ],
)
def test_convolve_over_some_axes(rng, m, n, axes, dot_axes):
    a, b = rng.standard_normal(m), rng.standard_normal(n)
    positive = [[k % x.ndim for k in given] for x, given in zip((a, b), axes, strict=True)]
    expected = loops(a, b, positive, dot_axes)
    np.testing.assert_allclose(signal.convolve(a, b, axes, dot_axes), expected, rtol=1e-12, atol=1e-14)
    for mode in ("full", "same", "valid"):
        ours = jacobian(lambda a, mode=mode: signal.convolve(a, b, axes, dot_axes, mode))(a)
        at = tuple(slice(None) for _ in range(ours.ndim - a.ndim))
        unit = np.zeros(m)
        unit[(0,) * a.ndim] = 1  # bilinear: the slope is the convolution of a unit
        column = signal.convolve(unit, b, axes, dot_axes, mode)
        np.testing.assert_allclose(ours[(*at, *[0] * a.ndim)], column, rtol=1e-12, atol=1e-14)


def test_convolve_is_differentiable_twice_in_both(rng):
    state = np.random.get_state()  # noqa: NPY002 - what the checker draws from
    np.random.seed(1)  # noqa: NPY002
    a, b = rng.standard_normal((3, 4, 2)), rng.standard_normal((3, 2, 3))
    for mode in ("full", "same", "valid"):
        f = lambda a, b, mode=mode: signal.convolve(a, b, ([1], [1]), ([0], [0]), mode)  # noqa: E731
        check_grads(f, (0, 1))(a, b)
    np.random.set_state(state)  # noqa: NPY002


def test_convolve_takes_lists():
    np.testing.assert_array_equal(grad(lambda x: anp.sum(signal.convolve([x[0], 2.0], [1.0, 3.0])))(np.ones(1)), [4.0])


def test_convolve_refuses():
    with pytest.raises(ValueError, match=r"^convolve: mode is 'full', 'same' or 'valid', not 'half'$"):
        signal.convolve(np.ones(3), np.ones(2), mode="half")
    with pytest.raises(ValueError, match=r"^convolve: mode 'valid' of \(3, 2\) and \(2, 3\) needs one array to be"):
        signal.convolve(np.ones((3, 2)), np.ones((2, 3)), mode="valid")


# differential equations


def decay(y, t, rates):
    return -rates["k"] * y + rates["s"]


def solution(y0, t, k, s):
    """y' = -k y + s: the textbook's."""
    return s / k + (y0 - s / k) * anp.exp(-k * (t - t[0]).reshape(-1, 1))


def test_odeint_against_the_closed_form():
    y0, t = np.array([1.0, 3.0]), np.array([0.0, 0.4, 1.0])
    rates = {"k": np.array([0.7, 2.0]), "s": 0.5}
    tight = {"rtol": 1e-10, "atol": 1e-10}

    def ours(y0, t, rates):
        return anp.sum(integrate.odeint(decay, y0, t, (rates,), **tight) ** 2)

    def exact(y0, t, rates):
        return anp.sum(solution(y0, t, rates["k"], rates["s"]) ** 2)

    assert ours(y0, t, rates) == pytest.approx(exact(y0, t, rates), rel=1e-7)
    (a, b, c), (x, y, z) = (grad(f, (0, 1, 2))(y0, t, rates) for f in (ours, exact))
    np.testing.assert_allclose(a, x, rtol=1e-6)
    np.testing.assert_allclose(b, y, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(c["k"], z["k"], rtol=1e-6)
    assert c["s"] == pytest.approx(z["s"], rel=1e-6)


def test_odeint_options():
    start, t, args = np.array([1.0, 3.0]), np.array([0.0, 0.4, 1.0]), (np.array([0.7, 2.0]),)
    tight = {"rtol": 1e-10, "atol": 1e-10}

    def slope(func, **options):
        return grad(lambda y0, k: anp.sum(integrate.odeint(func, y0, t, k, **options)[1:] ** 2), (0, 1))(start, args)

    plain = slope(lambda y, t, k: -k * y * t, **tight)
    turned = slope(lambda t, y, k: -k * y * t, tfirst=True, **tight)
    by_entry = slope(lambda y, t, k: -k * y * t, rtol=[1e-10, 1e-9], atol=np.array([1e-10, 1e-9]))
    with_jacobian = slope(lambda y, t, k: -k * y * t, Dfun=lambda y, t, k: np.diag(-k * t), **tight)
    for other in (turned, by_entry, with_jacobian):
        np.testing.assert_allclose(other[0], plain[0], rtol=1e-6)
        np.testing.assert_allclose(other[1][0], plain[1][0], rtol=1e-6)
    single = grad(lambda y0: integrate.odeint(lambda y, t: -y, y0, t, **tight)[-1, 0])(2.0)
    assert single == pytest.approx(np.exp(-1), rel=1e-6)
    with pytest.raises(NoRuleError, match=r"^odeint has no derivative rule for tcrit=; integrate from "):
        slope(lambda y, t, k: -k * y, tcrit=np.array([0.5]))


def test_trapezoid():
    x = np.array([0.0, 1.0, 4.0])
    np.testing.assert_array_equal(grad(integrate.trapezoid)(np.ones(3), x), [0.5, 2.0, 1.5])
    with pytest.raises(NoRuleError, match=r"^scipy\.integrate\.simpson has no derivative rule \(odeint and trapez"):
        grad(integrate.simpson)(np.ones(3))


def test_odeint_does_not_lose_the_gradient_of_what_func_closes_over():
    def end(k):
        return integrate.odeint(lambda y, t: -k * y, np.ones(1), np.array([0.0, 0.5]))[-1, 0]

    assert end(0.7) == pytest.approx(np.exp(-0.35))
    with pytest.raises(NoRuleError, match=r"^odeint: func uses a recorded value besides .* in args=\(...\)$"):
        grad(end)(0.7)


def test_odeint_twice():
    t = np.array([0.0, 0.5])

    def end(k):
        return integrate.odeint(lambda y, t, k: -k * y, np.ones(1), t, (k,), rtol=1e-10, atol=1e-10)[-1, 0]

    assert grad(end)(0.7) == pytest.approx(-0.5 * np.exp(-0.35), rel=1e-6)
    assert grad(grad(end))(0.7) == pytest.approx(0.25 * np.exp(-0.35), rel=1e-5)


def test_scipy_is_loaded_by_the_extra_only():
    look = "print('scipy' in sys.modules)"
    code = f"import sys, autograd; {look}; import autograd.scipy as s; s.special; {look}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_a_missing_scipy_is_named():
    code = "import sys; sys.modules['scipy'] = None\nimport autograd.scipy"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MissingPackageError: autograd.scipy needs SciPy: pip install scipy" in done.stderr
