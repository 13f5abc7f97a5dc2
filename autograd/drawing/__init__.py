"""Pictures of a recorded graph: DOT, SVG, text, and a page in which to step through backpropagation."""

from .drawing import Drawing, draw

__all__ = ["Drawing", "draw"]
