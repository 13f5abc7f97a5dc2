"""The commands `train` and `predict`, and their options."""

from collections.abc import Sequence
from pathlib import Path

from examples.command import Parser, count, named, number, run

from .settings import LEARNING_RATES, Settings

PROGRAM = "python -m examples.digits"
OUT = Path("runs/digits")
MODEL = OUT / "model.safetensors"
LAYOUT = (
    "Data: one example a row, and labels that are whole numbers. A workbook has a sheet of examples and a sheet of "
    "labels, a .csv file the label in the last column, an .npz file two arrays. None has a header row. All columns are "
    "on one scale, as pixels are."
)


def make_parser() -> Parser:
    """All options. Those of a training run have no defaults here: Settings has them, or a checkpoint."""
    usual = Settings()
    parser = Parser(PROGRAM, "Train the tutorial's network on labelled rows, or classify rows with it.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)

    train = commands.add_parser(
        "train",
        help="train the network; write model, metrics, checkpoint and report",
        description="Train the network, and write its model, metrics, a checkpoint and a report into a folder.",
        epilog=LAYOUT,
    )
    help_data = "workbook, .csv or .npz (default: scikit-learn's 1797 digits)"
    train.add_argument("--data", type=named(str), metavar="FILE", help=help_data)
    train.add_argument("--x-sheet", metavar="NAME", help=f"sheet or array with one example a row ({usual.x_sheet})")
    train.add_argument("--y-sheet", metavar="NAME", help=f"sheet or array with their labels ({usual.y_sheet})")
    help_hidden = f"units of each hidden layer ({usual.hidden[0]})"
    train.add_argument("--hidden", type=count, nargs="+", metavar="N", help=help_hidden)
    train.add_argument("--epochs", type=count, metavar="N", help=f"passes over the training rows ({usual.epochs})")
    train.add_argument("--batch-size", type=count, metavar="N", help=f"rows in a step ({usual.batch_size})")
    rate = number(float, "a finite number above 0", lambda x: x > 0)
    rates = ", ".join(f"{name} {value:g}" for name, value in LEARNING_RATES.items())
    train.add_argument("--learning-rate", type=rate, metavar="X", help=f"highest rate, from which it falls ({rates})")
    names = list(LEARNING_RATES)
    train.add_argument("--optimizer", choices=names, help=f"rule by which the weights move ({usual.optimizer})")
    decay = number(float, "a finite number of at least 0", lambda x: x >= 0)
    train.add_argument("--weight-decay", type=decay, metavar="X", help=f"L2 penalty ({usual.weight_decay:g})")
    fraction = number(float, "a number of at least 0 and below 1", lambda x: 0 <= x < 1)
    help_fraction = f"part of each class that is held out to test on ({usual.test_fraction:g})"
    train.add_argument("--test-fraction", type=fraction, metavar="X", help=help_fraction)
    seed = number(int, "a whole number of at least 0", lambda n: n >= 0)
    train.add_argument("--seed", type=seed, metavar="N", help=f"of split, first weights and order ({usual.seed})")
    train.add_argument("--dtype", choices=["float32", "float64"], help=f"of weights and arithmetic ({usual.dtype})")
    train.add_argument("--eager", action="store_true", default=None, help="do not compile the training step")
    help_out = f"folder for what is written ({OUT})"
    train.add_argument("--out", type=named(Path), default=OUT, metavar="DIR", help=help_out)
    train.add_argument("--resume", action="store_true", help="continue from the checkpoint in --out")
    train.add_argument("--no-report", action="store_true", help="do not write report.html and graph.html")

    text = "Classify rows with a trained model, and say how many are right where the rows have labels."
    predict = commands.add_parser("predict", help="classify rows with a trained model", description=text, epilog=LAYOUT)
    help_model = f"what train wrote ({MODEL})"
    predict.add_argument("--model", type=named(Path), default=MODEL, metavar="FILE", help=help_model)
    help_data = "rows as for train (default too); labels may be missing"
    predict.add_argument("--data", type=named(str), metavar="FILE", help=help_data)
    predict.add_argument("--x-sheet", default=usual.x_sheet, metavar="NAME", help=f"as for train ({usual.x_sheet})")
    predict.add_argument("--y-sheet", metavar="NAME", help=f"as for train ({usual.y_sheet}, if it is there)")
    help_out = "CSV file to write (predictions.csv beside the model)"
    predict.add_argument("--out", type=named(Path), metavar="FILE", help=help_out)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    parser = make_parser()
    parsed, strange = parser.parse_known_args(arguments)
    if strange:
        hint = "" if strange[0].startswith("-") else "; a file of rows is named with --data FILE"
        parser.error(f"unrecognized arguments: {' '.join(strange)}{hint}")
    options = vars(parsed)

    def work() -> None:
        if options.pop("command") == "train":
            from .train import train

            flags = {name: options.pop(name) for name in ("out", "resume", "no_report")}
            train(Settings.given(options), **flags)
        else:
            from .predict import predict

            predict(**options)

    return run("digits", work)
