"""The Array API standard (data-apis.org, 2024.12): every name, and calls as the standard writes them, with slopes."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor

from .oracle import Case, D, P, R, check_gradient, check_values

NAMES = """
e inf nan newaxis pi bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128
__array_api_version__ __array_namespace_info__ arange asarray empty empty_like eye from_dlpack full full_like linspace
meshgrid ones ones_like tril triu zeros zeros_like astype can_cast finfo iinfo isdtype result_type abs acos acosh add
asin asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_invert bitwise_or bitwise_right_shift bitwise_xor
ceil clip conj copysign cos cosh divide equal exp expm1 floor floor_divide greater greater_equal hypot imag isfinite
isinf isnan less less_equal log log1p log2 log10 logaddexp logical_and logical_not logical_or logical_xor maximum
minimum multiply negative nextafter not_equal positive pow real reciprocal remainder round sign signbit sin sinh
square sqrt subtract tan tanh trunc take take_along_axis matmul matrix_transpose tensordot vecdot broadcast_arrays
broadcast_to concat expand_dims flip moveaxis permute_dims repeat reshape roll squeeze stack tile unstack argmax
argmin count_nonzero nonzero searchsorted where unique_all unique_counts unique_inverse unique_values argsort sort
cumulative_prod cumulative_sum max mean min prod std sum var all any diff linalg.cholesky linalg.cross linalg.det
linalg.diagonal linalg.eigh linalg.eigvalsh linalg.inv linalg.matmul linalg.matrix_norm linalg.matrix_power
linalg.matrix_rank linalg.matrix_transpose linalg.outer linalg.pinv linalg.qr linalg.slogdet linalg.solve linalg.svd
linalg.svdvals linalg.tensordot linalg.trace linalg.vecdot linalg.vector_norm fft.fft fft.ifft fft.fftn fft.ifftn
fft.rfft fft.irfft fft.rfftn fft.irfftn fft.hfft fft.ihfft fft.fftfreq fft.rfftfreq fft.fftshift fft.ifftshift
""".split()


@pytest.mark.parametrize("name", NAMES)
def test_the_namespace_of_a_tensor_has_the_name(name: str) -> None:
    found = Tensor(1.0).__array_namespace__(api_version="2024.12")
    for part in name.split("."):
        found = getattr(found, part)


ATTRIBUTES = (
    "dtype device mT ndim shape size T to_device __array_namespace__ __bool__ __complex__ __float__ __getitem__"
)


@pytest.mark.parametrize("name", ATTRIBUTES.split())
def test_a_tensor_has_the_attribute(name: str) -> None:
    assert hasattr(Tensor(np.eye(2)), name)


def _positive(xp: Any, a: Any) -> Any:
    return a @ a.mT + xp.asarray(np.eye(a.shape[-1]))


CALLS = [
    Case(name, fun, arrays, order=1, ours=name == "asarray")  # of a Tensor NumPy's own refuses
    for name, fun, *arrays in [
        ("argsort", lambda xp, a: xp.take_along_axis(a, xp.argsort(a, axis=-1, stable=True), axis=-1), D(2, 3)),
        ("asarray", lambda xp, a: xp.asarray(a, dtype=xp.float64, device="cpu", copy=True), R(2, 3)),
        ("astype", lambda xp, a: xp.astype(a, xp.complex128, copy=True, device="cpu"), R(2, 3)),
        ("broadcast", lambda xp, a: xp.broadcast_to(a, (4, 2, 3)) * xp.broadcast_arrays(a, a[0, :])[1], R(2, 3)),
        ("clip", lambda xp, a: xp.clip(a, min=-0.5, max=0.7) + xp.clip(a, 0.1, None) + xp.clip(a), D(2, 3)),
        ("concat", lambda xp, a, b: xp.concat([a, b], axis=None), R(2, 3), R(2)),
        ("cumulative", lambda xp, a: xp.cumulative_sum(a, axis=1, dtype=xp.float64, include_initial=True), R(2, 3)),
        ("diff", lambda xp, a, b: xp.diff(a, axis=1, n=1, prepend=b), R(2, 3), R(2, 1)),
        ("flip", lambda xp, a: xp.flip(a, axis=None) * xp.roll(a, 1, axis=1), R(2, 3)),
        ("full_like", lambda xp, a: a * xp.full_like(a, 3.0, device="cpu") + xp.zeros_like(a, device="cpu"), R(3)),
        ("meshgrid", lambda xp, a, b: xp.meshgrid(a, b, indexing="ij"), R(3), R(2)),
        ("permute_dims", lambda xp, a: xp.permute_dims(a, (1, 0)) + xp.moveaxis(a, 0, 1) + a.T, R(2, 3)),
        ("pow", lambda xp, a, b: xp.pow(a, b) + xp.atan2(a, b) + xp.hypot(a, b) + xp.asinh(a), P(2, 3), P(3)),
        ("repeat", lambda xp, a: xp.repeat(a, 2, axis=1) + xp.tile(a, (1, 2)), R(2, 3)),
        ("reshape", lambda xp, a: xp.reshape(a, (3, 2), copy=None), R(2, 3)),
        ("squeeze", lambda xp, a: xp.squeeze(xp.expand_dims(a, axis=0), axis=0), R(2, 3)),
        ("std", lambda xp, a: xp.std(a, axis=1, correction=1.0) * xp.var(a, axis=1, correction=1), R(2, 3)),
        ("sum", lambda xp, a: [xp.sum(a, axis=(), dtype=xp.float64), xp.prod(a, axis=0), xp.mean(a, axis=1)], R(2, 3)),
        ("take", lambda xp, a: xp.take(a, xp.asarray([2, 0]), axis=1), R(2, 3)),
        ("tensordot", lambda xp, a: xp.tensordot(a, a, axes=((0,), (0,))) + xp.matmul(a.mT, a), R(2, 3)),
        ("unstack", lambda xp, a: list(xp.unstack(a, axis=1)), R(2, 3)),
        ("vecdot", lambda xp, a, b: xp.vecdot(a, b, axis=-1), R(2, 3), R(2, 3)),
        ("where", lambda xp, a: xp.where(a > 0, a, 0.0) + xp.maximum(a, 0.3), D(2, 3)),
        ("linalg.cholesky", lambda xp, a: xp.linalg.cholesky(_positive(xp, a), upper=True), R(3, 3)),
        ("linalg.eigh", lambda xp, a: xp.linalg.eigh(_positive(xp, a)).eigenvalues, R(3, 3)),
        ("linalg.matrix_norm", lambda xp, a: xp.linalg.matrix_norm(a, keepdims=True, ord="nuc"), R(2, 3)),
        ("linalg.pinv", lambda xp, a: xp.linalg.pinv(a, rtol=1e-10), R(2, 3)),
        ("linalg.qr", lambda xp, a: xp.linalg.qr(a, mode="complete").R, R(3, 2)),
        ("linalg.slogdet", lambda xp, a: xp.linalg.slogdet(a).logabsdet + xp.linalg.trace(a, offset=1), R(3, 3)),
        ("linalg.solve", lambda xp, a, b: xp.linalg.solve(_positive(xp, a), b), R(3, 3), R(3, 2)),
        ("linalg.vector_norm", lambda xp, a: xp.linalg.vector_norm(a, axis=(0, 1), keepdims=True, ord=3), R(2, 3)),
        ("fft.rfft", lambda xp, a: xp.fft.irfft(xp.fft.rfft(a, axis=1), n=3, axis=1), R(2, 3)),
        ("fft.fftn", lambda xp, a: xp.fft.fftn(xp.astype(a, xp.complex128), s=(2, 2), axes=(0, 1)), R(2, 3)),
    ]
    for arrays in [tuple(arrays)]
]
every_call = pytest.mark.parametrize("case", CALLS, ids=lambda case: case.name)


@every_call
def test_values(case: Case) -> None:
    check_values(case)


@every_call
def test_gradient(case: Case) -> None:
    check_gradient(case)


@pytest.mark.parametrize("axis", [0, 1])
def test_descending_order_keeps_equals_in_place(axis: int) -> None:
    x = np.array([[2.0, 1.0, 2.0], [2.0, 3.0, 0.5]])
    t = Tensor(x, requires_grad=True)
    found = anp.sort(t, axis=axis, descending=True)
    np.testing.assert_array_equal(found.detach().numpy(), -np.sort(-x, axis=axis))
    np.testing.assert_array_equal(
        anp.argsort(t, axis=axis, descending=True, stable=True).numpy(), np.argsort(-x, axis=axis, stable=True)
    )
    anp.sum(found * np.arange(6.0).reshape(2, 3)).backward()
    places = np.argsort(-x, axis=axis, stable=True)
    expected = np.zeros_like(x)
    np.put_along_axis(expected, places, np.arange(6.0).reshape(2, 3), axis)
    np.testing.assert_array_equal(t.grad, expected)


def test_questions_about_dtypes_take_tensors() -> None:
    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    xp = x.__array_namespace__()
    assert xp.isdtype(x.dtype, "real floating")
    assert xp.finfo(x.dtype).eps == np.finfo(np.float32).eps
    assert xp.result_type(x, xp.float64) == np.float64
    assert xp.__array_namespace_info__().default_device() == x.device == "cpu"
    assert x.to_device("cpu") is x


# SciPy's functions for any namespace, given Tensors: their slopes, or a refusal in clear words, never a plain array
SCIPY = """
import os
os.environ["SCIPY_ARRAY_API"] = "1"
import numpy as np
import scipy.fft, scipy.integrate, scipy.special, scipy.stats
from scipy.spatial.transform import Rotation
import autograd.numpy as anp
from autograd import Tensor, grad
from autograd.errors import AutogradError

x, d = np.array([0.3, 0.6, 1.2, 2.0]), np.array([0.7, -1.1, 0.4, 0.2])
TAKE = [
    scipy.special.softmax, scipy.stats.skew, scipy.stats.kurtosis, scipy.stats.gmean, scipy.stats.hmean,
    lambda x: scipy.stats.pmean(x, 3.0), lambda x: scipy.stats.moment(x, 3), scipy.fft.fft,
    lambda x: scipy.integrate.trapezoid(x, x**2), scipy.integrate.cumulative_trapezoid,
    lambda x: Rotation.from_rotvec(x[:3]).as_matrix(),
]
for function in TAKE:
    def total(x):
        y = function(x)
        return anp.sum(anp.real(y) * np.cos(np.arange(y.size)).reshape(y.shape))
    slope = (total(x + 1e-6 * d) - total(x - 1e-6 * d)) / 2e-6
    assert abs((grad(total)(x) * d).sum() - slope) < 1e-7, function
for function in (scipy.special.logsumexp, scipy.special.expit, scipy.stats.zscore, scipy.fft.dct):
    try:
        found = function(Tensor(x, requires_grad=True))
    except AutogradError:
        continue
    assert found.requires_grad, function
"""


def test_scipy_with_tensors_for_arrays() -> None:
    pytest.importorskip("scipy", minversion="1.15")
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", SCIPY], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
