"""Arrays that a live graph needs cannot be changed; and nothing stays locked or alive longer than the graph."""

import contextlib
import gc
import tracemalloc
import weakref

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, cotangents, extend, grad, guard, guard_arrays, no_grad
from autograd.errors import GraphError
from autograd.graph import Primitive

READ_ONLY = "read-only"


def parameter(values, **options):
    return Tensor(np.array(values, float), requires_grad=True, **options)


# locked while the graph lives


def test_inputs_and_results_are_read_only_while_the_graph_lives():
    x, c = parameter([1.0, 2.0]), np.array([3.0, 4.0])
    y = x * c
    for array in (x.data, c, y.data):
        with pytest.raises(ValueError, match=READ_ONLY):
            array[0] = 9.0
    with pytest.raises(ValueError, match=READ_ONLY):
        c += 1.0
    assert c.tolist() == [3.0, 4.0]


@pytest.mark.parametrize(
    "use",
    [
        lambda x, c: anp.exp(x) + c,
        lambda x, c: c @ x,
        lambda x, c: 1.0 * x * c,
        lambda x, c: anp.concatenate([x, c]),
        lambda x, c: anp.where(c > 0, x, c),
        lambda x, c: anp.einsum("i,i->i", x, c),
        lambda x, c: np.multiply(c, x),
        lambda x, c: x[np.array([0, 1])] ** c,
    ],
)
def test_whatever_the_operation(use):
    x, c = parameter([1.0, 2.0]), np.array([3.0, 4.0])
    y = use(x, c)
    assert not x.data.flags.writeable
    assert not c.flags.writeable
    assert not y.data.flags.writeable or y.shape == ()
    del y
    assert x.data.flags.writeable
    assert c.flags.writeable


def test_indices_are_locked_too():
    x, i = parameter([1.0, 2.0]), np.array([1, 1])
    y = x[i]
    with pytest.raises(ValueError, match=READ_ONLY):
        i[0] = 0
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 2.0]


def test_backward_releases():
    x, c = parameter([1.0, 2.0]), np.array([3.0, 4.0])
    y = (x * c).sum()
    y.backward()
    x.data -= 0.5 * x.grad
    c[0] = 0.0
    assert x.data.tolist() == [-0.5, 0.0]
    assert y.item() == 11.0


def test_dropping_the_result_releases_without_the_collector():
    x, c = parameter([1.0, 2.0]), np.array([3.0, 4.0])
    gc.disable()
    try:
        y = anp.exp(x * c).sum()
        assert not c.flags.writeable
        del y
        assert c.flags.writeable
        assert x.data.flags.writeable
    finally:
        gc.enable()


def test_retain_graph_and_create_graph_keep_the_lock():
    for options in ({"retain_graph": True}, {"create_graph": True}):
        x = parameter([1.0, 2.0])
        y = (x * x * x).sum()
        y.backward(**options)
        assert not x.data.flags.writeable
        x.grad = None
        y.backward()
        assert x.data.flags.writeable
        assert x.grad.tolist() == [3.0, 12.0]


def test_cotangents_and_transforms_release_what_they_locked():
    c = np.array([3.0, 4.0])
    x = np.array([1.0, 2.0])
    grad(lambda v: (v * c).sum())(x)
    assert c.flags.writeable
    assert x.flags.writeable
    t = parameter([1.0, 2.0])
    y = (t * c).sum()
    cotangents(y, [t])
    assert not c.flags.writeable  # asked for, not spent
    del y
    assert c.flags.writeable


def test_gradients_handed_out_can_be_written():
    x, z = parameter([1.0, 2.0]), parameter([1.0, 2.0])
    y = x + z
    seed = np.array([1.0, 1.0])
    y.backward(seed)
    x.grad += 1.0
    seed[0] = 7.0
    assert x.grad.tolist() == [2.0, 2.0]
    assert z.grad.tolist() == [1.0, 1.0]
    reshaped = parameter(np.ones((2, 3)))
    reshaped.T.reshape(6).sum().backward()
    reshaped.grad += 1.0


def test_no_grad_locks_nothing():
    x, c = parameter([1.0]), np.array([3.0])
    with no_grad():
        y = x * c
    y.data[0] = c[0] = x.data[0] = 7.0


def test_an_array_that_was_read_only_stays_so():
    c = np.array([3.0])
    c.setflags(write=False)
    (parameter([1.0]) * c).sum().backward()
    assert not c.flags.writeable


def test_guard_off():
    x, c = parameter([1.0, 2.0]), np.array([3.0, 4.0])
    with guard_arrays(False):
        y = (x * c).sum()
    c[0] = 9.0
    assert x.data.flags.writeable
    y.backward()  # trusts the user, who changed c
    assert x.grad.tolist() == [9.0, 4.0]


def test_an_exception_in_the_middle_releases():
    def broken(x):
        raise ZeroDivisionError

    def rule(g, out, x):
        raise ZeroDivisionError

    broken_forward = Primitive(broken, "broken", [None])
    broken_backward = Primitive(lambda x: x * 1.0, "broken_rule", [rule])
    for step in (lambda t: broken_forward(t), lambda t: broken_backward(t).sum().backward(), lambda t: t @ np.ones(7)):
        x, c = parameter([1.0, 2.0]), np.array([3.0, 4.0])
        with pytest.raises((ZeroDivisionError, ValueError)):
            step(x * c)
        gc.collect()  # the exception's frames held the graph
        assert c.flags.writeable
        assert x.data.flags.writeable
        (x * c).sum().backward()
        assert x.grad.tolist() == [3.0, 4.0]


def test_an_exception_leaves_a_retained_graph_usable():
    fail = [True]

    def rule(g, out, x):
        if fail[0]:
            raise ZeroDivisionError
        return g * 2

    twice = Primitive(lambda x: 2 * x, "twice", [rule])
    x = parameter([1.0, 2.0])
    y = twice(x).sum()
    with pytest.raises(ZeroDivisionError):
        y.backward()
    assert x.grad is None
    fail[0] = False
    y.backward()
    assert x.grad.tolist() == [2.0, 2.0]


# views, bases, sharing


def test_a_view_locks_its_base_and_a_base_its_memory():
    base = np.arange(4.0)
    y = parameter([1.0, 2.0]) * base[1:3]
    with pytest.raises(ValueError, match=READ_ONLY):
        base[1] = 9.0
    y.sum().backward()
    base[1] = 9.0


def test_two_graphs_sharing_an_array_release_it_after_both():
    c = np.array([3.0, 4.0])
    one, two = parameter([1.0, 2.0]) * c, parameter([1.0, 2.0]) * c
    one.sum().backward()
    assert not c.flags.writeable
    two.sum().backward()
    assert c.flags.writeable


@pytest.mark.parametrize("first_released", ["view", "base"])
def test_two_graphs_on_a_view_and_on_its_base(first_released):
    base = np.arange(4.0)
    view = base[:2]
    graphs = {"view": parameter([1.0, 2.0]) * view, "base": parameter(np.ones(4)) * base}
    graphs.pop(first_released)
    assert not base.flags.writeable
    assert not view.flags.writeable
    graphs.clear()
    assert base.flags.writeable
    assert view.flags.writeable


@pytest.mark.parametrize("seed", range(40))
def test_any_order_of_locks_and_releases(seed):
    """An array is read-only while somebody alive keeps it or a view of it, and afterwards as its owner had it."""
    rng = np.random.default_rng(seed)
    gc.collect()
    tables = [guard._alone, guard._keepers, guard._sharers, guard._waiting]
    before = [len(table) for table in tables]
    wholes = [np.ones(4) for _ in range(5)]
    wholes[0].flags.writeable = False  # its owner's wish
    views = [whole[: 1 + i] for whole in wholes for i in range(2)]
    alive = {guard.Guard(): set() for _ in range(int(rng.integers(1, 6)))}

    def check():
        kept = set().union(*alive.values())
        for i, whole in enumerate(wholes):
            assert whole.flags.writeable == (i > 0 and not kept & {id(whole), id(views[2 * i]), id(views[2 * i + 1])})
        for view in views:
            assert not (view.flags.writeable and id(view) in kept)

    for _ in range(30):
        one = list(alive)[rng.integers(len(alive))]
        array = (wholes + views)[rng.integers(15)]
        if rng.random() < 0.15:
            one.release()
            alive[one].clear()
        else:
            one.add(array)
            alive[one].add(id(array))
        check()
    while alive:
        one = list(alive)[rng.integers(len(alive))]
        del alive[one]
        one.spend()
        check()
    assert all(array.flags.writeable for array in wholes[1:] + views[2:])
    assert [len(table) for table in tables] == before


def test_a_tensor_on_a_users_array_locks_that_array():
    data = np.array([1.0, 2.0])
    x = Tensor(data, requires_grad=True)
    y = (x * x).sum()
    with pytest.raises(ValueError, match=READ_ONLY):
        data[0] = 5.0
    y.backward()
    data[0] = 5.0
    assert x.data[0] == 5.0


def test_rebinding_data_between_forward_and_backward_is_right():
    x = parameter([1.0, 2.0])
    y = (x * x).sum()
    x.data = np.array([100.0, 200.0])
    y.backward()
    assert x.grad.tolist() == [2.0, 4.0]  # of the numbers the result was computed from


def test_rebinding_data_before_a_recorded_walk_is_an_error():
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True, name="w")
    y = (x * x).sum()
    x.data = np.array([100.0, 200.0])
    with pytest.raises(GraphError, match=r"the data of w\(2,\) was replaced after multiply was recorded"):
        y.backward(create_graph=True)
    with pytest.raises(GraphError, match="was replaced"):
        cotangents(y, [x], create_graph=True)
    assert x.grad is None


# spent graphs


def test_a_second_backward_is_an_error_and_adds_nothing():
    x = parameter([1.0, 2.0])
    y = (x * x).sum()
    y.backward()
    for again in (lambda: y.backward(), lambda: cotangents(y, [x]), lambda: (y * 2).backward()):
        with pytest.raises(GraphError, match="spent by an earlier backward"):
            again()
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_spent_trunk_spends_its_branches():
    x = parameter([1.0, 2.0])
    trunk = anp.exp(x)
    one, two = trunk.sum(), (trunk * trunk).sum()
    one.backward()
    with pytest.raises(GraphError, match="spent"):
        two.backward()


def test_a_retained_trunk_serves_its_branches():
    x = parameter([1.0, 2.0])
    trunk = x * x
    one, two = trunk.sum(), (trunk * trunk).sum()
    one.backward(retain_graph=True)
    two.backward()
    assert x.grad.tolist() == [2.0 + 4.0, 4.0 + 32.0]


def test_graphs_that_share_only_leaves_are_spent_one_by_one():
    x = parameter([1.0, 2.0])
    one, two = (x * x).sum(), (x * 3.0).sum()
    one.backward()
    two.backward()
    assert x.grad.tolist() == [5.0, 7.0]


@pytest.mark.parametrize(
    "read", [lambda h: h > 1.5, lambda h: anp.argmax(h), lambda h: h.detach(), lambda h: h.data, lambda h: anp.isnan(h)]
)
def test_what_was_only_read_off_a_spent_graph_does_not_spend_the_next(read):
    x, z = parameter([1.0, 2.0]), parameter([3.0, 4.0])
    h = x * 2.0
    seen = read(h)
    h.sum().backward()
    value = z[seen] if np.size(seen.data if isinstance(seen, Tensor) else seen) == 1 else z * seen
    value.sum().backward()
    assert z.grad is not None


def test_accumulation_over_many_graphs_releases_each():
    x, c = parameter([1.0, 2.0]), np.array([3.0, 4.0])
    for _ in range(3):
        (x * c).sum().backward()
        assert c.flags.writeable
    assert x.grad.tolist() == [9.0, 12.0]


# memory


def test_a_dropped_graph_is_freed_without_the_collector():
    gc.collect()
    gc.disable()
    try:
        x = parameter(np.ones(10))
        y = x
        inner = []
        for _ in range(50):
            y = anp.sin(y * 1.01 + x)
            inner.append(weakref.ref(y))
        y = y.sum()
        y.backward()
        del y
        assert [r() for r in inner] == [None] * 50
    finally:
        gc.enable()


def use_transform(x, h):
    grad(lambda v: (v * x * h).sum())(np.ones(10))


def use_create_graph(x, h):
    cotangents((h * h).sum(), [x], create_graph=True)


def use_hook(x, h):
    h.register_hook(lambda g: None)
    (h * h).sum().backward()


def use_failed(x, h):
    with contextlib.suppress(ValueError):  # pytest.raises would keep the frames
        (h * h).sum().backward(np.ones(3))


@pytest.mark.parametrize("use", [use_transform, use_create_graph, use_hook, use_failed])
def test_nothing_is_left_behind_by(use):
    gc.collect()
    gc.disable()
    try:
        x = parameter(np.ones(10))
        h = anp.exp(x)
        inner = weakref.ref(h)
        use(x, h)
        del h
        locals()  # a message searched this frame for names, and CPython keeps what was seen until asked again
        assert inner() is None
    finally:
        gc.enable()


def test_dropping_a_result_gives_its_memory_back():
    x = parameter(np.ones(10_000))
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        start = tracemalloc.get_traced_memory()[0]
        y = x
        for _ in range(100):
            y = y * 1.01
        held = tracemalloc.get_traced_memory()[0] - start
        del y
        left = tracemalloc.get_traced_memory()[0] - start
    finally:
        tracemalloc.stop()
        gc.enable()
    assert held > 100 * 80_000
    assert left < 80_000


def test_a_result_is_read_only_until_its_graph_is_spent():
    x = Tensor(np.ones(3), requires_grad=True)
    y = x * 2
    loss = (y * y).sum()
    for view in (y.data, y.data[1:], y.detach().data, y.numpy()):
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 5.0
    loss.backward()
    y.data[...] = 7.0
    np.testing.assert_array_equal(y.data, 7.0)
    np.testing.assert_array_equal(x.grad, 8.0)


def test_a_result_is_writable_again_when_its_graph_is_dropped():
    x = Tensor(np.ones(3), requires_grad=True)
    kept = (x * 2).data
    kept[0] = 5.0  # nothing is left of the graph by now
    y = x * 2
    kept, z = y.data, y + 1
    del y
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 5.0
    del z
    kept[0] = 5.0


def test_a_primitive_of_the_users_cannot_overwrite_what_an_earlier_rule_needs():
    @extend.primitive
    def doubled(x):
        x *= 2
        return x

    extend.defvjp(doubled, lambda out, x: lambda g: 2 * g)
    x = Tensor(np.ones(3), requires_grad=True)
    with pytest.raises(ValueError, match="read-only"):
        doubled(np.exp(x))


def test_the_value_of_make_vjp_is_read_only_while_its_vjp_lives():
    vjp, value = autograd.make_vjp(np.exp)(np.zeros(2))
    with pytest.raises(ValueError, match="read-only"):
        value[0] = 100.0
    np.testing.assert_array_equal(vjp(np.ones(2)), 1.0)
    del vjp
    value[0] = 100.0


@pytest.mark.filterwarnings("error")  # what __del__ raises is a warning
def test_memory_that_no_array_owns():
    """MINPACK hands out such arrays: NumPy lets nobody make them writeable again."""
    optimize = pytest.importorskip("scipy.optimize", reason="SciPy is not installed")
    target = np.array([1.0, 2.0])
    found = optimize.root(grad(lambda x: anp.sum((x - target) ** 4 + (x - target) ** 2)), np.zeros(2))
    np.testing.assert_allclose(found.x, target)
    assert target.flags.writeable


# Ctrl-C


class Interrupting:
    """In an array's place, where Ctrl-C comes when it is unlocked."""

    base = None
    pressed = False

    def setflags(self, write):
        if write and not self.pressed:
            self.pressed = True
            raise KeyboardInterrupt


@pytest.mark.parametrize("alone", [True, False])
def test_an_interrupt_leaves_no_array_locked(alone):
    own, shared = [np.ones(2), np.ones(2)], np.ones(2)
    one, other = guard.Guard(), guard.Guard()
    key = Interrupting()
    one.arrays, guard._keepers[id(key)] = [key], one.key
    if not alone:
        other.lock(shared)
        one.lock(shared)
        one.arrays.reverse()  # what is shared is left first
    for array in own:
        one.lock(array)
    with pytest.raises(KeyboardInterrupt):
        one.release()
    assert [array.flags.writeable for array in own] == [True, True]
    assert shared.flags.writeable == alone
    other.release()
    assert shared.flags.writeable
