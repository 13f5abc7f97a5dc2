"""Programs of fixed seeds pass and reach every primitive; a seed is a program; and the fuzz can fail."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd.numpy.registry import primitives

from ..numpy.oracle import leaves, primitives_in
from .check import Failed, Function, Unjudged, check_function
from .differences import complex_step, extrapolated
from .program import draw
from .shrink import judged, shrunk

SEEDS = range(300)
LARGEST_SHARE_UNJUDGED = 0.02


@pytest.fixture(scope="module")
def answers():
    """For each seed the question that its program failed at, if any, and the message."""
    return {}


@pytest.mark.parametrize("first", SEEDS[::20])
def test_programs_pass(answers, first):
    for seed in range(first, first + 20):
        program = draw(seed)
        answer, message = answers[seed] = judged(program)
        if answer not in ("passed", "unjudged"):
            smallest = shrunk(program)
            pytest.fail(f"{message}\n\n{smallest.source(judged(smallest)[1])}")


def test_differences_judge_nearly_all(answers):
    unjudged = [seed for seed, (answer, _) in answers.items() if answer == "unjudged"]
    assert len(unjudged) <= max(1, LARGEST_SHARE_UNJUDGED * len(answers)), unjudged


def test_every_primitive_is_reached():
    met: set[str] = set()
    for seed in SEEDS:
        program = draw(seed)
        with np.errstate(all="ignore"):
            f = Function(program.fun, program.args)
            tensors, gradients = f.gradient(program.args, record=True)
            met |= set(primitives_in([*leaves(program.fun(*tensors)), *gradients]))
    assert not {name for name, p in primitives.items() if p.differentiable} - met


def test_a_seed_is_a_program():
    for seed in (3, 47):
        once, again = draw(seed), draw(seed)
        assert once.source() == again.source()
        assert 1 <= len(once.lines) <= 25


WRONG = {
    "reverse is the slope of differences": lambda g, out, x: g * out * 1.0005,
    "second order is the slope of the gradient": lambda g, out, x: g * anp.fix(out * 2.0**70) / 2.0**70,
}


@pytest.mark.parametrize("question", WRONG)
def test_a_wrong_rule_is_found_shrunk_and_printed(monkeypatch, question):
    monkeypatch.setattr(primitives["exp"], "rules", [WRONG[question]])
    found = next(program for program in map(draw, SEEDS) if judged(program)[0] == question)
    smallest = shrunk(found)
    assert len(smallest.lines) <= 2
    assert "exp" in smallest.text
    with pytest.raises(Failed, match=question):
        exec(smallest.source(), {})


def test_differences_against_slopes_known_by_heart():
    slope, error = extrapolated(lambda t: np.exp(np.sin(t)) / (1 + t))
    assert abs(slope) < 1e-15
    assert error < 1e-12
    assert complex_step(lambda t: np.exp(2 * t)) == pytest.approx(2, rel=1e-15)
    with pytest.raises(Unjudged):
        check_function(lambda x: [anp.where(x > 0.5, x * x, 3 * x)], [np.array([0.5])])
