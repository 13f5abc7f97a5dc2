"""The rows to learn from: a file of the user's, or the digits that come with scikit-learn."""

import contextlib
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nn.data import DataError
from nn.tables import read_examples

EMBEDDED = "scikit-learn's digits"


@dataclass(frozen=True)
class Dataset:
    """Examples as rows of `x`, their labels (None where they have none), and what to call the source."""

    path: str
    x: np.ndarray
    labels: np.ndarray | None

    @classmethod
    def read(cls, path: str | None, x_sheet: str, y_sheet: str, features: int | None = None) -> "Dataset":
        """Read `path`, or the embedded digits if it is None; `features` as in `read_examples`."""
        if path is not None:
            return cls(path, *read_examples(path, x_sheet, y_sheet, features))
        if (x_sheet, y_sheet) != ("X", "y"):
            raise DataError("--x-sheet and --y-sheet name sheets of a file: give --data FILE too")
        try:
            from sklearn.datasets import load_digits
        except ImportError:
            raise DataError(
                "the embedded digits come with a package: pip install scikit-learn, or give --data FILE"
            ) from None
        x, labels = load_digits(return_X_y=True)
        return cls(EMBEDDED, x, labels)

    @contextlib.contextmanager
    def blamed(self) -> Iterator[None]:
        """Tell what is wrong with the rows under the name of their source."""
        try:
            yield
        except DataError as error:
            labelled = self.labels is not None and self.path.lower().endswith(".csv")
            hint = self.counting() or ("the labels are the last column" if labelled else "")
            raise DataError(f"{self.path}: {error}" + (f" ({hint})" if hint else "")) from None

    def counting(self) -> str:
        """What a user should know if an index or a numbered header seems to be among the values; else nothing."""
        if _counts(np.sort(self.x[:, 0])):
            return "column 1 numbers the rows; if it is an index, leave it out"
        if _counts(self.x[0]) and not _counts(self.x[-1]):
            return "row 1 counts the columns; if it is a header, take it away"
        return ""

    def note(self, text: str) -> None:
        """Tell, beside the results, what may be wrong with the rows, if anything."""
        if text:
            print(f"digits: note: {self.path}: {text}", file=sys.stderr)

    def fingerprint(self) -> int:
        """A checksum of the numbers, by which a resumed run knows its data again."""
        return zlib.crc32(self.x.tobytes(), 0 if self.labels is None else zlib.crc32(self.labels.tobytes()))


def _counts(values: np.ndarray) -> bool:
    with np.errstate(over="ignore"):
        return len(values) > 4 and bool((np.diff(values) == 1).all())


@dataclass(frozen=True)
class Scale:
    """Maps the grey values of the training rows to 0..1: (x - offset) / width."""

    offset: float
    width: float

    @classmethod
    def of(cls, x: np.ndarray) -> "Scale":
        """From the smallest and largest value."""
        if (x == x[0]).all():
            raise DataError("all training rows are the same: nothing tells the classes apart")
        low, high = float(x.min()), float(x.max())
        return cls(low, high - low)

    def __call__(self, x: np.ndarray, dtype: str) -> np.ndarray:
        """Scaled rows of the wanted dtype.

        Raises:
            DataError: a value is too large for numbers of that dtype.
        """
        with np.errstate(all="ignore"):
            scaled = np.ascontiguousarray((x - self.offset) / self.width, dtype=dtype)
        fits = np.abs(scaled) < np.finfo(dtype).max ** 0.5  # with room for products with weights, and for their sums
        if not fits.all():
            row, column = np.argwhere(~fits)[0]
            raise DataError(f"row {row + 1}, column {column + 1}: {x[row, column]:g} is too large to compute with")
        return scaled

    def uneven(self, x: np.ndarray) -> str:
        """What a user should know if most columns are lost beside one that is far wider, or far off; else nothing."""
        spans = np.ptp(x, axis=0)
        if np.median(spans[spans > 0]) > self.width / 100:
            return ""
        values = f"values from {self.offset:g} to {self.offset + self.width:g}"
        return f"{values}, of which half of the columns use less than 1 %; bring the columns to one scale, say 0 to 1"

    def unlike(self, x: np.ndarray) -> str:
        """What a user should know if the rows are on another scale, say 0..255 where it was 0..1; else nothing."""
        low, high = float(x.min()), float(x.max())
        if self.width / 2 <= high - low <= 2 * self.width:
            return ""
        return f"values from {low:g} to {high:g}, where training had {self.offset:g} to {self.offset + self.width:g}"
