"""Slopes that no rule of the engine took part in: differences in extended precision, and the complex step."""

from collections.abc import Callable
from typing import Any

import numpy as np

FIRST_STEP, LEVELS = 0.02, 12


def extrapolated(function: Callable[[Any], Any]) -> tuple[float, float]:
    """The derivative of a function of one number at 0, and an estimate of its error.

    Central differences with halved steps, extrapolated until rounding outweighs what is gained (Ridders, Accurate
    computation of F'(x) and F'(x)F''(x), 1982). A kink within reach shows as a large error.
    """
    best, error = np.nan, np.inf
    above: list[Any] = []
    for level in range(LEVELS):
        h = np.longdouble(FIRST_STEP) / 2**level
        row = [(function(h) - function(-h)) / (2 * h)]
        for k, finer in enumerate(above):
            factor = np.longdouble(4) ** (k + 1)
            row.append((factor * row[k] - finer) / (factor - 1))
            spread = max(abs(row[k + 1] - row[k]), abs(row[k + 1] - finer))
            if spread <= error:
                best, error = row[k + 1], spread
        above = row
        if error <= 1e-13 * abs(best):
            break
    return float(best), float(error)


def complex_step(function: Callable[[Any], Any]) -> float:
    """The derivative at 0 of an analytic function that is real on the real line (Squire and Trapp, 1998)."""
    h = 1e-40
    return float(np.imag(function(1j * h)) / h)


def widened(a: Any) -> Any:
    """An array in the widest type of its kind."""
    return np.asarray(a).astype(np.clongdouble if np.iscomplexobj(a) else np.longdouble)[()]
