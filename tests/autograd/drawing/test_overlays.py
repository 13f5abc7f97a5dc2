"""Overlays measure what they say, and a NaN is found where it was made."""

import re

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents, mark_scope, scope_start
from autograd.drawing import draw

from .looking import article, press, settle, text


@pytest.mark.parametrize("overlay", ["gradient", "range", "units", "nan", "bytes", "time"])
def test_overlays_say_a_number_at_each_value(visit, overlay):
    J, names, _ = article()
    browser = visit(draw(J, names=names), f"level=1&overlay={overlay}")
    assert browser.find_element("id", "legend").is_displayed()
    shown = {
        e.get_attribute("data-name"): e.find_element("class name", "measure").get_attribute("textContent")
        for e in browser.find_elements("css selector", ".node")
    }
    if overlay == "gradient":
        norm = float(shown["theta1"].split()[-1].replace("−", "-"))
        assert norm == pytest.approx(np.linalg.norm(cotangents(J, [names["theta1"]])[0]), rel=5e-3)
    elif overlay == "bytes":
        assert shown["theta1"] == "2.56 kB"
    elif overlay == "nan":
        assert set(shown.values()) == {"finite"}
    elif overlay == "time":
        assert re.fullmatch(r"[\d.]+ [µm]s", shown["z1"])
        assert shown["theta1"] == ""
    else:
        assert any(shown.values())


def test_dead_and_saturated_units_are_counted(visit):
    x = Tensor(np.array([[1.0, -1.0, 2.0], [2.0, -3.0, -1.0]]), requires_grad=True, name="x")
    r = anp.maximum(x, 0.0)
    s = anp.tanh(x * np.array([100.0, 0.1, 0.1]))
    browser = visit(draw((r + s).sum(), names={"r": r, "s": s}), "overlay=units")
    words = {n: text(browser, f".node[data-name={n}] .measure") for n in "rs"}
    assert words == {"r": "1 dead, 0 saturated of 3", "s": "1 dead, 0 saturated of 3"}


def test_the_birth_of_a_nan_is_shown(visit):
    x = Tensor(np.array([4.0, -1.0]), requires_grad=True, name="x")
    with np.errstate(invalid="ignore"):
        r = anp.sqrt(x)
        s = r * 2.0
    browser = visit(draw(s.sum(), names={"r": r, "s": s}), "overlay=nan")
    words = {n: text(browser, f".node[data-name={n}] .measure") for n in "xrs"}
    assert "✖ made here" in words["r"]
    assert words["s"] == "~ spread"
    browser.execute_script("location.hash = 'value=r&overlay=nan'")
    settle(browser)
    assert "1 of 2 entries is not finite: [1] is NaN" in text(browser, "[data-value=r]")
    assert "■ not finite" in text(browser, "[data-value=r]")
    next(b for b in browser.find_elements("css selector", "#panel .link") if b.text == "Unfold one entry").click()
    assert text(browser, "#entry h2").startswith("r[1]")  # the one to look at
    press(browser, "1", "3")
    assert text(browser, "#entry h2").startswith("r[1]")


def test_the_first_entry_that_is_not_finite_is_named(visit):
    values = np.ones((4, 30))
    values[2, 5], values[3, 1] = -np.inf, np.nan
    x = Tensor(values, requires_grad=True, name="x")
    browser = visit(draw((x * 2.0).sum()), "value=x")
    assert "2 of 120 entries are not finite, the first: [2, 5] is −∞" in text(browser, "[data-value=x]")
    colour = "return [...document.querySelector('[data-value] canvas').getContext('2d').getImageData(5, 2, 1, 1).data]"
    assert browser.execute_script(colour) == [255, 0, 255, 255]


def test_a_box_says_whether_a_nan_was_made_or_spread_in_it(visit):
    h = Tensor(np.array([4.0, 0.1]), requires_grad=True, name="x")
    with np.errstate(invalid="ignore"):
        for name, layer in {"makes": lambda h: anp.sqrt(2.0 - h), "spreads": anp.tanh}.items():
            start = scope_start()
            h = layer(h)
            mark_scope(h, name, start)
        cost = h.sum()
    browser = visit(draw(cost), "level=0")
    browser.find_element("css selector", "[data-bad] button:last-child").click()
    words = {n: text(browser, f".node[data-name={n}] .measure") for n in ("makes", "spreads")}
    assert words == {"makes": "✖ made inside", "spreads": "~ spread"}


def test_labels_of_the_nan_overlay_do_not_overlap(visit):
    x = Tensor(np.array([4.0, -1.0]), requires_grad=True, name="x")
    with np.errstate(invalid="ignore"):
        r = anp.sqrt(x)
        s = r * 2.0
    browser = visit(draw(s.sum() + (x * x).sum(), names={"r": r, "s": s}), "overlay=nan")
    script = """return [...document.querySelectorAll(".node .measure")].filter((e) => e.textContent)
        .map((e) => e.getBoundingClientRect()).map((b) => [b.left, b.top, b.right, b.bottom])"""
    boxes = browser.execute_script(script)
    apart = [a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1] for a in boxes for b in boxes if a is not b]
    assert all(apart)


def test_a_nan_is_announced(visit):
    x = Tensor(np.array([4.0, -1.0]), requires_grad=True, name="x")
    with np.errstate(invalid="ignore"):
        r = anp.sqrt(x)
    browser = visit(draw((r * 2.0).sum(), names={"r": r}))
    assert "comes with r = sqrt(x)." in text(browser, "[data-bad=r]")
    browser.find_element("css selector", "[data-bad] button:last-child").click()
    assert browser.find_element("id", "overlay").get_attribute("value") == "nan"
    x = Tensor(np.array([1.0, 0.0]), requires_grad=True, name="x")
    r = anp.sqrt(x)
    browser = visit(draw(r.sum(), names={"r": r}))
    assert "The rule of r = sqrt(x)" in text(browser, "[data-bad=r]")
    J, names, _ = article()
    assert not visit(draw(J, names=names)).find_elements("css selector", "[data-bad]")
