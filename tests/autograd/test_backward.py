"""The reverse walk: order, accumulation, undoing of broadcasting, hooks, higher orders, and who is blamed."""

import gc
import itertools
import math
import sys
import weakref

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents, grad
from autograd.errors import ConversionError, NoRuleError, NotConnectedError, RuleError
from autograd.graph import Primitive

DTYPES = [np.float32, np.float64]


def parameter(values, dtype=np.float64, **options):
    return Tensor(np.array(values, dtype), requires_grad=True, **options)


# accumulation and order


def test_a_node_used_twice_gets_the_sum():
    x = parameter(3.0)
    y = x * x  # 9
    z = y * y + y  # the derivative is (2y + 1) 2x
    z.backward()
    assert x.grad == 19 * 6


def test_gradients_add_up_over_calls():
    x = parameter([1.0, 2.0])
    for k in range(1, 4):
        (x * x).sum().backward()
        assert x.grad.tolist() == [2.0 * k, 4.0 * k]
    x.grad = None
    (x * 5.0).sum().backward()
    assert x.grad.tolist() == [5.0, 5.0]


def test_a_short_and_a_long_path_are_joined_in_recorded_order():
    # a recursive walk without order would push the short path's cotangent on before the long one arrives
    x = parameter(2.0)
    a = x * 1.0
    b = a * 2.0
    for _ in range(5):
        b = b * 2.0
    c = a + b
    c.backward()
    assert x.grad == 1 + 2**6


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_chain_of_20000_links_needs_no_recursion(dtype):
    limit = sys.getrecursionlimit()
    x = parameter(np.ones(3), dtype)
    links = []
    sys.setrecursionlimit(len_of_stack() + 60)
    gc.disable()
    try:
        y = x
        for k in range(20_000):
            y = y + 1.0
            if k % 1000 == 0:
                links.append(weakref.ref(y))
        y = y.sum()
        y.backward()
        del y
        assert [r() for r in links] == [None] * len(links)
    finally:
        gc.enable()
        sys.setrecursionlimit(limit)
    assert x.grad.dtype == dtype
    assert x.grad.tolist() == [1.0, 1.0, 1.0]


def len_of_stack() -> int:
    frame, n = sys._getframe(), 0
    while frame is not None:
        frame, n = frame.f_back, n + 1
    return n


def test_200_doublings_are_walked_once_each():
    x = parameter(1.0)
    y = x
    for _ in range(200):  # 2**200 paths
        y = y + y
    y.backward()
    assert x.grad == 2.0**200


def test_200_doublings_by_a_recorded_walk():
    x = parameter(1.0)
    y = x
    for _ in range(200):
        y = y * 0.5 + y * 0.5
    (g,) = cotangents(y * y, [x], create_graph=True)
    assert float(g.data) == 2.0
    (h,) = cotangents(g, [x])
    assert float(h) == 2.0


# the seed


def test_a_result_that_is_no_scalar_needs_a_gradient():
    x = parameter([1.0, 2.0])
    y = x * x
    with pytest.raises(ValueError, match=r"y\(2,\) is not a scalar, so it has no gradient of its own"):
        y.backward()
    y.backward([1.0, 10.0])
    assert x.grad.tolist() == [2.0, 40.0]


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_one_entry_of_any_shape_is_a_scalar(shape):
    x = parameter(np.full(shape, 3.0))
    (x * x).backward()
    assert np.shape(x.grad) == shape
    assert float(np.sum(x.grad)) == 6.0


def test_a_seed_of_another_shape_is_an_error():
    x = parameter([1.0, 2.0])
    y = x * x
    with pytest.raises(ValueError, match=r"gradient of shape \(3,\) given for y\(2,\): the shapes must be equal"):
        y.backward(np.ones(3))
    assert x.grad is None


def test_backward_of_a_constant_is_an_error():
    with pytest.raises(NotConnectedError, match="depends on no tensor that requires a gradient"):
        (Tensor(1.0) * 2).backward()


def test_backward_of_a_leaf_gives_one():
    x = parameter(5.0)
    x.backward()
    assert x.grad == 1.0


def test_leaves_not_in_the_graph_keep_none():
    x, z = parameter(1.0), parameter(1.0)
    (x * 2.0).backward()
    assert z.grad is None


# cotangents


def test_cotangents_of_inner_tensors_leaves_and_strangers():
    x, z = parameter(3.0), parameter(1.0)
    y = x * x
    out = y * y
    assert [c if c is None else float(c) for c in cotangents(out, [y, x, z, out, y])] == [18.0, 108.0, None, 1.0, 18.0]
    assert x.grad is None
    assert cotangents(out, []) == []
    assert cotangents(Tensor(1.0), [x]) == [None]


def test_a_later_tensor_has_no_cotangent():
    x = parameter(3.0)
    y = x * x
    z = y * 2.0
    assert cotangents(y, [z]) == [None]


def test_cotangents_do_not_walk_into_what_does_not_matter():
    fired = []

    def rule(g, out, x):
        fired.append(1)
        return g

    probe = Primitive(lambda x: x * 1.0, "probe", [rule])
    x, z = parameter(2.0), parameter(3.0)
    out = probe(x) * z
    assert [float(c) for c in cotangents(out, [z])] == [2.0]
    assert fired == []


def test_cotangents_are_not_aliases():
    x, z = parameter([1.0, 2.0]), parameter([1.0, 2.0])
    y = x + z
    a, b, c = cotangents(y, [x, z, y], gradient=np.ones(2))
    a += 1.0
    assert b.tolist() == [1.0, 1.0]
    assert c.tolist() == [1.0, 1.0]


# undoing of broadcasting


FAMILY = [(), (1,), (3,), (1, 1), (1, 3), (2, 1), (2, 3), (4, 1, 1), (4, 1, 3), (4, 2, 1), (1, 2, 3), (0, 3), (0, 1)]


def reduced(g: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum `g` down to `shape`, entry by entry of the smaller array."""
    out = np.zeros(shape)
    padded = (1,) * (g.ndim - len(shape)) + shape
    for place in np.ndindex(g.shape):
        small = tuple(0 if n == 1 else i for i, n in zip(place, padded, strict=True))
        out[small[g.ndim - len(shape) :]] += g[place]
    return out


@pytest.mark.parametrize(("left", "right"), list(itertools.product(FAMILY, FAMILY)))
def test_broadcasting_is_undone_for_every_pair_of_shapes(left, right, rng):
    try:
        shape = np.broadcast_shapes(left, right)
    except ValueError:
        with pytest.raises(ValueError, match="could not be broadcast"):
            parameter(np.ones(left)) * parameter(np.ones(right))
        return
    a, b = rng.standard_normal(left), rng.standard_normal(right)
    g = rng.standard_normal(shape)
    x, y = parameter(a), parameter(b)
    (x * y).backward(g)
    for got, expected in ((x.grad, reduced(g * b, left)), (y.grad, reduced(g * a, right))):
        assert np.shape(got) == expected.shape
        np.testing.assert_allclose(got, expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("dtype", DTYPES)
def test_broadcasting_against_plain_arrays_and_numbers(dtype):
    x = parameter([1.0, 2.0], dtype)
    (x + np.ones((3, 2), dtype)).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]
    assert x.grad.dtype == dtype
    b = parameter(1.0, dtype)
    (b + np.ones((3, 2), dtype)).sum().backward()
    assert b.grad == 6.0
    assert b.grad.dtype == dtype


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, np.complex128])
@pytest.mark.parametrize("shape", [(200,), (200, 3), (200, 4, 3), (1, 3), (1, 4, 3)])
def test_a_tall_cotangent_is_summed_over_its_rows(shape, dtype):
    x = parameter(np.zeros(shape[1:]), dtype)
    slopes = (np.arange(np.prod(shape)).reshape(shape) % 7).astype(dtype)
    (x * slopes).sum().backward()
    assert np.array_equal(x.grad, slopes.sum(0))  # whole numbers, so that the order of summing does not matter
    assert x.grad.dtype == dtype


def test_a_column_against_a_row_in_a_loss_keeps_both_shapes():
    column, row = parameter(np.ones((3, 1))), parameter(np.zeros(3))
    ((column - row) ** 2).sum().backward()
    assert column.grad.tolist() == [[6.0]] * 3
    assert row.grad.tolist() == [-6.0] * 3


# dtypes


def test_a_gradient_has_the_dtype_of_what_it_belongs_to():
    x, y = parameter([1.0, 2.0], np.float32), parameter([1.0, 2.0], np.float64)
    (x * y).sum().backward()
    assert (x.grad.dtype, y.grad.dtype) == (np.float32, np.float64)


def test_a_real_tensor_times_a_complex_one_has_a_real_gradient():
    x = parameter([1.0, 2.0])
    z = Tensor(np.array([1 + 2j, 3 - 1j]), requires_grad=True)
    out = anp.sum(anp.real(x * z))
    out.backward()
    assert x.grad.dtype == np.float64
    assert x.grad.tolist() == [1.0, 3.0]
    assert z.grad.tolist() == [1.0, 2.0]


def test_casts_to_integers_end_the_graph():
    x = parameter([1.5, 2.5])
    y = x.astype(int)
    assert not y.requires_grad
    (x * y).sum().backward()
    assert x.grad.tolist() == [1.0, 2.0]


# hooks and retained gradients


def test_a_hook_sees_the_complete_cotangent_once():
    seen = []
    x = parameter(3.0)
    y = x * x
    handle = y.register_hook(lambda g: seen.append(float(g)))
    (y * y + y).backward()
    assert seen == [19.0]
    handle.remove()
    y2 = x * x
    handle2 = y2.register_hook(lambda g: seen.append(float(g)))
    handle2.remove()
    handle2.remove()  # twice is harmless
    (y2 * 1.0).backward()
    assert seen == [19.0]


def test_a_hook_may_replace_the_cotangent_and_hooks_run_in_order():
    x = parameter([1.0, 2.0])
    y = x * 3.0
    y.register_hook(lambda g: g * 2.0)
    y.register_hook(lambda g: g + 1.0)
    y.sum().backward()
    assert x.grad.tolist() == [9.0, 9.0]


def test_a_hook_on_a_leaf_changes_what_is_accumulated():
    x = parameter([1.0, 2.0])
    x.register_hook(lambda g: np.clip(g, -1.0, 1.0))
    (x * 5.0).sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_a_hook_that_returns_another_shape_is_blamed():
    x = Tensor([1.0, 2.0], requires_grad=True, name="w")
    x.register_hook(lambda g: np.ones(3))
    with pytest.raises(RuleError, match=r"^a hook of w\(2,\) returned a cotangent of shape \(3,\)$"):
        (x * 5.0).sum().backward()


def test_a_hook_cannot_write_into_a_cotangent_that_others_share():
    x, y = parameter([1.0, 2.0]), parameter([3.0, 4.0])
    left, right = x + 1.0, y + 1.0

    def hook(g):
        g *= 100.0

    handle = left.register_hook(hook)
    out = (left + right).sum()
    with pytest.raises(ValueError, match="read-only"):
        out.backward()
    handle.remove()
    out.backward()
    assert y.grad.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("made", [lambda g: g.astype(np.float64), lambda g: Tensor(g), lambda g: g.tolist()])
def test_what_a_hook_returns_is_brought_to_the_dtype_of_the_tensor(made):
    x = parameter([1.0, 2.0], np.float32)
    x.register_hook(lambda g: made(2 * g))
    (x * 5.0).sum().backward()
    assert type(x.grad) is np.ndarray
    assert (x.grad.tolist(), x.grad.dtype) == ([10.0, 10.0], np.float32)


def test_a_hook_that_returns_a_complex_cotangent_of_a_real_tensor_is_blamed():
    x = parameter([1.0, 2.0], name="w")
    x.register_hook(lambda g: g * 1j)
    with pytest.raises(RuleError, match=r"^a hook of w\(2,\) returned a cotangent of complex128"):
        x.sum().backward()


def test_a_gradient_given_as_a_tensor_is_taken_for_its_numbers():
    x = parameter([1.0, 2.0])
    (x * x).backward(gradient=parameter([1.0, 10.0]) * 1.0)
    assert type(x.grad) is np.ndarray
    assert x.grad.tolist() == [2.0, 40.0]
    (g,) = cotangents(x * x, [x], gradient=parameter([1.0, 10.0]), create_graph=True)
    assert g.requires_grad


def test_a_gradient_of_another_dtype_is_brought_to_that_of_the_tensor():
    x = parameter([1.0, 2.0], np.float32)
    x.backward(gradient=np.ones(2))
    assert x.grad.dtype == np.float32
    with pytest.raises(ValueError, match="a complex gradient was given for x"):
        x.backward(gradient=np.ones(2) * 1j)


def test_hooks_run_in_a_recorded_walk_and_are_differentiated():
    x = parameter(2.0)
    y = x * x
    y.register_hook(lambda g: g * 3.0)
    (g,) = cotangents(y * y, [x], create_graph=True)  # 3 (2 y) (2 x)
    (h,) = cotangents(g, [x])
    assert float(g.data) == 3 * 8 * 4
    assert float(h) == 12 * 4 + 3 * (12 * 2) * 4  # 12 y, and by way of y, where the hook triples again, 3 (12 x) (2 x)


def test_a_constant_takes_no_hook_and_retains_no_gradient():
    for act in (lambda t: t.register_hook(print), lambda t: t.retain_grad()):
        with pytest.raises(ValueError, match="does not require a gradient"):
            act(Tensor(1.0, name="c"))


def test_inner_gradients_are_kept_only_on_request():
    x = parameter(3.0)
    y = x * x
    z = y * 2.0
    y.retain_grad()
    z.backward()
    assert (y.grad, z.grad, x.grad) == (2.0, None, 12.0)


def test_a_retained_gradient_adds_up_and_follows_hooks():
    x = parameter(3.0)
    y = x * x
    y.retain_grad()
    y.register_hook(lambda g: g * 10.0)
    z = y * 2.0
    z.backward(retain_graph=True)
    z.backward()
    assert (y.grad, x.grad) == (40.0, 240.0)


# higher orders


def test_create_graph_gives_gradients_that_can_be_differentiated():
    x = parameter([1.0, 2.0])
    (x**3).sum().backward(create_graph=True)
    g, x.grad = x.grad, None
    assert isinstance(g, Tensor)
    assert g.data.tolist() == [3.0, 12.0]
    g.sum().backward()
    assert x.grad.tolist() == [6.0, 12.0]


def test_a_gradient_penalty_against_its_formula(rng):
    # f = w . tanh(x), s = 1 - tanh(x)^2: p = |df/dx|^2 = sum w^2 s^2, dp/dx = -4 w^2 s^2 tanh(x), dp/dw = 2 w s^2
    a, b = rng.standard_normal(5), rng.standard_normal(5)
    x, w = parameter(a), parameter(b)
    (g,) = cotangents((w * anp.tanh(x)).sum(), [x], create_graph=True)
    penalty = (g * g).sum()
    penalty.backward()
    t = np.tanh(a)
    s = 1 - t**2
    np.testing.assert_allclose(penalty.data, (b**2 * s**2).sum(), rtol=1e-14)
    np.testing.assert_allclose(x.grad, -4 * b**2 * s**2 * t, rtol=1e-13)
    np.testing.assert_allclose(w.grad, 2 * b * s**2, rtol=1e-13)


def test_fourth_order():
    d = lambda x: anp.sin(x) * anp.exp(x)  # noqa: E731  (its fourth derivative is -4 times itself)
    for _ in range(4):
        d = grad(d)
    x = 0.7
    assert d(x) == pytest.approx(-4 * np.sin(x) * np.exp(x), rel=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_second_order_of_a_matrix_product(dtype, rng):
    a, b = rng.standard_normal((2, 3)).astype(dtype), rng.standard_normal((3, 4)).astype(dtype)
    x, w = parameter(a, dtype), parameter(b, dtype)
    (g,) = cotangents(((x @ w) ** 2).sum(), [x], create_graph=True)  # 2 x w w'
    u = rng.standard_normal((2, 3)).astype(dtype)
    hx, hw = cotangents((g * u).sum(), [x, w])
    tolerance = 30 * float(np.finfo(dtype).eps)
    np.testing.assert_allclose(hx, 2 * u @ b @ b.T, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(hw, 2 * (u.T @ a @ b + a.T @ u @ b), rtol=tolerance, atol=tolerance)
    assert (hx.dtype, hw.dtype) == (dtype, dtype)


# no NaN from a branch not taken, and no true gradient lost


def test_where_lets_no_nan_out_of_the_branch_not_taken():
    x = parameter([-1.0, 0.0, 4.0])
    with np.errstate(invalid="ignore"):
        anp.where(x > 0, anp.sqrt(x * 2.0), 0.0).sum().backward()
    np.testing.assert_allclose(x.grad, [0.0, 0.0, 0.5 / np.sqrt(8.0) * 2])


def test_a_zero_that_was_computed_is_no_structural_zero():
    x = parameter(0.0)
    (anp.sqrt(x) ** 2).backward()  # 0 * inf: 1 or NaN, never 0
    assert x.grad == 1.0 or np.isnan(x.grad)


def test_a_node_that_is_live_by_another_path_is_not_masked():
    x = parameter([1.0, 4.0])
    root = anp.sqrt(x)
    (anp.where(np.array([True, False]), root, 0.0) + root).sum().backward()
    np.testing.assert_allclose(x.grad, [1.0, 0.25])


def test_a_mask_is_dropped_when_an_older_path_reaches_all_entries():
    x = parameter([0.0, 4.0])
    root = anp.sqrt(x)
    everywhere = root * 1.0
    somewhere = anp.where(np.array([False, True]), root, 0.0)
    (everywhere + somewhere).sum().backward()
    assert x.grad.tolist() == [np.inf, 0.5]


def test_a_saturated_cross_entropy_is_exact():
    for dtype in DTYPES:
        z = parameter([-800.0, 800.0, -800.0, 800.0], dtype)
        y = np.array([1.0, 0.0, 0.0, 1.0], dtype)
        with np.errstate(over="ignore"):
            a = 1 / (1 + anp.exp(-z))
        (-(y * anp.log(a) + (1 - y) * anp.log(1 - a))).sum().backward()
        assert z.grad.tolist() == [-1.0, 1.0, 0.0, 0.0]
        assert z.grad.dtype == dtype


# wrong rules are blamed by name


def wrong(rule):
    return Primitive(lambda x: x * 1.0, "wrong", [rule])


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda g, out, x: np.ones(3), r"returned a cotangent of shape \(3,\) for a value of shape \(2,\)"),
        (lambda g, out, x: np.ones(1), r"returned a cotangent of shape \(1,\) for a value of shape \(2,\)"),
        (lambda g, out, x: np.ones((2, 1)), r"returned a cotangent of shape \(2, 1\) for a value of shape \(2,\)"),
        (lambda g, out, x: np.ones((3, 2)), r"returned a cotangent of shape \(3, 2\) for a value of shape \(2,\)"),
        (lambda g, out, x: x > 0, "returned a cotangent of dtype bool"),
        (lambda g, out, x: np.array([1, 2]), "returned a cotangent of dtype int64"),
        (lambda g, out, x: np.array(["a", "b"]), "returned a cotangent of dtype <U1"),
        (lambda g, out, x: np.array([None, None]), "returned a cotangent of dtype object"),
        (lambda g, out, x: None, "did not return an array"),
        (lambda g, out, x: 3.0, "did not return an array"),
        (lambda g, out, x: [g], "did not return an array"),
    ],
)
@pytest.mark.parametrize("recorded", [False, True])
def test_a_rule_of_wrong_shape_dtype_or_kind_is_blamed(rule, message, recorded):
    x = parameter([1.0, 2.0])
    with pytest.raises(RuleError, match=f"^the rule of wrong for argument 0 {message}"):
        wrong(rule)(x).sum().backward(create_graph=recorded)
    assert x.grad is None


def test_a_missing_rule_is_no_rule():
    lame = Primitive(lambda a, b: a + b, "lame", [lambda g, out, a, b: g])
    with pytest.raises(NoRuleError, match=r"^lame has no derivative rule for argument 1; write"):
        lame(parameter(1.0), parameter(2.0)).backward()


def test_an_error_inside_a_rule_names_the_primitive_and_the_shapes():
    def rule(g, out, x):
        return np.ones((2, 3)) @ np.ones((2, 3))

    with pytest.raises(ValueError, match=r"^wrong\(w\(2,\)\): .*matmul") as caught:
        wrong(rule)(Tensor([1.0, 2.0], requires_grad=True, name="w")).sum().backward()
    assert "while applying the rule of wrong for argument 0" in caught.value.__notes__


def test_an_attribute_that_is_missing_inside_a_rule_is_not_blamed_on_what_it_returns():
    for rule, name in (
        (lambda g, out, x: g * x.slope, "slope"),
        (lambda g, out, x: g * x.shapes, "shapes"),
    ):
        with pytest.raises(AttributeError, match=f"no attribute '{name}'") as caught:
            wrong(rule)(parameter([1.0, 2.0])).sum().backward()
        assert not isinstance(caught.value, RuleError)


def test_a_rule_that_turns_a_tensor_into_a_number_is_named_in_a_recorded_walk():
    with pytest.raises(ConversionError, match=r"math") as caught:
        wrong(lambda g, out, x: g * math.cos(x))(parameter(1.0)).backward(create_graph=True)
    assert caught.value.__notes__ == ["while applying the rule of wrong for argument 0"]


def test_a_gradient_of_other_data_is_not_added_to():
    x = parameter([1.0, 2.0])
    for old, new in ((np.ones(3), [1.0, 2.0]), (np.ones((3, 2)), [1.0, 2.0]), (np.ones(2), [1.0])):
        x.grad, x.data = old, np.array(new)
        with pytest.raises(ValueError, match=r"^the gradient of x.* its \.grad of shape .*; set \.grad to None$"):
            (x * 2).sum().backward()


def test_a_hook_is_a_function():
    with pytest.raises(TypeError, match=r"^a hook is a function of a cotangent, not 3$"):
        parameter(1.0).register_hook(3)


def test_a_rule_of_none_is_a_zero_derivative():
    flat = Primitive(lambda a, b: a * 1.0 + b, "flat", [None, lambda g, out, a, b: g])
    a, b = parameter(1.0), parameter(2.0)
    flat(a, b).backward()
    assert a.grad is None
    assert b.grad == 1.0


STRUCTURAL = {
    "reshaped": lambda x: anp.where(np.array([False, True, True]), anp.sqrt(x).reshape(3, 1)[:, 0], 0.0),
    "broadcast": lambda x: anp.where(np.array([[False, True, True]] * 2), anp.sqrt(x), 0.0),
    "indexed": lambda x: anp.sqrt(x)[1:],
    "picked": lambda x: anp.sqrt(x)[np.array([1, 2, 1])],
    "negated": lambda x: anp.where(np.array([True, False, False]), 0.0, anp.sqrt(x * 1.0)),
    "nested": lambda x: anp.where(x < 5, anp.where(x > 0, anp.sqrt(x) * 2.0, 1.0), 2.0),
    "joined": lambda x: anp.where(x > 0, anp.sqrt(x), 0.0) + anp.where(x > 2, anp.sqrt(x), 0.0),
    "summed after": lambda x: anp.sum(anp.where(x > 0, anp.sqrt(x), 0.0), axis=0, keepdims=True) * 2.0,
    "transposed": lambda x: anp.where((x > 0)[:, None], anp.sqrt(x)[None, :].T, 0.0),
    "concatenated": lambda x: anp.concatenate([anp.sqrt(x), x[:1] * 0.0])[1:],
    "stacked": lambda x: anp.stack([anp.sqrt(x), x * 0.0])[:, 1:],
    "averaged": lambda x: anp.mean(anp.sqrt(x)[:, None] * np.ones(2), axis=1)[1:],
    "summed up": lambda x: anp.cumsum(anp.sqrt(x)[::-1])[:2],
}
SLOPES = {  # in units of 0.5 / sqrt(x) at [1, 4]
    "reshaped": [1, 1], "broadcast": [2, 2], "indexed": [1, 1], "picked": [2, 1], "negated": [1, 1], "nested": [2, 2],
    "joined": [1, 2], "summed after": [2, 2], "transposed": [1, 1],
    "concatenated": [1, 1], "stacked": [1, 1], "averaged": [1, 1], "summed up": [1, 2],
}  # fmt: skip


@pytest.mark.parametrize("name", STRUCTURAL)
@pytest.mark.parametrize("recorded", [False, True])
def test_no_nan_comes_from_entries_that_nothing_reaches(name, recorded):
    x = parameter([0.0, 1.0, 4.0])
    (g,) = cotangents(anp.sum(STRUCTURAL[name](x)), [x], create_graph=recorded)
    first = [0.0, *(np.array(SLOPES[name]) * 0.5 / np.sqrt([1.0, 4.0]))]
    np.testing.assert_allclose(g.data if recorded else g, first, rtol=1e-15)
    if recorded:
        (h,) = cotangents(anp.sum(g), [x])
        np.testing.assert_allclose(
            h, [0.0, *(np.array(SLOPES[name]) * -0.25 * np.array([1.0, 4.0]) ** -1.5)], rtol=1e-15
        )


@pytest.mark.parametrize(
    "use",
    [
        lambda s, mask: anp.sum(anp.where(mask, anp.tanh(s), 0.0)) + anp.sum(s[1:]) * 0.0,
        lambda s, mask: anp.sum(s[1:]) * 0.0 + anp.sum(anp.where(mask, anp.tanh(s), 0.0)),
    ],
)
def test_a_slope_that_is_finite_where_nothing_is_chosen_leaves_no_nan_in_the_next_order(use):
    x = parameter([0.0, 0.25, 1.0])
    (g,) = cotangents(use(x**1.5, np.array([False, True, True])), [x], create_graph=True)
    (h,) = cotangents(anp.sum(g), [x])
    s, r = np.array([0.125, 1.0]), np.sqrt([0.25, 1.0])  # of tanh(x**1.5)
    slope = 1 - np.tanh(s) ** 2
    np.testing.assert_allclose(g.data, [0.0, *(slope * 1.5 * r)], rtol=1e-14)
    np.testing.assert_allclose(h, [0.0, *(-2 * np.tanh(s) * slope * (1.5 * r) ** 2 + slope * 0.75 / r)], rtol=1e-13)


def test_the_second_slope_is_zero_too_where_a_branch_is_not_taken():
    x = parameter([0.0, 0.25, 1.0])
    (g,) = cotangents(anp.sum(anp.where(np.array([False, True, True]), x**1.5, 0.0)), [x], create_graph=True)
    (h,) = cotangents(anp.sum(g), [x])
    np.testing.assert_allclose(h, [0.0, 1.5, 0.75], rtol=1e-15)  # 0.75 / sqrt(x)


@pytest.mark.parametrize("watched", ["hook", "retain"])
def test_a_watched_sigmoid_is_walked_as_written(watched):
    z = parameter([0.3, -0.7])
    a = anp.sigmoid(z)
    seen = []
    if watched == "hook":
        a.register_hook(lambda g: seen.append(g))
    else:
        a.retain_grad()
    anp.log(a).sum().backward()
    got = seen[0] if seen else a.grad
    np.testing.assert_allclose(got, 1 / a.data, rtol=1e-15)
    np.testing.assert_allclose(z.grad, 1 - a.data, rtol=1e-14)
