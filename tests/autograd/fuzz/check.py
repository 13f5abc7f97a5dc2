"""What is asked of every random program; a program that fails raises `Failed`, with the name of the question."""

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import autograd
import autograd.numpy as anp
from autograd import Tensor, cotangents
from autograd.program import trace
from autograd.simplify import simplify

from ..numpy.oracle import direction, leaves, paired, weighted, weights
from . import words
from .differences import complex_step, extrapolated, widened


class Failed(AssertionError):
    """A program did not pass; `question` says which."""

    def __init__(self, question: str, found: Any = "", expected: Any = "") -> None:
        super().__init__(f"{question}: {found} against {expected}")
        self.question = question


class Unjudged(Exception):
    """The differences did not converge: a kink is near, or the program is ill-conditioned."""


class Function:
    """A program as a function to be examined at a point.

    Attributes:
        fun: takes the arrays `args`, returns a list of arrays.
        weights: one array an output; the loss is the real part of the weighted sum of all.
    """

    def __init__(self, fun: Callable[..., list[Any]], args: list[Any]) -> None:
        self.fun, self.args = fun, args
        self.rng = np.random.default_rng(1)
        with np.errstate(all="ignore"), words.kept() as values:
            self.values = self.fun(*args)
            self.still = list(values)
        self.weights = weights(self.values, self.rng)
        self.v = [d.astype(np.result_type(a, np.float32)) for d, a in zip(direction(args, self.rng), args, strict=True)]
        self.eps = float(max(np.finfo(a.dtype).eps for a in [*args, *self.values]))
        with np.errstate(all="ignore"):
            loss, _, self.slopes = self._gradient(args, record=False)
        self.connected = loss is not None
        self.slope = float(paired(self.slopes, self.v))
        self.scale = size(self.slopes) * max(1.0, size(self.v))

    def loss(self, *args: Any) -> Any:
        return weighted(self.fun(*args), self.weights)

    def total(self, args: list[Any]) -> Any:
        """The loss without taking the real part, for complex steps."""
        return sum(np.sum(w * y) for w, y in zip(self.weights, self.fun(*args), strict=True))

    def _gradient(self, args: list[Any], record: bool) -> tuple[Any, list[Tensor], list[Any]]:
        tensors = [Tensor(a, requires_grad=True) for a in args]
        loss = self.loss(*tensors)
        found: Iterable[Any] = [None] * len(args)
        if isinstance(loss, Tensor) and loss.requires_grad:
            found = cotangents(loss, tensors, create_graph=record)
        else:
            loss = None
        return loss, tensors, [np.zeros_like(a) if g is None else g for g, a in zip(found, args, strict=True)]

    def gradient(self, args: list[Any], record: bool = False) -> tuple[list[Tensor], list[Any]]:
        return self._gradient(args, record)[1:]

    def doubled(self) -> list[Any]:
        """The arguments in double precision or better."""
        return [np.asarray(a).astype(np.result_type(a, np.float64))[()] for a in self.args]

    def widened(self) -> list[Any]:
        """The arguments in extended precision, or in double where NumPy's linear algebra knows no wider type."""
        wide = [widened(a) for a in self.args]
        try:
            with words.replayed(self.still):
                self.fun(*wide)
        except TypeError:
            return self.doubled()
        return wide

    def along(self, function: Callable[[list[Any]], Any], args: list[Any]) -> Callable[[Any], Any]:
        """A function of arrays as one of a number: how far they have moved."""

        def moved(t: Any) -> Any:
            with words.replayed(self.still), np.errstate(all="ignore"):
                steps = [t * d for d in self.v]
                if not np.iscomplexobj(t):
                    steps = [s.astype(a.dtype) for s, a in zip(steps, args, strict=True)]
                return function([a + s for a, s in zip(args, steps, strict=True)])

        return moved


def check_function(
    fun: Callable[..., list[Any]], args: list[Any], analytic: bool = False, captured: bool = True
) -> None:
    """Ask everything of one program.

    Args:
        analytic: whether the complex step may be taken as well.
        captured: whether the graph has other readers, which need a program that does not depend on values.

    Raises:
        Failed: an answer is wrong.
        Unjudged: the program has no derivative here that differences can find; all else was right.
    """
    f = Function(fun, args)
    with np.errstate(all="ignore"):
        values_and_types(f)
        if not f.connected:
            return
        transposed(f)
        spent(f)
        many_rows(f)
        if captured:
            readers(f)
        if not np.isfinite(f.slope):
            raise Unjudged(f"the slope is {f.slope}")
        against_differences(f, analytic)
        second_order(f)


def near(question: str, found: Any, expected: Any, tolerance: float, scale: float = 1.0) -> None:
    """All entries within `tolerance` of the largest one, of `scale`, or of 1."""
    found, expected = np.asarray(getattr(found, "data", found)), np.asarray(getattr(expected, "data", expected))
    largest = float(np.max(np.abs(expected), initial=0, where=np.isfinite(expected)))
    if not np.allclose(found, expected, 0, tolerance * max(1.0, scale, largest), equal_nan=True):
        raise Failed(question, found, expected)


def same_kind(question: str, found: Any, expected: Any) -> None:
    kinds = [(np.shape(a), np.asarray(getattr(a, "data", a)).dtype) for a in (found, expected)]
    if kinds[0] != kinds[1]:
        raise Failed(question, *kinds)


def values_and_types(f: Function) -> None:
    """On Tensors the values, shapes and dtypes of NumPy; gradients of the shapes and dtypes of the arguments."""
    tensors = [Tensor(a, requires_grad=True) for a in f.args]
    for found, expected in zip(f.fun(*tensors), f.values, strict=True):
        same_kind("values are of NumPy's shape and type", found, expected)
        near("values are NumPy's", found, expected, 1e3 * f.eps)
    for g, a in zip(f.slopes, f.args, strict=True):
        same_kind("gradients are of the argument's shape and type", g, a)


def transposed(f: Function) -> None:
    """Forward and reverse mode are each other's transpose: u . (J v) = (J' u) . v."""
    everything = tuple(range(len(f.args)))
    vjp, _ = autograd.make_vjp(f.fun, everything)(*f.args)
    back = vjp(f.weights)
    for g, s in zip(back, f.slopes, strict=True):
        near("make_vjp is the gradient", g, s, 1e4 * f.eps, f.scale)
    _, tangents = autograd.make_jvp(f.fun, everything)(*f.args)(tuple(f.v))
    for t, y in zip(tangents, f.values, strict=True):
        same_kind("tangents are of the value's shape and type", t, y)
    near("forward is reverse transposed", paired(list(tangents), f.weights), f.slope, 1e5 * f.eps, f.scale)


def spent(f: Function) -> None:
    """`backward` leaves the same gradients."""
    tensors = [Tensor(a, requires_grad=True) for a in f.args]
    f.loss(*tensors).backward()
    for t, g in zip(tensors, f.slopes, strict=True):
        near("backward is the gradient", np.zeros_like(g) if t.grad is None else t.grad, g, 10 * f.eps, f.scale)


def many_rows(f: Function) -> None:
    """A Jacobian, whose rows are walked at once, is made of single walks; of a gradient too."""
    everything = tuple(range(len(f.args)))

    def whole(*args: Any) -> Any:
        return anp.concatenate([anp.ravel(anp.real(y)) for y in f.fun(*args)])

    def slopes(*args: Any) -> Any:
        return anp.concatenate([anp.ravel(anp.real(g)) for g in autograd.grad(f.loss, everything)(*args)])

    for fun in (whole, slopes):
        vjp, value = autograd.make_vjp(fun, everything)(*f.args)
        if not 0 < value.size <= 30:
            continue
        u = f.rng.standard_normal(value.shape).astype(value.dtype)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a gradient that is the same everywhere
            rows = autograd.jacobian(fun, everything)(*f.args)
        single = vjp(u)
        for found, expected, a in zip(rows, single, f.args, strict=True):
            same_kind("a Jacobian is of its argument's type", found, np.zeros(value.shape + np.shape(a), a.dtype))
            near(
                "a Jacobian is its rows",
                np.tensordot(u, found, 1),
                expected,
                1e5 * f.eps,
                max(1.0, f.scale) * max(1.0, size(single)),
            )


def readers(f: Function) -> None:
    """The compiled program, its source, and the simplified program are the eager one, here and at another point."""
    step = autograd.value_and_grad(f.loss, tuple(range(len(f.args))))
    other = [(a + 0.1 * d).astype(a.dtype)[()] for a, d in zip(f.args, f.v, strict=True)]
    compiled = autograd.compile(step)
    first = compiled(*f.args)
    entry = compiled._latest()
    scope = {"np": np}
    exec(compiled.source, scope)
    program, results = trace(step, *f.args)
    smaller, shape = simplify(program), leaves(results)

    def run_simplified(*args: Any) -> list[Any]:
        computed = iter(smaller.run(*args))
        return [next(computed) if isinstance(r, Tensor) else r for r in shape]

    questions: dict[str, Callable[..., Any]] = {
        "compiled is eager": compiled,
        "source is eager": lambda *args: scope[entry.source.name](*args, **entry.source.constants),
        "simplified is eager": run_simplified,
    }
    for args in (f.args, other):
        expected = leaves(step(*args))
        for question, reader in questions.items():
            for found, e in zip(leaves(reader(*args)), expected, strict=True):
                same_kind(question, found, e)
                near(question, found, e, 1e5 * f.eps, max(f.scale, size(expected)))
    for found, again in zip(leaves(first), leaves(compiled(*f.args)), strict=True):
        near("results are not the buffers of the next call", found, again, 1e-15)


def against_differences(f: Function, analytic: bool) -> None:
    """The gradient along v, by differences and where it can be by a complex step."""

    def slope(args: list[Any]) -> Any:
        return paired(f.gradient(args)[1], f.v)

    if analytic:
        near("reverse is the complex step", f.slope, complex_step(f.along(f.total, f.doubled())), 1e5 * f.eps, f.scale)
    expected = extrapolated(f.along(lambda args: f.loss(*args), f.widened()))
    judge("reverse is the slope of differences", f, slope, f.slope, expected)


def second_order(f: Function) -> None:
    """The Hessian times v, seen along w, is the slope of the gradient along w."""
    w = [np.real(d) for d in direction(f.args, np.random.default_rng(2))]

    def curvature(args: list[Any]) -> Any:
        tensors, gs = f.gradient(args, record=True)
        slope = paired(gs, w)
        if not (isinstance(slope, Tensor) and slope.requires_grad):
            return 0.0
        seconds = cotangents(slope, tensors)
        return paired([np.zeros_like(d) if s is None else s for s, d in zip(seconds, f.v, strict=True)], f.v)

    expected = extrapolated(f.along(lambda args: paired(f.gradient(args)[1], w), f.widened()))
    judge("second order is the slope of the gradient", f, curvature, f.along(curvature, f.args)(0), expected)


def judge(
    question: str, f: Function, slope: Callable[[list[Any]], Any], found: Any, expected: tuple[float, float]
) -> None:
    """Compare the engine's slope with that of differences.

    Where they differ, it is the program that is to blame if the slope jumps within a rounding of the point, or if in
    extended precision the two agree.
    """
    value, error = expected
    scale = max(1.0, abs(value), f.scale)
    bound = 1e-8 * scale + 20 * error

    def along(t: float) -> float:
        return float(f.along(slope, f.widened())(np.longdouble(t)))

    if not np.isfinite(found):
        raise Unjudged(f"{question}: {found}")
    if not error <= 1e-4 * scale:
        raise Unjudged(f"{question}: the differences have not converged: {value} to {error:.1e}")
    if abs(float(found) - value) <= bound + 1e5 * f.eps * scale:
        return
    if abs(along(1e-9) - along(-1e-9)) > 1e-6 * scale:
        raise Unjudged(f"{question}: the slope jumps from {along(-1e-9)} to {along(1e-9)}")
    if abs(along(0.0) - value) <= bound:
        raise Unjudged(f"{question}: {found} by rounding, {along(0.0)} in extended precision")
    raise Failed(question, found, f"{value} (known to {error:.1e})")


def size(arrays: Iterable[Any]) -> float:
    """The largest finite number in the arrays."""
    return max((float(np.max(np.abs(a), initial=0, where=np.isfinite(a))) for a in arrays), default=0.0)
