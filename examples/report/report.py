"""What a training run came to, as two self-contained pages: report.html, and graph.html to see the network learn in."""

from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import annotate
from autograd.drawing.arrays import Arrays, number
from autograd.drawing.page import document
from autograd.errors import MissingPackageError
from autograd.pictures import draw
from examples.digits import network as net
from nn.data import confusion
from nn.saving import write_file

if TYPE_CHECKING:
    from examples.digits.train import Run

REPORT, GRAPH = "report.html", "graph.html"
MISTAKES = 24
TABLE = 100  # classes; the table of confusions has a cell for each pair of them
GRAPH_ROWS = 32  # the batch that graph.html shows
SCRIPTS = ("charts.js", "sketch.js", "report.js")


def write(out: Path, run: "Run") -> Path:
    """Write report.html and graph.html into the folder `out`, and return the path of the report.

    Without a package that lays out pictures there is no graph.html, and the report says what to install.

    Raises:
        OSError: the folder cannot be written to.
    """
    missing = ""
    try:
        write_file(out / GRAPH, graph(run))
    except MissingPackageError as error:
        missing = str(error)
    write_file(out / REPORT, page(run, missing))
    return out / REPORT


def some_rows(run: "Run") -> np.ndarray:
    """A few rows trained on; spread, since rows of one class often stand together."""
    return run.train[:: -(-len(run.train) // GRAPH_ROWS)]


def graph(run: "Run") -> str:
    """The page of the cost of the first rows, the engine's gradients held against those derived by hand."""
    chosen = some_rows(run)
    x, y = run.x[chosen], run.y[chosen]
    with annotate():
        cost = net.cost(run.network(x), y)
    by_hand = net.hand_gradients(net.parameters(run.network), x, y)
    title = f"Cost of {len(x)} rows, network {'-'.join(map(str, run.metrics['layers']))}"
    return draw(cost, names={"X": x, "y": y, "J": cost}, title=title, check=by_hand).html


def page(run: "Run", missing: str = "") -> str:
    """The report as HTML text; `missing` says why there is no graph.html."""
    folder, drawn = files(__package__), files("autograd.drawing")
    data = report_data(run, missing)
    scripts = [drawn / "arrays.js", *(folder / name for name in SCRIPTS)]
    return document(
        (folder / "report.html").read_text("utf-8"),
        TITLE=escape(data["title"]),
        STYLE=(drawn / "page.css").read_text("utf-8") + (folder / "report.css").read_text("utf-8"),
        SCRIPT="".join(script.read_text("utf-8") for script in scripts),
        DATA=data,
    )


def report_data(run: "Run", missing: str) -> dict[str, Any]:
    """What the report shows, as plain lists and dictionaries."""
    arrays = Arrays(40)
    judged = run.test if len(run.test) else run.train
    names = class_names(run.classes)
    truth = run.y[judged].argmax(axis=1)
    outputs = net.outputs(run.network, run.x[judged])
    guess = outputs.argmax(axis=1)
    wrong = np.flatnonzero(guess != truth)
    wrong = wrong[np.argsort(-outputs[wrong].max(axis=1), kind="stable")][:MISTAKES]
    images = run.x[judged][wrong]
    metrics = run.metrics
    return {
        "title": f"Network {'-'.join(map(str, metrics['layers']))} on {Path(metrics['dataset']['path']).name}",
        "classes": names,
        "layers": _layers(net.parameters(run.network), arrays),
        "before": arrays.add(np.ascontiguousarray(run.before["theta1"])),
        "history": [{k: None if v is None else number(v) for k, v in entry.items()} for entry in metrics["history"]],
        "accuracy": {key: metrics[f"{key}_accuracy"] for key in ("train", "test")},
        "rows": {"train": len(run.train), "test": len(run.test)},
        "epochs": metrics["epochs"],
        "optimizer": metrics["optimizer"],
        "seconds": number(metrics["seconds"]["train"]),
        "check": {name: number(value) for name, value in metrics["gradient_check"].items()},
        "derivation": derivation(run),
        "judged": "test" if len(run.test) else "training",
        "confusion": confusion(truth, guess, np.arange(len(names))).tolist() if len(names) <= TABLE else None,
        "mistakes": {
            "images": arrays.add(images) if len(wrong) else None,
            "rows": (judged[wrong] + 1).tolist(),
            "truth": truth[wrong].tolist(),
            "guess": guess[wrong].tolist(),
            "sure": [number(v) for v in outputs[wrong].max(axis=1)],
        },
        "shape": drawn_like(run.x[run.train]),
        "graph": GRAPH,
        "missing": missing,
        "arrays": arrays.entries,
    }


def derivation(run: "Run") -> str:
    """The gradients as formulas in MathML, proved on the numbers of the first rows; nothing without SymPy."""
    chosen = some_rows(run)
    try:
        made = net.derivation(run.network, run.x[chosen], run.y[chosen])
    except MissingPackageError:
        return ""
    made.check()
    return made.mathml


def _layers(parameters: dict[str, np.ndarray], arrays: Arrays) -> list[dict[str, Any]]:
    depth = len(parameters) // 2
    return [
        {"theta": arrays.add(parameters[f"theta{i}"], whole=True), "b": arrays.add(parameters[f"b{i}"], whole=True)}
        for i in range(1, depth + 1)
    ]


def class_names(classes: np.ndarray) -> list[str]:
    """What the outputs are called; the article's labels, the tens first, mean the digits 0 to 9.

    >>> class_names(np.array([10, 1, 2, 3, 4, 5, 6, 7, 8, 9]))[:2]
    ['0', '1']
    """
    article = classes.tolist() == [10, *range(1, 10)]
    return [str(c % 10 if article else c) for c in classes.tolist()]


def drawn_like(x: np.ndarray) -> dict[str, Any] | None:
    """How the images of a data set are drawn, so that a drawn digit can be brought to the same form.

    Args:
        x: rows of square grey images, 0..1.

    Returns:
        side: pixels a side; long: mean longer side of the box around the ink; centre: what is centred ("mass" or
        "box"), and x, y where; width: of the strokes, from area and contour: 2 area / perimeter; dark: whether it is
        dark ink on light paper. None where the rows are no square images.
    """
    side = int(np.sqrt(x.shape[1]))
    if side * side != x.shape[1] or side < 6:
        return None
    images = x[:2000].reshape(-1, side, side)
    dark = bool(images[:, [0, -1]].mean() + images[:, :, [0, -1]].mean() > 1)  # of the four edges, which are paper
    images = 1 - images if dark else images
    images = images[images.max(axis=(1, 2)) > 0.2]
    if not len(images):
        return None
    rows, columns = (images > 0.2).any(axis=2), (images > 0.2).any(axis=1)
    first = rows.argmax(axis=1), columns.argmax(axis=1)
    last = side - rows[:, ::-1].argmax(axis=1), side - columns[:, ::-1].argmax(axis=1)
    ink = images.sum(axis=(1, 2))
    middle = np.arange(side) + 0.5
    mass = images.sum(axis=2) @ middle / ink, images.sum(axis=1) @ middle / ink
    box = (first[0] + last[0]) / 2, (first[1] + last[1]) / 2
    by_mass = mass[0].std() + mass[1].std() <= box[0].std() + box[1].std()
    y, x_ = mass if by_mass else box
    steps = np.abs(np.diff(np.pad(images, ((0, 0), (1, 1), (1, 1))), axis=1)).sum(axis=(1, 2))
    steps = steps + np.abs(np.diff(np.pad(images, ((0, 0), (1, 1), (1, 1))), axis=2)).sum(axis=(1, 2))
    contour = steps * np.pi / 4  # a contour of unit length in all directions takes 4 / pi steps along the axes
    return {
        "side": side,
        "dark": dark,
        "long": number(np.maximum(last[0] - first[0], last[1] - first[1]).mean()),
        "centre": "mass" if by_mass else "box",
        "x": number(x_.mean()),
        "y": number(y.mean()),
        "width": number((2 * ink / contour).mean()),
    }
