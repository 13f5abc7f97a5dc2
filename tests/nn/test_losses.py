"""Losses against their formulas in 50 digits, and their gradients against those derived by hand."""

import contextlib
import math

import mpmath
import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, grad, no_grad

P = np.array([[0.9, 0.2, 0.5], [0.1, 0.7, 0.3]])
Z = np.array([[3.0, -40.0, 0.5], [-2.0, 60.0, 0.0]])
Y = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
mpmath.mp.dps = 50


def exact(term, prediction, target):
    pairs = zip(prediction.ravel(), target.ravel(), strict=True)
    return [term(mpmath.mpf(float(p)), mpmath.mpf(float(t))) for p, t in pairs]


def bce(p, y):
    return -(y * mpmath.log(p) + (1 - y) * mpmath.log(1 - p))


def bce_of_logit(z, y):
    return bce(1 / (1 + mpmath.exp(-z)), y)


def squared(p, y):
    return (p - y) ** 2


CASES = [(nn.BCELoss, bce, P), (nn.BCEWithLogitsLoss, bce_of_logit, Z), (nn.MSELoss, squared, Z)]


@pytest.mark.parametrize(("loss", "term", "prediction"), CASES)
@pytest.mark.parametrize(("reduction", "divisor"), [("mean", 6), ("sum", 1), ("examples", 2)])
def test_value(loss, term, prediction, reduction, divisor):
    expected = float(sum(exact(term, prediction, Y)) / divisor)
    assert float(loss(reduction)(Tensor(prediction), Y).data) == pytest.approx(expected, rel=1e-14)
    assert float(loss(reduction)(prediction, Y)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("loss", "prediction", "gradient"),
    [
        (nn.BCELoss, P, (P - Y) / (P * (1 - P))),
        (nn.BCEWithLogitsLoss, Z, 1 / (1 + np.exp(-Z)) - Y),
        (nn.MSELoss, Z, 2 * (Z - Y)),
    ],
)
def test_gradient(loss, prediction, gradient):
    found = grad(lambda p: loss("examples")(p, Y))(prediction)
    np.testing.assert_allclose(found, gradient / 2, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("way", ["plain", "frozen", "no_grad"])
def test_bce_of_rows_that_are_held_out_has_no_nan_where_a_unit_is_saturated(way, dtype):
    model = nn.Sequential(nn.Linear(1, 1, bias=False, dtype=dtype), nn.Sigmoid())
    model[0].weight.data[:] = 1
    model[0].weight.requires_grad = way != "frozen"
    x, y = np.array([[50.0], [-800.0], [0.5]], dtype), np.array([[1.0], [0.0], [1.0]], dtype)
    with no_grad() if way == "no_grad" else contextlib.nullcontext():
        found = nn.BCELoss()(model(x).data if way == "plain" else model(x), y)
    assert found.dtype == dtype
    assert float(found) == pytest.approx(math.log1p(math.exp(-0.5)) / 3, rel=1e-6)  # the first two cost nothing


def test_bce_of_a_certain_and_wrong_probability_is_infinite():
    with np.errstate(divide="ignore"):
        assert nn.BCELoss()(np.array([0.0, 0.5]), np.array([1.0, 1.0])) == math.inf
        assert nn.BCELoss()(np.array([1.0, 0.5]), np.array([0.0, 1.0])) == math.inf


@pytest.mark.parametrize("z", [-1000.0, -40.0, 40.0, 1000.0])
@pytest.mark.parametrize("y", [0.0, 1.0])
def test_bce_of_a_saturated_sigmoid_is_finite_and_exact(z, y):
    def cost(z):
        return nn.BCELoss("sum")(nn.functional.sigmoid(z), np.array([y]))

    t = Tensor([z], requires_grad=True)
    value = cost(t)
    value.backward()
    expected = exact(bce_of_logit, np.array([z]), np.array([y])) if abs(z) < 100 else [abs(z) * (y != (z > 0))]
    assert float(value.data) == pytest.approx(float(expected[0]), rel=1e-12, abs=1e-15)
    assert t.grad[0] == pytest.approx(float(1 / (1 + mpmath.exp(-mpmath.mpf(z)))) - y, abs=1e-15)


def test_cross_entropy_of_class_numbers_and_of_one_hot_rows():
    classes = np.array([0, 1])
    terms = [-(mpmath.mpf(Z[i, c]) - mpmath.log(sum(mpmath.exp(v) for v in Z[i]))) for i, c in enumerate(classes)]
    for target in (classes, np.eye(3)[classes]):
        assert float(nn.CrossEntropyLoss()(Tensor(Z), target).data) == pytest.approx(float(sum(terms) / 2), rel=1e-13)
        assert float(nn.CrossEntropyLoss("sum")(Z, target)) == pytest.approx(float(sum(terms)), rel=1e-13)
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    by_hand = (e / e.sum(axis=1, keepdims=True) - np.eye(3)[classes]) / 2
    np.testing.assert_allclose(grad(lambda z: nn.CrossEntropyLoss()(z, classes))(Z), by_hand, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("loss", [nn.BCELoss, nn.BCEWithLogitsLoss, nn.MSELoss])
def test_a_column_against_a_row_is_refused(loss):
    with pytest.raises(ValueError, match=rf"^{loss.__name__}: prediction of shape \(4, 1\) and target of shape \(4,\)"):
        loss()(Tensor(np.full((4, 1), 0.5)), np.zeros(4))


@pytest.mark.parametrize(
    ("prediction", "target", "hint"),
    [
        ((4, 1), (4,), r"write target\[\.\.\., None\]"),
        ((4, 3), (4,), r"for class numbers write nn\.data\.one_hot\(target, np\.arange\(3\)\)"),
        ((4,), (4, 1), "reshape one of them"),
        ((), (4,), "reshape one of them"),
    ],
)
def test_shapes_that_differ_are_told_with_what_to_write(prediction, target, hint):
    with pytest.raises(ValueError, match=f"must have one shape; {hint}$"):
        nn.MSELoss()(np.zeros(prediction), np.zeros(target))
    if "one_hot" in hint:
        assert nn.data.one_hot(np.zeros(target), np.arange(3)).shape == prediction


def test_class_numbers_of_another_shape_or_kind_are_told_as_given():
    loss = nn.CrossEntropyLoss()
    with pytest.raises(
        ValueError, match=r"class numbers of shape \(2, 1\) for logits of shape \(2, 3\), with .* \(2,\)"
    ):
        loss(Tensor(Z), np.array([[0], [1]]))
    for classes in (np.array([0.0, 1.0]), np.array([False, True])):
        with pytest.raises(ValueError, match=rf"class numbers are integers, not {classes.dtype}; .*astype\(int\)"):
            loss(Tensor(Z), classes)


@pytest.mark.parametrize("kind", [bool, int, np.uint8, np.float32])
def test_one_hot_rows_of_every_kind_are_probabilities(kind):
    rows = np.eye(3, dtype=kind)[[0, 1]]
    expected = nn.CrossEntropyLoss()(Tensor(Z), np.array([0, 1])).item()
    assert nn.CrossEntropyLoss()(Tensor(Z), rows).item() == pytest.approx(expected, rel=1e-15)
    model = nn.Linear(3, 3, rng=0)
    costs = [
        make(model, nn.CrossEntropyLoss(), nn.SGD(model.parameters(), 0.0))(Z, rows)
        for make in (nn.eager_step, nn.compile_step)
    ]
    assert costs[0] == pytest.approx(costs[1], rel=1e-12)


@pytest.mark.parametrize("target", [np.array([0, 0]), np.array([[1.0], [0.0]]), np.array([[1], [0]])])
def test_a_cross_entropy_of_one_class_would_be_0_whatever_is_learned(target):
    with pytest.raises(ValueError, match=r"^CrossEntropyLoss: one logit .* \(2, 1\).*; take BCEWithLogitsLoss"):
        nn.CrossEntropyLoss()(Tensor([[1.0], [2.0]]), target)


@pytest.mark.parametrize("loss", [nn.BCELoss, nn.BCEWithLogitsLoss, nn.MSELoss, nn.CrossEntropyLoss])
@pytest.mark.parametrize("kind", [bool, np.int8, np.int64])
def test_whole_numbers_and_booleans_as_targets_do_not_widen(loss, kind):
    y = np.eye(3)[[0, 1]]
    t = Tensor(np.array([[0.2, 0.7, 0.1], [0.5, 0.3, 0.9]], "float32"), requires_grad=True)
    value = loss()(t, y.astype(kind))
    assert value.dtype == np.float32
    assert value.item() == loss()(t, y.astype("float32")).item()


def test_small_integers_do_not_wrap_around():
    prediction, target = np.array([100, -100], np.int8), np.array([-100, 100], np.int8)
    assert nn.MSELoss()(prediction, target) == 40000
    assert nn.MSELoss("sum")(np.array([True, False]), np.array([False, False])) == 1


@pytest.mark.parametrize("loss", [nn.BCELoss, nn.BCEWithLogitsLoss])
@pytest.mark.parametrize(("target", "span"), [([1, 2, 1], "1 to 2"), ([-1.0, 1.0, 0.5], "-1.0 to 1.0")])
def test_targets_that_are_no_probabilities_are_refused(loss, target, span):
    """Labels from 1, or of signs, would pull the cost below 0, without end."""
    with pytest.raises(ValueError, match=rf"^{loss.__name__}: targets go from 0 to 1, and these from {span}$"):
        loss()(Tensor([0.5, 0.5, 0.5]), np.array(target))
    assert np.isnan(loss()(Tensor([0.5, 0.5]), np.array([np.nan, 1.0])).item())


@pytest.mark.parametrize("rows", [4, 5000])
@pytest.mark.parametrize("loss", [nn.BCELoss, nn.BCEWithLogitsLoss])
def test_targets_that_are_no_probabilities_make_the_cost_of_a_compiled_step_nan(loss, rows):
    """At 5000 rows the cost is taken in blocks of them."""
    model = nn.Sequential(nn.Linear(400, 25, rng=0), nn.Tanh(), nn.Linear(25, 2, rng=1))
    step = nn.compile_step(nn.Sequential(model, nn.Sigmoid()), loss(), nn.SGD(model.parameters(), 0.0))
    x, y = np.random.default_rng(0).random((rows, 400)), np.full((rows, 2), 0.5)
    assert np.isfinite(step(x, y))
    assert ("in_blocks" in step.planned_source) == (rows == 5000)
    for strange in (-0.1, 2.0):
        y[-1, 0] = strange
        assert np.isnan(step(x, y))


def masked(dtype):
    return np.array([[1, -np.inf, 2], [0, 3, -np.inf], [-np.inf, 5, -np.inf]], dtype), np.array([0, 1, 1])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("way", [lambda f: f, autograd.compile])
@pytest.mark.parametrize(("reduction", "divisor"), [("mean", 3), ("sum", 1)])
def test_a_class_masked_by_an_infinite_logit_is_left_out(way, reduction, divisor, dtype):
    """As if it were not there: its probability is 0, and the others are those of the other classes."""
    z, classes = masked(dtype)
    value, gradient = way(autograd.value_and_grad(nn.CrossEntropyLoss(reduction)))(z, classes)
    p = [math.e / (math.e + math.e**2), math.e**3 / (1 + math.e**3)]
    assert float(value) == pytest.approx(-sum(map(math.log, p)) / divisor, rel=1e-6)
    by_hand = np.array([[p[0] - 1, 0, 1 - p[0]], [1 - p[1], p[1] - 1, 0], [0, 0, 0]]) / divisor
    np.testing.assert_allclose(gradient, by_hand, rtol=1e-5, atol=1e-7)
    assert gradient.dtype == dtype


@pytest.mark.parametrize("way", [lambda f: f, autograd.compile])
def test_a_target_class_that_is_masked_costs_infinitely_much(way):
    """And pulls with all its missing probability, as a class of any logit does."""
    z, _ = masked("f8")
    value, gradient = way(autograd.value_and_grad(nn.CrossEntropyLoss("sum")))(z[2:], np.array([0]))
    assert value == math.inf
    np.testing.assert_array_equal(gradient, [[-1, 1, 0]])


def test_class_numbers_out_of_range_are_refused():
    with pytest.raises(ValueError, match="class numbers go from 0 to 2, and the target has 1 to 3"):
        nn.CrossEntropyLoss()(Tensor(Z), np.array([1, 3]))


def test_an_unknown_reduction_is_refused():
    with pytest.raises(ValueError, match="reduction 'average' is none of mean, sum, examples"):
        nn.MSELoss("average")


@pytest.mark.parametrize(("loss", "term", "prediction"), CASES)
def test_float32_stays_float32(loss, term, prediction):
    t = Tensor(prediction.astype("float32"), requires_grad=True)
    value = loss()(t, Y.astype("float32"))
    value.backward()
    assert value.dtype == t.grad.dtype == np.float32


@pytest.mark.parametrize("loss", [nn.BCELoss, nn.BCEWithLogitsLoss, nn.MSELoss, nn.CrossEntropyLoss])
def test_what_is_no_array_and_a_mean_over_nothing_are_refused(loss):
    with pytest.raises(TypeError, match=rf"^{loss.__name__} takes arrays and Tensors, and was given a NoneType"):
        loss()(Tensor(P), None)
    with pytest.raises(TypeError, match=rf"^{loss.__name__} .* was given a list; write numpy.array"):
        loss()([[0.5]], Y)
    nothing = np.zeros((0, 3))
    for reduction in ("mean", "examples"):
        with pytest.raises(ValueError, match=rf"^{loss.__name__}: there is no mean over no entries \(shape \(0, 3\)\)"):
            loss(reduction)(Tensor(nothing), nothing)
    assert loss("sum")(Tensor(nothing), nothing).item() == 0


def test_class_numbers_that_are_none_are_not_skipped_in_a_compiled_step():
    step = nn.compile_step(model := nn.Linear(2, 3, rng=0), nn.CrossEntropyLoss(), nn.SGD(model.parameters(), 0.1))
    x = np.ones((4, 2))
    assert np.isfinite(step(x, np.array([0, 1, 2, 0])))
    for strange in (3, -1):
        assert np.isnan(step(x, np.array([0, 1, 2, strange])))
        assert np.isnan(nn.CrossEntropyLoss()(model(x), Tensor(np.array([0, 1, 2, strange]))).item())
    with pytest.raises(ValueError, match="a single number has no classes"):
        nn.CrossEntropyLoss()(Tensor(1.0), 0)
