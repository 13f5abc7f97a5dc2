"""How long each line's memory is needed."""

from ..program import Line
from .traits import is_view, may_share


class Liveness:
    """Where the lines of a program stand, and where their memory is read last.

    Attributes:
        root: line -> the line whose memory it looks at.
        position: line -> its place in the order.
        final: root -> the place of the last line that reads its memory; one past the end for what outlives the call.
        end: one past the last place.
    """

    def __init__(self, lines: list[Line], outputs: list[Line], root: dict[Line, Line]) -> None:
        self.root = root
        self.position = {line: at for at, line in enumerate(lines)}
        self.end = len(lines)
        self.final: dict[Line, int] = {}
        for at, line in enumerate(lines):
            self.final[root[line]] = max(at, self.final.get(root[line], at))  # what is kept to the end stays kept
            kept = not is_view(line) and may_share(line)  # the result may be a view of an argument
            for parent in line.parents:
                self.final[root[parent]] = self.end if kept else max(at, self.final.get(root[parent], at))
        for line in outputs:
            self.final[root[line]] = self.end
        self._ending: dict[int, list[Line]] = {}
        for line, at in self.final.items():
            self._ending.setdefault(at, []).append(line)

    def ending(self, at: int) -> list[Line]:
        """The lines whose memory nobody reads after this place."""
        return self._ending.get(at, [])
