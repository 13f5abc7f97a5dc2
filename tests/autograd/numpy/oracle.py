"""The one oracle for primitives: values against NumPy's, slopes against differences along seeded random directions.

A case is a function `fun(np, *arrays)`, run with NumPy itself and with autograd.numpy, and a description of its arrays.
For outputs y and random weights c the oracle differentiates L = Re(sum(c * y)); with the package's complex convention
dL = Re(sum(gradient * dx)), for real and complex arrays alike.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd.numpy as anp
from autograd import Tensor, cotangents, grad
from autograd.program import trace

STEP = 2e-4  # with differences of fourth order the error is far below the tolerance


@dataclass(frozen=True)
class Numbers:
    """How to draw an array."""

    kind: str
    shape: tuple[int, ...]

    def draw(self, rng: np.random.Generator) -> Any:
        shape = self.shape
        if self.kind == "positive":
            made = rng.uniform(0.5, 2.0, shape)
        elif self.kind == "inside":
            made = rng.uniform(0.1, 0.9, shape) * rng.choice([-1.0, 1.0], shape)
        elif self.kind == "distinct":  # no two closer than 0.1, none near 0
            made = rng.permutation(int(np.prod(shape))).reshape(shape) * 0.25 + 0.15 + rng.uniform(0, 0.1, shape)
            made = made - 0.5
        elif self.kind == "complex":
            made = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
        else:
            made = rng.standard_normal(shape)
            made = made + 0.1 * np.sign(made)
        return np.asarray(made)[()]


def R(*shape: int) -> Numbers:
    return Numbers("real", shape)


def P(*shape: int) -> Numbers:
    return Numbers("positive", shape)


def U(*shape: int) -> Numbers:
    return Numbers("inside", shape)


def D(*shape: int) -> Numbers:
    return Numbers("distinct", shape)


def C(*shape: int) -> Numbers:
    return Numbers("complex", shape)


@dataclass(frozen=True)
class Case:
    name: str
    fun: Callable[..., Any]
    arrays: tuple[Any, ...]
    order: int = 2
    ours: bool = False  # a function that NumPy does not have, or not any more: plain arrays are its own oracle
    wide: bool = False  # NumPy itself leaves float32 here

    def draw(self, seed: int = 0) -> list[Any]:
        rng = np.random.default_rng(zlib.crc32(self.name.encode()) + seed)
        return [a.draw(rng) if isinstance(a, Numbers) else a for a in self.arrays]


def leaves(result: Any) -> list[Any]:
    """The arrays in a result: those of lists and tuples in order."""
    if isinstance(result, (list, tuple)):
        return [leaf for r in result for leaf in leaves(r)]
    return [result]


def _differentiable(value: Any) -> bool:
    return getattr(value, "dtype", np.dtype(object)).kind in "fc"


def weights(outputs: list[Any], rng: np.random.Generator) -> list[Any]:
    """One weight an entry of each floating output; complex for complex outputs."""
    made = []
    for out in outputs:
        if not _differentiable(out):
            made.append(None)
        elif out.dtype.kind == "c":
            made.append((rng.standard_normal(out.shape) + 1j * rng.standard_normal(out.shape)).astype(out.dtype))
        else:
            made.append(rng.standard_normal(out.shape).astype(out.dtype))
    return made


def weighted(outputs: list[Any], c: list[Any]) -> Any:
    """L = Re(sum(c * y)) over all outputs."""
    total: Any = 0.0
    for out, w in zip(outputs, c, strict=True):
        if w is not None:
            total = total + anp.real(anp.sum(w * out))
    return total


def gradient(case: Case, args: list[Any], c: list[Any], create_graph: bool = False) -> tuple[list[Tensor], list[Any]]:
    """The Tensors that `args` were wrapped in, and the gradient of L at them."""
    tensors = [Tensor(a, requires_grad=True) for a in args]
    loss = weighted(leaves(case.fun(anp, *tensors)), c)
    found = cotangents(loss, tensors, create_graph=create_graph)
    return tensors, [anp.zeros_like(a) if g is None else g for g, a in zip(found, args, strict=True)]


def along(function: Callable[[list[Any]], float], args: list[Any], v: list[Any]) -> float:
    """The derivative of a function along v (Abramowitz and Stegun, 25.3.4)."""

    def at(k: float) -> float:
        return function([a + k * STEP * d for a, d in zip(args, v, strict=True)])

    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP)


def paired(gs: list[Any], v: list[Any]) -> Any:
    """Re(sum(g * v)) over all arrays."""
    return sum((anp.real(anp.sum(g * d)) for g, d in zip(gs, v, strict=True)), start=0.0)


def direction(args: list[Any], rng: np.random.Generator) -> list[Any]:
    made = [rng.standard_normal(np.shape(a)) for a in args]
    return [
        d + 1j * rng.standard_normal(np.shape(a)) if np.iscomplexobj(a) else d for d, a in zip(made, args, strict=True)
    ]


def close(actual: float, expected: float, scale: float, tolerance: float) -> None:
    assert abs(actual - expected) <= tolerance * max(1.0, abs(expected), scale), (actual, expected)


def check_values(case: Case) -> None:
    """The same values, shapes and dtypes as NumPy's, from Tensors, from plain arrays, and through NumPy's functions."""
    args = case.draw()
    kept = [np.copy(a) for a in args]
    namespace = anp if case.ours else np
    expected = leaves(case.fun(namespace, *args))
    runs = [
        leaves(case.fun(anp, *[Tensor(a, requires_grad=True) for a in args])),
        leaves(case.fun(namespace, *[Tensor(a, requires_grad=True) for a in args])),
        leaves(case.fun(anp, *args)),
    ]
    assert not any(isinstance(r, Tensor) for r in runs[2]), "plain arrays in, Tensors out"
    assert any(isinstance(r, Tensor) for r in runs[0]), "nothing was recorded"
    for found in runs:
        assert len(found) == len(expected)
        for f, e in zip(found, expected, strict=True):
            value = f.data if isinstance(f, Tensor) else f
            np.testing.assert_allclose(value, e, rtol=1e-11, atol=1e-12)
            assert np.shape(value) == np.shape(e)
            assert np.asarray(value).dtype == np.asarray(e).dtype
    for a, k in zip(args, kept, strict=True):
        np.testing.assert_array_equal(a, k)


def check_gradient(case: Case) -> None:
    """First order, and if the case has one second order, against differences."""
    rng = np.random.default_rng(zlib.crc32(case.name.encode()) + 1)
    args = case.draw()
    namespace = anp if case.ours else np
    c = weights(leaves(case.fun(namespace, *args)), rng)
    _, gs = gradient(case, args, c)
    for g, a in zip(gs, args, strict=True):
        assert np.shape(g) == np.shape(a)
        assert g.dtype == a.dtype
    scale = max(float(np.max(np.abs(g), initial=0)) for g in gs)
    v = direction(args, rng)

    def loss(moved: list[Any]) -> float:
        return float(np.real(weighted(leaves(case.fun(namespace, *moved)), c)))

    close(float(paired(gs, v)), along(loss, args, v), scale, 1e-8)
    if case.order < 2:
        return
    w = direction(args, rng)

    def slope(moved: list[Any]) -> float:
        return float(paired(gradient(case, moved, c)[1], w))

    tensors, gs = gradient(case, args, c, create_graph=True)
    second = paired(gs, w)
    if isinstance(second, Tensor) and second.requires_grad:
        seconds = [0.0 if s is None else s for s in cotangents(second, tensors)]
    else:
        seconds = [0.0] * len(args)
    scale = max(float(np.max(np.abs(s), initial=0)) for s in seconds)
    close(float(paired(seconds, v)), along(slope, args, v), scale, 1e-7)


def check_single_precision(case: Case) -> None:
    """float32 in: NumPy's dtypes out, gradients in float32 and near those in float64."""
    args = case.draw()
    narrow = [np.asarray(a).astype(np.complex64 if np.iscomplexobj(a) else np.float32)[()] for a in args]
    namespace = anp if case.ours else np
    expected = leaves(case.fun(namespace, *narrow))
    found = leaves(case.fun(anp, *[Tensor(a, requires_grad=True) for a in narrow]))
    for f, e in zip(found, expected, strict=True):
        value = np.asarray(f.data if isinstance(f, Tensor) else f)
        assert value.dtype == np.asarray(e).dtype
        if value.dtype.kind == "f" and not case.wide:
            assert value.dtype == np.float32
    rng = np.random.default_rng(0)
    c = weights(expected, rng)
    _, gs = gradient(case, narrow, c)
    double = {np.dtype(np.float32): np.float64, np.dtype(np.complex64): np.complex128}
    wide = [a.astype(double[a.dtype]) for a in narrow]
    _, exact = gradient(case, wide, [None if w is None else w.astype(double.get(w.dtype, w.dtype)) for w in c])
    for g, e, a in zip(gs, exact, narrow, strict=True):
        assert g.dtype == a.dtype
        np.testing.assert_allclose(g, e, rtol=2e-3, atol=2e-3 * float(np.max(np.abs(e), initial=1e-3)))


def check_captured(case: Case) -> None:
    """The gradient captured as a program at one point and run at another is the gradient there: nothing is baked in."""
    args = case.draw()
    rng = np.random.default_rng(99)
    others = [a.draw(rng) if isinstance(a, Numbers) else a for a in case.arrays]
    c = weights(leaves(case.fun(anp if case.ours else np, *args)), rng)
    slopes = grad(lambda *xs: weighted(leaves(case.fun(anp, *xs)), c), tuple(range(len(args))))
    captured, results = trace(slopes, *args)
    computed = iter(leaves(captured.run(*others)))
    for found, expected in zip(results, slopes(*others), strict=True):
        value = next(computed) if isinstance(found, Tensor) else found
        np.testing.assert_allclose(value, expected, rtol=1e-8, atol=1e-10)


def primitives_in(results: list[Any]) -> Iterator[str]:
    """The names of all primitives that the results were computed with."""
    seen: set[int] = set()
    stack = [r for r in results if isinstance(r, Tensor)]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.primitive is not None:
            yield node.primitive.name
            stack += [a for a in node.args if isinstance(a, Tensor)]
            if node.record is not None and node.record[6] is not None:
                yield node.record[6][0][0].name
