"""grad, jacobian, hessian and the rest against hand formulas; nests, nesting, and what they refuse."""

import copy
import re
import tracemalloc
import warnings
import weakref
from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, cotangents, grad, hessian, jacobian, make_jvp, make_vjp, value_and_grad
from autograd.check import numerical_directional
from autograd.errors import UndefinedError
from autograd.extend import vspace
from autograd.graph import Primitive
from autograd.tree import flatten
from autograd.vjp import Vjp

DTYPES = [np.float32, np.float64, np.longdouble]
Point = namedtuple("Point", "x y")


# a function whose derivatives are in every textbook: sum 100 (b - a^2)^2 + (1 - a)^2 (Rosenbrock, 1960)


def rosenbrock(x):
    return anp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_gradient(x):
    g = np.zeros_like(x)
    g[:-1] = -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    g[1:] += 200 * (x[1:] - x[:-1] ** 2)
    return g


def rosenbrock_hessian(x):
    h = np.diag(np.concatenate([1200 * x[:-1] ** 2 - 400 * x[1:] + 2, np.zeros(1, x.dtype)]))
    h += np.diag(np.concatenate([np.zeros(1, x.dtype), np.full(len(x) - 1, 200, x.dtype)]))
    return h + np.diag(-400 * x[:-1], 1) + np.diag(-400 * x[:-1], -1)


@pytest.fixture(params=DTYPES, ids=lambda d: np.dtype(d).name)
def point(request, rng):
    return rng.standard_normal(5).astype(request.param)


def near(got, expected):
    assert np.shape(got) == np.shape(expected)
    assert got.dtype == expected.dtype
    tolerance = 50 * np.finfo(expected.dtype).eps * max(1, np.abs(expected).max())
    assert np.abs(got - expected).max() <= tolerance


def test_grad_and_value_and_grad(point):
    near(grad(rosenbrock)(point), rosenbrock_gradient(point))
    value, g = value_and_grad(rosenbrock)(point)
    near(g, rosenbrock_gradient(point))
    assert value == rosenbrock(point)
    assert value.dtype == point.dtype


def test_hessian_in_three_ways(point):
    expected = rosenbrock_hessian(point)
    near(hessian(rosenbrock)(point), expected)
    near(jacobian(grad(rosenbrock))(point), expected)
    rows = [grad(lambda x, k=k: grad(rosenbrock)(x)[k])(point) for k in range(len(point))]
    near(np.stack(rows), expected)


def test_the_hessian_of_an_array_has_its_axes_in_front(rng):
    a, x = rng.standard_normal((3, 4)), rng.standard_normal(4)
    y = np.tanh(a @ x)
    expected = np.einsum("i,ij,ik->ijk", -2 * y * (1 - y**2), a, a)
    np.testing.assert_allclose(hessian(lambda x: anp.tanh(a @ x))(x), expected, atol=1e-14)
    assert hessian(lambda x: x.sum(keepdims=True) ** 2)(x).shape == (4, 4)  # one entry counts as a scalar


@pytest.mark.parametrize(
    "product", ["hvp", "hessian_vector_product", "hessian_tensor_product", "make_hvp", "forward over reverse"]
)
def test_products_with_the_hessian(product, point, rng):
    v = rng.standard_normal(5).astype(point.dtype)
    if product == "make_hvp":
        times, g = autograd.make_hvp(rosenbrock)(point)
        near(g, rosenbrock_gradient(point))
        got = times(v)
    elif product == "forward over reverse":
        _, got = make_jvp(grad(rosenbrock))(point)(v)
    else:
        got = getattr(autograd, product)(rosenbrock)(point, v)
    near(got, rosenbrock_hessian(point) @ v)


def residuals(x):
    return anp.array([anp.sin(x[0]) * x[1], x[0] * x[2] ** 2, anp.exp(x[1]) - x[2]])


def residuals_jacobian(x):
    a, b, c = x
    return np.array([[np.cos(a) * b, np.sin(a), 0], [c**2, 0, 2 * a * c], [0, np.exp(b), -1]])


def test_jacobian_vjp_and_jvp(rng):
    x, u, v = rng.standard_normal((3, 3))
    j = residuals_jacobian(x)
    near(jacobian(residuals)(x), j)
    vjp, value = make_vjp(residuals)(x)
    near(value, np.array([np.sin(x[0]) * x[1], x[0] * x[2] ** 2, np.exp(x[1]) - x[2]]))
    near(vjp(u), u @ j)
    near(vjp(v), v @ j)  # as often as one likes
    value, tangent = make_jvp(residuals)(x)(v)
    near(tangent, j @ v)
    near(autograd.tensor_jacobian_product(residuals)(x, u), u @ j)
    near(autograd.vector_jacobian_product(residuals)(x, u), u @ j)


def test_gauss_newton_product(rng):
    x, v = rng.standard_normal((2, 3))
    j = residuals_jacobian(x)
    near(autograd.make_ggnvp(residuals)(x)(v), j.T @ j @ v)
    near(autograd.make_ggnvp(residuals, lambda r: anp.sum(r**4))(x)(v), j.T @ (12 * residuals(x) ** 2 * (j @ v)))


def test_elementwise_grad_and_deriv(rng):
    x = rng.standard_normal((2, 3))
    near(autograd.elementwise_grad(lambda v: anp.sin(v) * v)(x), np.cos(x) * x + np.sin(x))
    assert autograd.egrad is autograd.elementwise_grad
    near(autograd.deriv(lambda t: anp.array([anp.sin(t), t**3]))(0.5), np.array([np.cos(0.5), 0.75]))


def test_elementwise_grad_sums_what_was_broadcast():
    near(
        autograd.elementwise_grad(lambda a, b: a * b)(np.array([1.0, 2.0]), np.full((3, 2), 5.0)),
        np.array([15.0, 15.0]),
    )


Z = 0.3 + 0.7j
HOLOMORPHIC = [
    (anp.exp, np.exp(Z)),
    (lambda z: z**3, 3 * Z**2),
    (lambda z: 1 / (1 + z * z), -2 * Z / (1 + Z * Z) ** 2),
]


@pytest.mark.parametrize(("fun", "slope"), HOLOMORPHIC)
def test_holomorphic_grad(fun, slope):
    assert abs(autograd.holomorphic_grad(fun)(Z) - slope) < 1e-14


def test_a_real_function_of_a_complex_number_has_the_stated_convention():
    # f(x + iy) = x^2 + 3xy: the gradient is df/dx - i df/dy
    z = 2.0 + 5.0j
    g = grad(lambda z: anp.real(z) ** 2 + 3 * anp.real(z) * anp.imag(z))(z)
    assert g == (2 * 2 + 3 * 5) - 1j * (3 * 2)


# arguments


def f(a, b, c=1.0):
    """The doc of f."""
    return a * b**2 * c


def test_argnum_by_number_from_the_end_and_many():
    assert grad(f)(2.0, 3.0) == 9.0
    assert grad(f, 1)(2.0, 3.0) == 12.0
    assert grad(f, -1)(2.0, 3.0) == 12.0
    assert grad(f, -2)(2.0, 3.0) == 9.0
    assert grad(f, (0, 1))(2.0, 3.0) == (9.0, 12.0)
    assert grad(f, [1, 0])(2.0, 3.0) == (12.0, 9.0)
    assert value_and_grad(f, (0, 1))(2.0, 3.0) == (18.0, (9.0, 12.0))
    assert grad(f)(2.0, 3.0, c=10.0) == 90.0
    assert hessian(f, 1)(2.0, 3.0) == 4.0


@pytest.mark.parametrize("argnum", [3, -3])
def test_an_argnum_that_is_not_there(argnum):
    with pytest.raises(TypeError, match=rf"^grad: argnum is {argnum}, but only 2 positional arguments were given$"):
        grad(f, argnum)(2.0, 3.0)
    with pytest.raises(TypeError, match=rf"^grad: argnum is {argnum}, but only 2 positional arguments were given$"):
        grad(f, (0, argnum))(2.0, 3.0)


def test_an_argnum_is_a_number_or_several():
    assert grad(f, np.int64(1))(2.0, 3.0) == grad(f, 1)(2.0, 3.0)
    for wrong in ("x", ("x",), 1.0, None):
        with pytest.raises(TypeError, match=r"^argnum is .*; it is the number of an argument, or a tuple of numbers$"):
            grad(f, wrong)


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian, make_vjp, make_jvp, autograd.deriv])
def test_a_transform_takes_a_function_and_not_its_value(transform):
    x = anp.ones(3)
    with pytest.raises(TypeError, match=rf"^{transform.__name__} takes a function, and was given x\(3,\): write "):
        transform(x)


def test_an_argument_given_by_keyword_is_told_to_come_by_position():
    with pytest.raises(TypeError, match=r"^make_vjp: argnum is 0, .* 0 positional .* given; pass x, y by position$"):
        make_vjp(lambda x, y: x * y)(x=1.0, y=2.0)


@pytest.mark.parametrize("argnum", [(0, 0), (1, -1), [0, 1, 0]])
def test_an_argument_is_not_meant_twice(argnum):
    with pytest.raises(TypeError, match=r"^grad: argnum is .*, which names one argument twice$"):
        grad(f, argnum)(2.0, 3.0)


@pytest.mark.parametrize("vector", [1.0, np.ones(2), np.ones((3, 3))])
def test_a_hessian_is_contracted_with_a_tensor_of_the_arguments_shape(vector):
    with pytest.raises(ValueError, match=r"the tensor, which comes last, has the argument's shape \(3,\), not \("):
        autograd.hvp(lambda x: (x**3).sum())(np.ones(3), vector)


def test_a_hessian_is_contracted_with_one_array():
    def f(p):
        return p["a"] ** 2 * p["b"]

    p = {"a": 1.0, "b": 2.0}
    with pytest.raises(TypeError, match=r"^hessian_tensor_product takes an array.*: make_hvp\(fun\)\(x\)\[0\]\(v\)$"):
        autograd.hvp(f)(p, p)
    assert autograd.make_hvp(f)(p)[0](p) == {"a": 8.0, "b": 2.0}
    with pytest.raises(
        TypeError, match=r"^hessian_tensor_product: .* the function's, and the tensor last; 1 is too few$"
    ):
        autograd.hvp(f)(p)


def test_names_and_docs_of_what_is_returned():
    assert grad(f, 1).__name__ == "grad_of_f_wrt_argnum_1"
    assert value_and_grad(f).__name__ == "value_and_grad_of_f_wrt_argnum_0"
    assert jacobian(f, (0, 1)).__name__ == "jacobian_of_f_wrt_argnum_(0, 1)"
    assert hessian(f).__name__ == "hessian_of_f_wrt_argnum_0"
    assert make_vjp(f).__name__ == "make_vjp_of_f_wrt_argnum_0"
    assert grad(f, 1).__doc__.startswith("    grad of function f with respect to argument number 1.")
    assert grad(f, 1).__doc__.endswith("The doc of f.")
    assert "grad_of_fun_wrt" in grad(CallMe()).__name__


class CallMe:
    def __call__(self, x):
        return x * x


def test_any_callable_can_be_differentiated():
    assert grad(CallMe())(3.0) == 6.0


def test_the_jacobian_of_complex_results_of_real_numbers():
    x = np.array([1.0, 2.0, 0.5])
    np.testing.assert_allclose(autograd.jacobian(anp.fft.fft)(x), np.fft.fft(np.eye(3)), atol=1e-15)
    np.testing.assert_array_equal(autograd.jacobian(lambda x: anp.sum(x) * 1j)(x), [1j, 1j, 1j])
    real, turned = autograd.jacobian(lambda x, z: x * z, (0, 1))(x, 1j * x)
    np.testing.assert_array_equal(real, np.diag(1j * x))
    np.testing.assert_array_equal(turned, np.diag(x))


@pytest.mark.parametrize("product", [lambda m, x: m @ x, lambda m, x: anp.dot(m, x), lambda m, x: x @ m.T])
def test_the_jacobian_of_a_complex_matrix_times_a_real_vector_is_the_matrix(product):
    m = np.array([[1 + 2j, 3 - 1j], [2j, 4]])
    np.testing.assert_array_equal(jacobian(lambda x: product(m, x))(np.ones(2)), m)


def test_multigrad_dict_gives_every_argument_by_name():
    def g(a, *rest, b=2.0, **more):
        return a * rest[0] * b * more["c"]

    assert autograd.multigrad_dict(g)(1.0, 5.0, c=3.0) == {
        "a": 30.0,
        "rest": (6.0,),
        "b": 15.0,
        "more": {"c": 10.0},
    }


def test_grad_and_aux_hands_the_rest_through():
    g, aux = autograd.grad_and_aux(lambda x: (anp.sum(x**2), {"double": x * 2, "note": "kept"}))(np.array([1.0, 2.0]))
    assert g.tolist() == [2.0, 4.0]
    assert aux["note"] == "kept"
    assert type(aux["double"]) is np.ndarray
    assert aux["double"].tolist() == [2.0, 4.0]


def test_grad_and_aux_takes_two_results():
    for fun in (lambda x: x * x, lambda x: (x, 1, 2), lambda x: None):
        with pytest.raises(TypeError, match=r"^grad_and_aux takes functions that return \(scalar, auxiliary\), not "):
            autograd.grad_and_aux(fun)(2.0)


def test_grad_named_knows_the_names():
    assert autograd.grad_named(lambda a, b: a * b, "b")(2.0, 3.0) == 2.0
    with pytest.raises(ValueError, match=r"^<lambda> has no argument 'c', only a, b$"):
        autograd.grad_named(lambda a, b: a * b, "c")


def test_nests_of_every_kind():
    tree = {"a": [np.array([1.0, 2.0]), (3.0,)], "p": Point(4.0, np.array([[5.0]])), "none": []}
    g = grad(lambda t: anp.sum(t["a"][0]) * t["a"][1][0] + t["p"].x ** 2 * t["p"].y[0, 0])(tree)
    assert g["a"][0].tolist() == [3.0, 3.0]
    assert g["a"][1] == (3.0,)
    assert isinstance(g["p"], Point)
    assert (g["p"].x, g["p"].y.tolist()) == (40.0, [[16.0]])
    assert g["none"] == []
    for cls in (OrderedDict, lambda **kw: defaultdict(float, **kw)):
        d = cls(u=2.0, v=3.0)
        g = grad(lambda t: t["u"] * t["v"])(d)
        assert type(g) is type(d)
        assert dict(g) == {"u": 3.0, "v": 2.0}


def test_nests_through_jacobian_vjp_and_jvp():
    j = jacobian(lambda t: t["w"] @ t["x"])({"w": np.array([[1.0, 2.0], [3.0, 4.0]]), "x": np.array([5.0, 6.0])})
    assert j["x"].tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert j["w"].shape == (2, 2, 2)
    assert j["w"][0].tolist() == [[5.0, 6.0], [0.0, 0.0]]
    vjp, value = make_vjp(lambda t: [t[0] * t[1], {"s": t[0]}])([2.0, 3.0])
    assert value == [6.0, {"s": 2.0}]
    assert vjp([1.0, {"s": 10.0}]) == [13.0, 2.0]
    value, tangent = make_jvp(lambda t: {"o": t[0] * t[1]})([2.0, 3.0])([1.0, 10.0])
    assert (value, tangent) == ({"o": 6.0}, {"o": 23.0})


@pytest.mark.parametrize("dtype", [*DTYPES, np.float16, np.complex64])
def test_the_gradient_has_the_type_of_the_argument(dtype):
    square = lambda x: anp.sum(anp.real(x * x))  # noqa: E731
    for x in (np.ones((2, 3), dtype), np.ones((0, 3), dtype), np.ones((1, 3), dtype), dtype(2)):
        g = grad(square)(x)
        assert (g.dtype, np.shape(g)) == (dtype, np.shape(x))
        assert (type(g) is np.ndarray) == (np.ndim(x) > 0)
    assert type(grad(square)(2.0)) is np.float64


def test_results_are_plain_and_can_be_written():
    x = np.array([1.0, 2.0])
    for g in (grad(lambda x: anp.sum(x))(x), jacobian(lambda x: x)(x), autograd.elementwise_grad(lambda x: x + x)(x)):
        assert type(g) is np.ndarray
        g += 1.0
    assert x.flags.writeable


# transforms inside transforms


def test_derivatives_of_different_variables_are_not_confused():
    # d/dx (x d/dy (x + y)) = 1: a forward mode without tags gives 2
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(2.0) == 1.0
    _, tangent = make_jvp(lambda x: x * make_jvp(lambda y: x + y)(1.0)(1.0)[1])(2.0)(1.0)
    assert tangent == 1.0
    _, tangent = make_jvp(lambda x: x * grad(lambda y: x + y)(1.0))(2.0)(1.0)
    assert tangent == 1.0
    assert grad(lambda x: x * make_jvp(lambda y: x + y)(1.0)(1.0)[1])(2.0) == 1.0


def test_an_inner_derivative_at_the_outer_variable():
    # d/dx [x d/dy (x y^2) at y = x] = d/dx 2 x^3
    assert grad(lambda x: x * grad(lambda y: x * y * y)(x))(3.0) == 54.0


def test_every_order_of_a_power():
    d, x = lambda x: x**5, 2.0
    for factor, rest in ((5, 4), (20, 3), (60, 2), (120, 1), (120, 0), (0, 0)):
        d = grad(d)
        if factor:
            assert d(x) == factor * x**rest
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                assert d(x) == 0.0


def test_third_order_tensor():
    x = np.array([1.0, 2.0])
    t = jacobian(jacobian(jacobian(lambda x: anp.sum(x**3 * x[0]))))(x)
    expected = np.zeros((2, 2, 2))  # f = a^4 + a b^3
    expected[0, 0, 0] = 24 * x[0]
    expected[1, 1, 0] = expected[1, 0, 1] = expected[0, 1, 1] = 6 * x[1]
    expected[1, 1, 1] = 6 * x[0]
    near(t, expected)


def test_a_gradient_inside_a_loss():
    # the derivative of |grad f|^2 is 2 H grad f
    x = np.array([0.5, -0.3, 0.8])
    got = grad(lambda x: anp.sum(grad(rosenbrock)(x) ** 2))(x)
    near(got, 2 * rosenbrock_hessian(x) @ rosenbrock_gradient(x))


# what stands outside of the function


def test_a_tensor_closed_over_stays_differentiable():
    w = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    x = np.array([3.0, 4.0])
    value, g = value_and_grad(lambda x: anp.sum(w * x**2))(x)
    assert isinstance(value, Tensor)
    assert g.data.tolist() == [6.0, 16.0]
    (g * g).sum().backward()  # sum 4 w^2 x^2
    assert w.grad.tolist() == [8 * 9.0, 16 * 16.0]


@pytest.mark.parametrize("fun", [anp.sin, lambda x: anp.where(x > 0, x, 0.0) ** 1.5, lambda x: anp.linalg.svd(x)[1]])
def test_products_made_before_are_linear_functions_of_their_vector(fun, rng):
    """What they were made at is a constant by now, so that nothing of that is left in the results."""
    x, v = rng.normal(size=(2, 3, 3))
    back, value = make_vjp(fun)(x)
    forth = make_jvp(fun)(x)
    matrix = jacobian(fun)(x).reshape(value.size, x.size)
    u = rng.normal(size=value.shape)
    along_u, along_v = grad(lambda u: anp.sum(back(u) * v))(u), grad(lambda v: anp.sum(forth(v)[1] * u))(v)
    assert (type(along_u), type(along_v)) == (np.ndarray, np.ndarray)
    np.testing.assert_allclose(along_u.ravel(), matrix @ v.ravel())
    np.testing.assert_allclose(along_v.ravel(), u.ravel() @ matrix)
    with pytest.warns(UserWarning, match="independent"):  # the gradient of a linear function is a constant
        np.testing.assert_array_equal(hessian(lambda u: anp.sum(back(u)))(u), np.zeros(2 * u.shape))


def test_a_tensor_closed_over_that_needs_no_gradient_gives_plain_results():
    w = Tensor(np.array([1.0, 2.0]))
    g = grad(lambda x: anp.sum(w * x))(np.array([3.0, 4.0]))
    assert type(g) is np.ndarray
    assert g.tolist() == [1.0, 2.0]


def test_a_deep_copy_inside_a_transform_keeps_its_gradient():
    def loss(params):
        changed = copy.deepcopy(params)
        changed["w"] = changed["w"] * params["w"]
        return anp.sum(copy.deepcopy(changed["w"]) ** 2) * changed["b"][0]

    found = grad(loss)({"w": np.array([1.0, 2.0]), "b": [np.float64(3.0)]})
    near(found["w"], 4 * 3.0 * np.array([1.0, 8.0]))
    assert found["b"][0] == 17.0


def test_tensors_as_arguments():
    x = Tensor(np.array([3.0, 4.0]))
    assert grad(lambda x: anp.sum(x * x))(x).tolist() == [6.0, 8.0]
    p = Tensor(np.array([3.0, 4.0]), requires_grad=True)
    g = grad(lambda x: anp.sum(x**3))(p)
    g.sum().backward()
    assert p.grad.tolist() == [18.0, 24.0]


def test_an_output_independent_of_the_input_warns_where_it_was_asked():
    with pytest.warns(UserWarning, match=r"^Output seems independent of input\.$") as caught:
        nothing = grad(lambda x: 3.0)(2.0)
    assert nothing == 0.0
    assert type(nothing) is np.float64
    assert caught[0].filename == __file__
    for transform in (value_and_grad, autograd.elementwise_grad, jacobian, hessian):
        with pytest.warns(UserWarning, match="Output seems independent") as caught:
            transform(lambda x: np.float64(1.0))(2.0)
        assert {warning.filename for warning in caught} == {__file__}
    with pytest.warns(UserWarning, match="Output seems independent"):
        assert jacobian(lambda x: np.ones(3))(np.ones(2)).tolist() == [[0.0, 0.0]] * 3
    with warnings.catch_warnings():  # a filter goes by the name of the module that asked
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", module=f"{re.escape(__name__)}$")
        assert grad(lambda x: 3.0)(2.0) == 0.0


# Jacobians are walked once for all rows; each must equal the rows walked one by one


S = np.random.default_rng(1).standard_normal((3, 3))
VECTOR_VALUED = {
    "x @ x.T": lambda x: x @ x.T,
    "matrix @ x": lambda x: S[:2, :2] @ x,
    "x @ vector": lambda x: x @ S[0],
    "vector @ matrix": lambda x: (x[0] * x[1]) @ S,
    "einsum": lambda x: anp.einsum("ij,kj->ik", x, x),
    "einsum sum": lambda x: anp.einsum("ij->j", x * x),
    "tensordot": lambda x: anp.tensordot(x, S, 1),
    "outer": lambda x: anp.outer(x[0], x[1]),
    "sums": lambda x: x.sum(axis=0) * x.sum(axis=1, keepdims=True),
    "statistics": lambda x: anp.concatenate([anp.var(x, axis=1), anp.mean(x, axis=0), anp.max(x, axis=0)]),
    "cumsum": lambda x: anp.cumsum(x * x, axis=1),
    "prod": lambda x: anp.prod(x, axis=1),
    "repeated index": lambda x: x[[0, 0, 1]] * x[0],
    "pairs of indices": lambda x: x[[0, 1], [2, 2]],
    "strides": lambda x: x[::-1, ::2],
    "mask": lambda x: x[np.array([[True, False, True], [False, True, False]])],
    "new axes": lambda x: x[None, :, None] * x[:, None, None],
    "reshape": lambda x: x.reshape(3, 2) @ x,
    "fortran": lambda x: anp.reshape(x * 2, (3, 2), order="F"),
    "swap and move": lambda x: anp.swapaxes(x, 0, 1) * anp.moveaxis(x, 0, 1),
    "stack": lambda x: anp.stack([x, x**2], axis=-1),
    "where": lambda x: anp.where(x > 0, x, x**2),
    "maximum": lambda x: anp.maximum(x, 0.1) - anp.minimum(x, x[0]),
    "broadcast": lambda x: anp.broadcast_to(x, (4, 2, 3)) * np.arange(4.0)[:, None, None],
    "softmax": lambda x: anp.softmax(x),
    "logsumexp": lambda x: anp.logsumexp(x, axis=0),
    "roll and flip": lambda x: anp.roll(x, 1, axis=1) * anp.flip(x),
    "sort": lambda x: anp.sort(x, axis=1),
    "inverse": lambda x: anp.linalg.inv(x @ x.T + np.eye(2)),
    "stack of matrices": lambda x: (x @ S) * np.arange(4.0)[:, None, None] @ x.T,
    "vector @ vector": lambda x: anp.stack([x[0] @ x[1], x[0] @ S @ x[1]]),
    "stacks @ vector": lambda x: (x[None] * np.ones((4, 1, 1))) @ x[0],
    "vector @ stacks": lambda x: x[0] @ (np.ones((4, 3, 2)) * x[0, :, None]),
    "einsum with dots": lambda x: anp.einsum("...j,jk->...k", x, S * 1.5),
    "tensordot of both": lambda x: anp.tensordot(x, x, ((1,), (1,))),
    "cumsum of all": lambda x: anp.cumsum(x * x),
    "squeeze": lambda x: anp.squeeze(x[:, None, :] * 2) * anp.expand_dims(x, (0, 2))[0, :, 0],
    "casts": lambda x: (x * 2).astype(np.float64).astype(x.dtype) * x,
    "complex inside": lambda x: anp.real(anp.exp(1j * x) * x) + anp.imag(x * (2 + 1j)),
    "fourier": lambda x: anp.abs(anp.fft.fft(x, axis=1)) ** 2,
    "solve": lambda x: anp.linalg.solve(x @ x.T + np.eye(2), x),
    "determinant": lambda x: anp.linalg.det(x @ x.T + np.eye(2)),
    "kron": lambda x: anp.kron(x, x),
    "pad and diff": lambda x: anp.diff(anp.pad(x, 1), axis=1),
    "tile and repeat": lambda x: anp.tile(x, (2, 1)) * anp.repeat(x, 2, axis=0),
    "set and add": lambda x: x.at[0].set(x[1]) * x.at[[0, 0]].add(1.0),
    "scalar": lambda x: x[0, 0] * x[1, 2],
    "constant slope": lambda x: x,
    "empty": lambda x: x[:0],
    "checkpoint": autograd.checkpoint(lambda x: anp.sin(x) @ S),
    "of another graph": lambda x: grad(lambda y: anp.sum(y**3 * 2))(x),
}


@pytest.mark.parametrize("name", VECTOR_VALUED)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_jacobians_equal_their_rows(name, dtype):
    fun = VECTOR_VALUED[name]
    x = np.random.default_rng(3).standard_normal((2, 3)).astype(dtype)
    vjp = Vjp(fun, x)
    shape = vjp.result.shape
    rows = np.empty(shape + x.shape)
    for place in np.ndindex(shape):
        one = np.zeros(shape, vjp.result.dtype)
        one[place] = 1
        rows[place] = vjp(one[()])
    j = jacobian(fun)(x)
    assert j.shape == shape + x.shape
    np.testing.assert_allclose(j, rows, rtol=30 * np.finfo(dtype).eps, atol=30 * np.finfo(dtype).eps)


def test_jacobians_larger_than_one_batch(monkeypatch):
    monkeypatch.setattr("autograd.jacobians._LARGEST_BATCH", 14)
    x = np.arange(1.0, 8.0)
    near(jacobian(lambda x: x**2 + anp.sum(x))(x), np.diag(2 * x) + 1)


def test_a_large_jacobian_takes_little_memory_besides_its_own():
    x = np.linspace(0, 1, 1500)
    fun = jacobian(lambda x: anp.sin(x) + anp.dot(x, x) * x)
    fun(x[:2])
    tracemalloc.start()
    try:
        j = fun(x)
        assert tracemalloc.get_traced_memory()[1] < 2 * j.nbytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_tall_jacobian_has_the_columns_that_its_rows_give(dtype, rng):
    t = np.linspace(0, 1, 400, dtype=dtype).reshape(2, 200)
    shape = lambda p: p["a"][0] * anp.exp(-p["k"] * t) + anp.max(p["a"]) * t  # noqa: E731
    p = {"a": rng.standard_normal(2).astype(dtype), "k": dtype(0.7)}
    passes = []
    j = jacobian(lambda p: passes.append(p) or shape(p))(p)
    assert len(passes) == 1
    rows, _ = make_vjp(shape)(p)
    for r, c in ((0, 3), (1, 199)):
        unit = np.zeros_like(t)
        unit[r, c] = 1
        near(j["a"][r, c], rows(unit)["a"])
        near(j["k"][r, c], rows(unit)["k"])
    assert (j["a"].shape, j["a"].dtype, j["k"].shape, j["k"].dtype) == ((2, 200, 2), dtype, (2, 200), dtype)


def test_a_tall_jacobian_needs_no_batch_and_can_be_differentiated(monkeypatch):
    def no_rows(*_):
        raise AssertionError("walked back")

    t = np.linspace(0, 1, 200)
    curve = lambda p: p[0] ** 2 * anp.sin(p[1] * t)  # noqa: E731
    p = np.array([3.0, 2.0])
    slopes = lambda p: anp.sum(jacobian(curve)(p)[:, 0])  # noqa: E731
    monkeypatch.setattr("autograd.jacobians._rows_at_once", no_rows)
    near(jacobian(curve)(p), np.stack([6 * np.sin(2 * t), 9 * t * np.cos(2 * t)], axis=1))
    near(grad(slopes)(p), np.array([np.sum(2 * np.sin(2 * t)), np.sum(6 * t * np.cos(2 * t))]))


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_jacobians_of_empty_arrays(shape):
    assert jacobian(lambda x: x * 2)(np.zeros(shape)).shape == shape + shape
    assert jacobian(lambda x: anp.sum(x))(np.zeros(shape)).shape == shape
    assert hessian(lambda x: anp.sum(x**2))(np.zeros(shape)).shape == shape + shape


def test_a_rule_that_needs_a_real_array_is_walked_row_by_row():
    m = np.array([[1.0, 2.0], [3.0, 4.0]])
    product = Primitive(lambda x: x @ m.T, "product", [lambda g, out, x: g.dot(m)])  # a Batch has no .dot
    near(jacobian(product)(np.ones(2)), m)


def test_a_wrong_rule_is_blamed_as_for_one_row():
    bad = Primitive(lambda x: x * 1.0, "bad", [lambda g, out, x: np.ones(3)])
    message = r"^the rule of bad for argument 0 returned a cotangent of shape \(3,\) for a value of shape \(2,\)$"
    with pytest.raises(ValueError, match=message):
        jacobian(bad)(np.ones(2))


def test_hooks_see_arrays_also_in_a_jacobian():
    seen = []

    def hooked(x):
        y = x * 2
        y.register_hook(lambda g: seen.append(g))
        return y

    near(jacobian(hooked)(np.ones(2)), 2 * np.eye(2))
    assert [g.tolist() for g in seen] == [[1.0, 0.0], [0.0, 1.0]]
    seen.clear()
    near(jacobian(lambda x: hooked(x) * np.ones(200))(np.ones(1)), np.full((200, 1), 2.0))  # tall, yet walked back
    assert [g.tolist() for g in seen] == [[1.0]] * 200


def test_a_complex_jacobian():
    z = np.array([1 + 2j, 3j])
    near(jacobian(lambda z: z**2 * z[0])(z), np.array([[3 * z[0] ** 2, 0], [z[1] ** 2, 2 * z[1] * z[0]]]))


# checkpoints


def test_checkpoint_computes_again_and_changes_nothing(rng):
    calls = []

    def block(x, w, k=1.0):
        calls.append(1)
        return anp.tanh(x @ w) * k

    x, w = rng.standard_normal((2, 3)), rng.standard_normal((3, 3))
    saved = autograd.checkpoint(block)

    def loss(fun):
        return lambda w: anp.sum(fun(fun(x, w), w, k=2.0) ** 2)

    near(grad(loss(saved))(w), grad(loss(block))(w))
    calls.clear()
    grad(loss(saved))(w)
    assert len(calls) > 2  # again in the backward pass
    near(hessian(loss(saved))(w), hessian(loss(block))(w))
    assert saved.__name__ == "block"


def test_checkpoint_keeps_no_inner_values():
    inner = []

    def block(x):
        y = anp.exp(x)
        inner.append(y)
        return anp.sin(y)

    x = Tensor(np.ones(3), requires_grad=True)
    out = autograd.checkpoint(block)(x)
    assert not isinstance(inner[0], Tensor)  # it ran on plain arrays
    out.sum().backward()
    np.testing.assert_allclose(x.grad, np.cos(np.e) * np.e, rtol=1e-14)


def test_a_checkpoint_that_is_dropped_needs_no_collector():
    def block(x):
        return anp.sin(x)

    held = weakref.ref(block)
    assert grad(autograd.checkpoint(block))(0.0) == 1.0
    del block
    assert held() is None


def test_checkpoint_refuses_parameters_it_was_not_given():
    w = Tensor(2.0, requires_grad=True, name="w")

    @autograd.checkpoint
    def scaled(x):
        return x * w

    with pytest.raises(UndefinedError, match=r"^the checkpointed scaled uses w\(\) besides its arguments"):
        scaled(Tensor(1.0, requires_grad=True))
    with pytest.raises(UndefinedError, match="one array"):
        autograd.checkpoint(lambda x: (x, x))(Tensor(1.0, requires_grad=True))


# what is refused


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (
            3,
            r"^cannot differentiate with respect to 3 of type int: only floating and complex numbers have a gradient; ",
        ),
        (True, "^cannot differentiate with respect to True of type bool.*; pass it in another argument$"),
        ({"w": 1.0, "mask": np.ones(2) > 0}, "of type bool: .*; pass it in another argument$"),
        ({"w": 1.0, "names": np.array(["a"])}, "of type <U1: .*; pass it in another argument$"),
        (np.array([1.0, 2.0], object), r"of type object: .*; write 3\.0 for 3, or array\.astype\(float\)$"),
        ([1.0, 2], "^cannot differentiate with respect to 2 of type int"),
        ("text", "^cannot differentiate with respect to 'text' of type str: .*; pass it in another argument$"),
        ({"w": 1.0, "mask": None}, "^cannot differentiate with respect to None of type NoneType: .* another argument$"),
        ({1.0}, "^a Tensor holds numbers, not set: {1.0}$"),
        (Tensor(3), "of type int64"),
    ],
)
def test_arguments_that_have_no_gradient(x, message):
    with pytest.raises(TypeError, match=message):
        grad(lambda x: 1.0)(x)


@pytest.mark.parametrize(
    ("fun", "message"),
    [
        (lambda x: x, r"^grad only applies to real scalar-output functions, and this one returned .*\(2,\)\. Try jac"),
        (lambda x: (x[0], x[1]), r"and this one returned tuple\. Try grad_and_aux for \(scalar, anything else\)$"),
        (lambda x: None, r"and this one returned NoneType\. Is a return missing\?$"),
        (lambda x: x[0] * 1j, "returned a complex number. Try holomorphic_grad, or return its real part$"),
        (lambda x: 3, "and this one returned 3$"),
        (lambda x: x[0] > 0, "and this one returned"),
        (lambda x: anp.argmax(x), "and this one returned"),
    ],
)
def test_results_that_have_no_gradient(fun, message):
    with pytest.raises(TypeError, match=message):
        grad(fun)(np.array([1.0, 2.0]))


def test_a_cost_of_python_objects_names_their_cause():
    table = np.array([[1.0, 2.0]], object)  # as pandas gives for a table with a column of text
    with pytest.raises(TypeError, match=r"from an array of Python objects: pass that array's \.astype\(float\)$"):
        grad(lambda w: anp.sum(table @ w))(np.ones(2))


def test_one_entry_counts_as_a_scalar():
    assert grad(lambda x: x[:1] * 3)(np.array([1.0, 2.0])).tolist() == [3.0, 0.0]


def test_jacobian_takes_one_array():
    with pytest.raises(
        TypeError, match=r"^jacobian takes functions that return one array, and this one returned a list"
    ):
        jacobian(lambda x: [x, x])(np.ones(2))
    with pytest.raises(TypeError, match=r"this one returned a NoneType: is a return missing\?$"):
        jacobian(lambda x: None)(np.ones(2))
    with pytest.raises(TypeError, match="one argument at a time"):
        hessian(lambda t: anp.sum(t[0]) * t[1])([np.ones(2), 3.0])


def test_elementwise_grad_of_a_complex_result():
    with pytest.raises(TypeError, match=r"^elementwise_grad only applies to real-output functions$"):
        autograd.elementwise_grad(lambda x: x * 1j)(np.ones(2))


@pytest.mark.parametrize("transform", [autograd.elementwise_grad, make_jvp, autograd.deriv])
def test_the_slopes_of_what_is_no_array(transform):
    for result, name in ((None, "NoneType; is a return missing?"), ("text", "'text'"), ([1.0, None], "NoneType")):
        with pytest.raises(TypeError, match=rf"^(elementwise_grad|make_jvp) .* arrays, not {re.escape(name)}$"):
            transform(lambda x, result=result: result)(np.ones(2))


def test_holomorphic_grad_of_a_real_input_warns():
    with pytest.warns(UserWarning, match=r"^Input to holomorphic_grad is not complex$"):
        autograd.holomorphic_grad(lambda x: x * (1 + 1j))(1.0)


def test_cotangents_of_another_shape_are_refused():
    vjp, _ = make_vjp(lambda x: x**2)(np.ones(2))
    with pytest.raises(ValueError, match=r"^a cotangent of shape \(3, 2\) was given for .*\(2,\)$"):
        vjp(np.ones((3, 2)))
    jvp = make_jvp(lambda x: x**2)(np.ones(2))
    with pytest.raises(ValueError, match=r"^a tangent of shape \(3,\)"):
        jvp(np.ones(3))


def test_tangents_and_cotangents_go_by_the_keys_of_a_dict_and_not_by_their_order():
    def f(p):
        return p["a"] ** 2 * p["b"]

    p, along_a = {"a": 2.0, "b": 3.0}, {"b": 0.0, "a": 1.0}
    assert make_jvp(f)(p)(along_a) == (12.0, 12.0)
    assert autograd.make_hvp(f)(p)[0](along_a) == {"a": 6.0, "b": 4.0}
    assert autograd.make_ggnvp(lambda p: anp.array([p["a"], p["b"]]))(p)(along_a) == {"a": 1.0, "b": 0.0}
    vjp, _ = make_vjp(lambda p: {"x": p["a"], "y": 10 * p["b"]})(p)
    assert vjp({"y": 0.0, "x": 1.0}) == {"a": 1.0, "b": 0.0}
    assert numerical_directional(f, p, along_a) == pytest.approx(12.0)
    space = vspace(p)
    assert space.add(p, along_a) == {"a": 3.0, "b": 3.0}
    assert space.inner_prod(p, along_a) == 2.0


def test_a_number_is_a_cotangent_of_all_entries():
    for fun in (lambda x: x * 2, lambda x: anp.exp(x).sum(axis=0), lambda x: x):
        x = np.array([[0.0, 1.0], [2.0, 3.0]])
        vjp, value = make_vjp(fun)(x)
        near(vjp(1.0), vjp(np.ones_like(value)))


def test_cotangents_that_are_none():
    vjp, _ = make_vjp(lambda x: (x * 2, x))(np.ones(2))
    with pytest.raises(ValueError, match=r"^the cotangent of a tuple of 2 is a ndarray$"):
        vjp(np.ones(2))
    with pytest.raises(ValueError, match=r"^no cotangent was given for .*\(2,\)$"):
        vjp((None, np.ones(2)))
    with pytest.raises(ValueError, match=r"^a complex cotangent was given for .*\(2,\), which is real$"):
        vjp((1j * np.ones(2), np.ones(2)))


def test_cotangents_of_integers_are_numbers_all_the_same():
    vjp, _ = make_vjp(lambda x: x + 1)(np.ones(2))
    near(vjp(np.array([1, 0])), np.array([1.0, 0.0]))
    x = Tensor(np.ones(2), requires_grad=True)
    (x + 1).backward(np.array([1, 0]))
    near(x.grad, np.array([1.0, 0.0]))
    near(cotangents(x + 1, [x], gradient=np.array([True, False]))[0], np.array([1.0, 0.0]))


def test_an_error_that_numpy_made_of_ours_ends_with_our_advice():
    def f(x):
        filled = np.zeros(3)
        filled[0] = x[0]
        return filled.sum()

    with pytest.raises(ValueError, match=r"setting an array element with a sequence") as caught:
        grad(lambda x: grad(f)(x)[0])(np.ones(3))
    (note,) = caught.value.__notes__
    assert "x.at[i].set(v) or stack for array[i] = v" in note


def test_an_exception_in_the_function_is_the_users_own():
    def broken(x):
        raise KeyError("mine")

    for transform in (grad, jacobian, hessian, make_vjp, make_jvp):
        with pytest.raises(KeyError, match="mine"):
            transform(broken)(1.0)
    assert grad(lambda x: x * x)(3.0) == 6.0


def test_a_checkpoint_takes_nests_and_runs_again_once(rng):
    """Once forwards and once backwards, of however many arrays."""
    runs = []

    def block(layer, x, power=1):
        runs.append(None)
        return anp.sum(anp.tanh(x @ layer["w"] + layer["rest"][0])) ** power

    layer, x = {"w": rng.normal(size=(3, 2)), "rest": [rng.normal(size=2), 0.5]}, rng.normal(size=(4, 3))
    saved = autograd.checkpoint(block)
    expected = grad(block, (0, 1))(layer, x, power=3)
    runs.clear()
    got = grad(saved, (0, 1))(layer, x, power=3)
    assert len(runs) == 2
    for ours, theirs in zip(flatten(got)[0], flatten(expected)[0], strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(hessian(saved, 1)(layer, x), hessian(block, 1)(layer, x), rtol=1e-12)
    value, tangent = autograd.make_jvp(saved)(layer, x)(layer)
    expected = autograd.make_jvp(block)(layer, x)(layer)
    np.testing.assert_allclose((value, tangent), expected, rtol=1e-12)


def test_a_checkpoint_may_return_a_number():
    assert autograd.checkpoint(lambda x: x**2)(3.0) == 9.0
    assert grad(autograd.checkpoint(lambda x: x**2))(3.0) == 6.0
    assert grad(lambda x: x * autograd.checkpoint(lambda x: 2.0)(x))(3.0) == 2.0


@pytest.mark.parametrize("rows", [1, 60])
def test_a_jacobian_has_the_dtype_of_its_argument_by_rows_and_by_columns(rows):
    x = np.ones(24, np.float32)
    found = autograd.jacobian(lambda x: anp.concatenate([anp.tile(x * x, rows), np.ones(1)]))(x)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.concatenate([np.tile(2 * np.eye(24), (rows, 1)), np.zeros((1, 24))]))
