"""What a compiled function reads without being passed it: arrays are constants, Tensors are followed."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
import nn
from autograd import Tensor, no_grad, value_and_grad
from autograd.errors import CaptureError, ConversionError
from autograd.tree import flatten


def test_arrays_from_outside_are_constants_and_the_source_says_so():
    factor = np.arange(20.0)
    step = autograd.compile(lambda x: x * factor)
    np.testing.assert_array_equal(step(np.ones(20)), np.arange(20.0))
    factor[:] = 0
    np.testing.assert_array_equal(step(np.ones(20)), np.arange(20.0))
    assert "constants taken from where the function was captured: factor float64 20" in step.source
    np.testing.assert_array_equal(step.constants["factor"], np.arange(20.0))


def test_an_array_has_the_name_that_the_outermost_function_has_for_it(rng):
    data = rng.normal(size=(20, 3))

    def linear(a, w):
        return a @ w

    step = autograd.compile(lambda w: anp.sum(linear(data, w) ** 2))
    step(np.ones(3))
    assert list(step.constants) == ["data"]


def test_arrays_that_are_written_to_inside_are_constants_as_they_were_then():
    def fun(x):
        mask = np.zeros(3)
        mask[0] = 1
        first = x * mask
        mask[:] = 0, 2, 0
        second = value_and_grad(lambda x: anp.sum(x**2 * mask))(x)
        mask[:] = 7
        return first, second, anp.sum(x, where=mask > 7), mask

    step = autograd.compile(fun)
    x = np.array([1.0, 2.0, 3.0])
    for _ in range(2):
        for found, expected in zip(flatten(step(x))[0], flatten(fun(x))[0], strict=True):
            np.testing.assert_array_equal(found, expected)


def test_an_array_that_is_written_to_is_another_constant_by_the_sign_of_its_zeros():
    def fun(x):
        side = np.zeros(3)
        above = anp.arctan2(side, x)
        side[:] = -0.0
        return above, anp.arctan2(side, x)

    np.testing.assert_array_equal(autograd.compile(fun)(-np.ones(3)), np.array([[np.pi] * 3, [-np.pi] * 3]))


@pytest.mark.parametrize("n", [3, 40])
def test_zeros_of_both_signs_are_not_one_number(n):
    side = np.zeros(n)
    side[1] = -0.0
    fun = autograd.compile(lambda x: (anp.arctan2(side, x), side))
    for found, expected in zip(fun(-np.ones(n)), (np.arctan2(side, -np.ones(n)), side), strict=True):
        np.testing.assert_array_equal(np.copysign(1, found), np.copysign(1, expected))


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (3,), (2, 3)])
@pytest.mark.parametrize("dtype", "? i1 f2 f4 f8 g F D G".split())
def test_constants_of_every_size_and_dtype_are_compared(dtype, shape):
    array = np.ones(shape, dtype)
    step = autograd.compile(lambda x: (x * array, array * x))
    for found in step(2.0):
        np.testing.assert_array_equal(found, 2.0 * array)


def test_arrays_that_are_only_handed_on_are_constants_too():
    table = np.arange(20.0)
    step = autograd.compile(lambda x: (x + table, table))
    step(np.ones(20))
    table[:] = 0
    for found, expected in zip(step(np.ones(20)), (np.arange(1.0, 21.0), np.arange(20.0)), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_an_array_from_outside_and_its_transpose_are_one_constant(rng):
    A, t = rng.normal(size=(20, 3)), rng.normal(size=20)
    step = autograd.compile(autograd.grad(lambda w: anp.sum((A @ w - t) ** 2) / 2))
    w = np.ones(3)
    np.testing.assert_allclose(step(w), A.T @ (A @ w - t), rtol=1e-13)
    assert list(step.constants) == ["A", "t"]
    assert "dw = A.T @ (A @ w - t)" in step.source


def test_capturing_leaves_arrays_as_they_were():
    w, factor = np.ones(3), np.ones(3)
    autograd.compile(value_and_grad(lambda w: (w * factor).sum()))(w)
    assert w.flags.writeable
    assert factor.flags.writeable
    w += 1


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
    assert "def function(X, *, weight1, bias1, weight2, bias2, factor, table):" in step.source
    assert "Tensors from where the function was captured, read anew in each call" in step.source
    assert "constants taken from where the function was captured: table float64 20 x 2" in step.source
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


def test_a_float_does_not_widen_what_it_meets_outside():
    tensor, array = Tensor(np.ones(3, np.float32), requires_grad=True), np.ones(30, np.float32)
    for fun in (lambda rate: tensor * rate, lambda rate: array * rate):
        step = autograd.compile(fun)
        for rate in (0.5, 2.0):
            found = step(rate)
            assert found.dtype == np.float32
            np.testing.assert_array_equal(found, np.full(found.shape, rate))
    assert autograd.compile(lambda rate: rate / 3)(1.0).dtype == np.float64


def test_a_plain_tensor_from_outside_is_followed_through_no_grad_and_detach():
    plain = Tensor(np.ones(3))

    def fun(x):
        with no_grad():
            doubled = plain * 2
        return x + doubled, x * plain.detach(), x + anp.sin(plain.detach())

    step = autograd.compile(fun)
    for value in (1.0, 2.0):
        plain.data = np.full(3, value)
        for found, expected in zip(step(np.ones(3)), fun(np.ones(3)), strict=True):
            np.testing.assert_array_equal(found, expected.data)


READINGS = {
    "data": lambda t: t.data.sum(),
    "asarray": lambda t: np.asarray(t).sum(),
    "item": lambda t: t[0].item(),
    "float": lambda t: float(t.sum()),
    "tolist": lambda t: t.tolist()[0],
    "bool": lambda t: 1.0 if t[0] > 0 else 2.0,
    "a change of data": lambda t: setattr(t, "data", t.detach()) or 1.0,
}


@pytest.mark.parametrize("requires_grad", [True, False])
@pytest.mark.parametrize("read", READINGS.values(), ids=READINGS)
def test_numbers_taken_out_of_a_tensor_from_outside_are_refused(read, requires_grad):
    t = Tensor(np.ones(3), requires_grad=requires_grad)
    with pytest.raises((CaptureError, ConversionError)):
        autograd.compile(lambda x: x * read(t))(np.ones(3))


def test_numbers_of_a_tensor_made_inside_are_fixed():
    assert autograd.compile(lambda x: x * Tensor(3.0).item())(np.ones(3))[0] == 3


def test_arrays_are_taken_as_they_were_also_where_nothing_is_recorded():
    def fun(x):
        buffer = np.ones(3)
        with no_grad():
            first = x * buffer
        buffer[:] = 7
        return first + x * buffer

    np.testing.assert_array_equal(autograd.compile(fun)(np.ones(3)), np.full(3, 8.0))
