"""Where things go on the page: scenes (one a level, one a box), laid out by Graphviz or else by igraph."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..errors import MissingPackageError
from ..program import Line
from .facts import clip, contents, operation_text, shape_of, wide
from .outline import Box, nested, shown
from .view import View

MARGIN = 12  # points around a scene, for frames with their labels
FLAT = 300  # more lines than this are not laid out in one scene, unless there are no boxes to show them in
Member = Line | Box


@dataclass(slots=True, eq=False)
class Scene:
    """Some members of a drawing and the arrows between them, with places once `lay_out` has run.

    Attributes:
        title: what the level is called.
        members: what is drawn; `outside` are those that only border on it.
        edges: (tail, head, kind) where kind is "forward", "backward" or "reuse".
        flanked: pairs (head, tail) whose tail stands beside its head rather than above.
        rows: pairs that shall stand side by side.
        frames: open boxes with the members inside.
        places: x, y, width, height of each member, y downwards, points.
        paths: control points of each edge.
        size: width and height of it all.
    """

    title: str
    box: Box
    members: list[Member] = field(default_factory=list)
    outside: set[Member] = field(default_factory=set)
    edges: list[tuple[Member, Member, str]] = field(default_factory=list)
    flanked: set[tuple[Member, Member]] = field(default_factory=set)
    rows: list[tuple[Member, Member]] = field(default_factory=list)
    frames: list[tuple[Box, list[Member]]] = field(default_factory=list)
    places: list[tuple[float, float, float, float]] = field(default_factory=list)
    paths: list[list[float]] = field(default_factory=list)
    size: tuple[float, float] = (0.0, 0.0)


def scenes(view: View) -> list[Scene]:
    """The network with closed layers, the operations where they are few enough, and the inside of each box."""
    root = view.outline
    boxes = [box for box in root.boxes() if box is not root]
    innermost = [b for b in boxes if not any(isinstance(m, Box) for m in b.members)]
    closed = {b for b in boxes if b.kind != "layer"} | {b for b in innermost if b.kind == "layer"}
    made = []
    if boxes:
        made.append(_scene(view, "Network", root, closed))
    if len(view.program) <= FLAT or not boxes:
        made.append(_scene(view, "Operations", root, set()))
    made += [_scene(view, box.label, box, set(boxes)) for box in boxes]
    lay_out(made)
    return made


def _scene(view: View, title: str, root: Box, closed: set[Box]) -> Scene:
    scene = Scene(title, root)
    stands: dict[Line, Member] = dict(shown(root, closed.__contains__))
    inside = dict.fromkeys(stands[line] for line in root.lines())
    scene.members = list(inside)
    seen: set[tuple[Member, Member]] = set()
    backward = view.backward_lines

    def stand(line: Line) -> Member:
        member = stands.get(line)
        if member is None:
            member = stands[line] = line
            scene.members.append(line)
            scene.outside.add(line)
        return member

    for line in root.lines():
        neighbours = [(parent, line) for parent in line.parents]
        if root is not view.outline:
            neighbours += [(line, user) for user in view.users[line] if user not in stands]
        for parent, user in neighbours:
            tail, head = stand(parent), stand(user)
            if tail is head or (tail, head) in seen:
                continue
            seen.add((tail, head))
            kind = "forward" if user not in backward else "backward" if parent in backward else "reuse"
            scene.edges.append((tail, head, kind))
    scene.flanked = {pair for pair in view.flanked.items() if pair[0] in inside and pair[1] in inside}
    taken: set[Member] = set()
    for forward, gradient in reversed(view.gradients.items()):
        pair = stands.get(forward), stands.get(gradient)
        if pair[0] is not None and pair[1] is not None and pair[1] not in taken:
            taken.add(pair[1])
            scene.rows.append(pair)  # type: ignore[arg-type]
    for box in root.boxes():
        if box is not root and box.kind == "layer" and not (box in closed or box in inside):
            held = list(dict.fromkeys(stands[line] for line in box.lines()))
            if held and not any(isinstance(m, Box) and box in m.boxes() for m in held):
                scene.frames.append((box, held))
    return scene


def labels(member: Member) -> tuple[str, str]:
    """The two lines of text in a node."""
    if isinstance(member, Box):
        return clip(member.label), contents(member)
    top, below = clip(member.name), shape_of(member)
    if member.primitive is None:
        return top, below
    operation = member.primitive.name if member.named else operation_text(member)
    return (top, f"{operation} · {below}") if member.named else (operation, f"{top} · {below}")


def size_of(member: Member) -> tuple[float, float]:
    """Width and height that hold the text of a node, in points."""
    top, below = labels(member)
    return max(64.0, 8.0 * wide(top) + 30, 6.8 * wide(below) + 30), 42.0


def lay_out(todo: list[Scene]) -> None:
    """Give every scene its places; equal ones are laid out once.

    Raises:
        MissingPackageError: neither Graphviz nor igraph is installed.
    """
    for scene in todo:
        scene.places = [(0.0, 0.0, *size_of(m)) for m in scene.members]
    texts = [_dot(scene) for scene in todo]
    distinct = list(dict.fromkeys(texts))
    laid = _by_graphviz(distinct)
    for scene, text in zip(todo, texts, strict=True):
        if laid is not None:
            _take(scene, laid[text])
        else:
            _by_igraph(scene)


def _dot(scene: Scene) -> str:
    # nslimit: without it, placing 300 values of an unrolled network takes 20 seconds and looks no better
    ids = {member: f"n{i}" for i, member in enumerate(scene.members)}
    parts = ["digraph { graph [newrank=true, nslimit=2, nodesep=0.25, ranksep=0.34] "]
    parts += ['node [shape=box, fixedsize=true, label=""]\n']
    parts += [f"n{i} [width={w / 72:.3f}, height={h / 72:.3f}]\n" for i, (_, _, w, h) in enumerate(scene.places)]
    parts += _clusters(scene, ids)
    for a, b in scene.rows:
        parts.append(f"{{ rank=same; {ids[a]}; {ids[b]} }}\n")
    for tail, head, kind in scene.edges:
        if kind == "backward":
            parts.append(f"{ids[head]} -> {ids[tail]} [dir=back]\n")
        else:
            flank = "minlen=0" if (head, tail) in scene.flanked else "weight=1"
            run = flank if isinstance(tail, Line) and tail.primitive is None else "weight=8"
            parts.append(f"{ids[tail]} -> {ids[head]} [{'constraint=false' if kind == 'reuse' else run}]\n")
    return "".join([*parts, "}\n"])


def _clusters(scene: Scene, ids: dict[Member, str]) -> Iterable[str]:
    """The frames as nested clusters; frames come outer ones first."""
    framed: dict[Member, str] = {box: f"cluster{k}" for k, (box, _) in enumerate(scene.frames)}
    for mark, member in nested(scene.box, ids):
        if mark == "node":
            yield f"{ids[member]}\n"
        elif member in framed:
            yield f"subgraph {framed[member]} {{ margin=16\n" if mark == "open" else "}\n"


def _by_graphviz(texts: list[str]) -> dict[str, list[list[str]]] | None:
    """What `dot -Tplain` says of each text, split into words; None without Graphviz."""
    try:
        import graphviz
    except ImportError:
        return None
    try:
        # not Source.pipe, which writes all before it reads: dot answers after each graph, and both would wait
        answer = graphviz.pipe_string("dot", "plain", "".join(texts), encoding="utf-8")
    except graphviz.ExecutableNotFound:
        return None
    pages = answer.split("\nstop\n")
    return {t: [row.split() for row in page.splitlines()] for t, page in zip(texts, pages, strict=False)}


def _take(scene: Scene, rows: Iterable[list[str]]) -> None:
    height = 0.0
    wanted = {}
    for i, (tail, head, kind) in enumerate(scene.edges):
        ends = (head, tail) if kind == "backward" else (tail, head)
        wanted[ends] = i
    scene.paths = [[] for _ in scene.edges]
    for row in rows:
        numbers: Any
        if row[0] == "graph":
            scene.size = float(row[2]) * 72 + 2 * MARGIN, float(row[3]) * 72 + 2 * MARGIN
            height = scene.size[1] - MARGIN
        elif row[0] == "node":
            i = int(row[1][1:])
            _, _, w, h = scene.places[i]
            scene.places[i] = float(row[2]) * 72 + MARGIN, height - float(row[3]) * 72, w, h
        elif row[0] == "edge":
            ends = scene.members[int(row[1][1:])], scene.members[int(row[2][1:])]
            numbers = [float(x) * 72 for x in row[4 : 4 + 2 * int(row[3])]]
            numbers = [[x + MARGIN, height - y] for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
            i = wanted[ends]
            if scene.edges[i][2] == "backward":
                numbers.reverse()
            scene.paths[i] = [v for point in numbers for v in point]


def _by_igraph(scene: Scene) -> None:
    try:
        import igraph
    except ImportError:
        raise MissingPackageError(
            "the page is laid out by Graphviz's dot (apt install graphviz; pip install graphviz) "
            "or by igraph (pip install igraph), and neither is installed"
        ) from None
    place = {member: i for i, member in enumerate(scene.members)}
    pairs = [(place[b], place[a]) if kind == "backward" else (place[a], place[b]) for a, b, kind in scene.edges]
    gap = max((w for _, _, w, _ in scene.places), default=0) + 24
    coordinates = igraph.Graph(len(place), pairs, directed=True).layout_sugiyama(hgap=gap, vgap=84).coords
    left = min((x for x, _ in coordinates), default=0) - gap / 2
    scene.places = [
        (x - left, y + 40, w, h) for (x, y), (_, _, w, h) in zip(coordinates[: len(place)], scene.places, strict=True)
    ]
    for tail, head, _ in scene.edges:
        (x, y, _, h), (u, v, _, k) = scene.places[place[tail]], scene.places[place[head]]
        down = 1 if v >= y else -1
        start, end = y + down * h / 2, v - down * (k / 2 + 9)  # the head of the arrow comes on top
        bend = (end - start) / 2
        scene.paths.append([x, start, x, start + bend, u, end - bend, u, end])
    scene.size = (
        max((x + w / 2 for x, _, w, _ in scene.places), default=0) + 12,
        max((y for _, y, _, _ in scene.places), default=0) + 40,
    )
