"""Every primitive through the one oracle, and no primitive without a case."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor
from autograd.errors import CaptureError
from autograd.numpy.registry import primitives

from .cases import CASES, uncaptured
from .oracle import (
    Case,
    check_captured,
    check_gradient,
    check_single_precision,
    check_values,
    gradient,
    leaves,
    primitives_in,
    weights,
)

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))


@every_case
def test_values(case: Case) -> None:
    check_values(case)


@every_case
def test_gradient(case: Case) -> None:
    check_gradient(case)


@every_case
def test_single_precision(case: Case) -> None:
    check_single_precision(case)


@every_case
def test_captured(case: Case) -> None:
    if uncaptured(case):
        with pytest.raises(CaptureError, match="needs the values"):
            check_captured(case)
    else:
        check_captured(case)


def test_no_primitive_without_a_case() -> None:
    met = set()
    for case in CASES:
        args = case.draw()
        results = leaves(case.fun(anp, *[Tensor(a, requires_grad=True) for a in args]))
        met |= set(primitives_in(results))
        values = [r.data if isinstance(r, Tensor) else r for r in results]
        _, gs = gradient(case, args, weights(values, np.random.default_rng(0)), create_graph=True)
        met |= set(primitives_in(gs))
    missing = {name for name, p in primitives.items() if p.differentiable} - met
    assert not missing
