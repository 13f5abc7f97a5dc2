"""Modules: what they hold, what they compute, what they say."""

import copy
import operator

import numpy as np
import pytest
import scipy.sparse

import nn
from autograd import Tensor


class Both(nn.Module):
    """Holds parameters and modules in every way there is."""

    def __init__(self):
        self.scale = nn.Parameter(2.0)
        self.first = nn.Linear(3, 4, rng=0)
        self.more = [nn.Linear(4, 4, rng=1), nn.Tanh()]
        self.heads = {"a": nn.Linear(4, 2, rng=2), "b": nn.Parameter(np.zeros(2))}
        self.again = self.first
        self.number = 7

    def forward(self, x):
        return self.heads["a"](self.more[1](self.more[0](self.first(x)))) * self.scale + self.heads["b"]


NAMES = ["scale", "first.weight", "first.bias", "more.0.weight", "more.0.bias"]
NAMES += ["heads.a.weight", "heads.a.bias", "heads.b"]


def test_every_parameter_once_by_path():
    model = Both()
    assert [name for name, _ in model.named_parameters()] == NAMES
    assert len(list(model.parameters())) == 8


def test_gradients_reach_every_parameter_and_zero_grad_forgets_them():
    model = Both()
    model(np.ones((5, 3))).sum().backward()
    assert all(p.grad is not None and p.grad.shape == p.shape for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


def test_linear_is_x_weight_plus_bias(rng):
    x = rng.standard_normal((2, 7, 5))
    layer = nn.Linear(5, 3, rng=rng)
    layer.bias.data = rng.standard_normal(3)
    expected = np.einsum("abi,io->abo", x, layer.weight.data) + layer.bias.data
    np.testing.assert_allclose(layer(x).data, expected, rtol=1e-13)
    without = nn.Linear(5, 3, bias=False, rng=rng)
    assert [name for name, _ in without.named_parameters()] == ["weight"]
    np.testing.assert_allclose(without(x).data, x @ without.weight.data, rtol=1e-13)


def test_linear_starts_within_glorots_range():
    weight = nn.Linear(300, 100, rng=0).weight.data
    limit = np.sqrt(6 / 400)
    assert np.abs(weight).max() <= limit
    assert weight.std() == pytest.approx(limit / np.sqrt(3), rel=0.02)
    np.testing.assert_array_equal(nn.Linear(300, 100, rng=0, gain=4).weight.data, 4 * weight)
    assert not nn.Linear(300, 100, rng=0, gain=0).weight.data.any()
    np.testing.assert_array_equal(nn.Linear(300, 100, rng=0).weight.data, weight)
    assert nn.Linear(3, 2, dtype="float32").weight.dtype == np.float32


@pytest.mark.parametrize(
    ("module", "function"),
    [
        (nn.Sigmoid(), lambda x: 1 / (1 + np.exp(-x))),
        (nn.Tanh(), np.tanh),
        (nn.ReLU(), lambda x: np.where(x > 0, x, 0)),
        (nn.Softplus(), lambda x: np.log(1 + np.exp(x))),
        (nn.Softmax(), lambda x: np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)),
        (nn.Softmax(axis=0), lambda x: np.exp(x) / np.exp(x).sum(axis=0, keepdims=True)),
    ],
)
def test_activations(module, function, rng):
    x = rng.standard_normal((4, 3))
    np.testing.assert_allclose(module(x), function(x), rtol=1e-13)
    np.testing.assert_allclose(module(Tensor(x, requires_grad=True)).data, function(x), rtol=1e-13)


def test_state_goes_from_one_module_to_another(rng):
    one, other = Both(), Both()
    for p in one.parameters():
        p.data = rng.standard_normal(p.shape)
    state = one.state_dict()
    assert list(state) == NAMES
    other.load_state_dict(state)
    x = rng.standard_normal((2, 3))
    np.testing.assert_array_equal(one(x).data, other(x).data)
    state["first.weight"][:] = 0  # a copy: the modules do not feel it
    np.testing.assert_array_equal(one(x).data, other(x).data)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("weight"), "missing in the state of Linear: weight"),
        (lambda s: s.update(strange=np.zeros(2)), "unknown in the state of Linear: strange"),
        (lambda s: s.update(bias=np.zeros(3)), r"bias has shape \(3,\) in the state, \(2,\) here"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(change, message):
    layer = nn.Linear(3, 2, rng=0)
    before = layer.state_dict()
    state = {name: array + 1 for name, array in before.items()}
    change(state)
    with pytest.raises(ValueError, match=f"^{message}$"):
        layer.load_state_dict(state)
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_training_and_evaluation_reach_all_children():
    model = Both()
    model.eval()
    assert not any(m.training for m in (model, model.first, *model.more, model.heads["a"]))
    model.train()
    assert all(m.training for m in (model, model.first, *model.more, model.heads["a"]))


def test_sequential_is_a_sequence():
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    assert len(model) == 3
    assert isinstance(model[1], nn.Tanh)
    assert list(model) == list(model.children())


def test_a_deep_copy_is_independent():
    model = nn.Linear(2, 2, rng=0)
    twin = copy.deepcopy(model)
    twin.weight.data = twin.weight.data + 1
    assert isinstance(twin.weight, nn.Parameter)
    assert not np.array_equal(twin.weight.data, model.weight.data)


def test_a_parameter_is_not_replaced_by_an_array_that_nobody_trains():
    layer = nn.Linear(2, 2, rng=0)
    with pytest.raises(TypeError, match=r"Linear.weight is a Parameter.*a ndarray.*write weight.data = "):
        layer.weight = np.ones((2, 2))
    layer.weight = nn.Parameter(np.ones((2, 2)))
    layer.bias = None
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    np.testing.assert_array_equal(layer(np.ones((1, 2))).data, [[2, 2]])


@pytest.mark.parametrize("change", [operator.iadd, operator.isub, operator.imul, operator.itruediv])
def test_a_parameter_is_not_changed_by_an_operator_that_would_only_bind_a_name(change):
    parameter = nn.Parameter([1.0, 2.0], name="theta1")
    with pytest.raises(TypeError, match=r"^theta1 would stay as it is.*write parameter\.data [-+*/]= "):
        change(parameter, 2.0)
    change(parameter.data, 2.0)
    np.testing.assert_array_equal(parameter.data, change(np.array([1.0, 2.0]), 2.0))


def test_what_is_kept_and_not_trained_is_a_parameter_that_requires_no_gradient():
    class Centred(nn.Module):
        def __init__(self):
            self.gain, self.mean = nn.Parameter(np.ones(2)), nn.Parameter(np.zeros(2), requires_grad=False)

        def forward(self, x):
            if self.training:
                self.mean.data = 0.9 * self.mean.data + 0.1 * x.mean(axis=0)
            return self.gain * (x - self.mean)

    x = np.array([[1.0, 5.0], [3.0, 7.0]])
    model = Centred()
    nn.eager_step(model, nn.MSELoss(), nn.AdamW(model.parameters(), 0.1, weight_decay=0.5))(x, x)
    np.testing.assert_allclose(model.mean.data, [0.2, 0.6], rtol=1e-15)
    other = Centred()
    other.load_state_dict(model.state_dict())
    np.testing.assert_array_equal(other.eval()(x).data, model.gain.data * (x - model.mean.data))


def test_wrong_sizes_say_whose():
    layer = nn.Linear(400, 25)
    layer.weight.name = "theta1"
    with pytest.raises(ValueError, match=r"^Linear: theta1 of shape \(400, 25\) takes 400 features .* \(10, 64\)$"):
        layer(np.zeros((10, 64)))
    with pytest.raises(ValueError, match=r"^Linear\(0, 3\): both sizes must be whole numbers of at least 1$"):
        nn.Linear(0, 3)
    with pytest.raises(NotImplementedError, match=r"^Module has no forward method"):
        nn.Module()(1.0)


def test_values_between_the_layers_of_a_sequential_are_named_as_in_the_article():
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Sigmoid(), nn.Linear(4, 2, rng=1), nn.Sigmoid())
    a2 = model(np.ones((5, 3)))
    z2 = a2.args[0]
    sum_and_bias = z2.args
    a1 = sum_and_bias[0].args[0]
    assert [t.name for t in (a2, z2, a1, a1.args[0])] == ["a2", "z2", "a1", "z1"]
    assert nn.Sequential(nn.Sigmoid())(Tensor(np.ones(2), requires_grad=True)).name is None


def test_a_name_that_a_layer_gives_its_result_is_kept_in_a_sequential():
    class Hidden(nn.Linear):
        def forward(self, x):
            y = super().forward(x)
            y.name = "hidden"
            return y

    assert nn.Sequential(Hidden(3, 2, rng=0))(np.ones((5, 3))).name == "hidden"


@pytest.mark.parametrize(
    ("modules", "kind"),
    [
        ([[nn.Linear(2, 2)]], r"0 is a list, not a Module; write Sequential\(\*layers\)"),
        ([nn.Linear(2, 2), nn.ReLU], r"1 is the class ReLU, not a Module; write Sequential\(Linear\("),
        ([np.tanh], r"0 is a ufunc, not a Module; write Sequential\(Linear\("),
    ],
)
def test_a_sequential_of_something_else_is_refused(modules, kind):
    with pytest.raises(TypeError, match=f"^Sequential: place {kind}"):
        nn.Sequential(*modules)


def test_a_part_of_a_sequential_is_one():
    network = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 1, rng=1))
    hidden = network[:2]
    assert isinstance(hidden, nn.Sequential)
    assert hidden[0] is network[0]
    assert hidden(np.ones((4, 2))).shape == (4, 3)


def test_a_module_shows_what_it_holds():
    network = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    assert repr(network) == "Sequential(0: Linear(weight (2, 3), bias (3,)), 1: Tanh())"


def test_a_module_shows_its_settings_and_not_its_mode():
    assert repr(nn.Softmax(axis=0).eval()) == "Softmax(axis=0)"
    assert repr(nn.MSELoss("sum")) == "MSELoss(reduction='sum')"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Linear(2.5, 3), r"Linear\(2.5, 3\): both sizes must be whole numbers of at least 1"),
        (lambda: nn.Linear("4", 3), r"Linear\('4', 3\): both sizes"),
        (lambda: nn.Linear(4, 3, gain=-1), "Linear: gain must be a finite number, at least 0, not -1"),
    ],
)
def test_a_layer_of_nonsense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_what_is_no_array_is_refused_by_a_layer():
    with pytest.raises(TypeError, match="Linear takes arrays and Tensors, and was given a list"):
        nn.Linear(2, 1)([[1.0, 2.0]])
    with pytest.raises(TypeError, match=r"Linear takes .* was given a csr_matrix; write x\.toarray\(\)$"):
        nn.Linear(2, 1)(scipy.sparse.csr_matrix([[1.0, 2.0]]))


@pytest.mark.parametrize("kind", ["complex128", "U1"])
def test_a_state_of_another_kind_of_numbers_is_refused(kind):
    layer = nn.Linear(2, 1)
    with pytest.raises(ValueError, match=r"weight is of .* in the state, float64 here"):
        layer.load_state_dict({name: array.astype(kind) for name, array in layer.state_dict().items()})


def test_a_forward_without_a_return_is_told():
    class Forgetful(nn.Linear):
        def forward(self, x):
            super().forward(x)

    with pytest.raises(TypeError, match=r"MSELoss takes .*, and was given a NoneType; is a return missing\?$"):
        nn.MSELoss()(Forgetful(2, 1)(np.ones((3, 2))), np.ones((3, 1)))


@pytest.mark.parametrize("state", [({}, {}), "model.safetensors", None])
def test_a_state_is_a_dict(state):
    message = f"load_state_dict takes a dict of arrays by name, .*saving.load gives first, not a {type(state).__name__}"
    with pytest.raises(TypeError, match=message):
        nn.Linear(2, 1).load_state_dict(state)


@pytest.mark.parametrize("kind", [object, str])
def test_arrays_that_hold_no_numbers_are_refused_by_a_layer(kind):
    with pytest.raises(
        TypeError, match=r"^Linear takes numbers, and was given an array of (object|<U32); write x\.astype\("
    ):
        nn.Linear(2, 1)(np.ones((1, 2)).astype(kind))


class FromPyTorch:
    """Stands for what a state of PyTorch holds."""

    shape, dtype = (2, 2), None


FromPyTorch.__name__, FromPyTorch.__module__ = "Tensor", "torch"


def test_weights_of_pytorch_are_not_taken_for_ours_which_are_the_transposes():
    layer = nn.Linear(2, 2)
    message = r"^weight is a torch\.Tensor in the state: write \.numpy\(\), and for a weight of Linear \.numpy\(\)\.T$"
    with pytest.raises(TypeError, match=message):
        layer.load_state_dict(layer.state_dict() | {"weight": FromPyTorch()})
    with pytest.raises(TypeError, match=r"^Linear takes arrays and Tensors, and was given a torch\.Tensor; write num"):
        layer(FromPyTorch())
