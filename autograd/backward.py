"""The reverse walk: order the nodes, apply each one's rules, undo broadcasting, accumulate. It knows no formula.

The walk runs on plain arrays and gives numbers; or, with `record=True`, the same rules run on the Tensors of the
graph, and what they do is recorded in turn: that is how higher derivatives, and the derivative as a program, come.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

import numpy as np

from . import numpy as anp
from .errors import (
    AutogradError,
    ConversionError,
    GraphError,
    NonFiniteError,
    NoRuleError,
    NotConnectedError,
    RuleError,
)
from .graph import Primitive, Record, Tensor, describe, explain, mode
from .guard import Guard
from .masks import Live, mask_structural_zeros
from .shapes import broadcast_axes

_serial = attrgetter("serial")
MANY = 8  # arguments from which on a rule for each, given all the others, costs more than one for all
TALL = 64  # rows from which on a product with ones is the faster sum


def backward(tensor: Tensor, gradient: Any = None, retain_graph: bool = False, create_graph: bool = False) -> None:
    """Add d tensor / d leaf to `.grad` of every leaf that requires a gradient.

    Args:
        tensor: a scalar, or any shape if `gradient` is given.
        gradient: the cotangent to start from, of the tensor's shape; 1 by default.
        retain_graph: keep the graph for another walk. Otherwise it is spent: its arrays may be changed again
            and a second `backward` raises GraphError.
        create_graph: record the walk, so that the gradients can be differentiated themselves.

    Raises:
        NotConnectedError: the tensor does not depend on anything that requires a gradient.
        GraphError: the graph was spent by an earlier call.
        ValueError: a tensor that is not a scalar, and no gradient given.

    >>> x = Tensor(3.0, requires_grad=True)
    >>> (x**2).backward()
    >>> float(x.grad)
    6.0
    """
    if not tensor.track:
        raise NotConnectedError(
            f"{describe(tensor)} depends on no tensor that requires a gradient; make the parameters with "
            "requires_grad=True, and check that it was not computed under no_grad() or from detach() or .data"
        )
    create_graph = create_graph or mode.capturing  # gradients are part of a captured program, not constants of it
    start = seed(tensor, gradient, create_graph)
    nodes, _ = reverse_order(tensor, None)
    guards = {node.guard for node in nodes}
    found = walk(nodes, {tensor: start}, None, record=create_graph, guards=guards)
    for node in list(found):
        if node.record is None or (node.notes is not None and node.notes.get("retain")):
            g = take(found, node)
            node.grad = g if node.grad is None else added(node, g)
    if not (retain_graph or create_graph):
        for guard in guards:
            if guard is not None:
                guard.spend()


def added(node: Tensor, g: Any) -> Any:
    """The gradient that a tensor holds and another one."""
    if getattr(node.grad, "shape", ()) not in ((), g.shape):
        raise ValueError(
            f"the gradient of {describe(node)} cannot be added to its .grad of shape {node.grad.shape}, which is of "
            "other data perhaps; set .grad to None"
        )
    return node.grad + g


def cotangents(
    output: Tensor, tensors: Iterable[Tensor], gradient: Any = None, create_graph: bool = False
) -> list[Any]:
    """The cotangents of `output` at the given tensors, inner ones too, without touching `.grad`.

    Args:
        output: a scalar Tensor, or any shape if `gradient` is given.
        tensors: leaves or results of the same graph.
        gradient: the cotangent to start from; 1 by default.
        create_graph: return Tensors that can be differentiated again.

    Returns:
        one array (Tensor with create_graph) for each tensor, of its shape and dtype; None where `output` was not
        computed from it.

    >>> x = Tensor(3.0, requires_grad=True); y = x * x; z = y * y
    >>> [float(c) for c in cotangents(z, [x, y])]
    [108.0, 18.0]
    """
    wanted = list(tensors)
    record = create_graph or mode.capturing
    start = seed(output, gradient, record)
    nodes, _ = reverse_order(output, set(wanted))
    found = walk(nodes, {output: start}, set(wanted), record=record)
    taken = {t: take(found, t) for t in set(wanted) & found.keys()}
    if record and not create_graph:  # part of a captured program, and yet constants to a gradient that is taken later
        taken = {t: g.detach() if isinstance(g, Tensor) else g for t, g in taken.items()}
    return [taken.get(t) for t in wanted]


def seed(tensor: Tensor, gradient: Any, record: bool = False) -> Any:
    """The cotangent that a walk starts from, checked against the tensor it belongs to."""
    if isinstance(gradient, Tensor) and not record:
        gradient = gradient.data
    if gradient is None:
        if getattr(tensor._value, "size", None) != 1:
            if not hasattr(tensor._value, "size"):
                raise TypeError("backward: the cost was computed from Python objects; pass the array's .astype(float)")
            raise ValueError(
                f"{describe(tensor)} is not a scalar, so it has no gradient of its own: reduce it with sum() or "
                "mean(), pass gradient=, or use jacobian or elementwise_grad"
            )
        return type(tensor._value)(1) if isinstance(tensor._value, np.generic) else np.ones_like(tensor._value)
    dtype = slope_dtype(tensor._value)
    if not hasattr(gradient, "dtype") or gradient.dtype.kind not in "fc":
        gradient = np.asarray(gradient, dtype=dtype)
    if gradient.shape != tensor.shape:
        raise ValueError(f"gradient of shape {gradient.shape} given for {describe(tensor)}: the shapes must be equal")
    if gradient.dtype != dtype:
        if gradient.dtype.kind == "c" and dtype.kind != "c":
            raise ValueError(f"a complex gradient was given for {describe(tensor)}, which is real")
        gradient = anp.astype(gradient, dtype)
    return gradient


def slope_dtype(value: Any) -> Any:
    """The dtype of a value's cotangent: its own, but that of a user's primitive with whole numbers is floating."""
    dtype = value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype
    return dtype if dtype.kind in "fc" else np.dtype(float)


def reverse_order(output: Tensor, wanted: set[Tensor] | None) -> tuple[list[Tensor], bool]:
    """The nodes that `output` was computed from, newest first, and whether leaves older than `wanted` are among them.

    Recorded order is the order of serial numbers, so sorting replaces any recursion. Nodes older than the oldest
    wanted one cannot have been computed from it and are not looked into.
    """
    oldest = min(map(_serial, wanted)) if wanted else 0
    seen = {output}
    nodes = [output]
    foreign = False
    for node in nodes:  # which grows meanwhile
        record = node.record
        if wanted is not None:
            if node.serial < oldest:
                # A leaf made later than the wanted ones is that of a transform inside, by now a constant.
                foreign = True
                continue
            if node in wanted and record is not None:
                foreign = True  # it was itself computed from something tracked
        if record is None:
            continue
        if record[6] is not None:
            record = choose(record, wanted)
        args = record[1]
        for i in record[5]:
            parent = args[i]
            if parent not in seen:
                seen.add(parent)
                nodes.append(parent)
    nodes.sort(key=_serial, reverse=True)
    return nodes, foreign


def choose(record: Record, wanted: set[Tensor] | None) -> Record:
    """The stable twin of a record (numpy/stable.py), unless a value it steps over is asked for."""
    stable, skipped = record[6]  # type: ignore[misc]
    for node in skipped:
        if node.notes is not None and not node.notes.keys().isdisjoint(("hooks", "retain")):
            return record
        if wanted is not None and node in wanted:
            return record
    return stable


def walk(
    nodes: list[Tensor],
    table: dict[Tensor, Any],
    wanted: set[Tensor] | None,
    record: bool = False,
    guards: set[Guard | None] | None = None,
    linear: bool = False,
) -> dict[Tensor, Any]:
    """Carry the cotangents in `table` back through `nodes`; return those of the leaves, or of the `wanted` nodes.

    The `guards` are those of the nodes, from a caller that needs them too. A `linear` walk is recorded as a map of its
    cotangents alone, in which the values of the graph are constants.
    """
    for guard in guards or {node.guard for node in nodes}:
        if guard is not None and guard.spent:
            raise GraphError(
                "this graph was spent by an earlier backward(), after which its arrays may have changed; "
                "pass retain_graph=True to the first call, or compute the output again"
            )
    if record:
        check_unchanged(nodes)
    outside = mode.recording
    if record or linear:
        mode.recording = outside or True
    elif outside is True:
        mode.recording = False
    try:
        return _walk(nodes, table, wanted, record)
    finally:
        mode.recording = outside


@np.errstate(divide="ignore", over="ignore", invalid="ignore")  # slopes may be infinite; half the price of `with`
def _walk(
    nodes: list[Tensor], table: dict[Tensor, Any], wanted: set[Tensor] | None, tensors: bool
) -> dict[Tensor, Any]:
    active = None if wanted is None else descendants(nodes, wanted)
    found: dict[Tensor, Any] = {}
    masks: dict[Tensor, Live] = {}
    observer = mode.recording if not isinstance(mode.recording, bool) else None
    pop = table.pop
    for node in nodes:
        g = pop(node, None)
        if g is None:
            continue
        if node.notes is not None:
            g = run_hooks(node, g, found)
        record = node.record
        if record is None:
            found[node] = g
            continue
        if wanted is not None and node in wanted:
            found[node] = g
        if record[6] is not None:
            record = choose(record, wanted)
        primitive, args, kwargs, values, out, parents, _ = record
        ins: Sequence[Any] = values
        if tensors:
            ins, out = recorded(node, record)
        rules = primitive.rules
        number = 0 if kwargs else len(ins)
        if number > 2 or kwargs:
            given, options = ins, kwargs
            if len(parents) > MANY and getattr(rules, "parts", None) is not None:
                rules, given, options = all_at_once(rules.parts(g, out, *ins, **kwargs)), (), {}
        try:
            for i in parents:
                parent = args[i]
                if active is not None and parent not in active:
                    continue
                rule = rules[i]
                if rule is None:
                    continue
                if number == 2:  # most operations; written out, a call costs half of what it does with a list
                    cotangent = rule(g, out, ins[0], ins[1])
                elif number == 1:
                    cotangent = rule(g, out, ins[0])
                else:
                    cotangent = rule(g, out, *given, **options)
                if masks or primitive.support is not None:
                    cotangent = mask_structural_zeros(
                        masks, node, parent, i, cotangent, out, ins, record, parent in table
                    )
                value = values[i]
                if cotangent.shape != value.shape or cotangent.dtype is not value.dtype:
                    cotangent = fit(cotangent, value, primitive, i, node._value, values)
                if observer is not None:
                    observer.fired(node, i, g, cotangent)
                if parent in table:
                    cotangent = table[parent] + cotangent
                table[parent] = cotangent
        except Exception as error:
            raise blame(error, primitive, i, args, node) from error
        if masks:
            masks.pop(node, None)
    return found


def all_at_once(cotangents: Iterable[Any]) -> list[Any]:
    """Rules, one an argument, for cotangents that were had together."""
    return [lambda g, out, told=told: told for told in cotangents]


def recorded(node: Tensor, record: Record) -> tuple[tuple[Any, ...], Any]:
    """What a rule is given when it runs on Tensors: the arguments of the operation in `record`, and its result."""
    primitive, args = record[:2]
    return args, node if record is node.record else primitive(*args)


def descendants(nodes: list[Tensor], wanted: set[Tensor]) -> set[Tensor]:
    """The nodes computed from the wanted ones, and these themselves: only they need a cotangent."""
    active = set(wanted)
    for node in reversed(nodes):
        record = node.record
        if record is None or node in active:
            continue
        if record[6] is not None:
            record = choose(record, wanted)
        args = record[1]
        for i in record[5]:
            if args[i] in active:
                active.add(node)
                break
    return active


def fit(
    cotangent: Any, value: Any, primitive: Primitive, argument: int, result: Any = None, values: Sequence[Any] = ()
) -> Any:
    """Bring a cotangent to the shape and dtype of the value it belongs to, undoing broadcasting by sums.

    More axes than the `result` and the `values` of the operation have do not come from broadcasting.
    """
    shape = value.shape
    if cotangent.dtype is not value.dtype:
        if cotangent.dtype.kind not in "fc":
            advice = "a cotangent is the incoming one, g, times a slope"
            if cotangent.dtype == object:
                advice = "where the data is of Python objects, pass its .astype(float)"
            raise RuleError(
                f"the rule of {primitive.name} for argument {argument} returned a cotangent of dtype "
                f"{cotangent.dtype}; {advice}"
            )
        if cotangent.dtype.kind == "c" and value.dtype.kind != "c":
            cotangent = anp.real(cotangent)
    if cotangent.shape != shape:
        n = cotangent.ndim
        if getattr(result, "ndim", n) < n > len(shape) and all(getattr(other, "ndim", 0) < n for other in values):
            raise misshapen(cotangent, shape, primitive, argument)
        if cotangent.shape[1:] == shape:
            cotangent = add_up(cotangent, 0)
        else:
            try:
                axes = broadcast_axes(cotangent.shape, shape)
            except RuleError:
                raise misshapen(cotangent, shape, primitive, argument) from None
            cotangent = add_up(cotangent, axes)
            if cotangent.shape != shape:
                cotangent = anp.reshape(cotangent, shape)
    if cotangent.dtype != value.dtype and value.dtype.kind in "fc":
        cotangent = anp.astype(cotangent, value.dtype)
    return cotangent


def misshapen(cotangent: Any, shape: Any, primitive: Primitive, argument: int) -> RuleError:
    """The error for a cotangent that no broadcasting can have made."""
    return RuleError(
        f"the rule of {primitive.name} for argument {argument} returned a cotangent of shape {cotangent.shape} "
        f"for a value of shape {shape}"
    )


def add_up(cotangent: Any, axes: Any) -> Any:
    """The sum over axes. Over the rows of a tall matrix it is a product with ones, an eighth of the time."""
    if type(cotangent) is not np.ndarray:
        return anp.sum(cotangent, axes)
    if axes == 0:
        rows = len(cotangent)
        if rows == 1:
            return cotangent[0]
        if rows >= TALL and cotangent.ndim == 2 and cotangent.dtype.char in "fd":
            return ones(rows, cotangent.dtype.char).dot(cotangent)
    return np.add.reduce(cotangent, axes)


@lru_cache(maxsize=32)
def ones(n: int, dtype: str) -> np.ndarray:
    """A vector of ones to multiply with."""
    return np.ones(n, dtype)


def run_hooks(node: Tensor, g: Any, found: dict[Tensor, Any]) -> Any:
    """Hand the cotangent of a node to those who asked for it; a hook may return another in its place."""
    notes = node.notes or {}
    for hook in tuple(notes.get("hooks", {}).values()):
        replaced = hook(shown(g))
        if replaced is not None:
            if isinstance(replaced, Tensor) and not isinstance(g, Tensor):
                replaced = replaced.data
            elif not hasattr(replaced, "dtype"):
                replaced = np.asarray(replaced)
            if replaced.shape != node.shape or not np.can_cast(replaced.dtype, g.dtype, "same_kind"):
                what = f"shape {replaced.shape}" if replaced.shape != node.shape else f"{replaced.dtype}, not {g.dtype}"
                raise RuleError(f"a hook of {describe(node)} returned a cotangent of {what}")
            g = anp.astype(replaced, g.dtype) if replaced.dtype != g.dtype else replaced
    if notes.get("retain"):
        found[node] = g
    return g


def shown(g: Any) -> Any:
    """A cotangent for a hook to look at: other nodes may hold the same array, so it is not to be written."""
    if type(g) is np.ndarray:
        g = g.view()
        g.setflags(write=False)
    return g


def check_unchanged(nodes: list[Tensor]) -> None:
    """A recorded walk runs on the tensors themselves, so their data must be what the graph was recorded with."""
    for node in nodes:
        if node.record is not None:
            for arg, value in zip(node.record[1], node.record[3], strict=True):
                if isinstance(arg, Tensor) and arg._value is not value:
                    raise GraphError(
                        f"the data of {describe(arg)} was replaced after {node.record[0].name} was recorded; "
                        "compute the output again before differentiating it twice"
                    )


def blame(error: Exception, primitive: Primitive, argument: int, args: tuple[Any, ...], node: Tensor) -> Exception:
    """The error of a failed rule, told again with the primitive, the argument, and the line if that was noted."""
    source = "recorded at {source}: {code}".format(**node.notes) if node.notes and "source" in node.notes else ""
    note = f"while applying the rule of {primitive.name} for argument {argument}{source and ', ' + source}"
    if isinstance(error, IndexError) and argument >= _rule_count(primitive):
        return NoRuleError(f"{primitive.name} has no derivative rule for argument {argument}{nearest(primitive)}")
    if isinstance(error, AttributeError) and error.name in ("shape", "dtype"):
        return RuleError(
            f"the rule of {primitive.name} for argument {argument} did not return an array ({error}); "
            "a rule is (g, out, *args, **kwargs) -> cotangent"
        )
    if isinstance(error, AutogradError):
        if isinstance(error, (NonFiniteError, ConversionError)):
            error.add_note(note)
        return error
    told = explain(error, primitive, args)
    told.add_note(note)
    return told


def _rule_count(primitive: Primitive) -> int:
    return len(primitive.rules) if hasattr(primitive.rules, "__len__") else sys.maxsize


def nearest(primitive: Primitive) -> str:
    """What to try where a rule is missing."""
    return "; write one with autograd.extend.defvjp, or pass that argument's .data to hold it constant"


def take(found: dict[Tensor, Any], node: Tensor) -> Any:
    """Take a cotangent out of the table, as an array that nobody else holds: its owner may change it in place."""
    g = found.pop(node)
    if type(g) is np.ndarray and (sys.getrefcount(g) > 2 or g.base is not None or not g.flags.writeable):
        return g.copy()
    return g


def retain_grad(tensor: Tensor) -> None:
    """Have `backward` leave the cotangent of this inner tensor in its `.grad` too."""
    if not tensor.requires_grad:
        raise ValueError(f"{describe(tensor)} does not require a gradient, so there is none to retain")
    tensor.notes = {**(tensor.notes or {}), "retain": True}


class HookHandle:
    """Removes a hook: `handle.remove()`."""

    def __init__(self, tensor: Tensor, key: object) -> None:
        self.tensor, self.key = tensor, key

    def remove(self) -> None:
        """Take the hook off the tensor again."""
        if self.tensor.notes is not None:
            self.tensor.notes.get("hooks", {}).pop(self.key, None)


def register_hook(tensor: Tensor, hook: Any) -> HookHandle:
    """Call `hook(cotangent)` when the walk reaches this tensor; what it returns, if anything, replaces it."""
    if not tensor.requires_grad:
        raise ValueError(f"{describe(tensor)} does not require a gradient, so no cotangent will reach its hook")
    if not callable(hook):
        raise TypeError(f"a hook is a function of a cotangent, not {describe(hook)}")
    key = object()
    tensor.notes = {**(tensor.notes or {})}
    tensor.notes["hooks"] = {**tensor.notes.get("hooks", {}), key: hook}
    return HookHandle(tensor, key)


for _method in (backward, retain_grad, register_hook):
    setattr(Tensor, _method.__name__, _method)
