"""Notes on a graph: source lines, times, and layer boxes."""

import inspect

import numpy as np

import autograd.numpy as anp
from autograd import Tensor, annotate, grad, mark_scope, no_grad, scope_start
from autograd.modes import mode


def test_each_operation_notes_its_line_and_its_seconds():
    x = Tensor(np.ones(3), requires_grad=True)
    with annotate():
        y = anp.exp(x) * 2.0
    line = inspect.currentframe().f_lineno - 1
    for t in (y, y.args[0]):
        assert t.notes["source"] == f"{__file__}:{line}"
        assert t.notes["code"] == "y = anp.exp(x) * 2.0"
        assert 0 <= t.notes["seconds"] < 1
    assert mode.recording is True


def test_the_line_is_the_users_not_the_engines_nor_numpys():
    x = Tensor(np.ones(3), requires_grad=True)
    with annotate():
        z = np.sum(np.exp(x))
        h = x.reshape(3, 1).T
        g = grad(lambda v: anp.sum(v * x))(np.ones(3))
    assert z.notes["code"] == "z = np.sum(np.exp(x))"
    assert h.notes["code"] == "h = x.reshape(3, 1).T"
    assert "grad(lambda" in g.notes["code"]


def test_a_file_whose_name_speaks_of_numpy_is_the_users():
    space = {"__name__": "numpy_exercise", "Tensor": Tensor}
    exec(compile("def double():\n    return Tensor(1.0, True) * 2\n", "numpy_exercise.py", "exec"), space)
    with annotate():
        y = space["double"]()
    assert y.notes["source"] == "numpy_exercise.py:2"


def test_nothing_is_noted_outside_or_without_recording():
    x = Tensor(np.ones(3), requires_grad=True)
    with annotate():
        pass
    assert (x * 2.0).notes is None
    with no_grad(), annotate():
        assert (x * 2.0).notes is None


def test_gradients_are_the_same_under_notes():
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    with annotate():
        (x * x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_scope_marks_its_result():
    x = Tensor(np.ones(3), requires_grad=True)
    start = scope_start()
    y = anp.tanh(x * 2.0)
    mark_scope(y, "layer", start)
    assert y.notes == {"scopes": [("layer", start, None)]}
    outer = scope_start()
    mark_scope(y, "other", outer)
    assert y.notes == {"scopes": [("layer", start, None)]}  # y is older than that scope
    mark_scope(y, "around", start - 1)
    assert y.notes["scopes"] == [("layer", start, None), ("around", start - 1, None)]


def test_scopes_of_nests_and_of_what_is_no_tensor():
    start = scope_start()
    x = Tensor(np.ones(3), requires_grad=True)
    a, b, c = x * 1.0, x * 2.0, x * 3.0
    mark_scope({"a": a, "rest": [b, (c, None, 3.0, "text")], "leaf": x}, "nest", start)
    assert [t.notes for t in (a, b, c)] == [{"scopes": [("nest", start, None)]}] * 3
    assert x.notes is None


def test_scopes_and_notes_and_hooks_live_together():
    x = Tensor(np.ones(3), requires_grad=True)
    start = scope_start()
    with annotate():
        y = x * 2.0
    y.retain_grad()
    seen = []
    y.register_hook(seen.append)
    mark_scope(y, "layer", start)
    y.sum().backward()
    assert set(y.notes) == {"source", "code", "seconds", "retain", "hooks", "scopes"}
    assert y.grad.tolist() == [1.0, 1.0, 1.0]
    assert len(seen) == 1
