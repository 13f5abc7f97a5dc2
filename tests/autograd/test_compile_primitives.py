"""Compiled equals eager: every primitive by the case table, values and gradients, both sources, both precisions."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd.errors import CaptureError, ConversionError
from autograd.tree import flatten

from .numpy.cases import CASES, uncaptured
from .numpy.oracle import Case

# what depends on values cannot be recorded, and says so
REFUSED_CASES = [case for case in CASES if uncaptured(case)]
FIXED = [case for case in CASES if not uncaptured(case)]


def real_arguments(args):
    """The numbers of the arguments that a gradient can be taken of."""
    return tuple(i for i, a in enumerate(args) if a.dtype.kind == "f")


def has_gradient(case: Case) -> bool:
    args = case.draw()
    try:
        with np.errstate(all="ignore"):
            results = flatten(case.fun(anp, *args))[0] if real_arguments(args) else []
    except Exception:  # which its own test shall tell, not the collection of all
        return True
    return any(getattr(r, "dtype", np.dtype(int)).kind in "fc" for r in results)


DIFFERENTIABLE = [case for case in FIXED if has_gradient(case)]
every_case = pytest.mark.parametrize("case", FIXED, ids=lambda case: case.name.replace(" ", "_"))


def arrays(result):
    return [np.asarray(getattr(v, "data", v)) for v in flatten(result)[0] if hasattr(v, "dtype")]


def weighted(fun):
    """A scalar that depends on every entry of every real or complex result."""

    def total(*args):
        value = 0.0
        for k, r in enumerate(v for v in flatten(fun(*args))[0] if getattr(v, "dtype", np.dtype(int)).kind in "fc"):
            part = anp.real(r) + 0.7 * anp.imag(r) if r.dtype.kind == "c" else r
            weights = np.cos(np.arange(part.size) + k).reshape(part.shape).astype(part.dtype)
            value = value + anp.sum(part * weights)
        return value

    return total


def same(found, expected, tolerance):
    found, expected = arrays(found), arrays(expected)
    assert len(found) == len(expected)
    for f, e in zip(found, expected, strict=True):
        assert f.shape == e.shape
        assert f.dtype == e.dtype
        scale = np.abs(e[np.isfinite(e)]).max(initial=1.0)
        np.testing.assert_allclose(f, e, rtol=tolerance, atol=tolerance * scale)


def check(fun, args, tolerance, others=None):
    expected = fun(*args)
    compiled = autograd.compile(fun)
    same(compiled(*args), expected, tolerance)
    same(compiled(*args), expected, tolerance)
    if others is not None:  # nothing may depend on the numbers of the first call
        same(compiled(*others), fun(*others), tolerance)
    entry = compiled._latest()
    scope = {"np": np}  # and nothing else: the source runs on its own
    exec(compiled.source, scope)
    with np.errstate(all="ignore"):
        same(scope[entry.source.name](*args, **compiled.constants), expected, tolerance)


def narrow(value):
    return value.astype({"f": np.float32, "c": np.complex64}[value.dtype.kind]) if value.dtype.kind in "fc" else value


@every_case
def test_values(case: Case) -> None:
    check(lambda *args: case.fun(anp, *args), case.draw(), 1e-11, case.draw(1))


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=lambda case: case.name.replace(" ", "_"))
def test_gradients(case: Case) -> None:
    args = case.draw()
    real = real_arguments(args)
    cost = weighted(lambda *a: case.fun(anp, *a))
    check(autograd.value_and_grad(cost, argnum=real), args, 1e-9, case.draw(1))


@every_case
def test_single_precision(case: Case) -> None:
    check(lambda *args: case.fun(anp, *args), [narrow(a) for a in case.draw()], 2e-4)


@pytest.mark.parametrize("case", REFUSED_CASES, ids=lambda case: case.name.replace(" ", "_"))
def test_what_depends_on_values_is_refused(case: Case) -> None:
    with pytest.raises((CaptureError, ConversionError)):
        autograd.compile(lambda *args: case.fun(anp, *args))(*case.draw())
