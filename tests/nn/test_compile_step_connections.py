"""What a compiled step depends on besides the batch: parameters in the loss, Tensors that change, unused ones."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
import nn
from autograd import Tensor


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


def test_a_loss_may_ask_the_model_for_its_parameters():
    """Mean squared error and an L2 term over the parameters the model has at the time."""

    def decayed(model):
        return lambda p, y: anp.mean((p - y) ** 2) + 0.1 * sum(anp.sum(q * q) for q in model.parameters())

    both_ways(decayed, lambda m: nn.Adam(m.parameters(), 0.1))


class Halved(nn.Module):
    """Halves what it is given, but only in training."""

    def forward(self, x):
        return x / 2 if self.training else x


def test_the_mode_of_each_layer_is_followed():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 4)), rng.normal(size=(8, 2))
    costs = []
    for make in (nn.compile_step, nn.eager_step):
        model = nn.Sequential(nn.Linear(4, 2, rng=0), nn.Sequential(Halved()))
        step = make(model, nn.MSELoss(), nn.SGD(model.parameters(), 0.1))
        costs.append([step(x, y)])
        model[1][0].eval()
        costs[-1].append(step(x, y))
        model.train()
        costs[-1].append(step(x, y))
    np.testing.assert_allclose(*costs, rtol=1e-12)


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


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_penalty_on_cotangents_is_a_constant_in_both_kinds_of_steps(create_graph):
    """Without create_graph they are numbers, through which nothing is differentiated."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 5)), rng.normal(size=(8, 1))
    found = []
    for make in (nn.eager_step, nn.compile_step):
        model = nn.Sequential(nn.Linear(5, 4, rng=0), nn.Tanh(), nn.Linear(4, 1, rng=1))

        def loss(p, y, model=model):
            inputs = Tensor(x, requires_grad=True)
            (slope,) = autograd.cotangents(model(inputs).sum(), [inputs], create_graph=create_graph)
            return ((p - y) ** 2).mean() + (slope * slope).mean()

        step = make(model, loss, nn.SGD(model.parameters(), 0.1))
        found.append([step(x, y) for _ in range(4)])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


@pytest.mark.parametrize("part", ["parameter", "module"])
def test_a_part_that_is_replaced_between_steps_is_told(part):
    model = nn.Sequential(nn.Linear(4, 5, rng=0), nn.Sequential(nn.Linear(5, 2, rng=1)))
    x, y = np.ones((3, 4)), np.zeros((3, 2))
    step = nn.compile_step(model, nn.MSELoss(), nn.SGD(model.parameters(), 0.1))
    step(x, y)
    if part == "module":
        model[1].modules = (nn.Linear(5, 2, rng=2),)
    else:
        model[1][0].weight = nn.Parameter(np.ones((5, 2)))
    with pytest.raises(autograd.errors.NotConnectedError, match="a parameter that the model no longer holds, and not"):
        step(x, y)


@pytest.mark.parametrize("first", [None, np.ones(5)])
def test_a_bias_that_comes_or_goes_between_steps_is_followed(first):
    costs = []
    for make in (nn.compile_step, nn.eager_step):
        layer = nn.Linear(4, 5, rng=0)
        layer.bias = None if first is None else nn.Parameter(first)
        step = make(layer, nn.MSELoss(), nn.SGD(layer.parameters(), 0.1))
        costs.append([step(np.ones((3, 4)), np.zeros((3, 5)))])
        layer.bias = nn.Parameter(np.ones(5)) if first is None else None
        costs[-1] += [step(np.ones((3, 4)), np.zeros((3, 5))) for _ in range(2)]
    np.testing.assert_allclose(*costs, rtol=1e-12)


def test_a_forward_that_sets_parts_of_its_own_is_not_compiled_anew_each_time():
    class Model(nn.Linear):
        def forward(self, x):
            self.used = [self.weight, self.bias]
            return super().forward(x)

    model = Model(4, 5, rng=0)
    step = nn.compile_step(model, nn.MSELoss(), nn.SGD(model.parameters(), 0.1))
    compiled = []
    for rows in (3, 3, 2, 3):
        step(np.ones((rows, 4)), np.zeros((rows, 5)))
        compiled.append(step.compiled)
    assert all(function is compiled[0] for function in compiled)


def test_a_part_without_parameters_may_be_replaced_between_steps():
    costs = []
    for make in (nn.compile_step, nn.eager_step):
        model = nn.Sequential(nn.Linear(4, 5, rng=0), nn.Tanh())
        step = make(model, nn.MSELoss(), nn.SGD(model.parameters(), 0.1))
        costs.append([step(np.ones((3, 4)), np.zeros((3, 5)))])
        model.modules = (model[0], Halved())
        costs[-1].append(step(np.ones((3, 4)), np.zeros((3, 5))))
        model[1].eval()
        costs[-1].append(step(np.ones((3, 4)), np.zeros((3, 5))))
    np.testing.assert_allclose(*costs, rtol=1e-12)


@pytest.mark.parametrize(
    "replace",
    [
        lambda m: m.layers[1].__setitem__(0, nn.ReLU()),
        lambda m: m.layers.__setitem__(1, (nn.ReLU(),)),
        lambda m: m.layers.append([nn.ReLU()]),
        lambda m: m.heads.update(last=nn.Sigmoid()),
    ],
)
def test_an_item_of_a_list_or_dict_that_is_replaced_is_followed(replace):
    class Model(nn.Module):
        def __init__(self):
            self.layers, self.heads = [(nn.Linear(4, 5, rng=0),), [nn.Tanh()]], {"last": nn.Tanh()}

        def forward(self, x):
            for group in self.layers:
                for layer in group:
                    x = layer(x)
            return self.heads["last"](x)

    costs = []
    for make in (nn.compile_step, nn.eager_step):
        model = Model()
        step = make(model, nn.MSELoss(), nn.SGD(model.parameters(), 0.1))
        costs.append([step(np.ones((3, 4)), np.ones((3, 5)))])
        replace(model)
        costs[-1] += [step(np.ones((3, 4)), np.ones((3, 5))) for _ in range(2)]
    np.testing.assert_allclose(*costs, rtol=1e-12)


def test_a_parameter_of_a_list_that_is_replaced_is_told():
    class Model(nn.Module):
        def __init__(self):
            self.weights = [nn.Parameter(np.ones((4, 5))), nn.Parameter(np.ones(5))]

        def forward(self, x):
            return x @ self.weights[0] + self.weights[1]

    model = Model()
    step = nn.compile_step(model, nn.MSELoss(), nn.SGD(model.parameters(), 0.1))
    step(np.ones((3, 4)), np.zeros((3, 5)))
    model.weights[0] = nn.Parameter(np.ones((4, 5)))
    with pytest.raises(autograd.errors.NotConnectedError, match=r"no longer holds, and not weights\.0: make"):
        step(np.ones((3, 4)), np.zeros((3, 5)))


def test_weights_are_not_overwritten_while_a_layer_below_still_needs_them():
    """What shrinks the parameters is ready early, and the gradients of both layers read views of the same memory."""

    class Residual(nn.Module):
        def __init__(self):
            self.one, self.two = nn.Linear(4, 4, rng=0), nn.Linear(4, 4, rng=1)

        def forward(self, x):
            return x + self.two(anp.tanh(self.one(x)))

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 4)), rng.normal(size=(8, 4))
    found = []
    for make in (nn.compile_step, nn.eager_step):
        model = nn.Sequential(Residual(), Residual())
        optimizer = nn.SGD(model.parameters(), 0.1, weight_decay=0.1)

        def loss(p, y, model=model):
            return anp.mean((p - y) ** 2) + 0.01 * sum(anp.sum(q * q) for q in model.parameters())

        step = make(model, loss, optimizer)
        for _ in range(3):
            step(x, y)
        found.append(np.concatenate([array.ravel() for array in model.state_dict().values()]))
    np.testing.assert_allclose(*found, rtol=1e-12, atol=1e-12)
