"""What stands above written source so that it runs on its own: imports, and functions that NumPy lacks.

A function is written from its own text, which is possible where all that it names is NumPy, SciPy, the standard
library, or another such function. What cannot be written is left to be defined by who runs the source.
"""

import ast
import builtins
import copy
import functools
import inspect
import symtable
import sys
from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any

PLAIN = (bool, int, float, complex, str, type(None))
"""Types of default values that are written as they are shown."""


class Unwritable(Exception):
    """A function whose definition cannot stand on its own."""


def path_of(value: Any, *hints: str) -> str | None:
    """The dotted name, NumPy's beginning with np, by which what NumPy, SciPy or Python itself provides is reached.

    Args:
        hints: dotted names to try before the value's own.

    >>> path_of(min), path_of(ast), path_of(path_of)
    ('builtins.min', 'ast', None)
    """
    module = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None) or "numpy"
    name = "" if isinstance(value, ModuleType) else getattr(value, "__qualname__", getattr(value, "__name__", "-"))
    public = ".".join(part for part in module.split(".") if not part.startswith("_"))
    for path in (*hints, f"{public}.{name}".rstrip("."), f"{module}.{name}".rstrip(".")):
        parts = path.split(".")
        found: Any = sys.modules.get(parts[0]) if parts[0] in {"numpy", "scipy", *sys.stdlib_module_names} else None
        for part in parts[1:]:
            found = getattr(found, part, None)
        if found is value and value is not None:
            return ".".join(["np" if parts[0] == "numpy" else parts[0], *parts[1:]])
    return None


def module_of(path: str) -> str:
    """The module that has to be imported before a dotted name can be read: the longest beginning that is one."""
    while path not in sys.modules:
        path = path.rpartition(".")[0]
    return path


class Helpers:
    """Definitions above a piece of source, each function once, and the modules that it imports.

    Attributes:
        imports: names of modules.
        definitions: the text of each function, by the name under which it is defined.
        missing: functions that could not be written, by the name under which they are called.
    """

    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.definitions: dict[str, str] = {}
        self.missing: dict[str, Any] = {}

    def define(self, wanted: Mapping[str, Any]) -> None:
        """Write the functions `wanted`, by the names that call them."""
        names = {fun: name for name, fun in wanted.items() if type(fun) is FunctionType}
        for name, fun in wanted.items():
            try:
                needed = self._needed(fun, {})
            except Unwritable:
                self.missing[name] = fun
                continue
            for inner in needed:
                if inner not in names:
                    own = inner.__name__
                    while own in {*names.values(), *wanted, "np"}:
                        own += "_"
                    names[inner] = own
            for inner, (tree, values) in reversed(needed.items()):
                if names[inner] not in self.definitions:
                    self.definitions[names[inner]] = self._written(names, inner, tree, values)

    def above(self) -> list[str]:
        """The blocks of text: what is missing and what is imported, then one a function."""
        told = f"# to be defined before this runs, since it cannot be written on its own: {', '.join(self.missing)}"
        head = [told] * bool(self.missing) + [f"import {module}" for module in sorted(self.imports)]
        return ["\n".join(head)] * bool(head) + list(self.definitions.values())

    def _needed(self, fun: Any, known: dict[Any, Any]) -> dict[Any, tuple[ast.FunctionDef, dict[str, Any]]]:
        """A function and those that it calls: the definition of each and what the names in it mean."""
        if type(fun) is not FunctionType:
            raise Unwritable
        if fun not in known:
            known[fun] = definition(fun)
            for value in known[fun][1].values():
                if path_of(value) is None:
                    self._needed(value, known)
        return known

    def _written(self, names: dict[Any, str], fun: Any, tree: ast.FunctionDef, values: dict[str, Any]) -> str:
        paths = {word: path_of(value) for word, value in values.items()}
        self.imports |= {module_of(path) for path in paths.values() if path and path.partition(".")[0] != "np"}
        meant = {word: path or names[values[word]] for word, path in paths.items()}
        tree.name = names[fun]
        return ast.unparse(ast.fix_missing_locations(_Renamed(meant).visit(tree)))


def definition(fun: FunctionType) -> tuple[ast.FunctionDef, dict[str, Any]]:
    """The definition of a plain Python function without annotations and docstrings, and its global names' values.

    Raises:
        Unwritable: the text is not at hand, or it is not all that decides what the function does.
    """
    node = _Bare().visit(_node(fun.__code__))
    if isinstance(node, ast.Lambda):
        node = ast.FunctionDef("function", node.args, [ast.Return(node.body)], [])
    node.decorator_list = []
    node.args.defaults = [_default(v) for v in fun.__defaults__ or ()]
    given = fun.__kwdefaults__ or {}
    node.args.kw_defaults = [_default(given[a.arg]) if a.arg in given else None for a in node.args.kwonlyargs]
    free, bound = _names(ast.unparse(ast.fix_missing_locations(node)))
    values = {name: value for name in sorted(free) for value in _meant(fun, name)}
    words = {(path_of(v) or str(v.__name__)).partition(".")[0] for v in values.values()}
    if bound & (free | words):
        raise Unwritable
    return node, values


def _node(code: CodeType) -> Any:
    """Where a function stands in its file, if the file is still what was run."""
    try:
        lines, _ = inspect.findsource(code)
        places, codes = _file("".join(lines))
    except (OSError, TypeError, SyntaxError) as error:
        raise Unwritable from error
    found = places.get((code.co_name, code.co_firstlineno), [])
    if len(found) != 1 or code not in codes:
        raise Unwritable
    return copy.deepcopy(found[0])


@functools.lru_cache(16)
def _file(text: str) -> tuple[dict[tuple[str, int], list[Any]], list[CodeType]]:
    """The functions of a file by name and first line, and all code in it."""
    places: dict[tuple[str, int], list[Any]] = {}
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            places.setdefault((node.name, first), []).append(node)
        elif isinstance(node, ast.Lambda):
            places.setdefault(("<lambda>", node.lineno), []).append(node)
    codes = [compile(tree, "<text>", "exec", dont_inherit=True)]
    for code in codes:
        codes += [c for c in code.co_consts if isinstance(c, CodeType)]
    return places, codes


def _default(value: Any) -> ast.expr:
    if type(value) not in PLAIN or value != value or value in (float("inf"), -float("inf")):
        raise Unwritable
    return ast.Constant(value)


def _names(text: str) -> tuple[set[str], set[str]]:
    """The names of a definition that come from outside it, and those that it binds."""
    free: set[str] = set()
    bound: set[str] = set()

    def read(table: symtable.SymbolTable) -> None:
        for symbol in table.get_symbols():
            if symbol.is_declared_global():
                raise Unwritable
            (free if symbol.is_global() else bound).add(symbol.get_name())
        for inner in table.get_children():
            read(inner)

    try:
        top = symtable.symtable(text, "<text>", "exec")
    except SyntaxError as error:  # it writes to a variable of the function around it
        raise Unwritable from error
    for table in top.get_children():
        read(table)
    return free, bound


def _meant(fun: FunctionType, name: str) -> Iterator[Any]:
    """What a name in a function stands for: nothing to be written where it is one of Python's own."""
    cells = dict(zip(fun.__code__.co_freevars, fun.__closure__ or (), strict=True))
    if name in cells:
        try:
            value = cells[name].cell_contents
        except ValueError as error:  # not yet assigned
            raise Unwritable from error
    elif name in fun.__globals__:
        value = fun.__globals__[name]
    elif hasattr(builtins, name):
        return
    else:
        raise Unwritable
    if path_of(value) is None and type(value) is not FunctionType:
        raise Unwritable
    yield value


class _Bare(ast.NodeTransformer):
    """Definitions without annotations and docstrings."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns = None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        self.generic_visit(node)
        return ast.Pass() if node.value is None else ast.Assign([node.target], node.value)


class _Renamed(ast.NodeTransformer):
    """Names put in other words."""

    def __init__(self, meant: Mapping[str, str]) -> None:
        self.meant = meant

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse(self.meant.get(node.id, node.id), mode="eval").body
