"""NumPy's functions and operators on Tensors: what records, what is refused, and in which words."""

import copy
import inspect
import math
import os
import subprocess
import sys
import warnings
from collections import UserList
from typing import Any

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, grad
from autograd.errors import AssignmentError, AutogradError, CaptureError, ConversionError, NoRuleError, UndefinedError


def leaf(*values: float, name: str | None = None) -> Tensor:
    return Tensor(np.array(values), requires_grad=True, name=name)


def test_numpy_functions_record() -> None:
    t = leaf(1.0, 2.0)
    for result in (np.exp(t), np.sum(t), np.concatenate([t, t]), np.linalg.norm(t), np.fft.fft(t), np.add.outer(t, t)):
        assert isinstance(result, Tensor)
        assert result.requires_grad


def test_operators_with_arrays_on_either_side() -> None:
    t, a = leaf(1.0, 2.0), np.array([3.0, 4.0])
    for result in (
        a * t,
        t * a,
        a + t,
        a - t,
        a / t,
        a**t,
        a @ t,
        np.float64(2) * t,
        np.array(2.0) * t,
        np.maximum(a, t),
    ):
        assert isinstance(result, Tensor)
        assert result.requires_grad
    for result in (a > t, a == t, t != a):
        assert isinstance(result, Tensor)
        assert result.dtype == bool


def test_in_place_operators_make_new_tensors() -> None:
    t = leaf(1.0, 2.0)
    a = np.array([3.0, 4.0])
    kept = a
    a += t
    assert isinstance(a, Tensor)
    np.testing.assert_array_equal(a.data, [4.0, 6.0])
    np.testing.assert_array_equal(kept, [3.0, 4.0])
    s = t
    s *= 2
    np.testing.assert_array_equal(t.data, [1.0, 2.0])
    (a * s).sum().backward()
    np.testing.assert_array_equal(t.grad, 2 * (np.array([3.0, 4.0]) + 2 * np.array([1.0, 2.0])))
    m = np.ones((2, 2))
    m @= Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert isinstance(m, Tensor)
    np.testing.assert_array_equal(m.data, [[4.0, 6.0], [4.0, 6.0]])


@pytest.mark.parametrize("call", [
    lambda t, out: np.add(t, 1, out=out),
    lambda t, out: np.add(np.ones(2), t, out=out),
    lambda t, out: np.add(out, t, out=out),
    lambda t, out: np.add(out, t, out),
    lambda t, out: [*map(np.add, [out], [t], [out])],
    lambda t, out: np.sum(t, axis=0, out=out),
    lambda t, out: np.concatenate([t, t], out=out),
    lambda t, out: np.add.reduce(t, out=out),
    lambda t, out: anp.exp(t, out=out),
    lambda t, out: anp.sum(t, out=out),
    lambda t, out: np.median(t, out=out),
    lambda t, out: np.clip(t, 0, 1, out=out),
    lambda t, out: anp.clip(t, 0, 1, out),
    lambda t, out: t.clip(0, 1, out=out),
    lambda t, out: anp.sum(t, 0, None, out),
    lambda t, out: t.cumsum(0, None, out),
    lambda t, out: t.max(0, out),
    lambda t, out: t.argmax(0, out),
    lambda t, out: np.any(t, 0, out),
    lambda t, out: np.dot(t, t, out),
])  # fmt: skip
def test_out_is_refused(call: Any) -> None:
    out = np.zeros(2)
    with pytest.raises(ConversionError, match=r"out= cannot take a recorded result; leave it out and use what is ret"):
        call(leaf(1.0, 2.0), out)
    np.testing.assert_array_equal(out, np.zeros(2))


def test_out_none_is_no_out() -> None:
    t = leaf(1.0, 2.0)
    np.testing.assert_array_equal(np.sum(t, out=None).data, 3.0)
    np.testing.assert_array_equal(anp.exp(t, out=None).data, np.exp(t.data))
    np.testing.assert_array_equal(anp.mean(t, 0, None, None).data, 1.5)


def test_where_of_a_ufunc_is_refused() -> None:
    with pytest.raises(NoRuleError, match=r"no rule for exp with where=\(x\(2,\)\); call where\(mask, result, other\)"):
        np.exp(leaf(1.0, 2.0, name="x"), where=np.array([True, False]))


def test_ufunc_dtype_casts_the_inputs() -> None:
    t = Tensor(np.array([1.0, 2.0], np.float32), requires_grad=True)
    y = np.multiply(t, 2, dtype=np.float64)
    assert y.dtype == np.float64
    y.sum().backward()
    assert t.grad.dtype == np.float32


def test_ufunc_dtype_refuses_the_casts_that_numpy_refuses() -> None:
    t = leaf(1.5, 2.5, name="x")
    with pytest.raises(TypeError, match=r"add: x\(2,\) of float64 cannot be cast to int64 with casting='same_kind'"):
        np.add(t, 1, dtype=np.int64)
    with pytest.raises(TypeError, match=r"exp: x\(2,\) of float64 cannot be cast to float32 with casting='safe'"):
        anp.exp(t, dtype=np.float32, casting="safe")
    assert np.add(t, 1, dtype=np.int64, casting="unsafe").dtype == np.int64


@pytest.mark.parametrize("call", [
    lambda t: np.sum(t, initial=t[0]), lambda t: np.max(t, initial=t[0]), lambda t: anp.sum(np.ones(2), initial=t[0]),
    lambda t: np.nan_to_num(t, nan=t[0]),
])  # fmt: skip
def test_an_option_that_is_a_tensor_is_refused(call: Any) -> None:
    with pytest.raises(NoRuleError, match=r"^(sum|max|nan_to_num): no rule for a Tensor as keyword argument '\w+'; "):
        call(leaf(1.0, 2.0))


def test_clip_of_plain_arrays_is_numpys() -> None:
    x, out = np.array([-1.0, 0.5]), np.zeros(2)
    assert anp.clip(x, 0, 1, out) is out
    np.testing.assert_array_equal(anp.clip(x, 0, 1, dtype=np.float32), np.clip(x, 0, 1, dtype=np.float32))


@pytest.mark.parametrize("call", [
    lambda t: np.subtract.reduce(t), lambda t: np.multiply.reduceat(t, [0, 1]), lambda t: np.subtract.accumulate(t),
    lambda t: np.busday_count(t, t), lambda t: np.kaiser(3, t),
])  # fmt: skip
def test_no_rule_is_told_and_never_an_object_array(call: Any) -> None:
    with pytest.raises(
        (NoRuleError, ConversionError), match=r"x\(2,\).*pass \.data to hold|x\(2,\) is recorded and would"
    ):
        call(leaf(1.0, 2.0, name="x"))


def test_no_rule_names_the_nearest() -> None:
    with pytest.raises(
        NoRuleError, match=r"no rule for busday_count\(x\(2,\)\); nearest: .*bincount.* defvjp, or pass \.data"
    ):
        np.busday_count(leaf(1.0, 2.0, name="x"), 1)


def test_writing_into_arrays_is_refused() -> None:
    t = leaf(1.0, 2.0, name="x")
    message = r"Write x = x\.at\[index\]\.set\(value\) or \.add\(value\), or build it with where, stack or concatenate"
    with pytest.raises(AssignmentError, match=r"x\(2,\) cannot be assigned into: .*" + message):
        t[0] = 3.0
    with pytest.raises(AssignmentError, match=message):
        np.put(t, 0, 1.0)
    with pytest.raises(AssignmentError, match=message):
        np.copyto(t, np.zeros(2))
    with pytest.raises(AssignmentError, match=r"x\(2,\)\.sort\(\) would change a recorded value.*np\.sort"):
        t.sort()
    a = np.zeros(2)
    with pytest.raises(ConversionError, match=r"build it with stack, concatenate or where, or write x\.at\[i\]\.set"):
        a[:] = t
    with pytest.raises(ConversionError, match="would lose its gradient"):
        np.asarray(t)
    with pytest.raises(ConversionError):
        np.array([t, t])


def test_at_set_and_add() -> None:
    x, v = leaf(1.0, 2.0, 3.0), leaf(10.0, 20.0)
    y = x.at[1:].set(v)
    np.testing.assert_array_equal(y.data, [1.0, 10.0, 20.0])
    (y * np.array([1.0, 2.0, 3.0])).sum().backward()
    np.testing.assert_array_equal(x.grad, [1.0, 0.0, 0.0])
    np.testing.assert_array_equal(v.grad, [2.0, 3.0])
    np.testing.assert_array_equal(x.data, [1.0, 2.0, 3.0])


def test_at_with_repeated_places() -> None:
    x, v = leaf(1.0, 2.0, 3.0), leaf(10.0, 20.0)
    y = x.at[[0, 0]].set(v)  # the last one counts, as in NumPy
    np.testing.assert_array_equal(y.data, [20.0, 2.0, 3.0])
    y.sum().backward()
    np.testing.assert_array_equal(v.grad, [0.0, 1.0])
    x.grad = v.grad = None
    y = x.at[[0, 0]].add(v)
    np.testing.assert_array_equal(y.data, [31.0, 2.0, 3.0])
    y.sum().backward()
    np.testing.assert_array_equal(v.grad, [1.0, 1.0])


@pytest.mark.parametrize("key", [0, (0, 1), np.array([[True, False], [False, True]]), (slice(None), [1]), ..., None])
def test_at_keeps_dtype_and_takes_numbers(key: Any) -> None:
    data = np.arange(4, dtype=np.float32).reshape(2, 2)
    x = Tensor(data, requires_grad=True)
    expected = data.copy()
    expected[key] = 7.0
    y = x.at[key].set(7.0)
    np.testing.assert_array_equal(y.data, expected)
    assert y.dtype == np.float32
    z = x.at[key].add(np.float64(1.0))
    assert z.dtype == np.float32
    np.testing.assert_array_equal(grad(lambda x: anp.sum(x.at[key].set(0.0)))(data), np.where(expected == 7.0, 0, 1))


def test_what_at_does_not_do_is_told() -> None:
    x = Tensor(np.ones(3), requires_grad=True)
    for change in (x.at[0].set, x.at[0].add):
        with pytest.raises(TypeError, match=r"^x\.at\[index\]: complex numbers do not fit into x\(3,\) of float64; "):
            change(1j)
    assert x.astype(complex).at[0].set(1j).data[0] == 1j
    with pytest.raises(AttributeError, match=r"has set and add, and not 'multiply'; write x\.at\[index\]\.set\("):
        x.at[0].multiply(2.0)


def test_array_namespace() -> None:
    t = leaf(1.0, 2.0)
    xp = t.__array_namespace__()
    assert xp is anp
    assert t.device == "cpu"
    assert t.to_device("cpu") is t
    with pytest.raises(ValueError, match="cannot be moved to device 'gpu'"):
        t.to_device("gpu")


# The functions of the Array API standard, 2024.12
STANDARD = """abs acos acosh add all any arange argmax argmin argsort asarray asin asinh astype atan atan2 atanh
bitwise_and bitwise_invert bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor broadcast_arrays broadcast_to
can_cast ceil clip concat conj copysign cos cosh count_nonzero cumulative_prod cumulative_sum diff divide empty
empty_like equal exp expand_dims expm1 eye finfo flip floor floor_divide from_dlpack full full_like greater
greater_equal hypot iinfo imag isdtype isfinite isinf isnan less less_equal linspace log log10 log1p log2 logaddexp
logical_and logical_not logical_or logical_xor matmul matrix_transpose max maximum mean meshgrid min minimum moveaxis
multiply negative nextafter nonzero not_equal ones ones_like permute_dims positive pow prod real reciprocal remainder
repeat reshape result_type roll round searchsorted sign signbit sin sinh sort sqrt square squeeze stack std subtract
sum take take_along_axis tan tanh tensordot tile tril triu trunc unique_all unique_counts unique_inverse unique_values
unstack var vecdot where zeros zeros_like e inf nan newaxis pi float32 float64 int64 bool complex128""".split()


@pytest.mark.parametrize("name", STANDARD)
def test_names_of_the_standard(name: str) -> None:
    if not hasattr(np, name):
        pytest.skip(f"this NumPy has no {name}")
    assert hasattr(anp, name)


def test_standard_names_record() -> None:
    t = leaf(0.1, 0.2)
    names = "acos acosh asin asinh atan atanh concat permute_dims pow atan2 matrix_transpose vecdot".split()
    calls: dict[str, Any] = {"concat": lambda f: f([t, t]), "pow": lambda f: f(t, 2), "atan2": lambda f: f(t, t),
                             "acosh": lambda f: f(t + 1), "vecdot": lambda f: f(t, t),
                             "matrix_transpose": lambda f: f(t[None])}  # fmt: skip
    for name in names:
        assert calls.get(name, lambda f: f(t))(getattr(anp, name)).requires_grad, name


def test_array_agnostic_libraries_pass_tensors_through() -> None:
    """SciPy's statistics ask an array for its namespace and call nothing else."""
    pytest.importorskip("scipy", reason="SciPy is not installed (test extra)")
    code = (
        "import numpy as np, scipy.stats, autograd\n"
        "x = np.array([0.3, 0.7, 1.2]); h = 1e-5\n"
        "for f in (scipy.stats.skew, scipy.stats.kurtosis, scipy.stats.gmean, lambda x: scipy.stats.pmean(x, 3)):\n"
        "    difference = [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(3)]\n"
        "    np.testing.assert_allclose(autograd.grad(f)(x), difference, atol=1e-8)\n"
    )
    surroundings = {**os.environ, "SCIPY_ARRAY_API": "1"}
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env=surroundings)


def test_methods_are_those_of_ndarray() -> None:
    missing = {n for n in dir(np.ndarray) if n[0] != "_"} - set(dir(Tensor))
    assert missing == {"base", "byteswap", "ctypes", "dump", "dumps", "flags", "getfield", "strides", "tobytes",
                       "tofile", "view"}  # fmt: skip


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda t: np.add.at(t, [0], 1.0), r"^add\.at writes into an array.* write x = x\.at\[index\]\.add"),
        (lambda t: np.add.at(np.zeros(2), [0, 1], t), r"^add\.at writes into an array"),
        (lambda t: anp.exp(t, np.zeros(2)), r"^exp: out= cannot take a recorded result"),
        (lambda t: np.median(t, None, np.zeros(())), r"^median: out= cannot take"),
        (lambda t: np.sum(t, out=Tensor(0.0)), r"^sum: out= cannot take"),
        (lambda t: np.var(t, dtype=int), r"^no rule for var with dtype=int64\(x\(2,\)\); call astype"),
        (lambda t: np.exp(t * 1j, dtype=float), r"^no rule for exp of complex numbers with dtype=float64"),
        (lambda t: np.histogram(t * 1j, 2), r"^no rule for histogram of complex numbers.*; count their real parts"),
        (lambda t: np.linalg.qr(anp.outer(t, t), "raw"), r"no rule for mode 'raw'; use 'reduced', 'complete' or 'r'"),
        (lambda t: anp.bmat([[t, t]]), r"^bmat makes a numpy\.matrix.*autograd\.numpy\.block"),
        (lambda t: np.copyto(dst=t, src=t), r"for full and full_like of a recorded value call autograd\.numpy's$"),
    ],
)
def test_what_would_be_lost_or_wrong_is_refused_in_words(call: Any, told: str) -> None:
    with pytest.raises(AutogradError, match=told):
        call(leaf(1.0, 2.0, name="x"))


@pytest.mark.parametrize("shape", [(4, 2), (2, 4)])
def test_the_basis_beyond_the_singular_values_is_arbitrary(shape: tuple[int, int]) -> None:
    a = Tensor(np.random.default_rng(0).standard_normal(shape), requires_grad=True)
    u, _, vh = np.linalg.svd(a)
    loss = anp.sum(u[:, 2] * [1.0, 2.0, 3.0, 4.0]) if shape[0] == 4 else anp.sum(vh[2] * [1.0, 2.0, 3.0, 4.0])
    with pytest.raises(UndefinedError, match=r"depends on the basis of the vectors beyond the singular values"):
        loss.backward()


@pytest.mark.parametrize("function", [np.linspace, np.logspace])
def test_spaces_of_whole_numbers_are_numpys(function: Any) -> None:
    found = function(Tensor(-1.7, requires_grad=True), 2.0, 5, dtype=int)
    np.testing.assert_array_equal(found, function(-1.7, 2.0, 5, dtype=int))


def test_whole_numbers_may_be_taken_from_a_recorded_value() -> None:
    """They have no gradient that could be lost: the slope of x int(x) is int(x)."""
    assert autograd.grad(lambda x: x * np.int64(x))(2.7) == 2.0
    with pytest.raises(ConversionError):
        np.float64(Tensor(2.7, requires_grad=True) * 1.0)


def other_products() -> list[Any]:
    import scipy.sparse

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy advises against its matrix
        matrix = np.matrix([[1.0, 2.0], [3.0, 4.0]])
    return [matrix, scipy.sparse.csr_matrix(np.eye(2)), scipy.sparse.csr_array(np.eye(2))]


@pytest.mark.parametrize("use", [
    lambda m, t: t * m, lambda m, t: t + m, lambda m, t: Tensor(m), lambda m, t: np.concatenate([t, m]),
    lambda m, t: anp.stack([m, t]), lambda m, t: np.dot(m, t), lambda m, t: np.where(m > 1, t, 0.0),
])  # fmt: skip
def test_an_array_with_a_mask_is_refused(use: Any) -> None:
    masked = np.ma.array([1.0, 2.0], mask=[False, True])
    with pytest.raises(ConversionError, match=r"mask of .*\(2,\) would be lost.*filled"):
        use(masked, Tensor(np.ones(2), requires_grad=True))


@pytest.mark.parametrize("m", other_products(), ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("use", [
    lambda m, t: t * m, lambda m, t: m * t, lambda m, t: t + m, lambda m, t: Tensor(m),
    lambda m, t: anp.concatenate([t, m]),
])  # fmt: skip
def test_arrays_with_another_product_are_refused(use: Any, m: Any) -> None:
    """A product of matrices must not be recorded as one entry by entry: its gradient was silently wrong."""
    with pytest.raises(ConversionError):
        use(m, Tensor(np.ones((2, 2)), requires_grad=True))


def test_the_message_about_a_matrix_says_what_to_pass() -> None:
    m = other_products()[0]
    with pytest.raises(ConversionError, match=r"^numpy's matrix m\(2, 2\) .* pass np\.asarray\(m\)$"):
        np.dot(m, Tensor(np.ones(2), requires_grad=True))
    with pytest.raises(ConversionError, match=r"^numpy's matrix m\(2, 2\) has another \* .* pass np\.asarray\(m\)$"):
        Tensor(np.ones((2, 2)), requires_grad=True) * m


def test_compress_takes_the_mask_first() -> None:
    t = Tensor(np.arange(3.0), requires_grad=True)
    t.compress([True, False, True]).sum().backward()
    np.testing.assert_array_equal(t.grad, [1, 0, 1])


def test_results_under_the_nan_finder_are_of_the_kind_of_their_arguments() -> None:
    from autograd import debug_nans, grad
    from autograd.numpy.numpy_boxes import ArrayBox

    def fun(x: Any) -> Any:
        assert isinstance(x * 2, ArrayBox)
        return x * 2

    with debug_nans():
        grad(fun)(1.0)


def test_the_order_in_memory_is_that_of_the_value() -> None:
    """order="A" reads Fortran's order from arrays that lie so: the cotangent goes back by the same."""
    x, weights = np.arange(6.0).reshape(2, 3), np.arange(6.0) ** 2
    calls = [lambda x: np.ravel(x, "A"), lambda x: np.reshape(x, (6,), order="A"), lambda x: x.flatten("A")]
    for lay in (np.ascontiguousarray, np.asfortranarray):
        for turn in (lambda x: x, lambda x: x.T):
            for call in calls:
                ours = grad(lambda x, t=turn, c=call: anp.sum(c(t(x)) * weights))(lay(x))
                places = call(turn(lay(x))).astype(int)  # each entry is its own number
                np.testing.assert_array_equal(ours.ravel()[places], weights)
    with pytest.raises(ValueError, match=r"ravel: order='K' .* call ravel with order 'C', 'F' or 'A'"):
        np.ravel(leaf(1.0, 2.0), "K")


def test_a_copy_keeps_the_gradient() -> None:
    assert autograd.grad(lambda x: anp.sum(copy.copy(x) * x))(np.array([1.0, 3.0])).tolist() == [2.0, 6.0]


def test_methods_take_numpys_arguments() -> None:
    x = Tensor([[1.5, 2.0], [3.0, 7.0]], requires_grad=True)
    assert (x.item(1, 0), x.item(3), x.item((0, 1))) == (3.0, 7.0, 2.0)
    assert x.astype(np.float32, order="C", casting="same_kind", copy=True).dtype == np.float32
    with pytest.raises(TypeError, match=r"x\(2, 2\) of float64 cannot be cast to float32 with casting='safe'"):
        x.astype(np.float32, casting="safe")
    np.testing.assert_array_equal(x.transpose(np.array([1, 0])).data, x.data.T)
    assert x.reshape((4,), copy=False).shape == (4,)
    quotient, rest = divmod(7.0, x)
    np.testing.assert_array_equal(quotient.data, 7.0 // x.data)
    np.testing.assert_array_equal(rest.data, 7.0 % x.data)


def test_pythons_rounding() -> None:
    for value in (2.567, -2.5, np.float32(2.567)):
        t = Tensor(value, requires_grad=True)
        for way in (round, math.floor, math.ceil):
            assert type(way(t)) is int
            assert way(t) == way(t.data)
        assert round(t, 1).data == np.round(t.data, 1)
    assert math.trunc(Tensor(-2.5, requires_grad=True)) == -2
    np.testing.assert_array_equal(round(leaf(0.25, 1.37), 1).data, [0.2, 1.4])
    assert grad(lambda x: x * round(x, 1) * round(x))(2.567) == 2.6 * 3
    with pytest.raises(CaptureError, match=r"needs round\(\) of x\(\)"):
        autograd.compile(lambda x: x * round(x))(2.5)


def test_help_tells_what_methods_and_attributes_do() -> None:
    public = {name: value for name, value in vars(Tensor).items() if name[0] != "_"}
    slots = set(Tensor.__slots__)
    assert sorted(name for name, value in public.items() if name not in slots and not inspect.getdoc(value)) == []
    assert (Tensor.sum.__name__, Tensor.std.__name__) == ("sum", "std")


@pytest.mark.parametrize("function", [anp.sum, anp.prod, anp.max, anp.min, anp.mean, anp.nansum, anp.nanmax, anp.std])
def test_where_true_leaves_nothing_out(function: Any) -> None:
    t, u = leaf(3.0, 1.0, 2.0), leaf(3.0, 1.0, 2.0)
    function(t, where=True).backward()
    function(u).backward()
    np.testing.assert_array_equal(t.grad, u.grad)


def test_our_ufuncs_have_the_methods_of_numpys() -> None:
    t = leaf(3.0, 1.0, 2.0)
    np.testing.assert_array_equal(anp.multiply.outer(t, t).data, np.multiply.outer(t.data, t.data))
    for got, wanted in zip(anp.divmod.outer(t, [2.0, 0.7]), np.divmod.outer(t.data, [2.0, 0.7]), strict=True):
        np.testing.assert_array_equal(got.data, wanted)
    assert anp.add.reduce(np.ones(3)) == 3.0
    assert anp.add.nin == 2
    with pytest.raises(AttributeError, match="no attribute 'nin'"):
        _ = anp.sum.nin


def test_a_user_list_of_tensors_is_joined() -> None:
    t = leaf(3.0, 1.0, 2.0)
    anp.stack(UserList([t, 2 * t])).sum().backward()
    np.testing.assert_array_equal(t.grad, [3.0, 3.0, 3.0])


def test_what_has_no_rule_is_told_with_its_room() -> None:
    with pytest.raises(NoRuleError, match=r"no rule for lib\.scimath\.sqrt\(t\(1,\)\); nearest: sqrt"):
        np.emath.sqrt(leaf(1.0, name="t"))


@pytest.mark.parametrize("places", [np.array([2, 0, 2]), np.array([1, 1, 0])], ids=str)
def test_an_index_may_be_recorded(places):
    x, v = np.arange(1.0, 4.0), np.array([5.0, 6.0, 7.0])

    def slopes(x, v, k):
        return grad(lambda x, v: anp.sum(anp.exp(x.at[k].set(v)) + x.at[k].add(v) ** 2), (0, 1))(x, v)

    assigned, added = x.copy(), x.copy()
    assigned[places] = v
    np.add.at(added, places, v)
    for k in (Tensor(places), places):
        np.testing.assert_array_equal(Tensor(x).at[k].set(v).data, assigned)
        np.testing.assert_array_equal(Tensor(x).at[k].add(v).data, added)
    step = autograd.compile(slopes)
    step(x, v, places[::-1])
    for found, expected in zip(step(x, v, places), slopes(x, v, places), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-14)
