"""Files are whole or not there, and are known again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import nn
from nn import saving

ARRAYS = {"theta1": np.arange(6.0).reshape(2, 3), "b1": np.zeros(3, "float32"), "steps": np.array(7)}
ABOUT = {"layers": [2, 3], "labels": [10, 1], "scale": 0.1}


def test_what_is_saved_is_loaded(tmp_path):
    saving.save(tmp_path / "m", ARRAYS, ABOUT)
    arrays, about = saving.load(tmp_path / "m")
    assert about == ABOUT
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert (arrays[name].dtype, arrays[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(arrays[name], array)
    assert os.listdir(tmp_path) == ["m"]


def test_the_file_is_a_plain_safetensors_file(tmp_path):
    saving.save(tmp_path / "m", ARRAYS, ABOUT)
    np.testing.assert_array_equal(safetensors.numpy.load_file(tmp_path / "m")["theta1"], ARRAYS["theta1"])


def test_a_view_is_saved_as_what_it_shows(tmp_path):
    saving.save(tmp_path / "m", {"t": ARRAYS["theta1"].T}, {})
    np.testing.assert_array_equal(saving.load(tmp_path / "m")[0]["t"], ARRAYS["theta1"].T)


def test_equal_content_is_equal_bytes(tmp_path):
    for name in ("m", "n"):
        saving.save(tmp_path / name, ARRAYS, ABOUT)
    assert (tmp_path / "m").read_bytes() == (tmp_path / "n").read_bytes()


@pytest.mark.parametrize("length", [0, 4, 8, 100, -1])
def test_a_truncated_file_is_refused(tmp_path, length):
    saving.save(tmp_path / "m", ARRAYS, ABOUT)
    content = (tmp_path / "m").read_bytes()
    (tmp_path / "m").write_bytes(content[:length])
    with pytest.raises(saving.SavedFileError, match=r"m: not a safetensors file, or damaged"):
        saving.load(tmp_path / "m")


def test_every_altered_byte_is_noticed(tmp_path):
    saving.save(tmp_path / "m", {"b": np.arange(3.0)}, {"a": 1})
    content = (tmp_path / "m").read_bytes()
    for place in range(len(content)):
        if content[place : place + 1] == b" ":
            continue  # padding of the header means nothing
        changed = bytearray(content)
        changed[place] ^= 1
        (tmp_path / "m").write_bytes(changed)
        with pytest.raises(saving.SavedFileError):
            saving.load(tmp_path / "m")


def test_a_shape_that_was_altered_is_noticed(tmp_path):
    saving.save(tmp_path / "m", {"W": np.zeros((2, 3))})
    content = (tmp_path / "m").read_bytes()
    assert content.count(b"[2,3]") == 1
    (tmp_path / "m").write_bytes(content.replace(b"[2,3]", b"[3,2]"))
    with pytest.raises(saving.SavedFileError, match="altered since it was saved"):
        saving.load(tmp_path / "m")


def test_a_file_of_others_is_refused(tmp_path):
    safetensors.numpy.save_file({"w": np.zeros(2)}, tmp_path / "w")
    with pytest.raises(saving.SavedFileError, match=r"w: a safetensors file, but not one that this project saved$"):
        saving.load(tmp_path / "w")
    with pytest.raises(saving.SavedFileError, match=r"none: no such file$"):
        saving.load(tmp_path / "none")
    with pytest.raises(saving.SavedFileError, match="cannot be read"):
        saving.load(tmp_path)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step):
    path = tmp_path / "metrics.json"
    saving.write_file(path, json.dumps({"old": True}))

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving.os, step, fail)
    with pytest.raises(OSError, match="No space left"):
        saving.write_file(path, "half of the n")
    assert json.loads(path.read_text()) == {"old": True}
    assert os.listdir(tmp_path) == ["metrics.json"]


def test_a_failed_write_names_the_file_that_was_asked_for(tmp_path):
    for path, reason in ((tmp_path / "none" / "m", "No such file"), (tmp_path, "a folder"), (Path(""), "a folder")):
        with pytest.raises(OSError, match=reason) as caught:
            saving.write_file(path, b"new")
        assert caught.value.filename == str(path)


def test_what_is_no_file_is_not_replaced(tmp_path):
    """As the superuser one could otherwise replace /dev/null by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="not a plain file"):
        saving.write_file(pipe, b"new")
    assert pipe.is_fifo()


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    saving.write_file(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"
    (tmp_path / "loop").symlink_to("loop")
    saving.write_file(tmp_path / "loop", "new")
    assert (tmp_path / "loop").read_text() == "new"


def test_two_processes_that_write_the_same_file_do_not_meet(tmp_path):
    """Each of them writes whole files only, and neither takes the other's half away."""
    path = tmp_path / "m"
    code = f"from nn import saving\nfor i in range(200): saving.write_file({str(path)!r}, bytes([65 + i % 26]) * 9999)"
    writers = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(2)]
    while any(writer.poll() is None for writer in writers):
        if path.exists():
            content = path.read_bytes()
            assert content == content[:1] * 9999
    assert [writer.communicate()[1] for writer in writers] == [b"", b""]
    assert os.listdir(tmp_path) == ["m"]


def test_bytes_in_another_order_are_saved_as_numbers(tmp_path):
    saving.save(tmp_path / "m", {"a": np.arange(3, dtype=">f8")}, {})
    assert saving.load(tmp_path / "m")[0]["a"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("array", [np.ones(2, complex), np.ones(2, "g"), np.array(["x"]), np.array([object()])])
def test_what_the_format_does_not_hold_is_refused(tmp_path, array):
    with pytest.raises(TypeError, match=r"'a' is of .*: booleans, integers and floats of up to 64 bits can be saved"):
        saving.save(tmp_path / "m", {"a": array}, {})
    assert os.listdir(tmp_path) == []


def test_a_model_is_saved_by_its_state(tmp_path):
    model = nn.Linear(3, 2, rng=0)
    saving.save(tmp_path / "m", model.state_dict())
    arrays, metadata = saving.load(tmp_path / "m")
    other = nn.Linear(3, 2, rng=1)
    other.load_state_dict(arrays)
    np.testing.assert_array_equal(other.weight.data, model.weight.data)
    assert metadata == {}
    with pytest.raises(TypeError, match=r"a dict of arrays by name, such as model\.state_dict\(\), not a Linear"):
        saving.save(tmp_path / "other", model)
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


@pytest.mark.parametrize("name", ["__metadata__", 1])
def test_a_name_that_could_not_be_read_again_is_refused(tmp_path, name):
    with pytest.raises(TypeError, match=rf"^{name!r} is no name that the format can hold; take another text$"):
        saving.save(tmp_path / "m", {name: np.zeros(1)})
    assert list(tmp_path.iterdir()) == []
