"""Stepping through the reverse pass: what each step shows is held against the engine's own numbers."""

import json
import re

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, checkpoint, cotangents
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


def neuron(draw=draw):
    x, w, b = (Tensor(value, requires_grad=True) for value in (2.0, -3.0, 6.5))
    o = anp.tanh(x * w + b)
    return draw(o, names={"x": x, "w": w, "b": b, "o": o})


def test_a_step_on_numbers_puts_them_into_the_rule(visit):
    pytest.importorskip("sympy")
    from autograd.pictures import draw as public

    browser = visit(neuron(public), "step=3")
    cards = [card.text for card in browser.find_elements("css selector", "[data-sent]")]
    g = f"{1 - np.tanh(0.5) ** 2:.6g}"
    assert [f"with g = {g}, w = −3" in cards[0], f"with g = {g}, x = 2" in cards[1]] == [True, True]


def test_a_step_is_told_in_one_sentence_to_those_who_do_not_see_the_picture(visit):
    browser = visit(neuron(), "step=3")
    told = browser.find_element("id", "caption").get_attribute("textContent")
    g = f"{1 - np.tanh(0.5) ** 2:.6g}"
    assert told == f"Step 3 of 3: t1 = multiply(x, w) receives ∂o/∂t1 = {g} and sends to x and w"
    browser.execute_script("location.hash = 'value=t1'")
    settle(browser)
    assert browser.find_element("id", "caption").get_attribute("textContent") == "operation t1 = multiply(x, w), scalar"
    live = browser.find_elements("css selector", "[aria-live]")
    assert [e.get_attribute("id") for e in live] == []  # the caption alone speaks: an output element is live by itself


def test_what_is_called_t1_in_words_is_so_in_the_picture(visit):
    browser = visit(neuron())
    assert browser.find_element("css selector", "[data-name=t1] .below").text == "t1 · scalar"


def test_on_paper_there_are_the_picture_and_the_words_and_no_controls(visit):
    browser = visit(neuron(), "step=2")
    dark = "return document.documentElement.classList.contains('dark')"
    browser.execute_script("document.getElementById('theme').click()")
    assert browser.execute_script(dark)
    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        seen = "return [...document.querySelectorAll('button, select, input')].filter((e) => e.offsetParent).length"
        assert not browser.execute_script(dark)
        assert browser.find_elements("css selector", "#stepper button")[0].is_displayed() is False
        panel = browser.find_element("id", "panel")
        assert browser.execute_script("return arguments[0].scrollHeight <= arguments[0].clientHeight", panel)
        assert panel.rect["y"] >= browser.find_element("id", "stage").rect["height"]
        assert browser.execute_script(seen) == len(browser.find_elements("css selector", "#panel button.link"))
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        browser.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert browser.execute_script(dark)


def test_an_array_of_one_number_is_told_without_a_picture(visit):
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True, name="x")
    browser = visit(draw(anp.sin(x).sum()), "step=1")
    assert not browser.find_elements("css selector", "[data-sent] canvas")
    press(browser, "ARROW_RIGHT")
    assert not browser.find_elements("css selector", "[data-incoming] canvas")
    assert browser.find_elements("css selector", "[data-sent] canvas")


def test_the_check_leaves_kinks_out_and_says_so(visit):
    x = Tensor(np.array([-1.0, 0.0, 2.0]), requires_grad=True, name="x")
    sharp = Tensor(0.0, requires_grad=True, name="sharp")
    browser = visit(draw((abs(x) * 3 + x**2).sum() + 1e6 * sharp**2, check=True))
    card = text(browser, "[data-check=x]")
    assert "the slopes on the two sides differ: [1]" in card
    assert float(re.search(r"differences: (\S+) at", card)[1].replace("−", "-")) < 1e-8
    assert "(2 of 3 entries tried)" in card
    assert "differ:" not in text(browser, "[data-check=sharp]")  # a bend, which a smaller step straightens


def test_single_numbers_are_told_with_their_signs(visit):
    browser = visit(neuron(), "overlay=gradient")
    assert [e.text for e in browser.find_elements("css selector", "#panel th")][:3] == ["name", "value", "gradient"]
    slope = 1 - np.tanh(0.5) ** 2
    row = browser.find_elements("css selector", "#panel tr")[1].text.split()
    assert (row[0], row[1], float(row[2].replace("−", "-"))) == ("x", "2", pytest.approx(-3 * slope, rel=1e-3))
    shown = browser.find_element("css selector", "[data-name=x] .measure").text
    assert float(shown.removeprefix("∂ ").replace("−", "-")) == pytest.approx(-3 * slope, rel=1e-3)
    browser.execute_script("location.hash = 'overlay=range'")
    settle(browser)
    assert browser.find_element("css selector", "[data-name=w] .measure").text == "= −3"


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


def test_a_value_without_gradient_says_why(visit):
    a, b = Tensor(2.0, requires_grad=True, name="a"), Tensor(3.0, requires_grad=True, name="b")
    i, k = np.array([0, 1]), np.array([1.0, 2.0])
    u = (a * np.array([4.0, 5.0]))[i] @ k
    v = anp.exp(b)
    browser = visit(draw(u, v, names={"u": u, "v": v, "i": i, "k": k}))
    reasons = {"b": "u does not depend on it", "v": "u does not depend on it", "k": "it does not require one"}
    for name, reason in {**reasons, "i": "int64 has no gradient"}.items():
        browser.execute_script(f"location.hash = 'value={name}'")
        settle(browser)
        assert f"None: {reason}" in text(browser, "[data-nothing]")


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


def test_the_check_says_infinity_where_a_slope_is_infinite(visit):
    root = Tensor(0.0, requires_grad=True, name="x")
    browser = visit(draw(anp.sqrt(root), check={"x": np.inf}))
    browser.find_element("css selector", "[data-check=x] summary").click()
    assert browser.find_elements("css selector", "[data-check=x] tr")[1].text.split() == ["∞", "NaN", "∞"]
    assert "formula by hand: 0" in text(browser, "[data-check=x]")


def test_complex_and_empty_leaves_are_checked_against_the_formula_by_hand(visit):
    z = Tensor(np.array([1 + 2j, 3 - 1j]), requires_grad=True, name="z")
    x = Tensor(np.ones((0, 3)), requires_grad=True, name="x")
    cost = anp.sum(anp.real(z * anp.conj(z))) + x.sum()
    off = 2 * np.conj(z.data) + np.array([0, 0.5j])
    browser = visit(draw(cost, check={"z": off, "x": np.zeros((0, 3))}))
    assert "formula by hand: 0.5 at [1]" in text(browser, "[data-check=z]")
    assert "differ" not in text(browser, "[data-check=x]")


def test_a_step_inside_a_closed_box_leads_into_it(visit):
    x = Tensor(0.5, requires_grad=True, name="x")
    y = x
    for _ in range(200):
        y = anp.sin(y) * 1.1
    browser = visit(draw(y, names={"x": x, "y": y}), "step=3")
    assert browser.find_elements("css selector", ".node.box.firing")
    browser.find_element("css selector", "[data-open]").click()
    for _ in range(30):  # from one part of the chain to the next one
        assert browser.find_elements("css selector", ".node.operation.firing")
        assert not browser.find_elements("css selector", "[data-open]")
        press(browser, "ARROW_RIGHT")


def test_the_table_of_parameters_tells_what_is_not_finite_and_nothing_of_nothing(visit):
    x, empty = Tensor(np.zeros(2), requires_grad=True, name="x"), Tensor(np.zeros(0), requires_grad=True, name="empty")
    browser = visit(draw(anp.sqrt(x).sum() + empty.sum()))
    rows = [row.text.split() for row in browser.find_elements("css selector", "#panel tr")]
    assert ["x", "2", "2", "0", "not", "finite"] in rows
    assert ["empty", "0", "0"] in rows


def test_a_step_that_sends_to_thousands_is_told_in_a_sentence(visit):
    x = Tensor(1.0, requires_grad=True, name="x")
    browser = visit(draw(anp.stack([x * float(i) for i in range(3000)]).sum()), "step=2")
    assert text(browser, "#caption").endswith("and sends to t1, t2, t3, t4 and 2,996 more")
    assert len(browser.find_elements("css selector", "#panel .card.sent")) == 40
    assert "and 2,960 more" in text(browser, "#panel")


def of_one_by_one(x):
    return x @ x.T


def of_a_checkpoint(x):
    return checkpoint(lambda v: anp.sin(v) ** 2)(x).sum()


def of_a_complex_result(x):
    return anp.sum(x * (1 + 2j)) ** 2


@pytest.mark.parametrize("fun", [of_one_by_one, of_a_checkpoint, of_a_complex_result])
def test_each_step_is_one_operation_of_the_graph_and_is_checked(visit, fun):
    x = Tensor(np.array([[0.5, 2.0]]), requires_grad=True, name="x")
    picture = draw(fun(x), check=True)
    browser = visit(picture)
    operations = sum(line.primitive is not None for line in picture.program)
    assert text(browser, "#caption").endswith(f", {operations} {'step' if operations == 1 else 'steps'}")
    difference = re.search(r"differences: (\S+) at", text(browser, "[data-check=x]"))[1]
    assert float(difference.replace("−", "-")) < 1e-8


def faster(browser):
    """Play runs four times as fast, for the test not to wait."""
    browser.execute_script("const real = setInterval; window.setInterval = (f, ms) => real(f, ms / 4)")


def shows(browser, wanted):
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(browser, 5, 0.02).until(lambda b: wanted in b.current_url)


def test_play_shows_one_step_after_the_other_and_stops_at_the_last(visit):
    browser = visit(neuron())
    faster(browser)
    button = browser.find_element("id", "play")
    button.click()
    shows(browser, "step=3")
    assert button.text == "Play"
    assert not button.is_enabled()


def test_play_ends_when_something_else_is_chosen(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names))
    faster(browser)
    browser.find_element("id", "play").click()
    shows(browser, "step=2")
    browser.find_element("id", "search").send_keys("z1\n")
    shows(browser, "value=z1")
    browser.execute_script("return new Promise((done) => setTimeout(done, 500))")
    assert "value=z1" in browser.current_url
    assert browser.find_element("id", "play").text == "Play"
