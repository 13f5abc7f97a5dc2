"""`train` and `predict` from end to end."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from examples.digits import cli, files, network, progress
from nn import saving

WORKBOOK = Path(__file__).resolve().parents[3] / "shared" / "data" / "digits.xlsx"
QUIET = ["--no-report"]


def train(out, *options):
    return cli.main(["train", "--out", str(out), *QUIET, *map(str, options)])


def metrics_of(out):
    return json.loads((out / "metrics.json").read_text())


def test_what_a_run_writes(small, tmp_path, capsys):
    out = tmp_path / "deep" / "run"
    assert train(out, "--data", small, "--hidden", 8, 5, "--epochs", 30, "--batch-size", 2) == 0
    assert sorted(p.name for p in out.iterdir()) == ["checkpoint.safetensors", "metrics.json", "model.safetensors"]
    metrics = metrics_of(out)
    assert metrics["dataset"] == {"path": str(small), "rows": 90, "features": 16, "classes": 3}
    assert metrics["layers"] == [16, 8, 5, 3]
    assert (metrics["epochs"], metrics["seed"], metrics["optimizer"]) == (30, 0, "adam")
    assert [entry["epoch"] for entry in metrics["history"]] == list(range(1, 31))
    assert metrics["history"][0].keys() == {"epoch", "cost", "train_accuracy", "test_accuracy", "seconds"}
    assert metrics["history"][-1]["cost"] < metrics["history"][0]["cost"]
    assert metrics["train_accuracy"] == metrics["history"][-1]["train_accuracy"] > 0.9
    assert metrics["test_accuracy"] == metrics["history"][-1]["test_accuracy"] > 0.9
    assert metrics["gradient_check"].keys() == {"theta1", "b1", "theta2", "b2", "theta3", "b3"}
    assert max(metrics["gradient_check"].values()) < 1e-10
    assert metrics["seconds"].keys() == {"load", "train", "total"}
    assert 0 < metrics["seconds"]["train"] < metrics["seconds"]["total"]
    arrays, about = saving.load(out / "model.safetensors")
    assert {name: array.shape for name, array in arrays.items()} == {
        "theta1": (16, 8), "b1": (8,), "theta2": (8, 5), "b2": (5,), "theta3": (5, 3), "b3": (3,)
    }  # fmt: skip
    assert (about["layers"], about["labels"], about["dtype"]) == ([16, 8, 5, 3], [10, 1, 2], "float64")
    lines = capsys.readouterr().out.splitlines()
    assert "90 rows of 16 values, 3 classes" in lines[0]
    assert lines[1] == "network 16-8-5-3, float64, adam; labels 10, 1, 2"
    assert lines[2] == "gradients against the hand-derived delta formulas, largest relative difference:"
    assert lines[3].split()[::2] == ["theta1", "b1", "theta2", "b2", "theta3", "b3"]
    epochs = [line for line in lines if line.startswith("epoch ")]
    assert len(epochs) == 30
    assert len(set(map(len, epochs))) == 1  # aligned
    assert lines[-1].endswith(f"s in all; see {out}/")
    assert max(map(len, [*lines[1:3], *epochs])) <= 80


def test_reported_accuracies_are_those_of_the_saved_model(small, tmp_path):
    train(tmp_path / "run", "--data", small, "--epochs", 3, "--test-fraction", 0)
    net, labels, scale = files.load_model(tmp_path / "run" / "model.safetensors")
    with np.load(small) as data:
        a = (data["X"] - scale.offset) / scale.width
        for linear in list(net)[::2]:
            a = 1 / (1 + np.exp(-(a @ linear.weight.data + linear.bias.data)))
        accuracy = np.mean(labels[a.argmax(axis=1)] == data["y"])
        y = data["y"][:, None] == labels
    metrics = metrics_of(tmp_path / "run")
    assert metrics["train_accuracy"] == accuracy
    assert metrics["test_accuracy"] is None
    assert metrics["history"][-1]["cost"] == pytest.approx(-np.log(np.where(y, a, 1 - a)).sum() / 90, rel=1e-10)


@pytest.mark.parametrize("option", [["--seed", 1], ["--dtype", "float32"], ["--optimizer", "sgd"], ["--hidden", 9]])
def test_equal_options_give_equal_weights_and_others_do_not(small, tmp_path, option):
    for name, options in (("a", []), ("b", []), ("c", option)):
        train(tmp_path / name, "--data", small, "--epochs", 2, *options)
    a, b, c = ((tmp_path / name / "model.safetensors").read_bytes() for name in "abc")
    assert a == b != c


def test_float32_is_float32_throughout(small, tmp_path):
    train(tmp_path / "run", "--data", small, "--epochs", 2, "--dtype", "float32")
    assert {a.dtype for a in saving.load(tmp_path / "run" / "model.safetensors")[0].values()} == {np.dtype("float32")}
    assert 1e-9 < max(metrics_of(tmp_path / "run")["gradient_check"].values()) < 1e-4


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_every_optimizer_learns(small, tmp_path, optimizer):
    train(tmp_path / "run", "--data", small, "--optimizer", optimizer)
    assert metrics_of(tmp_path / "run")["test_accuracy"] > 0.9


def test_all_kinds_of_file_mean_the_same(small, tmp_path):
    with np.load(small) as data:
        x, y = data["X"].tolist(), data["y"].tolist()
    (tmp_path / "small.csv").write_text(
        "\n".join(",".join(map(repr, [*row, label])) for row, label in zip(x, y, strict=True))
    )
    book = openpyxl.Workbook()
    for name, rows in (("pixels", x), ("digit", [[label] for label in y])):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "small.xlsx")
    sheets = ["--x-sheet", "pixels", "--y-sheet", "digit"]
    for kind, options in (("npz", []), ("csv", []), ("xlsx", sheets)):
        assert train(tmp_path / kind, "--data", tmp_path / f"small.{kind}", "--epochs", 2, *options) == 0
    models = [(tmp_path / kind / "model.safetensors").read_bytes() for kind in ("npz", "csv", "xlsx")]
    assert models[0] == models[1] == models[2]


def test_predictions_are_in_the_users_labels(small, tmp_path, capsys):
    train(tmp_path / "run", "--data", small)
    capsys.readouterr()
    model = tmp_path / "run" / "model.safetensors"
    assert cli.main(["predict", "--model", str(model), "--data", str(small)]) == 0
    with open(tmp_path / "run" / "predictions.csv", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["row", "label", "predicted", "10", "1", "2"]
    assert [row[0] for row in rows] == [str(i) for i in range(1, 91)]
    assert [row[1] for row in rows] == ["10"] * 30 + ["1"] * 30 + ["2"] * 30
    outputs = np.array([row[3:] for row in rows], float)
    assert [row[2] for row in rows] == [header[3 + i] for i in outputs.argmax(axis=1)]
    assert ((outputs >= 0) & (outputs <= 1)).all()
    right = np.mean([row[1] == row[2] for row in rows])
    said = capsys.readouterr().out.splitlines()
    assert f"accuracy {right:.4f}" in said
    matrix = np.array([line.split()[1:] for line in said[-3:]], int)
    assert matrix.sum() == 90
    assert np.trace(matrix) == round(90 * right)


def test_rows_without_labels_are_classified_alike(small, tmp_path, capsys):
    train(tmp_path / "run", "--data", small)
    with np.load(small) as data:
        np.savez(tmp_path / "bare.npz", X=data["X"])
    model = str(tmp_path / "run" / "model.safetensors")
    tables = []
    for name in ("small", "bare"):
        out = tmp_path / f"{name}.csv"
        assert cli.main(["predict", "--model", model, "--data", str(tmp_path / f"{name}.npz"), "--out", str(out)]) == 0
        tables.append([line.split(",") for line in out.read_text().splitlines()])
    assert {row[1] for row in tables[1][1:]} == {""}
    assert [row[2:] for row in tables[0]] == [row[2:] for row in tables[1]]
    said = capsys.readouterr().out.split("bare.csv")[1]
    assert "the rows have no labels" in said
    assert "accuracy" not in said


@pytest.mark.parametrize(("factor", "noted"), [(1, False), (255, True), (1 / 255, True)])
def test_rows_on_another_scale_are_noted(small, tmp_path, capsys, factor, noted):
    train(tmp_path / "run", "--data", small, "--epochs", 1)
    with np.load(small) as data:
        np.savez(tmp_path / "new.npz", X=factor * data["X"])
    capsys.readouterr()
    model = str(tmp_path / "run" / "model.safetensors")
    assert cli.main(["predict", "--model", model, "--data", str(tmp_path / "new.npz")]) == 0
    assert ("new.npz: values from" in capsys.readouterr().err) == noted


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda x, y: (np.c_[np.arange(90), x], y), "column 1 numbers the rows; if it is an index, leave it out"),
        (lambda x, y: (np.c_[90 - np.arange(90), x], y), "column 1 numbers the rows"),
        (lambda x, y: (np.r_[[np.arange(16)], x], [10, *y]), "row 1 counts the columns; if it is a header, take it"),
        (lambda x, y: (np.arange(90.0 * 16).reshape(90, 16), y), None),
        (lambda x, y: (x[:4, :3], [1, 1, 2, 2]), None),
        (lambda x, y: (x, y), None),
    ],
)
def test_an_index_or_a_numbered_header_is_noted(small, tmp_path, capsys, change, said):
    """An index of rows that stand by class tells the class, of the rows held out too."""
    with np.load(small) as data:
        x, y = change(data["X"], data["y"])
    np.savez(tmp_path / "new.npz", X=x, y=y)
    assert train(tmp_path / "run", "--data", tmp_path / "new.npz", "--epochs", 1) == 0
    trained = capsys.readouterr().err
    model = str(tmp_path / "run" / "model.safetensors")
    assert cli.main(["predict", "--model", model, "--data", str(tmp_path / "new.npz")]) == 0
    for error in trained, capsys.readouterr().err:
        assert f"digits: note: {tmp_path}/new.npz: {said}" in error if said else error == ""


def test_many_classes_have_no_table(tmp_path, capsys):
    np.savez(tmp_path / "d.npz", X=np.eye(30).repeat(2, axis=0), y=np.arange(30).repeat(2))
    train(tmp_path / "run", "--data", tmp_path / "d.npz", "--epochs", 1)
    capsys.readouterr()
    model = str(tmp_path / "run" / "model.safetensors")
    assert cli.main(["predict", "--model", model, "--data", str(tmp_path / "d.npz")]) == 0
    assert "confusion" not in capsys.readouterr().out


def test_the_embedded_digits_without_any_option(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["train", *QUIET]) == 0
    metrics = metrics_of(tmp_path / "runs" / "digits")
    assert metrics["layers"] == [64, 25, 10]
    assert metrics["dataset"]["rows"] == 1797
    assert metrics["labels"] == list(range(10))
    assert metrics["train_accuracy"] > 0.99
    assert metrics["test_accuracy"] > 0.95
    assert cli.main(["predict"]) == 0


@pytest.mark.skipif(not WORKBOOK.exists(), reason="shared/data/digits.xlsx is not distributed with the project")
@pytest.mark.parametrize(("fraction", "key", "least"), [(0.2, "test_accuracy", 0.92), (0, "train_accuracy", 0.995)])
def test_the_articles_workbook_in_the_articles_20_passes(tmp_path, fraction, key, least):
    assert train(tmp_path / "run", "--data", WORKBOOK, "--test-fraction", fraction) == 0
    metrics = metrics_of(tmp_path / "run")
    assert metrics["layers"] == [400, 25, 10]
    assert metrics["labels"] == [10, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert len(metrics["history"]) == 20
    assert max(metrics["gradient_check"].values()) <= 1e-10
    assert metrics[key] >= least


def test_the_gradient_check_notices_a_wrong_gradient(small):
    with np.load(small) as data:
        x, y = data["X"], np.eye(3)[np.repeat([0, 1, 2], 30)]
    net = network.build([16, 4, 3])
    assert max(network.check_gradients(net, x, y).values()) < 1e-12
    right = network.cost
    try:
        network.cost = lambda a, y: right(a, y) * 1.0005
        assert min(network.check_gradients(net, x, y).values()) > 4e-4
    finally:
        network.cost = right


ENTRY = {"epoch": 2, "cost": 0.5, "train_accuracy": 0.75, "test_accuracy": 0.5}


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (40, "epoch 2/3 7 s left"),
        (60, "epoch 2/3 train 0.7500 test 0.5000 7 s left"),
        (80, "epoch 2/3 cost 0.5000 train 0.7500 test 0.5000 7 s left"),
    ],
)
def test_a_terminal_gets_a_live_display_that_keeps_its_bar(capsys, monkeypatch, columns, words):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("rich._console", None)  # which has read the width before
    with progress.progress(3, 0) as display:
        display.update(ENTRY, left=7.2)
    last = re.sub(r"\x1b\[[\d?]*[a-zA-Z]|\r", "\n", capsys.readouterr().out).strip("\n").split("\n")
    assert " ".join(last[-1].split()) == words
    assert set("".join(last[-3:-1])) & {"━", "-"}


def test_a_terminal_that_cannot_write_over_a_line_gets_plain_ones(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "dumb")
    with progress.progress(3, 0) as display:
        display.update(ENTRY, left=7.2)
    assert capsys.readouterr().out == "epoch 2/3  cost  0.5000  train 0.7500  test 0.5000    7 s left\n"


@pytest.mark.parametrize("cost", [0.5, 99.99994, 100.0, 3e20])
def test_lines_are_as_wide_as_each_other(cost):
    line = progress.show({**ENTRY, "cost": cost, "test_accuracy": None}, 10, 7.2)
    assert len(line) == len("epoch  2/10  cost  0.5000  train 0.7500    7 s left")


def test_a_run_of_a_single_step_trains(small, tmp_path):
    assert train(tmp_path / "run", "--data", small, "--epochs", 1, "--batch-size", 90, "--test-fraction", 0) == 0
    before = network.parameters(network.build([16, 25, 3], 0))
    after = saving.load(tmp_path / "run" / "model.safetensors")[0]
    assert all((before[name] != after[name]).any() for name in before)


@pytest.mark.parametrize(("factor", "noted"), [(1.0, False), (20.0, False), (200.0, True)])
def test_columns_that_are_lost_beside_wider_ones_are_noted(small, tmp_path, capsys, factor, noted):
    with np.load(small) as data:
        np.savez(tmp_path / "d.npz", X=data["X"] * np.r_[factor, np.ones(15)], y=data["y"])
    assert train(tmp_path / "run", "--data", tmp_path / "d.npz", "--epochs", 1) == 0
    told = re.search(
        r"d.npz: values from \S+ to \S+, of which half of the columns use less than 1 %", capsys.readouterr().err
    )
    assert bool(told) is noted
