"""Ordinary differential equations, differentiated by the adjoint method."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.integrate

from .. import numpy as anp
from ..errors import ConversionError, NoRuleError
from ..extend import defvjp_argnums, primitive
from ..misc.flatten import flatten
from ..numpy.registry import plain
from ..transforms import make_vjp
from ._formula import formula, passed_on

Array = Any
_OF_FUNC = {"args", "tfirst", "Dfun", "col_deriv", "ml", "mu"}  # options that tell of func, and not of its adjoint


_solved = primitive(scipy.integrate.odeint)


def odeint(func: Callable[..., Array], y0: Array, t: Array, *args: Any, **kwargs: Any) -> Array:
    """The solution of dy/dt = func(y, t, *args) at the times t, from y0 at t[0]: SciPy's odeint.

    Differentiable in y0, t and args, whose nests of arrays may be anything `func` takes. Instead of the steps of the
    integrator, the adjoint equation is integrated backwards, between one time and the one before
    (Pontryagin et al., 1962; Chen et al., Neural ordinary differential equations, 2018).
    """
    try:
        return _solved(func, y0, t, *args, **kwargs)
    except ConversionError as error:
        raise NoRuleError(
            "odeint: func uses a recorded value besides its arguments, whose gradient would be lost; give it to func "
            "as one more argument, in args=(...)"
        ) from error


def _joint(argnums: Sequence[int], out: Array, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[[Array], Any]:
    func, y0, t = args[:3]
    given = args[3] if len(args) > 3 else kwargs.get("args", ())
    if kwargs.get("tcrit") is not None:
        raise NoRuleError("odeint has no derivative rule for tcrit=; integrate from one critical time to the next")
    options = {key: value for key, value in kwargs.items() if key not in _OF_FUNC}
    for tolerance in {"rtol", "atol"} & options.keys():
        options[tolerance] = np.min(options[tolerance])  # one for each entry of y, of which the adjoint has more
    vector, unflatten = flatten(given)
    size = out.shape[1]

    def slope(y: Array, t: Array, *given: Any) -> Array:
        return func(t, y, *given) if kwargs.get("tfirst") else func(y, t, *given)

    def along(y: Array, t: Array, vector: Array) -> Array:
        return slope(y, t, *unflatten(vector))

    def adjoint(state: Array, t: Array, vector: Array) -> Array:
        """d/dt of the solution, its cotangent, and the cotangents of time and arguments gathered on the way."""
        pullback, velocity = make_vjp(along, argnum=(0, 1, 2))(state[:size], t, vector)
        return anp.concatenate([anp.ravel(part) for part in (velocity, *pullback(-state[size : 2 * size]))])

    def vjp(g: Array) -> list[Any]:
        g_y, g_start, g_args = g[-1], 0.0, np.zeros(vector.shape)
        g_times = []
        for i in range(len(t) - 1, 0, -1):
            moved = anp.sum(slope(out[i], t[i], *given) * g[i])  # what a later time of measurement changes
            g_times.append(moved)
            state = anp.concatenate([anp.ravel(part) for part in (out[i], g_y, g_start - moved, g_args)])
            state = odeint(adjoint, state, anp.stack([t[i], t[i - 1]]), (vector,), **options)[1]
            g_y, g_start, g_args = state[size : 2 * size] + g[i - 1], state[2 * size], state[2 * size + 1 :]
        g_times.append(g_start)
        cotangents = (None, anp.reshape(g_y, np.shape(plain(y0))), anp.stack(g_times[::-1]), unflatten(g_args))
        return [cotangents[i] for i in argnums]

    return vjp


defvjp_argnums(_solved, _joint)


@formula(scipy.integrate.trapezoid)
def trapezoid(y: Array, x: Array = None, dx: float = 1.0, axis: int = -1) -> Array:
    """The integral of y over x, or in steps of dx, by straight lines between the points."""
    return anp.trapezoid(y, x, dx, axis)


__getattr__ = passed_on(scipy.integrate, "odeint and trapezoid")
