"""Examples and labels: classes, one-hot columns, seeded splits and batches."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .checks import shape_of


class DataError(ValueError):
    """Data that cannot be used, said in one line: where (file, sheet, row, column), what, and what to try."""


def classes_in(labels: np.ndarray) -> np.ndarray:
    """The different labels, in the order in which they first appear.

    Raises:
        DataError: there are fewer than two, or as many as rows.

    >>> classes_in(np.array([10, 10, 1, 2, 1]))
    array([10,  1,  2])
    """
    values, first = np.unique(_column(labels), return_index=True)
    if len(values) < 2:
        found = f"every label is {values[0]}" if len(values) else "there are no labels"
        raise DataError(f"{found}: give rows of two classes or more")
    if len(labels) <= len(values):
        raise DataError(f"{len(labels)} rows for {len(values)} classes: every row is a class of its own")
    return values[np.argsort(first)]


def _column(labels: Any) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.ndim != 1:
        raise ValueError(f"labels are one for each row, in an array of one axis, and not of shape {labels.shape}")
    return labels


def one_hot(labels: np.ndarray, classes: np.ndarray, dtype: Any = np.float64) -> np.ndarray:
    """Rows that are 1 in the column of their label's class and 0 elsewhere.

    Args:
        labels: shape (rows,).
        classes: the label of each column.
        dtype: of the result.

    Raises:
        DataError: a label is none of the classes.

    >>> one_hot(np.array([1, 10]), np.array([10, 1, 2]))
    array([[0., 1., 0.],
           [1., 0., 0.]])
    """
    labels = _column(labels)
    columns = labels[:, None] == np.asarray(classes)
    strange = ~columns.any(axis=1)
    if strange.any():
        row = int(strange.argmax())
        known = ", ".join(map(str, classes))
        raise DataError(f"row {row + 1} has the label {labels[row]}, which is none of the classes {known}")
    return columns.astype(dtype)


def split(labels: np.ndarray, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers to train on and to test on, each class divided alike (a stratified split).

    Args:
        labels: shape (rows,).
        fraction: the part of each class to test on, at least one row of it; 0 for nothing, below 1.
        seed: equal seeds give equal splits.

    Returns:
        two sorted arrays of row numbers.

    Raises:
        DataError: a class has one row only, which cannot be on both sides.

    >>> train, test = split(np.repeat([7, 8], 5), 0.2, seed=0)
    >>> len(train), len(test)
    (8, 2)
    """
    labels = _column(labels)
    if not 0 <= fraction < 1:
        raise ValueError(f"fraction must be at least 0 and below 1, not {fraction}")
    if fraction == 0:
        return np.arange(len(labels)), np.arange(0)
    rng = np.random.default_rng(seed)
    held_out = []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        if len(rows) == 1:
            raise DataError(
                f"the label {label} has one row only, and cannot be both trained and tested on; "
                "give more rows, or test on none (a fraction of 0)"
            )
        held_out.append(rows[: min(max(round(fraction * len(rows)), 1), len(rows) - 1)])
    test = np.sort(np.concatenate(held_out))
    return np.setdiff1d(np.arange(len(labels)), test), test


def batches(
    x: np.ndarray, y: np.ndarray, size: int, rng: np.random.Generator | int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """All rows once, shuffled, in pieces of `size`; the last may be smaller.

    Args:
        x, y: arrays with the same number of rows.
        size: rows in a piece, at least 1.
        rng: a generator or seed for the order.

    >>> [len(rows) for rows, _ in batches(np.zeros((10, 4)), np.zeros((10, 2)), 4, 0)]
    [4, 4, 2]
    """
    if not isinstance(size, (int, np.integer)) or size < 1:
        raise ValueError(f"the size of a batch is a whole number of at least 1, not {size!r}")
    if shape_of(x, "batches")[:1] != shape_of(y, "batches")[:1]:
        raise ValueError(f"x has {len(x)} rows and y {len(y)}")
    if not len(x):
        raise ValueError("x and y have no rows to make batches of")
    order = np.random.default_rng(rng).permutation(len(x))
    for start in range(0, len(x), size):
        rows = order[start : start + size]
        yield x[rows], y[rows]


def accuracy(outputs: np.ndarray, targets: np.ndarray) -> float:
    """The share of rows whose largest output is that of the true class.

    Args:
        outputs: shape (rows, classes).
        targets: one-hot rows of that shape, or class numbers (rows,), which are integers from 0.

    Raises:
        ValueError: shapes or class numbers that do not fit, no rows, or a NaN among the outputs.

    >>> accuracy(np.array([[0.2, 0.9], [0.6, 0.7]]), np.array([[0.0, 1.0], [1.0, 0.0]]))
    0.5
    >>> accuracy(np.array([[0.2, 0.9], [0.6, 0.7]]), np.array([1, 0]))
    0.5
    """
    shape, other = shape_of(outputs, "accuracy"), shape_of(targets, "accuracy")
    numbers = other == shape[:1] and targets.dtype.kind in "iu"
    if len(shape) != 2 or not (numbers or shape == other):
        raise ValueError(
            "accuracy takes rows of outputs, and one-hot rows of that shape or one class number, an integer, a row, "
            f"not {shape} and {other} of {targets.dtype}"
        )
    rows, classes = shape
    if classes == 1:
        raise ValueError("accuracy: one output a row has no largest; compare it with a threshold")
    if not rows:
        raise ValueError("accuracy: there are no rows")
    if (strange := np.isnan(outputs).any(axis=1)).any():
        raise ValueError(f"accuracy: row {strange.argmax() + 1} of the outputs holds NaN, and has no largest")
    true = targets if numbers else targets.argmax(axis=1)
    if not (true.min() >= 0 and true.max() < classes):
        raise ValueError(
            f"accuracy: class numbers go from 0 to {classes - 1}, and the targets have {true.min()} to {true.max()}"
        )
    return float((outputs.argmax(axis=1) == true).mean())


def confusion(labels: np.ndarray, predicted: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Counts of rows by label (down) and prediction (across), in the order of `classes`.

    >>> confusion(np.array([1, 1, 2]), np.array([1, 2, 2]), np.array([1, 2]))
    array([[1, 1],
           [0, 1]])
    """
    return one_hot(labels, classes, int).T @ one_hot(predicted, classes, int)
