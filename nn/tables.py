"""Reading labelled examples from workbooks, CSV and NumPy files; every fault is told with file, sheet, row and column.

read_examples("digits.xlsx")    sheet X: one example a row; sheet y: its label; no header row
read_examples("digits.csv")     one example a row, the label in the last column; no header row
read_examples("digits.npz")     array X and array y
"""

import csv
import stat
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .data import DataError
from .table_cells import (
    Rows,
    hint_for,
    is_number,
    labels,
    numbers,
    place_of,
    refuse_infinite,
    what_is,
    without_blank_ends,
)

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def read_examples(
    path: str | Path, x_sheet: str = "X", y_sheet: str = "y", features: int | None = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Read examples and their labels.

    Args:
        path: a workbook, .csv or .npz file.
        x_sheet, y_sheet: the names of the sheets (arrays, in an .npz file).
        features: how many the reader expects. Then labels may be missing, and a CSV file of just so many columns
            has none.

    Returns:
        an array (rows, features) of float64 and one (rows,) of integers, or None where labels may be missing and are.

    Raises:
        DataError: the file, a sheet, a row or a cell is not as it has to be.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
    ...     print("0.5,1,10", "0.25,0,1", sep="\\n", file=file, flush=True)
    ...     read_examples(file.name)
    (array([[0.5 , 1.  ],
           [0.25, 0.  ]]), array([10,  1]))
    """
    if "://" in str(path):
        raise DataError(f"{path}: not a file but an address of the web; download it, and name the file")
    path = Path(path)
    _refuse_unreadable(path)
    kind = path.suffix.lower()
    optional = features is not None
    if kind in WORKBOOKS:
        x, y = _read_workbook(path, x_sheet, y_sheet, optional)
    elif kind == ".csv":
        if (x_sheet, y_sheet) != ("X", "y"):
            raise DataError(f"{path}: a .csv file has no sheets to name; leave --x-sheet and --y-sheet away")
        x, y = _read_csv(path, features)
    elif kind == ".npz":
        x, y = _read_npz(path, x_sheet, y_sheet, optional)
    else:
        raise DataError(f"{path}: the name has to end in {', '.join(WORKBOOKS)}, .csv or .npz, to tell what it holds")
    if y is not None and len(x) != len(y):
        raise DataError(f"{path}: '{x_sheet}' has {len(x)} rows and '{y_sheet}' has {len(y)}; each row needs a label")
    return x, y


def _refuse_unreadable(path: Path) -> None:
    try:
        plain = stat.S_ISREG(path.stat().st_mode)
        if plain:
            path.open("rb").close()
    except (FileNotFoundError, ValueError):  # or a name that no file can have
        raise DataError(f"{path}: no such file") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    if not plain:
        raise DataError(f"{path}: {'a folder, ' if path.is_dir() else ''}not a file")


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:8])) + (f" and {len(names) - 8} more" if len(names) > 8 else "") or "none"


def _read_workbook(path: Path, x_sheet: str, y_sheet: str, optional: bool) -> tuple[np.ndarray, np.ndarray | None]:
    book = _open_workbook(path)
    for name in [x_sheet] if optional else [x_sheet, y_sheet]:
        if name not in book.names:
            hint = "name one: --x-sheet, --y-sheet"
            if len(book.names) == 1 and not optional:
                hint = "labels stand in a sheet of their own, or in a .csv file's last column"
            raise DataError(f"{path}: no sheet '{name}'; it has {_some(book.names)} ({hint})")
    x = numbers(_rows(book, x_sheet, path), f"{path}: sheet '{x_sheet}'")
    column = _rows(book, y_sheet, path) if y_sheet in book.names else []
    if optional and not without_blank_ends(column):
        return x, None
    where = f"{path}: sheet '{y_sheet}'"
    return x, labels(numbers(column, where), where)


class _Calamine:
    """A workbook read by python-calamine."""

    def __init__(self, path: Path) -> None:
        from python_calamine import CalamineWorkbook

        self.book = CalamineWorkbook.from_path(str(path))
        self.names: list[str] = self.book.sheet_names

    def rows(self, name: str) -> Rows:
        return self.book.get_sheet_by_name(name).to_python(skip_empty_area=False)


class _Openpyxl:
    """A workbook read by openpyxl: slower, and .xlsx and .xlsm only."""

    def __init__(self, path: Path) -> None:
        import openpyxl

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions it drops
            self.book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        self.names: list[str] = self.book.sheetnames

    def rows(self, name: str) -> Rows:
        rows = [["" if cell is None else cell for cell in row] for row in self.book[name].iter_rows(values_only=True)]
        width = max(map(len, rows), default=0)
        return [row + [""] * (width - len(row)) for row in rows]


def _open_workbook(path: Path) -> _Calamine | _Openpyxl:
    reason: Exception | None = None
    for reader in (_Calamine, _Openpyxl):
        try:
            return reader(path)
        except ImportError as error:
            reason = reason or error
        except Exception as error:  # each reader has its own tree of errors, and zip and XML faults besides
            reason = error if reason is None or isinstance(reason, ImportError) else reason
    if isinstance(reason, ImportError):
        raise DataError(f"{path}: reading a workbook takes a package; pip install python-calamine") from None
    raise DataError(
        f"{path}: not a workbook, or damaged, or locked ({_one_line(reason)}); save it anew in a spreadsheet program"
    ) from None


def _rows(book: _Calamine | _Openpyxl, name: str, path: Path) -> Rows:
    try:
        return book.rows(name)
    except Exception as error:  # XML faults of either reader
        raise DataError(f"{path}: sheet '{name}' is damaged ({_one_line(error)})") from None


def _one_line(error: object) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _read_csv(path: Path, features: int | None) -> tuple[np.ndarray, np.ndarray | None]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        hint = (
            "it is a workbook; name it so"
            if path.read_bytes()[:2] == b"PK"
            else "it is not text in UTF-8; save it as such"
        )
        raise DataError(f"{path}: not a CSV file ({hint})") from None
    lines = text.splitlines()
    while lines and not lines[-1].strip(" ,;\t"):  # rows that a spreadsheet program has cleared
        lines.pop()
    if not lines:
        raise DataError(f"{path}: the file is empty")
    delimiter = next((mark for mark in ";\t" if mark in lines[0]), ",")
    try:
        table = np.loadtxt(lines, delimiter=delimiter, comments=None, quotechar='"', ndmin=2)
    except ValueError as error:
        raise _csv_fault(path, lines, delimiter, error) from None
    if len(table) != len(lines):
        raise _csv_fault(path, lines, delimiter, None)
    refuse_infinite(table, f"{path}: ")
    if table.shape[1] == features:
        return table, None
    if features is not None and table.shape[1] != features + 1:
        columns = f"{table.shape[1]} column{'s' * (table.shape[1] > 1)}"
        raise DataError(f"{path}: {columns}, where {features} values, or {features} and a label, are expected")
    if table.shape[1] < 2:
        raise DataError(f"{path}: 1 column; an example is at least one number and, in the last column, its label")
    return table[:, :-1], labels(table[:, -1], f"{path}: the last column")


def _csv_fault(path: Path, lines: list[str], delimiter: str, error: Exception | None) -> DataError:
    """The first row or cell that is not as the others."""
    rows = list(csv.reader(lines, delimiter=delimiter))
    for i, row in enumerate(rows):
        if not row:
            return DataError(f"{path}: row {i + 1} is blank")
        for j, cell in enumerate(map(str.strip, row)):
            if not is_number(cell):
                hint = hint_for([other[j].strip() for other in rows if j < len(other)], i)
                if all(len(other) <= 1 for other in rows):
                    hint = "; put a comma, semicolon or tab between columns"
                return DataError(f"{path}: {place_of(i, j)}: {what_is(cell)} where a number is expected{hint}")
        if len(row) != len(rows[0]):
            return DataError(f"{path}: row {i + 1} has {len(row)} columns, the rows before it {len(rows[0])}")
    why = "a quoted cell goes on in the next line" if error is None else _one_line(error)
    return DataError(f"{path}: not a table of numbers ({why})")


def _read_npz(path: Path, x_name: str, y_name: str, optional: bool) -> tuple[np.ndarray, np.ndarray | None]:
    try:
        with path.open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                raise ValueError("one array without a name; write numpy.savez(path, X=..., y=...)")
            with archive:
                arrays = {name: archive[name] for name in (x_name, y_name) if name in archive.files}
                names = archive.files
    except Exception as error:  # zip, header and pickle faults have no common root
        raise DataError(f"{path}: not an .npz file of plain arrays, or damaged ({_one_line(error)})") from None
    for name in [x_name] if optional else [x_name, y_name]:
        if name not in arrays:
            raise DataError(f"{path}: no array '{name}'; it has {_some(names)} (name one: --x-sheet, --y-sheet)")
    for name, array in arrays.items():
        if array.dtype.kind not in "iuf":
            text = array.dtype.kind in "US" and name == y_name
            hint = "number the classes (0, 1, 2 ...)" if text else f"write {name}.astype(float)"
            raise DataError(f"{path}: array '{name}' is of {array.dtype}, where numbers are expected; {hint}")
        if array.size == 0:
            raise DataError(f"{path}: array '{name}' is empty")
    x = arrays[x_name].reshape(len(arrays[x_name]), -1) if arrays[x_name].ndim else arrays[x_name].reshape(1, 1)
    with np.errstate(over="ignore"):  # of longer floats
        x = x.astype(np.float64)
    refuse_infinite(x, f"{path}: array '{x_name}', ")
    if y_name not in arrays:
        return x, None
    y = arrays[y_name]
    y = y.astype(np.float64) if y.ndim == 2 else y.astype(np.float64).reshape(-1, 1)
    refuse_infinite(y, f"{path}: array '{y_name}', ")
    return x, labels(y, f"{path}: array '{y_name}'")
