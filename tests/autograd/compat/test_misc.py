"""Nests as vectors, optimisers, fixed points, recorded functions."""

import math
from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import grad, jacobian, make_vjp
from autograd.errors import CaptureError
from autograd.misc import const_graph, flatten
from autograd.misc.fixed_points import fixed_point
from autograd.misc.flatten import flatten_func
from autograd.misc.optimizers import adam, rmsprop, sgd
from autograd.misc.tracers import full_graph
from autograd.tracer import primitive

Pair = namedtuple("Pair", "left right")


def test_flatten_orders_dicts_by_key_and_gives_the_nest_back():
    nest = {"b": [3.0, (4.0,)], "a": np.array([[1.0], [2.0]]), "c": ()}
    vector, unflatten = flatten(nest)
    np.testing.assert_array_equal(vector, [1.0, 2.0, 3.0, 4.0])
    back = unflatten(vector * 2)
    assert list(back) == ["b", "a", "c"]
    assert back["b"] == [6.0, (8.0,)]
    assert back["c"] == ()
    np.testing.assert_array_equal(back["a"], [[2.0], [4.0]])


def test_whole_numbers_come_back_as_what_the_vector_holds():
    vector, unflatten = flatten([1, np.array([2, 3])])
    number, pair = unflatten(vector * 1.5)
    assert (number, pair.tolist()) == (1.5, [3.0, 4.5])


def test_flatten_keeps_types():
    nest = OrderedDict(z=Pair(np.ones(2, np.float32), 1 + 2j), a=np.ones(1))
    vector, unflatten = flatten(nest)
    assert vector.dtype == np.complex128
    back = unflatten(vector)
    assert type(back) is OrderedDict
    assert type(back["z"]) is Pair
    assert (back["z"].left.dtype, back["z"].right, back["a"].dtype) == (np.float32, 1 + 2j, np.float64)


@pytest.mark.parametrize("wrong", ["relu", None, np.array([None])])
def test_flatten_takes_numbers(wrong):
    with pytest.raises(TypeError, match=r"^flatten takes nests of numbers, and this one holds "):
        flatten({"w": np.ones(2), "kind": wrong})


def test_flatten_of_nothing():
    vector, unflatten = flatten([])
    assert vector.shape == (0,)
    assert unflatten(vector) == []


def test_a_nest_is_not_built_of_too_many_or_too_few_numbers():
    _, unflatten = flatten({"a": 1.0, "b": np.ones(2)})
    for size in (0, 2, 4):
        with pytest.raises(ValueError, match=rf"^this nest is of 3 numbers, and the vector has {size}$"):
            unflatten(np.ones(size))
        with pytest.raises(ValueError, match="this nest is of 3 numbers"):
            grad(lambda v: unflatten(v)["a"])(np.ones(size))


def test_flatten_gives_every_kind_of_dict_back():
    nest = defaultdict(list, b=[1.0], a=2.0)
    vector, unflatten = flatten(nest)
    np.testing.assert_array_equal(vector, [2.0, 1.0])
    back = unflatten(vector)
    assert back == nest
    assert (list(back), back["new"]) == (["b", "a"], [])


def test_flatten_is_differentiable_both_ways():
    g = grad(lambda p: anp.sum(flatten(p)[0] * anp.arange(3.0)))([1.0, (1.0, 1.0)])
    assert g == [0.0, (1.0, 2.0)]
    _, unflatten = flatten({"a": 1.0, "b": np.ones(2)})
    g = grad(lambda v: unflatten(v)["a"] * anp.sum(unflatten(v)["b"]))(np.array([2.0, 3.0, 4.0]))
    np.testing.assert_array_equal(g, [7.0, 2.0, 2.0])
    vjp, _ = make_vjp(unflatten)(np.zeros(3))
    np.testing.assert_array_equal(vjp({"a": 1.0, "b": np.array([2.0, 3.0])}), [1.0, 2.0, 3.0])


def test_flatten_func():
    f, unflatten, start = flatten_func(lambda p: {"y": p["x"] ** 2}, {"x": np.array([1.0, 2.0])})
    np.testing.assert_array_equal(f(start), [1.0, 4.0])
    np.testing.assert_array_equal(jacobian(f)(start), np.diag([2.0, 4.0]))
    np.testing.assert_array_equal(unflatten(start)["x"], [1.0, 2.0])


@pytest.mark.parametrize(
    ("optimize", "first"),
    [
        (lambda *a, **k: sgd(*a, step_size=0.1, mass=0.9, **k), lambda g: -0.1 * 0.1 * g),
        (lambda *a, **k: rmsprop(*a, step_size=0.1, gamma=0.9, **k), lambda g: -0.1 * g / np.sqrt(0.9 + 0.1 * g**2)),
        (lambda *a, **k: adam(*a, step_size=0.1, **k), lambda g: -0.1 * np.sign(g)),
    ],
    ids=["sgd", "rmsprop", "adam"],
)
def test_optimisers_take_the_published_first_step_and_converge(optimize, first):
    target = np.array([1.0, -2.0])
    start = {"w": np.array([3.0, 3.0]), "b": (0.5,)}

    def cost(p, i):
        return anp.sum((p["w"] - target) ** 2) + p["b"][0] ** 2

    seen = []
    one = optimize(grad(cost), start, lambda p, i, g: seen.append((p["b"][0], i, g["b"][0])), num_iters=1)
    slope = 2 * (start["w"] - target)
    np.testing.assert_allclose(one["w"] - start["w"], first(slope), rtol=1e-6)
    assert seen == [(0.5, 0, 1.0)]
    end = optimize(grad(cost), start, num_iters=600)
    np.testing.assert_allclose(end["w"], target, atol=0.06)
    np.testing.assert_allclose(end["b"][0], 0.0, atol=0.06)


def test_fixed_point_of_newtons_square_root():
    def newton(a):
        return lambda x: 0.5 * (x + a / x)

    def root(a):
        return fixed_point(newton, a, 1.0, lambda x, y: np.abs(x - y), 1e-13)

    assert root(2.0) == pytest.approx(math.sqrt(2), rel=1e-14)
    assert grad(root)(2.0) == pytest.approx(0.5 / math.sqrt(2), rel=1e-12)
    assert grad(grad(root))(2.0) == pytest.approx(-0.25 * 2**-1.5, rel=1e-10)
    assert type(grad(grad(root))(2.0)) is np.float64


def test_fixed_point_in_many_dimensions():
    a = np.array([[0.2, 0.1], [0.0, 0.3]])

    def solve(b):
        return fixed_point(lambda b: lambda x: a @ x + b, b, np.zeros(2), lambda x, y: np.max(np.abs(x - y)), 1e-15)

    b = np.array([1.0, 2.0])
    np.testing.assert_allclose(solve(b), np.linalg.solve(np.eye(2) - a, b), rtol=1e-13)
    np.testing.assert_allclose(jacobian(solve)(b), np.linalg.inv(np.eye(2) - a), rtol=1e-12)


def test_const_graph_runs_the_function_once():
    calls = []

    def f(fixed, x, y):
        calls.append(x)
        return {"g": grad(lambda x: anp.sin(x) * fixed)(x * y), "n": 3}

    replayed = const_graph(f, 2.0)
    for x, y in ((0.5, 1.0), (2.0, 3.0), (1.0, 0.0)):
        result = replayed(x, y)
        assert result["g"] == pytest.approx(2 * math.cos(x * y), rel=1e-15)
        assert result["n"] == 3
    assert len(calls) == 1


def test_const_graph_computes_nothing_twice_in_its_first_call():
    computed = []

    @primitive
    def noted(x):
        computed.append(x)
        return x

    again = const_graph(lambda x: noted(x) * 2)
    assert [again(3.0), again(4.0)] == [6.0, 8.0]
    assert computed == [3.0, 4.0]


def test_const_graph_takes_dicts_by_their_keys():
    again = const_graph(lambda p: p["a"] ** 2 * p["b"])
    assert again({"a": 2.0, "b": 3.0}) == 12.0
    assert again({"b": 3.0, "a": 2.0}) == 12.0
    with pytest.raises(ValueError, match=r"^the argument of a dict with the keys \['a', 'b'\] is a float$"):
        again(2.0)


def test_const_graph_can_be_differentiated():
    calls = []

    def f(x):
        calls.append(x)
        return anp.sin(x) * x

    again = const_graph(f)
    slope = math.cos(2.0) * 2.0 + math.sin(2.0)
    assert grad(again)(2.0) == pytest.approx(slope, rel=1e-15)
    assert grad(again)(2.0) == pytest.approx(slope, rel=1e-15)
    assert grad(grad(again))(2.0) == pytest.approx(2 * math.cos(2.0) - 2.0 * math.sin(2.0), rel=1e-15)
    assert len(calls) == 1


def test_const_graph_refuses_to_branch_on_a_value():
    with pytest.raises(CaptureError, match="a truth value"):
        const_graph(lambda x: x if x > 0 else -x)(1.0)


def test_full_graph_reaches_the_arguments():
    node = full_graph(lambda x, y: anp.exp(x) * y, 1.0, 2.0)
    fun, args, _, parents = node.recipe
    assert (fun.__name__, node.value) == ("multiply", math.e * 2.0)
    assert args == (math.e, 2.0)
    (_, left), (_, right) = parents
    assert left.recipe[0].__name__ == "exp"
    assert left.recipe[3][0][1] is right
    assert right.value is None


@pytest.mark.parametrize("optimize", [sgd, rmsprop, adam])
def test_an_optimiser_given_the_loss_for_its_gradient_says_so(optimize):
    def loss(params, step):
        return anp.sum(params["w"] ** 2)

    with pytest.raises(ValueError, match=rf"^{optimize.__name__}: grad\(x, i\) returned 1 numbers for the 3 of x; "):
        optimize(loss, {"w": np.ones(3)})
