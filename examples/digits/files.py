"""What a run leaves in its folder: the model, the checkpoint, the metrics."""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from examples.command import UsageError
from nn import Sequential, saving

from . import network as net
from .dataset import Scale
from .settings import Settings

CHECKPOINT, MODEL, METRICS = "checkpoint.safetensors", "model.safetensors", "metrics.json"


def refuse_unwritable(folder: Path) -> None:
    """Find out before the work whether `folder` can be made and written to; nothing is made yet."""
    for place in (folder, *folder.absolute().parents):
        if place.exists():
            if not place.is_dir():
                raise UsageError(f"--out {folder}: {place} is not a folder")
            if not os.access(place, os.W_OK | os.X_OK):
                raise UsageError(f"--out {folder}: {place} cannot be written to")
            return


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Make the folder, and keep other runs out of it until the end, however that comes.

    Raises:
        UsageError: another run is at work there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as held:
        try:
            import fcntl

            handle = os.open(folder, os.O_RDONLY)
            held.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"--out {folder}: another run is writing there; wait, or name another folder") from None
        except (ImportError, OSError):
            pass  # neither Windows nor every network drive has such locks
        yield


def save_model(path: Path, network: Sequential, labels: np.ndarray, scale: Scale) -> None:
    """Write the weights and all that is needed to use them."""
    arrays = net.parameters(network)
    thetas = [array for name, array in arrays.items() if name.startswith("theta")]
    about = {
        "kind": "digits",
        "layers": [len(thetas[0]), *(theta.shape[1] for theta in thetas)],
        "labels": labels.tolist(),
        "dtype": str(thetas[0].dtype),
        "scale": asdict(scale),
    }
    saving.save(path, arrays, about)


def load_model(path: Path) -> tuple[Sequential, np.ndarray, Scale]:
    """Read what `save_model` wrote: the network, the label of each output, the scale of the inputs."""
    if not path.exists():
        train = "train one first (python -m examples.digits train)"
        raise UsageError(f"{path}: no such model; {train}, or name another with --model")
    if path.is_dir():
        raise UsageError(f"{path}: a folder, not a model; try --model {path / MODEL}")
    arrays, about = saving.load(path)
    if kind_of(about) != "digits":
        raise saving.SavedFileError(f"{path}: not a trained model ({kind_of(about) or 'something else'})")
    try:
        network = net.build(about["layers"], dtype=about["dtype"])
        net.set_parameters(network, arrays)
        labels = np.array(about["labels"])
        scale = Scale(**{name: float(value) for name, value in about["scale"].items()})
        if labels.dtype.kind != "i" or np.unique(labels).shape != (about["layers"][-1],) or not scale.width > 0:
            raise ValueError("its labels or its scale")
        return network, labels, scale
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise saving.SavedFileError(f"{path}: a model of another version, train it anew ({error})") from None


def kind_of(about: Any) -> str:
    """What a saved file says it is."""
    return str(about.get("kind", "")) if isinstance(about, dict) else ""


def save_checkpoint(path: Path, network: Sequential, optimizer_state: dict[str, Any], about: dict[str, Any]) -> None:
    """Write all that the next epoch starts from, in one file."""
    arrays = {f"network.{name}": array for name, array in net.parameters(network).items()}
    arrays |= {f"optimizer.{name}": np.asarray(value) for name, value in optimizer_state.items()}
    saving.save(path, arrays, {"kind": "digits checkpoint", **about})


def load_checkpoint(path: Path) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, Any]]:
    """Read what `save_checkpoint` wrote: parameters, optimiser state, and what was said about them."""
    if not path.exists():
        raise UsageError(f"--resume: there is no {path}; start without --resume")
    arrays, about = saving.load(path)
    if kind_of(about) != "digits checkpoint":
        raise saving.SavedFileError(f"{path}: not a checkpoint of a training run")
    if (
        not {"fingerprint", "history"} <= about.keys()
        or about.get("settings", {}).keys() != Settings().as_dict().keys()
    ):
        raise saving.SavedFileError(f"{path}: a checkpoint of another version; start without --resume")
    network, optimizer = (
        {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        for prefix in ("network.", "optimizer.")
    )
    return network, optimizer, about


def save_metrics(path: Path, metrics: dict[str, Any]) -> None:
    """Write metrics.json."""
    saving.write_file(path, json.dumps(metrics, indent=2) + "\n")
