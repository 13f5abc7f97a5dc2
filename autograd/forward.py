"""Forward mode: tangents pushed through a recorded graph, oldest node first, without a second table of rules.

A rule is the derivative transposed: linear in g, from the result to the argument. A map entry by entry on real numbers
is its own transpose, so there the rule pushes tangents as it stands. A function linear in an argument is its own
derivative. Any other rule is transposed once more, by its own vjp; and so is the whole walk where zeros of structure
may meet infinite slopes (see `masks`), which the walk knows how to tell from zeros that were computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import numpy as anp
from .backward import blame, check_unchanged, choose, fit, recorded, slope_dtype
from .graph import Observer, Primitive, Tensor, mode, set_mode
from .numpy.several import Parts
from .tree import flatten
from .vjp import Vjp, start

# Linear in each argument alone, as every structural primitive is in its first; and in all arguments together.
LINEAR = {"matmul", "dot", "tensordot", "einsum", "inner", "outer", "mean", "cumsum", "real", "imag", "conjugate"}
LINEAR |= {"fft.fft", "fft.ifft", "fft.rfft", "fft.irfft", "item"}
JOINED = {"concatenate", "stack"}


def jvp(run: Vjp, v: Any) -> Any:
    """The derivative of a function that was run once, along `v`, a nest like its argument; a nest like its result."""
    vs, _ = flatten(v)
    if len(vs) != len(run.leaves):
        raise ValueError(f"{len(vs)} tangents were given for an argument of {len(run.leaves)} arrays")
    given = [start(t, leaf, "tangent") for leaf, t in zip(run.leaves, vs, strict=True)]
    record = run.foreign or any(isinstance(t, Tensor) and t.track for t in given)
    if not mode.capturing and not (record and any(map(_chooses, run.nodes))):
        tangents = push(run.nodes, dict(zip(run.leaves, given, strict=True)), record, run.foreign)
        made = [_end(tangents.get(o) if isinstance(o, Tensor) else None, o) for o in run.outputs]
        if all(map(_finite, made)):
            return run.rebuild_output(made)
    watcher = mode.recording
    if isinstance(watcher, bool):
        return _transposed(run, given)
    with set_mode(recording=True):  # what a cotangent of zeros meets is not what the watcher looks for
        end = _transposed(run, given)
        if not all(map(_finite, flatten(end)[0])):
            push(run.nodes, dict(zip(run.leaves, given, strict=True)), record, run.foreign, watcher)
    return end


def _transposed(run: Vjp, given: list[Any]) -> Any:
    """The whole walk transposed, at a cotangent of zeros."""
    return Vjp(run, run.rebuild_output([_zeros(o) for o in run.outputs]))(run.rebuild(given))


def _end(tangent: Any, output: Any) -> Any:
    """A tangent as an array that nobody else holds; zeros where the result does not depend on the argument."""
    if tangent is None:
        return _zeros(output)
    return tangent.copy() if isinstance(tangent, np.ndarray) else tangent


def _zeros(output: Any) -> Any:
    value = output._value if isinstance(output, Tensor) else output
    return Parts(map(_zeros, value)) if isinstance(value, Parts) else anp.zeros_like(value, dtype=slope_dtype(value))


def _chooses(node: Tensor) -> bool:
    """Whether zeros of structure are made here, which may meet an infinite slope in the next order."""
    primitive = node.primitive
    return primitive is not None and primitive.elementwise and primitive.support is not None


def _finite(tangent: Any) -> bool:
    value = tangent._value if isinstance(tangent, Tensor) else tangent
    if isinstance(value, np.generic):
        return bool(np.isfinite(value))
    return isinstance(value, np.ndarray) and bool(np.isfinite(value).all())


def push(
    nodes: list[Tensor], tangents: dict[Tensor, Any], record: bool, tensors: bool, watcher: Observer | None = None
) -> dict[Tensor, Any]:
    """Carry the tangents of some nodes forward to all that were computed from them.

    Args:
        nodes: of one graph, newest first.
        tangents: of the nodes to start from, each of its node's shape.
        record: what is done with the tangents is to be differentiated,
        tensors: and by the values of the graph as well: run the rules on its Tensors.
        watcher: looks at each step.

    Returns:
        `tangents` and those of the nodes computed from theirs.
    """
    if tensors:
        check_unchanged(nodes)
    outside = mode.recording
    mode.recording = record and (outside or True)
    try:
        return _push(nodes, tangents, tensors, watcher)
    finally:
        mode.recording = outside


@np.errstate(divide="ignore", over="ignore", invalid="ignore")
def _push(
    nodes: list[Tensor], tangents: dict[Tensor, Any], tensors: bool, watcher: Observer | None
) -> dict[Tensor, Any]:
    starts = set(tangents)
    for node in reversed(nodes):
        record = node.record
        if record is None or node in starts:
            continue
        if record[6] is not None:
            record = choose(record, starts)
        primitive, args, kwargs, values, out, parents, _ = record
        ins: Sequence[Any] = values
        if tensors:
            ins, out = recorded(node, record)
        moved = {i: tangents[args[i]] for i in parents if args[i] in tangents}
        if moved and primitive.name in JOINED:
            still = (anp.zeros_like(x) if i not in moved else moved[i] for i, x in enumerate(ins))
            tangents[node] = primitive(*still, **kwargs)
            continue
        for i, tangent in moved.items():
            try:
                pushed = _along(primitive, i, tangent, out, ins, kwargs)
            except Exception as error:
                raise blame(error, primitive, i, args, node) from error
            if pushed is not None:
                if watcher is not None:
                    watcher.pushed(node, i, tangent, pushed)
                pushed = fit(pushed, node._value, primitive, i) if pushed.dtype is not out.dtype else pushed
                tangents[node] = tangents[node] + pushed if node in tangents else pushed
    return tangents


def _along(primitive: Primitive, i: int, tangent: Any, out: Any, ins: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """The derivative of one operation along the tangent of one argument; None where it is zero."""
    if (i == 0 and primitive.structural and "initial" not in kwargs) or primitive.name in LINEAR:
        return primitive(*ins[:i], tangent, *ins[i + 1 :], **kwargs)
    rule = primitive.rules[i]
    if rule is None:
        return None
    if primitive.elementwise and out.dtype.kind == "f" == tangent.dtype.kind:
        spread = tangent if tangent.shape == out.shape else anp.broadcast_to(tangent, out.shape)
        return rule(spread, out, *ins, **kwargs)
    value = ins[i]._value if isinstance(ins[i], Tensor) else ins[i]
    return Vjp(lambda g: fit(rule(g, out, *ins, **kwargs), value, primitive, i), _zeros(out))(tangent)
