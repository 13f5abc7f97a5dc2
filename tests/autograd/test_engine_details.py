"""Small changes of the engine and the compiler that no other test would notice."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, compile
from autograd.compiler import blocks
from autograd.compiler.entry import MISS, Entry
from autograd.errors import CaptureError

# turning Tensors into arrays


def test_a_tensor_without_a_gradient_becomes_an_array_and_a_recorded_one_only_of_whole_numbers():
    assert np.asarray(Tensor([1.0, 2.0])).tolist() == [1.0, 2.0]
    x = Tensor([1.0, 2.5], requires_grad=True)
    assert np.asarray(x, dtype=int).tolist() == [1, 2]
    assert np.asarray(x * 2, dtype=bool).tolist() == [True, True]
    for dtype in (None, np.float32, complex):
        with pytest.raises(TypeError, match="would lose its gradient"):
            np.asarray(x, dtype=dtype)


def test_a_matrix_is_refused_wherever_it_comes_in():
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix([[1.0, 2.0]])
    for use in (lambda: Tensor(matrix), lambda: Tensor([1.0, 2.0], requires_grad=True) * matrix):
        with pytest.raises(TypeError, match=r"matrix .*pass np\.asarray\(m\)"):
            use()


# which version of a compiled function runs


def test_one_version_is_enough_to_keep():
    twice = compile(lambda x: x * 2.0, cache_size=1)
    for n in (1, 2, 2, 1):
        assert twice(np.ones(n)).tolist() == [2.0] * n
    assert twice.cache_info()[:2] == (1, 3)


def test_versions_that_are_kept_are_built_once(monkeypatch):
    built, build = [], Entry.build
    monkeypatch.setattr(Entry, "build", lambda entry: (built.append(entry), build(entry))[1])
    twice = compile(lambda x: x * 2.0)
    for n in (1, 2, 3, 1, 2, 3):
        assert twice(np.ones(n)).tolist() == [2.0] * n
    assert len(built) == 3


@pytest.mark.parametrize(
    ("fixed", "others"),
    [
        ((b"a", b"b"), [(b"b", b"a"), ("a", b"b"), (b"a", 2)]),
        ((None, True), [(True, None), (None, False), (None, 1), (0, True)]),
        (("a", 2), [("b", 2), ("a", 3), (2, "a")]),
        (({"n": 2, "x": None}, [1, True]), [({"n": 3, "x": None}, [1, True]), ({"n": 2, "x": None}, [1, False])]),
        ((b"a", (2, [3, None])), [(b"a", (2, [3, 0])), (b"a", (2, (3, None)))]),
    ],
)  # fmt: skip
def test_the_version_used_last_fits_the_same_arguments_at_once_and_no_others(fixed, others):
    x = np.ones(3)
    twice = compile(lambda x, a, b: x * 2.0)
    twice(x, *fixed)
    assert twice._local.step(x, *fixed) is not MISS
    for other in others:
        assert twice._local.step(x, *other) is MISS


def test_a_function_that_takes_another_tensor_from_outside_in_each_run_is_refused():
    weights = [Tensor([1.0, 2.0]), Tensor([3.0, 4.0])]

    def turn(x):
        weights.reverse()
        return x * weights[0]

    with pytest.raises(CaptureError, match="read other Tensors from outside in its second run"):
        compile(turn)(np.ones(2))


# blocks of rows


@pytest.mark.parametrize(
    ("apart", "shape", "cost"),
    [
        (True, (30, 4), lambda X: anp.sum(anp.max(X.T, axis=0))),
        (True, (30, 4), lambda X: anp.sum(anp.max(X.T, axis=0, keepdims=True) * X.T)),
        (False, (30, 4), lambda X: anp.sum(X, dtype=np.float32)),
        (False, (30, 4), lambda X: anp.sum(anp.max(X, axis=1, initial=1.0))),
        (False, (30, 3, 2), lambda X: anp.sum(anp.transpose(X, (1, 2, 0)) * np.arange(60.0).reshape(2, 30))),
        (False, (30, 3, 2), lambda X: anp.sum(anp.max(anp.transpose(X, (0, 2, 1)), axis=1))),
        (False, (30, 3, 2), lambda X: anp.sum((X @ np.arange(6.0).reshape(2, 3)) ** 2)),
        (False, (30, 30), lambda X: anp.sum(X @ X)),
        (False, (30, 30), lambda X: anp.sum(X * X.T)),
    ],
)
def test_blocks_of_rows_add_up_to_the_whole_wherever_the_rows_lie(monkeypatch, apart, shape, cost):
    for name, value in (("LARGE", 1), ("BLOCK", 200), ("LEAST", 1)):
        monkeypatch.setattr(blocks, name, value)
    X = (np.arange(np.prod(shape)).reshape(shape) * 7 % 11).astype(float)  # whole numbers: sums in any order are equal
    step = compile(cost)
    assert step(X) == cost(X)
    assert ("in_blocks(" in step.planned_source) == apart


# compiled functions within another


def test_a_compiled_function_within_another_sees_whole_numbers_as_they_change():
    inner = compile(lambda i: anp.sum(i * 2))
    outer = compile(lambda i, x: inner(i) + x)
    for numbers in ([1, 2, 3], [4, 5, 7]):
        assert outer(np.array(numbers), 0.5) == 2 * sum(numbers) + 0.5
