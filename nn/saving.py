"""Saving arrays: safetensors files with metadata and a digest, written aside and renamed, so never half-written."""

import contextlib
import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

HEADER = "onegraph"


class SavedFileError(ValueError):
    """A file that cannot be loaded: truncated, altered, or not ours."""


def write_file(path: str | Path, content: bytes | str) -> None:
    """Write a whole file or nothing: aside in the same folder, then renamed into place.

    Raises:
        OSError: the folder is missing, full or not writable, or `path` is a folder or a device. Its `filename` is
            `path`; an earlier file is left as it was.
    """
    place = Path(os.path.realpath(path))
    if place.exists() and not place.is_file():
        raise OSError(errno.EINVAL, "a folder, not a file" if place.is_dir() else "not a plain file", str(path))
    aside = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with open(aside, "wb") as file:
            file.write(content.encode(errors="replace") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, place)
    except BaseException as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


def save(path: str | Path, arrays: dict[str, np.ndarray], metadata: dict[str, Any] | None = None) -> None:
    """Write arrays and what is to be known about them.

    Args:
        path: of the file, which is replaced in one move.
        arrays: by name, as `state_dict()` of a model or an optimizer gives.
        metadata: whatever JSON can hold.

    Raises:
        ImportError: the safetensors package is not installed.
        TypeError: `arrays` are none, or one has a name or is of a kind that the format does not hold, such as complex
            numbers.
        OSError: the file cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(f"{folder}/model", {"bias": np.zeros(2)}, {"labels": [10, 1]})
    ...     load(f"{folder}/model")
    ({'bias': array([0., 0.])}, {'labels': [10, 1]})
    """
    numpy_format = _safetensors()
    if not isinstance(arrays, dict):
        kind = type(arrays).__name__
        raise TypeError(f"save takes a dict of arrays by name, such as model.state_dict(), not a {kind}")
    arrays = {name: _storable(name, np.asarray(array)) for name, array in arrays.items()}
    text = json.dumps({} if metadata is None else metadata)
    # One entry only: the library writes several in no fixed order, and equal content shall give equal bytes.
    header = {HEADER: json.dumps({"metadata": text, "sha256": _digest(arrays, text)})}
    write_file(path, numpy_format.save(arrays, header))


def load(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read what `save` wrote: arrays and metadata.

    Raises:
        SavedFileError: the file is missing, truncated, altered, or was not written by `save`.
    """
    numpy_format = _safetensors()
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise SavedFileError(f"{path}: no such file") from None
    except OSError as error:
        raise SavedFileError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        arrays = numpy_format.load(content)
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length]).get("__metadata__", {})
        ours = json.loads(header.get(HEADER, "null"))
        text, digest = ("", "") if ours is None else (ours["metadata"], ours["sha256"])
    except Exception as error:
        raise SavedFileError(f"{path}: not a safetensors file, or damaged ({error})") from None
    if ours is None:
        raise SavedFileError(f"{path}: a safetensors file, but not one that this project saved")
    if digest != _digest(arrays, text):
        raise SavedFileError(f"{path}: altered since it was saved (its digest does not match)")
    return arrays, json.loads(text)


def _storable(name: str, array: np.ndarray) -> np.ndarray:
    if not isinstance(name, str) or name == "__metadata__":
        raise TypeError(f"{name!r} is no name that the format can hold; take another text")
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise TypeError(f"{name!r} is of {array.dtype}: booleans, integers and floats of up to 64 bits can be saved")
    return np.asarray(array, dtype=array.dtype.newbyteorder("="), order="C")


def _digest(arrays: dict[str, np.ndarray], text: str) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError:
        raise ImportError("saving and loading models takes a package: pip install safetensors") from None
    return safetensors.numpy
