"""A run that is killed or stopped leaves whole files, and --resume ends with the very same weights."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from examples.digits import cli, files

EPOCHS = 40


def command(out, data, *options):
    options = ("--epochs", str(EPOCHS), "--batch-size", "2", "--no-report", *options)
    return [sys.executable, "-u", "-m", "examples.digits", "train", "--data", str(data), "--out", str(out), *options]


def start_and_stop(out, data, signal_number, after_epoch, delay):
    """Start a training, send it a signal some time after it has told of an epoch; returns exit code and stderr."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command(out, data), text=True, **pipes) as process:
        for line in process.stdout:
            if line.startswith("epoch ") and int(line.split()[1].split("/")[0]) >= after_epoch:
                break
        time.sleep(delay)
        os.kill(process.pid, signal_number)
        error = process.communicate()[1]
    return process.returncode, error


@pytest.fixture
def uninterrupted(small, tmp_path):
    subprocess.run(command(tmp_path / "whole", small), check=True, capture_output=True)
    return tmp_path / "whole"


def test_killed_again_and_again_it_ends_with_the_same_weights(small, tmp_path, uninterrupted):
    out = tmp_path / "killed"
    code, _ = start_and_stop(out, small, signal.SIGKILL, 2, 0.003)
    assert code == -signal.SIGKILL
    reached = len(files.load_checkpoint(out / "checkpoint.safetensors")[2]["history"])
    assert 2 <= reached < EPOCHS
    assert not (out / "model.safetensors").exists()

    with subprocess.Popen(
        [*command(out, small), "--resume"], text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        first = next(line for line in process.stdout if line.startswith("epoch "))
        for _ in range(5):
            process.stdout.readline()
        process.kill()
    assert first.split()[1] == f"{reached + 1}/{EPOCHS}"
    further = len(files.load_checkpoint(out / "checkpoint.safetensors")[2]["history"])
    assert reached < further < EPOCHS

    subprocess.run([*command(out, small), "--resume"], check=True, capture_output=True)
    assert (out / "model.safetensors").read_bytes() == (uninterrupted / "model.safetensors").read_bytes()
    whole, resumed = (json.loads((run / "metrics.json").read_text()) for run in (uninterrupted, out))
    costs = [[entry["cost"] for entry in metrics["history"]] for metrics in (whole, resumed)]
    assert costs[0] == costs[1]
    assert len(costs[1]) == EPOCHS


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_it_says_so_and_leaves_a_checkpoint_that_loads(small, tmp_path, number, code):
    out = tmp_path / "stopped"
    ended, error = start_and_stop(out, small, number, 3, 0.0)
    assert ended == code
    assert error == "digits: stopped; the last finished epoch is kept, continue with --resume\n"
    assert [path.name for path in out.iterdir()] == ["checkpoint.safetensors"]
    assert len(files.load_checkpoint(out / "checkpoint.safetensors")[2]["history"]) >= 3


def test_resuming_a_finished_run_writes_the_same_again(small, tmp_path, capsys):
    arguments = ["train", "--data", str(small), "--epochs", "3", "--no-report", "--out", str(tmp_path / "run")]
    assert cli.main(arguments) == 0
    model = (tmp_path / "run" / "model.safetensors").read_bytes()
    assert cli.main(["train", "--resume", "--no-report", "--out", str(tmp_path / "run")]) == 0  # options from the file
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == model


def test_a_kill_in_the_middle_of_writing_leaves_the_last_checkpoint(small, tmp_path):
    """The first half of the new file is on the disk when the process dies."""
    out = tmp_path / "run"
    assert cli.main(["train", "--data", str(small), "--epochs", "2", "--no-report", "--out", str(out)]) == 0
    before = (out / "checkpoint.safetensors").read_bytes()
    code = (
        "import os, signal, sys\n"
        "from nn import saving\n"
        "saving.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"saving.write_file({str(out / 'checkpoint.safetensors')!r}, b'half')\n"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGKILL
    assert (out / "checkpoint.safetensors").read_bytes() == before
    assert cli.main(["train", "--resume", "--no-report", "--out", str(out)]) == 0
    assert np.isfinite(files.load_model(out / "model.safetensors")[0][0].weight.data).all()
