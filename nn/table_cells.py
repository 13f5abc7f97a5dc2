"""The cells of a table as numbers and labels; what is none is told with row, column and what to try."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from .data import DataError

Rows = list[list[Any]]
NUMBERS = {float, int}
BLANK_HINT = "; fill it in, or leave its row or column out"
NUMBER_HINT = "; write a number for it, or leave its row or column out"
TEXT_HINT = "; number the classes (0, 1, 2 ...) if these are labels, or leave the column out"


def numbers(rows: Rows, where: str) -> np.ndarray:
    """The cells as float64; they must all be numbers. Blank rows and columns at the far ends are not counted."""
    if not _all_numbers(rows):
        rows = without_blank_ends(rows)
    if not rows:
        raise DataError(f"{where} is empty (a formula counts only where its value was saved with it)")
    if not _all_numbers(rows):
        raise DataError(f"{where}, {_fault(rows)}")
    x = np.array(rows, dtype=np.float64)
    refuse_infinite(x, f"{where}, ")
    return x


def _all_numbers(rows: Rows) -> bool:
    return set(map(type, itertools.chain.from_iterable(rows))) <= NUMBERS


def without_blank_ends(rows: Rows) -> Rows:
    """The rows without blank ones below and blank columns to the right."""
    height = max((i + 1 for i, row in enumerate(rows) if any(cell != "" for cell in row)), default=0)
    rows = rows[:height]
    width = max((j + 1 for row in rows for j, cell in enumerate(row) if cell != ""), default=0)
    return [row[:width] for row in rows]


def _fault(rows: Rows) -> str:
    """What is no number: first what stands where it should not, then what is missing."""
    strange = [(i, j) for i, row in enumerate(rows) for j, cell in enumerate(row) if type(cell) not in NUMBERS]
    i, j = next((place for place in strange if rows[place[0]][place[1]] != ""), strange[0])
    if rows[i][j] != "":
        hint = hint_for([row[j] for row in rows], i)
        return f"{place_of(i, j)}: {what_is(rows[i][j])} where a number is expected{hint}"
    filled = [k for k, row in enumerate(rows) if row[j] != ""]
    if 0 < len(filled) < len(rows) / 2:
        return f"{place_of(filled[0], j)}: a value in a column that is blank in row {i + 1} and most others"
    what = "a blank or merged cell, or a formula or an error without a value,"
    return f"{place_of(i, j)}: {what} where a number is expected{BLANK_HINT}"


def hint_for(column: Sequence[Any], row: int) -> str:
    """What to try with a cell of a column that is no number."""
    cell = column[row]
    if isinstance(cell, bool):
        return "; write 1 or 0"
    if not isinstance(cell, str):
        return "; format it as a number"
    if not cell.strip():
        return BLANK_HINT
    if set("0123456789") & set(cell) and (is_number(cell) or not any(map(str.isalpha, cell))):  # as 0,5 or 54.5%
        return "; write numbers with a decimal point, and not as text"
    words = [isinstance(other, str) and other.strip() != "" and not is_number(other) for other in column]
    if len(words) > 1 and all(words):
        return TEXT_HINT
    header = row == 0 and column[1:2] != [""] and words[1:2] == [False]
    return "; take a header row away" if header else NUMBER_HINT


def is_number(text: str) -> bool:
    """Whether a text reads as a number everywhere; 1_000 and digits of other scripts do only in Python."""
    try:
        float(text.replace("_", "?"))
    except ValueError:
        return False
    return text.isascii()


def place_of(row: int, column: int) -> str:
    """A place as spreadsheets name it: row 3, column 28 (AB)."""
    letters, n = "", column + 1
    while n:
        n, digit = divmod(n - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return f"row {row + 1}, column {column + 1} ({letters})"


def what_is(cell: Any) -> str:
    """A cell that is no number, in words."""
    if cell == "" or cell is None:
        return "a blank cell"
    if isinstance(cell, str):
        return f"the text {cell[:40]!r}"
    return f"{cell!s:.40} (a {type(cell).__name__})"


def refuse_infinite(x: np.ndarray, where: str) -> None:
    """Raise DataError for the first NaN or infinity of a table."""
    good = np.isfinite(x)
    if not good.all():
        row, column = np.argwhere(~good)[0]
        raise DataError(
            f"{where}{place_of(row, column)}: {x[row, column]} where a finite number is expected{NUMBER_HINT}"
        )


def labels(y: np.ndarray, where: str) -> np.ndarray:
    """One column of whole numbers as integers."""
    if y.ndim == 2 and y.shape[1] != 1:
        raise DataError(f"{where} has {y.shape[1]} columns; labels are one column, a whole number in each row")
    y = y.reshape(-1)
    whole = (y == np.floor(y)) & (np.abs(y) < 1e15)
    if not whole.all():
        row = int(np.argmin(whole))
        raise DataError(f"{where}, row {row + 1}: the label {y[row]} is not a whole number of at most 15 digits")
    return y.astype(np.int64)
