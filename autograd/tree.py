"""Nested lists, tuples and dicts of arrays: take the arrays out, put others in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def flatten(tree: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """The leaves of a nest, and the function that builds the same nest from other leaves.

    >>> leaves, rebuild = flatten({"w": [1.0, 2.0], "b": (3.0,)})
    >>> leaves, rebuild([4.0, 5.0, 6.0])
    ([1.0, 2.0, 3.0], {'w': [4.0, 5.0], 'b': (6.0,)})
    """
    if not isinstance(tree, (dict, list, tuple)):
        return [tree], _only
    leaves: list[Any] = []
    build = _flatten_into(leaves, tree)
    return leaves, lambda new: build(iter(new))


def _only(leaves: list[Any]) -> Any:
    return leaves[0]


def _flatten_into(leaves: list[Any], tree: Any) -> Callable[[Iterator[Any]], Any]:
    """Append the leaves of a container; returns the function that builds the same container from an iterator."""
    parts: list[Callable[[Iterator[Any]], Any]] = []
    for value in tree.values() if isinstance(tree, dict) else tree:
        if isinstance(value, (dict, list, tuple)):
            parts.append(_flatten_into(leaves, value))
        else:
            leaves.append(value)
            parts.append(next)
    cls = type(tree)
    if isinstance(tree, dict):
        keys = list(tree)
        if cls is dict:
            return lambda new: {key: part(new) for key, part in zip(keys, parts, strict=True)}
        return lambda new: _refilled(tree, {key: part(new) for key, part in zip(keys, parts, strict=True)})
    if hasattr(tree, "_fields"):
        return lambda new: cls(*[part(new) for part in parts])
    return lambda new: cls([part(new) for part in parts])


def _refilled(tree: dict[Any, Any], values: dict[Any, Any]) -> dict[Any, Any]:
    """A dict of the same kind (ordered, with a default ...) with other values."""
    from copy import copy  # not loaded before it is needed

    new = copy(tree)
    new.update(values)
    return new


def leaves_like(tree: Any, model: Any, what: str) -> list[Any]:
    """The leaves of a nest in the order of those of `model`, whose form it has: the values of a dict go by their keys.

    What stands for a leaf of the model is one, be it a list; a list will do for a tuple.

    Raises:
        ValueError: the nest, which is `what` of the model, has another form.

    >>> leaves_like({"b": 2.0, "a": [1.0]}, {"a": ["x"], "b": "y"}, "tangent")
    [1.0, 2.0]
    """
    if not isinstance(model, (dict, list, tuple)):
        return [tree]
    kind = dict if isinstance(model, dict) else (list, tuple)
    keys = list(model) if isinstance(model, dict) else range(len(model))
    if not isinstance(tree, kind) or len(tree) != len(keys) or (kind is dict and set(tree) != set(keys)):
        raise ValueError(f"the {what} of {_form(model)} is {_form(tree)}")
    return [leaf for key in keys for leaf in leaves_like(tree[key], model[key], what)]


def _form(tree: Any) -> str:
    """The outermost container of a nest in words."""
    name = type(tree).__name__
    if isinstance(tree, dict):
        return f"a {name} with the keys {list(tree)!r:.80}"
    return f"a {name} of {len(tree)}" if isinstance(tree, (list, tuple)) else f"a {name}"
