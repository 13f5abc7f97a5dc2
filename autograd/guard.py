"""Arrays that a live graph needs are read-only, so that a gradient cannot silently be that of other numbers."""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np


class Guard:
    """Keeps the arrays that a graph needs read-only until the graph is dropped or spent.

    One guard serves all operations grown from one first operation, so the price is paid once per array and graph.
    Arrays that go into an operation are added when it is recorded, results when somebody asks for their `.data`.
    Arrays reached by another writable view of the same memory cannot be guarded.
    """

    __slots__ = ("arrays", "on", "spent")

    def __init__(self, on: bool = True) -> None:
        self.arrays: dict[int, np.ndarray] = {}
        self.on = on
        self.spent = False

    def add(self, array: Any) -> None:
        """Keep an array read-only; anything else is let pass."""
        key = id(array)
        if key in self.arrays or type(array) is not np.ndarray or not self.on or self.spent:
            return
        if array.base is not None:
            self.add(array.base)
        if key in _guarded:
            with _guard_lock:
                _guarded[key] = _guarded.get(key, 0) + 1
        elif array.flags.writeable:
            # The common case takes no lock: two threads that meet here can at worst unlock the array too early.
            _guarded[key] = 1
            array.setflags(False)  # type: ignore[call-arg]  # the keyword costs twice as much
        else:
            return
        self.arrays[key] = array

    def release(self) -> None:
        arrays, self.arrays = self.arrays, {}
        for key, array in arrays.items():
            if _guarded.get(key, 0) > 1:
                with _guard_lock:
                    _guarded[key] -= 1
                continue
            _guarded.pop(key, None)
            if array.base is not None and id(array.base) in _guarded:
                _waiting.setdefault(id(array.base), []).append(array)
                continue
            try:
                array.setflags(True)  # type: ignore[call-arg]
                if key in _waiting:
                    for view in _waiting.pop(key):
                        view.setflags(True)  # type: ignore[call-arg]
            except ValueError:  # memory that somebody else locked; suppress() costs too much
                pass

    def __del__(self) -> None:
        if self.arrays:
            self.release()


_guarded: dict[int, int] = {}
_waiting: dict[int, list[np.ndarray]] = {}  # released views of an array that another graph still guards
_guard_lock = threading.RLock()  # re-entrant: the collector may run __del__ inside add
if hasattr(os, "register_at_fork"):  # a child must not inherit a lock that another thread holds
    os.register_at_fork(
        before=_guard_lock.acquire, after_in_parent=_guard_lock.release, after_in_child=_guard_lock.release
    )
