"""MyGrad with its memory guard off."""

from __future__ import annotations

import mygrad as mg

from benchmarks.contenders.mygrad_ import CANNOT, VERSION, chain, deep, digits, large, moons

__all__ = ["CANNOT", "VERSION", "chain", "deep", "digits", "large", "moons"]
mg.turn_memory_guarding_off()
