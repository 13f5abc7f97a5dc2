"""Runs of arithmetic on large arrays as compiled loops: the same numbers as NumPy's, to the last bit."""

import sys
import threading

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd.compiler import loops
from autograd.writer.loops import LARGE, without_unused

pytest.importorskip("numba", reason="numba is not installed")


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):  # infinities meet in these arrays
        yield


def both(fun, *args, donate=()):
    """The function compiled with loops and without, on copies of the arguments; the loops' source."""

    def copies():
        return [np.array(a) if isinstance(a, np.ndarray) else a for a in args]

    looped = autograd.compile(fun, donate=donate)
    mine = looped(*copies())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loops, "installed", lambda: False)
        plain = autograd.compile(fun, donate=donate)
        theirs = plain(*copies())
    assert "_loop_1" not in plain.planned_source
    return mine, theirs, looped.planned_source


def same(mine, theirs):
    mine, theirs = (list(v) if isinstance(v, (list, tuple)) else [v] for v in (mine, theirs))
    assert len(mine) == len(theirs)
    for a, b in zip(mine, theirs, strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(np.signbit(a[~np.isnan(a)]), np.signbit(b[~np.isnan(b)]))  # of zeros as well


def adam(p, m, v, g, rate):
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    return p - rate * m / (anp.sqrt(v) + 1e-8), m, v


def floats(dtype, *shape, seed=0):
    made = np.random.default_rng(seed).normal(size=shape).astype(dtype)
    flat = made.reshape(-1)
    flat[:6] = [0.0, -0.0, np.inf, -np.inf, np.nan, np.finfo(dtype).tiny / 4]
    return made


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(LARGE,), (LARGE + 3,), (300, 257), (3, 170, 133)])
def test_an_update_is_one_loop_and_the_same_to_the_last_bit(dtype, shape):
    p, m, g = (floats(dtype, *shape, seed=s) for s in range(3))
    v = np.abs(floats(dtype, *shape, seed=3))
    mine, theirs, source = both(adam, p, m, v, g, 0.01, donate=(0, 1, 2))
    same(mine, theirs)
    assert source.count("_loop_1(") == 2
    assert "multiply(" not in source


def test_rows_columns_and_masks_are_broadcast():
    def fun(x, row, column):
        y = (x + row) * column - 2.0 * x
        return anp.where(x > 0, y, 0.0), y * (x > row) * (column >= 0.5) / 3

    x, row, column = floats(np.float64, 400, 300), floats(np.float64, 300), floats(np.float64, 400, 1)
    mine, theirs, source = both(fun, x, row, column)
    same(mine, theirs)
    assert "_loop_1" in source


def test_values_that_are_read_after_the_loop_are_kept():
    def fun(x):
        a = x * 2.0 + 1.0
        b = a * a - x
        return anp.exp(a), anp.exp(b), (a * b).reshape(2, -1)

    mine, theirs, _ = both(fun, floats(np.float64, LARGE))
    same(mine, theirs)


def test_a_transposed_and_a_strided_argument():
    def fun(x, y):
        return (x + y) * 2.0 - x * x

    x = floats(np.float64, 300, 300)
    same(*both(fun, x, x.T)[:2])
    looped = autograd.compile(fun)
    wide = floats(np.float64, 300, 600)
    expected = (wide[:, ::2] + x) * 2.0 - wide[:, ::2] * wide[:, ::2]
    np.testing.assert_array_equal(looped(wide[:, ::2], x), expected)
    np.testing.assert_array_equal(looped(x, wide[:, ::2]), (x + wide[:, ::2]) * 2.0 - x * x)


def test_random_programs_of_arithmetic():
    """Fixed seeds: 3 to 12 operations on three arrays, each result used again or given back."""
    unary = [lambda a: -a, lambda a: a * a, lambda a: anp.sqrt(anp.abs(a)), lambda a: 0.5 * a + 1.0]
    binary = [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b, lambda a, b: a * (a > b)]
    looped = 0
    for seed in range(25):
        rng = np.random.default_rng(seed)
        picks = rng.integers(0, 1 << 30, size=(int(rng.integers(3, 13)), 4))
        given_back = rng.integers(0, 3, size=len(picks))

        def fun(*arrays, picks=picks, given_back=given_back):
            values, results = list(arrays), []
            for (kind, which, i, j), back in zip(picks, given_back, strict=True):
                a, b = values[i % len(values)], values[j % len(values)]
                values.append(unary[which % 4](a) if kind % 3 == 0 else binary[which % 5](a, b))
                if not back:
                    results.append(values[-1])
            return [*results, values[-1] * 1.0]

        arrays = [floats(np.float32, 256, 259, seed=seed), floats(np.float32, 259, seed=1), floats(np.float32, 256, 1)]
        mine, theirs, source = both(fun, *arrays, donate=(0,) if seed % 2 else ())
        same(mine, theirs)
        looped += "_loop_1" in source
    assert looped > 10


def test_small_arrays_and_other_dtypes_have_no_loop():
    assert "_loop_1" not in both(adam, *[np.ones(LARGE - 1)] * 4, 0.1)[2]
    for dtype in (np.float16, np.longdouble, np.complex128):
        mine, theirs, source = both(lambda x: (x + 1) * x - x * x, np.ones(LARGE, dtype))
        assert "_loop_1" not in source
        assert mine.dtype == theirs.dtype == dtype


def test_without_numba_the_source_has_no_loop(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)  # an import of it fails
    loops.compiled_loop.cache_clear()
    step = autograd.compile(adam)
    mean = step(*[np.full(LARGE, 4.0)] * 4, 0.1)[1]
    assert "_loop_1" not in step.planned_source
    np.testing.assert_allclose(mean, 4.0)
    loops.compiled_loop.cache_clear()


def test_threads_share_one_compiled_loop():
    step = autograd.compile(adam)
    arrays = [floats(np.float64, LARGE, seed=s) ** 2 for s in range(4)]
    expected = step(*arrays, 0.1)
    found = []
    threads = [threading.Thread(target=lambda: found.append(step(*arrays, 0.1))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in found:
        same(result, expected)


def test_other_shapes_run_the_same_compiled_loop():
    step = autograd.compile(adam)
    step(*[np.ones((LARGE, 2))] * 4, 0.1)
    made = loops.compiled_loop.cache_info().misses
    step(*[np.ones((3, LARGE))] * 4, 0.1)
    assert loops.compiled_loop.cache_info().misses == made
    assert step.cache_info().misses == 2


def test_the_readable_source_is_numpys_alone_and_gives_the_same():
    step = autograd.compile(adam)
    arrays = [floats(np.float64, LARGE, seed=s) ** 2 for s in range(4)]
    mine = step(*arrays, 0.1)
    scope = {"np": np}
    exec(step.source, scope)
    assert "loop" not in step.source
    for a, b in zip(mine, scope["adam"](*arrays, 0.1), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_setup_that_nobody_mentions_is_dropped():
    setup = ["a = np.empty(3)", "b = a.T", "c = np.empty(3)", "d = np.empty(2)"]
    assert without_unused(setup, "add(b, x, d)") == ["a = np.empty(3)", "b = a.T", "d = np.empty(2)"]
