"""Derivatives held against differences: the oracle for rules, and for anyone in doubt about theirs."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .errors import CheckError
from .graph import Tensor
from .transforms import make_jvp
from .tree import flatten, leaves_like
from .vjp import Vjp


def _plain(value: Any) -> Any:
    return value._value if isinstance(value, Tensor) else value


def _dot(a: Sequence[Any], b: Sequence[Any]) -> float:
    """The pairing of a cotangent with a tangent: Re(sum a * b), which is the plain dot product for real arrays.

    Entries that do not move (b is 0) add nothing, also where a wrong rule has made the cotangent NaN.
    """
    with np.errstate(all="ignore"):  # a wrong rule may well give infinities
        return float(sum(np.real(np.sum(x * y, where=y != 0)) for x, y in zip(_arrays(a), _arrays(b), strict=True)))


def _arrays(values: Sequence[Any]) -> list[np.ndarray]:
    return [np.asarray(v) for v in values]


def _random_like(value: Any, rng: np.random.Generator) -> Any:
    value = np.asarray(value)
    made: Any = rng.standard_normal(value.shape)
    if value.dtype.kind == "c":
        made = made + 1j * rng.standard_normal(value.shape)
    return np.asarray(made).astype(value.dtype)[()]


def numerical_directional(fun: Callable[[Any], Any], x: Any, direction: Any, step: float | None = None) -> Any:
    """The derivative of `fun` at x along a direction, by central differences extrapolated to fourth order.

        f'(x; v) ~ (8 (f(x + h v) - f(x - h v)) - (f(x + 2 h v) - f(x - 2 h v))) / (12 h)

    Args:
        fun: of one nest of arrays, returning a nest of arrays.
        direction: of x's structure and shapes.
        step: h; by default the fifth root of the rounding error of the result.

    Returns:
        an array of the result's shape, or a nest of them; float16, float32 and complex64 are computed in double.

    (Abramowitz and Stegun, Handbook of Mathematical Functions, 25.3.4.)

    >>> round(float(numerical_directional(lambda x: x**3, 2.0, 1.0)), 8)
    12.0
    """
    slopes, _ = _differences(fun, x, direction, step)
    return flatten(fun(x))[1](slopes)


def _differences(fun: Callable[[Any], Any], x: Any, direction: Any, step: float | None = None) -> tuple[Any, Any]:
    """For each array of the result, its derivative along `direction` and the rounding error of that."""
    xs, rebuild = flatten(x)
    vs = leaves_like(direction, x, "direction")
    wide = [np.asarray(a, np.result_type(a, np.float64)) for a in xs]

    def at(k: float) -> list[Any]:
        moved = [(a + k * v).astype(a.dtype)[()] for a, v in zip(wide, vs, strict=True)]
        return [np.asarray(_plain(o)) for o in flatten(fun(rebuild(moved)))[0]]

    eps = max((float(np.finfo(np.result_type(o, np.float16)).eps) for o in at(0)), default=1.0)
    h = eps**0.2 if step is None else step
    values = {k: at(k * h) for k in (-2, -1, 1, 2)}
    slopes = [(8 * (n - m) - (f - g)) / (12 * h) for g, m, n, f in zip(*values.values(), strict=True)]
    noise = [np.max(np.abs(arrays), axis=0) * (eps / h) for arrays in zip(*values.values(), strict=True)]
    return slopes, noise


def _compare(
    kind: str, fun: Callable[[Any], Any], x: Any, v: Any, u: Any, got: Callable[[Any], Any], rtol: float
) -> None:
    """Hold `got(v)`, the derivative of `fun` along v paired with u, against differences, allowing for their noise."""
    rebuild = flatten(x)[1]
    slopes, noise = _differences(fun, x, rebuild(v))
    found, expected = got(v), _dot(u, slopes)
    scale = sum(float(np.sum(np.abs(p * q) ** 2)) for p, q in zip(u, slopes, strict=True)) ** 0.5
    allowed = rtol * scale + 2 * sum(float(np.sum(np.abs(p) * q)) for p, q in zip(u, noise, strict=True))
    if not abs(found - expected) <= allowed:
        place = _furthest_off(v, got, lambda part: _dot(u, _differences(fun, x, rebuild(part))[0]))
        advice = (
            "" if np.isfinite(expected) else "; the function is not finite around there: take a point in its domain"
        )
        raise CheckError(
            f"({kind}) check of {getattr(fun, '__name__', 'fun')} failed: the engine gives {found:.10g} and "
            f"differences give {expected:.10g} in the same random direction (tolerance {allowed:.2g}){place}{advice}"
        )


def _furthest_off(v: list[Any], got: Callable[[Any], float], expected: Callable[[Any], float]) -> str:
    """Which entry of the argument has the wrong slope, found by halving the direction again and again."""
    ends = np.cumsum([0, *(np.size(a) for a in v)])

    def part(low: int, high: int) -> list[Any]:
        places = [np.arange(start, end).reshape(np.shape(a)) for a, start, end in zip(v, ends, ends[1:], strict=False)]
        return [(a * ((low <= k) & (k < high))).astype(a.dtype)[()] for a, k in zip(v, places, strict=True)]

    def error(low: int, high: int) -> float:
        off = abs(got(part(low, high)) - expected(part(low, high)))
        return off if off == off else np.inf

    low, high = 0, int(ends[-1])
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if error(low, middle) >= error(middle, high) else (middle, high)
    if ends[-1] < 2:
        return ""
    one = part(low, high)
    k = int(np.searchsorted(ends, low, "right")) - 1
    index = tuple(int(n) for n in np.unravel_index(low - ends[k], np.shape(v[k])))
    place = f"entry {index} of array {k}" if index else f"array {k}"
    slopes = [f"{number / float(np.abs(one[k][index])):.6g}" for number in (got(one), expected(one))]
    return f"; furthest off is {place}: {slopes[0]} and {slopes[1]}"


def _tolerance(rtol: float, arrays: Sequence[Any]) -> float:
    """`rtol`, and some rounding errors of the dtypes that the engine computes in."""
    eps = [float(np.finfo(np.asarray(a).dtype).eps) for a in arrays if np.asarray(a).dtype.kind in "fc"]
    return rtol + 20 * max(eps, default=0.0)


def check_vjp(fun: Callable[[Any], Any], x: Any, rng: np.random.Generator, rtol: float = 1e-6) -> None:
    """Hold the reverse walk of `fun` at x against differences, in one random direction.

    Raises:
        CheckError: naming the function and both numbers, or the argument whose gradient has a wrong shape or dtype.
    """
    name = getattr(fun, "__name__", "fun")
    xs, _ = flatten(x)
    vjp = Vjp(fun, x)
    outputs = [_plain(o) for o in flatten(vjp.result)[0]]
    v = [_random_like(a, rng) for a in xs]
    u = [_random_like(o, rng) for o in outputs]
    back = flatten(vjp(vjp.rebuild_output(u)))[0]
    for i, (c, a) in enumerate(zip(back, xs, strict=True)):
        if np.shape(c) != np.shape(a) or np.asarray(_plain(c)).dtype != np.asarray(a).dtype:
            raise CheckError(
                f"(VJP) check of {name} failed: array {i} has shape {np.shape(a)} and dtype {np.asarray(a).dtype}, "
                f"its gradient {np.shape(c)} and {np.asarray(_plain(c)).dtype}"
            )
    _compare("VJP", fun, x, v, u, lambda v: _dot([_plain(c) for c in back], v), _tolerance(rtol, xs + outputs))


def check_jvp(fun: Callable[[Any], Any], x: Any, rng: np.random.Generator, rtol: float = 1e-6) -> None:
    """Hold the forward mode of `fun` at x against differences, in one random direction."""
    xs, rebuild = flatten(x)
    v = [_random_like(a, rng) for a in xs]
    jvp = make_jvp(fun)(x)

    def tangents(v: list[Any]) -> list[Any]:
        return [_plain(t) for t in flatten(jvp(rebuild(v))[1])[0]]

    first = tangents(v)
    u = [_random_like(t, rng) for t in first]
    _compare("JVP", fun, x, v, u, lambda v: _dot(u, tangents(v)), _tolerance(rtol, xs + first))


def check_grads(
    fun: Callable[..., Any], modes: Sequence[str] = ("rev", "fwd"), order: int = 2, rtol: float = 1e-6, seed: int = 0
) -> Callable[..., None]:
    """A function that holds the derivatives of `fun`, up to `order`, against differences at the arguments given.

    Args:
        modes: "rev" for the reverse walk, "fwd" for forward mode.
        order: 2 also checks the derivative of the derivative.
        rtol: tolerance, relative to the size of what is compared.
        seed: of the random directions.

    Raises:
        CheckError: naming the function, the mode, both numbers, and the entry whose slope is furthest off.
        ValueError: nothing would be checked.

    >>> check_grads(lambda x: x**3)(2.0)
    >>> check_grads(lambda x, y: x @ y)(np.ones((2, 3)), np.ones(3))
    """
    if not modes or not set(modes) <= {"rev", "fwd"}:
        raise ValueError(f"check_grads: modes is a list of 'rev', 'fwd' or both, not {modes!r}")
    if order < 1:
        raise ValueError(f"check_grads: the first order to check is 1, not {order}")
    name = getattr(fun, "__name__", "fun")

    def check(*args: Any) -> None:
        rng = np.random.default_rng(seed)

        def packed(x: Any) -> Any:
            return fun(*x)

        packed.__name__ = name
        _check(packed, tuple(args), list(modes), order, rtol, rng)

    return check


def _check(fun: Callable[[Any], Any], x: Any, modes: list[str], order: int, rtol: float, rng: Any) -> None:
    name = getattr(fun, "__name__", "fun")
    if "rev" in modes:
        check_vjp(fun, x, rng, rtol)
    if "fwd" in modes:
        check_jvp(fun, x, rng, rtol)
    if order < 2:
        return
    result = fun(x)
    u = flatten(result)[1]([_random_like(_plain(o), rng) for o in flatten(result)[0]])

    def gradient(x: Any) -> Any:
        return Vjp(fun, x)(u)

    gradient.__name__ = f"gradient of {name}"
    _check(gradient, x, modes, order - 1, rtol * 10, rng)
