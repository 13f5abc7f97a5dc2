"""The NumPy source of captured functions: readable, right on its own, parenthesised as Python reads it."""

# ruff: noqa: E501 - an operator is not broken over lines

import ast
import itertools

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import value_and_grad

from .test_compile import by_hand, cost, network

ARTICLE = """\
def cost(params, X, y):
    theta1, b1, theta2, b2 = params
    z1 = X @ theta1 + b1                          # 12 x 5
    a1 = 1 / (1 + np.exp(-z1))                    # 12 x 5
    z2 = a1 @ theta2 + b2                         # 12 x 3
    a2 = 1 / (1 + np.exp(-z2))                    # 12 x 3
    J = np.sum(np.logaddexp(0, z2) - y * z2) / 12
    delta3 = (a2 - y) / 12                        # 12 x 3
    db2 = np.sum(delta3, axis=0)                  # 3
    dtheta2 = a1.T @ delta3                       # 5 x 3
    delta2 = delta3 @ theta2.T * (a1 * (1 - a1))  # 12 x 5
    db1 = np.sum(delta2, axis=0)                  # 5
    dtheta1 = X.T @ delta2                        # 8 x 5
    return J, [dtheta1, db1, dtheta2, db2]
"""


def executed(text, name):
    """The function that a source defines, given nothing but NumPy."""
    scope = {"np": np}
    exec(text, scope)
    return scope[name]


def test_the_articles_network_reads_like_the_hand_derivation(rng):
    params, X, y = network(rng)
    assert autograd.source(value_and_grad(cost), params, X, y) == ARTICLE
    step = autograd.compile(value_and_grad(cost))
    step(params, X, y)
    assert step.source == ARTICLE


def test_the_source_runs_on_its_own(rng):
    params, X, y = network(rng)
    value, gradients = executed(ARTICLE, "cost")(params, X, y)
    expected_value, expected = by_hand(params, X, y)
    np.testing.assert_allclose(value, expected_value, rtol=1e-14)
    for g, e in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-12, atol=1e-15)


def test_the_planned_source_runs_on_its_own_too(rng):
    params, X, y = network(rng)
    text = autograd.source(value_and_grad(cost), params, X, y, optimize=True)
    step = executed(text, "build")(np, None)
    for _ in range(2):
        value, gradients = step(params, X, y)
        np.testing.assert_allclose(value, by_hand(params, X, y)[0], rtol=1e-14)
        for g, e in zip(gradients, by_hand(params, X, y)[1], strict=True):
            np.testing.assert_allclose(g, e, rtol=1e-12, atol=1e-15)
    assert step(params, X[:5], y) is None


def test_the_planned_source_writes_into_buffers(rng):
    text = autograd.source(value_and_grad(cost), *network(rng), optimize=True)
    body = text.partition("    def cost")[2]
    assert "dot(X, theta1, z1)" in body
    assert "np.empty" not in body
    assert body.count("= dot(") == 4  # the four gradients, which are the caller's


def test_constants_are_keywords_that_are_named_and_described():
    factor, small = np.arange(20.0), np.array([1.0, 2.0])
    step = autograd.compile(lambda x: (x * factor)[:2] + small)
    found = step(np.ones(20))
    assert "def function(x, *, c1):" in step.source
    assert "c1 float64 20" in step.source
    assert "np.array([1.0, 2.0], np.float64)" in step.source
    np.testing.assert_array_equal(executed(step.source, "function")(np.ones(20), **step.constants), found)


def test_functions_that_numpy_lacks_are_defined_above():
    text = autograd.source(lambda z: anp.log_softmax(z), np.ones((2, 3)))
    assert text.startswith("def log_softmax(x, axis=-1):\n")
    np.testing.assert_allclose(executed(text, "function")(np.ones((2, 3))), -np.log(3))


def test_a_function_of_the_users_own_is_called_by_its_name():
    from autograd.extend import defvjp, primitive

    @primitive
    def cube(x):
        return x**3

    defvjp(cube, lambda ans, x: lambda g: g * 3 * x**2)
    step = autograd.compile(value_and_grad(lambda x: cube(x).sum()))
    value, gradient = step(np.array([1.0, 2.0]))
    assert value == 9
    np.testing.assert_array_equal(gradient, [3, 12])
    assert "cube(x)" in step.source


@pytest.mark.parametrize("name", ["np", "lambda", "add", "exp", "one", "zeros", "dot", "ones", "params", "build", "t1"])
def test_names_of_the_users_that_mean_something_else(name):
    def fun(params):
        z = anp.exp(params["w"]) + 1
        z.name = name
        return anp.maximum(z, 0.5) * z + z @ np.ones(3), z * 2

    w = np.array([0.1, 0.2, 0.3])
    step = autograd.compile(fun)
    z = np.exp(w) + 1
    for found in (step({"w": w}), executed(step.source, "fun")({"w": w}, **step.constants)):
        np.testing.assert_allclose(found[0], z * z + z.sum())
        np.testing.assert_allclose(found[1], 2 * z)


def test_names_of_parameters_that_mean_something_else():
    def fun(add, dot, one, np):
        return anp.exp(add + dot) * one @ np

    args = [np.array([1.0, 2.0]) * k for k in range(1, 5)]
    np.testing.assert_allclose(autograd.compile(fun)(*args), np.exp(args[0] + args[1]) * args[2] @ args[3])


OPERATORS = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b, "**": lambda a, b: a**b,
    "//": lambda a, b: a // b, "%": lambda a, b: a % b, "@": lambda a, b: a @ b, "<": lambda a, b: (a < b) * 1.0,
    "neg": lambda a, b: -a, "square": lambda a, b: (a * a) / b, "T": lambda a, b: (a + b).T, "0": lambda a, b: (a * b)[0] + a,
}  # fmt: skip


@pytest.mark.parametrize(("first", "second"), list(itertools.product(OPERATORS, repeat=2)))
def test_parentheses_are_where_python_needs_them(first, second):
    """Whatever stands in whatever: the text must mean what was recorded."""
    f, g = OPERATORS[first], OPERATORS[second]
    rng = np.random.default_rng(1)
    a, b, c = (rng.uniform(1.1, 2.0, (3, 3)) for _ in range(3))
    for fun in (lambda a, b, c: f(g(a, b), c), lambda a, b, c: f(a, g(b, c))):
        with np.errstate(all="ignore"):  # some of these divide by zero
            text = autograd.source(fun, a, b, c)
            np.testing.assert_allclose(executed(text, "function")(a, b, c), fun(a, b, c), rtol=1e-12)


def test_the_text_is_plain_python(rng):
    tree = ast.parse(autograd.source(value_and_grad(cost), *network(rng)))
    assert [type(node).__name__ for node in tree.body] == ["FunctionDef"]
    assert all(len(line) <= 100 for line in ARTICLE.splitlines())
