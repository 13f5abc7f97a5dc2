"""Reading examples from workbooks, and telling where a file is not as it has to be."""

import sys
import zipfile

import numpy as np
import openpyxl
import pytest

from nn.data import DataError
from nn.tables import read_examples

X = [[0.5, 1, 2], [3, 4.25, 5], [6, 7, -8e-3], [0, 0, 1]]
Y = [10, 1, 10, 1]


def workbook(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for i, row in enumerate(rows, start=1):
            for j, value in enumerate(row, start=1):
                if value is not None:
                    sheet.cell(i, j, value)
    book.save(path)
    return path


def column(values):
    return [[value] for value in values]


def with_cell(row, col, value, rows=X):
    changed = [list(r) for r in rows]
    changed[row][col] = value
    return changed


@pytest.fixture(params=["calamine", "openpyxl"])
def reader(request, monkeypatch):
    """Both readers of workbooks: the second steps in where the first is not installed."""
    if request.param == "openpyxl":
        monkeypatch.setitem(sys.modules, "python_calamine", None)
    return request.param


def check(x, y, labels=Y):
    assert x.dtype == np.float64
    np.testing.assert_array_equal(x, X)
    if labels is None:
        assert y is None
    else:
        assert y.dtype == np.int64
        assert y.tolist() == labels


def test_workbook(tmp_path, reader):
    check(*read_examples(workbook(tmp_path / "d.xlsx", X=X, y=column(Y))))


def test_workbook_with_other_sheet_names_and_more_sheets(tmp_path, reader):
    path = workbook(tmp_path / "d.xlsx", notes=[["by hand"]], pixels=X, digit=column(Y))
    check(*read_examples(path, "pixels", "digit"))


def test_blank_rows_and_columns_at_the_far_ends_are_not_counted(tmp_path, reader):
    book = openpyxl.load_workbook(workbook(tmp_path / "d.xlsx", X=X, y=column(Y)))
    for cell in ("F2", "B9"):
        book["X"][cell].font = openpyxl.styles.Font(bold=True)  # formatted, but empty
    book["y"]["A20"].value = ""
    book.save(tmp_path / "d.xlsx")
    check(*read_examples(tmp_path / "d.xlsx"))


def test_labels_may_be_missing_where_the_number_of_features_is_known(tmp_path):
    check(*read_examples(workbook(tmp_path / "d.xlsx", X=X), features=3), labels=None)
    check(*read_examples(workbook(tmp_path / "d.xlsx", X=X, y=[]), features=3), labels=None)
    check(*read_examples(workbook(tmp_path / "e.xlsx", X=X, y=column(Y)), features=3))
    (tmp_path / "d.csv").write_text("\n".join(",".join(map(str, row)) for row in X))
    check(*read_examples(tmp_path / "d.csv", features=3), labels=None)
    np.savez(tmp_path / "d.npz", X=X)
    check(*read_examples(tmp_path / "d.npz", features=3), labels=None)


def test_the_cells_that_a_merged_one_hides_are_told_as_such(tmp_path, reader):
    workbook(tmp_path / "d.xlsx", X=X, y=column(Y))
    book = openpyxl.load_workbook(tmp_path / "d.xlsx")
    book["X"].merge_cells("B2:C2")
    book.save(tmp_path / "d.xlsx")
    with pytest.raises(DataError, match=r"sheet 'X', row 2, column 3 \(C\): a blank or merged cell, .*; fill it in"):
        read_examples(tmp_path / "d.xlsx")


BAD_BOOKS = [
    ({"X": X}, "d.xlsx: no sheet 'y'; it has 'X' (labels stand in a sheet of their own, or in a .csv file's last"),
    ({"X ": X, "y": column(Y)}, "d.xlsx: no sheet 'X'; it has 'X ', 'y' (name one: --x-sheet, --y-sheet)"),
    ({"X": X, "y": column(Y[:3])}, "d.xlsx: 'X' has 4 rows and 'y' has 3; each row needs a label"),
    ({"X": [], "y": column(Y)}, "d.xlsx: sheet 'X' is empty"),
    ({"X": X, "y": []}, "d.xlsx: sheet 'y' is empty"),
    (
        {"X": [["a", "b", "c"], *X], "y": column(Y)},
        "sheet 'X', row 1, column 1 (A): the text 'a' where a number is expected; take a header row away",
    ),
    (
        {"X": with_cell(2, 1, "1,5"), "y": column(Y)},
        "sheet 'X', row 3, column 2 (B): the text '1,5' where a number is expected; write",
    ),
    (
        {"X": with_cell(1, 2, None), "y": column(Y)},
        "sheet 'X', row 2, column 3 (C): a blank or merged cell, or a formula or an error",
    ),
    (
        {"X": with_cell(0, 0, None), "y": column(Y)},
        "sheet 'X', row 1, column 1 (A): a blank or merged cell, or a formula or an error",
    ),
    (
        {"X": with_cell(3, 0, True), "y": column(Y)},
        "row 4, column 1 (A): True (a bool) where a number is expected; write 1 or 0$",
    ),
    (
        {"X": with_cell(3, 0, "nan"), "y": column(Y)},
        "row 4, column 1 (A): the text 'nan' where a number is expected; write a number",
    ),
    ({"X": X, "y": column([10, 1.5, 10, 1])}, "d.xlsx: sheet 'y', row 2: the label 1.5 is not a whole number"),
    (
        {"X": X, "y": column(["a", "b", "a", "b"])},
        "'a' where a number is expected; number the classes (0, 1, 2 ...) if these are labels, or",
    ),
    (
        {"X": X, "y": column([10, 1, "ten", 1])},
        "sheet 'y', row 3, column 1 (A): the text 'ten' where a number is expected; write a number for it, or",
    ),
    (
        {"X": X, "y": column([10, None, 10, 1])},
        "sheet 'y', row 2, column 1 (A): a blank or merged cell, or a formula or an error",
    ),
    ({"X": X, "y": [[10, 0]] * 4}, "d.xlsx: sheet 'y' has 2 columns; labels are one column"),
    (
        {"X": with_cell(1, 2, "=1+1"), "y": column(Y)},
        "row 2, column 3 (C): a blank or merged cell, or a formula or an error without a value, where a number",
    ),
    ({"X": [["=1+1"]] * 4, "y": column(Y)}, "sheet 'X' is empty (a formula counts only where its value was saved with"),
    (
        {"X": [*X[:3], [*X[3], 7]], "y": column(Y)},
        "row 4, column 4 (D): a value in a column that is blank in row 1 and",
    ),
    (
        {"X": [[*X[0], None, "note"], *X[1:]], "y": column(Y)},
        "row 1, column 5 (E): the text 'note' where a number is expected; write a number for it, or leave its row or",
    ),
    (
        {f"s{i}": [] for i in range(20)},
        "no sheet 'X'; it has 's0', 's1', 's2', 's3', 's4', 's5', 's6', 's7' and 12 more (name one",
    ),
    (
        {"X": X, "y": column([1e300] * 4)},
        "sheet 'y', row 1: the label 1e+300 is not a whole number of at most 15 digits$",
    ),
    (
        {"X": X, "y": column([1, 10**15 - 1, 10**15, 2])},
        "sheet 'y', row 3: the label 1000000000000000.0 is not a whole number of at most 15 digits$",
    ),
]


@pytest.mark.parametrize(("sheets", "message"), BAD_BOOKS)
def test_a_bad_workbook_is_told_with_its_place(tmp_path, reader, sheets, message):
    with pytest.raises(DataError) as caught:
        read_examples(workbook(tmp_path / "d.xlsx", **sheets))
    assert message in f"{caught.value}$"
    assert str(caught.value).startswith(str(tmp_path / "d.xlsx"))


def test_a_date_and_a_far_column_are_named(tmp_path):
    import datetime

    wide = [[0.0] * 30 for _ in range(3)]
    wide[1][27] = datetime.datetime(2020, 1, 2)
    path = workbook(tmp_path / "d.xlsx", X=wide, y=column([1, 2, 1]))
    with pytest.raises(DataError, match=r"row 2, column 28 \(AB\): 2020-01-02.* expected; format it as a number$"):
        read_examples(path)


def test_an_infinite_number_in_a_workbook_is_told(tmp_path):
    """Spreadsheet programs do not write one, but other programs do."""
    path = workbook(tmp_path / "d.xlsx", X=with_cell(1, 1, 12345.5), y=column(Y))
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content.replace(b"12345.5", b"1e999"))
    with pytest.raises(
        DataError, match=r"sheet 'X', row 2, column 2 \(B\): inf where a finite number is expected; write"
    ):
        read_examples(path)


@pytest.mark.parametrize("name", ["d.xlsx", "d.xls", "d.ods", "d.csv", "d.npz"])
def test_files_that_are_something_else(tmp_path, reader, name):
    (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe" * 20)
    with pytest.raises(DataError, match=rf"{name}: not (a workbook|a CSV file|an \.npz file)"):
        read_examples(tmp_path / name)


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_workbook(tmp_path, reader, kept):
    content = workbook(tmp_path / "d.xlsx", X=X * 50, y=column(Y * 50)).read_bytes()
    (tmp_path / "d.xlsx").write_bytes(content[: int(kept * len(content))])
    with pytest.raises(
        DataError,
        match=r"d\.xlsx: not a workbook, or damaged, or locked \(.+\); save it anew in a spreadsheet program$",
    ):
        read_examples(tmp_path / "d.xlsx")


def test_a_damaged_sheet_in_a_sound_archive(tmp_path, reader):
    path = workbook(tmp_path / "d.xlsx", X=X, y=column(Y))
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content[: len(content) // 2] if name.endswith("sheet1.xml") else content)
    with pytest.raises(DataError, match=r"d\.xlsx: sheet 'X' is damaged \("):
        read_examples(path)


def test_no_such_file_and_not_a_file(tmp_path):
    (tmp_path / "loop.xlsx").symlink_to("loop.xlsx")
    (tmp_path / "d.txt").write_text("1,2")
    (tmp_path / "none").write_text("1,2")
    for name, reason in {
        "d.xlsx": "no such file",
        "": "a folder, not a file",
        "d\0.csv": "no such file",
        "loop.xlsx": r"cannot be read \(.*links.*\)",
        "a" * 300 + ".csv": r"cannot be read \(File name too long\)",
        "d.txt": r"the name has to end in \.xlsx, .*, \.csv or \.npz, to tell what it holds",
        "none": "the name has to end in .*",
    }.items():
        with pytest.raises(DataError, match=rf": {reason}$"):
            read_examples(tmp_path / name)


def test_without_a_reader_the_package_to_install_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    (tmp_path / "d.xlsx").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"takes a package; pip install python-calamine$"):
        read_examples(tmp_path / "d.xlsx")
