"""Which of our functions stands for which of NumPy's, so that `np.exp(t)` on a Tensor records as well."""

from __future__ import annotations

import functools
import inspect
from collections import UserList, deque
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..errors import ConversionError, NoRuleError
from ..graph import (
    EMPTY,
    OPERANDS,
    Docstring,
    Primitive,
    Rule,
    Tensor,
    apply,
    apply_stable,
    apply_to_one,
    describe,
    forbid_in_capture,
    mode,
    outranks,
)

registry: dict[Any, Callable[..., Any]] = {}
primitives: dict[str, Primitive] = {}
# rooms that are not loaded before they are needed, and what is in them of the main namespace
ROOMS = {
    "calculus": "apply_along_axis apply_over_axes corrcoef cov diff ediff1d gradient interp trapezoid unwrap",
    "counting": """bincount histogram histogram2d histogram_bin_edges histogramdd intersect1d setdiff1d setxor1d union1d
        unique unique_all unique_counts unique_inverse unique_values""",
    "creation": """copy divmod frexp full full_like geomspace ix_ ldexp linspace logspace meshgrid modf nan_to_num
        real_if_close""",
    "fft": "",
    "legacy": """Inf Infinity NINF NZERO NaN PINF PZERO alltrue asfarray bmat cfloat complex_ cumproduct float_ in1d
        infty msort product round_ row_stack singlecomplex sometrue trapz""",
    "linalg": "",
    "padding": "pad",
    "polynomials": "poly polyadd polyder polydiv polyfit polyint polymul polysub polyval roots vander",
    "questions": """allclose argwhere array2string array_equal array_equiv array_repr array_str can_cast common_type
        diag_indices_from einsum_path flatnonzero iscomplexobj isfortran isin isrealobj isscalar iterable
        may_share_memory min_scalar_type ndim nonzero packbits ravel_multi_index result_type save savetxt savez
        savez_compressed shape shares_memory size tril_indices_from triu_indices_from typename unpackbits
        unravel_index""",
    "signals": "convolve correlate i0 kaiser sinc sliding_window_view",
    "sorting": """argpartition argsort digitize lexsort median nanmedian nanpercentile nanquantile partition percentile
        quantile searchsorted sort sort_complex""",
    "statistics": "average nancumprod nancumsum nanmax nanmean nanmin nanprod nanstd nansum nanvar ptp std var",
}
LATER = {name: room for room, names in ROOMS.items() for name in names.split()}


class _Docstring(Docstring):
    """Where the function has none of its own, that of NumPy's function of the name."""

    def __get__(self, primitive: Primitive | None, kind: type) -> str | None:
        own = super().__get__(primitive, kind)
        if own is not None or primitive is None:
            return own
        found: Any = np
        for part in primitive.name.split("."):
            found = getattr(found, part, None)
        return getattr(found, "__doc__", None)


class Function(Primitive):
    """A primitive that answers to one of NumPy's functions, with its habits: lists as arrays, a ufunc's options."""

    __doc__ = _Docstring(__doc__)

    masked: Callable[..., Any] | None = None  # a reduction's `where=`: (mask, x, ...) -> result

    def __init__(self, fun: Callable[..., Any], *args: Any, **kinds: Any) -> None:
        super().__init__(fun, *args, **kinds)
        self.inputs = fun.nin if isinstance(fun, np.ufunc) else 0  # of a ufunc
        self.most = self.inputs or place_of_out(fun)  # of positional arguments: NumPy would write into the next one

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and isinstance(args[0], Tensor):  # most calls are of this kind
            if self.stabilize is None:
                return apply_to_one(self, self.fun, args, EMPTY)
            return apply_stable(self, args, EMPTY)
        if len(args) > self.most and holds_tensor(args):
            if self.inputs or args[self.most] is not None:
                raise no_output(self.name)
            args, kwargs = args[: self.most], {**behind_out(args[self.most + 1 :]), **kwargs}
        if self.inputs == 2:
            for a in args:
                if type(a) not in OPERANDS and not isinstance(a, Tensor) and outranks(a):
                    return self.fun(*args, **kwargs)  # the other's own affair, as with an operator
        try:
            if not kwargs and self.stabilize is None:
                for a in args:
                    if isinstance(a, Tensor):
                        return apply(self, self.fun, args, kwargs)
                return self.fun(*args)
            if kwargs and self.inputs and holds_tensor((*args, *kwargs.values())):
                args, unknown = ufunc_options(self.name, args, kwargs, self.differentiable)
                if unknown:
                    raise TypeError(f"{self.name}: no keyword argument {sorted(unknown)} for Tensors; pass by position")
                return self(*args)
            if "out" in kwargs and holds_tensor((*args, *kwargs.values())) and kwargs.pop("out") is not None:
                raise no_output(self.name)
            if self.masked is not None and "where" in kwargs and holds_tensor(args):
                mask = kwargs.pop("where")
                if mask is not True and mask is not np._NoValue:
                    return self.masked(mask, gathered(args[0]), *args[1:], **kwargs)
            if kwargs and holds_tensor(kwargs.values()):
                args, kwargs = self._by_position(args, kwargs)
                for key, value in kwargs.items():
                    if isinstance(value, Tensor):
                        raise NoRuleError(
                            f"{self.name}: no rule for a Tensor as keyword argument {key!r}; "
                            "pass its .data to hold it constant"
                        )
            if kwargs.get("dtype") is not None and holds_tensor(args[:1]):
                first, dtype = gathered(args[0]), np.dtype(kwargs["dtype"])
                if dtype.kind not in "fc" or (first.dtype.kind, dtype.kind) == ("c", "f"):
                    # NumPy casts before it computes, and a cast to whole numbers ends the graph
                    args = (registry[np.astype](first, dtype), *args[1:])
            return Primitive.__call__(self, *args, **kwargs)
        except ConversionError:
            if not any(isinstance(a, (list, tuple)) and holds_tensor(a) for a in args):
                raise
            return self(*[gathered(a) for a in args], **kwargs)

    def _by_position(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Tensors given by keyword moved to their positions, which is where derivative rules find them."""
        try:
            signature = inspect.signature(self.fun)
            bound = signature.bind(*args, **kwargs).arguments
        except (TypeError, ValueError):
            return args, kwargs
        names = [n for i, n in enumerate(bound) if any(isinstance(v, Tensor) for v in list(bound.values())[i:])]
        movable = all(signature.parameters[n].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for n in names)
        if names != list(signature.parameters)[: len(names)] or not movable:
            return args, kwargs
        return tuple(bound[n] for n in names), {k: v for k, v in kwargs.items() if k not in names}


def _of_ufunc(name: str) -> property:
    return property(lambda self: getattr(self.fun, name))


for _name in "accumulate at identity nargs nin nout ntypes outer reduce reduceat signature types".split():
    setattr(Function, _name, _of_ufunc(_name))  # by __getattr__ all other attributes would be slower


def ufunc_options(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any], casts: bool = True
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments as the keywords that every ufunc takes would have them, and the keywords that are left."""
    out = kwargs.get("out")
    if out is not None and not (isinstance(out, tuple) and all(o is None for o in out)):
        raise no_output(name)
    if kwargs.get("where", True) is not True:
        raise no_rule(f"{name} with where=", args, "; call where(mask, result, other) on the result instead")
    if kwargs.get("dtype") is not None and casts:
        dtype = np.dtype(kwargs["dtype"])
        arrays = [gathered(a) if holds_tensor((a,)) else np.asarray(a) if type(a) in (list, tuple) else a for a in args]
        if dtype.kind == "f" and any(getattr(a, "dtype", dtype).kind == "c" for a in arrays):
            what = f"{name} of complex numbers with dtype={dtype}"
            raise no_rule(what, args, "; call astype on the result")
        casting = kwargs.get("casting", "same_kind")
        args = tuple(cast(a, dtype, casting, f"{name}: ") if hasattr(a, "dtype") else a for a in arrays)
        if dtype.kind not in "fc":
            args = tuple(a if hasattr(a, "dtype") else dtype.type(a) for a in args)
    return args, {k: v for k, v in kwargs.items() if k not in ("out", "where", "dtype", "casting", "order", "subok")}


def cast(array: Any, dtype: Any, casting: Any, told_by: str = "") -> Any:
    """The array in another dtype, where NumPy's rule of casting allows it."""
    if not np.can_cast(array.dtype, dtype, casting):
        what = f"{told_by}{describe(array)} of {array.dtype}"
        raise TypeError(f"{what} cannot be cast to {np.dtype(dtype)} with {casting=}")
    return registry[np.astype](array, dtype)


def holds_tensor(values: Iterable[Any]) -> bool:
    """Whether there is a Tensor among the values, or in lists and tuples among them."""
    return any(isinstance(v, Tensor) or (isinstance(v, (list, tuple)) and holds_tensor(v)) for v in values)


def members(args: Iterable[Any], kwargs: dict[str, Any]) -> list[Any]:
    """The arguments of a call, and what the lists and tuples among them hold."""
    given = [*args, *kwargs.values()]
    for value in given:
        given += value if type(value) in (list, tuple) else ()
    return given


def plain(value: Any) -> Any:
    """The data of a Tensor, anything else as it is; for questions about shape and dtype."""
    return value._value if isinstance(value, Tensor) else value


def known(value: Any, function: str) -> Any:
    """The data of a Tensor whose numbers a function must know; not to be had while a program is captured."""
    if isinstance(value, Tensor):
        forbid_in_capture(value, f"the values ({function})")
    return plain(value)


def for_other_data() -> bool:
    """Whether what is recorded now will be compiled and run on other data: then nothing may be chosen by values."""
    return mode.capturing and mode.recording is not True


def gathered(value: Any) -> Any:
    """A list or tuple with Tensors in it as one Tensor; anything else as it is."""
    return registry[np.asarray](value) if isinstance(value, (list, tuple)) and holds_tensor(value) else value


def primitive(fun: Callable[..., Any], *rules: Rule | None, name: str | None = None, **kinds: Any) -> Function:
    """Make NumPy's `fun` a primitive with one rule an argument, and have Tensors answer to it."""
    made = Function(fun, name, rules, **kinds)
    primitives[made.name] = made
    registry.setdefault(fun, made)
    return made


class EachArgument:
    """The rules of a primitive with any number of arguments: one rule, told which argument it is for.

    Args:
        rule: `(argument, g, out, *args, **kwargs) -> cotangent`.
        parts: `(g, out, *args, **kwargs) -> cotangents` of all arguments at once, which of thousands is far cheaper.
    """

    def __init__(self, rule: Callable[..., Any], parts: Callable[..., list[Any]] | None = None) -> None:
        self.rule = rule
        self.parts = parts

    def __getitem__(self, argument: int) -> Rule:
        return functools.partial(self.rule, argument)


def variadic(
    fun: Callable[..., Any],
    rule: Callable[..., Any],
    parts: Callable[..., list[Any]],
    name: str | None = None,
    **kinds: Any,
) -> Primitive:
    """A primitive with any number of arguments, which answers to no NumPy function by itself."""
    made = Primitive(fun, name, (), **kinds)
    made.rules = EachArgument(rule, parts)
    primitives[made.name] = made
    return made


def elementwise(
    fun: Callable[..., Any], *rules: Rule | None, name: str | None = None, linear: bool = False
) -> Function:
    """A primitive whose entry i depends on entry i of its broadcast arguments alone."""
    return primitive(fun, *rules, name=name, elementwise=True, linear=linear)


def constant(fun: Callable[..., Any], name: str | None = None, elementwise: bool = False) -> Function:
    """A primitive without derivative: comparisons, arg-max and the like."""
    return primitive(fun, name=name, differentiable=False, elementwise=elementwise)


def implements(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Have the decorated function stand for these functions of NumPy."""

    def register(ours: Callable[..., Any]) -> Callable[..., Any]:
        for function in functions:
            registry[function] = ours
        return ours

    return register


_ITERABLES = {UserList, deque, map, zip, type({}.values()), type(_ for _ in ())}


def composed(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """As `implements`, for a function made of primitives: plain arrays go straight to the first NumPy function."""
    theirs = functions[0]

    def register(ours: Callable[..., Any]) -> Callable[..., Any]:
        place = place_of_out(ours)

        @functools.wraps(ours)
        def function(*args: Any, **kwargs: Any) -> Any:
            if args and type(args[0]) in _ITERABLES:
                args = (list(args[0]), *args[1:])  # of Tensors, perhaps; HIPS autograd takes such for a list
            if not (holds_tensor(args) or holds_tensor(kwargs.values())):
                return theirs(*args, **kwargs)
            if kwargs and isinstance(theirs, np.ufunc):
                args, kwargs = ufunc_options(theirs.__name__, args, kwargs)
            if kwargs.get("out") is not None or (len(args) > place and args[place] is not None):
                raise no_output(theirs.__name__)
            kwargs.pop("out", None)
            try:
                return ours(*args, **kwargs)
            except (AttributeError, TypeError):  # a list, perhaps, where it needs an array
                if not any(isinstance(a, (list, tuple)) and holds_tensor(a) for a in (*args, *kwargs.values())):
                    raise
                arrays = [np.asarray(a) if type(a) is list else a for a in map(gathered, args)]
                return ours(*arrays, **{k: gathered(v) for k, v in kwargs.items()})

        return implements(*functions)(function)

    return register


def place_of_out(function: Callable[..., Any]) -> int:
    """Which argument by position is `out`; 99 if there is none."""
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    names = code.co_varnames[: code.co_argcount] if code else ()
    return names.index("out") if "out" in names else 99


def behind_out(args: tuple[Any, ...]) -> dict[str, Any]:
    """What NumPy's reductions take behind `out`, by name."""
    return dict(zip(("keepdims", "initial", "where")[: len(args)], args, strict=True))


def on_values(function: Callable[..., Any], reads_values: bool = True) -> Callable[..., Any]:
    """NumPy's function on the plain values of Tensors, for results that are no arrays or have no derivative."""
    registry[function] = call = with_values(function, reads_values)
    return call


def with_values(function: Callable[..., Any], reads_values: bool = True) -> Callable[..., Any]:
    """A function that takes the plain values of Tensors."""

    def stripped(value: Any) -> Any:
        if type(value) in (list, tuple) and holds_tensor((value,)):
            return type(value)(stripped(v) for v in value)
        return known(value, function.__name__) if reads_values else plain(value)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*[stripped(a) for a in args], **{k: stripped(v) for k, v in kwargs.items()})

    return call


def without_rule(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The result of a function that has no rule here, and needs none where nothing it is given is tracked."""
    if any(isinstance(value, Tensor) and value.track for value in members(args, kwargs)):
        room = (getattr(function, "__module__", None) or "numpy").removeprefix("numpy").lstrip(".")
        name = getattr(function, "__name__", str(function))
        foreign = isinstance(function, np.ufunc) and not hasattr(np, name)
        advice = "; SciPy's has one after `import autograd.scipy.special`" if foreign else ""
        raise no_rule(f"{room}.{name}".lstrip("."), args, advice)
    return with_values(function)(*args, **kwargs)


def no_output(name: str) -> ConversionError:
    """The error for `out=`, which cannot hold a recorded result."""
    return ConversionError(f"{name}: out= cannot take a recorded result; leave it out and use what is returned")


def no_rule(name: str, args: Any, advice: str = "") -> NoRuleError:
    """The error for a NumPy function that has no derivative here, with the nearest that has."""
    import difflib

    names = {*primitives, *LATER, *(getattr(f, "__name__", "") for f in registry)}
    known = sorted(n for n in names if n[:1].isalpha())
    near = difflib.get_close_matches(name, known, 3, 0.55) or difflib.get_close_matches(name.rpartition(".")[2], known)
    advice = advice or (f"; nearest: {', '.join(near)}" if near else "")
    shown = ", ".join(describe(a) for a in args if isinstance(a, Tensor))
    return NoRuleError(
        f"no rule for {name}({shown}){advice}. Write one with autograd.extend.primitive and defvjp, "
        "or pass .data to hold the argument constant"
    )
