"""The commands `train` and `predict`: their options, and how they end."""

import argparse
import math
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from nn.data import DataError
from nn.saving import SavedFileError
from nn.training import NonFiniteCost

from .settings import LEARNING_RATES, Settings, UsageError

OUT = Path("runs/digits")


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with exit code 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def number(kind: Callable[[str], Any], wanted: str, allowed: Callable[[Any], bool]) -> Callable[[str], Any]:
    """A converter of option values that says what would have been right."""

    def convert(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and allowed(value)):
            raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
        return value

    return convert


count = number(int, "a whole number of at least 1", lambda n: n >= 1)


def make_parser() -> Parser:
    """All options. Those of a training run have no defaults here: Settings has them, or a checkpoint."""
    usual = Settings()
    parser = Parser(prog="digits", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)

    train = commands.add_parser("train", help="train the network and write model, metrics, checkpoint and report")
    train.add_argument("--data", metavar="FILE", help="workbook, .csv or .npz (default: scikit-learn's 1797 digits)")
    train.add_argument("--x-sheet", metavar="NAME", help=f"sheet with one example a row ({usual.x_sheet})")
    train.add_argument("--y-sheet", metavar="NAME", help=f"sheet with their labels ({usual.y_sheet})")
    train.add_argument("--hidden", type=count, nargs="+", metavar="N", help=f"units a hidden layer ({usual.hidden[0]})")
    train.add_argument("--epochs", type=count, metavar="N", help=f"passes over the training rows ({usual.epochs})")
    train.add_argument("--batch-size", type=count, metavar="N", help=f"rows a step ({usual.batch_size})")
    rate = number(float, "a finite number above 0", lambda x: x > 0)
    rates = ", ".join(f"{name} {value:g}" for name, value in LEARNING_RATES.items())
    train.add_argument("--learning-rate", type=rate, metavar="X", help=f"highest rate, from which it falls ({rates})")
    train.add_argument("--optimizer", choices=list(LEARNING_RATES), help=f"({usual.optimizer})")
    decay = number(float, "a finite number of at least 0", lambda x: x >= 0)
    train.add_argument("--weight-decay", type=decay, metavar="X", help=f"L2 penalty ({usual.weight_decay:g})")
    fraction = number(float, "a number from 0 up to, but not, 1", lambda x: 0 <= x < 1)
    train.add_argument("--test-fraction", type=fraction, metavar="X", help=f"part held out ({usual.test_fraction:g})")
    seed = number(int, "a whole number of at least 0", lambda n: n >= 0)
    train.add_argument("--seed", type=seed, metavar="N", help=f"of split, weights and order ({usual.seed})")
    train.add_argument("--dtype", choices=["float32", "float64"], help=f"of parameters and arithmetic ({usual.dtype})")
    train.add_argument("--eager", action="store_true", default=None, help="do not compile the training step")
    train.add_argument("--out", type=Path, default=OUT, metavar="DIR", help=f"folder for what is written ({OUT})")
    train.add_argument("--resume", action="store_true", help="continue from the checkpoint in --out")
    train.add_argument("--no-report", action="store_true", help="do not write report.html and graph.html")

    predict = commands.add_parser("predict", help="classify rows with a trained model")
    predict.add_argument("--model", type=Path, default=OUT / "model.safetensors", metavar="FILE")
    predict.add_argument("--data", metavar="FILE", help="as for train; labels may be missing")
    predict.add_argument("--x-sheet", default="X", metavar="NAME")
    predict.add_argument("--y-sheet", default="y", metavar="NAME")
    predict.add_argument("--out", type=Path, metavar="FILE", help="(predictions.csv beside the model)")
    return parser


class Terminated(BaseException):
    """SIGTERM, as an exception: open files are tidied up on the way out."""


def _terminate(*_: object) -> NoReturn:
    raise Terminated


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    options = vars(make_parser().parse_args(arguments))
    command = options.pop("command")
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        if command == "train":
            from .train import train

            flags = {name: options.pop(name) for name in ("out", "resume", "no_report")}
            train(Settings.given(options), **flags)
        else:
            from .predict import predict

            predict(**options)
    except (UsageError, DataError, SavedFileError, NonFiniteCost) as error:
        return _fail(error)
    except ImportError as error:
        return _fail(f"{error}; or install everything with: pip install 'onegraph[digits]'")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        return _fail(f"{error.filename or options.get('out')}: {error.strerror or error}")
    except MemoryError:
        return _fail("not enough memory for these rows and layers")
    except KeyboardInterrupt:
        return _stopped(command, 130)
    except Terminated:
        return _stopped(command, 143)
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


def _fail(error: object) -> int:
    print(f"digits: {' '.join(str(error).split())}", file=sys.stderr)
    return 2


def _stopped(command: str, code: int) -> int:
    hint = "; the last finished epoch is kept, continue with --resume" if command == "train" else ""
    print(f"digits: stopped{hint}", file=sys.stderr)
    return code
