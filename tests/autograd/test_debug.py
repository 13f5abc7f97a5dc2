"""debug_nans names the operation that made the first NaN, the user's line, and where the trouble was born."""

import inspect
import re

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, compile, debug_nans, errors, grad, make_jvp, no_grad
from autograd.graph import Primitive
from autograd.modes import mode


@pytest.fixture
def w():
    return Tensor(np.array([0.0, 1.0, 2.0]), requires_grad=True, name="w")


LOOK = "; look where that came from, before this line"


def found(act) -> str:
    with pytest.raises(errors.NonFiniteError) as caught, debug_nans():
        act()
    assert mode.recording is True
    return str(caught.value)


def notes(caught) -> list[str]:
    return caught.value.__notes__


def place(act, text) -> str:
    """file:line: code of the line of `act` that holds `text`."""
    lines, first = inspect.getsourcelines(act)
    (k,) = [i for i, line in enumerate(lines) if text in line]
    return f"{__file__}:{first + k}: {lines[k].strip()}"


def test_forward_names_primitive_ranges_count_and_line(w):
    def act():
        y = w * 2.0
        return anp.sqrt(y - 1.0) + y

    assert found(act) == (
        f"forward: sqrt(Tensor(3,) in [-1, 3]) made 1 NaN of 3 entries at {place(act, 'sqrt')}; "
        "try to keep its arguments where it is defined: anp.where, maximum or clip before it"
    )


def test_forward_tells_where_the_first_infinity_was_born(w):
    def act():
        a = anp.log(w)
        b = a * 2.0
        return b - b

    assert found(act) == (
        f"forward: subtract(b(3,) in [-inf, 1.386], b(3,) in [-inf, 1.386]) made 1 NaN of 3 entries at "
        f"{place(act, 'return')}; first born in log(w(3,) in [0, 2]) as 1 infinite of 3 entries at {place(act, 'log')}"
        "; try to keep that finite: clip its arguments, or use softplus, log_softmax or logsumexp"
    )


def test_forward_tells_of_an_input_that_was_bad(w):
    x = Tensor(np.array([1.0, np.inf, 0.0]), requires_grad=True, name="x")
    text = found(lambda: w * 1.0 + (x - x))
    assert text.startswith("forward: subtract(x(3,) in [0, inf], x(3,) in [0, inf]) made 1 NaN of 3 entries at ")
    assert text.endswith("; the input x(3,) already held 1 infinite of 3 entries" + LOOK)


@pytest.mark.parametrize("tensor", [True, False])
def test_a_nan_that_came_with_the_data_is_passed_on_and_not_made(w, tensor):
    x = np.array([np.nan, 3.0, 4.0])
    text = found(lambda: (Tensor(x, requires_grad=True, name="x") if tensor else x) * w)
    assert text.startswith("forward: multiply(x(3,) in [3, 4] and NaN, w(3,) in [0, 2]) passed on 1 NaN of 3 ")
    assert text.endswith(f"; {'the input' if tensor else 'argument 0,'} x(3,) already held 1 NaN of 3 entries" + LOOK)


def test_the_line_of_code_that_has_no_source(w):
    text = found(lambda: exec("y = 1.0\nanp.sqrt(w - 5.0)", {"anp": anp, "w": w}))
    assert "made 3 NaN of 3 entries at <string>:2; try" in text


def test_infinite_cotangents_of_both_signs_are_found_where_they_meet(w):
    def act():
        (anp.sqrt(w) - anp.sqrt(w)).sum().backward()

    assert found(act).startswith(
        "backward: the cotangents of w(3,) add up to 1 NaN of 3 entries, infinities of both signs; the last came from "
        f"the rule of sqrt(w(3,) in [0, 2]); the operation was recorded at {place(act, 'sqrt')}"
    )


def test_infinite_cotangents_of_one_sign_and_of_other_walks_are_let_pass(w):
    with debug_nans():
        (anp.sqrt(w) + anp.sqrt(w)).sum().backward()
        (-anp.sqrt(w)).sum().backward()
    assert w.grad[0] != w.grad[0]  # of both walks together, which .grad adds up


def test_backward_names_rule_argument_cotangent_and_the_line_that_recorded(w):
    def act():
        y = anp.sqrt(w) * 0.0
        y.sum().backward()

    assert found(act) == (
        "backward: the rule of sqrt(w(3,) in [0, 2]) for argument 0 made 1 NaN of 3 entries out of a cotangent of "
        f"Tensor(3,) in [0, 0]; the operation was recorded at {place(act, 'sqrt')}; if its slope is infinite there, "
        "try to keep its argument away: anp.where or maximum before it"
    )


def test_backward_tells_whose_slope_was_infinite(w):
    def act():
        distance = anp.sqrt(anp.sum((w - w) ** 2))
        (distance * 2.0).backward()

    line = place(act, "sqrt")
    assert found(act) == (
        "backward: the rule of power(Tensor(3,) in [0, 0], 2) for argument 0 made 3 NaN of 3 entries out of a "
        f"cotangent of Tensor(3,) in [inf, inf]; the operation was recorded at {line}; that infinity came from "
        f"the rule of sqrt(Tensor() in [0, 0]) at {line}; if its slope is infinite there, try to keep its argument "
        "away: anp.where or maximum before it"
    )


def test_a_cotangent_that_was_given_is_passed_on_and_not_made(w):
    def hooked():
        y = w * 2.0
        y.register_hook(lambda g: g * np.nan)
        (y * 3.0).sum().backward()

    for act in (hooked, lambda: (w * 2.0).backward(np.array([1.0, np.nan, 1.0]))):
        text = found(act)
        assert text.startswith("backward: the rule of multiply(w(3,) in [0, 2], 2.0) for argument 0 passed on ")
        assert text.endswith("; look at the gradient that the walk was given, and at what hooks return")


def test_forward_mode_names_the_operation_and_not_the_zeros_it_is_transposed_with(w):
    def act():
        push = make_jvp(lambda x: anp.sqrt(x) * 0.0)(w.data)
        push(np.ones(3))

    assert found(act) == (
        "forward mode: multiply(Tensor(3,) in [0, 1.414], 0.0) made 1 NaN of 3 entries along argument 0, out of a "
        f"tangent in [0.3536, inf]; the operation was recorded at {place(act, 'sqrt')}; if its slope is infinite "
        "there, try to keep its argument away: anp.where or maximum before it"
    )
    given = found(lambda: make_jvp(anp.exp)(np.ones(2))(np.array([1.0, np.nan])))
    assert given.startswith(
        "forward mode: exp(Tensor(2,) in [1, 1]) passed on 1 NaN of 2 entries along argument 0, out of "
    )
    with debug_nans():  # an infinite slope is no NaN
        _, tangent = make_jvp(anp.sqrt)(w.data)(np.ones(3))
    np.testing.assert_array_equal(tangent, [np.inf, 0.5, 0.5 / np.sqrt(2)])


def test_several_results_are_looked_into():
    equal = Tensor(np.eye(2), requires_grad=True, name="equal")
    text = found(lambda: anp.sum(anp.linalg.eigh(equal)[1]).backward())
    assert text.startswith("backward: the rule of linalg.eigh(equal(2, 2) in [0, 1]) for argument 0 made 4 NaN of 4 ")
    assert " out of a cotangent of its results in [1, 1]; the operation was recorded at " in text
    bad = Tensor(np.full((2, 2), np.nan), requires_grad=True, name="bad")
    assert "linalg.slogdet(bad(2, 2) in [NaN]) passed on" in found(lambda: anp.linalg.slogdet(bad))


def test_small_numbers_are_told_where_they_end():
    half = Tensor(np.full(2, 300, np.float16), requires_grad=True, name="half")
    assert found(lambda: half * half - half * half).endswith("logsumexp; float16 ends at 65504: try float32")


def test_infinities_that_were_seen_keep_no_graph_alive(w):
    array = w.data
    with debug_nans():
        anp.sum(anp.sqrt(w * 1.0)).backward(retain_graph=True)
        array[0] = 1.0  # read-only as long as there is a graph that needs it


def test_a_wrong_rule_of_the_users_is_found(w):
    bad = Primitive(lambda x: x * 1.0, "bad", [lambda g, out, x: g * np.nan])
    assert found(lambda: bad(w).sum().backward()).startswith(
        "backward: the rule of bad(w(3,) in [0, 2]) for argument 0 made"
    )


def test_complex_cotangents_have_no_range():
    z = Tensor(np.array([1 + 1j, 2.0]), requires_grad=True)
    bad = Primitive(lambda x: x * 1.0, "bad", [lambda g, out, x: g * np.nan])
    assert "out of a cotangent of Tensor(2,) in complex numbers; " in found(lambda: bad(z).real.sum().backward())


def test_recorded_walks_and_transforms_are_watched(w):
    assert found(lambda: (anp.sqrt(w) * 0.0).sum().backward(create_graph=True)).startswith("forward: ")
    assert "sqrt" in found(lambda: grad(lambda x: anp.sum(anp.sqrt(x) * 0.0))(np.zeros(2)))


def test_infinities_only_on_request(w):
    with debug_nans():
        anp.log(w)
    with pytest.raises(errors.NonFiniteError) as caught, debug_nans(infinities=True):
        anp.log(w)
    assert str(caught.value).startswith("forward: log(w(3,) in [0, 2]) made 1 infinite of 3 entries at ")


def test_sound_numbers_and_integers_pass(w):
    with debug_nans(infinities=True):
        y = anp.sum(anp.exp(w) * np.arange(3))
        anp.argmax(w)
        y.backward()
    np.testing.assert_allclose(w.grad, np.exp([0.0, 1.0, 2.0]) * [0, 1, 2])


def test_values_are_the_same_under_watch(w):
    def value():
        return anp.sum(anp.tanh(w) ** 2 / (1 + w)).data

    plain = value()
    with debug_nans():
        assert value() == plain


def test_empty_arrays_pass():
    with debug_nans(infinities=True):
        x = Tensor(np.zeros((0, 2)), requires_grad=True)
        (x * 2.0).sum().backward()
    assert x.grad.shape == (0, 2)


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
def test_other_dtypes_are_watched(dtype):
    x = Tensor(np.zeros(2, dtype), requires_grad=True, name="x")
    with np.errstate(invalid="ignore"):
        assert re.match(r"forward: divide\(x\(2,\).*made 2 NaN of 2 entries", found(lambda: x / x))


def test_nothing_is_watched_within_no_grad(w):
    with no_grad(), debug_nans():
        assert np.isnan(anp.sqrt(w - 1.0).data[0])


def test_the_mode_nests_and_is_left():
    with debug_nans():
        outer = mode.recording
        with debug_nans():
            assert mode.recording is not outer
        assert mode.recording is outer
    assert mode.recording is True


def test_off_it_changes_nothing(w):
    with np.errstate(invalid="ignore"):
        y = anp.sqrt(w - 1.0)
    assert y.notes is None
    assert np.isnan(y.data[0])


def test_a_compiled_function_is_watched_too(w):
    logarithm = compile(lambda x: anp.log(x))
    plain = logarithm(np.array([1.0, 2.0]))
    with debug_nans():
        watched = logarithm(np.array([1.0, 2.0]))
        with pytest.raises(errors.NonFiniteError, match="log"):
            logarithm(np.array([-1.0, 2.0]))
    assert type(watched) is np.ndarray
    np.testing.assert_array_equal(watched, plain)
    assert np.isnan(logarithm(np.array([-1.0, 2.0]))[0])


def test_a_rule_within_a_rule_names_both():
    def act(x):
        return anp.sqrt(x) * x

    with debug_nans(), pytest.raises(errors.NonFiniteError) as caught:
        grad(grad(act))(0.0)
    line = place(act, "sqrt")
    assert any(re.search(f"^while applying the rule of .*, recorded at {re.escape(line)}$", n) for n in notes(caught))
