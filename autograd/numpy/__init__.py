# ruff: noqa: F401 - names of the public namespace
"""NumPy's namespace, in which functions record on Tensors; every other name is NumPy's own, passed through."""

from importlib import import_module as _import_module
from typing import Any as _Any

import numpy as _np

from . import methods as _methods
from .constants import *  # noqa: F403
from .elementwise import *  # noqa: F403
from .indexing import *  # noqa: F403
from .joining import *  # noqa: F403
from .products import *  # noqa: F403
from .reductions import *  # noqa: F403
from .registry import LATER as _NAMES_LATER
from .registry import registry as _registry
from .shaping import *  # noqa: F403
from .stable import *  # noqa: F403

numpy_version = __version__ = _np.__version__
__array_api_version__ = _np.__array_api_version__


_LATER = {"fft", "linalg", "random", "numpy_boxes", "numpy_jvps", "numpy_vjps", "numpy_vspaces", "numpy_wrapper"}


def __getattr__(name: str) -> _Any:
    if name in _LATER:
        return _import_module(f".{name}", __name__)
    if name in _NAMES_LATER:
        function = getattr(_import_module(f".{_NAMES_LATER[name]}", __name__), name)
        globals()[name] = function
        return function
    numpys = getattr(_np, name)
    return _registry.get(numpys, numpys) if callable(numpys) else numpys  # ours for a second name, as concat is


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(dir(_np)))


_OURS = {name for name, value in globals().items() if name[0] != "_" and callable(value)}
__all__ = sorted({*_np.__all__, *_NAMES_LATER} | _OURS)
