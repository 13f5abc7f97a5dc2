"""Blocks of rows: the same numbers as all rows at once."""

import threading

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd.compiler import blocks
from autograd.compiler.rows import by_rows
from autograd.program import trace


@pytest.fixture(autouse=True)
def blocks_of_small_arrays(monkeypatch):
    monkeypatch.setattr(blocks, "LARGE", 1)
    monkeypatch.setattr(blocks, "BLOCK", 200)
    monkeypatch.setattr(blocks, "LEAST", 1)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def whole(rng, *shape):
    """Whole numbers as floats: their sums are the same in every order."""
    return rng.integers(-4, 5, shape).astype(float)


def digits(params, X, y):
    theta1, b1, theta2, b2 = params
    a1 = anp.sigmoid(X @ theta1 + b1)
    a2 = anp.sigmoid(a1 @ theta2 + b2)
    penalty = anp.sum(theta1**2) + anp.sum(theta2**2)
    return -anp.sum(y * anp.log(a2) + (1 - y) * anp.log(1 - a2)) / len(X) + 0.01 * penalty


def classes(params, X, y):
    theta1, b1, theta2, b2 = params
    scores = anp.log_softmax(anp.relu(X @ theta1 + b1) @ theta2 + b2)
    return -anp.sum(y * scores) / len(X)


def network(rng, m=11):
    params = [rng.normal(size=(6, 5)), rng.normal(size=5), rng.normal(size=(5, 3)), rng.normal(size=3)]
    return params, rng.normal(size=(m, 6)), np.eye(3)[rng.integers(0, 3, m)]


@pytest.mark.parametrize("cost", [digits, classes])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_are_those_of_all_rows_at_once(rng, cost, dtype):
    params, X, y = network(rng)
    params, X, y = [p.astype(dtype) for p in params], X.astype(dtype), y.astype(dtype)
    step = autograd.compile(autograd.value_and_grad(cost))
    value, slopes = step(params, X, y)
    assert "in_blocks(" in step.planned_source
    assert "in_blocks" not in step.source  # the readable source takes all rows at once
    expected_value, expected = autograd.value_and_grad(cost)(params, X, y)
    tolerance = 40 * np.finfo(dtype).eps
    np.testing.assert_allclose(value, expected_value, rtol=tolerance)
    for slope, e in zip(slopes, expected, strict=True):
        assert slope.dtype == dtype
        np.testing.assert_allclose(slope, e, rtol=0, atol=tolerance * np.abs(e).max())


def test_results_are_the_callers(rng):
    step = autograd.compile(autograd.value_and_grad(digits))
    args = network(rng)
    first = step(*args)[1]
    kept = [np.copy(s) for s in first]
    step([p + 1 for p in args[0]], *args[1:])
    for slope, copy in zip(first, kept, strict=True):
        slope += 0  # writeable
        np.testing.assert_array_equal(slope, copy)


def test_an_update_of_donated_parameters(rng):
    params, X, y = network(rng)

    def update(params, X, y):
        value, slopes = autograd.value_and_grad(digits)(params, X, y)
        return [p - 0.5 * s for p, s in zip(params, slopes, strict=True)], value

    step, expected = autograd.compile(update, donate=(0,)), [np.copy(p) for p in params]
    for _ in range(3):
        expected, value = update(expected, X, y)
        found, found_value = step(params, X, y)
        assert found[0] is params[0]
        np.testing.assert_allclose(found_value, value, rtol=1e-13)
    for p, e in zip(params, expected, strict=True):
        np.testing.assert_allclose(p, e, rtol=1e-12)


def test_data_from_outside_are_cut_into_blocks_too(rng):
    _, X, y = network(rng)

    def cost(w):
        return anp.sum((X @ w - y) ** 2) / len(X)

    step = autograd.compile(autograd.value_and_grad(cost))
    w = rng.normal(size=(6, 3))
    value, slope = step(w)
    assert "in_blocks(" in step.planned_source
    np.testing.assert_allclose(value, ((X @ w - y) ** 2).sum() / 11, rtol=1e-14)
    np.testing.assert_allclose(slope, 2 * X.T @ (X @ w - y) / 11, rtol=1e-12)


APART = {
    "a sum": lambda X, w: anp.sum(X * w),
    "columns": lambda X, w: anp.sum(X, axis=0) * 2,
    "kept axes": lambda X, w: anp.sum(X, axis=0, keepdims=True) - w,
    "a product with the rows": lambda X, w: X.T @ X,
    "a product of columns": lambda X, w: anp.sum(w @ X.T),
    "the largest of each row": lambda X, w: anp.sum(anp.max(X * w, axis=1)),
    "totals of rows": lambda X, w: anp.sum(anp.sum(X, axis=1, keepdims=True) * X, axis=0),
    "axes from behind": lambda X, w: anp.sum(anp.sum(X * w, axis=-1) ** 2),
    "columns of one": lambda X, w: anp.sum(anp.reshape(X @ w, (12, 1)) * X),
    "a choice": lambda X, w: anp.sum(anp.where(X > 0, X, w)),
    "sums of sums": lambda X, w: anp.sum(X) * anp.sum(X * X) + anp.sum(w),
    "more than one result": lambda X, w: (anp.sum(X), anp.sum(w), X.T @ (X @ w)),
}
TOGETHER = {
    "rows among the results": lambda X, w: X @ w,
    "a mean taken from the rows": lambda X, w: anp.sum((X - anp.sum(X, axis=0)) ** 2),
    "the largest of all rows": lambda X, w: anp.max(X, axis=0),
    "running totals": lambda X, w: anp.sum(anp.cumsum(X, axis=0) * X),
    "neighbours": lambda X, w: anp.sum(X[1:] * X[:-1]),
    "every pair": lambda X, w: anp.sum((X @ X.T) ** 2),
    "rows beside columns": lambda X, w: anp.sum(anp.sum(X, axis=1) + (X @ X.T)),
    "no rows": lambda X, w: anp.sum(w * w),
    "another order": lambda X, w: anp.sum(anp.reshape(X, (6, 12)) @ X),
}


@pytest.mark.parametrize("name", [*APART, *TOGETHER])
def test_whole_numbers_add_up_to_the_last_bit(rng, name):
    X, w = whole(rng, 12, 6), whole(rng, 6)
    fun = {**APART, **TOGETHER}[name]
    step = autograd.compile(fun)
    found = step(X, w)
    assert ("in_blocks(" in step.planned_source) == (name in APART)
    expected = fun(X, w)
    for f, e in zip(*((v if isinstance(v, tuple) else (v,)) for v in (found, expected)), strict=True):
        assert np.shape(f) == np.shape(e)
        np.testing.assert_array_equal(f, e)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 12])
@pytest.mark.parametrize("name", APART)
def test_the_program_of_a_block_gives_its_part_of_each_sum(rng, name, size):
    X, w = whole(rng, 12, 6), whole(rng, 6)
    program, _ = trace(APART[name], X, w, names=["X", "w"])
    rows = by_rows(program, 1)
    values = dict(zip(program.inputs, (X, w), strict=True))
    block, totals = rows.block(size), [0.0] * len(rows.sums)
    for start in range(0, 12, size):
        cut = [
            line.value
            if line.kind == "constant"
            else values[line]
            if axis is None
            else values[line][start : start + size]
            for line, axis in rows.given()
        ]
        totals = [t + part for t, part in zip(totals, block.run(*cut), strict=True)]
    for total, line in zip(totals, rows.sums, strict=True):
        np.testing.assert_array_equal(total, line.value)


@pytest.mark.parametrize(("m", "sizes"), [(12, [4]), (11, [4, 3]), (13, [4, 1]), (200, [5])])
def test_blocks_of_all_rows_and_one_of_the_rest(rng, m, sizes):
    step = autograd.compile(lambda X: anp.sum(X * X, axis=0))
    X = whole(rng, m, 6)
    np.testing.assert_array_equal(step(X), (X * X).sum(0))
    assert all(f"def build_{n}_rows(" in step.planned_source for n in sizes)
    assert step.planned_source.count("_rows(") == len(sizes)


def test_few_wide_rows_stay_together(rng, monkeypatch):
    monkeypatch.setattr(blocks, "LEAST", 5)
    step = autograd.compile(lambda X: anp.sum(X * X, axis=0))
    step(whole(rng, 12, 6))
    assert "in_blocks(" not in step.planned_source
    step(whole(rng, 60, 2))
    assert "in_blocks(" in step.planned_source


def test_small_data_are_taken_at_once(rng, monkeypatch):
    monkeypatch.undo()
    step = autograd.compile(autograd.value_and_grad(digits))
    step(*network(rng))
    assert "in_blocks(" not in step.planned_source


def test_calls_from_many_threads_at_once(rng):
    step = autograd.compile(autograd.value_and_grad(digits))
    cases = [network(np.random.default_rng(seed)) for seed in range(6)]
    expected = [step(*case) for case in cases]
    failures = []

    def work(case, value, slopes):
        for _ in range(50):
            found, found_slopes = step(*case)
            if found != value or any((a != b).any() for a, b in zip(found_slopes, slopes, strict=True)):
                failures.append(case)

    threads = [threading.Thread(target=work, args=(case, *e)) for case, e in zip(cases, expected, strict=True)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures
