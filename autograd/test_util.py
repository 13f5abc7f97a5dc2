"""HIPS autograd's `autograd.test_util`: derivatives against central differences, in random directions."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from .compat.spaces import vspace
from .core import make_jvp, make_vjp
from .wrap_util import get_name, unary_to_nary

TOL = 1e-6
RTOL = 1e-6
EPS = 1e-6


def scalar_close(a: Any, b: Any) -> bool:
    """Whether two numbers agree to 1e-6, absolutely or relative to their sum."""
    return bool(abs(a - b) < TOL or abs(a - b) / abs(a + b) < RTOL)


def make_numerical_jvp(f: Callable[[Any], Any], x: Any) -> Callable[[Any], Any]:
    """The derivative of f at x along a direction, by a central difference."""
    space = vspace(x)

    def jvp(v: Any) -> Any:
        above = f(space.add(x, space.scalar_mul(v, EPS / 2)))
        below = f(space.add(x, space.scalar_mul(v, -EPS / 2)))
        out = vspace(above)
        return out.scalar_mul(out.add(above, out.scalar_mul(below, -1.0)), 1.0 / EPS)

    return jvp


def check_vjp(f: Callable[[Any], Any], x: Any) -> None:
    """Compare <u, J v> by differences with <J^T u, v> by the vjp.

    Raises:
        AssertionError: they differ, with both numbers; or the vjp is not in the space of x.
    """
    vjp, y = make_vjp(f, x)
    space, out = vspace(x), vspace(y)
    v, u = space.randn(), out.randn()
    back = space.covector(vjp(out.covector(u)))
    if vspace(back) != space:
        raise AssertionError(f"the vjp of {get_name(f)} is in {vspace(back)}, its argument in {space}")
    exact = space.inner_prod(v, back)
    numeric = out.inner_prod(u, make_numerical_jvp(f, x)(v))
    if not scalar_close(numeric, exact):
        raise AssertionError(_failed("VJP", f, x, exact, numeric))


def check_jvp(f: Callable[[Any], Any], x: Any) -> None:
    """Compare the jvp with differences, along a random direction."""
    v = vspace(x).randn()
    exact, numeric = make_jvp(f, x)(v)[1], make_numerical_jvp(f, x)(v)
    if vspace(exact) != vspace(numeric) or not _close(exact, numeric):
        raise AssertionError(_failed("JVP", f, x, exact, numeric))


def _failed(mode: str, f: Any, x: Any, exact: Any, numeric: Any) -> str:
    return f"Derivative ({mode}) check of {get_name(f)} failed with arg {x}:\nanalytic: {exact}\nnumeric:  {numeric}"


def check_equivalent(x: Any, y: Any) -> None:
    """Assert that two values are of one vector space, and have the same product with a random vector."""
    if vspace(x) != vspace(y):
        raise AssertionError(f"VSpace mismatch:\nx: {vspace(x)}\ny: {vspace(y)}")
    if not _close(x, y):
        raise AssertionError(f"Value mismatch:\nx: {x}\ny: {y}")


def _close(x: Any, y: Any) -> bool:
    """Whether two values of one space have the same product with a random vector."""
    space = vspace(x)
    v = space.randn()
    return scalar_close(space.inner_prod(x, v), space.inner_prod(y, v))


@unary_to_nary
def check_grads(f: Callable[..., Any], x: Any, modes: Sequence[str] = ("fwd", "rev"), order: int = 2) -> None:
    """Check the derivatives of f at x up to `order`, in forward ("fwd") and reverse ("rev") mode.

    Raises:
        AssertionError: with the function, the argument and the two numbers that differ.
    """
    if not set(modes) <= {"fwd", "rev"}:
        raise ValueError(f"modes are 'fwd' and 'rev', not {modes}")
    name = get_name(f)
    if "fwd" in modes:
        check_jvp(f, x)
        if order > 1:

            def along(x: Any, v: Any) -> Any:
                return make_jvp(f, x)(v)[1]

            along.__name__ = f"jvp_{name}"
            check_grads(along, (0, 1), modes, order=order - 1)(x, vspace(x).randn())
    if "rev" in modes:
        check_vjp(f, x)
        if order > 1:

            def back(x: Any, u: Any) -> Any:
                return make_vjp(f, x)[0](u)

            back.__name__ = f"vjp_{name}"
            check_grads(back, (0, 1), modes, order=order - 1)(x, vspace(f(x)).randn())


def combo_check(fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., None]:
    """`check_grads` for every combination of the given arguments: one list of choices for each argument."""
    check = check_grads(fun, *args, **kwargs)

    def of_choices(*choices: Any, **named: Any) -> None:
        for picked in product(*choices):
            for words in product(*named.values()):
                check(*picked, **dict(zip(named, words, strict=True)))

    return of_choices
