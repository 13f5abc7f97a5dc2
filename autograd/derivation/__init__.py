"""The derivation of a gradient as a person would write it, read from the recorded backward pass."""

from .derive import derive
from .result import Derivation, Step

__all__ = ["Derivation", "Step", "derive"]
