"""HIPS autograd's nodes: the graph behind a Tensor, read off the records after the function has run."""

import warnings
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

import numpy as np

from ..backward import fit
from ..graph import Tensor, mode, set_mode
from ..transforms import make_jvp
from .boxes import Box, new_box


class Node:
    """One operation, as a subclass wants to remember it."""

    __slots__: tuple[str, ...] = ()

    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: Any) -> None:
        raise NotImplementedError

    def initialize_root(self, *args: Any, **kwargs: Any) -> None:
        """Make this the node of the argument."""
        raise NotImplementedError

    @classmethod
    def new_root(cls, *args: Any, **kwargs: Any) -> Any:
        """A node for the argument of a function about to be traced."""
        root = cls.__new__(cls)
        root.initialize_root(*args, **kwargs)
        return root


class VJPNode(Node):
    """`vjp` carries the cotangent of the value to those of `parents`."""

    __slots__ = ("parents", "vjp")

    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: Any) -> None:
        self.parents = parents

        def vjp(g: Any) -> tuple[Any, ...]:
            g = g if hasattr(g, "dtype") else np.asarray(g)[()]
            return tuple(fit(fun.rules[i](g, value, *args, **kwargs), args[i], fun, i) for i in parent_argnums)

        self.vjp: Callable[[Any], Any] = vjp

    def initialize_root(self) -> None:
        self.parents = ()
        self.vjp = lambda g: ()


class JVPNode(Node):
    """`g` is the tangent of the value."""

    __slots__ = ("g",)

    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: Any) -> None:
        def moved(changed: tuple[Any, ...]) -> Any:
            new = list(args)
            for i, x in zip(parent_argnums, changed, strict=True):
                new[i] = x
            return fun(*new, **kwargs)

        _, self.g = make_jvp(moved)(tuple(args[i] for i in parent_argnums))(tuple(p.g for p in parents))

    def initialize_root(self, g: Any) -> None:
        self.g = g


def trace(start_node: Node, fun: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """The value of `fun(x)`, and its node in a graph of nodes of the type of `start_node`; None if independent."""
    with set_mode(recording=mode.recording or True):
        end = fun(new_box(x, 0, start_node))
    node = node_of(end, type(start_node)) if isinstance(end, Tensor) else None
    if node is None:
        warnings.warn("Output seems independent of input.", stacklevel=2)
        return end, None
    return end.data, node


def node_of(tensor: Tensor, kind: type[Node] = VJPNode) -> Any:
    """The node of a Tensor; the Tensors it was computed from get theirs on the way."""
    waiting, seen = [tensor], {tensor}
    while waiting:
        record = None if _known(waiting[-1]) else waiting[-1].record
        waiting.pop()
        parents = [] if record is None else [record[1][i] for i in record[5]]
        fresh = [p for p in parents if p not in seen]
        seen.update(fresh)
        waiting += fresh
    nodes: dict[Tensor, Any] = {}
    for t in sorted(seen, key=attrgetter("serial")):
        node = _known(t)
        if node is None and t.record is not None:
            primitive, args, kwargs, values, out, argnums = t.record[:6]
            argnums = tuple(i for i in argnums if nodes.get(args[i]) is not None)
            if argnums:
                parents = tuple(nodes[args[i]] for i in argnums)  # type: ignore[assignment]
                node = kind(out, primitive, tuple(values), kwargs, argnums, parents)
        elif node is None and t.requires_grad and kind is VJPNode:
            node = VJPNode.new_root()
        if node is not None and hasattr(type(t), "node"):
            t.node = node  # type: ignore[attr-defined]
        nodes[t] = node
    return nodes[tensor]


def _known(tensor: Tensor) -> Any:
    return getattr(tensor, "node", None)


def toposort(end_node: Any, parents: Callable[[Any], Any] = attrgetter("parents")) -> Iterator[Any]:
    """The nodes behind `end_node`, each before its parents."""
    children: dict[Any, int] = {}
    waiting = [end_node]
    while waiting:
        node = waiting.pop()
        if node not in children:
            waiting += parents(node)
        children[node] = children.get(node, 0) + 1
    ready = [end_node]
    while ready:
        node = ready.pop()
        yield node
        for parent in parents(node):
            children[parent] -= 1
            if not children[parent]:
                ready.append(parent)


def backward_pass(g: Any, end_node: VJPNode) -> Any:
    """The cotangent at the root for the cotangent `g` at `end_node`."""
    table = {end_node: g}
    for node in toposort(end_node):
        g = table.pop(node)
        for parent, cotangent in zip(node.parents, node.vjp(g), strict=True):
            table[parent] = table[parent] + cotangent if parent in table else cotangent
    return g


Box._node = property(node_of)  # type: ignore[attr-defined]
