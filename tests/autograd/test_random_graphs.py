"""Random programs: this engine against a naive one that counts on dual numbers, and against differences.

A program is a list of steps on a growing pool of arrays. Two interpreters run it: `autograd.numpy` on Tensors, and
NumPy on arrays of Python objects, which moves and broadcasts them and leaves all arithmetic to `naive.Dual`.
"""

from types import SimpleNamespace

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents, grad, jacobian, make_jvp, make_vjp
from autograd.program import trace

from . import naive

SHAPES = [(2, 3), (3,), (2, 1), (), (3, 2), (1, 3)]
PROGRAMS = range(150)


def each(fun):
    """A function of one number as one of object arrays."""
    return lambda x: np.array([fun(v) for v in np.ravel(x)], object).reshape(np.shape(x))


def choose(mask, x, y):
    return np.where(each(lambda m: bool(m))(mask), *np.broadcast_arrays(x, y))


duals = SimpleNamespace(
    exp=each(naive.exp), log=each(naive.log), sin=each(naive.sin), tanh=each(naive.tanh), where=choose,
    positive=lambda x: each(lambda v: naive.number(v) > 0)(x), concatenate=np.concatenate, sum=np.sum,
    value=lambda x: np.asarray(x, object),
)  # fmt: skip
ours = SimpleNamespace(
    exp=anp.exp, log=anp.log, sin=anp.sin, tanh=anp.tanh, where=anp.where, positive=lambda x: x > 0,
    concatenate=anp.concatenate, sum=anp.sum, value=lambda x: x,
)  # fmt: skip

STEPS = {
    "{0} + {1}": lambda xp, a, b: a + b,
    "{0} - {1}": lambda xp, a, b: a - b,
    "{0} * {1}": lambda xp, a, b: a * b,
    "{0} / (2 + {1}*{1})": lambda xp, a, b: a / (b * b + 2.0),
    "1.5 - {0}": lambda xp, a: 1.5 - a,
    "-{0}": lambda xp, a: -a,
    "tanh({0})": lambda xp, a: xp.tanh(a),
    "sin({0})": lambda xp, a: xp.sin(a),
    "exp(tanh({0}))": lambda xp, a: xp.exp(xp.tanh(a)),
    "log(1 + {0}*{0})": lambda xp, a: xp.log(a * a + 1.0),
    "where({0} > 0, {0}, {1})": lambda xp, a, b: xp.where(xp.positive(a), a, b),
    "sum({0})": lambda xp, a: xp.sum(a),
    "sum({0}, axis=0)": lambda xp, a: xp.sum(a, axis=0),
    "sum({0}, axis=-1, keepdims=True)": lambda xp, a: xp.sum(a, axis=-1, keepdims=True),
    "{0}.T": lambda xp, a: a.T,
    "{0}.reshape(-1)": lambda xp, a: a.reshape(-1),
    "{0}[0]": lambda xp, a: a[0],
    "{0}[..., ::-1]": lambda xp, a: a[..., ::-1],
    "{0}[[0, 0]]": lambda xp, a: a[np.array([0, 0])],
    "concatenate([{0}, {1}])": lambda xp, a, b: xp.concatenate([a, b]),
    "{0} @ {1}": lambda xp, a, b: a @ b,
}


def random_program(seed: int, length: int = 14) -> tuple[list, list]:
    """(inputs, steps), each step (text, operand numbers); steps that do not fit or grow too large are thrown again."""
    rng = np.random.default_rng(seed)
    inputs = [rng.standard_normal(SHAPES[i]) for i in rng.integers(0, len(SHAPES), 3)]
    pool, steps = list(inputs), []
    names = list(STEPS)
    while len(steps) < length:
        text = names[rng.integers(len(names))]
        # the newest values are likelier operands, so that graphs grow deep as well as wide
        operands = [int(len(pool) - 1 - min(rng.geometric(0.3) - 1, len(pool) - 1)) for _ in range(1 + ("{1}" in text))]
        xp = SimpleNamespace(**{**vars(ours), "where": np.where, "concatenate": np.concatenate, "sum": np.sum})
        try:
            value = np.asarray(STEPS[text](xp, *[pool[i] for i in operands]))
        except (ValueError, IndexError):
            continue
        if value.size == 0 or value.size > 40 or np.abs(value).max() > 50:
            continue
        pool.append(value)
        steps.append((text, operands))
    return inputs, steps


def run(steps, xp, inputs):
    """The sum over everything the program made, so that each step counts."""
    pool = list(inputs)
    for text, operands in steps:
        pool.append(xp.value(STEPS[text](xp, *[pool[i] for i in operands])))
    total = 0.0
    for k, value in enumerate(pool[len(inputs) :]):
        total = total + xp.sum(value) * (0.3 + 0.1 * k)
    return total


def source(inputs, steps) -> str:
    """The program as text, for the message of a failed test."""
    lines = [f"x{i} = np.array({x.tolist()})" for i, x in enumerate(inputs)]
    lines += [f"x{len(inputs) + k} = " + t.format(*[f"x{i}" for i in o]) for k, (t, o) in enumerate(steps)]
    return "\n" + "\n".join(lines)


def split(entries, inputs):
    """A flat list of entries as arrays of the inputs' shapes."""
    out, at = [], 0
    for x in inputs:
        part = np.empty(x.size, object)
        part[:] = entries[at : at + x.size]
        out.append(part.reshape(x.shape))
        at += x.size
    return out


def flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays]).astype(float)


def close(got, expected, inputs, steps, tolerance=1e-11):
    scale = max(1.0, np.abs(expected).max())
    assert np.abs(got - expected).max() <= tolerance * scale, source(inputs, steps)


@pytest.mark.parametrize("seed", PROGRAMS)
def test_first_and_second_order_against_the_naive_engine(seed):
    inputs, steps = random_program(seed)
    entries = flat(inputs).tolist()

    def naive_run(values):
        result = run(steps, duals, split(values, inputs))
        return result.item() if isinstance(result, np.ndarray) else result

    leaves = [Tensor(x, requires_grad=True) for x in inputs]
    out = run(steps, ours, leaves)
    close(np.array(out.data), np.array(naive_run(entries)), inputs, steps)
    expected = np.array([naive.number(g) for g in naive.gradient(naive_run, entries)])

    # numbers, and the same walk recorded
    found = cotangents(out, leaves, create_graph=True)
    gradients = [np.zeros_like(x) if g is None else g.data for g, x in zip(found, inputs, strict=True)]
    close(flat(gradients), expected, inputs, steps)

    vector = np.random.default_rng(seed).standard_normal(len(entries))
    parts = [p.astype(float) for p in split(vector, inputs)]
    along = sum((g * p).sum() for g, p in zip(found, parts, strict=True) if g is not None)
    second = cotangents(along, leaves) if isinstance(along, Tensor) else [None] * len(leaves)
    products = [np.zeros_like(x) if h is None else h for h, x in zip(second, inputs, strict=True)]
    expected_products = np.array([naive.number(h) for h in naive.hessian_product(naive_run, entries, vector.tolist())])
    close(flat(products), expected_products, inputs, steps, 1e-10)

    # and last, since it spends the graph
    out.backward()
    gradients = [np.zeros_like(x) if t.grad is None else t.grad for t, x in zip(leaves, inputs, strict=True)]
    close(flat(gradients), expected, inputs, steps)


@pytest.mark.parametrize("seed", PROGRAMS[:20])
def test_all_transforms_agree(seed):
    inputs, steps = random_program(seed)
    rng = np.random.default_rng(seed)

    def fun(x):
        return run(steps, ours, x)

    first = flat(grad(fun)(inputs))
    vjp, value = make_vjp(fun)(inputs)
    v = [rng.standard_normal(x.shape) for x in inputs]
    same, slope = make_jvp(fun)(inputs)(v)
    close(flat(vjp(1.0)), first, inputs, steps)
    close(flat(jacobian(fun)(inputs)), first, inputs, steps)
    close(np.array(slope), first @ flat(v), inputs, steps)
    assert value == same == pytest.approx(float(run(steps, ours, [Tensor(x) for x in inputs]).data), rel=1e-14)


@pytest.mark.parametrize("seed", PROGRAMS[:20])
def test_a_traced_program_equals_the_eager_result_on_other_data(seed):
    inputs, steps = random_program(seed)
    program, _ = trace(lambda *x: run(steps, ours, x), *inputs)
    rng = np.random.default_rng(seed + 1)
    other = [rng.standard_normal(x.shape) for x in inputs]
    (got,) = program.run(*other)
    assert got == pytest.approx(float(run(steps, ours, [Tensor(x) for x in other]).data), rel=1e-14)


@pytest.mark.parametrize("seed", PROGRAMS[:30])
def test_second_order_against_differences_in_extended_precision(seed):
    inputs, steps = random_program(seed)
    rng = np.random.default_rng(seed)
    x = [a.astype(np.longdouble) for a in inputs]
    v = [rng.standard_normal(a.shape).astype(np.longdouble) for a in x]

    def gradient(k):
        moved = [Tensor(a + k * b, requires_grad=True) for a, b in zip(x, v, strict=True)]
        found = cotangents(run(steps, ours, moved), moved)
        return [np.zeros_like(a) if g is None else g for g, a in zip(found, x, strict=True)]

    h = np.longdouble(1e-4)  # fourth order: the error is about h**4 + 1e-19 / h
    near = [p - m for p, m in zip(gradient(h), gradient(-h), strict=True)]
    far = [p - m for p, m in zip(gradient(2 * h), gradient(-2 * h), strict=True)]
    expected = [(8 * n - f) / (12 * h) for n, f in zip(near, far, strict=True)]
    leaves = [Tensor(a, requires_grad=True) for a in x]
    found = cotangents(run(steps, ours, leaves), leaves, create_graph=True)
    along = sum((g * b).sum() for g, b in zip(found, v, strict=True) if g is not None)
    second = cotangents(along, leaves) if isinstance(along, Tensor) else [None] * len(leaves)
    products = [np.zeros_like(a) if c is None else c for c, a in zip(second, x, strict=True)]
    assert all(c.dtype == np.longdouble for c in products)
    close(flat(products), flat(expected), inputs, steps, 1e-10)


UNORDERED = [seed for seed in PROGRAMS if not any("where" in text for text, _ in random_program(seed)[1])]


@pytest.mark.parametrize(
    ("seed", "dtype"),
    [(seed, dtype) for dtype in (np.float16, np.float32, np.longdouble) for seed in PROGRAMS[:15]]
    + [(seed, np.complex64) for seed in UNORDERED[:15]],
)
def test_types_stay_as_they_are(seed, dtype):
    inputs, steps = random_program(seed)
    leaves = [Tensor(x.astype(dtype), requires_grad=True) for x in inputs]
    out = run(steps, ours, leaves)
    assert out.dtype == dtype
    assert all(g is None or g.dtype == dtype for g in cotangents(out, leaves))


def test_the_comparison_can_fail():
    inputs, steps = random_program(0)
    expected = np.array(naive.gradient(lambda v: naive.sin(v[0]), [0.3]))
    with pytest.raises(AssertionError, match=r"x0 = np\.array"):
        close(expected * (1 + 1e-9), expected, inputs, steps)


def test_the_naive_engine_on_a_function_done_by_hand():
    def f(v):
        return v[0] * v[0] * naive.sin(v[1]) + v[1] / v[0] + naive.log(v[0]) * naive.exp(v[1]) - naive.tanh(v[0])

    x, y = 1.3, 0.4
    t = np.tanh(x)
    fx = 2 * x * np.sin(y) - y / x**2 + np.exp(y) / x - (1 - t**2)
    fy = x * x * np.cos(y) + 1 / x + np.log(x) * np.exp(y)
    fxx = 2 * np.sin(y) + 2 * y / x**3 - np.exp(y) / x**2 + 2 * t * (1 - t**2)
    fxy = 2 * x * np.cos(y) - 1 / x**2 + np.exp(y) / x
    assert naive.gradient(f, [x, y]) == pytest.approx([fx, fy], rel=1e-14)
    assert [naive.number(h) for h in naive.hessian_product(f, [x, y], [1.0, 0.0])] == pytest.approx(
        [fxx, fxy], rel=1e-14
    )
