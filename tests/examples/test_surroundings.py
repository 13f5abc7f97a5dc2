"""A full disk, an output that is closed or goes nowhere, another run in the same folder, Ctrl-C before it begins."""

import contextlib
import os
import resource
import subprocess
import sys
import time

import numpy as np
import pytest

from examples.command import Terminated, run
from examples.digits import cli, files


def command(data, out, *options):
    options = ("--epochs", "2", "--no-report", *options)
    return [sys.executable, "-m", "examples.digits", "train", "--data", str(data), "--out", str(out), *options]


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def test_a_full_disk_is_told_and_leaves_nothing_half_written(small, tmp_path):
    done = subprocess.run(command(small, tmp_path / "run"), capture_output=True, text=True, preexec_fn=limit_files)
    assert done.returncode == 2
    assert done.stderr == f"digits: {tmp_path}/run/checkpoint.safetensors: File too large\n"
    assert list((tmp_path / "run").iterdir()) == []


def test_an_output_that_is_full_is_told(small, tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run(command(small, tmp_path / "run"), stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "digits: the output: No space left on device\n"


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_names_and_formulas_that_the_output_cannot_spell_are_escaped(small, tmp_path, encoding):
    surroundings = {**os.environ, "PYTHONIOENCODING": encoding}
    data = os.fsencode(tmp_path) + b"/gr\xc3\xb6\xc3\x9fe \xff.npz"
    os.rename(small, data)
    arguments = [a for a in command(os.fsdecode(data), tmp_path / "run") if a != "--no-report"]
    done = subprocess.run(arguments, capture_output=True, env=surroundings)
    assert (done.returncode, done.stderr) == (0, b"")
    said = {"ascii": rb"/gr\xf6\xdfe \udcff.npz: 90 rows", "utf-8": "/größe \\udcff.npz: 90 rows".encode()}
    assert said[encoding] in done.stdout
    assert "größe ?.npz" in (tmp_path / "run" / "report.html").read_text("utf-8")
    derived = subprocess.run([sys.executable, "-m", "examples.derive"], capture_output=True, env=surroundings)
    assert (derived.returncode, derived.stderr) == (0, b"")


@pytest.mark.parametrize("name", ["examples.digits train --out {out}", "examples.derive"])
def test_a_reader_that_leaves_early_gets_no_traceback(tmp_path, name):
    arguments = name.format(out=tmp_path / "run").split()
    with subprocess.Popen(
        [sys.executable, "-u", "-m", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_without_an_output_it_still_trains(small, tmp_path):
    line = " ".join(command(small, tmp_path / "run"))
    done = subprocess.run(f"{line} >&-", shell=True, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "run" / "model.safetensors").exists()


def test_two_runs_do_not_write_into_one_folder(small, tmp_path, capsys):
    arguments = ["train", "--data", str(small), "--epochs", "1", "--no-report", "--out", str(tmp_path / "run")]
    with files.alone_in(tmp_path / "run"):
        assert cli.main(arguments) == 2
        assert "run: another run is writing there; wait, or name another folder" in capsys.readouterr().err
        assert list((tmp_path / "run").iterdir()) == []
    assert cli.main(arguments) == 0


def test_a_failed_run_lets_the_folder_go(tmp_path):
    with contextlib.suppress(ZeroDivisionError), files.alone_in(tmp_path):
        raise ZeroDivisionError
    with files.alone_in(tmp_path):
        pass


STOPS_AT = """
import os, runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
def stop(*_):
    os.kill(os.getpid(), signal.SIGINT)
class Held:
    __del__ = stop
class Stopper:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            {stop}()
sys.meta_path.insert(0, Stopper())
sys.argv = {argv!r}
runpy.run_module("examples.digits", run_name="__main__")
"""


@pytest.mark.parametrize("stop", ["stop", "Held"])
@pytest.mark.parametrize(("module", "said"), [("numpy", ""), ("examples.digits.train", "digits: stopped\n")])
def test_stopped_before_the_first_epoch_nothing_is_promised(small, tmp_path, module, said, stop):
    code = STOPS_AT.format(module=module, stop=stop, argv=command(small, tmp_path / "run")[2:])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, said)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("stop", "code"), [(KeyboardInterrupt, 130), (Terminated, 143)])
def test_a_signal_that_falls_into_a_destructor_is_not_lost(capsys, stop, code):
    class Held:
        def __del__(self):
            raise stop

    def work():
        Held()
        end = time.monotonic() + 10
        while time.monotonic() < end:
            pass

    assert run("work", work) == code
    assert capsys.readouterr().err == "work: stopped\n"


def test_rows_that_no_memory_holds_are_told(capsys):
    assert run("work", lambda: np.empty(1 << 58) and None) == 2
    assert capsys.readouterr().err == "work: not enough memory for so many rows and units\n"
