"""What is drawn can be read: contrast, text inside its node, names that would turn the text round, and no long wait."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd.drawing import draw

from .looking import article, leaf

# Contrast as WCAG 2 defines it, of each text that is seen with what lies behind it: the lowest, and whose it is.
LOWEST_CONTRAST = """
const line = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const light = ([r, g, b]) => 0.2126 * line(r / 255) + 0.7152 * line(g / 255) + 0.0722 * line(b / 255);
const read = (text) => text.match(/[\\d.]+/g).map(Number);
const over = ([r, g, b, a = 1], under, part) => [r, g, b].map((v, i) => v * a * part + under[i] * (1 - a * part));
const up = (e) => (e ? [e, ...up(e.parentElement)] : []);
const opacity = (e) => up(e).reduce((all, one) => all * getComputedStyle(one).opacity, 1);
const behind = (e) => up(e).map((one) => read(getComputedStyle(one).backgroundColor)).reverse()
  .reduce((under, top) => over(top, under, 1), [255, 255, 255]);
const found = [];
for (const e of document.querySelectorAll(arguments[0])) {
  if (!e.textContent.trim() || !e.getClientRects().length) continue;
  const style = getComputedStyle(e), svg = e.closest("svg");
  const shape = e.matches(".measure") ? null : e.closest("g.node")?.querySelector(".shape");
  const look = shape && getComputedStyle(shape);
  let ground = behind(svg ?? e);
  if (shape) ground = over(read(look.fill), ground, opacity(shape) * look.fillOpacity);
  const ink = over(read(svg ? style.fill : style.color), ground, opacity(e));
  const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x);
  found.push([(a + 0.05) / (b + 0.05), e.textContent]);
}
return found.sort((x, y) => x[0] - y[0])[0];
"""
OVERLAID = ["step=3&overlay=bytes", "value=z1&overlay=gradient", "overlay=range", "level=2&overlay=gradient"]
STATES = ["", "value=X", "step=3", "level=2", *OVERLAID]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("state", STATES)
def test_every_text_has_the_contrast_of_wcag_aa(visit, state, dark):
    J, names, _ = article()
    browser = visit(draw(J, names=names), state)
    browser.execute_script("setTheme(arguments[0])", dark)
    for css in ("#world .node text:not(.mark)", "#panel div, #panel span, #panel p, #panel td, #panel th, #panel code"):
        contrast, text = browser.execute_script(LOWEST_CONTRAST, css)
        assert contrast >= 4.5, text


@pytest.mark.parametrize("dark", [False, True])
def test_numbers_on_every_colour_of_an_overlay_can_be_read(visit, dark):
    x = leaf(1.0)
    y = x
    for _ in range(80):
        y = y * 1.1
    browser = visit(draw(y, fold=False), "overlay=range")
    browser.execute_script("setTheme(arguments[0])", dark)
    contrast, text = browser.execute_script(LOWEST_CONTRAST, "#world .node text:not(.mark)")
    assert contrast >= 4.5, text


def test_a_warning_can_be_read(visit):
    with np.errstate(divide="ignore"):
        y = anp.log(leaf([1.0, 0.0])).sum()
    browser = visit(draw(y))
    for dark in (False, True):
        browser.execute_script("setTheme(arguments[0])", dark)
        contrast, text = browser.execute_script(LOWEST_CONTRAST, ".warn")
        assert contrast >= 4.5, text


def test_a_wide_name_stays_inside_its_node(visit):
    names = ["W" * 5, "a_very_long_name_of_a_parameter_that_nobody_would_write", "MMMMMMMMMM", "i"]
    total = sum((leaf(k + 1.0, name) for k, name in enumerate(names)), start=leaf(0.0, "WIDE"))
    browser = visit(draw(total))
    spans = browser.execute_script("""
        const wide = (e, css) => e.querySelector(css).getBBox().width;
        return [...document.querySelectorAll("#world .node.parameter")]
            .map((e) => [e.dataset.name, wide(e, "text"), wide(e, ".shape")])""")
    assert len(spans) == 5
    for name, text, node in spans:
        assert text <= node - 14, name


def test_no_shape_reaches_out_of_its_place_and_covers_the_tips_of_arrows(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names))
    shapes = browser.execute_script("""return [...document.querySelectorAll("#world .node")].map((e, i) => {
        const box = e.querySelector(".shape").getBBox(), [, , wide, high] = scene.items[i].at;
        return [e.className.baseVal, -box.x, box.x + box.width, -box.y, box.y + box.height, wide / 2, high / 2]; })""")
    assert any("box" in kind for kind, *_ in shapes)
    for kind, left, right, top, bottom, wide, high in shapes:
        assert max(left, right) <= wide, kind
        assert max(top, bottom) <= high, kind


def test_a_long_name_leaves_the_numbers_of_the_table_in_sight(visit):
    browser = visit(draw(leaf(2.0, "a_name_of_a_parameter_that_goes_on_and_on_and_on_and_on_and_on_and_on") ** 2))
    shown, whole = browser.execute_script(
        'const e = document.querySelector("#panel .scroll"); return [e.clientWidth, e.scrollWidth]'
    )
    assert whole <= shown


def test_a_name_does_not_turn_the_text_around_it(visit):
    x = leaf(2.0, "\u202eevil")
    browser = visit(draw(x * x, title="\u202etitle"), "step=1")
    assert "\u202e" not in browser.page_source
    assert "sends to �evil" in browser.find_element("id", "caption").text
