"""Stepping through the reverse pass: what each step shows is held against the engine's own numbers."""

import json
import re

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents
from autograd.drawing import draw
from autograd.steps import reverse_steps

from .looking import article, numbers, press, same, settle, text


def test_step_through_the_whole_reverse_pass(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names))
    steps, found = reverse_steps(J)
    word = {t: line.name for line in draw(J, names=names).program if (t := line.tensor) is not None}
    assert len(steps) >= 12
    for k, step in enumerate(steps, start=1):
        press(browser, "ARROW_RIGHT")
        assert text(browser, "[data-step]").startswith(f"Step {k} of {len(steps)}: ")
        name = word[step.node]
        assert name in text(browser, "[data-step]")
        same(numbers(browser, "[data-incoming]"), step.cotangent)
        cards = browser.find_elements("css selector", "[data-sent]")
        assert [c.get_attribute("data-sent") for c in cards] == [word[s.parent] for s in step.sent]
        for i, sent in enumerate(step.sent):
            same(numbers(browser, f":nth-child({i + 1} of [data-sent])"), sent.cotangent)
            assert ("Summed from" in cards[i].text) == (sent.summed is not None)
        assert f"step={k}" in browser.current_url
    press(browser, "ARROW_RIGHT")
    assert f"Step {len(steps)} of" in text(browser, "[data-step]")
    press(browser, "HOME")
    assert not browser.find_elements("css selector", "[data-step]")
    for name in ("theta1", "b1", "theta2", "b2"):
        browser.execute_script("location.hash = arguments[0]", f"value={name}")
        settle(browser)
        same(numbers(browser, f"[data-grad={name}]"), found[names[name]])


def test_accumulation_adds_up(visit):
    x = Tensor(np.array([0.5, -1.0]), requires_grad=True, name="x")
    y = (anp.exp(x) * x + anp.sin(x)).sum()
    y.name = "y"
    browser = visit(draw(y))
    for _ in range(20):
        press(browser, "ARROW_RIGHT")
    card = browser.find_elements("css selector", "[data-total=x]")[-1]
    assert "Contribution 3 of 3" in card.text
    same(numbers(browser, "[data-total=x]"), cotangents(y, [x])[0])


def test_a_step_by_slider_and_by_address(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names), "step=4&overlay=bytes")
    assert text(browser, "[data-step]").startswith("Step 4 of ")
    assert browser.find_element("id", "overlay").get_attribute("value") == "bytes"
    script = "const s = document.getElementById('slider'); s.value = 7; s.dispatchEvent(new Event('input'))"
    browser.execute_script(script)
    assert text(browser, "[data-step]").startswith("Step 7 of ")
    assert "step=7" in browser.current_url


def test_a_spent_graph_says_why_there_are_no_steps(visit):
    J, names, _ = article()
    J.backward()
    browser = visit(draw(J, names=names))
    assert "backward() has spent the graph" in text(browser, "#panel")
    browser.execute_script("location.hash = 'value=b2'")
    settle(browser)
    same(numbers(browser, "[data-grad=b2]"), names["b2"].grad)


def test_what_is_no_scalar_says_why_there_are_no_steps(visit):
    x = Tensor(np.ones((2, 3)), requires_grad=True, name="x")
    y = x * x
    browser = visit(draw(y, names={"y": y}))
    assert "y is 2 × 3, and only a scalar has a gradient" in text(browser, "#panel")


def test_rules_are_mathematics_or_text(visit):
    good = '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>g</mi><mo>·</mo><mn>2</mn></math>'
    bad = '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>g</mi><script xmlns="http://www.w3.org/1999/xhtml">x</script></math>'
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True, name="x")
    y = (x * 2.0).sum()
    browser = visit(draw(y, rule_text=lambda line, argument: good if line.primitive.name == "multiply" else bad))
    press(browser, "ARROW_RIGHT")
    assert not browser.find_elements("css selector", "#panel math")
    assert "<script" in text(browser, "#panel .rule")
    press(browser, "ARROW_RIGHT")
    assert browser.find_element("css selector", "#panel math").text.replace(" ", "").replace("\n", "") == "g·2"


def test_the_public_function_writes_the_rules_as_mathematics(visit):
    pytest.importorskip("sympy")
    from autograd.pictures import draw as public

    J, names, _ = article()
    browser = visit(public(J, names=names))
    shown = set()
    for _ in range(30):
        press(browser, "ARROW_RIGHT")
        shown |= {e.text for e in browser.find_elements("css selector", "#panel .rule math")}
        assert not browser.find_elements("css selector", "#panel .rule code")
    assert any("⊤" in rule and "g" in rule for rule in shown)


def test_rules_of_a_long_walk_are_mathematics_too(visit):
    pytest.importorskip("sympy")
    from autograd.pictures import draw as public

    theta = Tensor(np.ones(2), requires_grad=True, name="theta1")
    x = theta
    for i in range(1000):
        x = anp.sin(x) if i % 2 else x * theta
    drawing = public(x.sum(), names={"theta1": theta})
    browser = visit(drawing, "step=1001")
    assert len(json.loads(re.search(r'id="data">(.*?)</script>', drawing.html)[1])["rules"]) < 12
    assert not browser.find_elements("css selector", "#panel .rule code")
    first = browser.find_element("css selector", "#panel .rule math")
    assert browser.execute_script("return arguments[0].textContent", first) == "g∘θ1"
    browser.execute_script("location.hash = 'step=998'")
    settle(browser)
    rule = browser.execute_script("return document.querySelector('#panel .rule math').textContent")
    assert rule.replace("\u2061", "") == "g∘cos(t3)"


def test_the_check_panel_names_the_largest_difference(visit):
    J, names, hand = article()
    wrong = hand["theta2"].copy()
    wrong[2, 1] += 0.25
    browser = visit(draw(J, names=names, check={**hand, "theta2": wrong}))
    card = text(browser, "[data-check=theta2]")
    assert "0.25 at [2, 1]" in card
    card = text(browser, "[data-check=theta1]")
    by_hand, numeric = (float(re.search(rf"{k}: (\S+) at", card)[1].replace("−", "-")) for k in ("hand", "differences"))
    assert by_hand < 1e-15
    assert 0 < numeric < 1e-8
