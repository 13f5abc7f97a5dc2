"""Program -> smaller, numerically stabler Program; see `passes`."""

from .passes import simplify
from .rewriter import cost

__all__ = ["cost", "simplify"]
