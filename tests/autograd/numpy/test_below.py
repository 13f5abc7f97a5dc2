"""The arrays below decide where a program runs: nothing on the way turns them into NumPy's own.

The 400-25-10 network of the article and its gradients run on an array type that knows NumPy's protocols and refuses to
be converted, on Dask arrays held by two worker processes, and on CuPy's where there is a GPU.
"""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents, grad, value_and_grad

SIZES = (400, 25, 10)
ROWS = 40


class Remote(np.lib.mixins.NDArrayOperatorsMixin):
    """An array that might be anywhere: it answers to NumPy's functions, and cannot be had as a NumPy array."""

    __slots__ = ("hidden",)

    def __init__(self, hidden: Any) -> None:
        self.hidden = hidden

    shape = property(lambda self: self.hidden.shape)
    dtype = property(lambda self: self.hidden.dtype)
    ndim = property(lambda self: self.hidden.ndim)
    size = property(lambda self: self.hidden.size)
    T = property(lambda self: Remote(self.hidden.T))
    real = property(lambda self: Remote(self.hidden.real))

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise AssertionError("converted to numpy.ndarray")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return wrapped(getattr(ufunc, method)(*map(unwrapped, inputs), **kwargs))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return wrapped(function(*map(unwrapped, args), **{k: unwrapped(v) for k, v in kwargs.items()}))

    def __getitem__(self, key: Any) -> Any:
        return wrapped(self.hidden[unwrapped(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self.hidden[unwrapped(key)] = unwrapped(value)

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        return Remote(self.hidden.astype(dtype))


def wrapped(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        parts = [wrapped(v) for v in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return Remote(np.asarray(value)) if isinstance(value, (np.ndarray, np.generic)) else value


def unwrapped(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return type(value)(unwrapped(v) for v in value)
    return value.hidden if isinstance(value, Remote) else value


def test_the_array_type_refuses_conversion() -> None:
    for convert in (np.asarray, np.array, np.ascontiguousarray):
        with pytest.raises(AssertionError, match="converted"):
            convert(Remote(np.ones(2)))


def network_data(dtype: Any = np.float64) -> tuple[list[Any], Any, Any]:
    rng = np.random.default_rng(0)
    n, hidden, classes = SIZES
    parameters = [
        rng.standard_normal((n, hidden)) * 0.05, rng.standard_normal(hidden) * 0.05,
        rng.standard_normal((hidden, classes)) * 0.3, rng.standard_normal(classes) * 0.3,
    ]  # fmt: skip
    labels = np.eye(classes)[rng.integers(0, classes, ROWS)]
    return [p.astype(dtype) for p in parameters], rng.uniform(0, 1, (ROWS, n)).astype(dtype), labels.astype(dtype)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + anp.exp(-z))


def cost(theta1: Any, b1: Any, theta2: Any, b2: Any, x: Any, y: Any) -> Any:
    """The article's cost, written as the article does."""
    a1 = sigmoid(x @ theta1 + b1)
    a2 = sigmoid(a1 @ theta2 + b2)
    return anp.sum(-y * anp.log(a2) - (1 - y) * anp.log(1 - a2)) / x.shape[0]


def by_hand(parameters: list[Any], x: Any, y: Any) -> list[Any]:
    """delta2 = (a2 - y) / n, delta1 = delta2 theta2^T * a1 (1 - a1), in plain NumPy."""
    theta1, b1, theta2, b2 = parameters
    a1 = 1 / (1 + np.exp(-(x @ theta1 + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ theta2 + b2)))
    delta2 = (a2 - y) / len(x)
    delta1 = delta2 @ theta2.T * a1 * (1 - a1)
    return [x.T @ delta1, delta1.sum(0), a1.T @ delta2, delta2.sum(0)]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_network_on_protocols_alone(dtype: Any) -> None:
    parameters, x, y = network_data(dtype)
    tensors = [Tensor(Remote(p.copy()), requires_grad=True) for p in parameters]
    total = cost(*tensors, Remote(x), Remote(y))
    assert isinstance(total.data, Remote)
    total.backward()
    assert total.data.hidden == pytest.approx(float(cost(*parameters, x, y)), rel=1e-5)
    for t, g in zip(tensors, by_hand(parameters, x, y), strict=True):
        assert type(t.grad) is Remote
        assert t.grad.dtype == dtype
        np.testing.assert_allclose(t.grad.hidden, g, rtol=1e-12 if dtype == np.float64 else 1e-4, atol=1e-7)


def test_transforms_on_protocols_alone() -> None:
    parameters, x, y = network_data()
    value, gradients = value_and_grad(cost, argnum=(0, 1, 2, 3))(*map(Remote, parameters), Remote(x), Remote(y))
    assert isinstance(value, Remote)
    for g, exact in zip(gradients, by_hand(parameters, x, y), strict=True):
        assert type(g) is Remote
        np.testing.assert_allclose(g.hidden, exact, rtol=1e-12, atol=1e-15)


def test_hessian_vector_product_on_protocols_alone() -> None:
    parameters, x, y = network_data()
    tensors = [Tensor(Remote(p), requires_grad=True) for p in parameters]
    first = cotangents(cost(*tensors, Remote(x), Remote(y)), tensors, create_graph=True)
    product = sum((anp.sum(g * Remote(p)) for g, p in zip(first, parameters, strict=True)), start=0.0)
    second = cotangents(product, tensors)
    h = 1e-4
    plus, minus = (by_hand([p + s * h * p for p in parameters], x, y) for s in (1, -1))
    for s, a, b in zip(second, plus, minus, strict=True):
        assert type(s) is Remote
        np.testing.assert_allclose(s.hidden, (a - b) / (2 * h), rtol=1e-5, atol=1e-8)


OPERATIONS = [
    lambda a: anp.sum(a * a, axis=0),
    lambda a: anp.mean(a, axis=1, keepdims=True),
    lambda a: anp.reshape(a, (-1,)),
    lambda a: anp.max(a, axis=1),
    lambda a: anp.prod(a),
    lambda a: anp.std(a, axis=0),
    lambda a: anp.var(a),
    lambda a: a[1:, 0],
    lambda a: a.T @ a,
    lambda a: anp.where(a > 1, a, 0.0),
    lambda a: anp.maximum(a, 1.0),
    lambda a: anp.concatenate([a, a * 2], axis=1),
    lambda a: anp.stack([a, a]),
    lambda a: anp.logsumexp(a, axis=1),
    lambda a: anp.softmax(a),
    lambda a: anp.tanh(a) ** 2,
    lambda a: anp.abs(a),
    lambda a: anp.sqrt(a),
    lambda a: anp.cumsum(a),
    lambda a: anp.broadcast_to(a, (2, 3, 3)),
    lambda a: anp.transpose(a),
    lambda a: anp.clip(a, 0.6, 1.5),
    lambda a: anp.tensordot(a, a, 1),
    lambda a: anp.einsum("ij,kj->ik", a, a),
    lambda a: anp.linalg.norm(a),
    lambda a: anp.dot(a, a),
    lambda a: anp.relu(a - 1),
    lambda a: anp.softplus(a),
    lambda a: anp.log(anp.sigmoid(a)),
    lambda a: anp.linalg.inv(a),
    lambda a: anp.linalg.solve(a, a.T),
    lambda a: anp.linalg.svd(a)[1],
    lambda a: anp.diag(a),
    lambda a: anp.tile(a, 2),
    lambda a: anp.fft.ifft(anp.fft.fft(a)).real,
    lambda a: anp.sort(a, axis=0),
    lambda a: anp.flip(a, 0),
    lambda a: anp.outer(a, a),
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operations_on_protocols_alone(operation: Any) -> None:
    a = np.random.default_rng(0).uniform(0.5, 2.0, (3, 3))
    expected = grad(lambda a: anp.sum(operation(a)))(a)
    found = grad(lambda a: anp.sum(operation(a)))(Remote(a))
    assert type(found) is Remote
    np.testing.assert_allclose(found.hidden, expected, rtol=1e-12, atol=1e-14)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    pytest.importorskip("dask.array", reason="Dask is not installed (test extra)")
    distributed = pytest.importorskip("distributed", reason="Dask's distributed is not installed (test extra)")
    import dask

    with (
        dask.config.set({"distributed.worker.daemon": True, "distributed.admin.tick.limit": "1h"}),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as local,
        distributed.Client(local) as client,
    ):
        yield client


@pytest.mark.filterwarnings("ignore")  # of the libraries' own making
def test_network_on_a_cluster_of_two_workers(cluster: Any) -> None:
    da = pytest.importorskip("dask.array")
    parameters, x, y = network_data()
    tensors = [Tensor(da.from_array(p), requires_grad=True) for p in parameters]
    rows = da.from_array(x, chunks=(ROWS // 4, -1)), da.from_array(y, chunks=(ROWS // 4, -1))
    total = cost(*tensors, *rows)
    assert isinstance(total.data, da.Array)
    total.backward()
    assert all(isinstance(t.grad, da.Array) for t in tensors)
    assert len(cluster.scheduler_info()["workers"]) == 2
    value, *gradients = cluster.gather(cluster.compute([total.data, *[t.grad for t in tensors]]))
    assert value == pytest.approx(float(cost(*parameters, x, y)), rel=1e-13)
    for g, exact in zip(gradients, by_hand(parameters, x, y), strict=True):
        np.testing.assert_allclose(g, exact, rtol=1e-11, atol=1e-15)
    where = cluster.run(os.getpid)
    assert len(set(where.values())) == 2
    assert os.getpid() not in where.values()


def test_network_on_a_gpu() -> None:
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed")
    try:
        cupy.cuda.runtime.getDeviceCount()
    except Exception as error:
        pytest.skip(f"no GPU: {error}")
    parameters, x, y = network_data()
    tensors = [Tensor(cupy.asarray(p), requires_grad=True) for p in parameters]
    total = cost(*tensors, cupy.asarray(x), cupy.asarray(y))
    total.backward()
    for t, g in zip(tensors, by_hand(parameters, x, y), strict=True):
        assert isinstance(t.grad, cupy.ndarray)
        np.testing.assert_allclose(cupy.asnumpy(t.grad), g, rtol=1e-10, atol=1e-14)
