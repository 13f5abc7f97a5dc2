"""What a module holds and how it is found; nothing that could be trained is left out in silence."""

import numpy as np
import pytest

import nn
from autograd import Tensor

X, Y = np.ones((4, 2)), np.zeros((4, 2))


class Parent(nn.Module):
    def __init__(self):
        self.child = Child(self)
        self.scale = nn.Parameter(np.ones(2))

    def forward(self, x):
        return self.child(x) * self.scale


class Child(nn.Module):
    def __init__(self, parent):
        self.parent = parent
        self.layer = nn.Linear(2, 2, rng=0)

    def forward(self, x):
        return self.layer(x)


def test_modules_may_hold_each_other():
    model = Parent()
    assert [name for name, _ in model.named_parameters()] == ["child.layer.weight", "child.layer.bias", "scale"]
    assert list(model.all_modules()) == [model, model.child, model.child.layer]
    assert repr(model) == "Parent(child: Child(parent: ..., layer: Linear(weight (2, 2), bias (2,))), scale (2,))"
    assert not model.eval().child.layer.training
    assert [*nn.Sequential(model).state_dict()] == ["0.child.layer.weight", "0.child.layer.bias", "0.scale"]


@pytest.mark.parametrize("make", [nn.eager_step, nn.compile_step])
def test_modules_that_hold_each_other_are_trained(make):
    model = Parent()
    before = model.state_dict()
    make(model, nn.MSELoss(), nn.SGD(model.parameters(), 0.1))(X, Y)
    assert all((array != before[name]).any() for name, array in model.state_dict().items())


def test_a_module_in_two_places_is_met_once():
    layer = nn.Linear(2, 2)
    model = nn.Sequential(layer, nn.Tanh(), nn.ReLU(), layer)
    assert list(model.all_modules()) == [model, layer, model[1], model[2]]


@pytest.mark.parametrize("held", [nn.Parameter([1.0]), nn.Linear(2, 2)])
def test_parameters_in_a_set_are_refused(held):
    class Model(nn.Module):
        def __init__(self):
            self.layers = [{held}]
            self.seen = {1, 2}

    message = f"^the set layers.0 holds a {type(held).__name__}, and has no order to name it by; write a list"
    with pytest.raises(TypeError, match=message):
        list(Model().parameters())


@pytest.mark.parametrize("held", [nn.Parameter([1.0]), nn.Linear(2, 2), [nn.Linear(2, 2)], {"a": nn.Linear(2, 2)}])
def test_parameters_of_the_class_itself_are_refused(held):
    with pytest.raises(TypeError, match=r"^Model\.layer is set in the class.*; write self\.layer = \.\.\. in __init__"):
        type("Model", (nn.Module,), {"layer": held})


def test_what_has_no_parameters_may_be_of_the_class():
    class Model(nn.Module):
        activation = nn.Tanh()

    assert not list(Model().parameters())


@pytest.mark.parametrize("make", [nn.eager_step, nn.compile_step])
def test_what_a_forward_keeps_is_no_parameter(make):
    """Courses write self.x = x, for the backward pass by hand."""

    class Model(nn.Linear):
        def forward(self, x):
            self.x, self.y = x, super().forward(x)
            return self.y

    model = Model(2, 2)
    for _ in range(2):
        step = make(model, nn.MSELoss(), nn.SGD(model.parameters(), 0.1))
        assert step(X, Y) > step(X, Y)
    assert [name for name, _ in model.named_parameters()] == ["weight", "bias"]


def test_a_function_is_a_model_too():
    layer = nn.Linear(2, 2, rng=0)
    parameters = [*layer.parameters(), nn.Parameter(0.0)]  # also where one is not in the cost
    step = nn.eager_step(lambda x: layer(x) * 2, nn.MSELoss(), nn.SGD(parameters, 0.1))
    assert step(X, Y) > step(X, Y)
    with pytest.raises(TypeError, match=r"^compile_step follows the parts of a Module, and was given a function; take"):
        nn.compile_step(lambda x: layer(x) * 2, nn.MSELoss(), nn.SGD(parameters, 0.1))


@pytest.mark.parametrize("make", [nn.eager_step, nn.compile_step, nn.Trainer])
def test_arguments_in_another_order_are_told(make):
    model = nn.Linear(2, 2)
    loss, optimizer = nn.MSELoss(), nn.SGD(model.parameters(), 0.1)
    with pytest.raises(TypeError, match=r"^loss is of SGD; the order is model, loss, optimizer"):
        make(model, optimizer, loss)
    with pytest.raises(TypeError, match=r"^optimizer is of list; the order is model, loss, optimizer"):
        make(model, loss, list(model.parameters()))


@pytest.mark.parametrize("wrap", [lambda a: a, Tensor, nn.Parameter])
def test_a_parameter_has_numbers_of_its_own(wrap):
    """What it was made from, and another made from the same, stay when it is moved in place."""
    start = np.zeros(2)
    given = wrap(start)
    one, other = nn.Parameter(given), nn.Parameter(given)
    one.data -= 1
    assert start.tolist() == other.data.tolist() == [0, 0]


def test_lists_in_lists_are_found():
    class Grid(nn.Module):
        def __init__(self):
            self.rows = [[nn.Linear(2, 2, bias=False), {"last": nn.Parameter([0.0])}]]

    assert [name for name, _ in Grid().named_parameters()] == ["rows.0.0.weight", "rows.0.1.last"]


def test_two_parameters_of_one_path_are_not_saved_as_one():
    class Model(nn.Module):
        def __init__(self):
            self.layers = {1: nn.Parameter(0.0), "1": nn.Parameter(2.0)}

    with pytest.raises(ValueError, match=r"^Model: two parameters have the path layers\.1; name the keys of its dicts"):
        Model().state_dict()
