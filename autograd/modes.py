"""What each thread does with operations: record them, not record them, or show them to an observer."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any


class Mode(threading.local):
    """What this thread does with operations; `recording` is True, False, or an Observer that sees each one."""

    recording: Any = True
    capturing: bool = False
    since: int = 0  # Tensors with a smaller serial number are inputs of what is captured, though nobody passes them
    guarding: bool = True


mode = Mode()


@contextlib.contextmanager
def set_mode(**values: Any) -> Iterator[None]:
    """Set attributes of this thread's Mode, and put the old ones back whatever happens."""
    old = {key: getattr(mode, key) for key in values}
    for key, value in values.items():
        setattr(mode, key, value)
    try:
        yield
    finally:
        for key, value in old.items():
            setattr(mode, key, value)


def no_grad() -> contextlib.AbstractContextManager[None]:
    """Operations inside are not recorded (this thread only); also a decorator.

    >>> from autograd import Tensor
    >>> x = Tensor(2.0, requires_grad=True)
    >>> with no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """
    return set_mode(recording=False)


def enable_grad() -> contextlib.AbstractContextManager[None]:
    """Operations inside are recorded, also within `no_grad` (this thread only)."""
    return set_mode(recording=mode.recording or True)


def guard_arrays(on: bool) -> contextlib.AbstractContextManager[None]:
    """Whether graphs recorded inside keep their arrays read-only (the default) or trust you not to change them."""
    return set_mode(guarding=on)
