"""`predict`: classify the rows of a file with a trained model."""

import csv
import io
from pathlib import Path

import numpy as np

from nn import data as rows
from nn.saving import write_file

from . import files
from . import network as net
from .dataset import Dataset
from .settings import UsageError


def predict(model: Path, data: str | None, x_sheet: str, y_sheet: str, out: Path | None) -> None:
    """Run the command: write predictions.csv and, where the rows have labels, print how many are right."""
    network, classes, scale = files.load_model(model)
    features = network[0].weight.shape[0]  # type: ignore[attr-defined]
    dataset = Dataset.read(data, x_sheet, y_sheet, features)
    if dataset.x.shape[1] != features:
        raise UsageError(f"{model} takes {features} values a row, and {dataset.path} has {dataset.x.shape[1]}")
    if dataset.labels is not None:
        try:
            rows.one_hot(dataset.labels, classes)
        except rows.DataError as error:
            raise rows.DataError(f"{dataset.path}: {error}") from None
    a = net.outputs(network, scale(dataset.x, str(network[0].weight.dtype)))  # type: ignore[attr-defined]
    predicted = classes[a.argmax(axis=1)]
    out = out or model.parent / "predictions.csv"
    write_file(out, as_csv(dataset.labels, predicted, classes, a))
    print(f"{len(a)} rows classified; see {out}")
    if dataset.labels is not None:
        print(f"accuracy {np.mean(predicted == dataset.labels):.4f}")
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
