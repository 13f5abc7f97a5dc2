"""`predict`: classify the rows of a file with a trained model."""

import csv
import io
import os
from pathlib import Path

import numpy as np

from examples.command import UsageError
from nn import data as rows
from nn.saving import write_file

from . import files
from . import network as net
from .dataset import Dataset

WIDEST = 20
"""As many classes have a table of confusions that a screen can hold."""


def predict(model: Path, data: str | None, x_sheet: str, y_sheet: str | None, out: Path | None) -> None:
    """Run the command: write predictions.csv and, where the rows have labels, print how many are right."""
    out = out or model.parent / "predictions.csv"
    if out.suffix.lower() != ".csv" or out.is_dir():
        raise UsageError(f"--out {out}: predictions are written as CSV; name a file that ends in .csv")
    if data is not None and os.path.realpath(out) == os.path.realpath(data):
        raise UsageError(f"--out {out}: these are the rows to classify; name another file")
    files.refuse_unwritable(out.parent)
    network, classes, scale = files.load_model(model)
    weight = network[0].weight  # type: ignore[attr-defined]
    features = weight.shape[0]
    dataset = Dataset.read(data, x_sheet, y_sheet or "y", features)
    if dataset.x.shape[1] != features:
        hint = "" if data else "; give --data FILE"
        raise UsageError(f"{model} takes {features} values a row, and {dataset.path} has {dataset.x.shape[1]}{hint}")
    if y_sheet is not None and dataset.labels is None:
        raise UsageError(f"--y-sheet {y_sheet}: {dataset.path} has no such labels")
    if dataset.labels is not None:
        try:
            rows.one_hot(dataset.labels, classes)
        except rows.DataError as error:
            raise rows.DataError(f"{dataset.path}: {error}; take the labels away to classify the rows") from None
    with dataset.blamed():
        a = net.outputs(network, scale(dataset.x, str(weight.dtype)))
    dataset.note(dataset.counting() or scale.unlike(dataset.x))
    predicted = classes[a.argmax(axis=1)]
    out.parent.mkdir(parents=True, exist_ok=True)
    write_file(out, as_csv(dataset.labels, predicted, classes, a))
    print(f"{len(a)} {'row' if len(a) == 1 else 'rows'} classified; see {out}")
    if dataset.labels is None:
        print("the rows have no labels, so how many are right is not known")
        return
    print(f"accuracy {np.mean(predicted == dataset.labels):.4f}")
    if len(classes) <= WIDEST:
        print(as_table(rows.confusion(dataset.labels, predicted, classes), classes))


def as_csv(labels: np.ndarray | None, predicted: np.ndarray, classes: np.ndarray, a: np.ndarray) -> str:
    """One line a row: its number from 1, its label if it has one, the prediction, the output for each class.

    The outputs are the probabilities that the network gives each class by itself; they need not sum to 1.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", "label", "predicted", *classes])
    for i, outputs in enumerate(a):
        label = "" if labels is None else labels[i]
        writer.writerow([i + 1, label, predicted[i], *(f"{value:.6g}" for value in outputs)])
    return text.getvalue()


def as_table(counts: np.ndarray, classes: np.ndarray) -> str:
    """The confusion matrix: labels down, predictions across."""
    cells = [["", *map(str, classes)]] + [[str(c), *map(str, row)] for c, row in zip(classes, counts, strict=True)]
    width = max(len(cell) for row in cells for cell in row)
    lines = ["  ".join(cell.rjust(width) for cell in row) for row in cells]
    return "confusion (labels down, predictions across)\n" + "\n".join(lines)
