"""Forward mode, pushed through the graph, against the reverse walk transposed: on every case of every primitive."""

import zlib

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad, make_jvp, make_vjp
from autograd.errors import GraphError
from autograd.forward import JOINED, LINEAR
from autograd.numpy.registry import primitives
from autograd.steps import push

from .numpy.cases import CASES
from .numpy.oracle import Case, close, direction, leaves, paired, weighted, weights


def of_arrays(case: Case):
    """The case as a function of one list, returning the list of its arrays that have a derivative."""

    def fun(args):
        return [out for out in leaves(case.fun(anp, *args)) if out.dtype.kind in "fc"]

    return fun


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))
def test_forward_is_reverse_transposed(case):
    rng = np.random.default_rng(zlib.crc32(case.name.encode()) + 2)
    fun, args = of_arrays(case), case.draw()
    vjp, outputs = make_vjp(fun)(args)
    v = [d.astype(np.asarray(a).dtype)[()] for d, a in zip(map(np.asarray, direction(args, rng)), args, strict=True)]
    u = weights(outputs, rng)
    value, tangents = make_jvp(fun)(args)(v)
    for t, y, same in zip(tangents, outputs, value, strict=True):
        assert (np.shape(t), t.dtype) == (np.shape(y), y.dtype)
        np.testing.assert_array_equal(same, y)
    scale = max(float(np.max(np.abs(t), initial=0)) for t in tangents)
    close(paired(tangents, u), paired(vjp(u), v), scale, 1e-9)
    if case.order < 2:
        return
    forward, _ = make_vjp(lambda x: weighted(make_jvp(fun)(x)(v)[1], u))(args)
    reverse, _ = make_vjp(lambda x: paired(make_vjp(fun)(x)[0](u), v))(args)
    for f, r in zip(forward(1.0), reverse(1.0), strict=True):
        np.testing.assert_allclose(f, r, rtol=1e-7, atol=1e-8 * max(1.0, scale))


@pytest.mark.parametrize(
    ("fun", "tangent"),
    [
        (lambda x: (x + np.ones((4, 3))).sum(), 24.0),
        (lambda x: x - np.ones((2, 3)), [[1.0, 2.0, 3.0]] * 2),
        (lambda x: np.ones((2, 3)) - x, [[-1.0, -2.0, -3.0]] * 2),
        (lambda x: (x % np.full((2, 3), 10.0)).T, [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]),
        (lambda x: x[1] + np.ones((2, 3)), [[2.0] * 3] * 2),
    ],
)
def test_a_tangent_is_broadcast_with_its_value(fun, tangent):
    np.testing.assert_array_equal(make_jvp(fun)(np.array([4.0, 5.0, 6.0]))(np.array([1.0, 2.0, 3.0]))[1], tangent)


def test_functions_called_linear_are_primitives():
    assert set(primitives) >= LINEAR | JOINED


@pytest.mark.parametrize(
    ("fun", "x", "tangent"),
    [
        (lambda x: np.where(x > 0, x, 0.0) ** 0.5, [4.0, -1.0], [0.25, 0.0]),
        (lambda x: np.sqrt(np.stack([x[0], np.float64(0.0)])), [4.0, 0.0], [0.25, 0.0]),
        (lambda x: np.sqrt(np.maximum(x, [1.0, 0.0])), [4.0, -1.0], [0.25, 0.0]),
        (lambda x: np.sum(x, initial=3.0) ** 2, [1.0, 2.0], 24.0),
        (lambda x: np.sqrt(x**2)[:1], [0.0, 1.0], [np.nan]),  # a zero that was computed is not saved
    ],
)
def test_zeros_of_structure_meet_infinite_slopes(fun, x, tangent):
    _, found = make_jvp(fun)(np.array(x))(np.ones(2))
    np.testing.assert_allclose(found, tangent)


def test_a_choice_pushed_through_can_be_differentiated():
    slope = lambda x: make_jvp(lambda x: np.where(x > 0, x, 0.0) ** 1.5)(x)(1.0)[1]  # noqa: E731
    assert grad(slope)(-1.0) == 0.0  # 0.75 / sqrt(0) on the branch that is not taken
    assert grad(slope)(4.0) == pytest.approx(0.375)


def test_a_tangent_is_nobody_elses():
    v = np.ones(2)
    _, (same, again, still) = make_jvp(lambda x: [x, x, anp.zeros(3)])(np.zeros(2))(v)
    same += 1.0
    again += 2.0
    assert (v.tolist(), same.tolist(), again.tolist(), still.tolist()) == ([1, 1], [2, 2], [3, 3], [0, 0, 0])


def test_tangents_inside_a_graph_of_several_results_are_differences(rng):
    m = Tensor(np.diag([1.0, 2.0, 4.0]) + 0.1 * rng.random((3, 3)), requires_grad=True)
    values, vectors = anp.linalg.eigh(m + m.T)
    square = vectors**2
    (found,) = push(anp.sum(square[0] * values), [(m, (0, 1))])

    def run(move):
        moved = m.data + move * np.eye(3)[[0]].T * np.eye(3)[1]
        values, vectors = np.linalg.eigh(moved + moved.T)
        return values, vectors**2

    slopes = [(a - b) / 2e-6 for a, b in zip(run(1e-6), run(-1e-6), strict=True)]
    np.testing.assert_allclose(found[values], slopes[0], atol=1e-8)
    np.testing.assert_allclose(found[square], slopes[1], atol=1e-8)
    assert all(node.shape is not None for node in found)  # of what a person sees, not of the tuple behind it


def test_tangents_inside_a_complex_graph():
    x = Tensor(np.arange(1.0, 5.0), requires_grad=True)
    z = anp.fft.fft(x)
    power = anp.abs(z) ** 2
    (found,) = push(anp.sum(power), [(x, (1,))])
    np.testing.assert_allclose(found[z], np.fft.fft(np.eye(4)[1]), atol=1e-15)
    np.testing.assert_allclose(found[power], 2 * np.real(z.data.conj() * found[z]), atol=1e-14)


def test_tangents_inside_a_graph_keep_zeros_of_structure():
    x = Tensor(np.array([4.0, -1.0]), requires_grad=True)
    root = anp.sqrt(anp.where(x > 0, x, 0.0))
    along = push(anp.sum(root), [(x, (0,)), (x, (1,))])
    assert [t[root].tolist() for t in along] == [[0.25, 0.0], [0.0, 0.0]]


def test_no_tangents_of_a_graph_whose_arrays_may_have_changed():
    x = Tensor(np.ones(2), requires_grad=True)
    y = anp.sum(x**3)
    y.backward()
    x.data[0] = 5.0
    with pytest.raises(GraphError, match=r"^the graph of y\(\) was spent by backward\(\)"):
        push(y, [(x, (0,))])


def test_tangents_that_are_none():
    jvp = make_jvp(lambda pair: pair[0] * pair[1])([np.ones(2), np.ones(2)])
    for tangents, message in (
        (np.ones(2), r"^the tangent of a list of 2 is a ndarray$"),
        ([None, np.ones(2)], r"^no tangent was given for .*\(2,\)$"),
        ([1j * np.ones(2), np.ones(2)], r"^a complex tangent was given for .*\(2,\), which is real$"),
    ):
        with pytest.raises(ValueError, match=message):
            jvp(tangents)


@pytest.mark.parametrize(("constant", "kind"), [(2.0, float), (3, float), (1j, complex), (True, float)])
def test_the_tangent_of_a_plain_number_is_zero(constant, kind):
    value, tangent = make_jvp(lambda x: [constant, x])(1.0)(2.0)
    assert value == [constant, 1.0]
    assert tangent == [0.0, 2.0]
    assert tangent[0].dtype == kind
