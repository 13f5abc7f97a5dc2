"""Several threads, processes and half-run generators: each records for itself, and nobody waits for ever."""

import gc
import itertools
import multiprocessing
import os
import threading
import warnings

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents, debug_nans, grad, guard, guard_arrays, no_grad
from autograd.modes import mode


def together(*acts):
    """Run each in a thread of its own, all starting at once; their results in order, the first exception raised."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(i, act):
        gate.wait()
        try:
            results[i] = act()
        except BaseException as error:
            results[i] = error

    threads = [threading.Thread(target=run, args=(i, act)) for i, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


@pytest.fixture
def parameters(rng):
    return [Tensor(rng.standard_normal((8, 8)), requires_grad=True, name=n) for n in "uvw"]


def loss(parameters, x):
    h = x
    for p in parameters:
        h = anp.tanh(h @ p)
    return (h * h).sum()


def test_threads_recording_at_once_on_shared_parameters_get_the_gradients_of_one(parameters, rng):
    data = [rng.standard_normal((4, 8)) for _ in range(4)]
    expected = [cotangents(loss(parameters, x), parameters) for x in data]

    def act(x):
        return [cotangents(loss(parameters, x), parameters) for _ in range(50)]

    for one, wanted in zip(together(*[lambda x=x: act(x) for x in data]), expected, strict=True):
        for found in one:
            for g, e in zip(found, wanted, strict=True):
                assert np.array_equal(g, e)
    gc.collect()
    assert all(p.data.flags.writeable for p in parameters)


def test_threads_calling_backward_on_leaves_of_their_own(rng):
    shared = rng.standard_normal((8, 8))
    data = [rng.standard_normal((4, 8)) for _ in range(4)]

    def act(x):
        total = 0.0
        for _ in range(50):
            w = Tensor(shared, requires_grad=True)  # one array under many graphs
            loss([w], x).backward()
            total = total + w.grad
        return total

    expected = [act(x) for x in data]
    for found, e in zip(together(*[lambda x=x: act(x) for x in data]), expected, strict=True):
        assert np.array_equal(found, e)
    assert shared.flags.writeable


def test_a_graph_recorded_in_one_thread_is_walked_in_another(parameters, rng):
    out = loss(parameters, rng.standard_normal((4, 8)))
    (found,) = together(lambda: cotangents(out, parameters))
    for g, e in zip(found, cotangents(out, parameters), strict=True):
        assert np.array_equal(g, e)
    together(out.backward)
    assert all(p.data.flags.writeable for p in parameters)


def test_modes_are_of_one_thread():
    x = Tensor(-1.0, requires_grad=True)
    entered, leave = threading.Event(), threading.Event()

    def watched():
        with no_grad(), np.errstate(invalid="ignore"):
            entered.set()
            leave.wait(10)
            return (x * 2).requires_grad

    def free():
        entered.wait(10)
        with np.errstate(invalid="ignore"):
            recorded = anp.sqrt(x).requires_grad  # no mode of the other thread
        leave.set()
        return recorded

    assert together(watched, free) == [False, True]
    with debug_nans():
        assert together(lambda: mode.recording) == [True]


def test_an_exception_in_one_thread_leaves_the_others_alone(parameters, rng):
    x = rng.standard_normal((4, 8))
    expected = cotangents(loss(parameters, x), parameters)

    def broken():
        for _ in range(30):
            with pytest.raises(ValueError, match="matmul"):
                loss(parameters, np.ones((4, 7)))
        return None

    _, found = together(broken, lambda: [cotangents(loss(parameters, x), parameters) for _ in range(30)][-1])
    assert all(np.array_equal(g, e) for g, e in zip(found, expected, strict=True))


# generators


def test_a_generator_left_half_way_holds_its_graph_and_lets_it_go():
    x, c = Tensor(np.ones(3), requires_grad=True), np.full(3, 2.0)

    def steps():
        h = x
        for _ in range(5):
            h = h * c
            yield h

    walk = steps()
    next(walk)
    second = next(walk)
    assert not c.flags.writeable
    second.sum().backward()
    assert x.grad.tolist() == [4.0, 4.0, 4.0]
    walk.close()
    del second, walk
    assert c.flags.writeable


def test_two_generators_in_turns_record_two_graphs():
    def steps(x):
        h = x
        for _ in range(3):
            h = h * x
            yield h

    a, b = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    *_, (one, two) = zip(steps(a), steps(b), strict=True)
    one.backward()
    two.backward()
    assert (a.grad, b.grad) == (4 * 2.0**3, 4 * 3.0**3)


def test_generators_within_modes_may_be_left_in_any_order():
    def apart():
        with no_grad(), guard_arrays(False):
            yield

    def watched():
        with debug_nans():
            yield

    for kinds in ([apart, apart], [apart, watched, apart], [watched, apart]):
        for order in itertools.permutations(range(len(kinds))):
            running = [kind() for kind in kinds]
            for generator in running:
                next(generator)
            for place in order:
                running[place].close()
            assert (mode.recording, mode.guarding, mode.entered) == (True, True, [])


def test_a_generator_within_a_mode_may_be_left_in_another_thread():
    def apart():
        with no_grad():
            yield

    generator = apart()
    together(lambda: next(generator))
    generator.close()
    assert mode.recording is True
    assert (Tensor(1.0, requires_grad=True) * 2).requires_grad


def test_a_generator_inside_a_transform():
    def powers(x):
        h = 1.0
        while True:
            h = h * x
            yield h

    def f(x):
        walk = powers(x)
        return next(walk) + next(walk) + next(walk)

    assert grad(f)(2.0) == 1 + 2 * 2 + 3 * 4


# processes


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def in_child(act) -> bytes:
    """What `act` writes when it runs in a forked child; the child never returns."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of fork beside threads
        child = os.fork()
    if child == 0:  # pragma: no cover - runs in the child
        try:
            os.write(writer, act())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        written = pipe.read()
    os.waitpid(child, 0)
    return written


@needs_fork
def test_a_forked_child_records_and_the_parents_graph_lives_on(parameters, rng):
    x = rng.standard_normal((4, 8))
    out = loss(parameters, x)
    expected = cotangents(loss(parameters, x), parameters)[0]

    def act():
        inherited = cotangents(out, parameters)[0]
        fresh = cotangents(loss(parameters, x), parameters)[0]
        out.backward()  # spends the child's copy only
        return (inherited + fresh).tobytes()

    assert in_child(act) == (2 * expected).tobytes()
    assert not parameters[0].data.flags.writeable
    out.backward()
    assert np.array_equal(parameters[0].grad, expected)


@needs_fork
def test_a_child_does_not_inherit_a_lock_that_another_thread_held():
    held, release = threading.Event(), threading.Event()

    def hold():
        with guard._lock:
            held.set()
            release.wait(0.2)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)

    written = in_child(lambda: b"free" if guard._lock.acquire(timeout=2) else b"held")
    release.set()
    thread.join()
    assert written == b"free"


def square_gradient(x):
    t = Tensor(x, requires_grad=True, name="x")
    (t * t).sum().backward()
    return t


@pytest.mark.parametrize("method", [m for m in ("fork", "spawn") if m in multiprocessing.get_all_start_methods()])
def test_worker_processes_take_and_give_tensors(method):
    if method == "fork":
        warnings.simplefilter("ignore", DeprecationWarning)
    with multiprocessing.get_context(method).Pool(2) as pool:
        found = pool.map(square_gradient, [np.array([1.0, 2.0]), np.array([3.0])])
    assert [t.data.tolist() for t in found] == [[1.0, 2.0], [3.0]]
    assert all(t.name == "x" and t.requires_grad for t in found)


def test_one_mode_may_be_within_two_threads_at_once():
    quiet, one, both, left = no_grad(), threading.Event(), threading.Event(), threading.Event()

    def first():
        with quiet:
            one.set()
            both.wait(10)
        left.set()
        return mode.recording, mode.entered

    def second():
        one.wait(10)
        with quiet:
            both.set()
            left.wait(10)
        return mode.recording, mode.entered

    assert together(first, second) == [(True, [])] * 2
