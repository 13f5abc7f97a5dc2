"""The checker itself: it catches rules that are slightly wrong, and does not cry wolf."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, check_grads
from autograd.check import numerical_directional
from autograd.errors import CheckError
from autograd.graph import Primitive

SEEDS = range(10)


def plain(x):
    return x.data if isinstance(x, Tensor) else x


def sine(slope, scale=1.0):
    return Primitive(lambda x: scale * np.sin(x), "sine", [lambda g, out, x: g * scale * slope(x)])


@pytest.fixture(params=SEEDS)
def x(request):
    return np.random.default_rng(request.param).standard_normal((3, 4))


@pytest.mark.parametrize("modes", [["rev"], ["fwd"], ["rev", "fwd"]])
def test_a_slope_half_a_per_mille_off_is_caught(x, modes):
    with pytest.raises(CheckError, match=f"^.{'VJP' if 'rev' in modes else 'JVP'}. check of sine failed"):
        check_grads(sine(lambda x: anp.cos(x) * 1.0005), modes, order=1)(x)
    check_grads(sine(anp.cos), modes, order=2)(x)


def test_half_a_per_mille_is_caught_at_a_scale_of_1e_minus_8(x):
    with pytest.raises(CheckError):
        check_grads(sine(lambda x: anp.cos(x) * 1.0005, 1e-8), order=1)(x)
    check_grads(sine(anp.cos, 1e-8))(x)


def test_one_wrong_entry_among_a_thousand_is_caught():
    weights = np.ones(1000)
    weights[3] = 1.0005
    values = np.random.default_rng(0).standard_normal(1000)
    values[3] = 0.1
    with pytest.raises(CheckError):
        check_grads(sine(lambda x: anp.cos(x) * weights), order=1)(values)


def test_an_entry_whose_slope_is_nan_is_found():
    weights = np.ones((5, 7))
    weights[3, 2] = np.nan
    with pytest.raises(CheckError, match=r"; furthest off is entry \(3, 2\) of array 0: nan and "):
        check_grads(sine(lambda x: anp.cos(x) * weights), ["rev"], order=1)(np.full((5, 7), 0.3))


@pytest.mark.parametrize("modes", [["rev"], ["fwd"]])
def test_the_wrong_entry_is_found(modes):
    weights = np.ones((5, 7))
    weights[3, 2] = 2.0
    wrong = sine(lambda x: anp.cos(x) * weights)
    with pytest.raises(CheckError, match=r"; furthest off is entry \(3, 2\) of array 1: ") as caught:
        check_grads(lambda a, x: anp.sum(a * wrong(x)), modes, order=1)(np.ones(3)[:1], np.full((5, 7), 0.3))
    got, expected = map(float, str(caught.value).rpartition(": ")[2].split(" and "))
    assert got == pytest.approx(2 * expected, rel=1e-4)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_point_outside_of_the_domain_is_told():
    with pytest.raises(CheckError, match=r"; the function is not finite around there: take a point in its domain$"):
        check_grads(anp.log, order=1)(-np.ones(2))


def test_a_rule_wrong_only_at_second_order_is_caught(x):
    frozen = sine(lambda x: np.cos(plain(x)))  # right numbers, but a constant to the second walk
    check_grads(frozen, order=1)(x)
    with pytest.raises(CheckError, match="check of gradient of sine failed"):
        check_grads(frozen, order=2)(x)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128])
def test_right_rules_pass_and_wrong_ones_do_not_in_every_dtype(x, dtype):
    check_grads(lambda v: anp.sin(v) * v)(x.astype(dtype))
    with pytest.raises(CheckError):
        check_grads(sine(lambda v: anp.cos(v) * 1.05), order=1)(x.astype(dtype))


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1e3, 1e8])
def test_large_and_small_arguments_are_no_alarm(x, scale):
    check_grads(lambda v: v**3)(scale * x)
    check_grads(lambda v: v * 3 - 1)(scale * x)


def test_the_conjugate_is_told_from_the_number():
    z = np.array([1 + 2j, 3 - 1j])
    check_grads(lambda z: anp.real(z * z))(z)
    wrong = Primitive(np.conj, "conj", [lambda g, out, x: g])
    with pytest.raises(CheckError):
        check_grads(wrong, order=1)(z)


def test_many_arguments_and_nests():
    check_grads(lambda a, b: a @ b)(np.ones((2, 3)), np.arange(3.0))
    check_grads(lambda d: {"o": d["x"] * d["y"][0], "p": [d["x"] ** 2]})({"x": np.arange(3.0), "y": (2.0,)})
    check_grads(lambda a, b: a + b)(np.float32(1), np.ones(2, np.float32))


@pytest.mark.parametrize("fun", [lambda x: x[:0], lambda x: anp.sum(x[:0]), lambda x: x[0, 0]])
def test_empty_and_single_results(fun):
    check_grads(fun)(np.ones((2, 3)))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_slope_that_is_not_finite_is_caught(x, bad):
    with pytest.raises(CheckError, match="the engine gives nan"):
        check_grads(sine(lambda v: anp.cos(v) * bad), order=1)(x)


def test_the_message_names_the_function_and_both_numbers():
    def cube(x):
        return sine(lambda v: anp.cos(v) * 2)(x)

    with pytest.raises(CheckError) as caught:
        check_grads(cube, ["rev"], order=1)(0.0)
    words = str(caught.value)
    assert words.startswith("(VJP) check of cube failed: the engine gives ")
    got, expected = (float(part.split()[0]) for part in words.split("gives ")[1:2] + words.split("give ")[1:2])
    assert got == pytest.approx(2 * expected, rel=1e-8)


def test_numerical_directional_against_a_formula():
    x, v = np.array([0.3, 0.7]), np.array([1.0, -2.0])
    got = numerical_directional(np.sin, x, v)
    np.testing.assert_allclose(got, np.cos(x) * v, rtol=1e-11)
    got = numerical_directional(lambda t: [t[0] * t[1], t[0]], [2.0, 3.0], [1.0, 10.0])
    assert got == pytest.approx([23.0, 1.0], rel=1e-11)
    assert numerical_directional(lambda x: x**2, np.longdouble(3), np.longdouble(1)) == pytest.approx(6, rel=1e-14)


def test_the_tolerance_and_the_seed_are_the_users():
    loose = sine(lambda x: anp.cos(x) * 1.0005)
    check_grads(loose, order=1, rtol=1e-2)(np.ones(3))
    with pytest.raises(CheckError):
        check_grads(loose, order=1, seed=5)(np.ones(3))


@pytest.mark.parametrize("options", [{"modes": "rev"}, {"modes": ["reverse"]}, {"modes": []}, {"order": 0}])
def test_a_check_of_nothing_is_refused(options):
    with pytest.raises(ValueError, match=r"^check_grads: "):
        check_grads(anp.sin, **options)
