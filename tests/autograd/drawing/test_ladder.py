"""The files of the room import each other in one direction only, also in annotations and inside functions."""

import ast

from ..test_rooms import ALL, cycle


def arrows(name):
    """The modules of the room that a file names in any import, wherever it stands."""
    found = set()
    for node in ast.walk(ast.parse(ALL[name].read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            words = [node.module] if node.module else [alias.name for alias in node.names]
            found |= {f"autograd.drawing.{word}" for word in words} & ALL.keys()
    return found


def test_no_file_of_the_room_names_one_above_it():
    room = [name for name in ALL if name.startswith("autograd.drawing.")]
    table = {name: arrows(name) for name in room}
    assert "autograd.drawing.view" in table["autograd.drawing.dot"]
    assert cycle(table) == []
