"""Compiled functions: which version a call runs, and how many are kept."""

import threading
import types
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import CaptureError
from ..graph import DIFFERENTIABLE, Tensor, mode
from ..program import Program
from ..tree import flatten
from .entry import MISS, Entry
from .signature import normalize


class CacheInfo(NamedTuple):
    """How often a call found compiled code, how often it had to be made, and how much of it may be and is kept."""

    hits: int
    misses: int
    maxsize: int
    currsize: int


def compile(fun: Callable[..., Any], *, donate: int | Sequence[int] = (), cache_size: int = 32) -> "Compiled":
    """A function equal to `fun` that runs as NumPy source written from one captured run of it.

    The first call with new shapes, dtypes or structure runs `fun` and records it, with the backward passes of `grad`
    and its kin inside. What it recorded is simplified and becomes source with planned buffers. Where numba is
    installed, runs of arithmetic on 65,536 entries and more become loops that it compiles, with the same numbers.
    Sums over the rows of data of 12 MiB and more, as a cost and its gradients are, run in blocks of rows and are added
    in their order.

    Results may differ from those of `fun` in rounding, zeros in their sign, and where infinities meet, in what is NaN:
    the gradient of a logsumexp of nothing but -inf is, say. A NaN in an argument is not lost.
    `a += 1` inside `fun` gives `a` a new value, as it does on Tensors: the caller's array stays as it is.

    Args:
        fun: a function of arrays, numbers and nested lists, tuples and dicts of them. Whole numbers, booleans and
            strings are taken for fixed and compile anew when they change. Of what it reads from outside, Tensors (the
            parameters of a model, say) are followed: what they hold is read anew in each call. Arrays, numbers and
            which Tensors they are, are fixed.
        donate: numbers of arguments whose arrays the results may overwrite: results are matched with them in order,
            by shape and dtype. They must be writeable and share no memory with other arguments.
        cache_size: how many compiled versions are kept; the least recently used one is dropped first.

    Returns:
        a `Compiled`. Its results are new arrays in each call, except for donated ones. Threads may call it at once.
        Where an argument is a Tensor that requires a gradient (and not within `no_grad`) it runs `fun` itself, so that
        the gradient is not lost; within another captured function too.

    Raises:
        CaptureError: in the first call, where `fun` branches on a value, draws random numbers, or takes a value out
            of a Tensor, so that a recording would freeze it.
        ValueError: a donated array is read-only or (told in the first call) shares memory with another argument.

    >>> import numpy as np
    >>> step = compile(lambda w: (w * w).sum())
    >>> float(step(np.array([1.0, 2.0]))), float(step(np.array([3.0, 4.0])))
    (5.0, 25.0)
    >>> step.cache_info()
    CacheInfo(hits=1, misses=1, maxsize=32, currsize=1)
    """
    return Compiled(fun, (donate,) if isinstance(donate, int) else tuple(donate), cache_size)


def source(fun: Callable[..., Any], *args: Any, optimize: bool = False, **kwargs: Any) -> str:
    """The NumPy source of a function, as a person would write it; with `optimize`, as it runs with planned buffers.

    >>> import numpy as np
    >>> print(source(lambda x: x * 2.0 + 1.0, np.ones(3)), end="")
    def function(x):
        return 2.0 * x + 1.0
    """
    args, kwargs, _ = normalize(fun, args, kwargs)
    entry = Entry(fun, args, kwargs, ())
    return entry.planned_text if optimize else entry.source.text


class Compiled:
    """A compiled function: call it as the one it was made from.

    Attributes:
        source: the readable NumPy source of the version used last. It runs on its own, given `import numpy as np`.
        planned_source: the text with planned buffers that is run in its place.
        constants: arrays the captured function read from outside; `source` takes them as keywords.
        tensors: Tensors it read from outside; `source` takes their arrays as keywords.
    """

    def __init__(self, fun: Callable[..., Any], donate: tuple[int, ...], cache_size: int) -> None:
        if not callable(fun):
            raise TypeError(f"compile() takes a function, not {type(fun).__name__}: {fun!r:.60}")
        if cache_size < 1:
            raise ValueError(f"cache_size is {cache_size}; at least one compiled version has to be kept")
        if any(i < 0 for i in donate):
            raise ValueError(f"donate is {donate}; it takes numbers of arguments, counted from 0")
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
        if mode.recording.__class__ is not bool:  # debug_nans and its kin look at each operation
            return self._observed(args, kwargs)
        local = self._local
        if not kwargs:
            try:
                result = local.step(*args)
            except TypeError:  # another number of arguments
                result = MISS
            if result is not MISS:
                local.hits[0] += 1
                return result
        return self._other(args, kwargs)

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        """A compiled function in a class is a method."""
        return self if owner is None else types.MethodType(self, owner)

    def _observed(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call of the function itself, on Tensors; its results are new arrays, as those of the compiled one."""
        if mode.capturing or has_gradient((args, kwargs)):
            return self.__wrapped__(*args, **kwargs)
        leaves, rebuild = flatten((args, kwargs))
        args, kwargs = rebuild([Tensor(v) if isinstance(v, np.ndarray) else v for v in leaves])
        leaves, rebuild = flatten(self.__wrapped__(*args, **kwargs))
        values = [v._value if isinstance(v, Tensor) else v for v in leaves]
        return rebuild([v.copy() if isinstance(v, np.ndarray) else v for v in values])

    def _other(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call that the version used last in this thread does not fit."""
        if mode.capturing or has_gradient((args, kwargs)):
            return self.__wrapped__(*args, **kwargs)
        args, kwargs, key = normalize(self.__wrapped__, args, kwargs)
        local = self._local
        with self._lock:
            if not any(hits is local.hits for hits in self._counters):
                self._counters.append(local.hits)
            entry = self._entries.get(key)
            if entry is None or not entry.outside.fits():
                entry = Entry(self.__wrapped__, args, kwargs, self._donate)
                self._misses += 1
                self._entries[key] = entry
                while len(self._entries) > self._size:
                    self._entries.popitem(last=False)
            else:
                local.hits[0] += 1
            self._entries.move_to_end(key)
            self._last = entry
        result = self._planned(entry, args, kwargs) if entry.on_numpy else entry.interpret(args, kwargs)
        return self._observed(args, kwargs) if result is MISS else result

    def _planned(self, entry: Entry, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call of this thread's own function for a version, which is made where it is not there."""
        local = self._local
        step = local.steps.get(entry)
        entry.check_donated(args, kwargs, aliases=step is None)
        if step is None:
            local.steps = {e: s for e, s in local.steps.items() if e in set(self._entries.values())}
            step = local.steps[entry] = entry.build()
        if not kwargs:
            local.step = step
        return step(*args, *kwargs.values())

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
    def tensors(self) -> dict[str, Tensor]:
        """Tensors from outside the function, which it reads anew in each call, by their names in the source."""
        return dict(self._latest().source.tensors)

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


def has_gradient(tree: Any) -> bool:
    """Whether a gradient may be asked for a Tensor among these arguments, which a plain result would lose."""
    leaves = flatten(tree)[0] if mode.recording else []
    return any(isinstance(v, Tensor) and v.track == DIFFERENTIABLE for v in leaves)


class _Local(threading.local):
    """What a thread has at hand: the version it used last, and its own buffers for each version."""

    def __init__(self) -> None:
        self.hits = [0]
        self.steps: dict[Entry, Callable[..., Any]] = {}
        self.step: Callable[..., Any] = lambda *args: MISS
