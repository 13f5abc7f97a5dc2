"""Finding the way about the page: search, clicks, boxes, the keyboard."""

import numpy as np

import autograd.numpy as anp
from autograd import Tensor, cotangents
from autograd.drawing import draw

from .looking import article, numbers, press, same, settle, text


def test_search_finds_names_operations_and_source_lines(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names))
    for words, expected in [("theta2", "theta2"), ("matmul", None), ("X @ theta1", None)]:
        press(browser, "/")
        field = browser.find_element("id", "search")
        field.clear()
        field.send_keys(words + "\n")
        chosen = browser.find_element("css selector", "[data-chosen]").get_attribute("data-chosen")
        if expected:
            assert chosen == expected
        else:
            panel = text(browser, "#panel")
            assert words.split()[0] in panel
        press(browser, "ESCAPE")
    press(browser, "/")
    browser.find_element("id", "search").send_keys("no such thing\n")
    assert "Nothing is called" in text(browser, "#panel")


def test_click_shows_the_value_and_its_kin(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names, title="The article's network"), "level=1")
    browser.find_element("css selector", ".node[data-name=a1]").click()
    panel = text(browser, "#panel")
    assert "Gradient ∂J/∂a1" in panel
    assert "looking.py" in panel
    assert "12 × 5 float64" in panel
    same(numbers(browser, "[data-value=a1]"), names["a1"].data)
    same(numbers(browser, "[data-grad=a1]"), cotangents(J, [names["a1"]])[0])
    related = {e.get_attribute("data-name") for e in browser.find_elements("css selector", ".node.related")}
    assert {"X", "theta1", "b1", "z1", "a1", "z2", "J"} <= related
    assert not {"theta2", "b2", "y"} & related
    press(browser, "ESCAPE")
    assert not browser.find_elements("css selector", ".chosen")


def test_boxes_open(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names))
    from selenium.webdriver.common.action_chains import ActionChains

    box = browser.find_element("css selector", ".node[data-name=hidden]")
    ActionChains(browser).double_click(box).perform()
    inside = {e.get_attribute("data-name") for e in browser.find_elements("css selector", ".node:not(.outside)")}
    assert {"theta1", "b1", "z1", "a1"} <= inside
    assert "z2" not in inside


def test_a_keyboard_keeps_its_place_while_it_chooses(visit):
    from selenium.webdriver.common.keys import Keys

    J, names, _ = article()
    browser = visit(draw(J, names=names), "step=11")
    browser.find_element("css selector", "select.along").send_keys(Keys.ARROW_DOWN)
    assert "along=theta1" in browser.current_url
    browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    assert "along=b1" in browser.current_url
    assert text(browser, "[data-step]").startswith("Step 11 of")
    browser.execute_script("location.hash = 'value=z1&entry=3,2'")
    settle(browser)
    browser.find_element("css selector", "#entry input").send_keys(Keys.ARROW_UP)
    browser.switch_to.active_element.send_keys(Keys.ARROW_UP)
    assert "entry=5%2C2" in browser.current_url


def test_what_is_looked_at_stays_in_place_from_step_to_step(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names), "step=9")
    browser.execute_script("document.querySelector('[data-memory]').scrollIntoView()")
    top = "return document.querySelector('[data-memory]').getBoundingClientRect().top"
    before = browser.execute_script(top)
    press(browser, "ARROW_RIGHT")
    assert browser.find_element("css selector", "[data-memory]").get_attribute("data-memory") == "10"
    seen = browser.execute_script("return document.getElementById('panel').getBoundingClientRect().bottom")
    assert abs(browser.execute_script(top) - before) < 3 or browser.execute_script(top) < seen - 150


def test_tab_brings_what_it_reaches_into_view(visit):
    from selenium.webdriver.common.keys import Keys

    J, names, _ = article()
    browser = visit(draw(J, names=names), "level=1")
    browser.execute_script("document.getElementById('help').focus()")
    inside = """const stage = document.getElementById("stage"), s = stage.getBoundingClientRect();
        const b = document.activeElement.getBoundingClientRect();
        const fits = b.left >= s.left && b.right <= s.right && b.top >= s.top && b.bottom <= s.bottom;
        return [document.activeElement.dataset.name, fits, stage.scrollTop]"""
    seen = []
    for _ in range(31):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        name, fits, scrolled = browser.execute_script(inside)
        if name is not None:
            seen.append(name)
            assert fits, name
            assert scrolled == 0
    assert len(seen) > 25
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.find_elements("css selector", "[data-chosen]")


def test_what_stands_half_outside_comes_into_view_too(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names), "level=1")
    browser.execute_script("""const node = DATA.nodes.findIndex((n) => n.name === "a1"), zoom = 3;
        const [x, y] = scene.items[scene.where.get(node)].at;
        Object.assign(place, { zoom, x: 100 - zoom * x, y: 200 - zoom * y });
        go({ node })""")
    script = """const b = document.querySelector("[data-name=a1] .shape").getBoundingClientRect();
        return b.left >= 0 && b.right <= document.getElementById("stage").getBoundingClientRect().right"""
    assert browser.execute_script(script)


def test_a_step_brings_what_it_sends_to_into_view(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names), "level=1")
    inside = """const stage = document.getElementById("stage").getBoundingClientRect();
        return [...document.querySelectorAll(".firing .shape, .receiving .shape")].map((e) => e.getBoundingClientRect())
            .map((b) => b.left >= stage.left && b.right <= stage.right
                && b.top >= stage.top && b.bottom <= stage.bottom)"""
    for name in ("z2", "a1", "J"):
        browser.execute_script(
            """const node = DATA.nodes.findIndex((n) => n.name === arguments[0]), zoom = 0.72;
            go({ step: 0 });
            const [x, y] = scene.items[scene.where.get(node)].at;
            Object.assign(place, { zoom, x: 300 - zoom * x, y: 40 - zoom * y });
            go({ step: DATA.steps.findIndex((step) => step.node === node) + 1 })""",
            name,
        )
        shown = browser.execute_script(inside)
        assert len(shown) > 1
        assert all(shown)


def test_a_picture_follows_its_window(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names), "level=1&step=5")
    wide = {"width": 1400, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    try:
        for size in ({"width": 500, "height": 600}, {"width": 900, "height": 400}, {}):
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**wide, **size})
            settle(browser)
            script = """const b = document.querySelector(".firing .shape").getBoundingClientRect();
                const s = document.getElementById("stage").getBoundingClientRect();
                return [b.left - s.left, s.right - b.right, b.top - s.top, s.bottom - b.bottom]"""
            assert min(browser.execute_script(script)) >= 0
    finally:
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", wide)


def test_each_value_in_the_picture_has_a_sentence(visit):
    x = Tensor(np.ones((2, 3)), requires_grad=True, name="x")
    y = anp.exp(x * 2.0)
    browser = visit(draw(y.sum(), names={"y": y}), "value=y")
    nodes = browser.find_elements("css selector", ".node")
    told = {node.get_attribute("data-name"): node.get_attribute("aria-label") for node in nodes}
    assert told["x"] == "parameter x, 2 × 3"
    assert told["y"] == "operation y = exp(t1), 2 × 3"
    pressed = [node.get_attribute("data-name") for node in nodes if node.get_attribute("aria-pressed") == "true"]
    assert pressed == ["y"]
