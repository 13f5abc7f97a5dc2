"""What the text of a random program may say beside `np`; a program is run with these names, and printed with them."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy

import autograd
import autograd.numpy as np
from autograd import Tensor
from autograd.extend import defvjp, primitive

from ..numpy.cases import CASES
from ..numpy.oracle import Case, Numbers, leaves

__all__ = ["autograd", "case", "cube", "fit", "fit_complex", "np", "numpy", "part", "still"]

SPREAD = {"real": 0.3, "positive": 0.3, "inside": 0.05, "distinct": 0.07, "complex": 0.3}
"""How far a value may move an array drawn by the case table and leave it in its domain."""


def _numbered() -> dict[str, Case]:
    """The cases by name; the second one of a name has #2 behind it."""
    seen: Counter[str] = Counter()
    table = {}
    for made in CASES:
        seen[made.name] += 1
        table[made.name if seen[made.name] == 1 else f"{made.name} #{seen[made.name]}"] = made
    return table


TABLE = _numbered()


def case(name: str) -> Callable[..., Any]:
    """The function of a row of the case table, on Tensors or plain arrays."""
    return lambda *arrays: TABLE[name].fun(np, *arrays)


def part(result: Any, number: int) -> Any:
    """One of the arrays in a result of several."""
    return leaves(result)[number]


def base(kind: str, shape: tuple[int, ...], seed: int, dtype: Any) -> Any:
    drawn = Numbers(kind, shape).draw(numpy.random.default_rng(seed))
    return numpy.asarray(drawn).astype(dtype)


def fit(x: Any, kind: str, shape: tuple[int, ...], seed: int) -> Any:
    """A real value as an array of another shape in a domain of the case table, on which it depends smoothly."""
    return base(kind, shape, seed, numpy.empty(0, x.dtype).real.dtype) + SPREAD[kind] * np.sin(np.resize(x, shape))


def fit_complex(x: Any, shape: tuple[int, ...], seed: int) -> Any:
    """The same for a complex array."""
    moved = np.sin(np.resize(np.real(x), shape)) + 1j * np.sin(np.resize(np.imag(x) + 0.5, shape))
    return base("complex", shape, seed, moved.dtype) + SPREAD["complex"] * moved


_replayed: Iterator[Any] | None = None
_kept: list[Any] = []


def still(fun: Callable[[], Any]) -> Any:
    """The result of `fun` held constant; in differences, that of the first run."""
    if _replayed is not None:
        return next(_replayed)
    with autograd.no_grad():
        value = fun()
    if not isinstance(value, Tensor):
        _kept.append(value)
    return value


@contextmanager
def replayed(values: list[Any]) -> Iterator[None]:
    """Within, `still` gives these values in order."""
    global _replayed
    _replayed = iter(values)
    try:
        yield
    finally:
        _replayed = None


@contextmanager
def kept() -> Iterator[list[Any]]:
    """The values that `still` gives within."""
    _kept.clear()
    yield _kept


@primitive
def cube(x: Any) -> Any:
    """An operation of a user, with a rule through the public door."""
    return x**3


defvjp(cube, lambda out, x: lambda g: 3 * g * x**2)
