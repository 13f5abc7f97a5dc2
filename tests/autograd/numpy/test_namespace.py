"""The namespace: every name of NumPy's is there, those it dropped too; and no function makes object arrays."""

import ast
import importlib
import subprocess
import sys
import warnings
from collections import deque
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor
from autograd.numpy.registry import LATER, ROOMS, primitives

DROPPED = """Inf Infinity NINF NZERO NaN PINF PZERO alltrue asfarray cfloat complex_ cumproduct float_ in1d infty msort
product round_ row_stack singlecomplex sometrue trapz""".split()


def test_every_name_of_numpy_is_there() -> None:
    for ours, theirs in ((anp, np), (anp.linalg, np.linalg), (anp.fft, np.fft), (anp.random, np.random)):
        assert [n for n in dir(theirs) if n[0] != "_" and not hasattr(ours, n)] == []
    assert anp.pi == np.pi
    assert anp.float32 is np.float32
    assert anp.random.RandomState is np.random.RandomState


def test_type_checkers_see_what_is_imported_here() -> None:
    """They take a name imported by itself for private, under --strict, unless it is imported `as` itself or by `*`."""
    tree = ast.parse(Path(anp.__file__).read_text())
    imported = [name for node in tree.body if isinstance(node, ast.ImportFrom) for name in node.names]
    assert [n.name for n in imported if n.name != "*" and n.asname is None] == []


def test_two_names_of_one_function_of_numpy_are_one_here_too() -> None:
    """np.concat is np.concatenate: so is ours, which takes lists in lists with Tensors in them."""
    names: dict[int, list[str]] = {}
    for name in np.__all__:
        if callable(getattr(np, name)):
            names.setdefault(id(getattr(np, name)), []).append(name)
    pairs = [same for same in names.values() if len(same) > 1]
    assert ["concat", "concatenate"] in [sorted(same) for same in pairs]
    assert [same for same in pairs if len({id(getattr(anp, name)) for name in same}) > 1] == []
    t = Tensor(0.5, requires_grad=True)
    assert anp.concat([[t, 1.0], [2.0]]).requires_grad
    assert anp.acos([t, 1.0]).requires_grad


@pytest.mark.parametrize("name", DROPPED)
def test_names_that_numpy_dropped_are_there(name: str) -> None:
    assert hasattr(anp, name)


def test_dropped_functions_do_what_they_did() -> None:
    x = np.array([[3.0, 1.0], [2.0, 5.0]])
    np.testing.assert_array_equal(anp.trapz(x), np.trapezoid(x))
    np.testing.assert_array_equal(anp.row_stack([x, x]), np.vstack([x, x]))
    np.testing.assert_array_equal(anp.product(x), 30.0)
    np.testing.assert_array_equal(anp.cumproduct(x), [3.0, 3.0, 6.0, 30.0])
    np.testing.assert_array_equal(anp.msort(x), np.sort(x, axis=0))
    np.testing.assert_array_equal(anp.in1d(x, [1.0, 5.0]), [False, True, False, True])
    assert anp.alltrue(x > 0)
    assert anp.sometrue(x > 4)
    np.testing.assert_array_equal(anp.asfarray([1, 2]), [1.0, 2.0])
    numbers = (anp.PINF, anp.NINF, anp.PZERO, anp.NZERO, anp.Inf, anp.Infinity, anp.infty, anp.NaN)
    assert str(numbers) == "(inf, -inf, 0.0, -0.0, inf, inf, inf, nan)"


@pytest.mark.parametrize("room", [room for room, names in ROOMS.items() if names])
def test_what_is_loaded_later_is_what_the_room_holds(room: str) -> None:
    module = importlib.import_module(f"autograd.numpy.{room}")
    for name in ROOMS[room].split():
        assert getattr(anp, name) is getattr(module, name)
    made_here = {f.__name__ for f in vars(module).values() if getattr(f, "__module__", "") == module.__name__}
    assert {name for name in made_here if hasattr(np, name) and name[0] != "_"} <= set(ROOMS[room].split())


@pytest.mark.parametrize("name", sorted(name for name in LATER if hasattr(np, name) and LATER[name] != "legacy"))
def test_functions_loaded_later_are_ours_by_either_name(name: str) -> None:
    code = (
        f"import numpy as np, autograd.numpy as anp; from autograd.numpy.registry import registry as r;"
        f"assert np.{name} not in r; ours = anp.{name}; assert ours is r[np.{name}]; assert ours is not np.{name}"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_numpys_windows_record_without_ours_imported() -> None:
    code = (
        "from numpy.lib.stride_tricks import sliding_window_view as windows; from autograd import Tensor, numpy as anp;"
        "t = windows(Tensor([1.0, 2.0, 3.0], True), 2); assert t.requires_grad; assert t.shape == (2, 2)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_star_import() -> None:
    names: dict[str, Any] = {}
    exec("from autograd.numpy import *", names)
    assert names["exp"] is anp.exp
    assert names["trapz"] is anp.trapz
    assert names["pi"] == np.pi


def functions() -> list[Any]:
    made = []
    for room in (np, np.linalg, np.fft):
        for name in dir(room):
            function = getattr(room, name)
            if name[0] != "_" and callable(function) and not isinstance(function, type) and name not in UNSAFE:
                made.append(pytest.param(function, id=f"{room.__name__}.{name}"))
    return made


# they print, write files, wait, or change NumPy's own settings
UNSAFE = """test save savez savez_compressed savetxt load loadtxt genfromtxt fromfile fromregex info show_config
show_runtime seterr seterrcall setbufsize set_printoptions get_include printoptions""".split()


@pytest.mark.parametrize("function", functions())
def test_no_function_makes_an_object_array(function: Any) -> None:
    """Each function of NumPy, called on Tensors in several ways, gives something sensible or refuses."""
    x = Tensor(np.array([[0.3, 0.6], [0.9, 0.1]]), requires_grad=True)
    for args in ((x,), (x, x), ([x, x],), (x, 1), (1, x), (x, x, x)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                result = function(*args)
            except Exception:
                continue
        for part in result if isinstance(result, (tuple, list)) else [result]:
            values = part.data if isinstance(part, Tensor) else part
            assert getattr(values, "dtype", None) != np.dtype(object), (function, part)


def constants() -> list[str]:
    return sorted(name for name, p in primitives.items() if not p.differentiable and hasattr(np, name))


ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "searchsorted": (np.array([0.1, 0.5]),),
    "digitize": (np.array([0.1, 0.5]),),
    "argpartition": (1,),
    "isclose": (0.3,),
}
WHOLE = "bitwise_and bitwise_or bitwise_xor invert left_shift right_shift gcd lcm bitwise_count bincount".split()


@pytest.mark.parametrize("name", constants())
def test_constants_have_numpys_values_and_no_gradient(name: str) -> None:
    function, theirs = getattr(anp, name), getattr(np, name)
    x = np.array([0.3, -0.6, 0.0, np.inf, np.nan]) if name.startswith("is") else np.array([0.3, 0.6, 0.9])
    more: tuple[Any, ...] = ARGUMENTS.get(name, ())
    if name in WHOLE:
        x = np.array([3, 1, 2])
    if isinstance(theirs, np.ufunc) and theirs.nin == 2:
        more = (x[::-1],)
    if name == "lexsort":
        x = x[None]
    if name == "empty_like":
        assert function(Tensor(x)).shape == x.shape
        return
    result = function(Tensor(x, requires_grad=x.dtype.kind == "f"), *more)
    assert isinstance(result, Tensor)
    assert not result.requires_grad
    np.testing.assert_array_equal(result.data, theirs(x, *more))


def test_questions_have_plain_answers() -> None:
    t = Tensor(np.ones((2, 3)), requires_grad=True)
    assert anp.shape(t) == np.shape(t) == (2, 3)
    assert np.ndim(t) == 2
    assert np.size(t) == 6
    assert not np.iscomplexobj(t)
    assert np.result_type(t, np.float32) == np.float64
    assert np.allclose(t, 1.0) is True or np.allclose(t, 1.0) == np.True_
    assert np.array_equal(t, t)
    assert [i.tolist() for i in np.nonzero(t[0])] == [[0, 1, 2]]
    assert np.histogram(t, bins=2)[0].tolist() == [0, 6]


def test_where_of_pythons_numbers_gives_them_back() -> None:
    """As HIPS autograd's does."""
    assert anp.where(True, 1, 2) == 1
    assert isinstance(anp.where(False, 1, 2.0), float)
    assert anp.where(True, [1, 2], [3, 4]) == [1, 2]
    assert [i.tolist() for i in anp.where([True, False, True])] == [[0, 2]]


def test_submodules_can_be_imported() -> None:
    code = (
        "import autograd.numpy.linalg as la, autograd.numpy.fft as fft, autograd.numpy.random as r;"
        "from autograd.numpy.linalg import norm; from autograd.numpy.fft import fft as f;"
        "from autograd.numpy.random import randn; import numpy as np; from autograd import Tensor;"
        "assert r.seed is np.random.seed and la.norm is norm"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


@pytest.mark.parametrize("name", ["fft", "linalg", "random", "numpy_boxes", "numpy_vjps", "numpy_vspaces"])
def test_submodules_are_attributes_without_being_imported(name: str) -> None:
    code = f"import autograd.numpy as anp; assert anp.{name}.__name__ == 'autograd.numpy.{name}'"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_numpys_own_fft_records_without_ours_imported() -> None:
    code = "import numpy as np; from autograd import Tensor; assert np.fft.fft(Tensor(np.ones(3), True)).requires_grad"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_lists_of_tensors_are_arrays() -> None:
    a, b = Tensor(1.0, requires_grad=True), Tensor(2.0, requires_grad=True)
    results = [anp.sum([a, b]), anp.max([a, b]), anp.dot([a, b], [b, a]), anp.mean((a, b)), anp.exp([a, 1.0])]
    results += [
        anp.sigmoid([a, 1.0]),
        anp.einsum("i,i", [a, 1.0], (b, 1.0)),
        anp.c_[[a, 1.0], [2, 3]],
        anp.r_[0:2, [a, b]],
    ]
    results += [anp.bincount([0, 1], weights=[a, 1.0]), anp.piecewise([a, b], [[True, False]], [1.0, anp.exp])]
    for result in results:
        assert result.requires_grad
    assert anp.array([[a, 1.0], [2.0, b]]).shape == (2, 2)
    assert anp.asarray([a, b]).requires_grad


class Pair(NamedTuple):
    a: Tensor
    b: Tensor


@pytest.mark.parametrize("container", [deque, Pair._make])
def test_other_containers_of_tensors_are_joined(container: Any) -> None:
    t = Tensor([1.0, 2.0], requires_grad=True)
    for join in (anp.stack, np.stack, anp.concatenate, np.vstack):
        assert join(container([t, t])).requires_grad
    assert anp.std(container([t, t])).requires_grad


def test_arguments_by_name_record() -> None:
    t = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    for result in (anp.sum(a=t), np.sum(a=t), np.linalg.norm(x=t), anp.tile(A=t, reps=2)):
        assert result.requires_grad


def test_everything_has_a_docstring() -> None:
    bare = [
        name for name in dir(anp) if not name.startswith("_") and callable(f := getattr(anp, name)) and not f.__doc__
    ]
    assert bare == []
    assert "axis" in anp.sum.__doc__
    assert anp.linalg.matrix_rank.__doc__ == np.linalg.matrix_rank.__doc__
