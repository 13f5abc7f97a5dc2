"""NumPy's namespace, in which functions record on Tensors; every other name is NumPy's own, passed through."""

from typing import Any

import numpy as _np

from . import fft, linalg
from . import methods as _methods
from .calculus import *  # noqa: F403
from .elementwise import *  # noqa: F403
from .elementwise import abs, round  # noqa: A004
from .indexing import *  # noqa: F403
from .joining import *  # noqa: F403
from .products import *  # noqa: F403
from .reductions import *  # noqa: F403
from .reductions import all, any, max, min, sum  # noqa: A004
from .shaping import *  # noqa: F403
from .sorting import *  # noqa: F403
from .stable import (
    log_sigmoid,
    log_softmax,
    logaddexp,
    logaddexp2,
    logsumexp,
    relu,
    sigmoid,
    softmax,
    softplus,
)


def __getattr__(name: str) -> Any:
    return getattr(_np, name)


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(dir(_np)))
