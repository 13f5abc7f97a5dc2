"""Pictures of a recorded graph: DOT, SVG, text, and a page in which to step through backpropagation."""

import sys
from types import ModuleType
from typing import Any

from .drawing import Drawing, draw

__all__ = ["Drawing", "draw"]


class _Callable(ModuleType):
    """`autograd.draw` is both this package and the function in it; importing the first must not hide the second."""

    def __call__(self, *outputs: Any, **options: Any) -> Drawing:
        return draw(*outputs, **options)


sys.modules[__name__].__class__ = _Callable
