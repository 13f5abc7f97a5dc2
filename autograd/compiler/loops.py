"""Loops over the entries of large arrays, compiled by numba where it is installed."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any


def installed() -> bool:
    """Whether numba is there; it is not loaded before a program has such a loop."""
    return find_spec("numba") is not None


def loop_compiler() -> Callable[[Any], Any] | None:
    """A decorator that compiles a function with loops, once for each name; None where numba cannot be loaded."""
    try:
        import numba
    except ImportError:  # not installed, or not made for this NumPy
        return None
    made: dict[str, Any] = {}

    def compiled(fun: Any) -> Any:
        if fun.__name__ not in made:
            made[fun.__name__] = numba.njit(nogil=True, error_model="numpy")(fun)
        return made[fun.__name__]

    return compiled
