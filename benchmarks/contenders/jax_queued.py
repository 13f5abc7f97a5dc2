"""JAX as in `jax_jit`, but steps are queued and only the last of a round is waited for."""

from __future__ import annotations

from benchmarks.contenders import jax_jit
from benchmarks.contenders.jax_jit import CANNOT, VERSION, digits, finish, hessian, large, moons

__all__ = ["CANNOT", "VERSION", "digits", "finish", "hessian", "large", "moons"]
jax_jit.QUEUED = True
