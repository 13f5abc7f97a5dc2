"""Classes, one-hot columns, splits and batches."""

import numpy as np
import pandas
import pytest

import autograd
from nn import data


def test_classes_come_in_the_order_of_first_appearance():
    labels = np.repeat([10, 1, 2, 9], 5)
    assert data.classes_in(labels).tolist() == [10, 1, 2, 9]
    assert data.classes_in(labels[::-1]).tolist() == [9, 2, 1, 10]


def test_one_hot_columns_follow_the_classes():
    y = data.one_hot(np.array([2, 10, 10]), np.array([10, 1, 2]), "float32")
    assert y.tolist() == [[0, 0, 1], [1, 0, 0], [1, 0, 0]]
    assert y.dtype == np.float32
    with pytest.raises(data.DataError, match=r"^row 2 has the label 7, which is none of the classes 10, 1$"):
        data.one_hot(np.array([10, 7]), np.array([10, 1]))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([3, 3, 3], "^every label is 3: give rows of two classes or more$"),
        ([], "^there are no labels: give rows"),
        ([1, 2, 3], "^3 rows for 3 classes: every row is a class"),
    ],
)
def test_labels_that_cannot_be_learned(labels, message):
    with pytest.raises(data.DataError, match=message):
        data.classes_in(np.array(labels))


@pytest.mark.parametrize("fraction", [0.01, 0.2, 0.5, 0.9, 0.999])
def test_split_divides_each_class_alike(fraction, rng):
    labels = rng.permutation(np.repeat([4, 5, 6], [50, 20, 2]))
    train, test = data.split(labels, fraction, seed=3)
    assert sorted([*train, *test]) == list(range(72))
    for label, rows in ((4, 50), (5, 20), (6, 2)):
        held_out = (labels[test] == label).sum()
        assert 1 <= held_out <= rows - 1
        assert abs(held_out - fraction * rows) <= 1


def test_split_is_seeded():
    labels = np.repeat([0, 1], 50)
    first, again, other = (data.split(labels, 0.2, seed)[1].tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_no_split_trains_on_everything():
    train, test = data.split(np.array([1, 1, 2]), 0, 0)
    assert train.tolist() == [0, 1, 2]
    assert test.tolist() == []


def test_a_class_of_one_row_cannot_be_split():
    with pytest.raises(data.DataError, match=r"^the label 9 has one row only"):
        data.split(np.array([1, 1, 9]), 0.2, 0)
    with pytest.raises(ValueError, match="fraction must be at least 0 and below 1, not 1"):
        data.split(np.array([1, 1]), 1, 0)


@pytest.mark.parametrize(("rows", "size"), [(10, 3), (10, 10), (10, 100), (1, 1), (9, 3)])
def test_batches_hold_every_row_once_and_keep_pairs(rows, size):
    x = np.arange(rows)[:, None] * np.ones(2)
    pieces = list(data.batches(x, 10 * x, size, 0))
    assert sorted(int(v) for piece, _ in pieces for v in piece[:, 0]) == list(range(rows))
    assert all(np.array_equal(10 * a, b) for a, b in pieces)
    assert [len(a) for a, _ in pieces[:-1]] == [size] * (len(pieces) - 1)
    assert 1 <= len(pieces[-1][0]) <= size


def test_batches_are_seeded():
    x = np.arange(100)[:, None]
    first, again, other = (np.concatenate([a for a, _ in data.batches(x, x, 7, seed)]) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_batches_refuse_nonsense():
    for size in (0, -3, 2.0, None):
        with pytest.raises(ValueError, match=f"the size of a batch is a whole number of at least 1, not {size}"):
            next(data.batches(np.zeros((3, 1)), np.zeros(3), size, 0))
    with pytest.raises(ValueError, match="x has 2 rows and y 3"):
        next(data.batches(np.zeros((2, 1)), np.zeros((3, 1)), 1, 0))
    with pytest.raises(ValueError, match="x and y have no rows"):
        next(data.batches(np.zeros((0, 1)), np.zeros((0, 1)), 1, 0))
    with pytest.raises(TypeError, match="batches takes arrays and Tensors, and was given a list"):
        next(data.batches([[0.0]], [[1.0]], 1, 0))
    with pytest.raises(TypeError, match=r"and was given a DataFrame; write numpy.array\(...\)"):
        next(data.batches(pandas.DataFrame([[0.0]]), np.zeros((1, 1)), 1, 0))


def test_accuracy_is_arg_max():
    outputs = np.array([[0.9, 0.95], [0.1, 0.2], [0.7, 0.6]])
    assert data.accuracy(outputs, np.eye(2)[[0, 1, 0]]) == pytest.approx(2 / 3)
    assert data.accuracy(outputs, np.array([0, 1, 0])) == pytest.approx(2 / 3)
    for targets in (np.array([0.0, 1.0, 0.0]), np.array([0, 1]), np.eye(2), np.eye(3)):
        with pytest.raises(ValueError, match=r"accuracy takes rows of outputs, and .*, not \(3, 2\) and "):
            data.accuracy(outputs, targets)


@pytest.mark.parametrize(
    ("outputs", "targets", "message"),
    [
        (np.array([[0.1, 0.9], [np.nan, 0.3]]), np.array([1, 0]), "row 2 of the outputs holds NaN, and has no largest"),
        (np.eye(3), np.array([1, 2, 3]), "class numbers go from 0 to 2, and the targets have 1 to 3"),
        (np.eye(3), np.array([0, -1, 1]), "class numbers go from 0 to 2, and the targets have -1 to 1"),
        (np.zeros((0, 3)), np.zeros(0, int), "there are no rows"),
        (
            np.eye(2),
            np.array([0.0, 1.0]),
            r".* or one class number, an integer, a row, not \(2, 2\) and \(2,\) of float64",
        ),
    ],
)
def test_an_accuracy_of_what_is_none_is_not_given(outputs, targets, message):
    """Labels from 1 and a model that broke had one all the same."""
    for kind in (np.asarray, autograd.Tensor):
        with pytest.raises(ValueError, match=f"^accuracy:? {message}$" if ".*" not in message else message):
            data.accuracy(kind(outputs), kind(targets))


def test_one_output_a_row_has_no_largest():
    with pytest.raises(ValueError, match=r"one output a row has no largest; compare it with a threshold"):
        data.accuracy(np.array([[0.1], [0.9]]), np.array([[1.0], [1.0]]))


def test_confusion_counts_labels_down_and_predictions_across():
    counts = data.confusion(np.array([10, 10, 1, 2]), np.array([10, 1, 1, 1]), np.array([10, 1, 2]))
    assert counts.tolist() == [[1, 1, 0], [0, 1, 0], [0, 1, 0]]
    names = np.array(["cat", "dog"])
    assert data.confusion(np.array(["dog"]), np.array(["cat"]), names).tolist() == [[0, 0], [1, 0]]
    with pytest.raises(data.DataError, match="row 1 has the label 5, which is none of the classes 1, 2"):
        data.confusion(np.array([5]), np.array([1]), np.array([1, 2]))


def test_labels_in_a_column_or_a_list():
    assert data.one_hot([2, 1], [1, 2]).tolist() == [[0, 1], [1, 0]]
    column = np.array([[1], [2], [1]])
    for use in (data.classes_in, lambda y: data.one_hot(y, np.array([1, 2])), lambda y: data.split(y, 0.5, 0)):
        with pytest.raises(ValueError, match=r"one axis, and not of shape \(3, 1\)"):
            use(column)
