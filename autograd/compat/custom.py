"""The primitives that users make: rules by argument, for all arguments at once, or from jvps; and nests of arrays.

`autograd.extend` is the door to them.
"""

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from .. import numpy as anp
from ..backward import fit
from ..errors import NoRuleError, RuleError
from ..graph import Primitive, Tensor, apply, describe, mode
from ..numpy.registry import primitives
from ..tree import flatten
from ..vjp import Vjp

_CONTAINERS = (list, tuple, dict)


class Custom(Primitive):
    """A primitive of the user's. `joint` gives the cotangents of several arguments at once; `jvps` are transposed."""

    def __init__(self, fun: Callable[..., Any]) -> None:
        super().__init__(fun, getattr(fun, "__name__", "primitive"))
        self.__doc__ = fun.__doc__
        if getattr(np, self.name, None) is not fun and (self.name in primitives or hasattr(np, self.name)):
            self.name += "_"  # the compiler and other readers go by name, and a user's exp need not be NumPy's
        self.rules = Rules(self)
        self.joint: Callable[..., Any] | None = None
        self.jvps: Callable[..., Any] | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        plain = nested = True
        for a in args:
            if isinstance(a, Tensor):
                plain = False
            elif isinstance(a, _CONTAINERS) and any(isinstance(leaf, Tensor) for leaf in flatten(a)[0]):
                plain = nested = False
        if plain:
            return self.fun(*args, **kwargs)
        self.refuse_lost(kwargs)
        if nested and self.joint is None:
            out = self.run([_held(a) for a in args], kwargs)
            if not self.differentiable:
                return out
            if not isinstance(out, _CONTAINERS):
                out = self.array(out)
                result = apply(self, lambda *_, **__: out, args, kwargs)
                _held(result)
                _lock(result, (args, kwargs))
                return result
            return _Call(self, args, kwargs).packed(out)
        return _Call(self, args, kwargs)()

    def refuse_lost(self, kwargs: dict[str, Any]) -> None:
        """Raise NoRuleError if a gradient would be lost in a keyword; rules are for arguments by position."""
        for key, value in kwargs.items():
            if mode.recording and any(isinstance(leaf, Tensor) and leaf.requires_grad for leaf in flatten(value)[0]):
                raise NoRuleError(
                    f"{self.name}: no rule for a Tensor as keyword argument {key!r}; "
                    "pass it by position, or pass its .data to hold it constant"
                )

    def run(self, args: Iterable[Any], kwargs: dict[str, Any]) -> Any:
        """The user's function on arrays."""
        try:
            return self.fun(*args, **{key: _held(value) for key, value in kwargs.items()})
        except ValueError as error:
            if "read-only" in str(error):
                error.add_note(
                    f"{self.name} writes into an array that it was given in a recorded step, for whose rules it has to "
                    "stay: write into a copy, or call it in `with autograd.guard_arrays(False):`"
                )
            raise

    def array(self, out: Any) -> Any:
        """A result that is no nest, as an array or a number of NumPy's."""
        made = out if hasattr(out, "dtype") else np.asarray(out)[()]
        if not hasattr(made, "dtype"):  # NumPy held it as an object
            raise TypeError(
                f"{self.name} returned a {type(out).__name__}; a primitive returns numbers, arrays, and lists, tuples "
                "and dicts of them"
            )
        return made


def _held(value: Any) -> Any:
    """The array of a Tensor, read-only for the user's functions that are handed it; anything else as it is."""
    if not isinstance(value, Tensor):
        return value
    if value.guard is not None:
        value.guard.add(value._value)
    return value._value


def _lock(result: Tensor, nest: Any) -> None:
    """Keep the arrays in nests and keywords read-only too, which the rules of the user will see."""
    if result.guard is not None:
        for leaf in flatten(nest)[0]:
            result.guard.add(leaf)


class Rules(dict[int, Any]):
    """The rules of a `Custom` by argument; a missing one is made from `joint` or from the jvps, or is an error."""

    def __init__(self, owner: Custom) -> None:
        self.owner = owner

    def __missing__(self, argument: int) -> Any:
        if self.owner.joint is not None:
            return functools.partial(_one_of_joint, self.owner, argument)
        if self.owner.jvps is not None:
            return functools.partial(_transposed, self.owner, argument)
        raise NoRuleError(
            f"{self.owner.name} has no derivative rule for argument {argument}; "
            "give it one with autograd.extend.defvjp, or pass that argument's .data to hold it constant"
        )


def _one_of_joint(owner: Custom, argument: int, g: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
    assert owner.joint is not None
    return as_array(next(iter(owner.joint((argument,), out, args, kwargs)(g))))


def _transposed(owner: Custom, argument: int, g: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
    """The vjp of a primitive that has a jvp: the jvp is linear in its tangent, so its own vjp is the rule."""
    assert owner.jvps is not None

    def along(tangent: Any) -> Any:
        made = owner.jvps((argument,), (tangent,), out, args, kwargs)  # type: ignore[misc]
        if isinstance(out, _CONTAINERS):
            return made
        made = as_array(made)
        if isinstance(made, (np.ndarray, np.generic)) and not made.any():
            return np.zeros(out.shape)
        if getattr(made, "shape", None) != out.shape:
            raise RuleError(
                f"the jvp of {owner.name} for argument {argument} returned {describe(made)} as the tangent of a result "
                f"of shape {out.shape}"
            )
        if not isinstance(made, Tensor):
            raise RuleError(
                f"the jvp of {owner.name} for argument {argument} does not depend on the tangent it is given"
            )
        return made

    leaves, rebuild = flatten(args[argument])
    zeros = rebuild([np.zeros_like(leaf._value if isinstance(leaf, Tensor) else leaf) for leaf in leaves])
    return Vjp(along, zeros)(g)


class _Call:
    """One call of a primitive with nests among its arguments or for its result, recorded on their arrays.

    The recorded operation takes the arrays one by one and returns a single vector, from which the result's nest is
    cut; the primitive's own rules are asked once an argument (or once for all, if joint) and answer for all its arrays.
    """

    def __init__(self, owner: Custom, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        self.owner, self.kwargs = owner, kwargs
        self.nests = [_flatten_tensors(a) for a in args]
        self.leaves = [leaf for leaves, _ in self.nests for leaf in leaves]
        self.places = [(i, k) for i, (leaves, _) in enumerate(self.nests) for k in range(len(leaves))]
        self.answers: tuple[Any, dict[int, list[Any]]] = (None, {})
        self.cut: Callable[[Any], Any] = _whole

    def __call__(self) -> Any:
        values = self.rebuild([_held(leaf) for leaf in self.leaves])
        out = self.owner.run(values, self.kwargs)
        return self.packed(out) if self.owner.differentiable else out

    def rebuild(self, leaves: Iterable[Any]) -> list[Any]:
        """The arguments with other leaves in them."""
        rest = iter(leaves)
        return [build(list(itertools.islice(rest, len(own)))) for own, build in self.nests]

    def packed(self, out: Any) -> Any:
        """Record the call with its result known."""
        if isinstance(out, _CONTAINERS):
            vector, self.cut = _pack(out)
        else:
            vector = self.owner.array(out)
        recorded = Primitive(self.again, self.owner.name)
        recorded.rules = Rules(self.owner)
        for place, leaf in enumerate(self.leaves):
            if isinstance(leaf, Tensor):
                recorded.rules[place] = functools.partial(self.rule, place)
        result = apply(recorded, lambda *_: vector, tuple(self.leaves), {})
        _lock(result, self.kwargs)
        return self.cut(result)

    def again(self, *leaves: Any) -> Any:
        """The vector of the result for other arrays, on which a record may be run."""
        out = self.owner.run(self.rebuild(leaves), self.kwargs)
        return _pack(out)[0] if isinstance(out, _CONTAINERS) else self.owner.array(out)

    def rule(self, place: int, g: Any, vector: Any, *leaves: Any) -> Any:
        """The cotangent of a leaf of an argument."""
        argument, k = self.places[place]
        if self.answers[0] is not g:
            self.answers = (g, {})
        answers = self.answers[1]
        if argument not in answers:
            answers.update(self.ask(argument, self.cut(g), self.cut(vector), self.rebuild(leaves)))
        cotangent, leaf = answers[argument][k], leaves[place]
        if self.cut is _whole or getattr(cotangent, "shape", leaf.shape) == leaf.shape:
            return cotangent
        return fit(cotangent, leaf, self.owner, argument)  # the walk does not know how many axes the parts of g have

    def ask(self, argument: int, g: Any, out: Any, args: list[Any]) -> dict[int, list[Any]]:
        """The cotangents of an argument, or of all tracked ones where the rule is joint."""
        if self.owner.joint is None:
            rule = self.owner.rules[argument]
            if rule is None:
                return {argument: [anp.zeros_like(leaf) for leaf in flatten(args[argument])[0]]}
            back = {argument: rule(g, out, *args, **self.kwargs)}
        else:
            wanted = tuple(i for i, (own, _) in enumerate(self.nests) if any(map(_tracked, own)))
            given = list(self.owner.joint(wanted, out, tuple(args), self.kwargs)(g))
            if len(given) != len(wanted):
                raise RuleError(
                    f"the rule of {self.owner.name} returned {len(given)} cotangents for the arguments {wanted}"
                )
            back = dict(zip(wanted, given, strict=True))
        return {i: list(_aligned(cotangent, args[i])) for i, cotangent in back.items()}


def _whole(vector: Any) -> Any:
    return vector


def _flatten_tensors(nest: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """`tree.flatten`, but a nest without arrays (a shape, an axis) is one leaf."""
    if isinstance(nest, _CONTAINERS):
        leaves, rebuild = flatten(nest)
        if any(isinstance(leaf, (Tensor, np.ndarray, float, complex, np.inexact)) for leaf in leaves):
            return leaves, rebuild
    return [nest], lambda new: new[0]


def _aligned(cotangent: Any, value: Any) -> Iterator[Any]:
    """The cotangents of a value's leaves; a vector will do for a list of numbers."""
    if not isinstance(value, _CONTAINERS):
        yield as_array(cotangent)
        return
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    if isinstance(value, dict) != isinstance(cotangent, dict) or not hasattr(cotangent, "__len__"):
        raise RuleError(f"a rule returned {describe(cotangent)} as the cotangent of a {type(value).__name__}")
    if len(cotangent) != len(keys):
        raise RuleError(
            f"a rule returned {len(cotangent)} cotangents for a {type(value).__name__} of {len(keys)}: {keys!r:.60}"
        )
    for key, item in zip(keys, value.values() if isinstance(value, dict) else value, strict=True):
        yield from _aligned(cotangent[key], item)


def _pack(nest: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The numbers of a nest as one vector, and the function that cuts such a vector into the nest again."""
    leaves, rebuild = flatten(nest)
    arrays = [np.asarray(leaf) for leaf in leaves]
    vector = np.concatenate([a.ravel() for a in arrays]) if arrays else np.zeros(0)
    ends = list(itertools.accumulate(a.size for a in arrays))

    def cut(vector: Any) -> Any:
        parts = []
        for leaf, a, end in zip(leaves, arrays, ends, strict=True):
            if a.dtype.kind not in "fc":
                parts.append(leaf)  # integers and the like have no derivative and pass as they are
                continue
            part = anp.reshape(vector[end - a.size : end], a.shape)
            if part.dtype != a.dtype:
                part = anp.astype(anp.real(part) if a.dtype.kind == "f" else part, a.dtype)
            parts.append(part)
        return rebuild(parts)

    return vector, cut


def _tracked(value: Any) -> bool:
    return isinstance(value, Tensor) and value.track > 0


def as_array(value: Any) -> Any:
    """A number, or what NumPy is told to read as an array, as one; anything else is for the walk to take or blame."""
    if hasattr(value, "dtype"):
        return value
    known = isinstance(value, (bool, int, float, complex)) or hasattr(value, "__array__")
    return np.asarray(value) if known else value
