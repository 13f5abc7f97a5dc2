"""The rows to learn from: a file of the user's, or the digits that come with scikit-learn."""

import zlib
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
        try:
            from sklearn.datasets import load_digits
        except ImportError:
            raise DataError(
                "the embedded digits come with a package: pip install scikit-learn, or give --data FILE"
            ) from None
        x, labels = load_digits(return_X_y=True)
        return cls(EMBEDDED, x, labels)

    def fingerprint(self) -> int:
        """A checksum of the numbers, by which a resumed run knows its data again."""
        return zlib.crc32(self.x.tobytes(), 0 if self.labels is None else zlib.crc32(self.labels.tobytes()))


@dataclass(frozen=True)
class Scale:
    """Maps the grey values of the training rows to 0..1: (x - offset) / width."""

    offset: float
    width: float

    @classmethod
    def of(cls, x: np.ndarray) -> "Scale":
        """From the smallest and largest value."""
        low, high = float(x.min()), float(x.max())
        if low == high:
            raise DataError(f"every value of the training rows is {low:g}: nothing tells the classes apart")
        return cls(low, high - low)

    def __call__(self, x: np.ndarray, dtype: str) -> np.ndarray:
        """Scaled rows of the wanted dtype."""
        return np.ascontiguousarray((x - self.offset) / self.width, dtype=dtype)
