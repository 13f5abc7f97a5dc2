"""What each thread does with operations: record them, not record them, or show them to an observer."""

from __future__ import annotations

import functools
import inspect
from _thread import _local as ThreadLocal  # threading's, without the rest of threading, which is slow to load
from collections.abc import Callable
from typing import Any


class Mode(ThreadLocal):
    """What this thread does with operations; `recording` is True, False, or an Observer that sees each one."""

    recording: Any = True
    capturing: Any = False  # True, or the Observer that sees a captured function also where it does not record
    since: int = 0  # Tensors with a smaller serial number are inputs of what is captured, though nobody passes them
    guarding: bool = True

    def __init__(self) -> None:  # in each thread
        self.entered: list[tuple[set_mode, dict[str, Any]]] = []  # the modes not yet left, and what they will put back


mode = Mode()


class set_mode:
    """Set attributes of this thread's Mode, and put the old ones back whatever happens; also a decorator."""

    def __init__(self, **values: Any) -> None:
        self.values = values

    def __enter__(self) -> None:
        mode.entered.append((self, {key: getattr(mode, key) for key in self.values}))
        mode.__dict__.update(self.values)

    def __exit__(self, *error: object) -> None:
        entered = mode.entered
        place = len(entered) - 1
        while place >= 0 and entered[place][0] is not self:
            place -= 1
        if place < 0:  # a generator that went to another thread
            return
        _, old = entered.pop(place)
        if place == len(entered):
            mode.__dict__.update(old)
            return
        for key, value in old.items():  # generators entered later and left later will put back what was found here
            next((later for _, later in entered[place:] if key in later), mode.__dict__)[key] = value

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if not callable(function) or inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
            raise TypeError(
                f"a mode decorates functions; {function!r:.60} runs after its call has returned: write `with` inside it"
            )

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with type(self)(**self.values):  # its own, since threads may call it at once
                return function(*args, **kwargs)

        return inside


def no_grad() -> set_mode:
    """Operations inside are not recorded (this thread only); also a decorator.

    >>> from autograd import Tensor
    >>> x = Tensor(2.0, requires_grad=True)
    >>> with no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """
    return set_mode(recording=False)


class enable_grad(set_mode):
    """Operations inside are recorded, also within `no_grad` (this thread only); also a decorator."""

    def __enter__(self) -> None:
        self.values = {"recording": mode.recording or True}  # an observer stays
        super().__enter__()


def guard_arrays(on: bool) -> set_mode:
    """Whether graphs recorded inside keep their arrays read-only (the default) or trust you not to change them."""
    return set_mode(guarding=on)
