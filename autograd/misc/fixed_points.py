"""Fixed points of a map, differentiated by the implicit function theorem rather than through the iterations."""

from collections.abc import Callable
from typing import Any

from ..compat.spaces import vspace
from ..extend import defvjp, primitive
from ..transforms import make_vjp


@primitive
def fixed_point(
    f: Callable[[Any], Callable[[Any], Any]], a: Any, x0: Any, distance: Callable[[Any, Any], Any], tol: float
) -> Any:
    """The x with x = f(a)(x), iterated from `x0` until two in turn are within `tol`; differentiable in `a`.

    The cotangent w at x solves w = g + (df/dx)^T w, again a fixed point.

    Args:
        f: takes a, a nest of arrays, and returns the map from x to the next x; it has to contract, or no end is found.
        distance: of two x, as a number.

    >>> from autograd import grad
    >>> def root(a):  # by Newton's iteration
    ...     return fixed_point(lambda a: lambda x: (x + a / x) / 2, a, 1.0, lambda x, y: abs(x - y), 1e-12)
    >>> float(root(4.0)), float(grad(root)(4.0))
    (2.0, 0.25)
    """
    step = f(a)
    x, before = step(x0), x0
    while distance(x, before) > tol:
        x, before = step(x), x
    return x


def _vjp(x: Any, f: Any, a: Any, x0: Any, distance: Any, tol: float) -> Callable[[Any], Any]:
    through_a, _ = make_vjp(lambda a, x: f(a)(x))(a, x)

    def reverse(given: Any) -> Callable[[Any], Any]:
        a, x, g = given
        through_x, _ = make_vjp(f(a))(x)
        return lambda w: vspace(w).add(through_x(w), g)

    return lambda g: through_a(fixed_point(reverse, (a, x, g), vspace(x).zeros(), distance, tol))


defvjp(fixed_point, None, _vjp, None)
