"""Program -> smaller, numerically stabler Program; see `passes`."""

from .costs import cost
from .passes import simplify

__all__ = ["cost", "simplify"]
