"""The NumPy source of captured functions: readable, right on its own, parenthesised as Python reads it."""

# ruff: noqa: E501 - an operator is not broken over lines

import ast
import functools
import itertools
import math
from collections import OrderedDict
from typing import NamedTuple

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
    assert "dot(X, theta1, a1)" in body
    assert "np.empty" not in body
    assert body.count("= dot(") == 4  # the four gradients, which are the caller's


def test_constants_are_keywords_that_are_named_and_described():
    factor, small = np.arange(20.0), np.array([1.0, 2.0])
    step = autograd.compile(lambda x: (x * factor)[:2] + small)
    found = step(np.ones(20))
    assert "def function(x, *, factor):" in step.source
    assert "factor float64 20" in step.source
    assert "np.array([1.0, 2.0])" in step.source
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
    assert step.source.startswith("def cube(x):\n    return x ** 3\n")
    value, gradient = executed(step.source, step._latest().source.name)(np.array([1.0, 2.0]))
    assert value == 9
    np.testing.assert_array_equal(gradient, [3, 12])


def test_a_function_that_cannot_be_written_is_named_at_the_top():
    from autograd.extend import defvjp, primitive

    k = 3

    @primitive
    def raised(x):
        return x**k

    defvjp(raised, lambda ans, x: lambda g: g * k * x ** (k - 1))
    step = autograd.compile(value_and_grad(lambda x: raised(x).sum()))
    value, _ = step(np.array([1.0, 2.0]))
    first, rest = step.source.split("\n", 1)
    assert first == "# to be defined before this runs, since it cannot be written on its own: raised"
    assert list(step._latest().source.foreign) == ["raised"]
    assert "def raised" not in rest
    with pytest.raises(NameError, match="raised"):
        executed(step.source, "function")(np.array([1.0, 2.0]))
    assert step._latest().source.function()(np.array([1.0, 2.0]))[0] == value


def halved(x: np.ndarray, by: float = 2.0) -> np.ndarray:
    """Half of it."""
    return np.divide(x, by)


SHADOWED = lambda x: sum(halved(x) for halved in (np.sin, np.cos))  # noqa: E731
LATER = 3.0


def test_definitions_carry_what_they_call_and_nothing_that_could_change():
    from autograd.writer.helpers import Helpers

    def with_helper(x):
        n: float = math.sqrt(4)
        return halved(x) * n

    def with_number(x):
        return x * LATER

    def counted(x, seen=[]):  # noqa: B006
        return x + len(seen)

    helpers = Helpers()
    helpers.define({"g": with_helper, "n": with_number, "c": counted, "s": SHADOWED, "p": np.ndarray.sum})
    assert set(helpers.missing) == {"n", "c", "p"}
    scope = {"np": np}
    exec("\n".join(helpers.above()), scope)
    np.testing.assert_array_equal(scope["g"](np.array([3.0])), [3.0])
    np.testing.assert_array_equal(scope["s"](np.array([3.0])), SHADOWED(np.array([3.0])))
    assert helpers.definitions["halved"] == "def halved(x, by=2.0):\n    return np.divide(x, by)"
    assert helpers.imports == {"math"}


def test_a_text_that_is_not_what_runs_any_more_is_not_written(tmp_path, monkeypatch):
    import importlib
    import linecache

    from autograd.writer.helpers import Helpers

    file = tmp_path / "changing.py"
    file.write_text("def f(x):\n    return x + 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    fun = importlib.import_module("changing").f
    file.write_text("def f(x):\n    return x + 2\n")
    linecache.checkcache()
    helpers = Helpers()
    helpers.define({"f": fun})
    assert list(helpers.missing) == ["f"]


def test_names_of_the_users_do_not_hide_what_the_source_calls():
    def fun(scatter, linalg_norm):
        i0_derivative = anp.i0(scatter) * 2.0
        return (i0_derivative[np.array([0, 0, 1])] * linalg_norm).sum() + anp.linalg.norm(scatter) * i0_derivative.sum()

    step, args = autograd.compile(value_and_grad(fun, (0, 1))), (np.array([0.5, 1.5, 2.0]), np.arange(3.0))
    expected = step(*args)
    found = executed(step.source, "fun")(*args, **step.constants)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-14)
    for f, e in zip(found[1], expected[1], strict=True):
        np.testing.assert_allclose(f, e, rtol=1e-14)


def test_a_function_of_the_users_that_is_called_np_does_not_hide_numpy():
    from autograd.extend import primitive

    def seven(x):
        return 7.0 * x

    seven.__name__ = "np"
    seven = primitive(seven)
    step = autograd.compile(lambda x: seven(x) + anp.exp(x))
    np.testing.assert_array_equal(step(np.zeros(2)), np.ones(2))
    assert "f_np(x) + np.exp(x)" in step.source


def test_functions_of_scipy_are_imported_and_called_by_their_path():
    pytest.importorskip("scipy")
    from autograd.scipy import special, stats

    def fun(x):
        return (special.gammaln(x) + special.jv(2, x) * stats.t.cdf(x, 3.0)).sum()

    x = np.array([0.5, 1.5])
    step = autograd.compile(value_and_grad(fun))
    expected = step(x)
    assert step.source.startswith("import scipy.special\n")
    assert "scipy.special.gammaln(x)" in step.source
    found = executed(step.source, "fun")(x)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-14)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-14)


def test_every_function_of_scipy_can_be_written():
    pytest.importorskip("scipy")
    from autograd.graph import Primitive
    from autograd.scipy import integrate, linalg, signal, special
    from autograd.writer.expressions import is_ours, path
    from autograd.writer.helpers import Helpers

    values = [v for module in (integrate, linalg, signal, special) for v in vars(module).values()]
    primitives = [p for v in values if isinstance(p := getattr(v, "primitive", v), Primitive) and not is_ours(p)]
    helpers = Helpers()
    helpers.define({f"f{i}": p.fun for i, p in enumerate(primitives) if path(p) is None})
    assert sum((path(p) or "").startswith("scipy.special.") for p in primitives) > 50
    assert len(helpers.definitions) >= 3  # written from their own text
    assert not helpers.missing
    exec("\n".join(helpers.above()), {"np": np})


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


def test_a_complex_factor_makes_no_complex_number_of_pythons():
    """Python's own raises where it is divided by 0, and has no dtype."""
    x = np.arange(3.0)
    with np.errstate(all="ignore"):
        text = autograd.source(lambda x: (anp.sum(x) * 2j, anp.sum(x) * 1j / anp.prod(x)), x)
        first, second = executed(text, "function")(x)
    assert first == 6j
    assert type(first) is np.complex128
    assert np.isinf(second)


def test_the_text_is_plain_python(rng):
    tree = ast.parse(autograd.source(value_and_grad(cost), *network(rng)))
    assert [type(node).__name__ for node in tree.body] == ["FunctionDef"]
    assert all(len(line) <= 100 for line in ARTICLE.splitlines())


class Crowd:
    """Something to lie in memory between the lines of a program, so that sets of them have another order."""


def test_the_source_is_the_same_wherever_its_lines_lie_in_memory():
    def fun(a, b, c, d, e):
        return (a * b * c * d + a * b * c * e - d * a * b * c * e + e * b * c * a * a).sum()

    arrays = [np.linspace(1, 2, 4) + i for i in range(5)]
    rng, kept, texts = np.random.default_rng(0), [], set()
    for _ in range(12):
        crowd = [Crowd() for _ in range(400)]
        kept.append([crowd[i] for i in rng.permutation(400)[: rng.integers(400)]])
        del crowd
        step = autograd.compile(value_and_grad(fun))
        step(*arrays)
        texts.add((step.source, step.planned_source))
    assert len(texts) == 1


def test_a_partial_has_the_name_of_its_function():
    def scaled(x, factor):
        return x * factor

    assert autograd.source(functools.partial(scaled, factor=3.0), np.ones(2)) == "def scaled(x):\n    return 3.0 * x\n"


def test_parameters_that_are_taken_by_keyword_only_stay_so():
    factor = np.arange(20.0)

    def step(w, *, rate, decay=0.0, **more):
        return w * factor - rate * (w + decay) + more["k"]

    w = np.ones(20)
    text = autograd.source(step, w, k=1.0, rate=0.5)
    assert "def step(w, *, k, rate, factor):" in text
    np.testing.assert_array_equal(executed(text, "step")(w, rate=0.5, k=1.0, factor=factor), step(w, rate=0.5, k=1.0))
    assert autograd.source(lambda x, y: x - y, y=1.0, x=w).startswith("def function(y, x):")
    assert autograd.source(lambda x, *, y: x - y, y=1.0, x=w).startswith("def function(x, *, y):")


def test_nests_are_taken_apart_in_few_statements():
    def fun(params, state):
        (w, b), (v, c) = params
        return w * b + v * c + state["a"]["x"] * state["a"]["y"][0]

    x = np.ones(2)
    params, state = [(x, 2 * x), (3 * x, x)], {"a": {"x": x, "y": (x,)}}
    text = autograd.source(fun, params, state)
    assert "    (w, b), (v, c) = params\n" in text
    assert "    x = state['a']['x']\n" in text
    np.testing.assert_array_equal(executed(text, "fun")(params, state), fun(params, state))


def test_names_that_come_twice_say_what_they_are_in():
    state = {k: {"w": np.ones(2), "n": np.ones(3)} for k in ("p", "v")}
    text = autograd.source(lambda state: state["p"]["w"] - state["v"]["w"], state)
    assert "return p_w - v_w\n" in text


def test_a_long_head_is_broken_too():
    held = [np.arange(20.0) + i for i in range(30)]
    step = autograd.compile(lambda first, second: sum((first * c + second for c in held), np.zeros(20)))
    expected = step(np.ones(20), np.ones(20))
    assert max(map(len, step.source.splitlines())) <= 110
    found = executed(step.source, "function")(np.ones(20), np.ones(20), **step.constants)
    np.testing.assert_allclose(found, expected)


def test_a_function_called_np_is_not_in_numpys_place():
    def square(x):
        return anp.square(x) + anp.exp(x)

    square.__name__ = "np"
    assert executed(autograd.source(square, np.ones(3)), "np_")(np.zeros(3)).tolist() == [1, 1, 1]


def test_variables_of_the_standard_library_are_no_words_of_the_users():
    text = autograd.source(lambda p: OrderedDict(a=p["b"], b=2 * p["a"]), OrderedDict(a=np.ones(2), b=np.ones(3)))
    assert "    b = p['b']\n" in text


def test_arguments_that_are_fixed_are_told():
    class Options(NamedTuple):
        mode: str
        weight: np.ndarray

    def score(x, n, options, act, mask=None):
        return n * act(getattr(anp, options.mode)(x * options.weight))

    x = np.ones(3)
    text = autograd.source(score, x, 3, Options("sum", x), anp.tanh, mask=None)
    assert text == (
        "def score(x, n, options, act, mask):\n"
        "    # fixed when the function was captured: n = 3, options_mode = 'sum', act = tanh, mask = None\n"
        "    options_mode, weight = options\n"
        "    return 3 * np.tanh(np.sum(x * weight))\n"
    )
    many = autograd.source(lambda x, layers: x, x, [f"a name of more than thirty letters {i}" for i in range(20)])
    assert "layers7 = a str, 12 more\n" in many
    assert max(map(len, many.splitlines())) <= 100
