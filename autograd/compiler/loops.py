"""Loops over the entries of large arrays, compiled by numba where it is installed."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from ..program import Program
from ..simplify.columns import fill_registers
from ..writer import Planned, plan


def installed() -> bool:
    """Whether numba is there; it is not loaded before a program has such a loop."""
    return find_spec("numba") is not None


@lru_cache(maxsize=256)
def compiled_loop(text: str) -> Any:
    """The function of this text, which is the same for all shapes, compiled; None where numba cannot be loaded."""
    try:
        import numba
    except ImportError:  # not installed, or not made for this NumPy
        return None
    scope: dict[str, Any] = {"np": np}
    exec(text, scope)
    (function,) = (f for name, f in scope.items() if name.startswith("_loop"))
    return numba.njit(nogil=True, error_model="numpy")(function)


def plan_with_loops(
    program: Program, donated: dict[int, int] | None = None, reserved: Any = (), picked: Sequence[int] = ()
) -> tuple[Planned, dict[str, Any]]:
    """A planned program, and its compiled loops by name: with loops where numba is there to compile them."""
    program = fill_registers(program)
    planned = plan(program, donated, reserved, picked, looping=installed())
    made = {name: compiled_loop(text) for name, text in planned.loops.items()}
    return (plan(program, donated, reserved, picked), {}) if None in made.values() else (planned, made)


def maker(text: str, title: str, loops: dict[str, Any]) -> Callable[..., Callable[..., Any]]:
    """The function `build` that this source defines beside the loops; each call makes buffers of its own."""
    code = compile(text, title, "exec")

    def make(*given: Any) -> Callable[..., Any]:
        scope: dict[str, Any] = dict(loops)
        exec(code, scope)
        made: Callable[..., Any] = scope["build"](*given)
        return made

    return make


def loops_text(planned: Planned) -> str:
    """The sources of its loops, as they would stand above the function that calls them."""
    return "".join(f"@numba.njit\n{loop}\n\n" for loop in planned.loops.values())
