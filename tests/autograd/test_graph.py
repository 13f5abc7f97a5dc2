"""Tensor and recording: what a tensor is, which operations are recorded, and the modes that say so."""

import copy
import operator
import pickle
import threading

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, compile, debug_nans, enable_grad, grad, no_grad
from autograd.errors import ConversionError, NonFiniteError
from autograd.graph import Observer, Primitive
from autograd.modes import mode, set_mode
from autograd.tensor import CONSTANT, DIFFERENTIABLE, RECORDED, leaf

DTYPES = [np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128]


# what a tensor is


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_tensor_shows_its_array(dtype):
    data = np.ones((2, 3), dtype)
    t = Tensor(data, requires_grad=True, name="t")
    assert t.data is data
    assert (t.shape, t.ndim, t.size, t.dtype, t.name) == ((2, 3), 2, 6, np.dtype(dtype), "t")
    assert t.requires_grad
    assert t.is_leaf
    assert t.grad is None
    assert (t.primitive, t.args, t.kwargs) == (None, (), {})
    assert len(t) == 2
    assert t.numpy() is data
    assert t.tolist() == [[1, 1, 1], [1, 1, 1]]


def test_numbers_and_lists_become_arrays():
    assert Tensor(2.0).dtype == np.float64
    assert Tensor(2.0).shape == ()
    assert Tensor([[1, 2]]).shape == (1, 2)
    assert Tensor(Tensor([1.0])).data.tolist() == [1.0]
    assert Tensor(3).item() == 3
    assert isinstance(Tensor(3).item(), int)
    assert isinstance(Tensor([2.5]).item(), float)


def test_conversions_to_python_numbers():
    assert float(Tensor(2.5)) == 2.5
    assert int(Tensor(2.5)) == 2
    assert complex(Tensor(2.5)) == 2.5 + 0j
    assert bool(Tensor(0.0)) is False
    assert [10, 20, 30][Tensor(1)] == 20
    assert f"{Tensor(2.5):.2f}" == "2.50"
    assert f"{Tensor([1.0, 2.0])}" == "[1. 2.]"


@pytest.mark.parametrize("data", [1, True, [1, 2], np.arange(3), np.array([True]), np.int64(3)])
def test_integers_and_booleans_cannot_require_a_gradient(data):
    with pytest.raises(TypeError, match="cannot require a gradient"):
        Tensor(data, requires_grad=True)
    t = Tensor(data)
    with pytest.raises(TypeError, match="cannot require a gradient"):
        t.requires_grad = True
    assert not t.requires_grad


def test_requires_grad_can_be_set_on_a_leaf_only():
    t = Tensor([1.0])
    assert t.requires_grad_() is t
    assert t.requires_grad
    t.requires_grad = False
    assert not (t * 2).requires_grad
    t.requires_grad = True
    y = t * 2
    with pytest.raises(ValueError, match=r"only a leaf can change requires_grad"):
        y.requires_grad = False


def test_is_leaf_detach_and_constants():
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    y = x * 2
    assert x.is_leaf
    assert not y.is_leaf
    assert (Tensor(1.0) * 2).is_leaf  # nothing was recorded
    cut = y.detach()
    assert cut.is_leaf
    assert not cut.requires_grad
    assert cut.data is y.data
    assert x.detach().name == "x"
    (y * cut).sum().backward()
    assert x.grad.tolist() == [4.0, 8.0]  # d(2x c)/dx with c = 2x held constant


def test_printing_shows_numbers_dtype_and_name():
    assert repr(Tensor([1.0, 2.0])) == "Tensor([1., 2.])"
    x = Tensor(np.ones(1, np.float32), requires_grad=True, name="w")
    assert repr(x) == "Tensor([1.], dtype=float32, requires_grad=True, name='w')"
    assert repr(Tensor([1.0], requires_grad=True) * 2) == "Tensor([2.], requires_grad=True)"
    assert str(Tensor([1.0])) == "[1.]"
    assert repr(Primitive(np.exp, "exp")) == "<primitive exp>"


def test_tensors_are_hashed_by_identity():
    a, b = Tensor(1.0), Tensor(1.0)
    assert len({a, b, a}) == 2


def test_deepcopy_is_a_leaf_of_its_own():
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    (x * x).sum().backward()
    pair = copy.deepcopy([x, x])
    assert pair[0] is pair[1]
    twin = pair[0]
    assert (twin.name, twin.requires_grad, twin.is_leaf) == ("x", True, True)
    twin.data[0] = 9.0
    twin.grad[0] = 9.0
    assert x.data.tolist() == [1.0, 2.0]
    assert x.grad.tolist() == [2.0, 4.0]


def test_deepcopy_of_a_tensor_in_a_live_graph_can_be_written():
    x = Tensor([1.0], requires_grad=True)
    y = x * 2
    twin = copy.deepcopy(x)
    twin.data[0] = 5.0
    assert y.data.tolist() == [2.0]


@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_pickle_keeps_data_name_and_requires_grad(dtype):
    x = Tensor(np.arange(3).astype(dtype), requires_grad=True, name="x")
    y = x * 2
    for t in (x, y):
        twin = pickle.loads(pickle.dumps(t))
        assert twin.data.tolist() == t.data.tolist()
        assert (twin.dtype, twin.name, twin.requires_grad) == (t.dtype, t.name, True)
        assert twin.is_leaf
        twin.data[0] = 5


# what is recorded


def test_a_recorded_operation_keeps_the_arguments_as_written():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = 3.0 - x
    assert y.primitive is anp.subtract
    assert y.args == (3.0, x)
    z = anp.sum(x, axis=0, keepdims=True)
    assert z.kwargs == {"axis": 0, "keepdims": True} or z.args[1:] == (0,)
    assert z.data.tolist() == [3.0]


def test_constants_record_nothing():
    y = Tensor([1.0]) * 2
    assert y.record is None
    assert not y.requires_grad


@pytest.mark.parametrize(
    "op", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv]
)
@pytest.mark.parametrize("other", [2.0, np.float64(2.0), np.array([2.0, 3.0]), np.array(2.0)])
def test_operators_and_their_reflections_record_and_equal_numpy(op, other):
    a = np.array([1.5, 2.5])
    x = Tensor(a, requires_grad=True)
    for y, expected in ((op(x, other), op(a, other)), (op(other, x), op(other, a)), (op(x, x), op(a, a))):
        assert isinstance(y, Tensor)
        assert y.requires_grad
        assert y.data.tolist() == expected.tolist()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble, np.complex64])
@pytest.mark.parametrize("number", [2, 2.0, True])
def test_python_numbers_never_widen(dtype, number):
    x = Tensor(np.array([1.5, 2.5], dtype), requires_grad=True)
    y = number * x + number - x / number
    y = y * y
    assert y.dtype == dtype
    y.backward(np.ones(2, dtype))
    assert x.grad.dtype == dtype


@pytest.mark.parametrize("recording", [True, False])
def test_a_complex_number_does_not_widen_single_precision(recording):
    with set_mode(recording=recording):
        x = Tensor(np.ones(2, np.float32), requires_grad=True)
        assert (1j * x).dtype == (x * 1j).dtype == np.complex64


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "pow", "matmul"])
def test_a_reflected_operator_between_two_tensors_records_both(name):
    """A subclass with an operator of its own calls it so."""
    plain, reflected = getattr(operator, name), getattr(Tensor, f"__r{name}__")
    found = []
    for operate in (plain, lambda a, b: reflected(b, a)):
        x, y = (Tensor(v, requires_grad=True) for v in ([1.5, 2.0], [3.0, 0.5]))
        operate(x, y).sum().backward()
        found.append((x.grad.tolist(), y.grad.tolist()))
    assert found[0] == found[1]


def test_numpy_functions_called_on_tensors_record():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = np.exp(x) + np.array([1.0, 1.0]) * x
    assert isinstance(y, Tensor)
    np.sum(y).backward()
    assert x.grad == pytest.approx(np.exp([1.0, 2.0]) + 1, rel=1e-15)


def test_comparisons_are_constants_but_can_be_read():
    x = Tensor([1.0, 2.0], requires_grad=True)
    m = x > 1.5
    assert not m.requires_grad
    assert m.data.tolist() == [False, True]
    assert m.is_leaf
    assert bool((x == x).all())
    assert (x != x).data.tolist() == [False, False]


def test_serial_numbers_give_recorded_order():
    x = Tensor(1.0, requires_grad=True)
    y = x * 2
    z = y + x
    assert x.serial < y.serial < z.serial


def test_leaf_makes_tracked_integers_for_captured_programs():
    assert leaf(np.arange(3), RECORDED, "i").track == RECORDED
    assert leaf(1.0).track == DIFFERENTIABLE
    assert (leaf(1.0).data, leaf(1.0, name="a").name) == (1.0, "a")


@pytest.mark.parametrize(
    "use",
    [
        lambda x, v: x * v,
        lambda x, v: v * x,
        lambda x, v: x**v,
        lambda x, v: x @ v,
        lambda x, v: np.multiply(x, v),
        lambda x, v: np.dot(v, x),
        lambda x, v: np.linalg.solve([[1.0, 2.0], v], x),
        lambda x, v: x * (v, v),
    ],
)
def test_a_list_that_changes_after_an_operation_does_not_change_its_gradient(use):
    found = []
    for change in (False, True):
        x, values = Tensor([1.5, 2.5], requires_grad=True), [2.0, 3.0]
        y = use(x, values)
        if change:
            values[0] = 100.0
        (y * y).sum().backward()
        found.append(x.grad.tolist())
    assert found[0] == found[1]


def test_a_list_is_an_array_to_every_operator():
    x = Tensor([1.0, 2.0], requires_grad=True)
    assert (x * [x[1], x[0]]).data.tolist() == [2.0, 2.0]
    assert ([x[1], x[0]] @ x).item() == 4.0
    assert (Tensor(np.int64(3)) * [1, 2]).data.tolist() == [3, 6]


def test_data_are_set_to_arrays_of_numbers_that_have_a_gradient():
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    x.data = x * 2  # the numbers, as in PyTorch
    assert type(x.data) is np.ndarray
    x.data = [5.0, 6.0]
    assert x.data.tolist() == [5.0, 6.0]
    for wrong in ([1, 2], np.array([1, 2]), 3, "a", None):
        with pytest.raises(TypeError):
            x.data = wrong
    assert x.data.tolist() == [5.0, 6.0]


def test_a_new_tensor_of_a_recorded_one_is_refused_where_its_gradient_would_be_lost():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    with pytest.raises(ConversionError, match=r"^y\(2,\) is a Tensor already"):
        Tensor(y)
    assert Tensor(y, requires_grad=True).is_leaf
    assert Tensor(y.detach()).data.tolist() == [2.0, 4.0]


@pytest.mark.parametrize("other", [None, "a", object()])
def test_a_number_equals_nothing_that_is_no_number(other):
    x = Tensor(2.0)
    assert (x == other).dtype == (x != other).dtype == bool
    assert (x == other).item() is False
    assert x != other


def test_membership_is_that_of_arrays():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert 3.0 in x
    assert 5.0 not in x


# modes


def test_a_mode_may_be_entered_again_and_within_itself():
    x = Tensor(2.0, requires_grad=True)
    still = no_grad()
    with still:
        with still:
            assert not (x * 2).requires_grad
        assert not (x * 2).requires_grad
    with still:
        assert not (x * 2).requires_grad
    assert mode.recording is True


def test_a_mode_decorates_no_generator_whose_body_runs_later():
    def steps():
        yield 1

    async def later():
        pass

    for function in (steps, later, 3):
        with pytest.raises(TypeError, match="write `with` inside it"):
            no_grad()(function)


def test_enable_grad_leaves_an_observer_of_the_time_of_the_call():
    @enable_grad()
    def log(x):
        return anp.log(x)

    with debug_nans(), pytest.raises(NonFiniteError):
        log(Tensor([-1.0], requires_grad=True))


def test_no_grad_as_context_and_as_decorator():
    x = Tensor(2.0, requires_grad=True)

    @no_grad()
    def twice(v):
        return v * 2

    with no_grad():
        y = x * x
        assert not twice(x).requires_grad
    assert (y.item(), y.track, y.record) == (4.0, CONSTANT, None)
    assert not twice(x).requires_grad
    assert (x * 2).requires_grad


def test_modes_nest_and_are_left_after_an_exception():
    x = Tensor(2.0, requires_grad=True)
    seen = []
    with no_grad():
        with enable_grad():
            seen.append((x * 2).requires_grad)
            with no_grad():
                seen.append((x * 2).requires_grad)
            seen.append((x * 2).requires_grad)
        seen.append((x * 2).requires_grad)
        with pytest.raises(ZeroDivisionError), enable_grad():
            raise ZeroDivisionError
        seen.append((x * 2).requires_grad)
    assert seen == [True, False, True, False, False]
    assert mode.recording is True


def test_enable_grad_as_decorator():
    @enable_grad()
    def square(x):
        return x * x

    with no_grad():
        assert square(Tensor(1.0, requires_grad=True)).requires_grad


def test_transforms_differentiate_within_no_grad():
    with no_grad():
        assert grad(lambda x: x * x)(3.0) == 6.0
        assert grad(grad(lambda x: x * x * x))(3.0) == 18.0
    assert mode.recording is True


def test_no_grad_is_of_one_thread():
    seen = []
    x = Tensor(1.0, requires_grad=True)
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append((x * 2).requires_grad))
        thread.start()
        thread.join()
        seen.append((x * 2).requires_grad)
    assert seen == [True, False]


def test_a_generator_left_half_way_leaves_the_mode_when_it_is_dropped():
    x = Tensor(1.0, requires_grad=True)

    def steps():
        with no_grad():
            yield x * 2
            yield x * 3

    walk = steps()
    assert not next(walk).requires_grad
    del walk
    assert mode.recording is True
    assert (x * 2).requires_grad


def test_an_observer_sees_every_operation_and_every_rule():
    class Log(Observer):
        def __init__(self):
            self.ran, self.saw, self.fires = [], [], []

        def run(self, primitive, fun, values, kwargs):
            self.ran.append(primitive.name)
            return fun(*values, **kwargs)

        def seen(self, result, primitive, args):
            self.saw.append((primitive.name, float(result.data)))

        def fired(self, node, argument, g, cotangent):
            self.fires.append((node.primitive.name, argument, float(g), float(cotangent)))

    x = Tensor(3.0, requires_grad=True)
    log = Log()
    with set_mode(recording=log):
        y = x * x + 1.0
        y.backward()
    assert log.ran == ["multiply", "add"]
    assert log.saw == [("multiply", 9.0), ("add", 10.0)]
    assert log.fires == [("add", 0, 1.0, 1.0), ("multiply", 0, 1.0, 3.0), ("multiply", 1, 1.0, 3.0)]
    assert x.grad == 6.0


# primitives


def test_a_primitive_on_plain_arrays_is_its_function():
    twice = Primitive(lambda x: 2 * x, "twice", [lambda g, out, x: 2 * g])
    assert twice(3.0) == 6.0
    y = twice(Tensor(3.0, requires_grad=True))
    assert y.requires_grad
    assert y.primitive is twice


def test_every_argument_position_may_be_the_tracked_one():
    three = Primitive(
        lambda a, b, c: a * b + c,
        "three",
        [lambda g, out, a, b, c: g * b, lambda g, out, a, b, c: g * a, lambda g, out, a, b, c: g],
    )
    for tracked in range(3):
        args = [Tensor(v, requires_grad=i == tracked) for i, v in enumerate((2.0, 3.0, 4.0))]
        three(*args).backward()
        assert [a.grad for a in args] == [(3.0, 2.0, 1.0)[i] if i == tracked else None for i in range(3)]


def test_empty_arrays_single_numbers_and_one_row():
    for shape in [(0,), (0, 3), (), (1, 3)]:
        x = Tensor(np.full(shape, 2.0), requires_grad=True)
        y = anp.sum(x * x, axis=None)
        assert y.shape == ()
        y.backward()
        assert np.shape(x.grad) == shape
        assert np.all(x.grad == 4.0)


def test_a_number_that_is_no_index_is_named():
    with pytest.raises(TypeError, match=r"'numpy\.float64' object cannot be interpreted as an integer"):
        range(Tensor(2.0))


def test_a_mask_is_copied_and_detached():
    t = Tensor([1.0, 3.0], requires_grad=True)
    assert copy.copy(t > 2).data.tolist() == [False, True]
    step = compile(lambda x: x * (x > 2).detach())
    assert step(np.array([1.0, 3.0])).tolist() == [0.0, 3.0]


def test_a_mask_is_refused_in_a_product_of_matrices():
    with pytest.raises(ConversionError, match="mask"):
        Tensor([1.0, 2.0], requires_grad=True) @ np.ma.array([1.0, 2.0])
