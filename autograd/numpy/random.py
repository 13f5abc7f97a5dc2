"""numpy.random, passed through: drawing has no derivative, so write x = mean + deviation * standard_normal()."""

from typing import Any

import numpy.random as _random
from numpy.random import *  # noqa: F403


def __getattr__(name: str) -> Any:
    return getattr(_random, name)
