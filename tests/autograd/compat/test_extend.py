"""The door for your own operations: every form of rule, in every place a value can stand."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, elementwise_grad, grad, jacobian, make_jvp, make_vjp, no_grad
from autograd.compat.nodes import VJPNode
from autograd.errors import NoRuleError, RuleError
from autograd.extend import (
    Box,
    def_linear,
    defjvp,
    defjvp_argnum,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    notrace_primitive,
    primitive,
    register_notrace,
)
from autograd.misc import const_graph


def cube():
    @primitive
    def cube(x, scale=1.0):
        """The third power."""
        assert not isinstance(x, Tensor)
        return scale * x**3

    return cube


def test_a_primitive_keeps_its_name_docstring_and_function():
    f = cube()
    assert (f.__name__, f.__doc__) == ("cube", "The third power.")
    assert f.fun(2.0) == f(2.0) == 8.0
    assert f.primitive.name == "cube"
    assert f.primitive.__doc__ == f.__doc__


def test_a_primitive_runs_on_plain_arrays_and_is_one_step_on_tensors():
    f = cube()
    assert type(f(np.ones(2))) is np.ndarray
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = f(x)
    np.testing.assert_array_equal(y.data, [1.0, 8.0])
    assert y.primitive is f.primitive
    assert y.args[0] is x


def test_defvjp_gives_first_and_second_derivatives():
    f = cube()
    defvjp(f, lambda out, x, scale=1.0: lambda g: g * 3 * scale * x**2)
    assert grad(f)(2.0) == 12.0
    assert grad(grad(f))(2.0) == 12.0
    assert grad(f)(2.0, scale=2.0) == 24.0
    x = Tensor([1.0, 2.0], requires_grad=True)
    f(x).sum().backward()
    np.testing.assert_array_equal(x.grad, [3.0, 12.0])
    assert make_jvp(f)(2.0)(1.0)[1] == 12.0


def test_rules_by_argnum_and_none_for_zero():
    @primitive
    def f(n, x, y):
        return n * x * y

    defvjp(f, None, lambda out, n, x, y: lambda g: g * n * y, argnums=[0, 1])
    assert grad(f, 0)(2.0, 3.0, 4.0) == 0.0
    assert grad(f, 1)(2.0, 3.0, 4.0) == 8.0
    with pytest.raises(NoRuleError, match=r"^f has no derivative rule for argument 2; give it one with"):
        grad(f, 2)(2.0, 3.0, 4.0)


def test_a_later_definition_replaces_the_earlier_one():
    f = cube()
    defvjp(f, lambda out, x: lambda g: g * 0)
    defvjp(f, lambda out, x: lambda g: g * 3 * x**2)
    assert grad(f)(1.0) == 3.0


def test_a_primitive_without_rules_is_refused_in_both_modes():
    f = primitive(lambda x: 2 * x)
    with pytest.raises(NotImplementedError, match=r"has no derivative rule for argument 0"):
        grad(f)(1.0)
    with pytest.raises(NotImplementedError):
        make_jvp(f)(1.0)(1.0)


@pytest.mark.parametrize("rule", [3, "same"])
def test_a_rule_that_is_no_function_is_refused(rule):
    with pytest.raises(TypeError, match=r"^the rule of cube for argument 0 is .*, not a function or None$"):
        defvjp(cube(), rule)


def test_only_primitives_take_rules():
    with pytest.raises(TypeError, match=r"^<lambda> is not a primitive; decorate it with autograd\.extend\.primitive$"):
        defvjp(lambda x: x, None)


def test_broadcasting_is_undone_for_the_rule():
    @primitive
    def add(x, y):
        return x + y

    defvjp(add, lambda out, x, y: lambda g: g, lambda out, x, y: lambda g: g)
    np.testing.assert_array_equal(grad(lambda y: anp.sum(add(np.ones((3, 2)), y)))(np.ones(2)), [3.0, 3.0])


def test_broadcasting_inside_a_reduction_is_undone_for_the_rule():
    weighted = primitive(lambda x, w: np.sum(x * w))
    defvjp(weighted, lambda out, x, w: lambda g: g * w + 0 * x, lambda out, x, w: lambda g: g * x)
    x, w = np.arange(6.0).reshape(2, 3), np.ones(3)
    np.testing.assert_array_equal(grad(weighted, 1)(x, w), x.sum(axis=0))
    np.testing.assert_array_equal(make_jvp(weighted, 1)(x, w)(w)[1], x.sum())


def test_a_rule_may_return_a_python_number():
    f = primitive(lambda x: 2.0 * x)
    defvjp(f, lambda out, x: lambda g: 2.0)
    assert grad(f)(5.0) == 2.0


def test_one_rule_for_every_argument():
    @primitive
    def product(*factors):
        return np.prod(factors)

    defvjp_argnum(product, lambda i, out, args, kwargs: lambda g: g * out / args[i])
    assert grad(product, (0, 2))(2.0, 3.0, 4.0) == (12.0, 6.0)


def test_one_rule_for_all_arguments_is_asked_once():
    asked = []

    @primitive
    def f(x, y, n):
        return x * y * n

    def rule(argnums, out, args, kwargs):
        asked.append(argnums)
        x, y, n = args
        return lambda g: [(g * y * n, g * x * n)[i] for i in argnums]

    defvjp_argnums(f, rule)
    assert make_vjp(f, (0, 1))(2.0, 3.0, 2.0)[0](1.0) == (6.0, 4.0)
    assert grad(f, 1)(2.0, 3.0, 2.0) == 4.0
    assert grad(grad(f), 1)(2.0, 3.0, 2.0) == 2.0
    assert asked.count((0, 1)) <= 2


# jvps alone


def test_a_jvp_is_transposed():
    @primitive
    def f(x, y):
        return np.sin(x) * y

    defjvp(f, lambda t, out, x, y: t * anp.cos(x) * y, lambda t, out, x, y: t * anp.sin(x))
    x = np.array([0.3, 1.1])
    np.testing.assert_allclose(elementwise_grad(f)(x, 2.0), 2 * np.cos(x), rtol=1e-15)
    np.testing.assert_allclose(elementwise_grad(elementwise_grad(f))(x, 2.0), -2 * np.sin(x), rtol=1e-15)
    np.testing.assert_allclose(grad(lambda y: anp.sum(f(x, y)))(2.0), np.sum(np.sin(x)), rtol=1e-15)


def test_a_vjp_goes_before_a_jvp():
    f = cube()
    defjvp(f, lambda t, out, x: t * 0)
    defvjp(f, lambda out, x: lambda g: g * 3 * x**2)
    assert grad(f)(1.0) == 3.0


def test_same_says_linear():
    @primitive
    def product(a, b):
        return a @ b

    defjvp(product, "same", "same")
    a, b = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([7.0, 8.0])
    np.testing.assert_array_equal(jacobian(product, 1)(a, b), a)
    np.testing.assert_array_equal(grad(lambda a: anp.sum(product(a, b)))(a), np.tile(b, (3, 1)))
    mixed = jacobian(lambda b: grad(lambda a: anp.sum(product(a, b)))(a))(b)
    np.testing.assert_array_equal(mixed, np.broadcast_to(np.eye(2), (3, 2, 2)))


def test_def_linear_and_one_jvp_for_every_argument():
    f = primitive(lambda x, y: x * y)
    def_linear(f)
    assert grad(f)(2.0, 3.0) == 3.0
    h = primitive(lambda x, y: x + 5 * y)
    defjvp_argnum(h, lambda i, t, out, args, kwargs: t if i == 0 else 5 * t)
    assert grad(h, (0, 1))(2.0, 3.0) == (1.0, 5.0)
    none = primitive(lambda x: np.floor(x))
    defjvp(none, None)
    assert grad(none)(1.5) == 0.0


# nests


def test_a_nest_as_argument():
    @primitive
    def weighted(parameters, x):
        return parameters["w"][0] * x + parameters["b"]

    defvjp(
        weighted,
        lambda out, p, x: lambda g: {"w": [anp.sum(g * x)], "b": anp.sum(g)},
        lambda out, p, x: lambda g: g * p["w"][0],
    )
    p, x = {"w": [2.0], "b": 1.0}, np.array([1.0, 3.0])
    assert grad(lambda p: anp.sum(weighted(p, x) ** 2))(p) == {"w": [2 * (3 * 1 + 7 * 3)], "b": 20.0}
    np.testing.assert_array_equal(grad(lambda x: anp.sum(weighted(p, x)))(x), [2.0, 2.0])
    second = grad(lambda p: anp.sum(grad(lambda p: anp.sum(weighted(p, x) ** 2))(p)["w"][0]))(p)
    assert second == {"w": [20.0], "b": 8.0}  # d2/dw2 sum (w x + b)^2 = 2 sum x^2, d2/dwdb = 2 sum x


def test_a_vector_is_the_cotangent_of_a_list_of_numbers():
    total = primitive(lambda batches: sum(x**2 for batch in batches for x in batch))
    defvjp(total, lambda out, batches: lambda g: tuple(2 * g * anp.stack(list(batch)) for batch in batches))
    assert grad(lambda p: total(([p[0], p[1]], [p[0]])))([3.0, 4.0]) == [12.0, 8.0]


def test_a_nest_as_result():
    @primitive
    def sin_cos(x):
        return np.sin(x), {"cos": np.cos(x), "count": 3}

    def rule(out, x):
        sin, named = out
        return lambda g: g[0] * named["cos"] - g[1]["cos"] * sin

    defvjp(sin_cos, rule)

    def f(x):
        sin, named = sin_cos(x)
        assert named["count"] == 3
        return anp.sum(sin * named["cos"] ** 2)

    x = np.array([0.4, 1.3])
    expected = np.cos(x) ** 3 - 2 * np.sin(x) ** 2 * np.cos(x)
    np.testing.assert_allclose(grad(f)(x), expected, rtol=1e-14)
    second = elementwise_grad(grad(f))(x)
    np.testing.assert_allclose(second, -7 * np.sin(x) * np.cos(x) ** 2 + 2 * np.sin(x) ** 3, rtol=1e-13)


def test_broadcasting_is_undone_for_the_rule_of_a_nest_too():
    shifted_and_scaled = primitive(lambda x, b: (x + b, x * b))
    defvjp(shifted_and_scaled, lambda out, x, b: lambda g: g[0] + g[1] * b, lambda out, x, b: lambda g: g[0] + g[1] * x)
    x, b = np.arange(6.0).reshape(2, 3), np.array([1.0, -2.0, 0.5])

    def product(b, shift_and_scale):
        first, second = shift_and_scale(x, b)
        return anp.sum(first * second**2)

    for transform in (grad, autograd.hessian):
        expected = transform(lambda b: product(b, lambda x, b: (x + b, x * b)))(b)
        np.testing.assert_allclose(transform(lambda b: product(b, shifted_and_scaled))(b), expected, rtol=1e-13)


def test_a_result_of_mixed_types_keeps_them():
    halve = primitive(lambda x: [x.astype(np.float32) / 2, x * 1j])
    defvjp(halve, lambda out, x: lambda g: g[0] / 2 + anp.real(g[1] * 1j))
    x = Tensor(np.ones(2), requires_grad=True)
    first, second = halve(x)
    assert (first.dtype, second.dtype) == (np.float32, np.complex128)
    first.sum().backward()
    np.testing.assert_array_equal(x.grad, [0.5, 0.5])


def test_lists_without_tensors_are_plain_arguments():
    f = primitive(lambda x, shape: np.reshape(x, shape))
    defvjp(f, lambda out, x, shape: lambda g: anp.reshape(g, x.shape))
    np.testing.assert_array_equal(grad(lambda x: anp.sum(f(x, [2, 2]) ** 2))(np.arange(4.0)), 2 * np.arange(4.0))


# where a primitive can stand


def test_a_method_can_be_a_primitive():
    class Scaled:
        factor = 3.0

        @primitive
        def apply(self, x):
            return self.factor * x

    defvjp(Scaled.apply, lambda out, self, x: lambda g: g * self.factor, argnums=[1])
    assert grad(Scaled().apply)(2.0) == 3.0


def test_a_ufunc_made_primitive_records_when_called_itself():
    theirs = np.frompyfunc(lambda x: x * 2.0, 1, 1)
    ours = primitive(theirs)
    defvjp(ours, lambda out, x: lambda g: 2.0 * g)
    assert grad(lambda x: theirs(x))(1.0) == 2.0


def test_a_numpy_function_takes_a_new_rule():
    original = anp.arctan.rules
    try:
        defvjp(anp.arctan, lambda out, x: lambda g: g * 100)
        assert grad(anp.arctan)(0.0) == 100.0
    finally:
        anp.arctan.rules = original
    assert grad(anp.arctan)(0.0) == 1.0


def test_a_rule_for_a_numpy_function_made_of_others_is_not_used():
    defvjp(anp.where, None, lambda out, c, x, y: lambda g: g * 100)
    assert grad(lambda x: anp.where(True, x, 0.0))(1.0) == 1.0


def test_a_scipy_function_without_a_rule_can_be_given_one():
    from autograd.scipy.linalg import circulant, lu

    defvjp(circulant, lambda out, c: lambda g: np.array([np.trace(np.roll(g, -k, axis=0)) for k in range(len(c))]))
    weights = np.array([[1.0, 2.0], [-1.0, 0.5]])
    np.testing.assert_array_equal(grad(lambda c: anp.sum(circulant(c) * weights))(np.ones(2)), [1.5, 1.0])
    with pytest.raises(NoRuleError, match=r"^lu has no derivative rule for argument 0; give it one with"):
        grad(lambda x: anp.sum(lu(x)[2]))(np.eye(2))


def test_constants():
    seen = []
    note = notrace_primitive(lambda x: seen.append(x) or 1.0)
    assert grad(lambda x: x * note(x))(2.0) == 1.0
    assert seen == [2.0]
    step = primitive(lambda x: np.round(x))
    register_notrace(VJPNode, step)
    assert grad(lambda x: x * step(x))(1.4) == 1.0


def test_a_tensor_by_keyword_is_a_constant_or_refused():
    @primitive
    def scaled(x, by):
        return x * by

    defvjp(scaled, lambda out, x, by: lambda g: g * by)
    x, by = Tensor(2.0, requires_grad=True), Tensor(5.0, requires_grad=True)
    scaled(x, by=Tensor(5.0)).backward()
    assert x.grad == 5.0
    with pytest.raises(NoRuleError, match=r"^scaled: no rule for a Tensor as keyword argument 'by'; pass it by pos"):
        scaled(x, by=by)
    with no_grad():
        assert scaled(x, by=by).item() == 10.0
    scaled(3.0, by=by).backward()  # no step of its own: the operations inside are recorded
    assert by.grad == 3.0


def test_a_tensor_in_a_nest_by_keyword_is_refused_too():
    @primitive
    def scaled(x, options):
        return x * options["by"]

    defvjp(scaled, lambda out, x, options: lambda g: g * options["by"])
    with pytest.raises(NoRuleError, match=r"^scaled: no rule for a Tensor as keyword argument 'options'"):
        grad(lambda x: scaled(x, options={"by": x}))(3.0)


def test_a_primitive_that_writes_into_its_arguments_is_told_why_it_may_not():
    @primitive
    def stored(x, work):
        work[:] = x
        return work**2

    defvjp(stored, lambda out, x, work: lambda g: 2 * g * x)
    work = np.zeros(2)
    for call in (lambda x: stored(x, work), lambda x: stored(x, work=work)):
        with pytest.raises(ValueError, match="read-only") as caught:
            grad(lambda x, call=call: anp.sum(call(x) + call(x)))(np.ones(2))
        assert caught.value.__notes__[0].startswith("stored writes into an array that it was given")
        with autograd.guard_arrays(False):
            assert grad(lambda x, call=call: anp.sum(call(x) + call(x)))(np.ones(2)).tolist() == [4.0, 4.0]


@pytest.mark.parametrize("kind", [int, bool])
def test_a_primitive_that_returns_whole_numbers_may_have_a_slope(kind):
    """As for straight-through estimators: what reaches its result are slopes, not whole numbers."""
    rounded = primitive(lambda x: np.round(x).astype(kind))
    defvjp(rounded, lambda out, x: lambda g: 2 * g)
    x, weights = np.array([0.2, 1.7]), np.array([0.3, 0.7])
    np.testing.assert_allclose(grad(lambda x: anp.sum(rounded(x) * weights))(x), 2 * weights)
    np.testing.assert_allclose(jacobian(lambda x: rounded(x) * weights)(x), np.diag(2 * weights))
    np.testing.assert_allclose(make_jvp(lambda x: rounded(x) * weights)(x)(weights)[1], 2 * weights**2)
    np.testing.assert_allclose(make_vjp(rounded)(x)[0](weights), 2 * weights)
    leaf = Tensor(x, requires_grad=True)
    rounded(leaf).backward([0.3, 0.7])
    np.testing.assert_allclose(leaf.grad, 2 * weights)
    assert grad(lambda t: rounded(t) * 0.3)(1.2) == pytest.approx(0.6)


@pytest.mark.parametrize("joint", [False, True])
def test_a_rule_may_write_into_its_cotangent(joint):
    def doubled(g):
        g *= 2
        return g

    add = primitive(lambda x, y: x + y)
    if joint:
        defvjp_argnums(add, lambda argnums, out, args, kwargs: lambda g: [doubled(g)] * len(argnums))
    else:
        defvjp(add, lambda out, x, y: doubled, lambda out, x, y: lambda g: g)
    x, y, z = (Tensor(np.ones(2), requires_grad=True) for _ in range(3))
    total = add(x, y) + z
    total.backward(np.ones(2))
    assert [t.grad.tolist() for t in (x, y, z)] == [[2, 2], [2, 2] if joint else [1, 1], [1, 1]]


def test_a_vjp_that_returns_no_function_is_blamed():
    twice = primitive(lambda x: 2 * x)
    defvjp(twice, lambda out, x: 2 * x)
    with pytest.raises(
        RuleError, match=r"^the vjp of <lambda> returned .*\(2,\); vjp\(out, \*args\) has to return a f"
    ):
        grad(lambda x: anp.sum(twice(x)))(np.ones(2))


def test_an_error_inside_names_the_primitive():
    f = primitive(lambda x: np.linalg.inv(x))
    defvjp(f, lambda out, x: lambda g: g)
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        f(Tensor(np.zeros((2, 2)), requires_grad=True))


def test_a_box_for_values_of_ones_own_is_told_what_to_write_instead():
    """HIPS autograd would record the object; here arrays are recorded, and the object is made of them inside."""

    class Line:
        def __init__(self, slope, offset):
            self.slope, self.offset = slope, offset

        def __call__(self, x):
            return self.slope * x + self.offset

    class LineBox(Box, Line):
        pass

    LineBox.register(Line)
    with pytest.raises(TypeError, match=r"^Line has a Box of its own, but .* make the object of them inside"):
        grad(lambda line: line(3.0))(Line(1.0, 2.0))
    assert grad(lambda parts: Line(*parts)(3.0))((1.0, 2.0)) == (3.0, 1.0)


def test_a_primitive_that_returns_an_object_is_told_what_it_may_return():
    @primitive
    def make(x):
        return {1, 2}

    with pytest.raises(TypeError, match=r"^make returned a set; a primitive returns numbers, arrays, and lists,"):
        grad(lambda x: make(x).x)(1.0)
    assert make(1.0) == {1, 2}


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_a_matrix_of_numpys_old_class_is_refused():
    with pytest.raises(TypeError, match=r"^the \* of a numpy.matrix is not that of arrays.* pass np\.asarray"):
        grad(lambda m: anp.sum(m * m))(np.matrix([[1.0, 2.0], [3.0, 4.0]]))


@pytest.mark.parametrize("name", "exp sigmoid sin negative add maximum relu transpose sum power softmax".split())
def test_a_users_primitive_with_the_name_of_one_of_ours_is_its_own(name):
    def function(x):
        return x * 5

    function.__name__ = name
    times_five = primitive(function)
    defvjp(times_five, lambda out, x: lambda g: 5 * g)
    x = np.array([1.0, 2.0])
    value, gradient = autograd.compile(autograd.value_and_grad(lambda x: (times_five(x) * x).sum()))(x)
    assert value == 25
    np.testing.assert_array_equal(gradient, [10, 20])


def test_a_jvp_is_linear_in_its_tangent_and_has_the_shape_of_the_result():
    for jvp, message in (
        (lambda t, out, x: np.ones(5), r"returned .*\(5,\) as the tangent of a result of shape \(3,\)$"),
        (lambda t, out, x: None, r"returned NoneType as the tangent of a result of shape \(3,\)$"),
        (lambda t, out, x: np.ones(3), "does not depend on the tangent it is given$"),
    ):
        square = primitive(lambda x: x**2)
        defjvp(square, jvp)
        for use in (lambda f, x: make_jvp(f)(x)(x), lambda f, x: grad(lambda x: anp.sum(f(x)))(x)):
            with pytest.raises(RuleError, match=rf"^the jvp of <lambda> for argument 0 {message}"):
                use(square, np.ones(3))
    for zero in (np.zeros(3), 0.0):
        flat = primitive(np.sign)
        defjvp(flat, lambda t, out, x, zero=zero: zero)
        assert make_jvp(flat)(np.ones(3))(np.ones(3))[1].tolist() == [0.0] * 3


@pytest.mark.parametrize(
    ("cotangent", "message"),
    [
        (lambda g: [g], r"^a rule returned 1 cotangents for a list of 2: \[0, 1\]$"),
        (lambda g: [g, g, g], "^a rule returned 3 cotangents for a list of 2"),
        (lambda g: {"a": g, "b": g}, "^a rule returned dict as the cotangent of a list$"),
    ],
)
def test_a_cotangent_of_a_nest_has_its_form(cotangent, message):
    product = primitive(lambda pair: pair[0] * pair[1])
    defvjp(product, lambda out, pair: cotangent)
    with pytest.raises(RuleError, match=message):
        grad(lambda pair: anp.sum(product(pair)))([np.ones(2), np.ones(2)])


def test_a_cotangent_of_a_dict_has_its_keys():
    product = primitive(lambda d: d["a"] * d["b"])
    for wrong in (lambda g: {"a": g}, lambda g: g, lambda g: [g, g]):
        defvjp(product, lambda out, d, wrong=wrong: wrong)
        with pytest.raises(RuleError, match=r"^a rule returned .* (a dict of 2: \['a', 'b'\]|of a dict)$"):
            grad(lambda d: anp.sum(product(d)))({"a": np.ones(2), "b": np.ones(2)})


def test_a_joint_rule_answers_for_each_argument():
    product = primitive(lambda x, y: x * y)
    defvjp_argnums(product, lambda argnums, out, args, kwargs: lambda g: [g])
    with pytest.raises(RuleError, match=r"returned 1 cotangents for the arguments \(0, 1\)$"):
        grad(lambda x, y: anp.sum(product(x, y)), (0, 1))(np.ones(2), np.ones(2))


def test_a_rule_that_returns_no_array_is_blamed():
    twice = primitive(lambda x: 2 * x)
    defvjp(twice, lambda out, x: lambda g: "text")
    with pytest.raises(RuleError, match=r"^the rule of <lambda> for argument 0 did not return an array"):
        grad(lambda x: anp.sum(twice(x)))(np.ones(2))


def test_a_rule_may_return_what_numpy_reads_as_an_array():
    class Slope:
        def __array__(self, dtype=None, copy=None):
            return np.array([1.0, 2.0])

    twice = primitive(lambda x: 2 * x)
    defvjp(twice, lambda out, x: lambda g: Slope())
    assert grad(lambda x: anp.sum(twice(x)))(np.ones(2)).tolist() == [1.0, 2.0]


def test_arrays_in_keywords_and_nests_are_read_only_while_the_rules_may_see_them():
    @primitive
    def scaled(x, options, by=None):
        return x * options["scale"] * by

    defvjp(scaled, lambda out, x, options, by: lambda g: g * options["scale"] * by)
    x, scale, by = Tensor(np.ones(2), requires_grad=True), np.ones(2), np.ones(2)
    y = scaled(x, {"scale": scale}, by=by)
    for array in (scale, by):
        with pytest.raises(ValueError, match="read-only"):
            array += 1.0
    y.backward(np.ones(2))
    scale += 1.0
    by += 1.0
    assert x.grad.tolist() == [1.0, 1.0]


def test_a_nest_is_computed_anew_when_its_record_is_run_again():
    @primitive
    def powers(x):
        return {"square": x**2, "cube": x**3}

    defvjp(powers, lambda out, x: lambda g: g["square"] * 2 * x + g["cube"] * 3 * x**2)

    @primitive
    def product(pair):
        return pair[0] * pair[1]

    defvjp(product, lambda out, pair: lambda g: [g * pair[1], g * pair[0]])
    again = const_graph(lambda x: powers(x)["square"] + powers(x)["cube"] + product([x, 2 * x]))
    for x in (2.0, 3.0):
        assert again(x) == x**2 + x**3 + 2 * x**2
        assert grad(again)(x) == 2 * x + 3 * x**2 + 4 * x


def test_a_jvp_that_is_no_function_is_refused_where_it_is_given():
    for wrong in ("sme", 3.0):
        with pytest.raises(
            TypeError, match=rf"^the rule of cube for argument 0 is {wrong!r}, not a function, 'same' or"
        ):
            defjvp(cube(), wrong)


def test_a_rule_without_a_return_says_so():
    def forgets(g):
        g * 3

    single, joint = cube(), cube()
    defvjp(single, lambda out, x: forgets)
    defvjp_argnums(joint, lambda argnums, out, args, kwargs: forgets)
    for f in (single, joint):
        with pytest.raises(RuleError, match=r"^the vjp of cube made None of a cotangent; is a return missing in "):
            grad(f)(2.0)
