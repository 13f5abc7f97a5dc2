"""Program -> NumPy source: `readable` for people, `planned` with buffers for speed."""

from .planned import Planned, plan
from .readable import Source, readable

__all__ = ["Planned", "Source", "plan", "readable"]
