"""`train`: read, split, check the gradients, train, and write what came of it."""

import math
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

import nn
from examples.command import UsageError
from nn import data as rows
from nn.saving import SavedFileError

from . import files
from . import network as net
from .dataset import Dataset, Scale
from .progress import progress
from .settings import Settings


@dataclass
class Run:
    """A training run: what it works on, what came of it, and what a report shows.

    Attributes:
        x, y: inputs (scaled) and one-hot targets of all rows.
        classes: the label of each output.
        train, test: the numbers of the rows trained and tested on.
        before: the parameters before training.
        metrics: the content of metrics.json.
    """

    settings: Settings
    dataset: Dataset
    scale: Scale
    x: np.ndarray
    y: np.ndarray
    classes: np.ndarray
    train: np.ndarray
    test: np.ndarray
    network: nn.Sequential
    before: dict[str, np.ndarray]
    metrics: dict[str, Any]


def train(given: dict[str, Any], out: Path, resume: bool, no_report: bool) -> None:
    """Run the command; `given` holds the settings that were given.

    Raises:
        KeyboardInterrupt, OSError: it was stopped, or could not write a file; the text says what is kept.
    """
    started = perf_counter()
    files.refuse_unwritable(out)
    saved = files.load_checkpoint(out / files.CHECKPOINT) if resume else None
    settings = Settings.resumed(saved[2]["settings"], given) if saved else Settings.make(given)
    run = prepare(settings)
    seconds = run.metrics["seconds"]
    if saved and saved[2]["fingerprint"] != run.dataset.fingerprint():
        raise UsageError(f"--resume: {run.dataset.path} is not the data that the checkpoint was trained on")
    announce(run)
    with files.alone_in(out):
        try:
            fit(run, out / files.CHECKPOINT, saved)
            last = run.metrics["history"][-1]
            seconds["train"] = sum(entry["seconds"] for entry in run.metrics["history"])
            run.metrics |= {name: last[name] for name in ("train_accuracy", "test_accuracy")}
            files.save_model(out / files.MODEL, run.network, run.classes, run.scale)
            seconds["total"] = perf_counter() - started
            files.save_metrics(out / files.METRICS, run.metrics)
            page = None if no_report else write_report(out, run)
        except (KeyboardInterrupt, OSError) as stop:
            kept = "; the last finished epoch is kept, continue with --resume" if run.metrics["history"] else ""
            if isinstance(stop, OSError):
                raise OSError(stop.errno, f"{stop.strerror or stop}{kept}", stop.filename) from None
            raise type(stop)(kept) from None
    held_out = f", {last['test_accuracy']:.4f} on the {len(run.test)} held out" if len(run.test) else ""
    print(f"accuracy {last['train_accuracy']:.4f} on the {len(run.train)} rows trained on{held_out}")
    print(f"{perf_counter() - started:.1f} s in all; {f'open {page}' if page else f'see {out}/'}")


def prepare(settings: Settings) -> Run:
    """Read and split the rows, build the network, and hold its gradients against the hand-derived ones."""
    started = perf_counter()
    dataset = Dataset.read(settings.data, settings.x_sheet, settings.y_sheet)
    load_seconds = perf_counter() - started
    labels = dataset.labels
    assert labels is not None
    with dataset.blamed():
        classes = rows.classes_in(labels)
        train_rows, test_rows = rows.split(labels, settings.test_fraction, settings.seed)
        scale = Scale.of(dataset.x[train_rows])
        x = scale(dataset.x, settings.dtype)
    y = rows.one_hot(labels, classes, settings.dtype)
    layers = [x.shape[1], *settings.hidden, len(classes)]
    network = net.build(layers, settings.seed, settings.dtype)
    metrics = {
        "dataset": {"path": dataset.path, "rows": len(x), "features": x.shape[1], "classes": len(classes)},
        "layers": layers,
        "epochs": settings.epochs,
        "seed": settings.seed,
        "optimizer": settings.optimizer,
        "settings": settings.as_dict(),
        "labels": classes.tolist(),
        "history": [],
        "train_accuracy": None,
        "test_accuracy": None,
        "gradient_check": net.check_gradients(network, x[train_rows], y[train_rows]),
        "seconds": {"load": load_seconds, "train": 0.0, "total": 0.0},
    }
    before = {name: array.copy() for name, array in net.parameters(network).items()}
    return Run(settings, dataset, scale, x, y, classes, train_rows, test_rows, network, before, metrics)


def announce(run: Run) -> None:
    """Say what will be trained on what, and how well the gradients agree."""
    run.dataset.note(run.dataset.counting() or run.scale.uneven(run.dataset.x[run.train]))
    about, check = run.metrics["dataset"], run.metrics["gradient_check"]
    print(
        f"{about['path']}: {about['rows']} rows of {about['features']} values, {about['classes']} classes, "
        f"read in {run.metrics['seconds']['load']:.2f} s"
    )
    labels = ", ".join(map(str, run.metrics["labels"][:10])) + (" ..." if len(run.classes) > 10 else "")
    layers = "-".join(map(str, run.metrics["layers"]))
    print(f"network {layers}, {run.settings.dtype}, {run.settings.optimizer}; labels {labels}")
    print("gradients against the hand-derived delta formulas, largest relative difference:")
    print(f"  {', '.join(f'{name} {value:.0e}' for name, value in check.items())}", flush=True)


def make_optimizer(settings: Settings, network: nn.Sequential) -> nn.Optimizer:
    """The optimiser that the settings name."""
    rate, decay = settings.learning_rate, settings.weight_decay
    if settings.optimizer == "sgd":
        return nn.SGD(network.parameters(), rate, momentum=0.9, weight_decay=decay)
    kind = nn.Adam if settings.optimizer == "adam" else nn.AdamW
    return kind(network.parameters(), rate, betas=(0.9, 0.99), weight_decay=decay)


def fit(run: Run, checkpoint: Path, saved: Any) -> None:
    """Train from the beginning or from what was saved; after each epoch, add to the history and save a checkpoint."""
    settings, history = run.settings, run.metrics["history"]
    optimizer = make_optimizer(settings, run.network)
    about = {"settings": settings.as_dict(), "fingerprint": run.dataset.fingerprint(), "history": history}
    if saved:
        try:
            net.set_parameters(run.network, saved[0])
            optimizer.load_state_dict(saved[1])
        except (KeyError, ValueError) as error:
            raise SavedFileError(f"{checkpoint}: it does not fit its own settings ({error})") from None
        history += saved[2]["history"]
        print(f"continuing after epoch {len(history)}")
    else:
        files.save_checkpoint(checkpoint, run.network, optimizer.state_dict(), about)

    x, y = run.x[run.train], run.y[run.train]
    schedule = nn.warm_then_linear(settings.epochs * -(-len(x) // settings.batch_size))
    step = None if settings.eager else nn.compile_step(run.network, net.cost, optimizer)
    first = len(history) + 1
    trainer = nn.Trainer(run.network, net.cost, optimizer, step, schedule)
    clock = [perf_counter()]

    def after_epoch(trainer: nn.Trainer, epoch: int) -> None:
        entry = {"epoch": epoch, **evaluate(run), "seconds": perf_counter() - clock[-1]}
        clock.append(perf_counter())
        if not math.isfinite(entry["cost"]):
            raise nn.NonFiniteCost(epoch, "over all training rows, after the last batch")
        history.append(entry)
        files.save_checkpoint(checkpoint, run.network, optimizer.state_dict(), about)
        left = (clock[-1] - clock[0]) / (epoch - first + 1) * (settings.epochs - epoch)
        display.update(entry, left)

    trainer.callbacks.append(after_epoch)
    with progress(settings.epochs, len(history)) as display:
        trainer.fit(x, y, settings.epochs, settings.batch_size, settings.seed, first)


def evaluate(run: Run) -> dict[str, Any]:
    """Cost on the rows trained on, and accuracy (the largest output is the true class) on both sides."""
    x, y = run.x[run.train], run.y[run.train]
    with np.errstate(all="ignore"):
        a = run.network(x)  # recorded: the engine then takes a saturated unit's logarithm from its argument
        cost = float(net.cost(a, y).data)
    held_out = net.outputs(run.network, run.x[run.test])
    return {
        "cost": cost,
        "train_accuracy": rows.accuracy(a.data, y),
        "test_accuracy": rows.accuracy(held_out, run.y[run.test]) if len(run.test) else None,
    }


def write_report(out: Path, run: Run) -> Path:
    """Write report.html and graph.html; the path of the first. What draws them is loaded only now."""
    from examples.report import write

    return write(out, run)
