"""`compile_step` against `eager_step`: the same numbers, for every optimiser, in any mixture."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from autograd.errors import CaptureError
from nn.compiled import compile_step

OPTIMIZERS = {
    "SGD": lambda p: nn.SGD(p, 0.1),
    "momentum": lambda p: nn.SGD(p, 0.1, momentum=0.9),
    "weight decay": lambda p: nn.SGD(p, 0.1, momentum=0.5, weight_decay=0.01),
    "Adam": lambda p: nn.Adam(p, 0.01),
    "AdamW": lambda p: nn.AdamW(p, 0.01, weight_decay=0.1),
}
LOSSES = {
    "BCE": (nn.BCELoss(), nn.Sigmoid),
    "BCE with logits": (nn.BCEWithLogitsLoss(), None),
    "cross-entropy": (nn.CrossEntropyLoss(), None),
    "MSE": (nn.MSELoss(), nn.Tanh),
}


class OwnRule(nn.SGD):
    """An optimiser that looks at a whole parameter at once."""

    def update(self, parameter, gradient, memory, *numbers):
        return parameter - numbers[0] * gradient / (1 + (gradient * gradient).sum()), memory


def model(last=None, dtype=np.float64):
    layers = [nn.Linear(6, 5, rng=0, dtype=dtype), nn.Sigmoid(), nn.Linear(5, 3, rng=1, dtype=dtype)]
    return nn.Sequential(*layers, *([last()] if last else []))


def twins(optimizer, loss=None, last=nn.Sigmoid, dtype=np.float64):
    """Two equal models, one of them stepped eagerly and one compiled: models, optimisers, steps."""
    loss = loss or nn.BCELoss()
    models = [model(last, dtype) for _ in range(2)]
    optimizers = [optimizer(m.parameters()) for m in models]
    makers = (nn.eager_step, compile_step)
    return models, optimizers, [make(m, loss, o) for make, m, o in zip(makers, models, optimizers, strict=True)]


def batches(n, dtype=np.float64):
    rng = np.random.default_rng(5)
    return [(rng.normal(size=(8, 6)).astype(dtype), np.eye(3, dtype=dtype)[rng.integers(0, 3, 8)]) for _ in range(n)]


def assert_same(models, optimizers, tolerance=1e-12):
    for a, b in zip(*(m.parameters() for m in models), strict=True):
        assert a.data.dtype == b.data.dtype
        np.testing.assert_allclose(a.data, b.data, rtol=tolerance, atol=tolerance)
    first, second = (o.state_dict() for o in optimizers)
    assert first.keys() == second.keys()
    for key in first:
        np.testing.assert_allclose(first[key], second[key], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_same_weights_as_eager(name, loss):
    loss, last = LOSSES[loss]
    models, optimizers, steps = twins(OPTIMIZERS[name], loss, last)
    for x, y in batches(6):
        np.testing.assert_allclose(*[step(x, y) for step in steps], rtol=1e-12)
    assert_same(models, optimizers)
    assert steps[1].cache_info().misses == 1


def test_under_debug_nans_a_step_is_watched_and_the_same():
    models, optimizers, (eager, compiled) = twins(nn.Adam)
    with autograd.debug_nans():
        for x, y in batches(3):
            np.testing.assert_allclose(compiled(x, y), eager(x, y), rtol=1e-12)
        with pytest.raises(autograd.errors.NonFiniteError, match="matmul"):
            compiled(np.full((8, 6), np.nan), y)
    for x, y in batches(3):
        np.testing.assert_allclose(compiled(x, y), eager(x, y), rtol=1e-12)
    assert_same(models, optimizers)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_single_precision_stays_single(name):
    models, optimizers, steps = twins(OPTIMIZERS[name], dtype=np.float32)
    for x, y in batches(5, np.float32):
        np.testing.assert_allclose(*[step(x, y) for step in steps], rtol=1e-5)
    assert_same(models, optimizers, 1e-4)
    assert all(p.data.dtype == np.float32 for p in models[1].parameters())


def test_class_numbers_as_targets():
    models, optimizers, steps = twins(lambda p: nn.SGD(p, 0.1), nn.CrossEntropyLoss(), None)
    for x, y in batches(4):
        np.testing.assert_allclose(*[step(x, y.argmax(1)) for step in steps], rtol=1e-12)
    assert_same(models, optimizers)


def test_steps_of_both_kinds_can_be_mixed():
    models, optimizers, (step, compiled_step) = twins(lambda p: nn.Adam(p, 0.01))
    kinds = [nn.eager_step(models[1], nn.BCELoss(), optimizers[1]), compiled_step]
    for k, (x, y) in enumerate(batches(7)):
        np.testing.assert_allclose(kinds[(k // 2) % 2](x, y), step(x, y), rtol=1e-12)
    assert_same(models, optimizers)


def test_weights_set_between_steps_are_used():
    models, optimizers, steps = twins(lambda p: nn.SGD(p, 0.1, momentum=0.9))
    start, state = models[0].state_dict(), optimizers[0].state_dict()
    for k, (x, y) in enumerate(batches(6)):
        if k == 3:
            for m, o in zip(models, optimizers, strict=True):
                m.load_state_dict(start)
                o.load_state_dict(state)
        for step in steps:
            step(x, y)
    assert_same(models, optimizers)


def test_the_learning_rate_may_change_without_compiling_again():
    models, optimizers, steps = twins(lambda p: nn.SGD(p, 0.1))
    for k, (x, y) in enumerate(batches(4)):
        for step, optimizer in zip(steps, optimizers, strict=True):
            optimizer.learning_rate = 0.1 / (k + 1)
            step(x, y)
    assert_same(models, optimizers)
    assert steps[1].cache_info().misses == 1


@pytest.mark.parametrize("change", [{"weight_decay": 0.5}, {"betas": (0.5, 0.6)}, {"epsilon": 0.1}])
def test_another_setting_of_the_optimizer_is_followed(change):
    models, optimizers, steps = twins(lambda p: nn.Adam(p, 0.1))
    for k, (x, y) in enumerate(batches(4)):
        for step, optimizer in zip(steps, optimizers, strict=True):
            if k == 2:
                vars(optimizer).update(change)
            step(x, y)
    assert_same(models, optimizers)


def test_a_parameter_that_is_frozen_or_freed_is_followed():
    models, optimizers, steps = twins(lambda p: nn.Adam(p, 0.1))
    for k, (x, y) in enumerate(batches(6)):
        for step, network in zip(steps, models, strict=True):
            network[0].weight.requires_grad = k not in (2, 3)
            before = network[0].weight.data.copy()
            step(x, y)
            assert np.array_equal(before, network[0].weight.data) == (k in (2, 3))
    assert_same(models, optimizers)


def test_an_optimizer_of_the_users_own():
    models, optimizers, steps = twins(lambda p: OwnRule(p, 0.1))
    for x, y in batches(4):
        for step in steps:
            step(x, y)
    assert_same(models, optimizers)


def test_a_live_graph_keeps_its_values():
    compiled = model(nn.Sigmoid)
    step = compile_step(compiled, nn.BCELoss(), nn.SGD(compiled.parameters(), 0.1))
    x, y = batches(1)[0]
    step(x, y)
    cost = nn.BCELoss()(compiled(x), y)
    before = [np.copy(p.data) for p in compiled.parameters()]
    step(x, y)
    assert any((p.data != b).any() for p, b in zip(compiled.parameters(), before, strict=True))
    cost.backward()  # computed from the values before the step


def test_the_last_short_batch_compiles_apart():
    compiled = model(nn.Sigmoid)
    step = compile_step(compiled, nn.BCELoss(), nn.SGD(compiled.parameters(), 0.1))
    x, y = batches(1)[0]
    for rows in (8, 8, 3, 8, 3):
        step(x[:rows], y[:rows])
    assert step.cache_info().misses == 2


def test_the_source_is_in_the_words_of_the_layers():
    compiled = model(nn.Sigmoid)
    step = compile_step(compiled, nn.BCELoss(), nn.SGD(compiled.parameters(), 0.1))
    step(*batches(1)[0])
    for line in ("z1 = X @ weight1 + bias1", "delta3 = (a2 - y) / 24", "delta2 = delta3 @ weight2.T * (a1 * (1 - a1))"):
        assert line in step.source


def test_a_random_layer_is_refused_and_nothing_changed():
    class Noise(nn.Module):
        def forward(self, x):
            return x + np.random.default_rng().normal(size=x.shape)

    compiled = nn.Sequential(nn.Linear(6, 3, rng=0), Noise())
    optimizer = nn.SGD(compiled.parameters(), 0.1)
    step = compile_step(compiled, nn.MSELoss(), optimizer)
    before = compiled.state_dict()
    with pytest.raises(CaptureError, match="not the same in two runs"):
        step(*batches(1)[0])
    assert optimizer.steps == 0
    for name, array in compiled.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    assert all(type(p) is nn.Parameter for p in compiled.parameters())


def test_a_batch_may_be_tensors():
    compiled = model(nn.Sigmoid)
    step = compile_step(compiled, nn.BCELoss(), nn.SGD(compiled.parameters(), 0.1))
    x, y = batches(1)[0]
    assert isinstance(step(Tensor(x, requires_grad=True), Tensor(y)), float)


def test_a_cost_that_is_no_scalar_is_refused():
    compiled = model(nn.Sigmoid)
    step = compile_step(compiled, lambda p, y: (p - y) ** 2, nn.SGD(compiled.parameters(), 0.1))
    with pytest.raises(ValueError, match="not a scalar"):
        step(*batches(1)[0])


def test_a_cost_that_no_parameter_is_in_is_refused():
    compiled = model(nn.Sigmoid)
    step = compile_step(compiled, lambda p, y: y.sum(), nn.SGD(compiled.parameters(), 0.1))
    with pytest.raises(autograd.errors.NotConnectedError, match="cost"):
        step(*batches(1)[0])


def test_memory_of_another_dtype_does_not_stop_the_training():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 3)).astype(np.float32), rng.normal(size=(8, 1)).astype(np.float32)
    found = []
    for make in (nn.compile_step, nn.eager_step):
        model = nn.Linear(3, 1, rng=0)
        optimizer = nn.Adam(model.parameters(), 0.1)  # whose memory is float64, as the parameters were
        for p in model.parameters():
            p.data = p.data.astype(np.float32)
        step = make(model, nn.MSELoss(), optimizer)
        found.append([step(x, y) for _ in range(4)])
    assert found[0][3] < found[0][0]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)


def test_a_model_that_cannot_be_captured_is_sent_to_eager_steps():
    class Noisy(nn.Linear):
        def forward(self, x):
            return super().forward(x + np.random.default_rng().normal(size=x.shape))

    model = Noisy(6, 3, rng=0)
    step = compile_step(model, nn.MSELoss(), nn.SGD(model.parameters(), 0.1))
    with pytest.raises(CaptureError) as caught:
        step(*batches(1)[0])
    assert caught.value.__notes__ == ["nn.eager_step takes the same arguments, and any model: it captures nothing"]
