"""The door for your own operations: make a function one node of the graph, and give it a derivative.

The rules have HIPS autograd's form, staged: `vjp(out, *args, **kwargs)` returns a function from the cotangent of the
result to the cotangent of one argument. Written with `autograd.numpy`, a rule can be differentiated again.

>>> import numpy
>>> @primitive
... def cube(x):
...     return numpy.asarray(x) ** 3
>>> defvjp(cube, lambda out, x: lambda g: g * 3 * x**2)
>>> from autograd import grad
>>> float(grad(cube)(2.0)), float(grad(grad(cube))(2.0))
(12.0, 12.0)
"""

import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from . import numpy as anp
from .compat.boxes import Box
from .compat.custom import Custom, Rules, as_array
from .compat.nodes import JVPNode, VJPNode
from .compat.spaces import SparseObject, VSpace, vspace
from .errors import NoRuleError, RuleError
from .graph import Primitive, Tensor, describe
from .numpy.registry import registry
from .tree import flatten

__all__ = [
    "Box",
    "JVPNode",
    "SparseObject",
    "VJPNode",
    "VSpace",
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "notrace_primitive",
    "primitive",
    "register_notrace",
    "vspace",
]


def primitive(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function one operation of the graph, whose derivative `defvjp` or `defjvp` gives.

    Args:
        fun: computes on plain arrays; it may take and return numbers, arrays, and lists, tuples and dicts of them.

    Returns:
        a function of the same name and docstring, for plain arrays and Tensors alike. On Tensors `fun` runs on their
        arrays and is recorded as one step.

    Raises:
        NoRuleError: beside a Tensor, another that requires a gradient was given by keyword; rules are for arguments by
            position.
    """
    made = Custom(fun)

    @functools.wraps(fun)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return made(*args, **kwargs)

    wrapped.primitive = made  # type: ignore[attr-defined]
    wrapped.fun = fun  # type: ignore[attr-defined]
    wrapped._is_autograd_primitive = True  # type: ignore[attr-defined]
    if isinstance(fun, np.ufunc):
        registry.setdefault(fun, wrapped)  # so that the ufunc itself, called on a Tensor, records
    return wrapped


def _custom(fun: Callable[..., Any]) -> Primitive:
    """The primitive behind what the user holds."""
    made = getattr(fun, "primitive", fun)
    if not isinstance(made, Primitive) and getattr(fun, "__module__", "").startswith(anp.__name__):
        return Custom(fun)
    if not isinstance(made, Primitive):
        name = getattr(fun, "__name__", fun)
        raise TypeError(f"{name} is not a primitive; decorate it with autograd.extend.primitive")
    return made


def defvjp(fun: Callable[..., Any], *vjps: Callable[..., Any] | None, argnums: Iterable[int] | None = None) -> None:
    """Give a primitive its derivative, one rule an argument.

    A function of `autograd.numpy` that is itself made of others (`where`, `stack`) has its derivative from them, and a
    rule for it is not used.

    Args:
        fun: what `primitive` returned.
        vjps: for each argument `vjp(out, *args, **kwargs)`, which returns the function from the cotangent of the
            result to that of the argument; broadcasting need not be undone. None: the derivative is zero.
        argnums: which arguments the rules are for; by default the first ones in order.

    Raises:
        TypeError: `fun` is not a primitive, or a rule is neither a function nor None.

    >>> @primitive
    ... def scaled(x, by):
    ...     return x * by
    >>> defvjp(scaled, lambda out, x, by: lambda g: g * by, None)
    >>> from autograd import grad
    >>> grad(scaled)(2.0, 3.0)
    np.float64(3.0)
    """
    made = _custom(fun)
    given = _by_argument(made.name, vjps, argnums)
    _set_rules(made, {i: vjp and functools.partial(_staged, made.name, vjp) for i, vjp in given.items()})


def _by_argument(name: str, rules: Sequence[Any], argnums: Iterable[int] | None, word: str | None = None) -> dict:
    """The rules by the number of their argument; each a function, None, or the word that may stand for one."""
    given = dict(zip(itertools.count() if argnums is None else argnums, rules, strict=False))
    for argument, rule in given.items():
        if not (callable(rule) or rule is None or rule == word):
            also = f", {word!r}" if word else ""
            raise TypeError(f"the rule of {name} for argument {argument} is {rule!r}, not a function{also} or None")
    return given


def _staged(name: str, vjp: Callable[..., Any], g: Any, out: Any, *args: Any, **kwargs: Any) -> Any:
    return as_array(_pulled(name, vjp(out, *args, **kwargs), g))


def _pulled(name: str, back: Any, g: Any) -> Any:
    """What the second stage of a rule makes of `g`: of a copy, since a rule may write, and others hold `g` too."""
    if not callable(back):
        raise RuleError(
            f"the vjp of {name} returned {describe(back)}; vjp(out, *args) has to return a function "
            "from the cotangent of the result to that of the argument"
        )
    arrays, rebuild = flatten(g)
    cotangent = back(rebuild([a.copy() if type(a) is np.ndarray else a for a in arrays]))
    if cotangent is None:
        raise RuleError(f"the vjp of {name} made None of a cotangent; is a return missing in the function it returns?")
    return cotangent


def _set_rules(made: Primitive, rules: dict[int, Any], joint: Callable[..., Any] | None = None) -> None:
    if isinstance(made, Custom):
        made.rules.clear()
        made.rules.update(rules)
        made.joint = joint
    else:
        owner = Custom(made.fun)
        owner.rules.update(rules)
        owner.joint = joint
        made.rules = owner.rules


def defvjp_argnum(fun: Callable[..., Any], vjp: Callable[..., Any]) -> None:
    """`defvjp` with one rule for every argument: `vjp(argnum, out, args, kwargs)` returns cotangent -> cotangent.

    >>> @primitive
    ... def total(*terms):
    ...     return sum(terms)
    >>> defvjp_argnum(total, lambda argnum, out, args, kwargs: lambda g: g)
    >>> from autograd import grad
    >>> grad(total, argnum=2)(1.0, 2.0, 3.0)
    np.float64(1.0)
    """
    made = _custom(fun)

    class Each(Rules):
        def __missing__(self, argument: int) -> Any:
            return lambda g, out, *args, **kwargs: as_array(_pulled(made.name, vjp(argument, out, args, kwargs), g))

    owner = made if isinstance(made, Custom) else Custom(made.fun)
    made.rules = Each(owner)
    owner.joint = None


def defvjp_argnums(fun: Callable[..., Any], vjp: Callable[..., Any]) -> None:
    """`defvjp` for all arguments at once: `vjp(argnums, out, args, kwargs)` returns cotangent -> cotangents.

    `argnums` are those that a gradient is asked for; the cotangents are in their order.

    >>> @primitive
    ... def product(x, y):
    ...     return x * y
    >>> defvjp_argnums(product, lambda argnums, out, args, kwargs: lambda g: [g * args[1 - n] for n in argnums])
    >>> from autograd import grad
    >>> grad(product, argnum=(0, 1))(2.0, 3.0)
    (np.float64(3.0), np.float64(2.0))
    """
    made = _custom(fun)
    _set_rules(made, {}, lambda *given: functools.partial(_pulled, made.name, vjp(*given)))


def defjvp(
    fun: Callable[..., Any], *jvps: Callable[..., Any] | str | None, argnums: Iterable[int] | None = None
) -> None:
    """Give a primitive its derivative as forward mode has it; used, transposed, where no vjp is given.

    Args:
        jvps: for each argument `jvp(tangent, out, *args, **kwargs)`, the tangent of the result; "same" where the
            primitive is linear in the argument; None where the derivative is zero.
        argnums: which arguments these are for; by default the first ones in order.

    Raises:
        TypeError: `fun` is not a primitive, or a rule is neither a function nor "same" nor None.

    >>> @primitive
    ... def cube(x):
    ...     return x**3
    >>> defjvp(cube, lambda tangent, out, x: tangent * 3 * x**2)
    >>> from autograd import grad
    >>> grad(cube)(2.0)
    np.float64(12.0)
    """
    made = _custom(fun)
    given = _by_argument(made.name, jvps, argnums, "same")

    def joint(arguments: Sequence[int], tangents: Sequence[Any], out: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        (argument,), (tangent,) = arguments, tangents
        if argument not in given:
            raise NoRuleError(f"{made.name} has no derivative rule for argument {argument}; give it one with defjvp")
        jvp = given[argument]
        if jvp is None:
            return vspace(out).zeros()
        if jvp == "same":
            return _linear(made, argument, tangent, args, kwargs)
        return jvp(tangent, out, *args, **kwargs)

    defjvp_argnums(fun, joint)


def _linear(made: Primitive, argument: int, tangent: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """The primitive at `tangent`, written as a sum over a basis so that it can be transposed without a vjp."""
    terms = []
    for index in np.ndindex(tangent.shape):
        unit = np.zeros(tangent.shape, tangent.dtype)
        unit[index] = 1
        terms.append(tangent[index] * anp.asarray(made(*args[:argument], unit, *args[argument + 1 :], **kwargs)))
    return functools.reduce(lambda a, b: a + b, terms)


def defjvp_argnum(fun: Callable[..., Any], jvp: Callable[..., Any]) -> None:
    """`defjvp` with one rule for every argument: `jvp(argnum, tangent, out, args, kwargs)`."""
    defjvp_argnums(fun, lambda argnums, tangents, *rest: jvp(argnums[0], tangents[0], *rest))


def defjvp_argnums(fun: Callable[..., Any], jvp: Callable[..., Any]) -> None:
    """`defjvp` for all arguments at once: `jvp(argnums, tangents, out, args, kwargs)` is the tangent of the result.

    >>> @primitive
    ... def product(x, y):
    ...     return x * y
    >>> def along(argnums, tangents, out, args, kwargs):
    ...     return sum(tangent * args[1 - n] for n, tangent in zip(argnums, tangents))
    >>> defjvp_argnums(product, along)
    >>> from autograd import make_jvp
    >>> make_jvp(product, argnum=(0, 1))(2.0, 3.0)((1.0, 0.5))
    (np.float64(6.0), np.float64(4.0))
    """
    made = _custom(fun)
    if isinstance(made, Custom):  # NumPy's functions have their vjps, from which forward mode follows
        made.jvps = jvp


def def_linear(fun: Callable[..., Any]) -> None:
    """Say that a primitive is linear in each of its arguments, which gives its derivative.

    >>> @primitive
    ... def backwards(x):
    ...     return x[::-1]
    >>> def_linear(backwards)
    >>> from autograd import grad
    >>> grad(lambda x: backwards(x)[0])(np.ones(3))
    array([0., 0., 1.])
    """
    made = _custom(fun)
    defjvp_argnum(fun, lambda argnum, tangent, out, args, kwargs: _linear(made, argnum, tangent, args, kwargs))


def notrace_primitive(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function see plain arrays where it is given Tensors; its result is a constant.

    >>> @notrace_primitive
    ... def largest(x):
    ...     return x.max()
    >>> largest(Tensor([1.0, 2.0], requires_grad=True))
    np.float64(2.0)
    """

    @functools.wraps(fun)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return fun(*[a.data if isinstance(a, Tensor) else a for a in args], **kwargs)

    return wrapped


def register_notrace(trace_type: type, fun: Callable[..., Any]) -> None:
    """Say that a primitive has no derivative: its result is a constant.

    Args:
        trace_type: JVPNode or VJPNode in HIPS autograd; here one call is for both modes.
        fun: what `primitive` returned.

    >>> @primitive
    ... def sign(x):
    ...     return np.sign(x)
    >>> register_notrace(VJPNode, sign)
    >>> sign(Tensor(-3.0, requires_grad=True))
    np.float64(-1.0)
    """
    _custom(fun).differentiable = False
