"""Arguments of every kind: nests, fixed values, numbers, dtypes, layouts; what is neither is refused."""

import collections
import dataclasses
import enum
import functools
import inspect
from fractions import Fraction

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, no_grad, value_and_grad
from autograd.tree import flatten


def check(fun, *args, **kwargs):
    """Compiled equals eager, in the first call and the second, and so does the source; the compiled function."""
    compiled = autograd.compile(fun)
    expected = fun(*args, **kwargs)
    for _ in range(2):
        same(compiled(*args, **kwargs), expected)
    scope = {"np": np}
    exec(compiled.source, scope)
    written = scope[compiled._latest().source.name]
    names = inspect.signature(written).parameters
    given = {name if name in names else f"{name}_2": value for name, value in kwargs.items()}  # np is NumPy's
    same(written(*args, **given, **compiled.constants), expected)
    assert compiled.cache_info().misses == 1
    return compiled


def same(found, expected):
    one, two = flatten(found)[0], flatten(expected)[0]
    assert len(one) == len(two)
    for f, e in zip(one, two, strict=True):
        if e is None or isinstance(e, str):
            assert f == e
            continue
        np.testing.assert_allclose(f, e, rtol=1e-2 if getattr(e, "dtype", None) == np.float16 else 1e-6)
        assert np.shape(f) == np.shape(e)
        assert np.result_type(f) == np.result_type(e)


def test_nests_of_arguments_and_results_keep_their_kind():
    def fun(params, scale=1.0):
        w, (b, rest) = params["w"], params["more"]
        return {"sum": w.sum() * scale, "parts": (w * b, [rest["c"] - b]), "none": None, "text": "as it is"}

    params = {"w": np.ones(3), "more": (np.full(3, 2.0), {"c": np.arange(3.0)})}
    compiled = autograd.compile(fun)
    for scale in (1.0, 3.0):
        found = compiled(params, scale=scale)
        assert found["sum"] == 3.0 * scale
        assert isinstance(found["parts"], tuple)
        np.testing.assert_array_equal(found["parts"][0], [2, 2, 2])
        np.testing.assert_array_equal(found["parts"][1][0], [-2, -1, 0])
        assert (found["none"], found["text"]) == (None, "as it is")
    assert compiled.cache_info().misses == 1


def test_whole_numbers_and_flags_are_fixed_and_floats_are_not():
    step = autograd.compile(lambda x, n, flag, rate: x**n * rate if flag else x)
    x = np.array([2.0])
    assert step(x, 3, True, 0.5) == 4.0
    assert step(x, 3, True, 0.25) == 2.0
    assert step(x, 2, True, 0.25) == 1.0
    assert step(x, 2, False, 0.25) == 2.0
    assert step.cache_info().misses == 3


def test_a_python_float_does_not_widen():
    step = autograd.compile(lambda x, rate: x * rate)
    found = step(np.ones(3, np.float32), 0.5)
    assert found.dtype == np.float32


def test_tensors_without_a_gradient_are_taken_as_their_arrays():
    step = autograd.compile(lambda x: x * 2)
    for found in (step(Tensor(np.ones(2))), no_grad()(step)(Tensor(np.ones(2), requires_grad=True))):
        assert isinstance(found, np.ndarray)
        np.testing.assert_array_equal(found, [2, 2])


def test_a_gradient_through_a_compiled_function_is_not_lost():
    step = autograd.compile(lambda x: x * x)
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    (step(x) + x).sum().backward()
    np.testing.assert_array_equal(x.grad, [3, 5])
    np.testing.assert_array_equal(autograd.grad(lambda x: step(x).sum() + x.sum())(np.array([1.0, 2.0])), [3, 5])


def test_other_layouts_of_the_same_shape_are_right(rng):
    x = rng.normal(size=(6, 4))
    step = autograd.compile(value_and_grad(lambda x: anp.sum(anp.exp(x).reshape(-1) * np.arange(24.0)) + (x * x).sum()))
    value, gradient = step(x)
    for same in (np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2], x[::-1][::-1]):
        again, other = step(same)
        np.testing.assert_allclose(again, value, rtol=1e-13)
        np.testing.assert_allclose(other, gradient, rtol=1e-13)
    assert step.cache_info().misses == 1


X = np.arange(1.0, 4.0)
Pair = collections.namedtuple("Pair", "left right")


class Colour(enum.Enum):
    RED = 1.0
    BLUE = 2.0


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Own(np.ndarray):
    """Some package's own kind of array, quantities with units say."""


@dataclasses.dataclass
class Held:
    values: object


class Unsure:
    """What pandas has for a missing value."""

    __hash__ = object.__hash__

    def __eq__(self, other):
        return self

    def __bool__(self):
        raise TypeError("it is not known whether it is")


@dataclasses.dataclass(frozen=True)
class Frozen:
    values: object


def variadic(*args, **kwargs):
    return sum(a * (i + 1) for i, a in enumerate(args)) + kwargs.get("more", 0.0)


def positional(a, /, b, *, c=2.0):
    return a - b * c


def named_like_a_module(np, exp):
    return anp.exp(np) + exp


@pytest.mark.parametrize(
    ("fun", "args", "kwargs"),
    [
        (variadic, (X, X + 1, X + 2), {}),
        (variadic, (X,), {"more": X * 10}),
        (positional, (X, X * 3), {}),
        (positional, (X, X * 3), {"c": 3.0}),
        (lambda a, b: a - b, (), {"b": X, "a": X * 3}),
        (named_like_a_module, (), {"np": X, "exp": X * 2}),
        (functools.partial(lambda a, x: a * x, 2.0), (X,), {}),
        (anp.tanh, (X,), {}),
        (anp.log_softmax, (X,), {}),
        (autograd.elementwise_grad(anp.tanh), (X,), {}),
        (lambda é: é * 2, (X,), {}),
        (lambda: anp.arange(3.0) * 2, (), {}),
        (lambda w, w0: w[0] * w0 + w[1], ([X, X + 1], X * 3), {}),
        (lambda w, w0: w[0] * w0 + w[1], ([X, X + 1],), {"w0": X * 3}),
        (lambda *a: a[0][0] * a[1] + a[0][1], ([X, X + 1], X * 3), {}),
        (lambda w: w["w"] * w["v"], ({"w": X, "v": X + 1},), {}),
    ],
)
def test_every_way_of_passing_arguments(fun, args, kwargs):
    check(fun, *args, **kwargs)


@pytest.mark.parametrize(
    ("fun", "argument"),
    [
        (lambda p: p[0][0] + p[0][1] * 3 + p[1] * 9 + p[2]["a"] * 27 + p[3] * 81, [[X, X * 2], X * 3, {"a": X + 1}, X]),
        (lambda p: {"a": p["l"][0] * 2, "t": (p["t"][0], "s")}, {"l": [X, X], "t": (X, 3, None, "s", True)}),
        (lambda p: Pair(p.left * 2, p.right + 1), Pair(X, X)),
        (lambda p: collections.OrderedDict(u=p["a"] * 2), collections.OrderedDict(a=X)),
        (lambda p: p, collections.defaultdict(float, a=X, b=[X])),
        (lambda p: p, collections.defaultdict(lambda: 3.0, a=X)),
        (lambda p: p, collections.defaultdict(None, a=X)),
        (lambda p: p["a b"] * p["if"] * p[1, 2] * p[0] * p["{}"], {"a b": X, "if": X + 1, (1, 2): X, 0: X, "{}": X}),
        (lambda p: {"{0}": p, (1, "}"): [p]}, X),
        (lambda p: anp.array(p) * 2, [1.0, 2.0, 3.0]),
        (lambda p: anp.arange(3.0) * len(p), []),
        (lambda p: anp.arange(3.0) * len(p), {}),
        (lambda p: p[0][0][0][0] * 2, [[[[X]]]]),
        (lambda p: functools.reduce(lambda a, b: a + b, p), [X] * 300),
        (lambda p: (), X),
        (lambda p: (p, None, "text", 3.0, [[], {}]), X),
        (lambda p: (p, np.inf, -np.inf, np.nan, complex(np.nan, -np.inf), np.float32(np.inf), np.full(2, np.nan)), X),
        (lambda p: (p, np.zeros(3), np.ones((2, 2), np.float32), np.full(3, 7, np.int32), np.zeros((0, 2), bool)), X),
    ],
)  # fmt: skip
def test_nests_of_every_kind(fun, argument):
    check(fun, argument)


def test_a_dict_in_another_order_is_the_same_dict():
    step = autograd.compile(lambda p: p["a"] - p["b"])
    np.testing.assert_array_equal(step({"a": X, "b": 2 * X}), -X)
    np.testing.assert_array_equal(step({"b": 2 * X, "a": X}), -X)


def test_the_order_of_a_dict_is_kept_where_the_function_goes_by_it():
    step = autograd.compile(lambda p: anp.stack([v * 2 for v in p.values()]))
    for order in ("ab", "ba", "ab"):
        given = {key: {"a": X, "b": 3 * X}[key] for key in order}
        np.testing.assert_array_equal(step(given), [2 * v for v in given.values()])
    assert step.cache_info().currsize == 2


def test_two_kinds_of_nests_with_one_name_are_told_apart():
    one, other = (collections.namedtuple("Same", fields) for fields in ("a b", "b a"))
    step = autograd.compile(lambda p: p.a - p.b)
    for kind in (one, other, one):
        np.testing.assert_array_equal(step(kind(X, 3 * X)), -2 * X if kind is one else 2 * X)


@pytest.mark.parametrize(
    ("fun", "values"),
    [
        (lambda x, f: f(x), (anp.sin, anp.cos)),
        (lambda x, d: x.astype(d), (np.float32, np.float64)),
        (lambda x, d: x.astype(d), (np.dtype("f4"), np.dtype("f8"))),
        (lambda x, r: x * len(r), (range(2), range(3))),
        (lambda x, c: x * c.value, tuple(Colour)),
        (lambda x, c: x * c, tuple(Level)),
        (lambda x, c: x * c, (Level.LOW, 2)),
        (lambda x, c: x * len(c), (b"a", b"ab")),
        (lambda x, c: x * 2 if c == 'a"b\n{}' else x, ('a"b\n{}', "a")),
        (lambda x, c: x * 2 if c is True else x * 3 if type(c) is int else x * c, (True, 1, 1.0)),
        (lambda x, c: x * 2 if c is None else x, (None, False)),
        (lambda x, c: x**c, (3, 2, -1)),
        (lambda x, c: x * c.values, (Frozen(2.0), Frozen(3.0))),
        (lambda x, c: x if c[1]["mode"] == "a" else -x, ((1, {"mode": "a"}), (1, {"mode": "b"}))),
    ],
)
def test_other_fixed_values_compile_anew(fun, values):
    """The call after each change has to notice it: there the version used last is tried first."""
    step = autograd.compile(fun)
    for value in values * 2 + values[::-1]:
        found, expected = step(X, value), fun(X, value)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype
    assert step.cache_info().misses == len(values)


def test_another_number_of_arguments_compiles_anew():
    step = autograd.compile(lambda x, *rest, scale=1.0: (x + sum(rest)) * scale)
    for _ in range(2):
        np.testing.assert_array_equal(step(X), X)
        np.testing.assert_array_equal(step(X, X, X), 3 * X)
        np.testing.assert_array_equal(step(X, X, scale=2.0), 4 * X)
    assert step.cache_info().misses == 3
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        autograd.compile(lambda x: x)(X, X)


SCALARS = [0.5, 1j, np.float32(3), np.int64(3), np.bool_(True), np.array(2.0), -3]


@pytest.mark.parametrize("value", SCALARS, ids=[f"{type(v).__name__}_{v}" for v in SCALARS])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.int64])
def test_numbers_of_every_kind(value, dtype):
    check(lambda x, v: (x * v, v / x), X.astype(dtype), value)


@pytest.mark.parametrize("dtype", ["float16", "float32", "longdouble", "complex64", "complex128", "clongdouble", ">f8"])
@pytest.mark.parametrize("shape", [(), (1,), (0, 3), (1, 3), (4, 3)])
def test_arrays_of_every_kind(dtype, shape):
    x = np.linspace(0.1, 1, int(np.prod(shape))).reshape(shape).astype(dtype)

    def cost(x):
        return anp.sum(anp.real(anp.sigmoid(x) * x + x / 3)) / max(x.size, 1)

    check(lambda x: (anp.exp(x) * 2.0, x.sum(), x, x.T), x)
    if x.dtype.kind == "f":
        check(value_and_grad(cost), x)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int32, np.int64, np.float16, np.float32, np.float64])
def test_numbers_beside_arrays_of_every_kind(dtype):
    """A ufunc reads each number in a dtype of its own: the exponent of ldexp is a whole one in any case."""
    x = np.array([1, 0, 1], dtype)
    check(lambda x: (anp.ldexp(x, 2), x > 0.5, anp.copysign(x, -1), anp.heaviside(x, 0.5), anp.hypot(x, 2.0)), x)
    check(lambda x: (2**x, x * 2.5, anp.logaddexp(0, x), anp.reciprocal(x + 1), anp.power(x, 2), anp.square(x)), x)
    if x.dtype.kind == "f":
        check(value_and_grad(lambda x: anp.sum(anp.ldexp(x, 2) * x)), x)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int32, np.int64])
def test_whole_numbers_in_arrays_are_computed_anew(dtype):
    i = np.array([1, 0], dtype)
    step = check(lambda x, i: (x[: len(i)] * i, anp.where(i > 0, 1.0, -1.0), i / 2), X, i)
    same(step(X, 1 - i.astype(int)), (X[:2] * [0, 1], np.array([-1.0, 1.0]), np.array([0, 0.5])))
    check(lambda i: i * 2 + 1, i)
    check(lambda x, i: x[i.astype(int)], X, i)


def test_a_gradient_at_whole_numbers_is_that_of_the_same_floats():
    check(autograd.grad(lambda x: anp.sum(x**2)), np.arange(3))


def test_a_compiled_function_within_others():
    inner = autograd.compile(lambda x: x * x)
    check(lambda x: inner(x) + 1, X)
    check(autograd.grad(lambda x: inner(x).sum()), X)

    @autograd.compile
    def factorial(x, n):
        return x if n == 0 else x * factorial(x, n - 1)

    np.testing.assert_array_equal(factorial(X, 3), X**4)


@pytest.mark.parametrize(
    "fun",
    [
        autograd.jacobian(lambda x: anp.sin(x) * x.sum()),
        autograd.hessian(lambda x: anp.sum(anp.sin(x) * x.sum())),
        value_and_grad(lambda x: anp.sum(autograd.checkpoint(lambda x: anp.sin(x) * x)(x))),
        lambda x: autograd.make_jvp(lambda x: anp.sin(x) * x)(x)(x + 1),
        lambda x: autograd.make_vjp(lambda x: anp.sin(x) * x)(x)[0](x + 1),
        lambda x: autograd.hessian_vector_product(lambda x: anp.sum(anp.sin(x) * x))(x, x + 1),
    ],
    ids=["jacobian", "hessian", "checkpoint", "jvp", "vjp", "hvp"],
)
def test_transforms_inside(fun):
    check(fun, X)


def test_a_compiled_method():
    class Scaled:
        factor = 2.0

        @autograd.compile
        def times(self, x):
            return x * self.factor

    one, other = Scaled(), Scaled()
    other.factor = 3.0
    for _ in range(2):
        np.testing.assert_array_equal(one.times(X), 2 * X)
        np.testing.assert_array_equal(other.times(X), 3 * X)


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ({1}, "the argument s is of type set, and .* arrays, numbers and nests of them: pass a list or a dict"),
        ({"a": [1.0, Held(X)]}, "the argument a1 is of type Held, .*: pass a list or a dict"),
        (Frozen(X), "is of type Frozen, "),
        ((v for v in [X]), "is of type generator, "),
        (np.ma.array(X, mask=[1, 0, 0]), "the argument s is of type MaskedArray, which has rules of its own"),
        (X.view(Own), "is of type Own, which has rules of its own.*: pass np.asarray of it"),
        (X.astype(object), "the argument s has dtype object, and .* numbers and booleans: pass x.astype"),
        (np.array(["a"]), "has dtype <U1, and .*: pass numbers for the words, as np.unique"),
        (np.array(["2020-01-01"], "datetime64[D]"), r"has dtype datetime64\[D\], and .*: pass x.astype"),
        (np.zeros(2, [("a", float)]), "has dtype .*: pass its fields one by one"),
        (np.zeros(2, [("a", float)])[0], "is of type void, "),
        (Unsure(), "is of type Unsure, "),
        ({float: X}, "dicts whose keys are strings, numbers or tuples; <class 'float'> is none"),
    ],
    ids=lambda v: type(v).__name__ if not isinstance(v, str) else "",
)
def test_arguments_that_cannot_be_compiled_are_named(argument, words):
    with pytest.raises(TypeError, match=words):
        autograd.compile(lambda x, s: x)(X, argument)


@pytest.mark.parametrize("value", [slice(0, 2), np.str_("a"), np.datetime64("2020-01-01"), range(2), "a", None])
def test_fixed_values_of_other_kinds(value):
    step = check(lambda x, v: x[v] * 2 if isinstance(v, slice) else x * 2, X, value)
    assert step(X, slice(2, 3)).shape == (1,)


@pytest.mark.parametrize("value", [Fraction(1, 3), np.array([1, 2, 3], object)])
def test_numbers_that_make_objects_of_arrays_are_refused(value):
    with pytest.raises(
        TypeError, match=r"multiply\(x\(3,\), .*\) gives dtype object, .* make floats of its arguments first"
    ):
        autograd.compile(lambda x: anp.sum(x * value))(X)


def test_results_that_are_no_numbers_are_handed_on():
    date, words = np.array(["2020-01-01"] * 2, "datetime64[D]"), np.array([None, 1])
    _, found, also = autograd.compile(lambda x: (x * 2, date, words))(X)
    np.testing.assert_array_equal(found, date)
    np.testing.assert_array_equal(also, words)


def test_arguments_changed_inside_are_not_the_callers():
    def fun(a, p):
        a += 1
        p["w"] -= 0.5 * p["w"]
        return a * 2, p["w"]

    a, w = np.ones(3), np.full(3, 4.0)
    step = autograd.compile(fun)
    for _ in range(2):
        same(step(a, {"w": w}), (np.full(3, 4.0), np.full(3, 2.0)))
        np.testing.assert_array_equal([a, w], [np.ones(3), np.full(3, 4.0)])


def test_a_file_mapped_into_memory_is_an_array(tmp_path):
    mapped = np.memmap(tmp_path / "x", np.float64, "w+", shape=3)
    mapped[:] = X
    found = autograd.compile(lambda x: x * 2)(mapped)
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, 2 * X)


def test_hits_of_all_threads_are_counted():
    import threading

    step = autograd.compile(lambda x: x + 1)
    step(X)

    def work():
        for _ in range(5):
            step(X)

    for _ in range(3):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert step.cache_info()[:2] == (15, 1)
