"""The boxes of a picture: layers of a network, repeated blocks, and parts of what would be too much to see at once."""

from collections import Counter
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..program import Line, Program

LIMIT = 120  # a box with more members than this is cut into parts


@dataclass(slots=True, eq=False)
class Box:
    """Lines and smaller boxes that are drawn together.

    Attributes:
        name: what the box says.
        kind: "all" for the whole picture, "layer" for a module, "repeat" for equal blocks, "part" for a cut.
        members: Lines and Boxes in recorded order.
        count: how many equal blocks a "repeat" holds.
        place: where the module around this one keeps it: "0", "hidden"; of a "repeat", from the first to the last.
        call: which of several boxes of the same name and place this one is; 0 where there is one.
        owner: the module that ran.
    """

    name: str
    kind: str
    members: list["Line | Box"] = field(default_factory=list)
    count: int = 1
    place: str = ""
    call: int = 0
    owner: Any = None

    def lines(self) -> Iterator[Line]:
        """Every line inside, at any depth."""
        stack: list[Line | Box] = [self]
        while stack:
            member = stack.pop()
            if isinstance(member, Box):
                stack += reversed(member.members)
            else:
                yield member

    def boxes(self) -> Iterator["Box"]:
        """This box and every box inside, outer ones first."""
        stack = [self]
        while stack:
            box = stack.pop()
            yield box
            stack += reversed([m for m in box.members if isinstance(m, Box)])

    @property
    def label(self) -> str:
        """What the box says: "0: Linear", "cell: Cell (2)", "0 … 5: Linear × 6"."""
        text = self.name if self.place in ("", self.name) else f"{self.place}: {self.name}"
        return text + (f" ({self.call})" if self.call else "") + (f" × {self.count}" if self.count > 1 else "")


def outline(program: Program, outputs: list[Line], backward: set[Line], fold: bool | None = None) -> Box:
    """The tree of boxes of a program.

    Args:
        program: what is drawn.
        outputs: the lines asked for, which no repetition hides.
        backward: the lines of a recorded backward pass among them, which lie in no layer.
        fold: whether runs of equal blocks become one box "x N"; by default where some box is too full otherwise.
    """
    root = layers(program, backward)
    if fold is None:  # everywhere or nowhere, so that the backward pass of what is folded is folded too
        fold = any(len(box.members) > LIMIT for box in root.boxes())
    if fold:
        for box in list(root.boxes()):
            fold_repeats(box, outputs)
        for box in list(root.boxes()):
            cut(box)
    return root


def layers(program: Program, backward: set[Line]) -> Box:
    """One box a module that ran, nested as the calls were; a parameter used in one box only lies in it."""
    root = Box("", "all")
    ends: dict[tuple[int, str], tuple[int, Any]] = {}  # a layer ends with the last of its results
    for line in sorted(program, key=_serial):
        for name, start, owner in scopes(line):
            ends[start, str(name)] = _serial(line), owner
    spans = [(start + 1, last, name, owner) for (start, name), (last, owner) in ends.items()]
    spans.sort(key=lambda s: (s[0], -s[1]))
    where: dict[Line, Box] = {}
    open_boxes: list[tuple[int, Box]] = []
    k = 0
    for line in sorted((x for x in program if x.primitive is not None and x not in backward), key=_serial):
        serial = _serial(line)
        while open_boxes and open_boxes[-1][0] < serial:
            open_boxes.pop()
        while k < len(spans) and spans[k][0] <= serial:
            _, last, name, owner = spans[k]
            k += 1
            if last < serial or (open_boxes and last > open_boxes[-1][0]):
                continue  # nothing drawn lies in it, or two threads ran at once and the spans are not nested
            box = Box(name, "layer", owner=owner)
            (open_boxes[-1][1] if open_boxes else root).members.append(box)
            open_boxes.append((last, box))
        where[line] = open_boxes[-1][1] if open_boxes else root
        where[line].members.append(line)
    _place_leaves(program, root, where, backward)
    for outer in root.boxes():
        _tell_apart(outer)
    return root


def scopes(line: Line) -> list[tuple[str, int, Any]]:
    """The layers that end with a line, as `mark_scope` noted them: name, start and module."""
    return [] if line.tensor is None else (line.tensor.notes or {}).get("scopes", [])


def parts(owner: Any) -> dict[int, str]:
    """The names of the parts of a module, by their ids."""
    return {id(part): name for name, part in owner.members()} if hasattr(owner, "members") else {}


def _is_foreign(line: Line, around: list[Box]) -> bool:
    """Whether a leaf came from outside the modules around it: data, or a Tensor that none of them holds."""
    modules = [box.owner for box in around if hasattr(box.owner, "members")]
    from_outside = is_input(line) or (line.kind == "input" and modules)
    return bool(from_outside) and not any(id(line.tensor) in parts(module) for module in modules)


def _tell_apart(outer: Box) -> None:
    """Give the boxes in a box their places in the module, and a number to those that still say the same."""
    boxes = [m for m in outer.members if isinstance(m, Box)]
    places = parts(outer.owner)
    for box in boxes:
        box.place = places.get(id(box.owner), "")
    often, seen = Counter(box.label for box in boxes), Counter[str]()
    for box in boxes:
        label = box.label
        if often[label] > 1:
            seen[label] += 1
            box.call = seen[label]


def _serial(line: Line) -> int:
    return line.tensor.serial if line.tensor is not None else 0


def _place_leaves(program: Program, root: Box, where: dict[Line, Box], backward: set[Line]) -> None:
    """Put parameters and constants where all their users are, data and the rest at the top."""
    users = program.users()
    outer = {m: box for box in root.boxes() for m in box.members if isinstance(m, Box)}
    leaves: dict[Box, list[Line | Box]] = {}
    for line in program:
        if line in where or line in backward:
            continue
        homes = {where.get(user, root) for user in users[line] if user not in backward}
        home = homes.pop() if len(homes) == 1 else root
        around = [home]
        while around[-1] in outer:
            around.append(outer[around[-1]])
        leaves.setdefault(root if _is_foreign(line, around) else home, []).append(line)
    for home, found in leaves.items():
        home.members[:0] = found
    root.members += [line for line in program if line in backward]


def is_input(line: Line) -> bool:
    """Whether a line is data that the user named: neither computed, nor trained, nor a bare constant."""
    return line.primitive is None and line.kind == "constant" and line.named


def leaf_kind(line: Line) -> str:
    """What a line is that nothing computed: a parameter, an input or a constant."""
    return "parameter" if line.kind == "input" else "input" if is_input(line) else "constant"


def fold_repeats(box: Box, outputs: list[Line]) -> None:
    """Put runs of equal blocks among the members of a box into one box each; what was asked for stays outside."""
    members = box.members
    signs = [m if m in outputs else _sign(m) for m in members]
    folded: list[Line | Box] = []
    i = 0
    while i < len(members):
        period, count = _run(signs, members[i], i)
        if count < 2:
            folded.append(members[i])
            i += 1
            continue
        run = members[i : i + period * count]
        names = [_span([word(m) for m in run[k::period]]) for k in range(min(period, 4))]
        name = ", ".join(names) + (", …" if period > 4 else "")
        place = _span([m.place for m in run if isinstance(m, Box)])
        folded.append(Box(name, "repeat", run, count, place))
        i += period * count
    box.members = folded


def _span(texts: list[str]) -> str:
    """From the first to the last."""
    return " … ".join(dict.fromkeys([texts[0], texts[-1]])) if texts else ""


def word(line: "Line | Box") -> str:
    """The operation of a line, or what it is; the name of a box."""
    if isinstance(line, Box):
        return line.name
    return line.primitive.name if line.primitive is not None else leaf_kind(line)


def _sign(member: "Line | Box") -> object:
    """Equal for members that do the same, whatever they are called."""
    if isinstance(member, Box):
        return ("box", tuple(_sign(m) for m in member.members if isinstance(m, Box) or m.primitive is not None))
    return (word(member), member.shape, len(member.parents))


def _run(signs: list[object], member: "Line | Box", i: int, longest: int = 48) -> tuple[int, int]:
    """The period and the number of repetitions of the best run of equal blocks from i on."""
    best = (1, 1)
    for period in range(1, min(longest, (len(signs) - i) // 2) + 1):
        if signs[i] != signs[i + period]:
            continue
        count = 1
        while signs[i : i + period] == signs[i + period * count : i + period * (count + 1)]:
            count += 1
        worthwhile = count >= _enough(member, period)
        if worthwhile and period * count > best[0] * best[1] + best[0]:
            best = (period, count)
    return best


def _enough(member: "Line | Box", period: int) -> int:
    """How often a block has to come before it is folded."""
    if isinstance(member, Box):
        return 2
    if member.primitive is None:
        return 12
    return 4 if period == 1 else 3


def cut(box: Box) -> None:
    """Cut a box with too many members into parts, again and again until none has too many."""
    while len(box.members) > LIMIT:
        size = max(2, min(LIMIT, round(len(box.members) ** 0.5)))
        parts: list[Line | Box] = []
        for start in range(0, len(box.members), size):
            piece = box.members[start : start + size]
            if len(piece) == 1:
                parts += piece
                continue
            ends = [next(m.lines()).name if isinstance(m, Box) else m.name for m in (piece[0], piece[-1])]
            parts.append(Box(f"{ends[0]} … {ends[1]}", "part", piece))
        box.members = parts


def nested(root: Box, drawn: Container["Line | Box"]) -> Iterator[tuple[str, "Line | Box"]]:
    """What is drawn, and where the boxes around it open and close: ("node", member), ("open", box), ("close", box)."""
    stack: list[tuple[str, Line | Box]] = [("node", m) for m in reversed(root.members)]
    while stack:
        mark, member = stack.pop()
        if mark == "close" or member in drawn:
            yield mark, member
        elif isinstance(member, Box):
            yield "open", member
            stack.append(("close", member))
            stack += [("node", m) for m in reversed(member.members)]


def shown(root: Box, closed: Callable[[Box], bool]) -> dict[Line, "Line | Box"]:
    """For each line what stands for it in the picture: itself, or the outermost closed box around it."""
    stands: dict[Line, Line | Box] = {}
    stack: list[tuple[Line | Box, Box | None]] = [(root, None)]
    while stack:
        member, hidden = stack.pop()
        if isinstance(member, Box):
            hidden = hidden or (member if member is not root and closed(member) else None)
            stack += [(m, hidden) for m in member.members]
        else:
            stands[member] = hidden or member
    return stands
