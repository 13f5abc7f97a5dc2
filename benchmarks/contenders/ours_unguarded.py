"""Ours, eager, with arrays left writable while a graph needs them."""

from __future__ import annotations

import autograd
from benchmarks.contenders.ours import chain, deep, digits, hessian, large, moons

__all__ = ["VERSION", "chain", "deep", "digits", "hessian", "large", "moons"]
VERSION = "onegraph eager, guard off"
autograd.guard_arrays(False).__enter__()  # for the life of this process
