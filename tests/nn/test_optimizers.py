"""Optimisers against the published algorithms, written out for one number at a time."""

import math

import numpy as np
import pytest

import nn
from autograd import Tensor

GRADIENTS = np.random.default_rng(5).standard_normal((12, 3))
START = np.array([1.0, -2.0, 0.5])


def run(optimizer, parameter, gradients=GRADIENTS):
    for g in gradients:
        parameter.grad = g.astype(parameter.dtype)
        optimizer.step()
    return parameter.data


def sgd(p, gradients, rate, momentum, decay):
    v = 0.0
    for g in gradients:
        v = momentum * v + (g + decay * p)
        p = p - rate * v
    return p


def adam(p, gradients, rate, b1, b2, epsilon, decay, decoupled):
    """Kingma and Ba (2015), algorithm 1; Loshchilov and Hutter (2019), algorithm 2."""
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        if not decoupled:
            g = g + decay * p
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        step = rate * (m / (1 - b1**t)) / (math.sqrt(v / (1 - b2**t)) + epsilon)
        p = (p - rate * decay * p if decoupled else p) - step
    return p


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_sgd(momentum, decay):
    p = Tensor(START, requires_grad=True)
    found = run(nn.SGD([p], 0.05, momentum=momentum, weight_decay=decay), p)
    expected = [sgd(START[i], GRADIENTS[:, i], 0.05, momentum, decay) for i in range(3)]
    np.testing.assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize(("kind", "decoupled"), [(nn.Adam, False), (nn.AdamW, True)])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_adam(kind, decoupled, decay):
    p = Tensor(START, requires_grad=True)
    found = run(kind([p], 0.05, betas=(0.8, 0.95), epsilon=1e-6, weight_decay=decay), p)
    expected = [adam(START[i], GRADIENTS[:, i], 0.05, 0.8, 0.95, 1e-6, decay, decoupled) for i in range(3)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_adams_first_step_is_the_learning_rate_whatever_the_gradient():
    p = Tensor([5.0, 5.0], requires_grad=True)
    run(nn.Adam([p], 0.1), p, np.array([[1e-3, -1e3]]))
    np.testing.assert_allclose(p.data, [4.9, 5.1], rtol=1e-5)


KINDS = [
    lambda p: nn.SGD(p, 0.1),
    lambda p: nn.SGD(p, 0.1, momentum=0.9, weight_decay=0.01),
    lambda p: nn.Adam(p, 0.1),
    lambda p: nn.AdamW(p, 0.1, weight_decay=0.01),
]


@pytest.mark.parametrize("kind", KINDS)
def test_float32_stays_float32(kind):
    p = Tensor(START.astype("float32"), requires_grad=True)
    assert run(kind([p]), p).dtype == np.float32


@pytest.mark.parametrize("kind", KINDS)
def test_a_parameter_without_gradient_stays(kind):
    used, unused = Tensor(START, requires_grad=True), Tensor(START, requires_grad=True)
    run(kind([used, unused]), used)
    np.testing.assert_array_equal(unused.data, START)
    assert not np.array_equal(used.data, START)


def remembered(optimizer):
    return [np.abs(a) for arrays in optimizer.memory for a in arrays]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("kind", [lambda p: nn.Adam(p, 0.01), lambda p: nn.SGD(p, 0.01, momentum=0.9)])
def test_what_is_remembered_of_dead_units_decays_to_zero_and_not_to_subnormal_numbers(kind, compiled, dtype):
    layer = nn.Linear(3, 2, dtype=dtype, rng=0)
    optimizer, loss = kind(layer.parameters()), nn.MSELoss()
    step = nn.compile_step(layer, loss, optimizer) if compiled else nn.eager_step(layer, loss, optimizer)
    x, y = np.ones((4, 3), dtype), np.ones((4, 2), dtype)
    step(x, y)
    x[:, 1] = 0  # from here on this input has no gradient
    for _ in range(1200 if dtype == "f4" else 7200):
        step(x, y)
    tiny = np.finfo(dtype).tiny
    assert not any(((a > 0) & (a < tiny)).any() for a in remembered(optimizer))
    assert not optimizer.memory[0][0][1].any()


def test_what_is_remembered_is_kept_as_long_as_it_is_not_subnormal():
    p = Tensor(np.zeros(1), requires_grad=True)
    optimizer = nn.SGD([p], 0.01, momentum=0.5)
    run(optimizer, p, np.full((600, 1), 1e-300))
    np.testing.assert_allclose(optimizer.memory[0][0], 2e-300)  # g / (1 - momentum)


def test_a_memory_of_scalars_or_of_integers_is_left_alone():
    class Counting(nn.Optimizer):
        slots = ("count",)

        def update(self, parameter, gradient, memory, learning_rate):
            return parameter - learning_rate * gradient, (np.int64(memory[0]) + 1,)

    p = Tensor(1.0, requires_grad=True)
    assert float(run(Counting([p], 0.0), p, np.zeros(300))) == 1.0


def test_zero_grad():
    p = Tensor(START, requires_grad=True)
    (p * p).sum().backward()
    nn.SGD([p], 0.1).zero_grad()
    assert p.grad is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: nn.SGD([], 0.1), "SGD was given no parameters; those of a module are its nn.Parameter attributes"),
        (lambda p: nn.SGD(p, math.nan), "SGD: learning_rate must be a finite number, at least 0, not nan"),
        (lambda p: nn.SGD(p, math.inf), "not inf"),
        (lambda p: nn.Adam(p, -1.0), "not -1.0"),
        (lambda p: nn.SGD(p, 0.1, momentum=1.0), "momentum must be a finite number, at least 0 and below 1, not 1.0"),
        (lambda p: nn.Adam(p, 0.1, betas=(0.9, 1.5)), r"betas\[1\] must be .* not 1.5"),
        (lambda p: nn.AdamW(p, 0.1, weight_decay=-1), "weight_decay .* not -1"),
        (lambda p: nn.SGD(p, "fast"), "learning_rate must be a finite number, at least 0, not 'fast'"),
        (lambda p: nn.Adam(p, None), "learning_rate must be a finite number, at least 0, not None"),
        (lambda p: nn.Adam(p, betas=0.9), "Adam: betas must be two numbers, not 0.9"),
        (lambda p: nn.Adam(p, betas=(0.9, 0.99, 0.999)), "Adam: betas must be two numbers"),
        (lambda p: nn.SGD(p * 2, 0.1), "SGD: parameter 1 is given twice, and would move twice in a step"),
        (lambda p: nn.SGD([p[0] * 2], 0.1), "SGD: parameter 0 was computed from others"),
    ],
)
def test_nonsense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make([Tensor(START, requires_grad=True)])


def test_a_learning_rate_that_is_set_later_is_a_plain_number_too():
    p = Tensor(np.ones(2, "float32"), requires_grad=True)
    optimizer = nn.SGD([p], 0.1)
    optimizer.learning_rate = np.float64(0.25)
    (p * p).sum().backward()
    optimizer.step()
    assert p.dtype == np.float32  # a double of NumPy would widen it
    assert p.data.tolist() == [0.5, 0.5]
    for bad in (-1, math.nan, None, np.array([0.1, 0.2])):
        with pytest.raises(ValueError, match="SGD: learning_rate must be a finite number, at least 0, not"):
            optimizer.learning_rate = bad
    assert optimizer.learning_rate == 0.25


def test_momentum_that_comes_too_late_is_not_ignored():
    p = Tensor(START, requires_grad=True)
    optimizer = nn.SGD([p], 0.1)
    p.grad = np.ones_like(START)
    optimizer.momentum = 0.9
    with pytest.raises(ValueError, match="momentum was 0 at first"):
        optimizer.step()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (nn.Linear(2, 1), r"Adam takes the Tensors to train, such as model.parameters\(\), not a Linear"),
        (nn.Linear(2, 1).parameters, "Adam takes .*, not a method"),
        (Tensor(START, requires_grad=True), "Adam takes .*, not a Tensor"),
        ([START], r"Adam: parameter 0 is a ndarray, not a Tensor; give model.parameters\(\)"),
        (nn.Linear(2, 1).named_parameters(), "Adam: parameter 0 is a tuple, not a Tensor"),
        ([{"params": []}], "Adam: parameter 0 is a dict, not a Tensor; make an optimizer of each group"),
        ([Tensor(START * 1j, requires_grad=True)], "Adam: parameter 0 is of complex128; train its real and imaginary"),
    ],
)
def test_what_cannot_be_trained_is_refused(parameters, message):
    with pytest.raises(TypeError, match=message):
        nn.Adam(parameters)


@pytest.mark.parametrize("steps", [1, 2, 7, 100])
@pytest.mark.parametrize("warm", [0.0, 0.05, 1.0])
def test_every_step_of_a_schedule_trains_and_the_last_ones_least(steps, warm):
    rate = nn.warm_then_linear(steps, warm)
    values = [rate(step) for step in range(1, steps + 1)]
    assert all(0 < value <= 1 for value in values)
    top = values.index(max(values))
    assert values == sorted(values[:top]) + sorted(values[top:], reverse=True)
    if warm < 1:
        np.testing.assert_allclose(np.diff(values[top:]), -values[-1], rtol=1e-9)  # a further step would have 0
    else:
        assert values[-1] == 1
    with pytest.raises(ValueError, match=f"step {steps + 1} of a schedule of {steps} steps would train nothing"):
        rate(steps + 1)


@pytest.mark.parametrize(("steps", "warm"), [(0, 0.1), (-3, 0.1), (10, 2.0), (10, math.nan)])
def test_a_schedule_of_nonsense_is_refused(steps, warm):
    with pytest.raises(ValueError, match="takes at least 1 step, and warm from 0 to 1; not"):
        nn.warm_then_linear(steps, warm)


@pytest.mark.parametrize("make", [nn.SGD, nn.Adam, lambda p, learning_rate: nn.SGD(p, learning_rate, momentum=0.9)])
def test_gradients_that_were_recorded_are_taken_for_their_numbers(make):
    found = []
    for create_graph in (False, True):
        p = nn.Parameter([1.0, -2.0])
        optimizer = make([p], learning_rate=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            (p * p * p).sum().backward(create_graph=create_graph)
            optimizer.step()
        assert type(p.data) is np.ndarray
        assert all(type(m) is np.ndarray for m in optimizer.memory[0])
        found.append(p.data.tolist())
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", [*KINDS, lambda p: Widening(p, 0.1)])
def test_parameters_that_are_cast_after_the_optimizer_was_made_stay_cast(kind):
    p = Tensor(START, requires_grad=True)
    optimizer = kind([p])
    p.data = p.data.astype(np.float32)
    assert run(optimizer, p).dtype == np.float32
    assert {array.dtype for memory in optimizer.memory for array in memory} <= {np.dtype(np.float32)}


class Widening(nn.Optimizer):
    """One whose formula holds a NumPy double, which is no reason to train in double precision."""

    def update(self, parameter, gradient, memory, learning_rate):
        return parameter - np.float64(learning_rate) * gradient, memory


@pytest.mark.parametrize("gradient", [np.ones((3, 3)), np.ones(3) * 1j])
def test_a_step_leaves_shape_and_kind_of_a_parameter_alone(gradient):
    p = Tensor(START, requires_grad=True, name="w")
    p.grad = gradient
    with pytest.raises(ValueError, match=r"^Adam: w of shape \(3,\) and dtype float64 would become one of shape"):
        nn.Adam([p]).step()
    np.testing.assert_array_equal(p.data, START)


def test_a_learning_rate_under_pytorchs_name_is_not_ignored():
    optimizer = nn.Adam([Tensor(START, requires_grad=True)])
    with pytest.raises(AttributeError, match=r"^Adam calls it learning_rate, and not lr$"):
        optimizer.lr = 0.5
    with pytest.raises(AttributeError, match=r"^Adam calls it learning_rate, and not lr$"):
        optimizer.lr *= 0.5
