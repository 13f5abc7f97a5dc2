"""Reading examples from CSV and NumPy files."""

import numpy as np
import pytest

from nn.data import DataError
from nn.tables import read_examples
from tests.nn.test_tables import X, Y, check, column, with_cell, workbook


@pytest.mark.parametrize(
    ("content", "delimiter"), [("0.5,1,2,10\n3,4.25,5,1\r\n6,7,-8e-3,10\n0,0,1,1\n", ","), (None, ";"), (None, "\t")]
)
def test_csv(tmp_path, content, delimiter):
    content = content or "\n".join(delimiter.join(map(str, [*row, y])) for row, y in zip(X, Y, strict=True))
    (tmp_path / "d.csv").write_text("\ufeff" + content, encoding="utf-8")
    check(*read_examples(tmp_path / "d.csv"))


def test_quoted_numbers_are_numbers(tmp_path):
    text = "\n".join(",".join(f'"{v}"' for v in [*row, y]) for row, y in zip(X, Y, strict=True))
    (tmp_path / "d.csv").write_text(text)
    check(*read_examples(tmp_path / "d.csv"))


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_npz(tmp_path, shape):
    np.savez(tmp_path / "d.npz", X=np.array(X), y=np.array(Y, "uint8").reshape(shape))
    check(*read_examples(tmp_path / "d.npz"))
    np.savez(tmp_path / "d.npz", a=np.array(X), b=np.array(Y, float))
    check(*read_examples(tmp_path / "d.npz", "a", "b"))


def test_npz_images_are_flattened(tmp_path):
    np.savez(tmp_path / "d.npz", X=np.arange(24).reshape(2, 3, 4), y=[1, 2])
    assert read_examples(tmp_path / "d.npz")[0].tolist() == np.arange(24).reshape(2, 12).tolist()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "d.csv: the file is empty"),
        ("\n\n", "d.csv: the file is empty"),
        (
            "p1,p2,digit\n1,2,3\n",
            "row 1, column 1 (A): the text 'p1' where a number is expected; take a header row away",
        ),
        ("1,2,3\n1,x,3\n", "row 2, column 2 (B): the text 'x' where a number is expected"),
        ("1,2,3\n1,,3\n", "row 2, column 2 (B): a blank cell where a number is expected"),
        ("1,2,3\n1,2\n", "row 2 has 2 columns, the rows before it 3"),
        ("1,2,3\n\n1,2,4\n", "row 2 is blank"),
        ("1,2,3\n1,nan,4\n", "row 2, column 2 (B): nan where a finite number is expected; write a number"),
        ("1,2,3\n1,2,-inf\n", "row 2, column 3 (C): -inf where a finite number is expected"),
        ("1,2,3\n1,2,3.5\n", "the last column, row 2: the label 3.5 is not a whole number"),
        ("1\n2\n", "1 column; an example is at least one number and, in the last column, its label"),
        (
            "1;2,5;3\n1;2;3\n",
            "row 1, column 2 (B): the text '2,5' where a number is expected; write numbers with a dec",
        ),
        (
            "1,2,\n1,2,\n",
            "row 1, column 3 (C): a blank cell where a number is expected; fill it in, or leave",
        ),
        ("1 2 3\n1 2 3\n", "the text '1 2 3' where a number is expected; put a comma, semicolon or tab between"),
        ("1|2\n1|2\n", "the text '1|2' where a number is expected; put a comma, semicolon or tab between columns$"),
        (
            "1,2,a\n1,2,b\n",
            "column 3 (C): the text 'a' where a number is expected; number the classes (0, 1, 2 ...) if",
        ),
        ("# note\n1,2\n", "the text '# note' where a number is expected; take a header row away$"),
        ("5,.1,.2\n6,.3,.4\n", "the last column, row 1: the label 0.2 is not a whole number"),
        ("1,2,3\n1_0,2,3\n", "row 2, column 1 (A): the text '1_0' where a number is expected"),
        ("1,2,3\n1,٣,3\n", "row 2, column 2 (B): the text '٣' where a number is expected; write a number for it"),
        ("x\n1\n2\n", "row 1, column 1 (A): the text 'x' where a number is expected; put a comma, semicolon or tab"),
        ('1,2,0\n"1\n",2,1\n', "not a table of numbers (a quoted cell goes on in the next line)"),
        ("1,2,cat\n1,2\n", "row 1, column 3 (C): the text 'cat' where a number is expected; write a number for it, or"),
        ("1,2 # note\n1,2\n", "row 1, column 2 (B): the text '2 # note' where a number"),
    ],
)
def test_a_bad_csv_is_told_with_its_place(tmp_path, content, message):
    (tmp_path / "d.csv").write_text(content)
    with pytest.raises(DataError) as caught:
        read_examples(tmp_path / "d.csv")
    assert str(caught.value).startswith(str(tmp_path / "d.csv"))
    assert message in f"{caught.value}$"


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X": X}, "no array 'y'; it has 'X' (name one: --x-sheet, --y-sheet)"),
        ({"X": X, "y": Y[:2]}, "'X' has 4 rows and 'y' has 2; each row needs a label"),
        ({"X": np.array([["a"]] * 4), "y": Y}, "array 'X' is of <U1, where numbers are expected; write"),
        (
            {"X": X, "y": np.array(["a", "b"] * 2)},
            "array 'y' is of <U1, where numbers are expected; number the classes (0, 1, 2 ...)",
        ),
        ({"X": np.array(X) > 1, "y": Y}, "array 'X' is of bool, where numbers are expected; write X.astype(float)"),
        ({"X": np.zeros((0, 3)), "y": Y}, "array 'X' is empty"),
        (
            {"X": with_cell(1, 2, np.nan), "y": Y},
            "array 'X', row 2, column 3 (C): nan where a finite number is expected",
        ),
        ({"X": X, "y": [1, 2, np.inf, 1]}, "array 'y', row 3, column 1 (A): inf where a finite number is expected"),
        ({"X": X, "y": [1, 2, 2.5, 1]}, "array 'y', row 3: the label 2.5 is not a whole number"),
        ({"X": X, "y": np.ones((4, 2))}, "array 'y' has 2 columns; labels are one column, a whole number in each row"),
        ({"X": np.array(X, complex), "y": Y}, "array 'X' is of complex128, where numbers are expected"),
        ({"X": np.array([object()] * 4), "y": Y}, "not an .npz file of plain arrays, or damaged"),
    ],
)
def test_a_bad_npz_is_told_with_its_place(tmp_path, arrays, message):
    np.savez(tmp_path / "d.npz", **arrays)
    with pytest.raises(DataError) as caught:
        read_examples(tmp_path / "d.npz")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "hint"),
    [("54.5%", "decimal point"), ("'0.5'", "decimal point"), ("\N{MINUS SIGN}3", "decimal point"), ("img1", "labels")],
)
def test_numbers_written_as_text_are_told_from_labels(tmp_path, cell, hint):
    (tmp_path / "d.csv").write_text(f"{cell},1\n{cell},2\n", encoding="utf-8")
    with pytest.raises(DataError, match=hint):
        read_examples(tmp_path / "d.csv")


def test_cleared_rows_at_the_end_of_a_csv_are_not_counted(tmp_path):
    for end in ("\n", "\n\n", "\n,,\n,,\n", "\r\n , ,\r\n"):
        (tmp_path / "d.csv").write_bytes(f"1,2,0\n3,4,1{end}".encode())
        assert read_examples(tmp_path / "d.csv")[0].tolist() == [[1, 2], [3, 4]]
    (tmp_path / "d.csv").write_text(",,\n,,\n")
    with pytest.raises(DataError, match="the file is empty"):
        read_examples(tmp_path / "d.csv")


def test_a_csv_of_another_width_than_the_model_is_told(tmp_path):
    for columns in ("1 column", "2 columns", "5 columns"):
        (tmp_path / "d.csv").write_text(",".join(["0.5"] * int(columns[0])))
        with pytest.raises(DataError, match=f"d.csv: {columns}, where 3 values, or 3 and a label, are expected"):
            read_examples(tmp_path / "d.csv", features=3)


@pytest.mark.parametrize("names", [("pixels", "y"), ("X", "digit")])
def test_names_of_sheets_are_not_ignored_for_a_csv(tmp_path, names):
    (tmp_path / "d.csv").write_text("1,2,0\n3,4,1\n")
    with pytest.raises(
        DataError, match=r"d\.csv: a \.csv file has no sheets to name; leave --x-sheet and --y-sheet aw"
    ):
        read_examples(tmp_path / "d.csv", *names)


def test_an_address_is_told_from_a_file_that_is_missing():
    with pytest.raises(
        DataError, match=r"^https://example\.com/d\.csv: not a file but an address of the web; download"
    ):
        read_examples("https://example.com/d.csv")


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9])
def test_a_truncated_npz_is_refused_and_closed(tmp_path, kept, monkeypatch):
    path = tmp_path / "d.npz"
    np.savez(path, X=X, y=Y)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    opened = []
    real = type(path).open
    monkeypatch.setattr(type(path), "open", lambda *a, **k: opened.append(real(*a, **k)) or opened[-1])
    with pytest.raises(DataError, match=r"d\.npz: not an \.npz file of plain arrays, or damaged \(.+\)$"):
        read_examples(path)
    assert len(opened) == 2
    assert all(file.closed for file in opened)


def test_a_single_array_that_was_named_npz_is_refused(tmp_path):
    with open(tmp_path / "d.npz", "wb") as file:
        np.save(file, X)
    with pytest.raises(
        DataError,
        match=r"d\.npz: not an \.npz file .*\(one array without a name; write numpy\.savez\(path, X=\.\.\., y=",
    ):
        read_examples(tmp_path / "d.npz")


def test_a_workbook_under_the_name_of_a_csv_is_told(tmp_path):
    workbook(tmp_path / "d.xlsx", X=X, y=column(Y)).rename(tmp_path / "d.csv")
    with pytest.raises(DataError, match=r"d.csv: not a CSV file \(it is a workbook; name it so\)"):
        read_examples(tmp_path / "d.csv")


@pytest.mark.skipif(np.finfo("longdouble").max == np.finfo("float64").max, reason="no longer floats on this machine")
def test_a_number_beyond_float64_is_told_without_a_warning(tmp_path):
    np.savez(tmp_path / "d.npz", X=np.full((4, 3), np.finfo("longdouble").max), y=Y)
    with pytest.raises(DataError, match=r"array 'X', row 1, column 1 \(A\): inf where a finite number is expected"):
        read_examples(tmp_path / "d.npz")
