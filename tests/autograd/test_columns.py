"""Layers as wide as whole registers: the same numbers as layers of their own width."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd.program import trace
from autograd.simplify import columns, simplify
from autograd.simplify.columns import fill_registers
from autograd.simplify.lowering import lower


@pytest.fixture(autouse=True)
def wide_layers_of_small_data(monkeypatch):
    monkeypatch.setattr(columns, "has_avx512", lambda: True)
    monkeypatch.setattr(columns, "MUCH", 1)
    monkeypatch.setattr(columns, "WORTH", 0)


def whole(*shape, seed=0):
    """Whole numbers as floats: their products and sums are the same in every order."""
    return np.random.default_rng(seed).integers(-3, 4, shape).astype(np.float32)


def sigmoid(params, X, y):
    theta1, b1, theta2, b2 = params
    a1 = anp.sigmoid(X @ theta1 + b1)
    return anp.sum((a1 @ theta2 + b2 - y) ** 2)


def relu(params, X, y):
    theta1, b1, theta2, b2 = params
    return anp.sum(anp.maximum(X @ theta1 + b1, 0) @ theta2 * y + b2)


def rows_and_columns(params, X, y):
    theta1, b1, theta2, b2 = params
    h = (X @ theta1) * X[:, :1] + b1.reshape(1, -1) * 2.0
    return anp.sum(h @ theta2 + b2) + anp.sum(y)


def deep(params, X, y):
    theta1, b1, theta2, b2 = params
    a1 = anp.tanh(X @ theta1 + b1)
    a2 = anp.tanh(a1 @ (theta1.T @ theta1))
    return anp.sum((a2 @ theta2 + b2 - y) ** 2)


def given(n, hidden, rows=6):
    return [whole(20, hidden), whole(hidden, seed=1), whole(hidden, n, seed=2), whole(n, seed=3)], (
        whole(rows, 20, seed=4),
        whole(rows, n, seed=5),
    )


@pytest.mark.parametrize("cost", [sigmoid, relu, rows_and_columns, deep])
@pytest.mark.parametrize("hidden", [9, 12, 15, 25, 31, 90])
def test_wider_layers_give_what_the_engine_gives(cost, hidden):
    params, data = given(3, hidden)
    fun = autograd.value_and_grad(cost)
    step = autograd.compile(fun)
    wanted, slopes = fun(params, *data)
    for _ in range(2):
        value, made = step(params, *data)
        np.testing.assert_allclose(value, wanted, rtol=1e-5)
        for m, w in zip(made, slopes, strict=True):
            assert m.shape == w.shape
            assert m.flags.c_contiguous
            np.testing.assert_allclose(m, w, rtol=1e-4, atol=1e-4)
    assert f"np.empty((6, {-(-hidden // 16) * 16}), np.float32)" in step.planned_source


READERS = [
    lambda h, X, c, r: X.T @ h,
    lambda h, X, c, r: c @ h,
    lambda h, X, c, r: h @ r,
    lambda h, X, c, r: h.T @ X,
    lambda h, X, c, r: h.T @ c,
    lambda h, X, c, r: h.T @ h,
    lambda h, X, c, r: h @ h.T,
    lambda h, X, c, r: h @ h if len(h) == 12 else h @ r,
    lambda h, X, c, r: anp.sum(h, axis=0, keepdims=False),
    lambda h, X, c, r: h.sum(axis=0, keepdims=True),
    lambda h, X, c, r: anp.sum(h.T, axis=0, keepdims=False),
    lambda h, X, c, r: anp.dot(2.0, h) @ r,
    lambda h, X, c, r: (h * r) @ r,
    lambda h, X, c, r: (c.reshape(-1, 1) + h) @ r,
    lambda h, X, c, r: anp.maximum(h, 0).T @ X,
    lambda h, X, c, r: (X @ (X.T @ h)) @ r,
    lambda h, X, c, r: (h @ (h.T @ h)) @ r,
]


@pytest.mark.parametrize("rows", [12, 20])  # as many as columns, too
@pytest.mark.parametrize("first", range(len(READERS)))
def test_whoever_reads_a_layer_gets_its_own_columns(first, rows):
    chosen = [READERS[first], READERS[first - 5], READERS[first - 11]]
    X, w, c, r = whole(rows, 20), whole(20, 12, seed=1), whole(rows, seed=2), whole(12, seed=3)

    def fun(X, w, c, r):
        h = X @ w + r + 1  # not 0 beside its own columns
        return [reader(h, X, c, r) for reader in chosen]

    program, _ = trace(fun, X, w, c, r)
    wider = fill_registers(program)
    assert wider is not program
    for made, wanted in zip(wider.run(X, w, c, r), program.run(X, w, c, r), strict=True):
        np.testing.assert_array_equal(made, wanted)


@pytest.mark.parametrize("hidden", [8, 16, 24, 33, 100])
def test_widths_that_lose_nothing_stay(hidden):
    params, data = given(3, hidden)
    step = autograd.compile(autograd.value_and_grad(sigmoid))
    step(params, *data)
    assert "_wide" not in step.planned_source


def test_other_dtypes_stay():
    params, data = given(3, 25)
    step = autograd.compile(autograd.value_and_grad(sigmoid))
    step([p.astype(float) for p in params], *(a.astype(float) for a in data))
    assert "_wide" not in step.planned_source


def test_only_where_the_processor_gains(monkeypatch):
    monkeypatch.setattr(columns, "has_avx512", lambda: False)
    params, data = given(3, 25)
    step = autograd.compile(autograd.value_and_grad(sigmoid))
    step(params, *data)
    assert "_wide" not in step.planned_source


@pytest.mark.parametrize(
    "fun",
    [
        lambda X, w, y: X @ w,  # a result
        lambda X, w, y: anp.tanh(X @ w),
        lambda X, w, y: anp.sum((X @ w - y) ** 2),  # beside other data of the same width
        lambda X, w, y: anp.logsumexp(X @ w, axis=1),  # summed over its columns
        lambda X, w, y: anp.tanh(X @ w)[:, :3] @ w[:3],
        lambda X, w, y: anp.max(anp.exp(X @ w)),
        lambda X, w, y: (anp.tanh(X @ w).T + y.T) @ X,
    ],
)
def test_layers_that_others_look_at_stay(fun):
    X, w, y = whole(6, 20), whole(20, 12), whole(6, 12, seed=1)
    program, _ = trace(fun, X, w, y)
    lowered = lower(simplify(program))
    assert fill_registers(lowered) is lowered


def test_a_sum_over_columns_keeps_them():
    program, _ = trace(lambda X, w: anp.sum(X @ w, axis=1, keepdims=False), whole(12, 20), whole(20, 12))
    assert fill_registers(program) is program


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_what_overflows_in_the_data_stays_in_its_row(bad):
    params, (X, y) = given(3, 25)
    X[2, 7] = bad
    fun = autograd.value_and_grad(sigmoid)
    step = autograd.compile(fun)
    with np.errstate(all="ignore"):
        wanted = fun(params, X, y)
        made = step(params, X, y)
        np.testing.assert_allclose(made[0], wanted[0], rtol=1e-4)
        for m, w in zip(made[1], wanted[1], strict=True):
            np.testing.assert_allclose(m, w, rtol=1e-3, atol=1e-3)
        step(params, X, y)
        X[2, 7] = 1.0
        made, wanted = step(params, X, y), fun(params, X, y)
    np.testing.assert_allclose(made[0], wanted[0], rtol=1e-5)
    for m, w in zip(made[1], wanted[1], strict=True):
        np.testing.assert_allclose(m, w, rtol=1e-4, atol=1e-3)


def test_weights_updated_in_place():
    params, data = given(3, 25)

    def update(params, X, y):
        slopes = autograd.grad(sigmoid)(params, X, y)
        return [p - 1e-3 * g for p, g in zip(params, slopes, strict=True)]

    step = autograd.compile(update, donate=(0,))
    ours, theirs = [p.copy() for p in params], [p.copy() for p in params]
    for _ in range(5):
        ours, theirs = step(ours, *data), update(theirs, *data)
    for m, w in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(m, w, rtol=1e-4, atol=1e-5)


def test_results_are_not_shared():
    params, data = given(3, 25)
    step = autograd.compile(autograd.grad(sigmoid))
    first = step(params, *data)
    kept = [g.copy() for g in first]
    second = step([p + 1 for p in params], *data)
    for g, k, s in zip(first, kept, second, strict=True):
        np.testing.assert_array_equal(g, k)
        assert not np.shares_memory(g, s)
        assert g.base is None


def test_a_layer_is_widened_only_where_it_pays(monkeypatch):
    params, data = given(3, 25, rows=50)
    program, _ = trace(autograd.value_and_grad(sigmoid), params, *data)
    lowered = lower(simplify(program))
    monkeypatch.setattr(columns, "MUCH", 50 * 20)
    assert fill_registers(lowered) is not lowered
    monkeypatch.setattr(columns, "MUCH", 50 * 20 + 1)
    assert fill_registers(lowered) is lowered
    monkeypatch.setattr(columns, "MUCH", 1)
    monkeypatch.setattr(columns, "WORTH", 1000)
    assert fill_registers(lowered) is lowered
