"""Arrays that a live graph needs are read-only, so that a gradient cannot silently be that of other numbers."""

from __future__ import annotations

import os
from _thread import RLock  # threading's, without the rest of threading, which is slow to load
from contextlib import suppress
from typing import Any

import numpy as np


class Guard:
    """Keeps the arrays that a graph needs read-only until the graph is dropped or spent.

    One guard serves all operations grown from one first operation, so the price is paid once per array and graph.
    Arrays that go into an operation are added when it is recorded, results when somebody asks for their `.data`.
    Who keeps what is only written down once some operation meets an array read-only: most graphs end before.
    Arrays reached by another writable view of the same memory cannot be guarded.
    """

    __slots__ = ("arrays", "key", "on", "spent")

    def __init__(self, on: bool = True) -> None:
        self.arrays: list[np.ndarray] = []
        self.key = id(self)
        self.on = on
        self.spent = False

    def add(self, array: Any) -> None:
        """Keep an array read-only; anything else is let pass."""
        if type(array) is np.ndarray and self.on:
            self.lock(array)

    def lock(self, array: np.ndarray) -> None:
        """`add` for an array, by a guard that is on."""
        if array.base is not None:
            self.add(array.base)
        if array.flags.writeable:
            # The common case takes no lock: two threads that meet here can at worst unlock the array too early.
            # Noted before it is done, since Ctrl-C may come between any two lines.
            if not self.arrays:
                _alone[self.key] = self.arrays
            self.arrays.append(array)
            if self.key not in _alone:
                _keepers[id(array)] = self.key
            array.setflags(False)  # type: ignore[call-arg]  # the keyword costs twice as much
        elif _keepers.get(id(array)) != self.key:
            self._share(array)

    def _share(self, array: np.ndarray) -> None:
        """Keep an array that is read-only by now: by another guard, or by its owner."""
        key, me = id(array), self.key
        with _lock:
            with suppress(KeyError):  # until there is none, by this thread or another
                while True:
                    other, arrays = _alone.popitem()
                    _keepers.update((id(a), other) for a in arrays)
            if _keepers.get(key, me) == me:
                return
            sharers = _sharers.setdefault(key, {})
            if me not in sharers:
                sharers[me] = None
                self.arrays.append(array)

    def release(self) -> None:
        """Let the arrays be written again that no other guard keeps."""
        arrays, self.arrays = self.arrays, []
        try:
            self._unlock(arrays)
        except KeyboardInterrupt:  # these arrays may be a model's parameters, for which there is no other key
            self._unlock(arrays)
            raise

    def _unlock(self, arrays: list[np.ndarray]) -> None:
        if _alone.pop(self.key, None) is not None:
            try:
                for array in arrays:
                    array.setflags(True)  # type: ignore[call-arg]
            except ValueError:  # memory that somebody else locked, or that no array owns
                for array in arrays:
                    with suppress(ValueError):
                        array.setflags(True)  # type: ignore[call-arg]
            return
        for array in arrays:
            key = id(array)
            if _sharers and self._leave(key):
                continue
            if _keepers.get(key, self.key) != self.key:  # left to another before Ctrl-C came
                continue
            _keepers.pop(key, None)
            if array.base is not None and id(array.base) in _keepers:
                _waiting.setdefault(id(array.base), []).append(array)
                continue
            try:
                array.setflags(True)  # type: ignore[call-arg]
                if key in _waiting:
                    for view in _waiting.pop(key):
                        view.setflags(True)  # type: ignore[call-arg]
            except ValueError:  # memory that somebody else locked; suppress() costs too much
                pass

    def spend(self) -> None:
        """Let the arrays go: there will be no other walk."""
        self.release()
        self.on = False
        self.spent = True

    def _leave(self, key: int) -> bool:
        """Leave a shared array to those who share it; whether there was anybody."""
        with _lock:
            sharers = _sharers.get(key)
            if sharers is None:
                return False
            if _keepers.get(key) == self.key:
                _keepers[key] = sharers.popitem()[0]
            else:
                sharers.pop(self.key, None)
            if not sharers:
                del _sharers[key]
            return True

    def __del__(self) -> None:
        if self.arrays:
            self.release()


_alone: dict[int, list[np.ndarray]] = {}  # guard -> its arrays, of those whose arrays no operation has met read-only
_keepers: dict[int, int] = {}  # array -> the guard that locked it, of all others
_sharers: dict[int, dict[int, None]] = {}  # array -> other guards that need it read-only too, of which may be thousands
_waiting: dict[int, list[np.ndarray]] = {}  # released views of an array that another graph still guards
_lock = RLock()  # re-entrant: the collector may run __del__ inside
if hasattr(os, "register_at_fork"):  # a child must not inherit a lock that another thread holds
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)
