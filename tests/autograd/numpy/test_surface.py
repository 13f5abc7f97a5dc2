"""Nothing is cut off in silence: NumPy's whole namespace, called on Tensors in each way that NumPy takes on arrays.

NumPy itself says which of many calls make sense, what they return, and by differences what their slopes are. On Tensors
the same call has to give these values and slopes, or an error that says what is wrong. A result that depends on its
arguments and comes back as a plain array would show as a slope of 0.
"""

import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents
from autograd.errors import AutogradError

from .oracle import leaves

STEP = 1e-3


def numbers(*shape: int, seed: int) -> Any:
    """Numbers in (0, 3), no two of one array nearer than 0.15, and those of two arrays apart too."""
    rng = np.random.default_rng(seed)
    n = int(np.prod(shape))
    return rng.permutation(n).reshape(shape) * (0.19 if n < 15 else 0.11) + 0.13 + 0.017 * seed + rng.uniform(0, 0.01)


v, w, short = numbers(4, seed=1), numbers(4, seed=2), numbers(3, seed=7)
M, N, L, T = numbers(3, 3, seed=3), numbers(3, 3, seed=4), numbers(3, 4, seed=6), numbers(2, 3, 4, seed=5)
K, S = numbers(4, 3, seed=10), np.float64(0.37)
Z, Y = (numbers(4, seed=i) + 1j * numbers(4, seed=i + 2) for i in (11, 12))
places, mask = np.array([0, 2, 1]), np.array([True, False, True, True])

CALLS: list[tuple[Any, ...]] = [
    (v,), (M,), (T,), (S,), (Z,), (v, w), (M, N), (L, K), (v, S), (S, v), (v, 1), (v, 2), (1, v), (M, short), (L, v),
    (short, M), ([v, w],), ((M, N),), ([M, N, L],), ([[M, N]],), (v, w, numbers(4, seed=9)), (Z, v), (Z, Y),
    (M, 1), (T, 1), (v, places), (mask, v), (mask, v, w), (L, 0, 1), (L, 1, 0), (M, places, 0), (v, places, w[:3]),
    (L, (4, 3)), (v, 0.3), (S, S + 1), (S, S + 1, 5), (v, w, "same"), (v, [1, 3]),
    ([mask, ~mask], [v, w]), ([0, 1, 0, 1], [v, w]), (v, [0.1, 0.5, 0.9]), (v, w, 2), (T, (0, 1)), (T, 2, 0), (M, -1),
    (v, np.sort(w), w), ((3, 4), v), (3, v), (v, w[:2]), (np.arange(4), v), (v, v > 0.4, w), (v + 0.5, v, w, 3),
]  # fmt: skip
MORE: dict[str, list[tuple[Any, ...]]] = {
    "apply_along_axis": [(lambda a: a.sum() * a, 0, L)],
    "einsum": [("i,i", v, w), ("ij,jk->ik", M, N), ("i...->...", M)],
    "apply_over_axes": [(np.sum, T, (0, 2))],
    "piecewise": [(v, [v < 0.5, v > 0.6], [lambda a: a * a, lambda a: 2 * a])],
    **{name: [(M @ M.T + np.eye(3),)] for name in ("cholesky", "eigh", "eigvalsh", "svd", "pinv")},
}
KEYWORDS: dict[str, list[Any]] = {
    "axis": [0, -1, (0, 1)], "axes": [(1, 0), 1], "dtype": [np.float32, complex, int],
    "out": [np.zeros(4), np.zeros((3, 3))], "where": [mask, mask[:3]], "initial": [0.5], "keepdims": [True],
    "ddof": [1], "mean": [S], "weights": [w, v, M], "q": [0.3, [0.2, 0.7]], "method": ["hazen", "inverted_cdf"],
    "mode": ["full", "wrap", "edge", "reflect", "complete", "r"], "ord": [1, np.inf, "nuc"], "p": [1], "k": [1, -1],
    "n": [2, 5], "prepend": [0.1, v[:2]], "append": [0.1], "dx": [0.5, S], "x": [np.sort(w)], "y": [w],
    "xp": [np.sort(w)], "fp": [v], "left": [S], "right": [S], "period": [1.5], "bins": [3, [0.0, 0.4, 0.7, 1.0]],
    "range": [(0, 1)], "density": [True], "fweights": [np.array([1, 2, 1, 3])], "aweights": [w], "rowvar": [False],
    "returned": [True], "return_index": [True], "return_inverse": [True], "return_counts": [True], "a_min": [0.3],
    "a_max": [0.5, S], "min": [S], "max": [S], "order": ["F"], "offset": [1], "norm": ["ortho"], "s": [(2, 2)],
    "full_matrices": [False], "compute_uv": [False], "hermitian": [True], "UPLO": ["U"], "rcond": [1e-3],
    "include_initial": [True], "edge_order": [2], "fill_value": [S], "shape": [(3, 4)], "num": [4],
    "endpoint": [False], "retstep": [True], "base": [2.0, S], "sparse": [True], "reps": [2], "repeats": [2],
    "shift": [1], "indices": [places], "values": [S], "obj": [1], "constant_values": [S], "pad_width": [1],
    "full": [True], "w": [w], "deg": [2], "cov": [True], "m": [2], "N": [3], "stat_length": [2], "to_end": [S],
    "assume_unique": [True], "default": [S],
}  # fmt: skip

# they print, write files, change NumPy's settings, or draw the state of the generator
UNSAFE = """test save savez savez_compressed savetxt load loadtxt genfromtxt fromfile fromregex info show_config
show_runtime seterr seterrcall setbufsize set_printoptions get_include printoptions seed set_state get_state default_rng
get_bit_generator set_bit_generator""".split()
# name -> why what it does with a Tensor is left as it is
EXCEPT = {
    "empty empty_like": "the values are whatever was in memory",
    "frombuffer from_dlpack fromiter mintypecode isfortran": "NumPy's own, which ask for memory, and refuse",
    "array_repr": "NumPy's own, which reckons in place with what is given for the width of a line",
    "shuffle": "a list of Tensors is shuffled as any list; a Tensor refuses",
    "bmat": "NumPy's own gives None for what is no ndarray, and asks nobody; autograd.numpy.bmat refuses",
    "interp": "the points have to increase, and do not in most of these calls",
    "cholesky": "takes the matrix to be symmetric, and gives a symmetric slope; see cases.py",
    "median nanmedian": "of complex numbers is refused, in NumPy's words for other lists",
    "geomspace": "of a negative number to whole numbers casts NaN, differently on each machine",
}
LEFT_OUT = {name for names in EXCEPT for name in names.split()}


def copied(value: Any) -> Any:
    """A call's arguments with copies of their arrays."""
    return rebuilt(value, lambda a: a.copy())


def floating(value: Any) -> list[Any]:
    """The floating arrays among a call's arguments, in order."""
    found: list[Any] = []
    rebuilt(value, lambda a: found.append(a) if a.dtype.kind in "fc" else a)
    return found


def rebuilt(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(rebuilt(item, change) for item in value)
    if isinstance(value, dict):
        return {key: rebuilt(item, change) for key, item in value.items()}
    return change(value) if isinstance(value, (np.ndarray, np.floating)) else value


def filled(call: Any, values: list[Any]) -> Any:
    """The call with other floating arrays."""
    rest = iter(values)
    return rebuilt(copied(call), lambda a: next(rest) if a.dtype.kind in "fc" else a)


def run(function: Callable[..., Any], call: Any) -> list[Any]:
    np.random.seed(0)  # noqa: NPY002 - what is probed is the old generator too
    args, kwargs = call
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return leaves(function(*args, **kwargs))


def arrays(results: list[Any]) -> list[Any]:
    return [np.asarray(r) for r in results if _is_array(r) and np.asarray(r).dtype.kind in "biufc"]


def _is_array(value: Any) -> bool:
    return isinstance(value, (Tensor, np.ndarray, np.number, float, complex))


def weighted(results: list[Any]) -> Any:
    """A real number that depends on every floating result."""
    total: Any = 0.0
    for k, r in enumerate(results):
        if _is_array(r) and (isinstance(r, (float, complex)) or r.dtype.kind in "fc"):
            total = total + anp.real(anp.sum(np.cos(np.arange(np.size(r)) + k).reshape(np.shape(r)) * r))
    return total


def complaint(function: Callable[..., Any], ours: Callable[..., Any], call: Any) -> str | None:
    """What is wrong with this call on Tensors; None if nothing is, or if NumPy itself refuses the call."""
    call = copied(call)
    values = [a.copy() for a in floating(call)]
    try:
        expected = run(function, call)
    except Exception:
        return None
    plain = arrays(copied(expected))
    writes = not all(map(np.array_equal, values, floating(call)))
    if not values or not all(np.isfinite(p).all() for p in plain):
        return None
    tensors = [Tensor(a, requires_grad=True) for a in values]
    try:
        found = run(ours, filled(call, tensors))
        if writes:
            return "an argument that NumPy writes into was taken"
        total = weighted(found)
        slopes = (
            cotangents(total, tensors) if isinstance(total, Tensor) and total.requires_grad else [None] * len(tensors)
        )
    except AutogradError:
        return None
    except Exception as error:
        told = str(error)
        clear = any(words in told for words in (function.__name__, "keyword argument", "positional argument"))
        return None if clear or hasattr(error, "explained") else f"{type(error).__name__}: {told[:200]}"
    return _differs(found, expected) or _slopes_differ(function, call, values, plain, slopes)


def _differs(found: list[Any], expected: list[Any]) -> str | None:
    if len(found) != len(expected):
        return f"{len(found)} results, NumPy has {len(expected)}"
    for f, e in zip(found, expected, strict=True):
        f = f.detach().numpy() if isinstance(f, Tensor) else f
        if not _is_array(e) or np.asarray(e).dtype.kind not in "biufc":
            continue
        loose = np.asarray(e).dtype in (np.float32, np.complex64)
        if np.shape(f) != np.shape(e) or not np.allclose(f, e, 1e-5 if loose else 1e-9, 1e-6 if loose else 1e-10):
            return f"value {f}, NumPy's {e}"
        if np.asarray(f).dtype != np.asarray(e).dtype:
            return f"dtype {np.asarray(f).dtype}, NumPy's {np.asarray(e).dtype}"
    return None


def _slopes_differ(function: Any, call: Any, values: list[Any], plain: list[Any], slopes: list[Any]) -> str | None:
    along = [np.random.default_rng(i).standard_normal(np.shape(a)) for i, a in enumerate(values)]

    def at(k: float) -> float:
        moved = [(a + k * STEP * d).astype(a.dtype)[()] for a, d in zip(values, along, strict=True)]
        return float(weighted(arrays(run(function, filled(call, moved)))))

    try:
        slope, again = ((8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h * STEP) for h in (1, 0.5))
    except Exception:  # a neighbouring point is outside of where the function is defined
        return None
    single = any(p.dtype in (np.float32, np.complex64) for p in plain)
    tolerance = (3e-2 if single else 1e-5) * max(1, abs(slope))
    if abs(slope - again) > tolerance:  # a kink or a jump is near
        return None
    total = sum((g * d).sum().real for g, d in zip(slopes, along, strict=True) if g is not None)
    return None if abs(total - slope) <= tolerance else f"slope {total}, by differences {slope}"


def variants(function: Any, more: list[Any]) -> Iterator[Any]:
    """The calls to try: each alone, with each keyword that the function has, and with all arguments by keyword."""
    try:
        parameters = inspect.signature(function).parameters
        by_name = [p.name for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
        known = [k for k in KEYWORDS if k in parameters]
    except (TypeError, ValueError):
        by_name, known = [], []
    known = ["where", "out", "dtype"] if isinstance(function, np.ufunc) else known
    for args in [*CALLS, *more]:
        yield args, {}
        for k in known:
            yield from ((args, {k: value}) for value in KEYWORDS[k])
        if len(args) <= len(by_name):
            yield (), dict(zip(by_name, args, strict=False))


def functions(rooms: dict[Any, Any]) -> list[Any]:
    return [
        pytest.param(getattr(room, name), getattr(ours, name), id=f"{ours.__name__}.{name}")
        for room, ours in rooms.items()
        for name in dir(room)
        if name[0] != "_" and name not in LEFT_OUT and name not in UNSAFE
        if callable(getattr(room, name)) and not isinstance(getattr(room, name), type)
    ]


OURS = {np: anp, np.linalg: anp.linalg, np.fft: anp.fft}


@pytest.mark.parametrize(("function", "ours"), [*functions({r: r for r in (*OURS, np.random)}), *functions(OURS)])
def test_functions(function: Any, ours: Any) -> None:
    more = MORE.get(function.__name__, [])
    assert not [(call, told) for call in variants(function, more) if (told := complaint(function, ours, call))]


UFUNCS = [getattr(np, name) for name in dir(np) if isinstance(getattr(np, name), np.ufunc)]


@pytest.mark.parametrize("method", ["reduce", "accumulate", "reduceat", "outer", "at"])
def test_methods_of_ufuncs(method: str) -> None:
    calls: list[Any] = [(v,), (M,), (T,), (v, w), (M, short), (v, [0, 2]), (v, [0, 1], 0.5), (M, 1), (M, [0, 2], 1)]
    options: list[Any] = [{}, {"axis": 1}, {"keepdims": True}, {"initial": 0.5}, {"where": mask}, {"dtype": np.float32}]
    for ufunc in UFUNCS:
        function = getattr(ufunc, method)
        for call in ((args, kwargs) for args in calls for kwargs in options):
            assert complaint(function, function, call) is None, (ufunc, call)


# of ndarray, not of Tensor: memory, files, pickles, buffers; and what gives plain numbers by its meaning
NOT_OURS = """tofile dump dumps tobytes view getfield byteswap ctypes flags flat base strides item tolist""".split()
METHODS = [n for n in dir(np.ndarray) if n[0] != "_" and n not in NOT_OURS]
OPERATORS = """add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow matmul rmatmul divmod
neg pos abs getitem eq lt""".split()


@pytest.mark.parametrize("name", [*METHODS, *(f"__{n}__" for n in OPERATORS)])
def test_methods_of_arrays(name: str) -> None:
    def function(array: Any, *args: Any, **kwargs: Any) -> Any:
        found = getattr(array, name)
        return found(*args, **kwargs) if callable(found) else found

    function.__name__ = name
    calls = [*CALLS, (v, mask), (v, np.float32), (v, complex), (L, 4, 3), (v, 0, 2), (T, 2, 0, 1), (v, None, 0.5)]
    options: list[dict[str, Any]] = [{}]
    options += [
        {k: value} for k in "axis dtype keepdims initial where ddof order mode offset".split() for value in KEYWORDS[k]
    ]
    for call in ((args, kwargs) for args in calls for kwargs in options if floating(args[:1])):
        assert complaint(function, function, call) is None, call


def test_the_test_can_fail() -> None:
    def cuts_off(x: Any) -> Any:
        return np.exp(x.detach().numpy()) if isinstance(x, Tensor) else np.exp(x)

    def wrong(x: Any) -> Any:
        return anp.exp(x) + (x.detach() - x) * 1e-3 if isinstance(x, Tensor) else np.exp(x)

    assert "slope 0" in str(complaint(np.exp, cuts_off, ((v,), {})))
    assert "slope" in str(complaint(np.exp, wrong, ((v,), {})))
    assert "value" in str(complaint(np.exp, anp.expm1, ((v,), {})))
    assert "TypeError" in str(complaint(np.exp, lambda x: 1 + "", ((v,), {})))
