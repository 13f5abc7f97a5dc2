"""The page in a real browser: one file, on a phone, in a notebook, beside another."""

import json
import re

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents
from autograd.drawing import draw
from tests.browser import complaints, open_browser

from .looking import SCRIPT, article, numbers, press, same, settle, text


def test_names_are_text(visit):
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True, name=SCRIPT)
    browser = visit(draw((x * x).sum(), title=SCRIPT))
    assert browser.title == SCRIPT
    press(browser, "ARROW_RIGHT", "ARROW_RIGHT")
    assert SCRIPT in text(browser, "#panel")
    assert len(browser.find_elements("tag name", "script")) == 2


def test_the_page_says_what_it_shows():
    x = Tensor(2.0, requires_grad=True, name="x")
    y = anp.sin(x)
    assert "<title>Graph of y</title>" in draw(y, names={"y": y}).html


def test_a_chain_of_ten_thousand_opens_closed(visit):
    x = Tensor(np.ones(2), requires_grad=True, name="x")
    for i in range(10_000):
        x = x * 1.0 if i % 3 else anp.sin(x)
    browser = visit(draw(x.sum()))
    assert 0 < len(browser.find_elements("css selector", ".node")) < 130
    press(browser, "END")
    assert text(browser, "[data-step]").startswith("Step 10001 of 10001")
    assert browser.find_elements("css selector", ".node.firing")


def test_a_graph_without_boxes_has_one_level_however_large(visit):
    x = Tensor(1.0, requires_grad=True, name="x")
    y = x
    for _ in range(400):
        y = y * 1.01
    browser = visit(draw(y, fold=False, collapse=False), "step=400")
    assert len(browser.find_elements("css selector", ".node")) == 401
    assert browser.find_elements("css selector", ".node.firing")


def test_a_phone_and_the_dark(tmp_path):
    J, names, _ = article()
    path = draw(J, names=names, title="The cost of the article's network").save(tmp_path / "graph.html")
    with open_browser(tmp_path / "profile", 390, 844) as browser:
        dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
        browser.get(f"{path.as_uri()}#step=3")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
        assert browser.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(22, 24, 28)"
        small = "return [...document.querySelectorAll('button')].filter((b) => b.offsetHeight < 30).length"
        assert browser.execute_script(small) == 0
        assert browser.find_element("tag name", "header").size["height"] < 110  # two rows
        assert complaints(browser) == []


def test_without_scripts_the_page_says_so(visit, browser):
    x = Tensor(2.0, requires_grad=True, name="x")
    try:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        visit(draw(x * x, title="A square"))
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert "needs JavaScript" in browser.execute_script("return document.getElementById('panel').innerText")
    assert "JavaScript" not in visit(draw(x * x)).find_element("id", "panel").text


def test_the_page_is_one_file_and_the_same_each_time():
    x = Tensor(np.arange(3.0), requires_grad=True, name="x")
    y = (anp.exp(x) * x).sum()
    page = draw(y).html
    assert page == draw(y).html
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:)""", page)
    assert not re.search(r"https?://(?!www\.w3\.org/)", page)


def test_the_notebook_form_holds_the_page():
    x = Tensor(2.0, requires_grad=True, name="x")
    page = draw(x * x)._repr_html_()
    assert page.startswith("<iframe srcdoc=")
    assert "<script" not in page


def test_without_graphviz_igraph_lays_out(monkeypatch, tmp_path):
    pytest.importorskip("igraph")
    monkeypatch.setenv("PATH", str(tmp_path))
    J, names, _ = article()
    data = json.loads(re.search(r'id="data">(.*?)</script>', draw(J, names=names).html)[1])
    for scene in data["scenes"]:
        places = [tuple(item["at"][:2]) for item in scene["items"]]
        assert len(set(places)) == len(places)
        below = [scene["items"][e["to"]]["at"][1] > scene["items"][e["from"]]["at"][1] for e in scene["edges"]]
        assert all(below)


def test_in_a_notebook_the_page_works_too(visit, browser, tmp_path):
    J, names, _ = article()
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><link rel=icon href='data:,'>{draw(J, names=names)._repr_html_()}")
    browser.get(path.as_uri())
    browser.switch_to.frame(0)
    browser.find_element("id", "panel").click()
    press(browser, "ARROW_RIGHT", "ARROW_RIGHT")
    assert text(browser, "[data-step]").startswith("Step 2 of")
    browser.switch_to.default_content()


def test_a_page_that_opens_hidden_shows_its_picture_when_it_is_seen(visit, browser, tmp_path):
    J, names, _ = article()
    path = tmp_path / "notebook.html"
    page = draw(J, names=names)._repr_html_().replace("border:0", "border:0;display:none")
    path.write_text(f"<!doctype html><link rel=icon href='data:,'>{page}")
    browser.get(path.as_uri())
    browser.execute_script("document.querySelector('iframe').style.display = 'block'")
    browser.switch_to.frame(0)
    settle(browser)
    middles = """return [document.getElementById("stage"), document.getElementById("world")]
        .map((e) => e.getBoundingClientRect()).map((b) => [b.left + b.width / 2, b.top + b.height / 2])"""
    stage, world = browser.execute_script(middles)
    assert world == pytest.approx(stage, abs=30)
    browser.switch_to.default_content()


def test_two_graphs_side_by_side_follow_each_other(visit, browser, tmp_path):
    (J, names, _), (K, others, _) = article(), article(m=7)
    path = draw(J, names=names).beside(draw(K, names=others)).save(tmp_path / "pair.html")
    browser.get(path.as_uri())
    browser.switch_to.frame(0)
    browser.find_element("id", "panel").click()
    press(browser, "ARROW_RIGHT", "ARROW_RIGHT", "ARROW_RIGHT")
    browser.switch_to.default_content()
    browser.switch_to.frame(1)
    settle(browser)
    assert text(browser, "[data-step]").startswith("Step 3 of")
    browser.find_element("id", "search").click()
    browser.find_element("id", "search").send_keys("theta2\n")
    same(numbers(browser, "[data-grad=theta2]"), cotangents(K, [others["theta2"]])[0])
    browser.switch_to.default_content()
    browser.switch_to.frame(0)
    settle(browser)
    same(numbers(browser, "[data-grad=theta2]"), cotangents(J, [names["theta2"]])[0])
    browser.switch_to.default_content()
    with pytest.raises(ValueError, match=r"saved as \.html only"):
        draw(J).beside(draw(K)).save(tmp_path / "pair.svg")
