"""How far the training is: a live line in a terminal, plain lines elsewhere."""

import os
import sys
from types import TracebackType
from typing import Any, Self


def show(entry: dict[str, Any], epochs: int, left: float, room: int = 80) -> str:
    """One epoch in words, as wide as the others; where there is little room, without the cost, and so on."""
    cost, test = entry["cost"], entry["test_accuracy"]
    parts = [
        f"epoch {entry['epoch']:>{len(str(epochs))}}/{epochs}",
        f"cost {cost:{'7.4f' if cost < 100 else '7.1e'}}",
        f"train {entry['train_accuracy']:.4f}",
        *([] if test is None else [f"test {test:.4f}"]),
        f"{left:3.0f} s left",
    ]
    while len("  ".join(parts)) > room and len(parts) > 1:
        del parts[1]
    return "  ".join(parts)


class Lines:
    """A line an epoch."""

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to tidy up."""

    def update(self, entry: dict[str, Any], left: float) -> None:
        """Show an epoch that is finished, and the seconds that are left."""
        print(show(entry, self.epochs, left), flush=True)


class Live(Lines):
    """A bar and one line that is written over."""

    def __init__(self, epochs: int, done: int) -> None:
        super().__init__(epochs)
        from rich.progress import BarColumn, Progress, TextColumn

        column = BarColumn(complete_style="green", finished_style="green")
        self.bar = Progress(column, TextColumn("{task.description}"))
        width = self.bar.console.width
        column.bar_width = min(20, width // 6)
        self.room = width - column.bar_width - 1
        self.task = self.bar.add_task("training", total=epochs, completed=done)

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last line standing."""
        self.bar.stop()

    def update(self, entry: dict[str, Any], left: float) -> None:
        """Show an epoch that is finished, and the seconds that are left."""
        text = show(entry, self.epochs, left, self.room)
        self.bar.update(self.task, completed=entry["epoch"], description=text)


def progress(epochs: int, done: int) -> Lines:
    """The display that suits the standard output."""
    if sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        try:
            return Live(epochs, done)
        except ImportError:
            pass
    return Lines(epochs)
