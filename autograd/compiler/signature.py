"""The parameters of a compiled function: taking nests apart, and telling whether arguments fit."""

import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..tree import flatten
from ..writer.breaking import items
from ..writer.readable import WIDTH
from .arguments import is_static, key_text, kind_of, plain, refusal, structure, weak_floats
from .parameters import identifier, keyword_only, parameter_names

SHORT = 80
"""How long a statement that takes nests apart may be."""
MANY = 8
"""How many fixed arguments a comment names."""


def normalize(
    fun: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any], Any]:
    """Arguments with Tensors as their arrays, and the key that all calls with one compiled version share."""
    leaves, rebuild = flatten((args, kwargs))
    values = [plain(v) for v in leaves]
    for i, value in enumerate(values):
        why = refusal(value)
        if why:
            words = zip(parameter_names(fun, len(args), list(kwargs)), [*args, *kwargs.values()], strict=True)
            word = [name for word, given in words for name, _, _ in _named_leaves(word, given)][i]
            raise TypeError(f"{identifier(fun)}: the argument {word} {why}")
    args, kwargs = rebuild(values)
    return args, kwargs, (structure((args, kwargs)), *map(kind_of, values))


class Signature:
    """The parameters of a compiled function, and the statements that check its arguments and take their nests apart.

    Attributes:
        dynamic: for each input of the program the number of its argument, and a name for it.
        containers: parameters that hold nests, and names of nests within nests.
        fixed: types and values that the guard compares with, by the names it has for them.
    """

    def __init__(
        self,
        fun: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        leaves: list[Any],
        beside: list[Any],
    ) -> None:
        self.parameters = parameter_names(fun, len(args), list(kwargs))
        self.only_keywords = keyword_only(fun, list(kwargs))
        self.values = [*args, *kwargs.values()]
        self.keywords = len(args)
        self.leaves = leaves
        self.dynamic: list[tuple[int, str]] = []
        self.containers: set[str] = set()
        self.fixed: dict[str, Any] = {}
        weak = iter(weak_floats([v for v in leaves if not is_static(v)], beside))
        self.kinds: list[Any] = []
        named = [list(_named_leaves(word, value)) for word, value in zip(self.parameters, self.values, strict=True)]
        often = Counter(name for leaves in named for name, _, leaf in leaves if not is_static(leaf))
        for i, (word, value) in enumerate(zip(self.parameters, self.values, strict=True)):
            for name, longer, leaf in named[i]:
                if not is_static(leaf):
                    if self.is_nest(i):
                        name = name if often[name] == 1 and name not in self.parameters else longer
                        name += "_" * (name in self.parameters)
                    self.dynamic.append((i, name))
                    self.kinds.append((leaf if hasattr(leaf, "dtype") else type(leaf), next(weak)))
            if self.is_nest(i) or is_static(value):
                self.containers.add(word)

    def is_nest(self, argument: int) -> bool:
        return isinstance(self.values[argument], (list, tuple, dict))

    def text(self, names: list[str], by_keyword: bool = False) -> str:
        """The parameters as written: an array's own name, or that of a nest.

        Args:
            by_keyword: whether those that the function takes by keyword only come last, after a star.
        """
        own = {i: name for (i, _), name in zip(self.dynamic, names, strict=True) if not self.is_nest(i)}
        words = [own.get(i, word) for i, word in enumerate(self.parameters)]
        if by_keyword and self.only_keywords:
            last = [i for i, word in enumerate(self.parameters) if word in self.only_keywords]
            words = [*(w for i, w in enumerate(words) if i not in last), "*", *(words[i] for i in last)]
        return ", ".join(words)

    def notes(self) -> list[str]:
        """Comments on the arguments that are fixed: the function is for these values alone, whatever it is given."""
        leaves = [leaf for named in map(_named_leaves, self.parameters, self.values) for leaf in named]
        told = [f"{word} = {_brief(value)}" for _, word, value in leaves if is_static(value)]
        told[MANY:] = [f"{len(told) - MANY} more"] if len(told) > MANY else []
        text = f"fixed when the function was captured: {', '.join(told)}" if told else ""
        return textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# ")

    def unpack(self, names: list[str]) -> list[str]:
        """Statements that give every array in a nest its name, as few as can be read."""
        return merged([s for kind, s in self._walk(names) if kind == "unpack"])

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
        return [f"{_dtype_name(kind)} = np.dtype({kind!r})" for kind in kinds]

    def convert(self, names: list[str]) -> list[str]:
        """Statements that turn Python's floats into numbers of the captured dtype."""
        return [
            f"{name} = np.{made.dtype.name}({name})"
            for name, (given, made) in zip(names, self.kinds, strict=True)
            if isinstance(given, type)
        ]

    def _walk(self, names: list[str]) -> Iterator[tuple[str, str]]:
        nodes = self._nodes(names)
        for node in nodes:
            yield from self._statements(node)

    def _nodes(self, names: list[str]) -> list["_Node"]:
        """The arguments as trees in which every array has its name; `names` are in the order of the leaves."""
        remaining = iter(zip(names, self.kinds, strict=True))
        used = set(names) | set(self.parameters)

        def node(word: str, value: Any) -> _Node:
            if isinstance(value, (list, tuple, dict)):
                keys = getattr(value, "_fields", range(len(value)))
                items = value.items() if isinstance(value, dict) else zip(keys, value, strict=True)
                return _Node(word, value, [(key, node(inner(word, key, item), item)) for key, item in items])
            if is_static(value):
                return _Node(word, value)
            name, kind = next(remaining)
            return _Node(name, value, kind=kind)

        def inner(word: str, key: Any, item: Any) -> str:
            name = f"{word}_{key}" if str(key).isidentifier() or isinstance(key, int) else f"{word}_x"
            if isinstance(item, (list, tuple, dict)) or is_static(item):
                while name in used:
                    name += "_"
                used.add(name)
            return name

        return [node(word, value) for word, value in zip(self.parameters, self.values, strict=True)]

    def _statements(self, node: "_Node") -> Iterator[tuple[str, str]]:
        """Tests of a nest's kind, its taking apart, tests of the arrays in it, and then the nests in it."""
        word, value = node.word, node.value
        if node.kind is not None:
            yield "test", array_test(word, *node.kind)
        elif not isinstance(value, (list, tuple, dict)):
            yield "test", self._fixed_test(word, value)
        else:
            yield "test", f"type({word}) is {self._type_text(value)}"
            if isinstance(value, dict):  # in their order, which the function may have taken its values in
                yield "test", f"[*{word}] == [{', '.join(map(key_text, value))}]"
                yield from (("unpack", f"{part.word} = {word}[{key_text(key)}]") for key, part in node.parts)
            else:
                yield "test", f"len({word}) == {len(value)}"
                words = ", ".join(part.word for _, part in node.parts)
                if words:
                    yield "unpack", f"{words if len(value) > 1 else f'[{words}]'} = {word}"
            for _, part in sorted(node.parts, key=lambda item: item[1].kind is None):
                yield from self._statements(part)

    def _fixed_test(self, word: str, value: Any) -> str:
        """An expression that tells whether a variable has the value that a compiled version was made for."""
        if value is None or value is True or value is False:
            return f"{word} is {value}"
        if type(value) in (int, str):
            return f"type({word}) is {type(value).__name__} and {word} == {value!r}"
        return f"type({word}) is {self._keep(type(value))} and {word} == {self._keep(value)}"

    def _type_text(self, value: Any) -> str:
        return type(value).__name__ if type(value) in (list, tuple, dict) else self._keep(type(value))

    def _keep(self, value: Any) -> str:
        """The name that the planned function knows a value by."""
        for name, kept in self.fixed.items():
            if kept is value:
                return name
        name = f"_fixed{len(self.fixed) + 1}"
        self.fixed[name] = value
        return name


@dataclass
class _Node:
    """A part of an argument: an array or number with its kind, a nest with its parts, or a fixed value."""

    word: str
    value: Any
    parts: list[tuple[Any, "_Node"]] = field(default_factory=list)
    kind: tuple[Any, Any] | None = None


def merged(statements: list[str]) -> list[str]:
    """Statements that take nests apart, those of inner nests within those of outer ones.

    >>> merged(["first, last = p", "w, b = first", "v, c = last"]), merged(["q = p['q']", "w = q['w']"])
    (['(w, b), (v, c) = p'], ["w = p['q']['w']"])
    """
    lines: list[tuple[str, str]] = []
    inner: set[str] = set()
    for targets, _, source in (s.partition(" = ") for s in statements):
        word = re.match(r"\w+", source)[0]  # type: ignore[index]
        found = next((i for i, (outer, _) in enumerate(lines) if word in re.findall(r"\w+", outer)), None)
        if found is None:
            lines.append((targets, source))
            continue
        outer, whole = lines[found]
        if outer == word:
            inner.add(word)
            lines.append((targets, whole + source[len(word) :]))
            continue
        nested = re.sub(rf"\b{word}\b", targets if len(list(items(targets))) == 1 else f"({targets})", outer)
        if source == word and len(nested) + len(whole) < SHORT:
            lines[found] = nested, whole
        else:
            lines.append((targets, source))
    return [f"{targets} = {source}" for targets, source in lines if targets not in inner]


def array_test(name: str, given: Any, made: Any) -> str:
    """An expression that tells whether a variable holds an array, or a number, like the one given."""
    if isinstance(given, type):
        return f"type({name}) is {given.__name__}"
    if isinstance(given, np.generic):
        return f"type({name}) is np.{given.dtype.name}"
    return (
        f"type({name}) is _array and {name}.shape == {given.shape} and {name}.dtype == {_dtype_name(given.dtype.str)}"
    )


def _brief(value: Any) -> str:
    """A fixed value in few letters; a function or a type by its name."""
    text = getattr(value, "__name__", "") or repr(value)
    return text if len(text) <= 30 and "\n" not in text else f"a {type(value).__name__}"


def _dtype_name(kind: str) -> str:
    return "_" + "".join(c if c.isalnum() else {"<": "", ">": "big_", "|": ""}.get(c, "_") for c in kind)


def _named_leaves(word: str, value: Any, outer: str = "") -> Iterator[tuple[str, str, Any]]:
    """The leaves of an argument, each with a word for it, and a longer one that says what it is in."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _named_leaves(str(key), item, word)
    elif isinstance(value, (list, tuple)):
        fields = getattr(value, "_fields", None)
        for i, item in enumerate(value):
            yield from _named_leaves(fields[i] if fields else f"{word}{i}", item, word if fields else outer)
    else:
        yield word, f"{outer}_{word}" if outer else word, value
