"""The page in a real browser: what it shows is held against the engine's own numbers."""

import json
import re

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, annotate, cotangents, mark_scope, scope_start
from autograd.drawing import draw
from autograd.drawing.places import places
from autograd.program import read
from autograd.steps import hasty_walk, push, reverse_steps, values_read
from tests.browser import complaints, open_browser, requests

SCRIPT = '<script>document.title = "broken"</script>'


def article(m=12):
    """The article's network on images of 8 x 8 pixels, with layers as boxes; its hand-derived gradients."""
    rng = np.random.default_rng(5)
    X, y = rng.random((m, 64)), np.eye(3)[rng.integers(0, 3, m)]
    theta1, b1 = Tensor(rng.standard_normal((64, 5)) / 4, True), Tensor(rng.standard_normal(5), True)
    theta2, b2 = Tensor(rng.standard_normal((5, 3)), True), Tensor(rng.standard_normal(3), True)
    with annotate():
        start = scope_start()
        z1 = X @ theta1 + b1
        a1 = 1 / (1 + anp.exp(-z1))
        mark_scope(a1, "hidden", start)
        start = scope_start()
        z2 = a1 @ theta2 + b2
        a2 = 1 / (1 + anp.exp(-z2))
        mark_scope(a2, "outer", start)
        J = -(y * anp.log(a2) + (1 - y) * anp.log(1 - a2)).sum() / m
    names = {k: v for k, v in locals().items() if k not in ("m", "start", "rng")}
    delta3 = a2.data - y
    delta2 = delta3 @ theta2.data.T * a1.data * (1 - a1.data)
    hand = {
        "theta2": a1.data.T @ delta3 / m,
        "b2": delta3.sum(0) / m,
        "theta1": X.T @ delta2 / m,
        "b1": delta2.sum(0) / m,
    }
    return J, names, hand


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with open_browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def visit(browser, tmp_path):
    """Opens a drawing, and after the test finds no complaint in the console and no request but for the file."""

    def open_page(drawing, fragment=""):
        path = drawing.save(tmp_path / "graph.html")
        browser.get("about:blank")
        browser.get(f"{path.as_uri()}#{fragment}")
        return browser

    complaints(browser), requests(browser)
    yield open_page
    assert complaints(browser) == []
    assert requests(browser) == []


def press(browser, *keys):
    from selenium.webdriver.common.keys import Keys

    body = browser.find_element("tag name", "body")
    for key in keys:
        body.send_keys(getattr(Keys, key, key))


def settle(browser):
    """Let the page see a new address or message."""
    browser.execute_script("return new Promise((done) => setTimeout(done, 50))")


def numbers(browser, css):
    """The exact statistics shown inside the first element that matches."""
    script = """return Object.fromEntries([...document.querySelector(arguments[0]).querySelectorAll("[data-stat]")]
        .map((e) => [e.dataset.stat, Number(e.dataset.exact)]).reverse())"""
    return browser.execute_script(script, css)


def same(shown, value):
    """Whether shown statistics are those of an array."""
    value = np.asarray(value)
    if value.size == 1:
        assert shown["value"] == pytest.approx(float(value), rel=1e-7)
    else:
        expected = {"min": value.min(), "mean": value.mean(), "max": value.max(), "norm": np.linalg.norm(value)}
        assert {k: shown[k] for k in expected} == pytest.approx(expected, rel=1e-7, abs=1e-15)


def text(browser, css):
    return browser.find_element("css selector", css).text


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
    assert "test_page.py" in panel
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
    assert "1 of 2 entries are not finite" in text(browser, "[data-value=r]")


def test_images_and_heat_maps(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names), "level=1&value=X")
    sizes = "return [...document.querySelectorAll('[data-value] canvas')].map((c) => [c.width, c.height])"
    assert browser.execute_script(sizes) == [[8, 8]] * 12
    browser.find_element("css selector", ".node[data-name=theta1]").click()
    assert browser.execute_script(sizes) == [[8, 8]] * 5
    press(browser, "0")
    browser.find_element("css selector", ".node[data-name=z2]").click()
    assert browser.execute_script(sizes) == [[3, 12]]


def test_one_entry_unfolds_into_its_sum(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names), "level=1&value=z1&entry=3,2")
    z1 = names["z1"].data
    value = float(browser.find_element("css selector", "[data-entry]").get_attribute("data-entry"))
    assert value == pytest.approx(z1[3, 2], rel=1e-6)
    product = browser.find_element("css selector", "#entry td .link")
    product.click()
    added = float(browser.find_element("css selector", "[data-added]").get_attribute("data-added"))
    assert added == pytest.approx(names["X"][3] @ names["theta1"].data[:, 2], rel=1e-5)
    assert "64 terms" in text(browser, "#entry")
    assert "entry=3%2C2" in browser.current_url
    press(browser, "1")
    assert not browser.find_element("id", "entry").is_displayed()


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


def test_names_are_text(visit):
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True, name=SCRIPT)
    browser = visit(draw((x * x).sum(), title=SCRIPT))
    assert browser.title == SCRIPT
    press(browser, "ARROW_RIGHT", "ARROW_RIGHT")
    assert SCRIPT in text(browser, "#panel")
    assert len(browser.find_elements("tag name", "script")) == 2


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


def test_a_chain_of_ten_thousand_opens_closed(visit):
    x = Tensor(np.ones(2), requires_grad=True, name="x")
    for i in range(10_000):
        x = x * 1.0 if i % 3 else anp.sin(x)
    browser = visit(draw(x.sum()))
    assert 0 < len(browser.find_elements("css selector", ".node")) < 130
    press(browser, "END")
    assert text(browser, "[data-step]").startswith("Step 10001 of 10001")
    assert browser.find_elements("css selector", ".node.firing")


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


@pytest.mark.parametrize(("name", "index"), [("theta1", (7, 2)), ("b2", (1,)), ("a1", (3, 4)), ("z2", (0, 0))])
def test_what_if_an_entry_were_another_number(visit, name, index):
    J, names, _ = article()
    browser = visit(draw(J, names=names), f"value={name}&entry={','.join(map(str, index))}")
    field = browser.find_element("css selector", "#entry .card input")
    field.clear()
    field.send_keys("0.75")
    change = float(browser.find_element("css selector", "[data-whatif]").get_attribute("data-whatif"))
    theta1, b1, theta2, b2 = (names[k].data.copy() for k in ("theta1", "b1", "theta2", "b2"))
    given = {"theta1": theta1, "b2": b2}.get(name, names[name].data.copy())
    given[index] = 0.75
    a1 = given if name == "a1" else 1 / (1 + np.exp(-(names["X"] @ theta1 + b1)))
    z2 = given if name == "z2" else a1 @ theta2 + b2
    a2 = 1 / (1 + np.exp(-z2))
    y = names["y"]
    expected = -(y * np.log(a2) + (1 - y) * np.log(1 - a2)).sum() / len(y) - float(J.data)
    assert change == pytest.approx(expected, rel=1e-4, abs=1e-6)
    foretold = cotangents(J, [names[name]])[0][index] * (0.75 - names[name].data[index])
    shown = text(browser, "[data-whatif]").split("foretells ")[1].rstrip(".").replace("−", "-")
    assert float(shown) == pytest.approx(foretold, rel=1e-3)


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


def test_the_wrong_answer_of_a_walk_without_order_is_shown(visit):
    x = Tensor(0.5, requires_grad=True, name="x")
    y = anp.sin(x)
    y.name = "y"
    browser = visit(draw(y * 2.0 + anp.exp(y)))
    parts = [np.exp(np.sin(0.5)), 2 + np.exp(np.sin(0.5))]
    assert browser.find_element("css selector", "[data-early]").get_attribute("data-early") == "y"
    script = "return [...document.querySelectorAll('[data-early] [data-exact]')].map((e) => Number(e.dataset.exact))"
    assert browser.execute_script(script) == pytest.approx(parts)
    assert text(browser, "[data-wrong=x]").split()[1:] == [f"{np.cos(0.5) * part:.4g}" for part in parts]
    assert browser.find_element("css selector", "[data-order]").get_attribute("data-order") == "5"
    browser = visit(draw(anp.exp(y) * y.detach() * 2.0))
    assert "any order would be right" in text(browser, "#panel")


def test_where_an_order_is_right_by_luck_it_says_so(visit):
    x = Tensor(0.5, requires_grad=True, name="x")
    y = anp.sin(x)
    y.name = "y"
    browser = visit(draw(y + anp.exp(y)))
    assert browser.find_element("css selector", "[data-lucky]").get_attribute("data-lucky") == "y"
    assert not browser.find_elements("css selector", "[data-early]")
    z = y * y  # twice, but by one operation
    assert "any order would be right" in text(visit(draw(z * 2.0)), "#panel")


def test_complex_numbers_are_told_to_be_moduli(visit):
    z = Tensor(np.array([1 + 2j, 3 - 4j]), requires_grad=True, name="z")
    w = z * 1j
    w.name = "w"
    browser = visit(draw(anp.real(w * anp.conj(w)).sum(), check=True), "value=w")
    assert numbers(browser, "[data-value=w] [data-modulus]")["norm"] == pytest.approx(np.linalg.norm(w.data))
    browser = visit(draw(anp.real(w * anp.conj(w)).sum()), "value=w&entry=1")
    assert "modulus = 5" in text(browser, "#entry")
    assert browser.find_elements("css selector", "#entry [data-complex]")
    assert not browser.find_elements("css selector", "#entry [data-whatif]")


def test_a_hasty_walk_is_right_without_reuse():
    J, names, _ = article()
    steps, found = reverse_steps(J)
    fired, answer = hasty_walk(steps)
    assert not np.allclose(answer[names["theta1"]], found[names["theta1"]])
    assert len(fired) == len(steps)
    z = names["X"] @ names["theta1"]
    steps, found = reverse_steps(anp.tanh(z).sum())
    assert np.array_equal(hasty_walk(steps)[1][names["theta1"]], found[names["theta1"]])


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


def test_forward_mode_beside_the_walk(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names), "step=1&along=theta2")
    steps, found = reverse_steps(J)
    index = np.unravel_index(np.abs(found[names["theta2"]]).argmax(), (5, 3))
    slope = found[names["theta2"]][index]
    tangents = push(J, [(names["theta2"], index)])[0]
    word = {line.tensor: line.name for line in draw(J, names=names).program}
    shown = 0
    for step in steps:
        pair = float(browser.find_element("css selector", "[data-pair]").get_attribute("data-pair"))
        assert pair == pytest.approx(slope, rel=1e-8)
        if step.node in tangents:
            same(numbers(browser, "[data-tangent]"), tangents[step.node])
            assert (
                browser.find_element("css selector", "[data-tangent]").get_attribute("data-tangent") == word[step.node]
            )
            shown += 1
        assert "along=theta2" in browser.current_url
        press(browser, "ARROW_RIGHT")
    assert 5 < shown < len(steps)


def test_pushed_tangents_are_differences_of_values():
    J, names, _ = article()
    theta1 = names["theta1"]
    tangents = push(J, [(theta1, (7, 2))])[0]

    def run(move):
        moved = theta1.data.copy()
        moved[7, 2] += move
        return 1 / (1 + np.exp(-(names["X"] @ moved + names["b1"].data)))

    assert tangents[names["a1"]] == pytest.approx((run(1e-6) - run(-1e-6)) / 2e-6, abs=1e-9)
    assert float(tangents[J]) == pytest.approx(cotangents(J, [theta1])[0][7, 2], rel=1e-12)


def test_costs_are_counted(visit):
    """y = sum(X @ w): by hand, 12 products forward, 12 back; forward mode once for each of 4 entries."""
    w = Tensor(np.ones(4), requires_grad=True, name="w")
    y = (np.ones((3, 4)) @ w).sum()
    browser = visit(draw(y))
    cells = browser.find_elements("css selector", "[data-cost]")
    exact = {c.get_attribute("data-cost"): int(c.get_attribute("data-exact")) for c in cells}
    assert exact == {
        "the program itself": 15,
        "reverse mode": 15 + 15,
        "forward mode": 15 + 4 * 15,
        "finite differences, nearly": 2 * 4 * 15,
    }


ENTRIES = {
    "stacks of matrices": lambda A, B, M, v: A @ B,
    "a stack and a matrix": lambda A, B, M, v: A @ M.T,
    "a row": lambda A, B, M, v: v @ M.T,
    "dot": lambda A, B, M, v: anp.dot(A, M.T),
    "inner": lambda A, B, M, v: anp.inner(A, M),
    "outer": lambda A, B, M, v: anp.outer(v, v),
    "tensordot": lambda A, B, M, v: anp.tensordot(A, B, axes=([0, 2], [0, 1])),
    "einsum": lambda A, B, M, v: anp.einsum("bij,bjk->ik", A, B),
    "norm": lambda A, B, M, v: anp.linalg.norm(M, axis=1),
    "logsumexp": lambda A, B, M, v: anp.logsumexp(M, axis=1),
    "large logsumexp": lambda A, B, M, v: anp.logsumexp(M * 2000, axis=1),
    "softmax": lambda A, B, M, v: anp.softmax(M, axis=-1),
    "log_softmax": lambda A, B, M, v: anp.log_softmax(M),
    "cumsum": lambda A, B, M, v: anp.cumsum(M, axis=0),
    "max": lambda A, B, M, v: anp.max(M, axis=1),
    "index": lambda A, B, M, v: M[1:, ::2],
    "take": lambda A, B, M, v: anp.take(M, np.array([1, 0]), axis=1),
    "stack": lambda A, B, M, v: anp.stack([v, v * 2.0], axis=-1),
    "pad": lambda A, B, M, v: anp.pad(M, 1),
    "tril": lambda A, B, M, v: anp.tril(M),
    "permuted": lambda A, B, M, v: anp.transpose(A, (2, 0, 1)),
    "reshape": lambda A, B, M, v: anp.reshape(M, (4, 3)),
    "sort": lambda A, B, M, v: anp.sort(v),
}
FINISH = {"norm": np.sqrt, "logsumexp": np.log}


@pytest.mark.parametrize("case", ENTRIES)
def test_entries_of_many_operations_unfold(visit, case):
    rng = np.random.default_rng(3)
    shapes = {"A": (2, 3, 4), "B": (2, 4, 5), "M": (3, 4), "v": (4,)}
    given = {k: Tensor(rng.normal(size=shape), requires_grad=True, name=k) for k, shape in shapes.items()}
    o = ENTRIES[case](**given)
    o.name = "o"
    index = tuple(min(1, n - 1) for n in o.shape)
    browser = visit(draw(o.sum()), f"value=o&entry={','.join(map(str, index))}")
    value = float(o.data[index])
    assert not browser.find_elements("css selector", "[data-folded]")
    added = browser.find_elements("css selector", "[data-added]")
    if case in ("softmax", "log_softmax"):
        below = np.exp(given["M"].data[1]).sum()
        assert float(added[0].get_attribute("data-added")) == pytest.approx(below, rel=1e-6)
    elif case == "large logsumexp":
        assert float(added[0].get_attribute("data-added")) == pytest.approx(1, rel=1e-6)
    elif added:
        total = float(added[0].get_attribute("data-added"))
        assert FINISH.get(case, float)(total) == pytest.approx(value, rel=1e-5)
    else:
        first = browser.find_elements("css selector", "#entry table td:last-child")
        assert float(first[0].text.replace("−", "-")) == pytest.approx(value, rel=1e-6)


def test_an_operation_that_does_not_unfold_says_so(visit):
    x = Tensor(np.eye(3) * 2.0, requires_grad=True, name="x")
    o = anp.linalg.inv(x)
    browser = visit(draw(o.sum(), names={"o": o}), "value=o&entry=0,1")
    assert "linalg.inv computes its entries together" in text(browser, "#entry")


def test_places_are_found_by_moving_marks():
    rng = np.random.default_rng(2)
    M, v = Tensor(rng.normal(size=(3, 4)), True), Tensor(rng.normal(size=4), True)
    for made in (M[[0, 2], [1, 3]], anp.concatenate([M, M], axis=1), anp.roll(v, 1), anp.tril(M), anp.diag(v), M.T):
        line = read([made]).outputs[0]
        entries = np.concatenate([a.value.ravel() for a in line.parents if a.dtype.kind == "f"])
        found = [entries[i] if i >= 0 else 0.0 for i in places(line)]
        assert np.array_equal(found, made.data.ravel())
    for made in (M.sum(axis=0), M * 2.0, anp.cumsum(v), M @ v):
        assert places(read([made]).outputs[0]) is None


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


def test_what_if_goes_through_moves_and_says_where_it_ends(visit):
    x = Tensor(np.array([0.5, 1.0, -2.0]), requires_grad=True, name="x")
    moved = anp.concatenate([x[::-1], x * 2.0])
    browser = visit(draw((moved * moved * np.arange(6.0)).sum()), "value=x&entry=0")
    field = browser.find_element("css selector", "#entry .card input")
    field.clear()
    field.send_keys("1.5")
    change = float(browser.find_element("css selector", "[data-whatif]").get_attribute("data-whatif"))
    assert change == pytest.approx((2 + 3 * 4) * (1.5**2 - 0.5**2))
    s = anp.softmax(x)
    browser = visit(draw((s * s).sum(), names={"s": s}), "value=x&entry=0")
    assert "cannot compute s = softmax(x) anew" in text(browser, "[data-uncomputed]")
