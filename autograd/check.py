"""Derivatives held against differences: the oracle for rules, and for anyone in doubt about theirs."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .errors import CheckError
from .graph import Tensor
from .transforms import _make_jvp
from .tree import flatten
from .vjp import Vjp


def _plain(value: Any) -> Any:
    return value.data if isinstance(value, Tensor) else value


def _dot(a: Sequence[Any], b: Sequence[Any]) -> float:
    """The pairing of a cotangent with a tangent: Re(sum a * b), which is the plain dot product for real arrays."""
    return float(sum(np.real(np.sum(np.asarray(x) * np.asarray(y))) for x, y in zip(a, b, strict=True)))


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
        step: h; by default the fifth root of the dtype's rounding error.

    Returns:
        an array of the result's shape, or a nest of them.

    (Abramowitz and Stegun, Handbook of Mathematical Functions, 25.3.4.)

    >>> round(float(numerical_directional(lambda x: x**3, 2.0, 1.0)), 8)
    12.0
    """
    xs, rebuild = flatten(x)
    vs, _ = flatten(direction)
    eps = max(np.finfo(np.asarray(v).dtype).eps for v in xs)
    h = float(eps) ** 0.2 if step is None else step

    def at(k: float) -> list[Any]:
        moved = [np.asarray(a + k * h * v).astype(np.asarray(a).dtype)[()] for a, v in zip(xs, vs, strict=True)]
        return [_plain(o) for o in flatten(fun(rebuild(moved)))[0]]

    near = [(p - m) for p, m in zip(at(1), at(-1), strict=True)]
    far = [(p - m) for p, m in zip(at(2), at(-2), strict=True)]
    slopes = [(8 * n - f) / (12 * h) for n, f in zip(near, far, strict=True)]
    return flatten(fun(x))[1](slopes)


def _compare(kind: str, name: str, got: float, expected: float, scale: float, rtol: float) -> None:
    if not abs(got - expected) <= rtol * (scale + abs(expected)):
        raise CheckError(
            f"({kind}) check of {name} failed: the engine gives {got:.10g} and differences give {expected:.10g} "
            f"in the same random direction (tolerance {rtol:g} of {scale + abs(expected):.3g})"
        )


def check_vjp(fun: Callable[[Any], Any], x: Any, rng: np.random.Generator, rtol: float = 1e-6) -> None:
    """Hold the reverse walk of `fun` at x against differences, in one random direction.

    Raises:
        CheckError: naming the function and both numbers, or the argument whose gradient has a wrong shape or dtype.
    """
    name = getattr(fun, "__name__", "fun")
    vjp = Vjp(fun, x)
    outputs = [_plain(o) for o in flatten(vjp.result)[0]]
    v = [_random_like(a, rng) for a in flatten(x)[0]]
    u = [_random_like(o, rng) for o in outputs]
    back = flatten(vjp(vjp.rebuild_output(u)))[0]
    for i, (c, a) in enumerate(zip(back, flatten(x)[0], strict=True)):
        if np.shape(c) != np.shape(a) or np.asarray(_plain(c)).dtype != np.asarray(a).dtype:
            raise CheckError(
                f"(VJP) check of {name} failed: array {i} has shape {np.shape(a)} and dtype {np.asarray(a).dtype}, "
                f"its gradient {np.shape(c)} and {np.asarray(_plain(c)).dtype}"
            )
    slopes = flatten(numerical_directional(fun, x, flatten(x)[1](v)))[0]
    products = [np.abs(np.asarray(p) * np.asarray(q)).sum() for p, q in zip(u, slopes, strict=True)]
    scale = float(sum(products)) / max(1.0, float(len(products)) ** 0.5)
    _compare("VJP", name, _dot(back, v), _dot(u, slopes), scale, rtol)


def check_jvp(fun: Callable[[Any], Any], x: Any, rng: np.random.Generator, rtol: float = 1e-6) -> None:
    """Hold the forward mode of `fun` at x against differences, in one random direction."""
    name = getattr(fun, "__name__", "fun")
    v = flatten(x)[1]([_random_like(a, rng) for a in flatten(x)[0]])
    _, tangent = _make_jvp(fun)(x)(v)
    slopes = flatten(numerical_directional(fun, x, v))[0]
    tangents = [_plain(t) for t in flatten(tangent)[0]]
    u = [_random_like(s, rng) for s in slopes]
    scale = float(sum(np.abs(np.asarray(p) * np.asarray(q)).sum() for p, q in zip(u, slopes, strict=True)))
    _compare("JVP", name, _dot(u, tangents), _dot(u, slopes), scale, rtol)


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
        CheckError: naming the function, the mode, and both numbers.

    >>> check_grads(lambda x: x**3)(2.0)
    >>> check_grads(lambda x, y: x @ y)(np.ones((2, 3)), np.ones(3))
    """
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
