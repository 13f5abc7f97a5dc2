"""Rules written once a form say what they would say written for each line."""

import re

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor
from autograd.drawing.rules import FORMS, GAP, Rules
from autograd.program import read

pytest.importorskip("sympy")
from autograd.pictures import rule_of_line, typeset


def filled(rules, form, *names):
    """The form with its gaps filled, as the page does it."""
    return re.sub("<mi>([\ue000-\uf8ff])</mi>", lambda m: typeset(names[ord(m[1]) - GAP]), rules.forms[form])


def test_each_line_gets_the_rule_it_would_have_alone():
    rng = np.random.default_rng(0)
    x, w = Tensor(rng.random((3, 4)), True, name="x"), Tensor(rng.random((4, 2)), True, name="theta1")
    h = anp.tanh(x @ w)
    s = anp.softmax(h, axis=1)
    total = (anp.log(s) * anp.maximum(h, 0.1)).sum() + anp.linalg.norm(x) + (x * x).mean() + anp.exp(x[0]).sum()
    total = total + anp.concatenate([x, x**2], 0).std() + anp.logsumexp(w) / anp.sqrt(w.sum())
    rules, told = Rules(rule_of_line), 0
    for line in read([total], {"h": h, "s": s}):
        for i, argument in enumerate(line.args):
            tensor = getattr(argument, "tensor", None)
            if tensor is not None and tensor.requires_grad:
                assert filled(rules, *rules.add(line, i)) == rule_of_line(line, i)
                told += 1
    assert told > 30


def test_equal_lines_share_a_form_and_others_do_not():
    x = Tensor(np.ones(3), True, name="x")
    y = anp.sin(anp.sin(x))
    z = (y * y) * x + y * 2.0 + y * 3.0
    rules = Rules(rule_of_line)
    forms = {line.name: rules.add(line, 0)[0] for line in read([z]) if line.primitive is not None}
    assert forms["t1"] == forms["t2"]  # the two sines
    assert len({forms["t3"], forms["t4"], forms["t5"], forms["t7"]}) == 4  # y * y, a product of two, times 2, times 3


def test_beyond_so_many_forms_rules_are_told_in_words():
    x = Tensor(np.ones(2), True, name="x")
    lines = [read([x * float(i)]).outputs[0] for i in range(FORMS + 5)]
    rules = Rules(rule_of_line)
    told = [rules.forms[rules.add(line, 0)[0]] for line in lines]
    assert [text.startswith("<math") for text in told] == [True] * FORMS + [False] * 5


@pytest.mark.parametrize("number", [np.float64(0.3), np.float32(0.3), np.array(0.3), np.int64(2)])
def test_numbers_of_numpy_are_written_as_numbers(number):
    y = Tensor(np.ones(3), True, name="y")
    for make in (lambda k: y / k, lambda k: k * y, lambda k: y**k, lambda k: anp.where(y > 0, y, k)):
        line, plain = (read([make(k)]).outputs[0] for k in (number, float(str(number))))
        place = next(i for i, a in enumerate(line.args) if getattr(a, "name", "") == "y")
        assert rule_of_line(line, place) == rule_of_line(plain, place)
