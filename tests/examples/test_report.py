"""The report of a training run, in a real browser."""

import math
import re

import numpy as np
import pytest

from examples.digits import cli, files
from examples.digits import network as net
from examples.digits.dataset import Dataset
from examples.report import report
from tests.browser import complaints, need_browser, open_browser, requests


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on the digits that come with scikit-learn."""
    pytest.importorskip("sklearn")
    pytest.importorskip("igraph")
    out = tmp_path_factory.mktemp("run")
    assert cli.main(["train", "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def browser(run, tmp_path_factory):
    need_browser()
    with open_browser(tmp_path_factory.mktemp("profile"), 1200, 1000) as driver:
        driver.get((run / "report.html").as_uri())
        yield driver
        assert complaints(driver) == []
        assert requests(driver) == []


def arc(x, y, across, down, start, end, points=20):
    """Points of an arc of an ellipse, angles in degrees."""
    angles = [math.radians(start + (end - start) * i / points) for i in range(points + 1)]
    return [(x + across * math.cos(a), y + down * math.sin(a)) for a in angles]


STROKES = {
    "0": [arc(140, 140, 55, 85, -90, 270)],
    "2": [[*arc(140, 100, 55, 50, -170, 30), (90, 225), (200, 225)]],
    "5": [[(190, 55), (110, 55), (100, 130), *arc(130, 175, 55, 50, -110, 150)]],
    "7": [[(85, 60), (195, 60), (130, 235)]],
}


def draw(browser, strokes, scale=1.0, move=(0, 0)):
    from selenium.webdriver.common.action_chains import ActionChains

    browser.find_element("id", "clear").click()
    board = browser.find_element("id", "sketch")
    for stroke in strokes:
        hand = ActionChains(browser, duration=1)
        for i, (x, y) in enumerate(stroke):
            hand.move_to_element_with_offset(board, int((x - 140) * scale + move[0]), int((y - 140) * scale + move[1]))
            if i == 0:
                hand.click_and_hold()
        hand.release().perform()


def seen(browser):
    """The grey values that the network is given."""
    script = """const c = document.getElementById("seen");
        const pixels = c.getContext("2d").getImageData(0, 0, c.width, c.height);
        return [...pixels.data].filter((_, i) => i % 4 === 0)"""
    return np.array(browser.execute_script(script)) / 255


def outputs(browser):
    return [float(e.text.split()[-1]) for e in browser.find_elements("css selector", ".output")]


@pytest.mark.parametrize("digit", STROKES)
def test_a_drawn_digit_is_recognised(browser, digit):
    draw(browser, STROKES[digit])
    assert browser.find_element("id", "guess").text == f"→ {digit}"
    assert outputs(browser)[int(digit)] > 0.5


def test_where_and_how_large_it_is_drawn_does_not_matter(browser):
    draw(browser, STROKES["5"])
    first = seen(browser)
    draw(browser, STROKES["5"], scale=0.5, move=(50, -40))
    assert browser.find_element("id", "guess").text == "→ 5"
    assert np.abs(seen(browser) - first).mean() < 0.05


def test_the_page_computes_what_the_network_computes(browser, run):
    network, labels, _ = files.load_model(run / "model.safetensors")
    assert [str(label) for label in labels] == [str(k) for k in range(10)]
    draw(browser, STROKES["2"])
    expected = seen(browser)[None, :]
    hidden = None
    for linear in list(network)[::2]:
        expected = 1 / (1 + np.exp(-(expected @ linear.weight.data + linear.bias.data)))
        hidden = expected if hidden is None else hidden
    assert outputs(browser) == pytest.approx(expected[0], abs=0.02)  # the canvas keeps 256 greys
    units = [float(e.text.split()[-1]) for e in browser.find_elements("css selector", "section .unit:has(.track)")]
    assert units == pytest.approx(hidden[0], abs=0.05)


def test_the_numbers_of_the_run_are_shown(browser, run):
    import json

    metrics = json.loads((run / "metrics.json").read_text())
    page = browser.find_element("tag name", "body").text
    assert f"{100 * metrics['test_accuracy']:.1f} %" in page
    assert f"{100 * metrics['train_accuracy']:.1f} %" in page
    counts = [int(e.text) for e in browser.find_elements("css selector", ".confusion td") if e.text != "·"]
    assert sum(counts) == 359
    diagonal = browser.find_elements("css selector", ".confusion tr")[1:]
    right = [int(row.find_elements("tag name", "td")[i].text) for i, row in enumerate(diagonal)]
    assert sum(right) / 359 == pytest.approx(metrics["test_accuracy"])
    assert len(browser.find_elements("css selector", ".mistake")) == min(24, 359 - sum(right))
    for name in metrics["gradient_check"]:
        assert name in page


def light_of(colour):
    """The relative luminance of a colour as the browser computed it."""
    values = [float(v) / (1 if "srgb" in colour else 255) for v in re.findall(r"[\d.]+", colour)[:3]]
    return np.dot(
        [0.2126, 0.7152, 0.0722], [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_larger_count_stands_out_more_and_each_can_be_read(browser, theme):
    script = """document.documentElement.classList.toggle("dark", arguments[0] === "dark");
        const of = (element, what) => getComputedStyle(element)[what];
        const rows = [...document.querySelectorAll(".confusion tr")].slice(1);
        const look = (td, right) => [right, Number(td.textContent), of(td, "backgroundColor"), of(td, "color")];
        const cells = rows.flatMap((row, i) => [...row.querySelectorAll("td")].map((td, j) => look(td, i === j)));
        const ground = of(document.body, "backgroundColor");
        document.documentElement.classList.remove("dark");
        return [ground, cells.filter((cell) => cell[1] > 0)]"""
    ground, cells = browser.execute_script(script, theme)
    distance = {n: abs(light_of(back) - light_of(ground)) for right, n, back, _ in cells if not right}
    assert len(distance) > 1
    assert sorted(distance, key=distance.get) == sorted(distance)
    for _, _, back, ink in cells:
        dark, bright = sorted([light_of(back), light_of(ink)])
        assert (bright + 0.05) / (dark + 0.05) >= 4.5


def test_the_derivation_is_shown(browser):
    rows = browser.execute_script("return [...document.querySelectorAll('.derivation mtr')].map((r) => r.textContent)")
    assert len(rows) == 6
    assert rows[0] == "δ3=a2−ym"
    assert rows[3].startswith("δ2=(δ3")


def test_a_mistake_can_be_looked_at(browser):
    mistake = browser.find_element("css selector", ".mistake")
    guess = mistake.text.split()[0]
    mistake.click()
    assert browser.find_element("id", "guess").text == f"→ {guess}"


def test_a_mistake_is_told_with_its_row_of_the_data(browser, run):
    dataset = Dataset.read(None, "X", "y")
    network, labels, scale = files.load_model(run / "model.safetensors")
    predicted = labels[net.outputs(network, scale(dataset.x, "float64")).argmax(axis=1)]
    shown = [e.text.split() for e in browser.find_elements("css selector", ".mistake")]
    assert len({words[-1] for words in shown}) == len(shown) > 0
    for guess, _, _, truth, word, row in shown:
        assert word == "row"
        assert (str(predicted[int(row) - 1]), str(dataset.labels[int(row) - 1])) == (guess, truth)


def test_the_graph_is_linked_and_checked(run, tmp_path):
    with open_browser(tmp_path) as browser:
        browser.get((run / "report.html").as_uri())
        browser.find_element("id", "graph").click()
        assert browser.current_url.endswith("/graph.html")
        card = browser.find_element("css selector", "[data-check=theta1]").text
        assert float(re.search(r"hand: (\S+) at", card)[1].replace("−", "-")) < 1e-12
        assert complaints(browser) == []


def test_on_a_phone(run, tmp_path):
    with open_browser(tmp_path, 390, 844) as browser:
        browser.get((run / "report.html").as_uri())
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
        assert complaints(browser) == []


def test_both_pages_are_small(run):
    assert sum((run / name).stat().st_size for name in ("report.html", "graph.html")) < 3_000_000


def test_no_report_on_request(small, tmp_path):
    assert cli.main(["train", "--data", str(small), "--epochs", "2", "--out", str(tmp_path / "a"), "--no-report"]) == 0
    assert not list((tmp_path / "a").glob("*.html"))


def test_rows_that_are_no_images(small, tmp_path):
    out = tmp_path / "a"
    assert cli.main(["train", "--data", str(small), "--epochs", "2", "--test-fraction", "0", "--out", str(out)]) == 0
    page = (out / "report.html").read_text()
    assert '"shape":null' in page
    assert (out / "graph.html").exists()


def test_only_what_there_is_is_shown(tmp_path):
    """No tile for test rows where there are none, and it is said when not all units are shown."""
    need_browser()
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "d.npz", X=rng.random((20, 36)), y=np.arange(20) % 2)
    options = ["--data", str(tmp_path / "d.npz"), "--hidden", "70", "--test-fraction", "0", "--epochs", "1"]
    assert cli.main(["train", *options, "--out", str(tmp_path / "a")]) == 0
    with open_browser(tmp_path / "profile") as browser:
        browser.get((tmp_path / "a" / "report.html").as_uri())
        page = browser.find_element("tag name", "body").text
        assert complaints(browser) == []
    assert "accuracy on 20 training rows" in page
    assert "test rows" not in page
    assert "Hidden units before and after: the first 60 of 70" in page


def test_more_classes_than_a_table_can_hold(tmp_path):
    need_browser()
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "d.npz", X=rng.random((800, 4)), y=np.arange(800) % 400)
    assert cli.main(["train", "--data", str(tmp_path / "d.npz"), "--epochs", "1", "--out", str(tmp_path / "a")]) == 0
    with open_browser(tmp_path / "profile") as browser:
        browser.get((tmp_path / "a" / "report.html").as_uri())
        page = browser.find_element("tag name", "body").text
        assert complaints(browser) == []
        assert browser.find_elements("css selector", "table.confusion") == []
    assert "400 classes are too many for a table" in page
    assert "Gradient check" in page


@pytest.mark.parametrize("width", [390, 1200])
def test_long_labels_are_shown_whole(tmp_path, width):
    need_browser()
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "d.npz", X=rng.random((20, 36)), y=np.where(np.arange(20) % 2, -7, 123456789))
    assert cli.main(["train", "--data", str(tmp_path / "d.npz"), "--epochs", "1", "--out", str(tmp_path / "a")]) == 0
    with open_browser(tmp_path / "profile", width) as browser:
        browser.get((tmp_path / "a" / "report.html").as_uri())
        measure = "return [...arguments[0].children].map((e) => [e.getBoundingClientRect().left, e.scrollWidth])"
        for row in browser.find_elements("css selector", ".output"):
            (left, wide), (track, long), _ = browser.execute_script(measure, row)
            assert left + wide <= track
            assert long > 60
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_without_a_layout_there_is_still_a_report(small, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(__import__("sys").modules, "igraph", None)
    out = tmp_path / "a"
    assert cli.main(["train", "--data", str(small), "--epochs", "2", "--out", str(out)]) == 0
    assert "neither is installed" in (out / "report.html").read_text()
    assert not (out / "graph.html").exists()


def test_how_the_digits_are_drawn_is_measured():
    """Two discs of known size and place."""
    y, x = np.mgrid[:20, :20] + 0.5
    disc = (((x - 9) ** 2 + (y - 11) ** 2) < 36).astype(float)
    found = report.drawn_like(np.stack([disc.ravel()] * 2))
    assert found["side"] == 20
    assert found["long"] == 12
    assert (found["x"], found["y"]) == (9, 11)
    # 2 * area / perimeter of a disc is its radius
    assert found["width"] == pytest.approx(6, rel=0.06)
    assert report.drawn_like(np.ones((3, 65))) is None


def test_dark_ink_on_light_paper_is_measured_and_drawn_as_such(tmp_path):
    need_browser()
    digits = Dataset.read(None, "X", "y")
    images = digits.x / 16
    white, black = report.drawn_like(images), report.drawn_like(1 - images)
    assert black == {**white, "dark": True}
    np.savez(tmp_path / "d.npz", X=1 - images, y=digits.labels)
    assert cli.main(["train", "--data", str(tmp_path / "d.npz"), "--out", str(tmp_path / "a")]) == 0
    with open_browser(tmp_path / "profile", 1200, 1000) as browser:
        browser.get((tmp_path / "a" / "report.html").as_uri())
        draw(browser, STROKES["0"])
        assert seen(browser)[[0, 7, 56, 63]] == pytest.approx(1, abs=0.1)
        assert browser.find_element("id", "guess").text == "→ 0"


def test_images_written_column_by_column_can_be_turned(tmp_path):
    """As MATLAB unrolls a matrix; nothing in the file says so."""
    need_browser()
    digits = Dataset.read(None, "X", "y")
    np.savez(tmp_path / "d.npz", X=digits.x.reshape(-1, 8, 8).transpose(0, 2, 1), y=digits.labels)
    assert cli.main(["train", "--data", str(tmp_path / "d.npz"), "--out", str(tmp_path / "a")]) == 0
    with open_browser(tmp_path / "profile", 1200, 1000) as browser:
        browser.get((tmp_path / "a" / "report.html").as_uri())
        pictures = "return [...document.querySelectorAll('.unit canvas, .mistake canvas')].map((c) => c.toDataURL())"
        lying = browser.execute_script(pictures)
        browser.find_element("id", "turn").click()
        upright = browser.execute_script(pictures)
        assert len(upright) == len(lying)
        assert all(a != b for a, b in zip(upright, lying, strict=True))
        for digit in STROKES:
            draw(browser, STROKES[digit])
            assert browser.find_element("id", "guess").text == f"→ {digit}"
        mistake = browser.find_element("css selector", ".mistake")
        guess = mistake.text.split()[0]
        mistake.click()
        assert browser.find_element("id", "guess").text == f"→ {guess}"
        browser.find_element("id", "turn").click()
        assert browser.execute_script(pictures) == lying
        assert complaints(browser) == []


@pytest.mark.parametrize(
    ("labels", "first"),
    [([10, *range(1, 10)], "0"), (range(1, 11), "1"), ([10, 1, 2], "10"), (range(10), "0")],
)
def test_only_the_articles_ten_is_called_0(labels, first):
    """Another file's labels 1 to 10 may be marks out of ten."""
    names = report.class_names(np.array(labels))
    assert names == [first, *map(str, list(labels)[1:])]


def test_the_embedded_digits_fill_their_frame():
    pytest.importorskip("sklearn")
    found = report.drawn_like(Dataset.read(None, "X", "y").x / 16)
    assert found["side"] == found["long"] == 8
