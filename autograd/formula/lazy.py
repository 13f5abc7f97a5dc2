"""SymPy, loaded when a formula is first asked for: nothing else in the engine needs it."""

import functools
from typing import Any

from ..errors import MissingPackageError


@functools.cache
def sympy() -> Any:
    """The SymPy module.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        import sympy
    except ImportError:
        raise MissingPackageError("formulas need SymPy: pip install sympy") from None
    return sympy
