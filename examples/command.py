"""What the commands of this folder share: options that are checked, and an end in one line and an exit code."""

import _thread
import argparse
import io
import math
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn

from nn.data import DataError
from nn.saving import SavedFileError
from nn.training import NonFiniteCost


class UsageError(ValueError):
    """An option that makes no sense, alone or here."""


class Terminated(KeyboardInterrupt):
    """SIGTERM, as an exception: open files are tidied up on the way out."""


class Parser(argparse.ArgumentParser):
    """Parses the options of `python -m examples.NAME`; its errors are one line."""

    def __init__(self, prog: str, description: str | None = None, epilog: str | None = None) -> None:
        super().__init__(prog=prog, description=description, epilog=epilog, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with exit code 2."""
        name = self.prog.split()[2].removeprefix("examples.")
        self.exit(2, f"{name}: {message} (see {self.prog} --help)\n")


def number(kind: Callable[[str], Any], wanted: str, allowed: Callable[[Any], bool]) -> Callable[[str], Any]:
    """A converter of option values that says what would have been right."""

    def convert(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not (abs(value) < math.inf and allowed(value)):
            raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
        return value

    return convert


count = number(int, "a whole number from 1 to a billion", lambda n: 1 <= n <= 10**9)


def named(kind: Callable[[str], Any]) -> Callable[[str], Any]:
    """A converter of option values that name a file or folder; an empty one, as of an unset variable, names none.

    A shell leaves the ~ of `--out=~/run` alone, which would make a folder of that name.
    """

    def convert(text: str) -> Any:
        if not text:
            raise argparse.ArgumentTypeError("'' is not a name")
        return kind(os.path.expanduser(text))

    return convert


def run(name: str, work: Callable[[], None]) -> int:
    """Do the work of the command `name`; returns the exit code."""
    before, hook = signal.signal(signal.SIGTERM, _terminate), sys.unraisablehook
    sys.unraisablehook = _send_again
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # formulas, and names that are no text
    try:
        work()
        if sys.stdout is not None:
            sys.stdout.flush()
    except (UsageError, DataError, SavedFileError, NonFiniteCost) as error:
        return _fail(name, str(error))
    except ImportError as error:
        return _fail(name, f"{error}; or, in the project's folder, everything: pip install -e '.[digits]'")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        return _fail(name, f"{error.filename or 'the output'}: {error.strerror or error}")
    except MemoryError:
        return _fail(name, "not enough memory for so many rows and units")
    except KeyboardInterrupt as stop:
        print(f"{name}: stopped{stop}", file=sys.stderr)
        return 143 if isinstance(stop, Terminated) else 130
    finally:
        signal.signal(signal.SIGTERM, before)
        sys.unraisablehook = hook
    return 0


def _terminate(*_: object) -> NoReturn:
    raise Terminated


def _send_again(fault: Any) -> None:
    """Python swallows a signal that happens to fall into a destructor: it comes again a moment later."""
    if issubclass(fault.exc_type, KeyboardInterrupt):
        number = signal.SIGTERM if issubclass(fault.exc_type, Terminated) else signal.SIGINT
        threading.Timer(0.01, _thread.interrupt_main, (number,)).start()
    else:
        sys.__unraisablehook__(fault)


def _fail(name: str, message: str) -> int:
    print(f"{name}: {' '.join(message.split())}", file=sys.stderr)
    return 2
