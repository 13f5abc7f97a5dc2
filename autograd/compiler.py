"""A function captured once, simplified, written as NumPy source, and run as that source from then on."""

import inspect
import re
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .errors import CaptureError
from .graph import Observer, Tensor, mode, set_mode
from .numpy.registry import primitives
from .program import Line, Program, trace
from .simplify import simplify
from .simplify.lowering import lower
from .simplify.rewriter import is_uniform
from .simplify.scaling import sink_factors
from .tree import flatten
from .writer import Planned, Source, plan, readable
from .writer.expressions import literal

MISS = object()
LIBRARIES = {"autograd", "nn", "numpy", "contextlib", "functools"}
"""Packages whose local variables are no words of the user's."""


class CacheInfo(NamedTuple):
    """How often a call found compiled code, how often it had to be made, and how much of it may be and is kept."""

    hits: int
    misses: int
    maxsize: int
    currsize: int


def compile(fun: Callable[..., Any], *, donate: Sequence[int] = (), cache_size: int = 32) -> "Compiled":
    """A function equal to `fun` that runs as NumPy source written from one captured run of it.

    The first call with new shapes, dtypes or structure runs `fun` and records it, with the backward passes of `grad` and
    its kin inside. What it recorded is simplified and becomes source with planned buffers; see `Compiled.source`.

    Args:
        fun: a function of arrays, numbers and nested lists, tuples and dicts of them. Whole numbers, booleans and strings
            are taken for fixed and compile anew when they change; arrays it reads from outside are constants.
        donate: numbers of arguments whose arrays the results may overwrite: the result with the place of such an array in
            its nest, shape and dtype is written into it.
        cache_size: how many compiled versions are kept, the least recently used one is dropped first.

    Returns:
        a `Compiled`. Its results are new arrays in each call, except for donated ones; it may be called from many threads.

    Raises:
        CaptureError: on the first call, where `fun` branches on a value, or draws random numbers, or takes a value out of
            a Tensor, so that a recording would freeze it.

    >>> step = compile(lambda w: (w * w).sum())
    >>> float(step(np.array([1.0, 2.0]))), float(step(np.array([3.0, 4.0])))
    (5.0, 25.0)
    >>> step.cache_info()
    CacheInfo(hits=1, misses=1, maxsize=32, currsize=1)
    """
    return Compiled(fun, tuple(donate), cache_size)


def source(fun: Callable[..., Any], *args: Any, optimize: bool = False, **kwargs: Any) -> str:
    """The NumPy source of a function, as a person would write it; with `optimize`, as it runs with planned buffers.

    >>> print(source(lambda x: x * 2.0 + 1.0, np.ones(3)), end="")
    def function(x):
        return 2.0 * x + 1.0
    """
    entry = Entry(fun, args, kwargs, ())
    return entry.planned_text if optimize else entry.source.text


class Compiled:
    """A compiled function: call it as the one it was made from.

    Attributes:
        source: the readable NumPy source of the version used last. It runs on its own, given `import numpy as np`.
        planned_source: the text with planned buffers that is run in its place.
        constants: arrays the captured function read from outside; `source` takes them as keywords.
    """

    def __init__(self, fun: Callable[..., Any], donate: tuple[int, ...], cache_size: int) -> None:
        self.__wrapped__ = fun
        self.__name__ = getattr(fun, "__name__", "function")
        self.__doc__ = fun.__doc__ or self.__doc__
        self._donate = donate
        self._size = cache_size
        self._entries: OrderedDict[Any, Entry] = OrderedDict()
        self._lock = threading.RLock()
        self._local = _Local()
        self._misses = 0
        self._counters: list[list[int]] = []
        self._last: Entry | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The result of the function; `compile` says what may be given."""
        local = self._local
        if not kwargs:
            result = local.step(*args)
            if result is not MISS:
                local.hits[0] += 1
                return result
        return self._other(args, kwargs)

    def _other(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call that the version used last in this thread does not fit."""
        args, kwargs, key = normalize(args, kwargs)
        local = self._local
        with self._lock:
            if local.hits not in self._counters:
                self._counters.append(local.hits)
            entry = self._entries.get(key)
            if entry is None:
                entry = Entry(self.__wrapped__, args, kwargs, self._donate)
                self._misses += 1
                self._entries[key] = entry
                while len(self._entries) > self._size:
                    self._entries.popitem(last=False)
            else:
                local.hits[0] += 1
            self._entries.move_to_end(key)
            self._last = entry
        if not entry.on_numpy:
            return entry.interpret(args, kwargs)
        step = local.steps.get(entry)
        if step is None:
            local.steps = {e: s for e, s in local.steps.items() if e in set(self._entries.values())}
            step = local.steps[entry] = entry.build()
        if not kwargs:
            local.step = step
        return step(*args, **kwargs)

    def _latest(self) -> "Entry":
        if self._last is None:
            raise CaptureError(f"{self.__name__} has no source yet: call it once, so that shapes and dtypes are known")
        return self._last

    @property
    def source(self) -> str:
        """The readable NumPy source of the version used last."""
        return self._latest().source.text

    @property
    def planned_source(self) -> str:
        """The source with buffers that is run."""
        return self._latest().planned_text

    @property
    def constants(self) -> dict[str, Any]:
        """Arrays read from outside the function, by their names in the source."""
        return dict(self._latest().source.constants)

    @property
    def program(self) -> Program:
        """The simplified program of the version used last."""
        return self._latest().program

    def cache_info(self) -> CacheInfo:
        """Hits, misses, and the number of versions kept."""
        with self._lock:
            return CacheInfo(sum(c[0] for c in self._counters), self._misses, self._size, len(self._entries))

    def cache_clear(self) -> None:
        """Forget all versions and counts."""
        with self._lock:
            self._entries.clear()
            self._misses, self._counters, self._local = 0, [], _Local()


class _Local(threading.local):
    """What a thread has at hand: the version it used last, and its own buffers for each version."""

    def __init__(self) -> None:
        self.hits = [0]
        self.steps: dict[Entry, Callable[..., Any]] = {}
        self.step: Callable[..., Any] = lambda *args: MISS


# --- arguments


def normalize(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any], Any]:
    """Arguments with Tensors as their arrays, and the key that all calls with one compiled version share."""
    leaves, rebuild = flatten((args, kwargs))
    plain = [_plain(v) for v in leaves]
    args, kwargs = rebuild(plain)
    return args, kwargs, (_structure((args, kwargs)), *map(_kind, plain))


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        value = value.data
    if isinstance(value, np.ndarray) and type(value) is not np.ndarray:
        value = np.asarray(value)
    return value


def is_static(value: Any) -> bool:
    """Whether an argument is fixed in a compiled version: neither an array nor a floating number."""
    return not hasattr(value, "dtype") and not isinstance(value, (float, complex))


def _kind(value: Any) -> Any:
    if is_static(value):
        try:
            hash(value)
        except TypeError:
            raise TypeError(
                f"compiled functions take arrays, numbers and nests of them; {type(value).__name__} is none of these"
            ) from None
        return type(value), value
    if hasattr(value, "dtype"):
        return type(value), value.shape, value.dtype
    return (type(value),)


def _structure(tree: Any) -> Any:
    if isinstance(tree, dict):
        return type(tree), tuple((k, _structure(v)) for k, v in tree.items())
    if isinstance(tree, (list, tuple)):
        return type(tree), tuple(map(_structure, tree))
    return None


# --- capture


class Namer(Observer):
    """Gives recorded values the names of the local variables that held them, and cotangents names made from these."""

    def __init__(self) -> None:
        self.parts: dict[int, Tensor] = {}
        self.minor: set[int] = set()  # cotangents of inner values, whose names are only used where one is needed
        self.held: list[Any] = []

    def watch(self, frame: Any, event: str, arg: Any) -> None:
        """Called by Python when a function returns: its local variables name the Tensors in them."""
        if event != "return" or str(frame.f_globals.get("__name__")).partition(".")[0] in LIBRARIES:
            return
        if frame.f_code.co_name in ("<listcomp>", "<genexpr>", "<dictcomp>"):
            return
        for name, value in frame.f_locals.items():
            if isinstance(value, Tensor) and value.track and value.name is None and not name.startswith(("_", ".")):
                value.name = name

    def fired(self, node: Tensor, argument: int, g: Any, cotangent: Any) -> None:
        """Name a cotangent after what it belongs to, z2 -> delta3, a1 -> da1."""
        self._name(g, node)
        if isinstance(cotangent, Tensor) and node.record is not None:
            parent = node.record[1][argument]
            if isinstance(parent, Tensor):
                self._part(cotangent, parent)

    def seen(self, result: Tensor, primitive: Any, args: tuple[Any, ...]) -> None:
        """A sum of two parts of a cotangent is the cotangent so far."""
        if primitive.name == "add":
            owners = [self.parts.get(id(a)) for a in args]
            if owners[0] is not None and owners[0] is owners[1]:
                self._part(result, owners[0])

    def _part(self, cotangent: Tensor, owner: Tensor) -> None:
        self.parts[id(cotangent)] = owner
        self.held.append(cotangent)

    def _name(self, g: Any, owner: Tensor) -> None:
        if isinstance(g, Tensor) and g.name is None and g.record is not None and owner.name:
            g.name = cotangent_name(owner.name)
            self.held.append(g)
            if owner.record is not None and owner.primitive.name != "identity" and not g.name.startswith("delta"):
                self.minor.add(id(g))

    def finish(self, outputs: Sequence[Any]) -> None:
        """Name the gradients that are returned."""
        for output in outputs:
            owner = self.parts.get(id(output))
            if owner is not None and (owner.record is None or owner.primitive.name == "identity"):
                self._name(output, owner)


def cotangent_name(name: str) -> str:
    """The usual word for the cotangent of a value.

    >>> cotangent_name("z2"), cotangent_name("theta1")
    ('delta3', 'dtheta1')
    """
    layer = re.fullmatch(r"z(\d+)", name)
    return f"delta{int(layer[1]) + 1}" if layer else f"d{name}"


class Capture(NamedTuple):
    """What one captured run gave: its program, and its result with the numbers of the outputs in place of Tensors."""

    program: Program
    result: Any


class Place(NamedTuple):
    """Stands in a result's nest for an output of the program."""

    number: int


def capture(fun: Callable[..., Any], leaves: list[Any], rebuild: Callable[[list[Any]], Any], naming: bool) -> Capture:
    """Run `fun` once on leaves, of which the static ones are given to it as they are."""
    dynamic = [i for i, v in enumerate(leaves) if not is_static(v)]
    namer = Namer()
    found: list[Any] = []

    def run(*tensors: Tensor) -> Any:
        full = list(leaves)
        for i, tensor in zip(dynamic, tensors, strict=True):
            full[i] = tensor
        args, kwargs = rebuild(full)
        outside = sys.getprofile()
        with set_mode(recording=namer, guarding=False):
            if naming:
                sys.setprofile(namer.watch)
            try:
                found.append(fun(*args, **kwargs))
            finally:
                sys.setprofile(outside)
        outputs, _ = flatten(found[0])
        namer.finish(outputs)
        return outputs

    values = [leaves[i] for i in dynamic]
    program, outputs = trace(run, *weak_floats(values), stable=True)
    for line in program.lines:
        if id(line.tensor) in namer.minor:
            line.named = False
    own_constants(program)
    for line in program.outputs:
        if not line.named and line.kind == "operation" and not line.shape:
            line.name = "value"
    numbers = iter(range(len(outputs)))
    _, rebuild_result = flatten(found[0])
    places = [Place(next(numbers)) if isinstance(o, Tensor) else o for o in outputs]
    return Capture(program, rebuild_result(places))


def own_constants(program: Program) -> None:
    """Give the program its own copies of arrays from outside, one for all views of the same entries; let Tensors go."""
    held: dict[Any, Line] = {}
    swaps: dict[Line, Line] = {}
    for line in program.lines:
        line.tensor = None
        line.args = tuple(swaps.get(a, a) if isinstance(a, Line) else a for a in line.args)
        value = line.value
        if line.kind != "constant" or type(value) is not np.ndarray or not value.shape:
            continue
        where = value.__array_interface__["data"][0]
        twin = held.get((where, value.shape, value.strides, value.dtype))
        turned = held.get((where, value.shape[::-1], value.strides[::-1], value.dtype))
        if twin is not None:
            swaps[line] = twin
        elif turned is not None and value.ndim > 1:
            line.primitive, line.args, line.kind, line.value = primitives["transpose"], (turned,), "operation", value
        else:
            held[where, value.shape, value.strides, value.dtype] = line
    for line in held.values():
        line.value = np.broadcast_to(line.value.flat[0], line.shape) if is_uniform(line.value) else line.value.copy()
    program.outputs = [swaps.get(line, line) for line in program.outputs]
    program.lines = [line for line in program.lines if line not in swaps]


def weak_floats(values: list[Any]) -> list[Any]:
    """Python's floats as numbers of the dtype of the arrays beside them, which they must not widen."""
    dtypes = [v.dtype for v in values if hasattr(v, "dtype") and v.dtype.kind == "f"]
    widest = np.result_type(*dtypes) if dtypes else np.dtype(float)
    return [
        v
        if hasattr(v, "dtype")
        else np.asarray(v, np.result_type(widest, type(v)) if isinstance(v, complex) else widest)[()]
        for v in values
    ]


def refuse_frozen(first: Capture, second: Capture, name: str) -> None:
    """Two runs on different numbers must record the same program; what differs was drawn, or taken out of a Tensor."""
    one, two = first.program.lines, second.program.lines
    same = len(one) == len(two)
    for a, b in zip(one, two, strict=False):
        if not same or a.kind != b.kind or a.primitive is not b.primitive or len(a.args) != len(b.args):
            raise CaptureError(
                f"{name} took two different ways in two runs, after {a.name}: a captured function must do the same "
                "whatever the numbers are; write the choice with where"
            )
        if a.kind == "constant" and not _same(a.value, b.value):
            raise _frozen(name, a.name, a.value)
        for x, y in zip((*a.args, *a.kwargs.values()), (*b.args, *b.kwargs.values()), strict=True):
            if not hasattr(x, "parents") and not _same(x, y):
                raise _frozen(name, f"an argument of {a.primitive.name if a.primitive else a.name}", x)
    if not same:
        raise CaptureError(
            f"{name} recorded {len(one)} and {len(two)} operations in two runs; it must do the same each time"
        )


def _frozen(name: str, where: str, value: Any) -> CaptureError:
    shape = getattr(value, "shape", ())
    return CaptureError(
        f"{name}: {where} {'of shape ' + str(shape) if shape else '= ' + str(value)} is not the same in two runs, so a "
        "recording would freeze it. Random numbers, and values computed from .data, have to be arguments of the function"
    )


def _same(x: Any, y: Any) -> bool:
    if x is y:
        return True
    if isinstance(x, (tuple, list)) and isinstance(y, (tuple, list)):
        return len(x) == len(y) and all(map(_same, x, y))
    if isinstance(x, slice) or x is None or isinstance(x, str) or (not np.isscalar(x) and not hasattr(x, "dtype")):
        return bool(x == y)
    kind = getattr(x, "dtype", np.asarray(x).dtype).kind
    return bool(np.array_equal(x, y, equal_nan=kind in "fc"))


def nudged(value: Any) -> Any:
    """A little different number, to tell what was computed from numbers."""
    if is_static(value) or getattr(value, "dtype", np.dtype(float)).kind not in "fc":
        return value
    return value * type(value)(1.0078125) if not hasattr(value, "dtype") else value * value.dtype.type(1.0078125)


# --- one compiled version


class Entry:
    """One compiled version of a function: for arguments of one structure, with one shape and dtype for each array."""

    def __init__(
        self, fun: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], donate: tuple[int, ...]
    ) -> None:
        if mode.capturing:
            raise CaptureError("a compiled function cannot be captured again; compile the outer function only")
        self.name = identifier(getattr(fun, "__name__", ""), fun)
        leaves, rebuild = flatten((args, kwargs))
        leaves = [_plain(v) for v in leaves]
        self.on_numpy = all(isinstance(v, (np.ndarray, np.generic)) for v in leaves if hasattr(v, "dtype"))
        first = capture(fun, leaves, rebuild, naming=True)
        refuse_frozen(first, capture(fun, [nudged(v) for v in leaves], rebuild, naming=False), self.name)
        self.signature = Signature(fun, args, kwargs, leaves)
        name_inputs(first.program, self.signature)
        self.program = simplify(first.program)
        self.result = first.result
        written = Nest(self.result)
        statements = self.signature.unpack([line.name for line in self.program.inputs])
        _ = statements
        self.source = self._readable(written)
        self.planned: Planned | None = None
        self.planned_text = ""
        self.scope: dict[str, Any] = {}
        if self.on_numpy:
            self._plan(written, donate)

    def _readable(self, written: "Nest") -> Source:
        from .writer.readable import clean_names

        reserved = self.signature.containers
        names = clean_names(self.program, reserved)
        unpack = self.signature.unpack([names[line] for line in self.program.inputs])
        signature = self.signature.text([names[line] for line in self.program.inputs])
        return readable(self.program, self.name, signature, unpack, written.text(), written.constants, reserved)

    def _plan(self, written: "Nest", donate: tuple[int, ...]) -> None:
        lowered = lower(sink_factors(self.program))
        reserved = {*self.signature.containers, "_miss", "_array", "_step", "_quiet"}
        planned = plan(lowered, self._donations(donate), reserved)
        self.planned = planned
        guard = self.signature.guard(planned.names)
        result = written.text(copies=True).format(*planned.results)
        body = [*guard, *self.signature.convert(planned.names), *planned.body, f"return {result}"]
        taken = [*planned.constants, *planned.foreign, *written.constants]
        lines = [f"def build(np, _miss, {', '.join([*taken, ''])}):".replace(", )", ")")]
        lines += ["    _array = np.ndarray", *self.signature.dtypes(), *[f"    {s}" for s in planned.setup], ""]
        if planned.quiet:
            lines.append('    @np.errstate(all="ignore")')
        lines += [f"    def {self.name}({self.signature.text(planned.names)}):", *[f"        {s}" for s in body]]
        lines += [f"    return {self.name}"]
        self.planned_text = "\n".join(lines) + "\n"
        self.code = _compiled_text(self.planned_text, f"<planned {self.name}>", "exec")
        self.given = {**planned.constants, **planned.foreign, **written.constants}
        for line in (*self.program.lines, *lowered.lines):  # the numbers of the captured run are not needed any more
            if line.primitive is not None:
                line.value = _hollow(line.value)

    def _donations(self, donate: tuple[int, ...]) -> dict[int, int]:
        """Outputs matched with the inputs of donated arguments, in order, by shape and dtype."""
        inputs = [i for i, (argument, _) in enumerate(self.signature.dynamic) if argument in donate]
        matched: dict[int, int] = {}
        for j, line in enumerate(self.program.outputs):
            for i in inputs:
                source = self.program.inputs[i]
                if source.shape == line.shape and source.dtype == line.dtype and line.shape:
                    matched[j] = i
                    inputs.remove(i)
                    break
        return matched

    def build(self) -> Callable[..., Any]:
        """The planned function with buffers of its own, for one thread."""
        scope: dict[str, Any] = {}
        exec(self.code, scope)
        helpers = {k: v for k, v in self.given.items() if isinstance(v, str)}
        given = dict(self.given)
        for name, text in helpers.items():
            made: dict[str, Any] = {"np": np}
            exec(text, made)
            given[name] = made[name]
        return scope["build"](np, MISS, *given.values())

    def interpret(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the simplified program through the primitives, for arrays of another library."""
        leaves = [v for v in flatten((args, kwargs))[0] if not is_static(v)]
        outputs = self.program.run(*leaves)
        items, rebuild = flatten_places(self.result)
        return rebuild([outputs[i.number] if isinstance(i, Place) else i for i in items])


def _compiled_text(text: str, filename: str, kind: str) -> Any:
    import builtins

    return builtins.compile(text, filename, kind)


def _hollow(value: Any) -> Any:
    """An array of the same shape and dtype that holds no memory."""
    if type(value) is np.ndarray and value.size > 1:
        return np.broadcast_to(np.zeros((), value.dtype), value.shape)
    return value


def identifier(name: str, fun: Any) -> str:
    """The function's own name where it has one that Python allows, without what transforms add to it."""
    inner = getattr(fun, "__wrapped__", None)
    name = getattr(inner, "__name__", name) if inner is not None else name
    return name if name.isidentifier() else "function"


def name_inputs(program: Program, signature: "Signature") -> None:
    """Inputs take the parameter's name, or the name of the local variable that held them."""
    users = program.users()
    for line, (_, word) in zip(program.inputs, signature.dynamic, strict=True):
        if not line.named:
            inner = next(
                (u for u in users[line] if u.primitive is not None and u.primitive.name == "identity" and u.named), None
            )
            line.name, line.named = (
                (inner.name, True) if inner is not None and not signature.is_parameter(word) else (word, True)
            )
            if inner is not None:
                inner.named = False
        elif signature.is_parameter(word):
            line.name = word


def flatten_places(tree: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """`flatten` for a result's nest, in which a Place is a leaf though it is a tuple."""
    boxed = _map(tree, lambda leaf: [leaf] if False else _Box(leaf))
    items, rebuild = flatten(boxed)
    return [b.leaf for b in items], rebuild


class _Box:
    def __init__(self, leaf: Any) -> None:
        self.leaf = leaf


def _map(tree: Any, f: Callable[[Any], Any]) -> Any:
    if isinstance(tree, Place):
        return f(tree)
    if isinstance(tree, dict):
        return (
            {k: _map(v, f) for k, v in tree.items()}
            if type(tree) is dict
            else type(tree)((k, _map(v, f)) for k, v in tree.items())
        )
    if isinstance(tree, (list, tuple)):
        items = [_map(v, f) for v in tree]
        return type(tree)(*items) if hasattr(tree, "_fields") else type(tree)(items)
    return f(tree)


class Nest:
    """A result's nest as an expression with {0}, {1} ... for the program's outputs."""

    def __init__(self, result: Any) -> None:
        self.result = result
        self.constants: dict[str, Any] = {}

    def text(self, copies: bool = False) -> str:
        """The expression; arrays in it that are no outputs are copied where `copies`."""
        self.constants = {}
        return self._write(self.result, copies)

    def _write(self, tree: Any, copies: bool) -> str:
        if isinstance(tree, Place):
            return f"{{{tree.number}}}"
        if isinstance(tree, dict) and type(tree) is dict:
            return "{{" + ", ".join(f"{k!r}: {self._write(v, copies)}" for k, v in tree.items()) + "}}"
        if type(tree) is list:
            return "[" + ", ".join(self._write(v, copies) for v in tree) + "]"
        if type(tree) is tuple:
            inner = ", ".join(self._write(v, copies) for v in tree)
            inner += "," if len(tree) == 1 else ""
            return inner if tree is self.result and tree else f"({inner})"
        if isinstance(tree, (list, tuple, dict)):
            name = self._keep(type(tree))
            if isinstance(tree, dict):
                return f"{name}([" + ", ".join(f"({k!r}, {self._write(v, copies)})" for k, v in tree.items()) + "])"
            items = [self._write(v, copies) for v in tree]
            return f"{name}({', '.join(items)})" if hasattr(tree, "_fields") else f"{name}([{', '.join(items)}])"
        if isinstance(tree, (bool, int, float, str, type(None))):
            return repr(tree).replace("{", "{{").replace("}", "}}")
        if isinstance(tree, np.ndarray) and tree.shape:
            if not any(tree.reshape(-1)[1:] != tree.reshape(-1)[:1]) if tree.size else True:
                number = literal(tree.reshape(-1)[0].item()).text if tree.size else "0"
                return f"np.full({tree.shape}, {number}, np.{tree.dtype.name})"
            name = self._keep(tree)
            return f"np.array({name})" if copies else name
        if isinstance(tree, (np.generic, np.ndarray)):
            return literal(tree).text
        return self._keep(tree)

    def _keep(self, value: Any) -> str:
        name = f"k{len(self.constants) + 1}" if not isinstance(value, type) else identifier(value.__name__, None)
        self.constants[name] = value
        return name


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

    def dtypes(self) -> list[str]:
        """Statements that name the dtypes of the guard."""
        kinds = sorted({given.dtype.str for given, _ in self.kinds if isinstance(given, np.ndarray)})
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
                    if isinstance(item, (list, tuple, dict)):
                        pass
                if isinstance(value, dict):
                    for (key, _), name in zip(items, inner, strict=True):
                        yield "test", f"{key!r} in {word}"
                    for (key, _), name in zip(items, inner, strict=True):
                        yield "unpack", f"{name} = {word}[{key!r}]"
                elif inner:
                    yield "unpack", f"{', '.join(inner)}{',' if len(inner) == 1 else ''} = {word}"
                for name, given, made in pending:
                    yield "test", _array_test(name, given, made)
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
                yield "test", _array_test(name, given, made)

        for word, value in zip(self.parameters, self.values, strict=True):
            yield from visit(word, value)


def _type_name(value: Any) -> str:
    return type(value).__name__ if type(value) in (list, tuple, dict) else ""


def _array_test(name: str, given: Any, made: Any) -> str:
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
    try:
        parameters = list(inspect.signature(fun).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    own = [p.name for p in parameters if p.kind.name in ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD")]
    rest = next((p.name for p in parameters if p.kind.name == "VAR_POSITIONAL"), "x")
    names = own[:positional]
    names += [f"{rest}{i}" for i in range(len(names), positional)]
    return names + keywords
