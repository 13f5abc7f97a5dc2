"""Results of compiled functions: whose memory they are in, alone, donated and in two threads."""

import threading

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, value_and_grad
from autograd.tree import flatten

from .test_compile import by_hand, cost, network


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


@pytest.mark.parametrize("dtype", [float, np.float32, int, complex])
def test_constant_results_without_axes_are_arrays_as_they_were(dtype):
    constant = np.array(3, dtype)
    compiled = autograd.compile(lambda x: (x * 2, constant))
    for _ in range(2):
        found = compiled(np.ones(2))[1]
        assert isinstance(found, np.ndarray)
        assert (found.dtype, found.shape, found.item()) == (constant.dtype, (), 3)
        found[...] = 0
    assert constant == 3


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


ZERO_D = [anp.squeeze, lambda x: anp.reshape(x, ()), lambda x: anp.reshape(x, (1,))[0, ...]]


@pytest.mark.parametrize("x", [np.array(2.0), np.array([2.0])], ids=["no axes", "one entry"])
@pytest.mark.parametrize(
    "fun", [lambda x: x, lambda x: x * 1, *ZERO_D, *[lambda x, f=f: f(anp.sin(x)) for f in ZERO_D]]
)
def test_results_without_axes_are_no_views_either(fun, x):
    """They are arrays that can be written to, and were the caller's, or the next call's buffers."""
    step = autograd.compile(fun)
    first, second = step(x), step(2 * x)
    np.testing.assert_array_equal(first, fun(x))
    np.testing.assert_array_equal(second, fun(2 * x))
    assert not any(np.shares_memory(first, other) for other in (x, second))


@pytest.mark.parametrize("fun", [anp.squeeze, lambda x: anp.diagonal(anp.reshape(x, (1, 1))).reshape(())])
def test_a_view_without_axes_of_a_number_computed_inside_can_be_written_to(fun):
    found = autograd.compile(lambda x: fun(anp.exp(x)))(np.array(0.0))
    if isinstance(found, np.ndarray):
        found[...] = 7
    assert found in (1, 7)


@pytest.mark.parametrize("fun", [anp.nanmax, anp.sum, lambda x: anp.where(x[0] > 0, x[0], 1.0)])
def test_a_result_without_axes_that_is_given_twice_is_two(fun):
    x = np.array([1.0, 2.0])
    expected = fun(x)
    first, second = autograd.compile(lambda x: [fun(x)] * 2)(x)
    assert not np.shares_memory(first, second)
    assert (first, second) == (expected, expected)
    assert type(first) is type(second)


one_row, one = np.ones((1, 3)), np.ones(1)
NUMBERS = {
    "the loss of one row": (lambda w: anp.mean(anp.sum((w - one_row) ** 2, axis=1)), one_row),
    "a sum of one entry": (lambda x: anp.sum(anp.exp(x)), one),
    "its slope": (autograd.grad(lambda w: anp.sum(anp.exp(w * one))), np.float64(2)),
    "a trace of one entry": (lambda x: anp.trace(2 * x[None]), one),
    "a choice of two numbers": (lambda x: anp.where(anp.sum(x) > 0, anp.sum(x), 0.5), one_row),
    "the sum of an array without axes": (lambda x: (anp.sum(x), x), np.array(2.0)),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_of_numpys_is_one_and_no_array_without_axes(name):
    """An f-string writes the one with {loss:.3f} and refuses the other."""
    fun, x = NUMBERS[name]
    step = autograd.compile(fun)
    expected, found = flatten(fun(x))[0], flatten(step(x))[0]
    scope = {"np": np}
    exec(step.source, scope)
    for results in (found, flatten(scope[step.source.split("def ")[1].split("(")[0]](x))[0]):
        assert [(type(r), r) for r in results] == [(type(e), e) for e in expected]


# --- donated arguments


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


@pytest.mark.parametrize("donate", [0, (0, 1)])
@pytest.mark.parametrize("inner", [lambda x: x * 2, lambda x: anp.cumsum(x)])
def test_a_result_given_twice_is_written_into_a_donated_array_once(donate, inner):
    step = autograd.compile(lambda x, y: (inner(x), y * 3, inner(x)), donate=donate)
    x, y = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])
    expected = [inner(x), y * 3, inner(x)]
    found = step(x, y)
    for i, (f, e) in enumerate(zip(found, expected, strict=True)):
        np.testing.assert_array_equal(f, e)
        assert not any(np.shares_memory(f, other) for other in found[:i])
    assert found[0] is x


def test_donated_arrays_that_trade_places():
    step = autograd.compile(lambda pair: [pair[1] * 2, pair[0] + 1], donate=(0,))
    a, b = np.array([1.0, 2.0]), np.array([10.0, 20.0])
    x, y = step([a, b])
    np.testing.assert_array_equal(x, [20, 40])
    np.testing.assert_array_equal(y, [2, 3])


@pytest.mark.parametrize(
    "fun",
    [
        lambda w, g: (w - g, w),
        lambda w, g: (w, w - g),
        lambda w, g: (w - g, w[::-1]),
        lambda w, g: (g, w),
        lambda w, g: (w - g, anp.sqrt(g)),
    ],
)
def test_a_donated_array_that_is_a_result_too_keeps_its_numbers_for_that(fun):
    w, g = np.array([1.0, 2.0, 3.0]), np.array([4.0, 9.0, 16.0])
    expected = [np.copy(e) for e in fun(w, g)]
    step = autograd.compile(fun, donate=(0, 1))
    for _ in range(2):
        for found, e in zip(step(w.copy(), g.copy()), expected, strict=True):
            np.testing.assert_array_equal(found, e)


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


@pytest.mark.parametrize(
    "inner",
    [lambda z: z.sum(), lambda z: anp.exp(z.T), lambda z: anp.cos(z[1]), lambda z: anp.exp(z.reshape(6))],
)
def test_a_donated_array_that_holds_an_inner_value_is_looked_at_in_each_call(inner):
    """Views of it were made once, before there was an array to look at."""

    def fun(x):
        z = anp.sin(x) * 2
        return inner(z), z + 1

    step = autograd.compile(fun, donate=(0,))
    for x in (np.arange(6.0).reshape(2, 3), np.ones((2, 3)), np.arange(12.0).reshape(4, 3)[::2]):
        expected = fun(x)
        for found, e in zip(step(x), expected, strict=True):
            np.testing.assert_allclose(found, e, rtol=1e-14)


@pytest.mark.parametrize(
    "inner", [lambda x: x * np.float64(1 / 3), lambda x: anp.where(x > 0.3, 1.0, 2.0), lambda x: x + 3j]
)
def test_a_donated_array_does_not_hold_inner_values_of_another_dtype(inner):
    """They were rounded to its dtype."""

    def fun(x, y):
        return anp.sum(anp.sin(inner(x)) / 3), np.float32(2) * y

    x = np.linspace(0.1, 1, 6, dtype=np.float32)
    for found, e in zip(autograd.compile(fun, donate=0)(x.copy(), x), fun(x, x), strict=True):
        assert found.dtype == e.dtype
        np.testing.assert_allclose(found, e, rtol=np.finfo(e.dtype).eps * 8)


def test_a_row_is_added_to_many_in_a_donated_array(rng):
    x, row = rng.random((512, 520)), np.arange(520.0)
    place = x.copy()
    found, _ = autograd.compile(lambda place, y, row: (anp.exp(y) + row, place.sum()), donate=0)(place, x, row)
    assert found is place
    np.testing.assert_allclose(found, np.exp(x) + row, rtol=1e-12)


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


def test_parts_of_a_long_vector_that_are_numbers_are_copied_into_it():
    limit = np.array(5.0, np.float32)
    step = autograd.compile(lambda x: anp.append(x * 2, limit) + 1)
    np.testing.assert_array_equal(step(np.array([1.0, 2.0])), [3, 5, 6])


def test_parts_of_a_long_vector_that_take_no_output_are_copied_into_it():
    """A product of whole numbers was given a place in the vector that nothing wrote to."""
    step = autograd.compile(lambda x, w: anp.concatenate([x @ w, w]) * 2)
    x, w = np.arange(6).reshape(2, 3), np.arange(3)
    for factor in (1, 3):
        np.testing.assert_array_equal(step(factor * x, w), np.concatenate([factor * x @ w, w]) * 2)


def test_zeros_around_values_are_kept_from_call_to_call_and_stay_zeros(rng):
    def fun(x):
        inner = anp.exp(x[1:, :-1]) * x[:-1, 1:]
        return anp.sum(anp.tanh(x) * inner.sum() + x[2] ** 2)

    slope = autograd.grad(fun)
    step = autograd.compile(slope)
    for _ in range(3):
        x = rng.normal(size=(4, 5))
        np.testing.assert_allclose(step(x), slope(x), rtol=1e-12)
    assert "np.zeros((4, 5)" in step.planned_source
    kept = step(x)
    again = kept.copy()
    step(x + 1)
    np.testing.assert_array_equal(kept, again)


def test_products_of_large_data_whose_rows_lie_apart(rng):
    data, w = rng.normal(size=(700, 201)), rng.normal(size=(200, 3))

    def fun(X, w):
        return autograd.value_and_grad(lambda w: anp.sum(anp.tanh(X @ w)))(w)

    step = autograd.compile(fun)
    for X in (data[:, 1:], data[:, 1:].copy(), data[::-1, :-1], data.T.copy().T[:, :-1]):
        for made, wanted in zip(step(X, w), fun(X, w), strict=True):
            np.testing.assert_allclose(made, wanted, rtol=1e-10)
