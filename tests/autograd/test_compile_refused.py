"""What a recording would freeze is refused, and the message says where and what to write instead."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, grad
from autograd.errors import CaptureError
from autograd.extend import defvjp, primitive


def test_branching_on_a_value_names_the_line():
    def fun(x):
        if x.sum() > 0:
            return x
        return -x

    with pytest.raises(CaptureError, match=r"a truth value .* at .*test_compile_refused\.py:\d+; write it with where"):
        autograd.compile(fun)(np.ones(2))


def test_random_numbers_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(CaptureError, match=r"c1 of shape \(3,\) is not the same in two runs.*Random numbers"):
        autograd.compile(lambda x: x * rng.normal(size=3))(np.ones(3))
    with pytest.raises(CaptureError, match="not the same in two runs"):
        autograd.compile(lambda x: x * float(rng.random()))(np.ones(3))
    with pytest.raises(CaptureError, match=r"a result of shape \(3,\) is not the same in two runs.*Random numbers"):
        autograd.compile(lambda x: (x, {"noise": rng.normal(size=3)}))(np.ones(3))


def test_values_taken_out_of_a_tensor_are_refused():
    with pytest.raises(
        CaptureError, match=r"the captured function needs \.data of x\(2,\).* at .*test_compile_refused\.py"
    ):
        autograd.compile(lambda x: x * x.data.max())(np.array([1.0, 2.0]))


def test_taking_another_way_is_refused():
    calls = []

    def fun(x):
        calls.append(1)
        return x * 2 if len(calls) % 2 else x + x + x

    with pytest.raises(CaptureError, match=r"two different ways|operations in two runs"):
        autograd.compile(fun)(np.ones(2))


def test_a_users_primitive_of_nests_is_refused_by_name():
    @primitive
    def affine(p, x):
        return x * p["w"] + p["b"]

    defvjp(
        affine, lambda out, p, x: lambda g: {"w": (g * x).sum(), "b": g.sum()}, lambda out, p, x: lambda g: g * p["w"]
    )
    step = autograd.compile(grad(lambda p, x: anp.sum(affine(p, x) ** 2)))
    with pytest.raises(
        CaptureError, match=r"calls affine, .* takes or returns nests, .*: let it take and return arrays"
    ):
        step({"w": 2.0, "b": 1.0}, np.ones(3))


def test_other_nests_of_results_are_refused():
    found = []

    def fun(x):
        found.append(3.0)
        return x, found

    with pytest.raises(CaptureError, match="of other sizes in its second run"):
        autograd.compile(fun)(np.ones(2))


def test_no_source_before_the_first_call():
    with pytest.raises(CaptureError, match="call it once"):
        _ = autograd.compile(lambda x: x).source


def test_an_error_in_the_function_is_the_functions_own():
    step = autograd.compile(lambda x, y: x @ y)
    with pytest.raises(ValueError, match=r"matmul\(.*\(2, 3\).*\(2, 3\)"):
        step(np.ones((2, 3)), np.ones((2, 3)))
    assert step.cache_info().currsize == 0


def test_a_gradient_left_by_backward_is_refused_and_taken_back():
    w = Tensor(np.ones(2), requires_grad=True, name="w")

    def fun(x):
        loss = anp.sum(w * x)
        loss.backward()
        return loss

    with pytest.raises(
        CaptureError, match=r"leaves a gradient on w of shape \(2,\) by backward\(\).*return the gradients"
    ):
        autograd.compile(fun)(np.ones(2))
    assert w.grad is None


def test_numbers_computed_from_zeros_are_refused_too():
    with pytest.raises(CaptureError, match="not the same in two runs"):
        autograd.compile(lambda x: x + float(str(x.max())))(np.zeros(3))


@pytest.mark.parametrize(
    "fun",
    [lambda x: (v for v in x), lambda x: iter([x]), lambda x: lambda: x],
    ids=["generator", "iterator", "function"],
)
def test_results_that_would_carry_recorded_values_out_are_refused(fun):
    with pytest.raises(TypeError, match="compiled functions return arrays, numbers and nests of them"):
        autograd.compile(fun)(np.ones(2))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: autograd.compile(3), TypeError, "takes a function, not int: 3"),
        (lambda: autograd.compile(abs, cache_size=0), ValueError, "cache_size is 0; at least one"),
        (lambda: autograd.compile(abs, donate=-1), ValueError, r"donate is \(-1,\); .* counted from 0"),
        (
            lambda: autograd.compile(lambda x: x, donate=2)(1.0),
            ValueError,
            "donate names argument 2, and only 1 were given",
        ),
    ],
)
def test_options_that_make_no_sense_are_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_after_an_error_in_the_function_nothing_is_left():
    import sys

    from autograd.graph import mode

    def fun(x, fail):
        if fail:
            raise KeyError("of the user's")
        return x * 2

    step = autograd.compile(fun)
    with pytest.raises(KeyError):
        step(np.ones(2), True)
    assert (mode.capturing, mode.recording, mode.guarding, sys.getprofile()) == (False, True, True, None)
    np.testing.assert_array_equal(step(np.ones(2), False), [2, 2])


@pytest.mark.parametrize(
    ("fun", "what"),
    [
        (lambda x, k: anp.sum(x, axis=k), "axis of sum"),
        (lambda x, k: x.sum(k), "axis of sum"),
        (lambda x, k: anp.softmax(x, axis=k), "axis of softmax"),
        (lambda x, k: anp.expand_dims(x, k), "axis of expand_dims"),
        (lambda x, k: anp.swapaxes(x, 0, k), "axis2 of swapaxes"),
        (lambda x, k: anp.mean(x, axis=k), "axis of mean"),
        (lambda x, k: anp.reshape(x, k + 5), "shape of reshape"),
    ],
)
@pytest.mark.parametrize("kind", [np.array, np.int64])
def test_an_axis_or_a_shape_that_is_an_array_is_refused(fun, what, kind):
    told = rf"the values \({what}\) of .* at .*test_compile_refused\.py:\d+; .*a plain Python argument"
    with pytest.raises(CaptureError, match=told):
        autograd.compile(fun)(np.ones((2, 3)), kind(1))
