"""Who may import whom. Lower floors never name upper ones; this table is the law, and the code is held to it."""

import ast
import re
import sys
from pathlib import Path

import pytest

import autograd

ROOT = Path(__file__).resolve().parents[2]
ANY = "*"
GRAPH = "modes tensor graph"

# room -> the rooms of autograd that it may import. A room is a file or a folder of autograd/.
ROOMS = {
    # floor 0: no arrays
    "errors": "",
    "tree": "",
    "origin": "",
    "shapes": "errors",
    # floor 1: a value, and what this thread does with it
    "modes": "errors",
    "guard": "errors modes",
    "tensor": "errors modes guard",
    # floor 2: recording
    "graph": "errors shapes modes guard tensor",
    # floor 3: mathematics
    "numpy": f"errors shapes {GRAPH}",
    "annotate": GRAPH,
    # floor 4: the walk
    "masks": f"shapes {GRAPH} numpy",
    "backward": f"errors shapes guard {GRAPH} numpy masks",
    # floor 5: what is made of walks, and the graph laid flat
    "batching": "",
    "pictures": f"{GRAPH} program drawing formula",
    "vjp": f"errors tree {GRAPH} numpy backward",
    "forward": f"tree {GRAPH} numpy backward vjp",
    "jacobians": f"tree {GRAPH} numpy batching vjp forward",
    "transforms": f"errors tree {GRAPH} numpy backward vjp forward jacobians",
    "program": f"errors tree {GRAPH}",
    "steps": f"{GRAPH} backward vjp forward",
    # floor 6: readers
    "check": f"errors tree {GRAPH} vjp transforms",
    "debug": f"errors {GRAPH} annotate",
    "simplify": f"errors shapes {GRAPH} numpy program",
    "drawing": f"errors shapes {GRAPH} program steps annotate simplify origin",
    # floor 7
    "formula": f"errors shapes {GRAPH} numpy backward program steps simplify origin",
    "derivation": f"errors {GRAPH} backward program steps formula origin",
    "writer": f"errors shapes {GRAPH} numpy program simplify",
    "compiler": f"errors tree shapes {GRAPH} numpy program simplify writer vjp transforms",
    # floor 8: doors
    "extend": ANY,
    "compat": ANY,
    "scipy": f"errors shapes {GRAPH} numpy transforms extend compat",  # written through the door, as a user would
    "__init__": ANY,
}
# package -> the packages of ours that it may import
PACKAGES = {
    "nn": ("nn", "autograd"),
    "examples": ("examples", "nn", "autograd"),
    "benchmarks": ("benchmarks", "examples", "nn", "autograd"),
}
# modules that stand at HIPS autograd's own import paths belong to the thin room that serves its clients
HIPS_PATH = re.compile(
    r"autograd\.(core|tracer|util|wrap_util|builtins|differential_operators|test_util|misc(\..*)?|numpy\.numpy_\w+)"
)
DOORS = {room for room, may in ROOMS.items() if may == ANY}
OURS = ("autograd", *PACKAGES)
PUBLIC = ("autograd", "autograd.numpy", "autograd.errors")  # the doors of autograd that nn may use
LIGHT = {"numpy"}  # third-party packages that a file may import at its top


def modules(package: str) -> dict[str, Path]:
    """Dotted name -> file, for every module of a package."""
    files = sorted((ROOT / package).rglob("*.py"))
    names = {".".join(f.relative_to(ROOT).with_suffix("").parts): f for f in files}
    return {name.removesuffix(".__init__"): file for name, file in names.items()}


ALL = {name: file for package in OURS for name, file in modules(package).items()}


def imports(name: str, source: str, is_package: bool = False) -> list[tuple[str, str, int, bool]]:
    """(module, name taken from it or '', line, at the top of the file) of every import in the file."""
    tree = ast.parse(source)
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []  # a word in an annotation loads nothing
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, "", node.lineno, id(node) in top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = name.split(".") if is_package else name.split(".")[:-1]
            base = parts[: len(parts) - node.level + 1] if node.level else []
            module = ".".join([*base, *(node.module.split(".") if node.module else [])])
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                what = (inner, "") if inner in ALL else (module, alias.name)
                found.append((*what, node.lineno, id(node) in top))
    return found


def room_of(module: str) -> str:
    parts = module.split(".")
    if HIPS_PATH.fullmatch(module):
        return "compat"
    return parts[1] if len(parts) > 1 else "__init__"


def breaches(name: str, source: str, is_package: bool = False) -> list[str]:
    """The imports in `source` that the tables do not allow, as 'module:line imports what'."""
    package = name.split(".")[0]
    bad = []
    for module, taken, line, at_top in imports(name, source, is_package):
        owner = module.split(".")[0]
        if owner not in OURS:
            light = owner in LIGHT or owner in sys.stdlib_module_names or (owner == "scipy" and ".scipy" in name)
            allowed = light or not at_top or package not in ("autograd", "nn")
        elif package == "autograd":
            mine, theirs = room_of(name), room_of(module)
            may = ROOMS.get(mine, "")
            allowed = owner == "autograd" and (may == ANY or theirs == mine or theirs in may.split())
        elif package == "nn":
            allowed = owner == "nn" or (module in PUBLIC and (module != "autograd" or taken in ("", *autograd.__all__)))
        else:
            allowed = owner in PACKAGES[package]
        if not allowed:
            bad.append(f"{name}:{line} imports {module}{'.' + taken if taken else ''}")
    return bad


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_import_is_allowed(name):
    file = ALL[name]
    assert breaches(name, file.read_text(), file.name == "__init__.py") == []


def test_every_room_is_in_the_table():
    assert {room_of(name) for name in modules("autograd")} - set(ROOMS) == set()


def test_the_table_itself_has_no_cycle():
    order: list[str] = []
    waiting = {room: set(may.split()) for room, may in ROOMS.items() if may != ANY}
    while waiting:
        free = sorted(room for room, may in waiting.items() if may <= {*order, *DOORS})
        assert free, f"these rooms import each other: {waiting}"
        order += free
        waiting = {room: may for room, may in waiting.items() if room not in free}


def cycle(arrows: dict[str, set[str]]) -> list[str]:
    """The modules that are left when those that import nothing left are taken away, again and again."""
    left = dict(arrows)
    while True:
        free = [m for m, may in left.items() if not may & left.keys()]
        if not free:
            return sorted(left)
        for m in free:
            del left[m]


@pytest.mark.parametrize("package", OURS)
def test_no_module_loads_itself_in_a_circle(package):
    arrows = {}
    for name, file in modules(package).items():
        found = imports(name, file.read_text(), file.name == "__init__.py")
        arrows[name] = {module for module, _, _, at_top in found if at_top and module in ALL} - {name}
    assert cycle(arrows) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("autograd.graph", "from .numpy import exp"),
        ("autograd.graph", "def f():\n    from . import backward"),
        ("autograd.numpy.elementwise", "from ..backward import walk"),
        ("autograd.numpy.elementwise", "import autograd.backward"),
        ("autograd.backward", "import sympy"),
        ("autograd.drawing", "import nn"),
        ("nn.modules", "from autograd.graph import Tensor"),
        ("nn.modules", "from autograd import graph"),
        ("nn.modules", "from examples import digits"),
        ("nn.modules", "import pandas"),
    ],
)
def test_a_breach_is_seen(name, source):
    assert len(breaches(name, source)) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("autograd.graph", "from .errors import GraphError\nimport numpy as np\nimport threading"),
        ("autograd.drawing.dot", "def f():\n    import graphviz"),
        ("nn.modules", "from autograd import Tensor\nimport autograd.numpy as anp\nfrom . import functional"),
        ("examples.digits.train", "import nn, autograd.drawing\nimport rich"),
    ],
)
def test_what_is_allowed_is_not_a_breach(name, source):
    assert breaches(name, source) == []


def test_a_circle_is_seen():
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["a", "b", "c"]
    assert cycle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
