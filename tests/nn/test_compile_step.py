"""`compile_step` against `eager_step`: the same numbers, for every optimiser, in any mixture."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
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


def batches(n, dtype=np.float64):
    rng = np.random.default_rng(5)
    return [(rng.normal(size=(8, 6)).astype(dtype), np.eye(3, dtype=dtype)[rng.integers(0, 3, 8)]) for _ in range(n)]


def assert_same(one, other, optimizers, tolerance=1e-12):
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
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
    eager, compiled = model(last), model(last)
    optimizers = [OPTIMIZERS[name](m.parameters()) for m in (eager, compiled)]
    step, compiled_step = nn.eager_step(eager, loss, optimizers[0]), compile_step(compiled, loss, optimizers[1])
    for x, y in batches(6):
        np.testing.assert_allclose(compiled_step(x, y), step(x, y), rtol=1e-12)
    assert_same(eager, compiled, optimizers)
    assert compiled_step.cache_info().misses == 1


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_single_precision_stays_single(name):
    eager, compiled = model(nn.Sigmoid, np.float32), model(nn.Sigmoid, np.float32)
    optimizers = [OPTIMIZERS[name](m.parameters()) for m in (eager, compiled)]
    steps = nn.eager_step(eager, nn.BCELoss(), optimizers[0]), compile_step(compiled, nn.BCELoss(), optimizers[1])
    for x, y in batches(5, np.float32):
        costs = [step(x, y) for step in steps]
        np.testing.assert_allclose(costs[0], costs[1], rtol=1e-5)
    assert_same(eager, compiled, optimizers, 1e-4)
    assert all(p.data.dtype == np.float32 for p in compiled.parameters())


def test_class_numbers_as_targets():
    eager, compiled = model(), model()
    optimizers = [nn.SGD(m.parameters(), 0.1) for m in (eager, compiled)]
    steps = (
        nn.eager_step(eager, nn.CrossEntropyLoss(), optimizers[0]),
        compile_step(compiled, nn.CrossEntropyLoss(), optimizers[1]),
    )
    for x, y in batches(4):
        costs = [step(x, y.argmax(1)) for step in steps]
        np.testing.assert_allclose(costs[0], costs[1], rtol=1e-12)
    assert_same(eager, compiled, optimizers)


def test_steps_of_both_kinds_can_be_mixed():
    eager, mixed = model(nn.Sigmoid), model(nn.Sigmoid)
    optimizers = [nn.Adam(m.parameters(), 0.01) for m in (eager, mixed)]
    step = nn.eager_step(eager, nn.BCELoss(), optimizers[0])
    kinds = [nn.eager_step(mixed, nn.BCELoss(), optimizers[1]), compile_step(mixed, nn.BCELoss(), optimizers[1])]
    for k, (x, y) in enumerate(batches(7)):
        np.testing.assert_allclose(kinds[(k // 2) % 2](x, y), step(x, y), rtol=1e-12)
    assert_same(eager, mixed, optimizers)


def test_weights_set_between_steps_are_used():
    eager, compiled = model(nn.Sigmoid), model(nn.Sigmoid)
    optimizers = [nn.SGD(m.parameters(), 0.1, momentum=0.9) for m in (eager, compiled)]
    steps = nn.eager_step(eager, nn.BCELoss(), optimizers[0]), compile_step(compiled, nn.BCELoss(), optimizers[1])
    start, state = eager.state_dict(), optimizers[0].state_dict()
    for k, (x, y) in enumerate(batches(6)):
        if k == 3:
            for m, o in zip((eager, compiled), optimizers, strict=True):
                m.load_state_dict(start)
                o.load_state_dict(state)
        for step in steps:
            step(x, y)
    assert_same(eager, compiled, optimizers)


def test_the_learning_rate_may_change_without_compiling_again():
    eager, compiled = model(nn.Sigmoid), model(nn.Sigmoid)
    optimizers = [nn.SGD(m.parameters(), 0.1) for m in (eager, compiled)]
    steps = nn.eager_step(eager, nn.BCELoss(), optimizers[0]), compile_step(compiled, nn.BCELoss(), optimizers[1])
    for k, (x, y) in enumerate(batches(4)):
        for step, optimizer in zip(steps, optimizers, strict=True):
            optimizer.learning_rate = 0.1 / (k + 1)
            step(x, y)
    assert_same(eager, compiled, optimizers)
    assert steps[1].cache_info().misses == 1


@pytest.mark.parametrize("change", [{"weight_decay": 0.5}, {"betas": (0.5, 0.6)}, {"epsilon": 0.1}])
def test_another_setting_of_the_optimizer_is_followed(change):
    eager, compiled = model(nn.Sigmoid), model(nn.Sigmoid)
    optimizers = [nn.Adam(m.parameters(), 0.1) for m in (eager, compiled)]
    steps = nn.eager_step(eager, nn.BCELoss(), optimizers[0]), compile_step(compiled, nn.BCELoss(), optimizers[1])
    for k, (x, y) in enumerate(batches(4)):
        for step, optimizer in zip(steps, optimizers, strict=True):
            if k == 2:
                vars(optimizer).update(change)
            step(x, y)
    assert_same(eager, compiled, optimizers)


def test_an_optimizer_of_the_users_own():
    eager, compiled = model(nn.Sigmoid), model(nn.Sigmoid)
    optimizers = [OwnRule(m.parameters(), 0.1) for m in (eager, compiled)]
    steps = nn.eager_step(eager, nn.BCELoss(), optimizers[0]), compile_step(compiled, nn.BCELoss(), optimizers[1])
    for x, y in batches(4):
        for step in steps:
            step(x, y)
    assert_same(eager, compiled, optimizers)


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


def decayed(model):
    """Mean squared error and an L2 term over the parameters the model has at the time."""
    return lambda p, y: anp.mean((p - y) ** 2) + 0.1 * sum(anp.sum(q * q) for q in model.parameters())


def test_a_loss_may_ask_the_model_for_its_parameters():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 4)), rng.normal(size=(8, 2))
    found = []
    for make in (nn.compile_step, nn.eager_step):
        model = nn.Sequential(nn.Linear(4, 5, rng=0), nn.Tanh(), nn.Linear(5, 2, rng=1))
        step = make(model, decayed(model), nn.Adam(model.parameters(), 0.1))
        costs = [step(x, y) for _ in range(5)]
        found.append((costs, [p.data.copy() for p in model.parameters()]))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-12)
    for compiled, eager in zip(found[0][1], found[1][1], strict=True):
        np.testing.assert_allclose(compiled, eager, rtol=1e-10, atol=1e-12)


def both_ways(make_loss, optimizer, steps=5):
    """Costs and parameters after some steps, compiled and eager, of a small model and a loss made for it."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 4)), rng.normal(size=(8, 2))
    found = []
    for make in (nn.compile_step, nn.eager_step):
        model = nn.Sequential(nn.Linear(4, 5, rng=0), nn.Tanh(), nn.Linear(5, 2, rng=1))
        step = make(model, make_loss(model), optimizer(model))
        costs = [step(x, y) for _ in range(steps)]
        found.append([costs, *(p.data.copy() for p in model.parameters())])
    for compiled, eager in zip(*found, strict=True):
        np.testing.assert_allclose(compiled, eager, rtol=1e-10, atol=1e-12)


def test_a_loss_may_hold_a_parameter_by_itself():
    def make_loss(model):
        kept = model[0].weight
        return lambda p, y: anp.mean((p - y) ** 2) + anp.sum(kept * kept)

    both_ways(make_loss, lambda m: nn.SGD(m.parameters(), 0.1))


def test_tensors_outside_the_optimizer_are_followed():
    """A factor that changes between steps, and a layer that is not trained here but somewhere else."""

    def make_loss(model):
        factor = Tensor(0.5)

        def loss(p, y):
            return anp.mean((p - y) ** 2) * factor

        return loss

    both_ways(make_loss, lambda m: nn.SGD(list(m.parameters())[:2], 0.1))
    model = nn.Sequential(nn.Linear(4, 5, rng=0), nn.Tanh(), nn.Linear(5, 2, rng=1))
    twin = nn.Sequential(nn.Linear(4, 5, rng=0), nn.Tanh(), nn.Linear(5, 2, rng=1))
    x, y = np.ones((3, 4)), np.zeros((3, 2))
    steps = [
        make(m, nn.MSELoss(), nn.SGD(list(m.parameters())[:2], 0.1))
        for make, m in ((nn.compile_step, model), (nn.eager_step, twin))
    ]
    for k in range(4):
        for m in (model, twin):
            m[2].bias.data = np.full(2, float(k))
        np.testing.assert_allclose(*[step(x, y) for step in steps], rtol=1e-12)


@pytest.mark.parametrize("packed", [True, False])
def test_a_parameter_that_the_cost_does_not_need_stays(packed):
    """Weight decay and moments too: an eager optimiser skips what has no gradient."""

    class Half(nn.Sequential):
        def forward(self, x):
            return self[0](x)[:, :2]

    class Plain(nn.AdamW):
        """Of another type, so that each parameter moves by itself."""

    kind = nn.AdamW if packed else Plain
    found = []
    for make in (nn.compile_step, nn.eager_step):
        model = Half(nn.Linear(4, 5, rng=0), nn.Linear(5, 2, rng=1))
        step = make(model, nn.MSELoss(), kind(model.parameters(), 0.1, weight_decay=0.1))
        for _ in range(3):
            step(np.ones((3, 4)), np.zeros((3, 2)))
        found.append([p.data.copy() for p in model.parameters()])
    for compiled, eager in zip(*found, strict=True):
        np.testing.assert_allclose(compiled, eager, rtol=1e-10)


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
