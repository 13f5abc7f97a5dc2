"""A graph as a flat program: lines, names, running it on other data, and functions captured once."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import (
    Tensor,
    annotate,
    cotangents,
    elementwise_grad,
    grad,
    hessian,
    jacobian,
    make_jvp,
    no_grad,
    value_and_grad,
)
from autograd.errors import CaptureError, GraphError
from autograd.modes import mode
from autograd.program import read, trace
from autograd.steps import reverse_steps


def shown(program):
    return [(line.name, line.kind, line.shape) for line in program]


@pytest.fixture
def network():
    x = Tensor(np.array([[1.0, 2.0]]), name="x")
    theta = Tensor(np.array([[0.5], [-0.3]]), requires_grad=True, name="theta")
    b = Tensor(np.array([0.1]), requires_grad=True)
    z = x @ theta + b
    a = anp.tanh(z)
    return locals()


# reading a graph


def test_lines_stand_in_recorded_order_after_what_they_use(network):
    program = read([network["a"]], names=network)
    assert [repr(line) for line in program] == [
        "x: constant (1, 2)",
        "theta: input (2, 1)",
        "b: input (1,)",
        "t1 = matmul(x, theta)  (1, 1)",
        "z = add(t1, b)  (1, 1)",
        "a = tanh(z)  (1, 1)",
    ]
    assert str(program) == "\n".join(map(repr, program))
    assert len(program) == 6
    assert [line.name for line in program.inputs] == ["theta", "b"]
    assert [line.name for line in program.outputs] == ["a"]
    seen = set()
    for line in program:
        assert all(parent in seen for parent in line.parents)
        seen.add(line)


def test_lines_know_their_values_types_tensors_and_users(network):
    program = read([network["a"]], names=network)
    lines = {line.name: line for line in program}
    assert lines["z"].value is network["z"].data
    assert lines["z"].tensor is network["z"]
    assert lines["z"].dtype == np.float64
    assert (lines["z"].named, lines["t1"].named) == (True, False)
    users = program.users()
    assert [u.name for u in users[lines["theta"]]] == ["t1"]
    assert users[lines["a"]] == []


def test_a_node_used_twice_is_one_line_with_two_mentions():
    x = Tensor(2.0, requires_grad=True, name="x")
    y = x * x
    program = read([y * y])
    assert [repr(line) for line in program] == ["x: input ()", "t1 = multiply(x, x)  ()", "t2 = multiply(t1, t1)  ()"]
    assert [u.name for u in program.users()[program.inputs[0]]] == ["t1"]


def test_the_tensors_own_name_counts_before_the_variable():
    x = Tensor(2.0, requires_grad=True, name="own")
    variable = x
    assert read([x * 1.0], names={"variable": variable}).inputs[0].name == "own"


def test_equal_names_are_told_apart():
    a, b = (Tensor(1.0, requires_grad=True, name="w") for _ in range(2))
    assert shown(read([a * b]))[:2] == [("w", "input", ()), ("w_2", "input", ())]


def test_numbered_names_stay_clear_of_the_users():
    x = Tensor(2.0, requires_grad=True, name="t2")
    y = x * 2.0
    z = y + 1.0
    program = read([z * 3.0], names={"t1": z, "_hidden": y, "n": 3, "x1": None})
    assert [line.name for line in program] == ["t2", "t3", "t1", "t4"]
    early = x * 2.0
    late = Tensor(1.0, requires_grad=True, name="t1")  # the name of a line that stands after the first free one
    assert [line.name for line in read([early * late])] == ["t2", "t3", "t1", "t4"]
    c = np.ones(2)
    program = read([Tensor(np.ones(2), requires_grad=True) * c * 2.0], names={"x1": "not an array", "c": c})
    assert [line.name for line in program] == ["x2", "c", "t1", "t2"]


def test_plain_arrays_are_constants_and_numbers_are_themselves():
    c = np.array([1.0, 2.0])
    x = Tensor(np.array([3.0, 4.0]), requires_grad=True)
    program = read([x * c + c * 2.0 - np.float64(1.0)], names={"weights": c})
    assert [repr(line) for line in program][:3] == [
        "x1: input (2,)",
        "weights: constant (2,)",
        "t1 = multiply(x1, weights)  (2,)",
    ]
    assert sum(line.kind == "constant" for line in program) == 2  # weights, and weights * 2


def test_values_are_those_of_the_recording():
    w = Tensor(np.array([1.0, 2.0]), requires_grad=True, name="w")
    y = w * w
    w.data = np.array([100.0, 100.0])
    program = read([y])
    assert [line.value.tolist() for line in program] == [[1.0, 2.0], [1.0, 4.0]]


def test_numbers_let_go_leave_shapes_and_dtypes():
    c = np.array([1.0, 2.0])
    program, _ = trace(lambda x: (x * c).sum(axis=0) @ np.linalg.eigh(x).eigenvalues, np.eye(2))
    before = [(str(line), line.shape, line.dtype) for line in program]
    program.release()
    assert [(str(line), line.shape, line.dtype) for line in program] == before
    assert [line.value.tolist() for line in program if line.kind == "constant"] == [c.tolist()]
    large = [line.value for line in program if line.kind != "constant" and line.shape]
    assert [value.strides for value in large] == [(0,) * value.ndim for value in large]
    assert len(large) == 4
    assert program.run(np.array([[2.0, 1.0], [1.0, 2.0]]))[0] == 3 * 1 + 6 * 3


def test_masks_are_lines_too():
    x = Tensor(np.array([-1.0, 2.0]), requires_grad=True, name="x")
    program = read([anp.where(x > 0, x, 0.0)])
    assert [repr(line) for line in program] == [
        "x: input (2,)",
        "t1 = greater(x, 0)  (2,)",
        "t2 = where(t1, x, 0.0)  (2,)",
    ]
    assert program.run(np.array([3.0, -4.0]))[0].tolist() == [3.0, 0.0]


def test_the_stable_twin_on_request():
    z = Tensor(np.array([-1000.0, 0.0]), requires_grad=True, name="z")
    with np.errstate(divide="ignore"):
        out = anp.log(anp.sigmoid(z))
    assert [line.primitive.name for line in read([out]) if line.primitive] == ["sigmoid", "log"]
    assert read([out], stable=True).outputs[0].primitive.name == "log_of_sigmoid"


def test_chosen_inputs_also_inner_and_unused_ones(network):
    other = Tensor(np.zeros(3), name="other")
    program = read([network["a"]], names=network, inputs=[network["x"], other])
    assert [(line.name, line.kind) for line in program.inputs] == [("x", "input"), ("other", "input")]
    assert program.run(np.array([[0.0, 0.0]]), np.zeros(3))[0] == pytest.approx(np.tanh(0.1))


def test_several_outputs_and_outputs_that_are_leaves():
    x = Tensor(2.0, requires_grad=True, name="x")
    y = x * 3.0
    program = read([y, x, y])
    assert [line.name for line in program.outputs] == ["t1", "x", "t1"]
    assert program.run(5.0) == [15.0, 5.0, 15.0]


def test_a_deep_graph_is_read_without_recursion():
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y + 1.0
    program = read([y])
    assert len(program) == 20_001
    assert program.run(2.0) == [20_002.0]


# running


def test_run_takes_as_many_values_of_the_same_shapes():
    program, _ = trace(lambda x, y: x * y, np.ones(2), 3.0)
    assert program.run(np.array([1.0, 2.0]), 5.0)[0].tolist() == [5.0, 10.0]
    with pytest.raises(TypeError, match=r"^the program has 2 inputs, and 1 values were given$"):
        program.run(np.ones(2))
    message = r"^the program was read with .* of shape \(2,\), and a value of shape \(3,\) was given: read or trace it"
    with pytest.raises(ValueError, match=message):
        program.run(np.ones(3), 5.0)  # a division by x.shape[0] would be by the old one


def loss(w, x, y):
    return anp.mean((anp.tanh(x @ w["theta"] + w["b"]) - y) ** 2)


def sample(seed):
    rng = np.random.default_rng(seed)
    w = {"theta": rng.standard_normal((3, 2)), "b": rng.standard_normal(2)}
    return w, rng.standard_normal((4, 3)), rng.standard_normal((4, 2))


def test_a_training_step_with_its_gradient_is_captured():
    program, result = trace(value_and_grad(loss), *sample(0), names=["theta", "b", "x", "y"])
    assert [line.name for line in program.inputs] == ["theta", "b", "x", "y"]
    value, g = result
    assert isinstance(value, Tensor)
    assert set(g) == {"theta", "b"}
    w, x, y = sample(1)
    expected, slopes = value_and_grad(loss)(w, x, y)
    found = program.run(w["theta"], w["b"], x, y)
    for a, b in zip(found, [expected, slopes["theta"], slopes["b"]], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)


TRANSFORMED = {
    "grad": grad(lambda x: anp.sum(anp.sin(x) ** 3)),
    "grad of grad": grad(lambda x: anp.sum(grad(lambda v: anp.sum(v**4))(x) ** 2)),
    "jacobian": jacobian(lambda x: anp.exp(x) * anp.sum(x)),
    "hessian": hessian(lambda x: anp.sum(x**3) * x[0]),
    "elementwise_grad": elementwise_grad(anp.tanh),
    "jvp": lambda x: make_jvp(lambda v: v**3)(x)(anp.cos(x))[1],
    "log of sigmoid": grad(lambda x: anp.sum(anp.log(anp.sigmoid(x)) + anp.log(1 - anp.sigmoid(x)))),
    "where and sort": lambda x: anp.where(x > 0.5, anp.sort(x), x[::-1]),
    "argmax": lambda x: x[anp.argmax(x)] * x,
    "clip": grad(lambda x: anp.sum(anp.clip(x, -0.5, 0.5) * x)),
    "maximum": grad(lambda x: anp.sum(anp.maximum(x, 0.1) * anp.abs(x))),
    "rounding": lambda x: anp.floor(x * 3) * x + x.astype(int),
    "no_grad": lambda x: stopped(x) * x,
    "detach": lambda x: x.detach() * x,
    "gradient past a detach": grad(lambda x: anp.sum(stopped(x) * x + (x * 3).detach() * x)),
    "backward": lambda x: by_backward(x),
    "cotangents": lambda x: cotangents(anp.sum(x**3), [x])[0],
    "hook": lambda x: by_hook(x),
}


def stopped(x):
    with no_grad():
        return x * 2.0


def by_backward(x):
    w = x * 1.0
    w.retain_grad()
    anp.sum(w**3).backward()
    return w.grad


def by_hook(x):
    y = x * 2.0
    y.register_hook(lambda g: g * 3.0)
    return cotangents(anp.sum(y * y), [x])[0]


@pytest.mark.parametrize("name", TRANSFORMED)
@pytest.mark.parametrize("stable", [False, True])
def test_nothing_is_frozen_in_a_captured_function(name, stable, rng):
    fun = TRANSFORMED[name]
    first, second = rng.standard_normal((2, 5))
    program, _ = trace(fun, first, stable=stable)
    for x in (first, second):
        expected = fun(Tensor(x, requires_grad=True))
        expected = expected.data if isinstance(expected, Tensor) else expected
        np.testing.assert_allclose(program.run(x)[0], expected, rtol=1e-12, atol=1e-14)


def test_integers_booleans_and_complex_numbers_are_inputs_too():
    program, _ = trace(lambda x, i, m: anp.where(m, x[i], 0.0), np.ones(3), np.array([2, 1]), np.array([True, False]))
    found = program.run(np.array([5.0, 6.0, 7.0]), np.array([0, 1]), np.array([True, True]))
    assert found[0].tolist() == [5.0, 6.0]
    program, _ = trace(lambda z: anp.real(z * z), np.array([1 + 1j]))
    assert program.run(np.array([2 + 1j]))[0].tolist() == [3.0]


def test_captured_gradients_stop_where_they_are_told_to():
    program, result = trace(grad(lambda x: anp.sum(stopped(x) * x)), np.array([1.0, 2.0]))
    assert result.data.tolist() == [2.0, 4.0]  # not 4 x
    assert program.run(np.array([5.0, 6.0]))[0].tolist() == [10.0, 12.0]


def test_float32_stays_float32():
    program, _ = trace(grad(lambda x: anp.sum(x * 2.0 / 3 + x**2)), np.ones(3, np.float32))
    assert program.run(np.zeros(3, np.float32))[0].dtype == np.float32


def test_a_function_of_constants_has_no_outputs():
    program, result = trace(lambda x: 3.0, np.ones(2))
    assert (program.outputs, result) == ([], 3.0)
    program, _ = trace(lambda x: x, np.ones(2))
    assert program.run(np.array([5.0, 6.0]))[0].tolist() == [5.0, 6.0]


def test_capture_leaves_the_mode_also_when_it_fails():
    def branch(x):
        return x if x > 0 else -x

    with pytest.raises(CaptureError, match="needs a truth value"):
        trace(branch, 1.0)
    with pytest.raises(ValueError, match="matmul"):
        trace(lambda x: x @ np.ones(3), np.ones(2))
    assert (mode.capturing, mode.recording) == (False, True)
    with no_grad():
        program, _ = trace(lambda x: x * 2.0, 1.0)
        assert mode.recording is False
    assert program.run(4.0) == [8.0]


@pytest.mark.parametrize(
    "act",
    [
        lambda x: x * x.numpy(),
        lambda x: x * bool(x.sum()),
        lambda x: x[: int(x[0])],
        lambda x: x[anp.nonzero(x > 0)],
        lambda x: x * max(x),
        lambda x: x * np.asarray(x),
    ],
)
def test_values_cannot_be_taken_out_of_a_captured_function(act):
    with pytest.raises((CaptureError, TypeError), match=r"captured function needs|is recorded and would lose"):
        trace(act, np.array([1.0, 2.0]))


# the walk, step by step


def test_steps_tell_each_rule_in_order():
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True, name="x")
    b = Tensor(3.0, requires_grad=True, name="b")
    y = x * x + b
    out = anp.sum(y)
    steps, found = reverse_steps(out)
    assert [s.record[0].name for s in steps] == ["sum", "add", "multiply"]
    add, multiply = steps[1:]
    assert add.node is y
    assert add.cotangent.tolist() == [1.0, 1.0]
    assert [(s.argument, s.summed) for s in add.sent] == [(0, None), (1, (2,))]
    assert add.sent[1].cotangent == 2.0
    assert [s.total.tolist() for s in multiply.sent] == [[1.0, 2.0], [2.0, 4.0]]
    assert found[x].tolist() == [2.0, 4.0]
    assert found[b] == 2.0
    assert x.grad is None
    out.backward()
    with pytest.raises(GraphError):
        reverse_steps(out)


def test_steps_of_a_recorded_walk_are_a_graph():
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True, name="x")
    _, found = reverse_steps(anp.sum(x**3), create_graph=True)
    assert isinstance(found[x], Tensor)
    (second,) = cotangents(anp.sum(found[x]), [x])
    assert second.tolist() == [6.0, 12.0]


def test_steps_under_annotation_agree_with_the_plain_walk(network):
    with annotate():
        out = anp.sum(network["a"] ** 2)
    _, found = reverse_steps(out)
    expected = cotangents(out, [network["theta"], network["b"], network["z"]])
    for t, e in zip((network["theta"], network["b"], network["z"]), expected, strict=True):
        assert found[t].tolist() == e.tolist()
