"""`autograd.compile`: results, cache, capture errors, donation, threads."""

import threading

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
import nn
from autograd import Tensor, no_grad, value_and_grad
from autograd.errors import CaptureError

from .test_random_graphs import ours, random_program, run


def network(rng, m=12, dtype=np.float64):
    X = rng.random((m, 8)).astype(dtype)
    y = np.eye(3, dtype=dtype)[rng.integers(0, 3, m)]
    shapes = [(8, 5), (5,), (5, 3), (3,)]
    return [rng.normal(size=s).astype(dtype) for s in shapes], X, y


def cost(params, X, y):
    theta1, b1, theta2, b2 = params
    z1 = X @ theta1 + b1
    a1 = anp.sigmoid(z1)
    z2 = a1 @ theta2 + b2
    a2 = anp.sigmoid(z2)
    J = -anp.sum(y * anp.log(a2) + (1 - y) * anp.log(1 - a2)) / len(X)
    return J


def by_hand(params, X, y):
    """The article's derivation."""
    theta1, b1, theta2, b2 = params
    a1 = 1 / (1 + np.exp(-(X @ theta1 + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ theta2 + b2)))
    J = -np.sum(y * np.log(a2) + (1 - y) * np.log(1 - a2)) / len(X)
    delta3 = (a2 - y) / len(X)
    delta2 = delta3 @ theta2.T * a1 * (1 - a1)
    return J, [X.T @ delta2, delta2.sum(0), a1.T @ delta3, delta3.sum(0)]


@pytest.mark.parametrize("m", [1, 2, 12, 1000])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-4)])
def test_the_articles_network_against_the_hand_derivation(rng, m, dtype, tolerance):
    params, X, y = network(rng, m, dtype)
    step = autograd.compile(value_and_grad(cost))
    expected_value, expected = by_hand(params, X, y)
    for _ in range(3):
        value, gradients = step(params, X, y)
        assert value.dtype == dtype
        np.testing.assert_allclose(value, expected_value, rtol=tolerance)
        for g, e, p in zip(gradients, expected, params, strict=True):
            assert g.dtype == p.dtype
            assert g.shape == p.shape
            np.testing.assert_allclose(g, e, rtol=tolerance, atol=tolerance)


def test_an_empty_batch():
    params, X, y = network(np.random.default_rng(0), 3)
    step = autograd.compile(value_and_grad(lambda p, X, y: anp.sum((anp.tanh(X @ p[0] + p[1]) @ p[2] - y) ** 2)))
    value, gradients = step(params[:3], X[:0], y[:0])
    assert value == 0
    assert [g.shape for g in gradients] == [p.shape for p in params[:3]]
    assert all((g == 0).all() for g in gradients)


def test_saturated_sigmoids_have_the_true_cost_and_gradient():
    z = np.array([-1000.0, 1000.0, 40.0, 0.0])
    y = np.array([1.0, 0.0, 1.0, 1.0])

    def of(z, y):
        a = anp.sigmoid(z)
        return -anp.sum(y * anp.log(a) + (1 - y) * anp.log(1 - a))

    value, gradient = autograd.compile(value_and_grad(of))(z, y)
    np.testing.assert_allclose(value, 2000 + np.log(2) + np.exp(-40), rtol=1e-15)
    np.testing.assert_allclose(gradient, [-1, 1, 0, -0.5], atol=1e-15)


@pytest.mark.parametrize("seed", range(150))
def test_random_programs(seed):
    inputs, steps = random_program(seed)
    fun = value_and_grad(lambda *xs: run(steps, ours, xs), argnum=tuple(range(len(inputs))))
    compiled = autograd.compile(fun)
    with np.errstate(all="ignore"):
        value, gradients = fun(*inputs)
        for _ in range(2):
            found, found_gradients = compiled(*inputs)
            np.testing.assert_allclose(found, value, rtol=1e-11)
            for f, g in zip(found_gradients, gradients, strict=True):
                np.testing.assert_allclose(f, g, rtol=1e-9, atol=1e-9 * max(1.0, np.abs(g).max()))


def test_nests_of_arguments_and_results_keep_their_kind():
    def fun(params, scale=1.0):
        w, (b, rest) = params["w"], params["more"]
        return {"sum": w.sum() * scale, "parts": (w * b, [rest["c"] - b]), "none": None, "text": "as it is"}

    params = {"w": np.ones(3), "more": (np.full(3, 2.0), {"c": np.arange(3.0)})}
    compiled = autograd.compile(fun)
    for scale in (1.0, 3.0):
        found = compiled(params, scale=scale)
        assert found["sum"] == 3.0 * scale
        assert isinstance(found["parts"], tuple)
        np.testing.assert_array_equal(found["parts"][0], [2, 2, 2])
        np.testing.assert_array_equal(found["parts"][1][0], [-2, -1, 0])
        assert (found["none"], found["text"]) == (None, "as it is")
    assert compiled.cache_info().misses == 1


def test_hessians_become_one_matrix_product(rng):
    X, t = rng.normal(size=(40, 6)), np.where(rng.random(40) < 0.5, -1.0, 1.0)
    w = rng.normal(size=6)
    compiled = autograd.compile(autograd.hessian(lambda w: anp.mean(anp.softplus(-t * (X @ w)))))
    p = 1 / (1 + np.exp(-(X @ w)))
    np.testing.assert_allclose(compiled(w), (X.T * (p * (1 - p))) @ X / 40, rtol=1e-11, atol=1e-14)
    assert len(compiled.program) < 20


# --- cache


def test_a_new_shape_dtype_or_structure_compiles_again():
    step = autograd.compile(lambda x: x[0] * 2 if isinstance(x, (list, tuple)) else x * 2)
    x = np.ones(3)
    for given in (x, x + 1, np.ones(4), np.ones(3, np.float32), [x], (x,), [x]):
        step(given)
    assert step.cache_info() == (2, 5, 32, 5)
    step.cache_clear()
    assert step.cache_info() == (0, 0, 32, 0)


def test_the_cache_is_bounded_and_drops_the_oldest():
    step = autograd.compile(lambda x: x + 1, cache_size=2)
    for n in (1, 2, 3, 2, 1):
        np.testing.assert_array_equal(step(np.ones(n)), np.full(n, 2.0))
    assert step.cache_info() == (1, 4, 2, 2)


def test_whole_numbers_and_flags_are_fixed_and_floats_are_not():
    step = autograd.compile(lambda x, n, flag, rate: x**n * rate if flag else x)
    x = np.array([2.0])
    assert step(x, 3, True, 0.5) == 4.0
    assert step(x, 3, True, 0.25) == 2.0
    assert step(x, 2, True, 0.25) == 1.0
    assert step(x, 2, False, 0.25) == 2.0
    assert step.cache_info().misses == 3


def test_a_python_float_does_not_widen():
    step = autograd.compile(lambda x, rate: x * rate)
    found = step(np.ones(3, np.float32), 0.5)
    assert found.dtype == np.float32


def test_tensors_without_a_gradient_are_taken_as_their_arrays():
    step = autograd.compile(lambda x: x * 2)
    for found in (step(Tensor(np.ones(2))), no_grad()(step)(Tensor(np.ones(2), requires_grad=True))):
        assert isinstance(found, np.ndarray)
        np.testing.assert_array_equal(found, [2, 2])


def test_a_gradient_through_a_compiled_function_is_not_lost():
    step = autograd.compile(lambda x: x * x)
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    (step(x) + x).sum().backward()
    np.testing.assert_array_equal(x.grad, [3, 5])
    np.testing.assert_array_equal(autograd.grad(lambda x: step(x).sum() + x.sum())(np.array([1.0, 2.0])), [3, 5])


def test_other_layouts_of_the_same_shape_are_right(rng):
    x = rng.normal(size=(6, 4))
    step = autograd.compile(value_and_grad(lambda x: anp.sum(anp.exp(x).reshape(-1) * np.arange(24.0)) + (x * x).sum()))
    value, gradient = step(x)
    for same in (np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2], x[::-1][::-1]):
        again, other = step(same)
        np.testing.assert_allclose(again, value, rtol=1e-13)
        np.testing.assert_allclose(other, gradient, rtol=1e-13)
    assert step.cache_info().misses == 1


# --- constants


def test_arrays_from_outside_are_constants_and_the_source_says_so():
    factor = np.arange(20.0)
    step = autograd.compile(lambda x: x * factor)
    np.testing.assert_array_equal(step(np.ones(20)), np.arange(20.0))
    factor[:] = 0
    np.testing.assert_array_equal(step(np.ones(20)), np.arange(20.0))
    assert "constants taken from where the function was captured: c1 float64 20" in step.source
    np.testing.assert_array_equal(step.constants["c1"], np.arange(20.0))


def test_capturing_leaves_arrays_as_they_were():
    w, factor = np.ones(3), np.ones(3)
    autograd.compile(value_and_grad(lambda w: (w * factor).sum()))(w)
    assert w.flags.writeable
    assert factor.flags.writeable
    w += 1


# --- Tensors from outside


def trainable(rng):
    model = nn.Sequential(nn.Linear(4, 3, rng=0), nn.Sigmoid(), nn.Linear(3, 2, rng=1))
    return model, rng.normal(size=(5, 4)), rng.normal(size=(5, 2))


@pytest.mark.parametrize("step_kind", [nn.eager_step, nn.compile_step])
def test_a_compiled_model_follows_its_training(rng, step_kind):
    model, X, y = trainable(rng)
    loss = nn.MSELoss()
    predict = autograd.compile(model)
    slope = autograd.compile(value_and_grad(lambda X: loss(model(X), y)))
    step = step_kind(model, loss, nn.SGD(model.parameters(), 0.5))
    costs = []
    for _ in range(4):
        np.testing.assert_allclose(predict(X), model(X).data, rtol=1e-13)
        value, gradient = slope(X)
        leaf = Tensor(X, requires_grad=True)
        expected = loss(model(leaf), y)
        expected.backward()
        np.testing.assert_allclose(value, expected.data, rtol=1e-13)
        np.testing.assert_allclose(gradient, leaf.grad, rtol=1e-12, atol=1e-15)
        costs.append(float(value))
        step(X, y)
    assert len(set(costs)) == 4
    assert predict.cache_info().misses == slope.cache_info().misses == 1


def test_gradients_of_tensors_from_outside(rng):
    model, X, y = trainable(rng)
    parameters = list(model.parameters())
    slopes = autograd.compile(lambda X, y: autograd.cotangents(nn.MSELoss()(model(X), y), parameters))
    for _ in range(2):
        expected = autograd.cotangents(nn.MSELoss()(model(X), y), parameters)
        for found, e in zip(slopes(X, y), expected, strict=True):
            np.testing.assert_allclose(found, e, rtol=1e-12, atol=1e-15)
        for p in parameters:
            p.data = p.data * 1.5


def test_every_kind_of_tensor_from_outside_is_read_anew():
    """A leaf with and one without a gradient, what is computed from them inside, a result made before, a number."""
    leaf, plain, number = Tensor(np.ones(3), requires_grad=True), Tensor(np.ones(3)), Tensor(2.0)
    before = leaf * 3

    def fun(x):
        return (
            x * leaf,
            x + (plain * plain + number).sum(),
            before - x,
            plain,
            autograd.grad(lambda w: (w * w).sum())(plain),
        )

    step = autograd.compile(fun)
    for value in (1.0, 5.0):
        plain.data, number.data = np.arange(3.0) + value, np.float64(value)
        leaf.data = np.full(3, value)
        for found, expected in zip(step(np.ones(3)), fun(np.ones(3)), strict=True):
            np.testing.assert_array_equal(found, getattr(expected, "data", expected))
            assert type(found) is np.ndarray
    assert step.cache_info().misses == 1
    np.testing.assert_array_equal(before.data, [3, 3, 3])


def test_the_source_names_tensors_from_outside_and_takes_them_as_keywords(rng):
    model, X, _ = trainable(rng)
    factor, table = Tensor(np.ones(2), requires_grad=True), np.arange(40.0).reshape(20, 2)
    step = autograd.compile(lambda X: (model(X) * factor).sum() + table)
    found = step(X)
    assert "def function(X, *, weight1, bias1, weight2, bias2, factor, c1):" in step.source
    assert "Tensors from where the function was captured, read anew in each call" in step.source
    assert "constants taken from where the function was captured: c1 float64 20 x 2" in step.source
    assert list(step.tensors.values()) == [*model.parameters(), factor]
    assert factor.name is None
    scope = {"np": np}
    exec(step.source, scope)
    arrays = {name: t.data for name, t in step.tensors.items()}
    np.testing.assert_allclose(scope["function"](X, **arrays, **step.constants), found)


def test_a_tensor_from_outside_of_another_shape_or_dtype_captures_again():
    scale = Tensor(np.ones(3), requires_grad=True)
    step = autograd.compile(lambda x: x * scale)
    for data in (np.full(3, 2.0), np.full((), 3.0), np.full(3, 4, np.float32), np.full((2, 1), 5.0), np.float64(6)):
        scale.data = data
        found = step(np.ones(3, np.float32))
        expected = np.ones(3, np.float32) * data
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype
    assert step.cache_info().currsize == 1


def test_tensors_made_inside_are_constants():
    step = autograd.compile(lambda x: x * Tensor(np.arange(3.0), requires_grad=True))
    np.testing.assert_array_equal(step(np.ones(3)), [0, 1, 2])
    assert step.tensors == {}


def test_deciding_by_a_tensor_from_outside_is_refused():
    threshold = Tensor(1.0)
    with pytest.raises(CaptureError, match="a truth value"):
        autograd.compile(lambda x: x if threshold * 2 > 1 else -x)(np.ones(3))


# --- results


def test_results_share_no_memory_with_arguments_each_other_or_the_next_call():
    def fun(x, y):
        return x, x.T, x * 2, x * 2, y[0], (x + 1).reshape(-1), anp.exp(x)

    compiled = autograd.compile(fun)
    x, y = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
    first = compiled(x, y)
    kept = [np.copy(a) for a in first]
    second = compiled(x + 1, y)
    everything = [*first, *second, x, y]
    for i, a in enumerate(everything):
        assert not any(np.shares_memory(a, b) for b in everything[i + 1 :])
    for a, b in zip(first, kept, strict=True):
        np.testing.assert_array_equal(a, b)
        a[...] = -1  # nor is a result a buffer
    for a, b in zip(compiled(x, y), kept, strict=True):
        np.testing.assert_array_equal(a, b)


def test_constant_results_are_new_each_time():
    compiled = autograd.compile(lambda x: (x * 2, np.arange(3.0)))
    compiled(np.ones(2))[1][:] = -1
    np.testing.assert_array_equal(compiled(np.ones(2))[1], [0, 1, 2])


def test_donated_arguments_hold_the_results(rng):
    params, X, y = network(rng)

    def update(params, X, y, rate):
        value, slopes = value_and_grad(cost)(params, X, y)
        return [p - rate * g for p, g in zip(params, slopes, strict=True)], value

    step = autograd.compile(update, donate=(0,))
    expected = [np.copy(p) for p in params]
    for _ in range(4):
        value, slopes = by_hand(expected, X, y)
        expected = [p - 0.3 * g for p, g in zip(expected, slopes, strict=True)]
        found, found_value = step(params, X, y, 0.3)
        assert all(a is b for a, b in zip(found, params, strict=True))
        np.testing.assert_allclose(found_value, value, rtol=1e-12)
    for p, e in zip(params, expected, strict=True):
        np.testing.assert_allclose(p, e, rtol=1e-11)


def test_donated_arrays_that_trade_places():
    step = autograd.compile(lambda pair: [pair[1] * 2, pair[0] + 1], donate=(0,))
    a, b = np.array([1.0, 2.0]), np.array([10.0, 20.0])
    x, y = step([a, b])
    np.testing.assert_array_equal(x, [20, 40])
    np.testing.assert_array_equal(y, [2, 3])


def test_a_donated_array_read_after_its_place_is_due():
    def fun(state, x):
        new = state * 0.5 + x
        return new, (state * x).sum() + new.sum()

    step = autograd.compile(fun, donate=(0,))
    state = np.array([1.0, 2.0])
    new, total = step(state, np.array([3.0, 4.0]))
    assert new is state
    np.testing.assert_array_equal(new, [3.5, 5.0])
    assert total == 11 + 8.5


def test_two_threads_have_buffers_of_their_own(rng):
    params, X, y = network(rng, 400)
    step = autograd.compile(value_and_grad(cost))
    problems = []

    def work(scale):
        mine = [p * scale for p in params]
        expected = by_hand(mine, X, y)[1]
        for _ in range(60):
            found = step(mine, X, y)[1]
            if not all(np.allclose(f, e, rtol=1e-9, atol=1e-12) for f, e in zip(found, expected, strict=True)):
                problems.append(scale)

    threads = [threading.Thread(target=work, args=(s,)) for s in (0.5, 1.0, 2.0)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not problems
    assert step.cache_info().misses == 1


def test_a_donated_array_that_is_read_only_is_refused_by_name_and_nothing_is_written():
    step = autograd.compile(lambda state, x: [s + x for s in state], donate=(0,))
    first, second, x = np.ones(3), np.ones(3), np.ones(3)
    step([first, second], x)
    second.flags.writeable = False
    with pytest.raises(ValueError, match=r"the donated argument state1 of shape \(3,\) is read-only.*Pass a copy"):
        step([first, second], x)
    np.testing.assert_array_equal(first, [2, 2, 2])
    second.flags.writeable = True
    np.testing.assert_array_equal(step([first, second], x)[1], [3, 3, 3])


def test_a_donated_array_that_another_argument_shares_is_refused_by_name():
    def fresh():
        return autograd.compile(lambda s, t, x: (s + x, t * x), donate=(0, 1))

    a, x = np.ones(4), np.ones(4)
    with pytest.raises(ValueError, match=r"donated argument s of shape \(4,\) shares memory with the argument t,"):
        fresh()(a, a, x)
    with pytest.raises(ValueError, match="shares memory with the argument x,"):
        fresh()(a, np.ones(4), a[::-1])
    both = np.zeros(8)
    s, _ = fresh()(both[::2], both[1::2], x)  # neighbours, with no entry in common
    np.testing.assert_array_equal(both, [1, 0] * 4)
    assert s.base is both


def test_donated_arrays_of_any_layout_and_tensors_hold_the_results():
    step = autograd.compile(lambda w, g: w - 0.5 * g, donate=(0,))
    g = np.arange(6.0).reshape(2, 3)
    for w in (np.ones((2, 3)), np.asfortranarray(np.ones((2, 3))), np.ones((4, 6))[::2, ::2]):
        assert step(w, g) is w
        np.testing.assert_array_equal(w, 1 - g / 2)
    w = Tensor(np.ones((2, 3)))
    assert step(w, g) is w.data
    np.testing.assert_array_equal(w.data, 1 - g / 2)


# --- what cannot be captured


def test_branching_on_a_value_names_the_line():
    def fun(x):
        if x.sum() > 0:
            return x
        return -x

    with pytest.raises(CaptureError, match=r"a truth value .* at .*test_compile\.py:\d+; write it with where"):
        autograd.compile(fun)(np.ones(2))


def test_random_numbers_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(CaptureError, match=r"c1 of shape \(3,\) is not the same in two runs.*Random numbers"):
        autograd.compile(lambda x: x * rng.normal(size=3))(np.ones(3))
    with pytest.raises(CaptureError, match="not the same in two runs"):
        autograd.compile(lambda x: x * float(rng.random()))(np.ones(3))


def test_values_taken_out_of_a_tensor_are_refused():
    with pytest.raises(CaptureError, match=r"values computed from \.data"):
        autograd.compile(lambda x: x * x.data.max())(np.array([1.0, 2.0]))


def test_taking_another_way_is_refused():
    calls = []

    def fun(x):
        calls.append(1)
        return x * 2 if len(calls) % 2 else x + x + x

    with pytest.raises(CaptureError, match=r"two different ways|operations in two runs"):
        autograd.compile(fun)(np.ones(2))


def test_arguments_that_are_no_arrays_are_named():
    with pytest.raises(TypeError, match="arrays, numbers and nests of them; set is none"):
        autograd.compile(lambda x, s: x)(np.ones(2), {1})


def test_no_source_before_the_first_call():
    with pytest.raises(CaptureError, match="call it once"):
        _ = autograd.compile(lambda x: x).source


def test_an_error_in_the_function_is_the_functions_own():
    step = autograd.compile(lambda x, y: x @ y)
    with pytest.raises(ValueError, match=r"matmul\(.*\(2, 3\).*\(2, 3\)"):
        step(np.ones((2, 3)), np.ones((2, 3)))
    assert step.cache_info().currsize == 0
