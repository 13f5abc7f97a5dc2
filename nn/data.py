"""Examples and labels: classes, one-hot columns, seeded splits and batches."""

from collections.abc import Iterator
from typing import Any

import numpy as np


class DataError(ValueError):
    """Data that cannot be used, said in one line: where (file, sheet, row, column), what, and what to try."""


def classes_in(labels: np.ndarray) -> np.ndarray:
    """The different labels, in the order in which they first appear.

    Raises:
        DataError: there are fewer than two, or as many as rows.

    >>> classes_in(np.array([10, 10, 1, 2, 1]))
    array([10,  1,  2])
    """
    values, first = np.unique(labels, return_index=True)
    if len(values) == 1:
        raise DataError(f"all {len(labels)} labels are {values[0]}: one class alone cannot be learned")
    if len(labels) <= len(values):
        raise DataError(f"{len(labels)} rows for {len(values)} classes: every row is a class of its own")
    return values[np.argsort(first)]


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
    columns = labels[:, None] == classes
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
    if size < 1:
        raise ValueError(f"a batch has at least 1 row, not {size}")
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} rows and y {len(y)}")
    order = np.random.default_rng(rng).permutation(len(x))
    for start in range(0, len(x), size):
        rows = order[start : start + size]
        yield x[rows], y[rows]


def accuracy(outputs: np.ndarray, targets: np.ndarray) -> float:
    """The share of rows whose largest output is that of the true class.

    >>> accuracy(np.array([[0.2, 0.9], [0.6, 0.7]]), np.array([[0.0, 1.0], [1.0, 0.0]]))
    0.5
    """
    return float((outputs.argmax(axis=1) == targets.argmax(axis=1)).mean())


def confusion(labels: np.ndarray, predicted: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Counts of rows by label (down) and prediction (across), in the order of `classes`.

    >>> confusion(np.array([1, 1, 2]), np.array([1, 2, 2]), np.array([1, 2]))
    array([[1, 1],
           [0, 1]])
    """
    place = {int(label): i for i, label in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), int)
    np.add.at(counts, ([place[int(a)] for a in labels], [place[int(b)] for b in predicted]), 1)
    return counts
