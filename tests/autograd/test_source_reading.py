"""Sources of whole programs read as a person writes: short lines, plain numbers, and the same results."""

import ast

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import grad, hessian, value_and_grad
from autograd.tree import flatten

from .test_source import executed

rng = np.random.default_rng(0)


def draw(*shape):
    return rng.normal(size=shape)


def logistic(w, b, X, t):
    z = X @ w + b
    return anp.mean(anp.logaddexp(0, z) - t * z) + 0.01 * anp.sum(w**2)


def softmax_regression(W, X, y):
    logits = X @ W
    logp = logits - anp.log(anp.sum(anp.exp(logits), axis=1, keepdims=True))
    return -anp.mean(logp[np.arange(12), y])


def perceptron(params, X, y):
    h = X
    for W, b in params[:-1]:
        h = anp.tanh(h @ W + b)
    W, b = params[-1]
    return anp.mean((h @ W + b - y) ** 2)


def recurrent(p, X, y):
    h = anp.zeros(6, X.dtype)
    for t in range(5):
        h = anp.tanh(X[t] @ p["Wx"] + h @ p["Wh"] + p["b"])
    return anp.sum((h @ p["Wo"] - y) ** 2)


def attention(Q, K, V):
    scores = Q @ anp.transpose(K, (0, 2, 1)) / np.sqrt(3.0).astype(Q.dtype)
    e = anp.exp(scores - anp.max(scores, axis=-1, keepdims=True))
    return anp.sum((e / anp.sum(e, axis=-1, keepdims=True) @ V) ** 2)


def layer_norm(x, gamma, beta):
    centred = x - anp.mean(x, axis=-1, keepdims=True)
    return anp.sum(anp.sin(gamma * centred / anp.sqrt(anp.var(x, axis=-1, keepdims=True) + 1e-5) + beta))


def gaussian(mu, L0, X):
    L = anp.linalg.cholesky(L0 @ L0.T + anp.eye(3, dtype=X.dtype))
    z = anp.linalg.solve(L, (X - mu).T)
    return 0.5 * anp.sum(z**2) + len(X) * anp.sum(anp.log(anp.diag(L)))


def nearest(C, X):
    return anp.sum(anp.min(anp.sum((X[:, None, :] - C[None, :, :]) ** 2, axis=2), axis=1))


def newton(w, X, t):
    def cost(w, X, t):
        z = X @ w
        return anp.sum(anp.logaddexp(0, z) - t * z) + anp.sum(w**2)

    return w - anp.linalg.solve(hessian(cost)(w, X, t), grad(cost)(w, X, t))


def momentum(state, *, rate, decay=0.9):
    p, v = state["p"], state["v"]
    g = grad(lambda p: anp.sum(p["a"] ** 2) * p["b"])(p)
    new = {k: decay * v[k] - rate * g[k] for k in p}
    return {"p": {k: p[k] + new[k] for k in p}, "v": new}


def flat(theta, X, y):
    W1, b1, W2, b2 = theta[:12].reshape(3, 4), theta[12:16], theta[16:20], theta[20]
    return anp.mean((anp.maximum(X @ W1 + b1, 0) @ W2 + b2 - y) ** 2)


def several(x, y):
    u, s, _ = anp.linalg.svd(x)
    return anp.abs(u).sum(), s, {"r": anp.abs(anp.linalg.qr(y)[1])}


def mixture(logw, mu, ls, x):
    lp = logw - anp.log(anp.sum(anp.exp(logw))) - 0.5 * ((x[:, None] - mu) / anp.exp(ls)) ** 2 - ls
    m = anp.max(lp, axis=1, keepdims=True)
    return -anp.sum(m[:, 0] + anp.log(anp.sum(anp.exp(lp - m), axis=1)))


def huber(w, X, y):
    r = X @ w - y
    return anp.sum(anp.where(anp.abs(r) < 1.0, 0.5 * r**2, anp.abs(r) - 0.5))


def entropy(p, t):
    return -anp.mean(t * anp.log(p) + (1 - t) * anp.log(1 - p))


def many(*xs):
    return anp.concatenate([x * 2.0 for x in xs]).sum(), anp.stack([x + 1 for x in xs])


def convolution(x, k):
    return anp.sum(sum(x[i : i + 6] * k[i] for i in range(3)) ** 2)


labels, flags = rng.integers(0, 3, 12), (draw(20) > 0) * 1.0
PROGRAMS = {
    "logistic": (value_and_grad(logistic, (0, 1)), (draw(5), np.array(0.3), draw(20, 5), flags)),
    "softmax": (value_and_grad(softmax_regression), (draw(5, 3), draw(12, 5), labels)),
    "perceptron": (
        value_and_grad(perceptron),
        ([(draw(4, 8), draw(8)), (draw(8, 8), draw(8)), (draw(8, 1), draw(1))], draw(32, 4), draw(32, 1)),
    ),
    "recurrent": (
        value_and_grad(recurrent),
        ({"Wx": draw(3, 6), "Wh": draw(6, 6), "b": draw(6), "Wo": draw(6, 2)}, draw(5, 3), draw(2)),
    ),
    "attention": (value_and_grad(attention, (0, 1, 2)), (draw(2, 4, 3), draw(2, 4, 3), draw(2, 4, 3))),
    "layer_norm": (value_and_grad(layer_norm, (0, 1, 2)), (draw(4, 6), draw(6), draw(6))),
    "gaussian": (value_and_grad(gaussian, (0, 1)), (draw(3), draw(3, 3), draw(10, 3))),
    "nearest": (value_and_grad(nearest), (draw(3, 2), draw(9, 2))),
    "newton": (newton, (draw(3), draw(20, 3), flags)),
    "momentum": (
        momentum,
        ({"p": {"a": draw(4), "b": np.array(2.0)}, "v": {"a": draw(4), "b": np.array(0.5)}},),
        {"rate": 0.1, "decay": 0.8},
    ),
    "flat": (value_and_grad(flat), (draw(21), draw(7, 3), draw(7))),
    "several": (several, (draw(3, 3), draw(4, 2))),
    "mixture": (value_and_grad(mixture, (0, 1, 2)), (draw(3), draw(3), draw(3), draw(15))),
    "huber": (value_and_grad(huber), (draw(3), draw(6, 3), draw(6))),
    "entropy": (value_and_grad(entropy), (rng.uniform(0.1, 0.9, 20), flags)),
    "many": (many, tuple(draw(3) for _ in range(9))),
    "convolution": (value_and_grad(convolution, (0, 1)), (draw(8), draw(3))),
}


def narrow(tree):
    leaves, rebuild = flatten(tree)
    return rebuild([v.astype(np.float32) if getattr(v, "dtype", 0) == np.float64 else v for v in leaves])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", PROGRAMS)
def test_sources_of_programs_are_short_plain_and_right(name, dtype):
    fun, args, *keywords = PROGRAMS[name]
    args, given = (args, dict(*keywords)) if dtype == np.float64 else (narrow(args), narrow(dict(*keywords)))
    step = autograd.compile(fun)
    compiled, expected = step(*args, **given), fun(*args, **given)
    own = executed(step.source, step._latest().source.name)(*args, **given, **step.constants)
    for results in (compiled, own):
        for found, e in zip(flatten(results)[0], flatten(expected)[0], strict=True):
            assert np.asarray(found).dtype == np.asarray(e).dtype
            np.testing.assert_allclose(found, e, rtol=1e-3 if dtype == np.float32 else 1e-9, atol=1e-5)
    above, _, body = step.source.rpartition("\ndef ")
    assert max(len(line.partition("  # ")[0]) for line in body.splitlines()) <= 100, body
    for clumsy in ("np.float64(", "axis=None", "keepdims=False", "/ -", "+ -", "(1,)", "slice(", "scatter("):
        assert clumsy not in body, body
    assert "scatter" not in above


def text(fun, *args):
    return autograd.source(fun, *args).partition("\n")[2].replace("    ", "", 1).rstrip("\n")


PLACES = np.array([1, 2, 1])
MASK, SMALL = np.array([True, False, True, True]), np.arange(1, 5, dtype=np.uint8)
X, N, HALF = np.arange(1.0, 5.0), np.arange(1, 5), np.arange(1.0, 5.0, dtype=np.float32)


@pytest.mark.parametrize(
    ("fun", "args", "expected"),
    [
        (lambda x: -anp.mean(anp.sin(x)), (X,), "return -np.sum(np.sin(x)) / 4"),
        (lambda x: x * (1 / 12), (X,), "return x / 12"),
        (lambda x: (2 / 7) * anp.sin(x), (X,), "return 2 / 7 * np.sin(x)"),
        (lambda x: 0.1 * x, (X,), "return 0.1 * x"),
        (lambda x: np.float32(0.1) * x, (HALF,), "return 0.1 * x"),
        (lambda x: np.float64(0.1) * x, (HALF,), "return np.float64(0.1) * x"),
        (lambda x: np.float32(0.1) * x, (X,), "return 0.10000000149011612 * x"),
        (lambda x: np.float32(2.0) * x, (N.astype(np.int8),), "return np.float32(2.0) * x"),
        (lambda x: anp.sum(x * 2 / 7 + x * 2 / 7), (HALF,), "return 4 / 7 * np.sum(x)"),
        (lambda x: anp.where(x > 2, np.float32(0.1), 0), (HALF,), "return np.where(x > 2, np.float32(0.1), 0)"),
        (lambda x: np.int64(3) * x, (N,), "return 3 * x"),
        (lambda x: np.int64(3) * x, (HALF,), "return np.int64(3) * x"),
        (lambda x: anp.where(x > 2, np.float32(0.1), x), (HALF,), "return np.where(x > 2, 0.1, x)"),
        (
            lambda x: anp.where(x > 2, np.float32(0.5), np.float32(3)), (HALF,),
            "return np.where(x > 2, np.float32(0.5), np.float32(3.0))",
        ),
        (lambda x: x + np.array(0.1), (X,), "return x + 0.1"),
        (lambda x: x @ np.full(4, 7, np.int32), (N.astype(np.int32),), "return x @ np.full(4, 7, np.int32)"),
        (lambda x: anp.concatenate([x, np.array([0.5])]), (X,), "return np.concatenate([x, np.array([0.5])])"),
        (
            lambda x: anp.outer(x @ np.arange(16.0).reshape(4, 4), np.arange(16.0).reshape(4, 4) @ x), (X,),
            "# constants taken from where the function was captured: c1 float64 4 x 4\n"
            "    return np.outer(x @ c1, c1 @ x)",
        ),
        (lambda x: x @ np.full((4, 2), 0.0), (X,), "return x @ np.zeros((4, 2))"),
        (
            lambda x: anp.minimum(x, np.array([0.1, 0.2, 0.3, 0.4], np.float32)), (HALF,),
            "return np.minimum(x, np.array([0.1, 0.2, 0.3, 0.4], np.float32))",
        ),
        (lambda x: (1 - 0.999) * x, (X,), "return (1 - 0.999) * x"),
        (lambda x: anp.exp(x) + (0.9 - 1) * x, (X,), "return np.exp(x) + (0.9 - 1) * x"),
        (lambda x: (1 - 0.9) * x, (HALF,), "return 0.1 * x"),
        (lambda x: -(2 * x * anp.exp(x)), (X,), "return -2 * np.exp(x) * x"),
        (lambda x: -(anp.diag(x) @ x), (X,), "return -(np.diag(x) @ x)"),
        (lambda x, m: -(m * x), (X, MASK), "return -(m * x)"),
        (lambda x, m: (m * x) * -0.05, (X, MASK), "return -0.05 * (m * x)"),
        (lambda x, n: (n * x) / -4, (X, SMALL), "return n * x / -4"),
        (lambda x, n: -(2 * n * x), (X, SMALL), "return -(2 * n * x)"),
        (lambda m, n: (m & (n > 1)) | anp.logical_and(m, ~m), (MASK, SMALL), "return m & (n > 1) | m & ~m"),
        (lambda m, n: anp.logical_or(m, n), (MASK, SMALL), "return np.logical_or(m, n)"),
        (lambda x: x / anp.linalg.norm(x), (X,), "return x / np.linalg.norm(x)"),
        (
            grad(lambda x: anp.sum(anp.abs(x[1:] - x[:3]))), (X,),
            "t4 = np.sign(x[1:] - x[:3])  # 3\n    dx = np.zeros(4)             # 4\n"
            "    dx[:3] = -t4\n    dx[1:] += t4\n    return dx",
        ),
        (
            grad(lambda x: anp.sum(anp.abs(x[1:] - x[:3])) + anp.sum(anp.abs(x[2:] - x[:2]))), (X,),
            "t7 = np.sign(x[2:] - x[:2])   # 2\n    t13 = np.sign(x[1:] - x[:3])  # 3\n"
            "    dx = np.zeros(4)              # 4\n"
            "    dx[:2] = -t7\n    dx[2:] += t7\n    dx[:3] -= t13\n    dx[1:] += t13\n    return dx",
        ),
        (lambda x: (x, np.zeros((2, 3)), np.full(2, 0.1)), (X,), "return x, np.zeros((2, 3)), np.full(2, 0.1)"),
        (lambda x: anp.exp(x) + -(x * 0.3), (X,), "return np.exp(x) - 0.3 * x"),
        (lambda x: x - -0.25 * anp.exp(x), (X,), "return x + 0.25 * np.exp(x)"),
        (lambda x: x + anp.broadcast_to(2.0, (4,)) @ x, (X,), "return x + np.full(4, 2.0) @ x"),
        (lambda x: anp.roll(x, 1, axis=None), (X,), "return np.roll(x, 1)"),
        (lambda x: anp.concatenate([x, x], axis=0), (X,), "return np.concatenate([x, x])"),
        (lambda x: anp.reshape(x, (4, 1)) * anp.reshape(x, (1, 4)), (X,), "return x[:, None] * x[None, :]"),
        (lambda x: anp.reshape(anp.outer(x, x), (16,)), (X,), "return np.ravel(np.outer(x, x))"),
        (lambda x: anp.outer(x, x) + np.eye(4), (X,), "return np.outer(x, x) + np.eye(4)"),
        (lambda x: x[np.arange(3)], (X,), "return x[np.arange(3)]"),
        (
            grad(lambda x: anp.exp(x[1:3]).sum()), (X,),
            "dx = np.zeros(4)  # 4\n    dx[1:3] = np.exp(x[1:3])\n    return dx",
        ),
        (
            grad(lambda x, i: anp.exp(x[i]).sum()), (X, PLACES),
            "dx = np.zeros(4)  # 4\n    np.add.at(dx, i, np.exp(x[i]))\n    return dx",
        ),
        (
            grad(lambda x, m: anp.sum(anp.exp(x[m]))), (X, MASK),
            "assert np.count_nonzero(m) == 3  # for which the shapes are\n"
            "    dx = np.zeros(4)                 # 4\n    dx[m] = np.exp(x[m])\n    return dx",
        ),
        (lambda x: anp.outer(x, x) + 0.1 * np.eye(4), (X,), "return np.outer(x, x) + 0.1 * np.eye(4)"),
        (
            lambda x: x @ (2 / 3 * np.eye(4, dtype=np.float32)), (HALF,),
            "return x @ (2 / 3 * np.eye(4, dtype=np.float32))",
        ),
        (
            grad(lambda a: anp.sum(anp.exp(a @ np.diag(X)))), (np.outer(X, X),),
            "# constants taken from where the function was captured: c1 float64 4 x 4\n"
            "    da = np.exp(a @ c1) @ c1  # 4 x 4\n    return da",
        ),
        (lambda a: anp.linalg.svd(a)[1:], (np.eye(2),), "_, S, Vh = np.linalg.svd(a)  # 2, 2 x 2\n    return S, Vh"),
    ],
)  # fmt: skip
def test_terms_are_written_as_a_person_writes_them(fun, args, expected):
    found = text(fun, *args)
    assert found == expected
    step = autograd.compile(fun)
    expected = flatten(fun(*args))[0]
    step(*args)
    for one, two in zip(flatten(step._latest().source.function()(*args))[0], expected, strict=True):
        assert one.dtype == two.dtype
        np.testing.assert_allclose(one, two, rtol=1e-6)


def test_long_lines_are_broken_where_python_reads_on():
    from autograd.writer.breaking import broken

    for statement in (
        "return value, {'a': np.sum(first * second), 'b (': [first, second, np.stack([first, second])]}",
        "y = np.concatenate([a0, a1, a2, a3, a4, a5, a6, a7, a8, a9], axis=1) + np.einsum('ij,jk->ik', a, b)",
        "x = (a,)",
        "first, second, third, fourth, fifth, sixth = p['a = b']",
        "return first, second, {'a = b': third, 'c': fourth}, fifth",
        "y = first_of_the_names + second_of_the_names + third_of_the_names + fourth_of_the_names",
    ):
        lines = broken(statement, 40)
        body = "def f():\n" + "\n".join(f"    {line}" for line in lines)
        assert ast.dump(ast.parse(body)) == ast.dump(ast.parse(f"def f():\n    {statement}"))
        if "(" in statement:
            assert max(map(len, lines)) <= 60
