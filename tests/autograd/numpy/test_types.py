"""A gradient has the dtype of what it belongs to, and no number widens an array."""

import re
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents, grad, holomorphic_grad
from autograd.graph import Primitive
from autograd.numpy.registry import primitives

BINARY = """add subtract multiply divide power remainder fmod floor_divide maximum minimum fmax fmin hypot arctan2
logaddexp logaddexp2 copysign nextafter heaviside""".split()
OPERATORS = ["__add__", "__sub__", "__mul__", "__truediv__", "__pow__", "__mod__", "__floordiv__"]
REFLECTED = [n.replace("__", "__r", 1) for n in OPERATORS]
NUMBERS = [2, 2.0, True, np.float32(2.0), np.array(2.0, np.float32), np.float16(2.0)]


FLOATING = [np.float16, np.float32, np.float64, np.longdouble]
COMPLEX = [np.complex64, np.complex128]  # which have no remainder


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        (n, d)
        for n in OPERATORS + REFLECTED
        for d in FLOATING + COMPLEX
        if d in FLOATING or not re.search("mod|floordiv", n)
    ],
)
@pytest.mark.parametrize("number", [2, 2.0, True])
def test_python_numbers_widen_nothing(name: str, number: Any, dtype: Any) -> None:
    for data in (np.array([0.5, 1.5], dtype), np.array(0.5, dtype)[()]):
        x = Tensor(data, requires_grad=True)
        y = getattr(x, name)(number)
        assert y.dtype == dtype
        (g,) = cotangents(y, [x], gradient=np.ones_like(y.data))
        assert g.dtype == dtype
        assert g.shape == x.shape


@pytest.mark.parametrize("number", NUMBERS, ids=lambda n: f"{type(n).__name__}_{n}")
@pytest.mark.parametrize("name", BINARY)
def test_single_precision_stays(name: str, number: Any) -> None:
    """Python numbers, NumPy's of the same width or less, and arrays without axes, on either side."""
    data = np.array([0.5, 1.5], np.float32)
    for fun in (lambda x: getattr(anp, name)(x, number), lambda x: getattr(np, name)(number, x)):
        x = Tensor(data, requires_grad=True)
        y = fun(x)
        assert y.dtype == np.float32
        (g,) = cotangents(y, [x], gradient=np.ones_like(y.data))
        assert g.dtype == np.float32
        grads = cotangents(y, [x], gradient=Tensor(np.ones_like(y.data), requires_grad=True), create_graph=True)
        assert grads[0].dtype == np.float32


def test_a_wider_array_widens_the_result_and_not_the_gradient() -> None:
    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    y = x * np.ones(2)
    assert y.dtype == np.float64
    y.sum().backward()
    assert x.grad.dtype == np.float32


def unary() -> list[str]:
    return sorted(
        n for n, p in primitives.items() if isinstance(p.fun, np.ufunc) and p.fun.nin == 1 and p.differentiable
    )


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble])
@pytest.mark.parametrize("name", unary())
def test_half_and_long_double(name: str, dtype: Any) -> None:
    x = Tensor(np.array([0.25, 0.5], dtype) + (1 if name == "arccosh" else 0), requires_grad=True)
    y = getattr(anp, name)(x)
    assert y.dtype == dtype
    (g,) = cotangents(y, [x], gradient=np.ones_like(y.data))
    assert g.dtype == dtype
    exact = grad(lambda v: anp.sum(getattr(anp, name)(v)))(x.data.astype(float))
    np.testing.assert_allclose(g.astype(float), exact, rtol=5e-3 if dtype == np.float16 else 1e-13)


@pytest.mark.parametrize("dtype", [int, bool, np.int8, np.uint16])
def test_whole_numbers_have_no_gradient_and_say_so(dtype: Any) -> None:
    with pytest.raises(TypeError, match=r"cannot require a gradient: only floating and complex numbers have one"):
        Tensor(np.ones(2, dtype), requires_grad=True)
    with pytest.raises(TypeError, match="only floating and complex numbers"):
        grad(anp.sum)(dtype(1))


def test_a_cast_to_whole_numbers_ends_the_graph() -> None:
    x = Tensor(np.array([1.5, 2.5]), requires_grad=True)
    sums = [np.sum(x, dtype=int), x.prod(dtype=int), anp.cumsum(x, dtype=int)]
    whole = [x.astype(int), np.astype(x, np.int64), x > 2, *sums]
    for cast in whole:
        assert not cast.requires_grad
    assert [float(c) for c in sums[:2]] == [3.0, 2.0]
    y = x * x.astype(int)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [1.0, 2.0])


# The complex convention, stated in autograd/numpy/elementwise.py
HOLOMORPHIC = [
    (anp.exp, np.exp),
    (anp.sin, np.cos),
    (anp.log, lambda z: 1 / z),
    (anp.sqrt, lambda z: 0.5 / np.sqrt(z)),
    (lambda z: z**3, lambda z: 3 * z**2),
    (lambda z: 1 / z, lambda z: -1 / z**2),
    (anp.tanh, lambda z: 1 / np.cosh(z) ** 2),
]


@pytest.mark.parametrize(("fun", "slope"), HOLOMORPHIC)
def test_holomorphic_functions_have_their_complex_derivative(fun: Any, slope: Any) -> None:
    z = 0.7 - 0.4j
    np.testing.assert_allclose(holomorphic_grad(fun)(z), slope(z), rtol=1e-13)


REAL_OF_COMPLEX = [
    anp.abs, anp.real, anp.imag, anp.angle, lambda z: anp.real(z * z), lambda z: anp.abs(z) ** 2,
    lambda z: anp.real(z * anp.conj(z)), lambda z: anp.real(anp.sign(z)), lambda z: anp.abs(anp.exp(1j * z)),
    lambda z: anp.linalg.norm(anp.stack([z, z * 2])), lambda z: anp.imag(anp.where(True, z, 0.0) ** 3),
]  # fmt: skip


@pytest.mark.parametrize("fun", REAL_OF_COMPLEX)
def test_real_functions_of_complex_numbers(fun: Any) -> None:
    """f(x + iy) has the gradient df/dx - i df/dy."""
    z, h = 0.7 - 0.4j, 1e-5
    by_x = (fun(z + h) - fun(z - h)) / (2 * h)
    by_y = (fun(z + 1j * h) - fun(z - 1j * h)) / (2 * h)
    np.testing.assert_allclose(grad(fun)(z), by_x - 1j * by_y, atol=1e-9)


def test_complex_numbers_of_a_real_one() -> None:
    assert grad(lambda x: anp.real(anp.exp(1j * x)))(0.3) == pytest.approx(-np.sin(0.3))
    assert grad(lambda x: anp.abs(x * (1 + 2j)))(2.0) == pytest.approx(np.sqrt(5))
    assert grad(lambda x: anp.imag(1j * x * x))(2.0).dtype == np.float64


def test_python_complex_on_the_left_of_a_number() -> None:
    """1j * np.float64 is Python's own complex, which has no dtype; ours has one."""
    y = 1j * Tensor(2.0, requires_grad=True)
    assert y.dtype == np.complex128
    for op in (lambda t: 1j + t, lambda t: 1j - t, lambda t: 1j / t, lambda t: 1j**t):
        assert op(Tensor(2.0, requires_grad=True)).dtype == np.complex128
        assert op(Tensor(2.0)).dtype == np.complex128


def test_every_primitive_is_one() -> None:
    assert all(isinstance(p, Primitive) and p.name == name for name, p in primitives.items())
