"""The parameters of a compiled function: taking nests apart, and telling whether arguments fit."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .arguments import is_static, weak_floats


class Signature:
    """The parameters of a compiled function, and the statements that check its arguments and take their nests apart.

    Attributes:
        dynamic: for each input of the program the number of its argument, and a name for it.
        containers: parameters that hold nests, and names of nests within nests.
    """

    def __init__(
        self, fun: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], leaves: list[Any]
    ) -> None:
        self.parameters = parameter_names(fun, len(args), list(kwargs))
        self.values = [*args, *kwargs.values()]
        self.keywords = len(args)
        self.leaves = leaves
        self.dynamic: list[tuple[int, str]] = []
        self.containers: set[str] = set()
        weak = iter(weak_floats([v for v in leaves if not is_static(v)]))
        self.kinds: list[Any] = []
        for i, (word, value) in enumerate(zip(self.parameters, self.values, strict=True)):
            for name, leaf in _named_leaves(word, value):
                if not is_static(leaf):
                    self.dynamic.append((i, name))
                    self.kinds.append((leaf if hasattr(leaf, "dtype") else type(leaf), next(weak)))
            if isinstance(value, (list, tuple, dict)) or is_static(value):
                self.containers.add(word)

    def is_parameter(self, word: str) -> bool:
        return word in self.parameters

    def text(self, names: list[str]) -> str:
        """The parameters as written: an array's own name, or that of a nest."""
        own = {
            argument: name
            for (argument, word), name in zip(self.dynamic, names, strict=True)
            if self.is_parameter(word)
        }
        return ", ".join(own.get(i, word) for i, word in enumerate(self.parameters))

    def unpack(self, names: list[str]) -> list[str]:
        """Statements that give every array in a nest its name."""
        return [s for kind, s in self._walk(names) if kind == "unpack"]

    def guard(self, names: list[str]) -> list[str]:
        """Statements that return `_miss` for arguments of another structure, shape or dtype, and unpack the others."""
        statements: list[str] = []
        tests: list[str] = []
        for kind, s in self._walk(names):
            if kind == "test":
                tests.append(s)
            else:
                statements += self._refuse(tests)
                tests = []
                statements.append(s)
        return statements + self._refuse(tests)

    def _refuse(self, tests: list[str]) -> list[str]:
        return [f"if not ({' and '.join(tests)}):", "    return _miss"] if tests else []

    def dtypes(self, more: list[Any]) -> list[str]:
        """Statements that name the dtypes of the guard, and those of `more` arrays."""
        arrays = [a for a in (*(given for given, _ in self.kinds), *more) if isinstance(a, np.ndarray)]
        kinds = sorted({a.dtype.str for a in arrays})
        return [f"    {_dtype_name(kind)} = np.dtype({kind!r})" for kind in kinds]

    def convert(self, names: list[str]) -> list[str]:
        """Statements that turn Python's floats into numbers of the captured dtype."""
        return [
            f"{name} = np.{made.dtype.name}({name})"
            for name, (given, made) in zip(names, self.kinds, strict=True)
            if isinstance(given, type)
        ]

    def _walk(self, names: list[str]) -> Iterator[tuple[str, str]]:
        remaining = iter(zip(names, self.kinds, strict=True))
        used = set(names) | set(self.parameters)

        def visit(word: str, value: Any) -> Iterator[tuple[str, str]]:
            if isinstance(value, (list, tuple, dict)):
                yield (
                    "test",
                    f"type({word}) is {_type_name(value)}"
                    if _type_name(value)
                    else f"type({word}).__name__ == {type(value).__name__!r}",
                )
                yield "test", f"len({word}) == {len(value)}"
                items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
                inner: list[str] = []
                later: list[tuple[str, Any]] = []
                pending = []
                for key, item in items:
                    if isinstance(item, (list, tuple, dict)) or is_static(item):
                        name = f"{word}_{key}" if str(key).isidentifier() or isinstance(key, int) else f"{word}_x"
                        while name in used:
                            name += "_"
                        used.add(name)
                        later.append((name, item))
                    else:
                        name, (given, made) = next(remaining)
                        pending.append((name, given, made))
                    inner.append(name)
                if isinstance(value, dict):
                    for key in value:
                        yield "test", f"{key!r} in {word}"
                    for (key, _), name in zip(items, inner, strict=True):
                        yield "unpack", f"{name} = {word}[{key!r}]"
                elif inner:
                    yield "unpack", f"{', '.join(inner)}{',' if len(inner) == 1 else ''} = {word}"
                for name, given, made in pending:
                    yield "test", array_test(name, given, made)
                for name, item in later:
                    yield from visit(name, item)
            elif is_static(value):
                yield (
                    "test",
                    f"{word} is None"
                    if value is None
                    else f"type({word}) is {type(value).__name__} and {word} == {value!r}"
                    if isinstance(value, (int, str))
                    else "True",
                )
            else:
                name, (given, made) = next(remaining)
                yield "test", array_test(name, given, made)

        for word, value in zip(self.parameters, self.values, strict=True):
            yield from visit(word, value)


def _type_name(value: Any) -> str:
    return type(value).__name__ if type(value) in (list, tuple, dict) else ""


def array_test(name: str, given: Any, made: Any) -> str:
    """An expression that tells whether a variable holds an array, or a number, like the one given."""
    if isinstance(given, type):
        return f"type({name}) is {given.__name__}"
    if isinstance(given, np.generic):
        return f"type({name}) is np.{given.dtype.name}"
    return (
        f"type({name}) is _array and {name}.shape == {given.shape} and {name}.dtype == {_dtype_name(given.dtype.str)}"
    )


def _dtype_name(kind: str) -> str:
    return "_" + "".join(c if c.isalnum() else {"<": "", ">": "big_", "|": ""}.get(c, "_") for c in kind)


def _named_leaves(word: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _named_leaves(str(key), item)
    elif isinstance(value, (list, tuple)):
        fields = getattr(value, "_fields", None)
        for i, item in enumerate(value):
            yield from _named_leaves(fields[i] if fields else f"{word}{i}", item)
    else:
        yield word, value


def parameter_names(fun: Callable[..., Any], positional: int, keywords: list[str]) -> list[str]:
    """The function's own names for its arguments, as far as it has them."""
    try:  # a module says in `forward` what its call takes
        parameters = list(inspect.signature(getattr(fun, "forward", fun)).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    own = [p.name for p in parameters if p.kind.name in ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD")]
    rest = next((p.name for p in parameters if p.kind.name == "VAR_POSITIONAL"), "x")
    names = own[:positional]
    names += [f"{rest}{i}" for i in range(len(names), positional)]
    return names + keywords
