"""What a planned function makes once and keeps: buffers, views of them, functions by short names."""

import re

from ..program import Line
from .text import literal


class Store:
    """The setup of a planned function, and which line holds which buffer while the body is written.

    Attributes:
        setup: the statements that make everything.
        names: line -> its own name.
        borrowed: names of inputs that results are written into, which are no free buffers.
        kinds: buffer -> its shape and dtype.
        views: expression -> the name it was given.
        buffer: line -> the buffer that holds its value now.
    """

    def __init__(self, names: dict[Line, str], borrowed: set[str]) -> None:
        self.setup: list[str] = []
        self.names = names
        self.borrowed = borrowed
        self.kinds: dict[str, tuple[tuple[int, ...], str]] = {}
        self.views: dict[str, str] = {}
        self.buffer: dict[Line, str] = {}
        self._free: dict[tuple[tuple[int, ...], str], list[str]] = {}
        self._held: dict[str, list[Line]] = {}  # buffer -> the lines it holds, one after the other

    def once(self, name: str, expression: str, own: bool = False) -> str:
        """The name of what an expression makes once; `own` where the wished name is that of the line itself."""
        if expression not in self.views:
            while name in self.views.values() or (name in self.names.values() and not own):
                name += "_"
            self.views[expression] = name
            self.setup.append(f"{name} = {expression}")
        return self.views[expression]

    def function(self, name: str, path: str) -> str:
        """The name of a function, which is looked up once."""
        if path not in self.views:
            while name in self.views.values() or name in self.names.values():
                name += "_"
            self.views[path] = name
            self.setup.insert(0, f"{name} = {path}")
        return self.views[path]

    def make(self, line: Line, way: str = "empty") -> str:
        """A buffer by the name of a line and of its shape and dtype; the same one if it is there."""
        name = self.names[line]
        if name not in self.kinds:
            self.kinds[name] = kind_of(line)
            self.setup.append(f"{name} = np.{way}({literal(line.shape).text}, np.{line.dtype.name})")
        return name

    def take(self, line: Line) -> str:
        """A free buffer for the value of a line, or a new one."""
        free = self._free.get(kind_of(line))
        return free.pop() if free else self.make(line)

    def hold(self, line: Line, name: str, owner: bool) -> None:
        """Note that a buffer has the value of a line; an `owner` is whom it is free after."""
        self._held.setdefault(name, []).append(line)
        if owner:
            for other in [other for other, held in self.buffer.items() if held == name]:
                del self.buffer[other]
            self.buffer[line] = name

    def release(self, line: Line) -> None:
        """Nobody reads the line any more: what held it is free."""
        name = self.buffer.pop(line, None)
        if name is not None and name not in self.borrowed:
            self._free.setdefault(self.kinds[name], []).append(name)

    def owns(self, name: str) -> bool:
        """Whether a name is that of a buffer, which is the same memory in each call."""
        return name in self.kinds and name not in self.borrowed

    def memory(self, text: str) -> str:
        """The buffer or input that a text is, or is a view of."""
        views = {name: expression for expression, name in self.views.items()}
        while text in views:
            text = re.match(r"\w+", views[text])[0]  # type: ignore[index]
        return text

    def better_names(self) -> dict[Line, str]:
        """Names with which buffers are called by the first name of the user's that they hold."""
        new: dict[Line, str] = {}
        for first, *later in self._held.values():
            named = next((line for line in (first, *later) if line.named), None)
            if named is not None and not first.named:
                new[first], new[named] = self.names[named], self.names[first]
        return new


def kind_of(line: Line) -> tuple[tuple[int, ...], str]:
    """What a buffer must have in common with a line to hold its value."""
    return line.shape, line.dtype.name
