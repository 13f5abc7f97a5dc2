"""Every bad input ends with exit code 2 and one clear line, and overwrites nothing."""

import re
import shlex
import subprocess
import sys
import warnings

import numpy as np
import openpyxl
import pytest
import safetensors.numpy

from examples.digits import cli
from nn import saving


def refused(capsys, *arguments):
    """The one line that a refused command writes to standard error."""
    capsys.readouterr()
    try:
        code = cli.main([str(a) for a in arguments])
    except SystemExit as end:
        code = end.code
    error = capsys.readouterr().err
    assert code == 2
    assert error.count("\n") == 1
    assert error.startswith("digits")
    assert "Traceback" not in error
    return error


def book_of(path, x, y):
    book = openpyxl.Workbook()
    for name, rows in (("X", x), ("y", y)):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def changed(rows, row, column, value):
    rows = [list(r) for r in rows]
    rows[row][column] = value
    return rows


X = [[i + j / 10 for j in range(4)] for i in range(6)]
Y = [[10], [1], [10], [1], [10], [1]]
BOOKS = {
    "text": (changed(X, 2, 1, "seven"), Y, r"sheet 'X', row 3, column 2 \(B\): the text 'seven' where a number"),
    "blank": (changed(X, 4, 0, None), Y, r"sheet 'X', row 5, column 1 \(A\): a blank or merged cell, or a formula"),
    "counts": (X[:5], Y, "'X' has 5 rows and 'y' has 6; each row needs a label"),
    "empty": ([], Y, "sheet 'X' is empty"),
    "fraction": (X, changed(Y, 1, 0, 1.5), "sheet 'y', row 2: the label 1.5 is not a whole number"),
    "one class": (X, [[10]] * 6, "every label is 10: give rows of two classes or more"),
    "own class": (X, [[i] for i in range(6)], "6 rows for 6 classes: every row is a class of its own"),
    "one row": (X, changed(Y, 0, 0, 5), "the label 5 has one row only, and cannot be both trained and tested on"),
    "constant": ([[3.0] * 4] * 6, Y, "all training rows are the same: nothing tells the classes apart"),
    "alike": ([[1, 2, 3, 4]] * 6, Y, "all training rows are the same: nothing tells the classes apart"),
    "too large": (changed(changed(X, 1, 1, 1.5e308), 2, 1, -1.5e308), Y, "row 2, column 2: 1.5e\\+308 is too large"),
}


@pytest.mark.parametrize("case", BOOKS)
def test_workbooks(tmp_path, capsys, case):
    x, y, message = BOOKS[case]
    book_of(tmp_path / "d.xlsx", x, y)
    error = refused(capsys, "train", "--data", tmp_path / "d.xlsx", "--out", tmp_path / "run")
    assert re.search(message, error)
    assert "d.xlsx" in error
    assert not (tmp_path / "run").exists()


def test_files_that_cannot_be_read(tmp_path, capsys):
    out = ("--out", tmp_path / "run")
    assert "none.xlsx: no such file" in refused(capsys, "train", "--data", tmp_path / "none.xlsx", *out)
    (tmp_path / "d.xlsx").write_text("hello")
    assert "d.xlsx: not a workbook, or damaged" in refused(capsys, "train", "--data", tmp_path / "d.xlsx", *out)
    book_of(tmp_path / "d.xlsx", X, Y)
    (tmp_path / "cut.xlsx").write_bytes((tmp_path / "d.xlsx").read_bytes()[:3000])
    assert "cut.xlsx: not a workbook, or damaged" in refused(capsys, "train", "--data", tmp_path / "cut.xlsx", *out)
    error = refused(capsys, "train", "--data", tmp_path / "d.xlsx", "--x-sheet", "Z", *out)
    assert "no sheet 'Z'; it has 'Sheet', 'X', 'y'" in error
    error = refused(capsys, "train", "--y-sheet", "digit", *out)
    assert "--x-sheet and --y-sheet name sheets of a file: give --data FILE too" in error


NONSENSE = {
    "--hidden 0": "argument --hidden: '0' is not a whole number from 1 to a billion",
    "--hidden 25 x": "argument --hidden: 'x' is not a whole number",
    "--hidden 2.5": "argument --hidden: '2.5' is not a whole number",
    "--epochs -1": "--epochs: '-1' is not a whole number from 1 to a billion",
    "--epochs 0": "--epochs: '0' is not",
    "--hidden 99999999999999999999": "is not a whole number from 1 to a billion",
    "--epochs " + "9" * 400: "is not a whole number from 1 to a billion",
    "--batch-size 0": "--batch-size: '0' is not",
    "--learning-rate nan": "--learning-rate: 'nan' is not a finite number above 0",
    "--learning-rate inf": "--learning-rate: 'inf' is not",
    "--learning-rate 0": "--learning-rate: '0' is not",
    "--weight-decay -1": "--weight-decay: '-1' is not a finite number of at least 0",
    "--test-fraction 1": "--test-fraction: '1' is not a number of at least 0 and below 1",
    "--test-fraction nan": "--test-fraction: 'nan' is not",
    "--seed -3": "--seed: '-3' is not",
    "--dtype float16": "argument --dtype: invalid choice: 'float16'",
    "--optimizer lbfgs": "argument --optimizer: invalid choice: 'lbfgs'",
    "--out ''": "argument --out: '' is not a name",
    "--data ''": "argument --data: '' is not a name",
    "--ep 3": "unrecognized arguments: --ep 3",
    "--nonsense": "unrecognized arguments: --nonsense",
}


@pytest.mark.parametrize("options", NONSENSE)
def test_nonsense_options(capsys, options, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    error = refused(capsys, "train", *shlex.split(options))
    assert NONSENSE[options] in error
    assert re.search(r" \(see python -m examples\.digits( train)? --help\)$", error)
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_its_option(small, capsys):
    error = refused(capsys, "train", small)
    assert error == f"digits: unrecognized arguments: {small}; a file of rows is named with --data FILE (see " + (
        "python -m examples.digits --help)\n"
    )


def test_a_command_is_needed(capsys):
    assert "the following arguments are required: command" in refused(capsys)
    assert "invalid choice: 'fly'" in refused(capsys, "fly")


def test_a_tilde_that_the_shell_left_is_the_home_folder(small, tmp_path, monkeypatch):
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    small.rename(home / "small.npz")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(here)
    assert cli.main(["train", "--data=~/small.npz", "--epochs=1", "--no-report", "--out=~/run"]) == 0
    files = ["--data=~/small.npz", "--model=~/run/model.safetensors", "--out=~/run/p.csv"]
    assert cli.main(["predict", *files]) == 0
    assert (home / "run" / "p.csv").exists()
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([*[f"{k % 2},0,0.5,0" for k in range(6)]], "or more (the labels are the last column)"),
        (["0,1,2,3,4,5", *[f"0,0.{k},1,3,1,{k % 2}" for k in range(6)]], "(row 1 counts the columns; if it is a he"),
    ],
    ids=["label first", "numbered header"],
)
def test_a_layout_that_explains_the_fault_is_told(tmp_path, capsys, rows, message):
    (tmp_path / "d.csv").write_text("\n".join(rows))
    assert message in refused(capsys, "train", "--data", tmp_path / "d.csv", "--out", tmp_path / "run")


@pytest.mark.parametrize("place", ["file", "file/run", "/proc/run"])
def test_folders_that_cannot_be_written(small, tmp_path, capsys, place):
    (tmp_path / "file").write_text("mine")
    error = refused(capsys, "train", "--data", small, "--epochs", 1, "--out", tmp_path / place)
    assert place in error
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "small.npz"]


@pytest.fixture
def model(small, tmp_path):
    assert (
        cli.main(["train", "--data", str(small), "--epochs", "1", "--no-report", "--out", str(tmp_path / "run")]) == 0
    )
    return tmp_path / "run" / "model.safetensors"


def test_models_that_do_not_fit(small, model, tmp_path, capsys):
    def predict(path, data=small):
        return refused(capsys, "predict", "--model", path, "--data", data)

    content = model.read_bytes()
    cut, altered, other = tmp_path / "cut", tmp_path / "altered", tmp_path / "other"
    cut.write_bytes(content[:-10])
    altered.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    safetensors.numpy.save_file({"w": np.zeros(3)}, other)
    assert "cut: not a safetensors file, or damaged" in predict(cut)
    assert "altered: altered since it was saved" in predict(altered)
    assert "other: a safetensors file, but not one that this project saved" in predict(other)
    error = refused(capsys, "predict", "--model", model)
    assert f"{model} takes 16 values a row, and scikit-learn's digits has 64; give --data FILE" in error
    error = predict(tmp_path / "none")
    assert "none: no such model; train one first (python -m examples.digits train), or name another with" in error
    error = predict(model.parent)
    assert f"{model.parent}: a folder, not a model; try --model {model}" in error
    assert "not a trained model (digits checkpoint)" in predict(model.with_name("checkpoint.safetensors"))
    np.savez(tmp_path / "wide.npz", X=np.zeros((2, 20)), y=[1, 2])
    assert "takes 16 values a row, and" in (error := predict(model, tmp_path / "wide.npz"))
    assert "wide.npz has 20" in error
    np.savez(tmp_path / "strange.npz", X=np.zeros((2, 16)), y=[1, 7])
    assert "row 2 has the label 7, which is none of the classes 10, 1, 2; take the labels away" in predict(
        model, tmp_path / "strange.npz"
    )
    assert not (model.parent / "predictions.csv").exists()


@pytest.mark.parametrize("change", ["layers", "labels", "dtype", "scale", "kind", "b1"])
def test_a_model_that_lacks_something_is_refused(small, model, capsys, change):
    arrays, about = saving.load(model)
    arrays, about = ({name: value for name, value in part.items() if name != change} for part in (arrays, about))
    saving.save(model, arrays, about)
    error = refused(capsys, "predict", "--model", model, "--data", small)
    assert f"{model}: not a trained model" in error or f"{model}: a model of another version" in error


@pytest.mark.parametrize(
    "change",
    [
        {"layers": []},
        {"labels": [10, 1]},
        {"labels": [10, 1, 1]},
        {"labels": [10, 1, 1.5]},
        {"labels": None},
        {"scale": None},
        {"scale": {"offset": "x", "width": 1.0}},
        {"scale": {"offset": 0.0, "width": 0.0}},
    ],
    ids=str,
)
def test_a_model_of_another_layout_is_refused(small, model, capsys, change):
    arrays, about = saving.load(model)
    saving.save(model, arrays, {**about, **change})
    error = refused(capsys, "predict", "--model", model, "--data", small)
    assert f"{model}: a model of another version, train it anew" in error


@pytest.mark.parametrize("value", ["1e308", "1e160", "-1e308"])
def test_a_row_that_is_too_large_for_the_network_gets_no_prediction(model, tmp_path, capsys, value):
    """Sums of such products overflow, to infinities and NaN by the order in which they are taken."""
    (tmp_path / "rows.csv").write_text("\n".join([",".join(["0.5"] * 16), ",".join(["0.5"] * 15 + [value])]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        error = refused(capsys, "predict", "--model", model, "--data", tmp_path / "rows.csv")
    assert re.search(
        rf"rows.csv: row 2, column 16: {float(value):g} is too large to compute with$".replace("+", "."), error
    )
    assert not (model.parent / "predictions.csv").exists()


def test_predictions_are_not_written_over_something_else(small, model, tmp_path, capsys):
    rows = tmp_path / "rows.csv"
    rows.write_text("\n".join([",".join(["0.5"] * 16), ",".join(["0.1"] * 16)]))
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "loop.csv").symlink_to("loop.csv")

    def predict(out, data=rows, *options):
        return refused(capsys, "predict", "--model", model, "--data", data, "--out", out, *options)

    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert "argument --out: '' is not a name" in predict("")
    for out in (small, model, tmp_path, tmp_path / "folder.csv", "/dev/null"):
        assert "predictions are written as CSV; name a file that ends in .csv" in predict(out)
    assert "rows.csv: these are the rows to classify" in predict(rows)
    assert "loop.csv: cannot be read" in predict(tmp_path / "p.csv", tmp_path / "loop.csv")
    assert "is not a folder" in predict(small / "p.csv")
    assert "rows.csv: a .csv file has no sheets" in predict(tmp_path / "p.csv", rows, "--y-sheet", "digit")
    assert "--y-sheet digit: " in predict(tmp_path / "p.csv", small, "--y-sheet", "digit")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_checkpoints_that_do_not_fit(small, model, tmp_path, capsys):
    def resume(*options):
        return refused(capsys, "train", "--data", small, "--out", model.parent, "--resume", *options)

    before = {path.name: path.read_bytes() for path in model.parent.iterdir()}
    assert "--resume continues a run with --hidden 25, not 30" in resume("--hidden", 30)
    assert "--resume continues a run with --epochs 1, not 7" in resume("--epochs", 7)
    with np.load(small) as data:
        np.savez(tmp_path / "other.npz", X=data["X"] + 1, y=data["y"])
    assert "other.npz is not the data that the checkpoint" in resume("--data", tmp_path / "other.npz")
    assert "--resume continues a run without --eager; leave" in resume("--eager")
    assert {path.name: path.read_bytes() for path in model.parent.iterdir()} == before
    checkpoint = model.with_name("checkpoint.safetensors")
    arrays, about = saving.load(checkpoint)
    saving.save(checkpoint, arrays, {**about, "settings": {**about["settings"], "later": 1}})
    assert "checkpoint.safetensors: a checkpoint of another version; start without --resume" in resume()
    saving.save(checkpoint, {name: array for name, array in arrays.items() if name != "network.b1"}, about)
    assert "checkpoint.safetensors: it does not fit its own settings ('b1')" in resume()
    checkpoint.write_bytes(checkpoint.read_bytes()[:-3])
    assert "checkpoint.safetensors: not a safetensors file, or damaged" in resume()
    checkpoint.write_bytes(model.read_bytes())
    assert "checkpoint.safetensors: not a checkpoint of a training run" in resume()
    checkpoint.unlink()
    assert "--resume: there is no" in resume()


def test_a_cost_that_is_no_number_stops_and_keeps_the_last_good_checkpoint(small, tmp_path, capsys):
    out = tmp_path / "run"
    error = refused(
        capsys, "train", "--data", small, "--optimizer", "sgd", "--learning-rate", 1e306, "--no-report", "--out", out
    )
    assert re.search(r"the cost became NaN or infinite in epoch 1: \S.*; try a smaller learning rate", error)
    assert [path.name for path in out.iterdir()] == ["checkpoint.safetensors"]


def test_the_command_line_itself(tmp_path):
    """One of these through a process of its own: no traceback, exit code 2."""
    command = [sys.executable, "-m", "examples.digits", "train", "--data", str(tmp_path / "none.xlsx")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"digits: {tmp_path}/none.xlsx: no such file\n"


def test_a_file_that_cannot_be_written_at_the_end_does_not_lose_the_training(small, tmp_path, capsys):
    out = tmp_path / "run"
    (out / "model.safetensors").mkdir(parents=True)
    error = refused(capsys, "train", "--data", small, "--epochs", 2, "--no-report", "--out", out)
    kept = "the last finished epoch is kept, continue with --resume"
    assert f"{out}/model.safetensors: a folder, not a file; {kept}\n" in error
    (out / "model.safetensors").rmdir()
    assert cli.main(["train", "--resume", "--no-report", "--out", str(out)]) == 0
    assert "continuing after epoch 2" in capsys.readouterr().out
