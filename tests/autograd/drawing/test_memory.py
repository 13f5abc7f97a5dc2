"""What each rule reads, and when each value is free."""

import json
import re

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor
from autograd.drawing import draw
from autograd.drawing.page import page_data
from autograd.steps import reverse_steps, values_read

from .looking import article, press, text

READERS = [
    (lambda x, w: x + w, ""),
    (lambda x, w: x * w, "xw"),
    (lambda x, w: x * 3.0, ""),
    (lambda x, w: anp.exp(x) + w, "o"),
    (lambda x, w: anp.sin(x) + w, "x"),
    (lambda x, w: anp.maximum(x, 0.0) + w, "x"),
    (lambda x, w: anp.prod(x) + w, "x"),
    (lambda x, w: anp.reshape(x, (3, 1)) + w, ""),
]


@pytest.mark.parametrize(("fun", "names"), READERS)
def test_what_a_rule_reads(fun, names):
    """Held against changing the numbers: a cotangent that does not change when a value does has not read it."""
    x, w = Tensor(np.array([1.0, -2.0, 3.0]), True), Tensor(np.array([0.5, 1.5, -1.0]), True)
    y = fun(x, w)
    found = values_read(y.sum())
    first = min((node for node in found), key=lambda t: t.serial)
    assert {n for n, t in {"x": x, "w": w, "o": first}.items() if id(t) in found[first]} == set(names)


def test_a_rule_that_reads_data_says_so(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names), "step=16")
    assert browser.find_element("css selector", "[data-reads]").get_attribute("data-reads") == "X"
    mask = np.array([True, False, True])
    x = Tensor(np.ones(3), requires_grad=True, name="x")
    y = anp.where(mask, x, 0.0)
    assert values_read(y.sum())[y] == {id(mask)}
    y = mask[0] * x
    assert id(mask) not in values_read(y.sum())[y]


def test_several_cotangents_are_not_values_that_the_rule_reads():
    S = Tensor(np.array([[2.0, 0.5], [0.5, 1.0]]), requires_grad=True)
    w, V = anp.linalg.eigh(S)
    e = anp.exp(w)
    L = anp.sum(e) + V[0, 0]
    assert id(e) not in values_read(L)[w.record[1][0]]


def test_memory_of_a_chain_of_exponentials(visit):
    """exp reads its own result, so each is freed at its own step; by hand, in arrays of 800 bytes."""
    x = Tensor(np.full(100, 0.1), requires_grad=True, name="x")
    values = [x]
    for _ in range(4):
        values.append(anp.exp(values[-1]) * 1.0)
    total = values[-1].sum()
    names = {f"e{i}": v.record[1][0] for i, v in enumerate(values) if i} | {"total": total}
    browser = visit(draw(total, names=names), "step=1&overlay=bytes")
    data = json.loads(re.search(r'id="data">(.*?)</script>', draw(total, names=names).html)[1])["memory"]
    held = [1, 2, 3, 3, 4, 4, 5, 5]  # the exps so far; and before each of them the product it is taken of, or after it
    assert data["values"][:8] == [800 * n for n in held]
    assert data["forward"] == 9
    freed = {}
    for step in range(1, 10):
        freed[step] = browser.find_element("css selector", "[data-freed]").get_attribute("data-freed")
        now = browser.find_element("css selector", "[data-now]").get_attribute("data-now")
        assert now == str(step)
        press(browser, "ARROW_RIGHT")
    assert freed == {1: "", 2: "", 3: "e4", 4: "", 5: "e3", 6: "", 7: "e2", 8: "", 9: "e1"}
    top = [v + c for v, c in zip(data["values"], data["cotangents"], strict=True)]
    assert browser.find_element("css selector", ".memory").get_attribute("data-peak") == str(max(top))
    faded = {e.get_attribute("data-name") for e in browser.find_elements("css selector", ".node.freed")}
    assert {"e2", "e3", "e4"} <= faded
    assert "x" not in faded
    assert text(browser, ".node[data-name=e3] .measure") == "800 bytes → 5"


def test_what_waits_for_the_walk_is_listed(visit):
    J, names, _ = article()
    drawing = draw(J, names=names)
    browser = visit(drawing)
    browser.find_element("css selector", "[data-waiting] summary").click()
    rows = browser.find_elements("css selector", "[data-waiting] tr")[1:]
    shown = {row.text.split()[0]: row.text.split()[-1] for row in rows}
    fires = {node: k for k, node in enumerate(values_read(J), start=1)}
    expected = {}
    for line in drawing.program:
        if line.primitive is not None and line.name != "J":
            readers = [fires[node] for node, ids in values_read(J).items() if id(line.tensor) in ids]
            expected |= {line.name: str(max(readers))} if readers else {}
    assert shown == expected
    rows[0].find_elements("tag name", "button")[-1].click()
    assert text(browser, "[data-step]").startswith(f"Step {min(map(int, expected.values()))} of")


def test_a_value_tells_which_steps_read_it(visit):
    x = Tensor(np.array([0.5, 1.0]), requires_grad=True, name="x")
    e = anp.exp(x)
    y = (e * e + anp.sin(x)).sum()
    browser = visit(draw(y, names={"e": e, "y": y}), "value=e")
    fires = {node: k for k, node in enumerate(values_read(y), start=1)}
    readers = sorted([fires[e], fires[next(n for n in fires if n.record[0].name == "multiply")]])
    life = browser.find_element("css selector", "[data-life]")
    assert life.get_attribute("data-life") == " ".join(map(str, readers))
    assert f"not needed after step {readers[-1]}" in life.text


def test_the_cotangents_of_several_results_take_memory():
    S = Tensor(np.diag([1.0, 2.0, 4.0]) + 0.1, requires_grad=True, name="S")
    w, V = anp.linalg.eigh(S)
    y = anp.exp(w).sum() + V[0, 0]
    steps, _ = reverse_steps(y)
    data = page_data(draw(y))["memory"]
    moment = data["forward"] + next(i for i, step in enumerate(steps) if step.record[0].name == "linalg.eigh")
    assert data["cotangents"][moment] == 3 * 8 + 9 * 8 + 9 * 8  # of w and V, which come in, and of S, which goes out
