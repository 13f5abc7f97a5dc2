"""A function captured once, simplified, written as NumPy source, and run as that source from then on."""

from .calls import CacheInfo, Compiled, compile, source

__all__ = ["CacheInfo", "Compiled", "compile", "source"]
