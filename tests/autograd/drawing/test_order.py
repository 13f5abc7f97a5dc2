"""Why backwards, and why in order: the page's answers against those of other walks."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents
from autograd.drawing import draw
from autograd.drawing.page import page_data
from autograd.steps import hasty_walk, push, reverse_steps

from .looking import article, numbers, press, same, settle, text


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


def test_many_firings_are_told_with_their_thousands():
    y = Tensor(0.5, requires_grad=True)
    for _ in range(12):
        y = y + anp.sin(y)
    assert page_data(draw(y))["order"]["firings"] == "8,190"


def test_a_hasty_walk_is_right_without_reuse():
    J, names, _ = article()
    steps, found = reverse_steps(J)
    fired, answer = hasty_walk(steps)
    assert not np.allclose(answer[names["theta1"]], found[names["theta1"]])
    assert len(fired) == len(steps)
    z = names["X"] @ names["theta1"]
    steps, found = reverse_steps(anp.tanh(z).sum())
    assert np.array_equal(hasty_walk(steps)[1][names["theta1"]], found[names["theta1"]])


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


def test_a_literal_walk_has_the_tangents_of_what_stable_forms_step_over():
    J, names, hand = article()
    picture = draw(J, names=names, stable=False)
    for told in page_data(picture)["pushes"]:
        name, index = picture.program.lines[told["node"]].name, tuple(told["index"])
        assert told["slope"] == pytest.approx(hand[name][index], rel=1e-8)
        assert told["pairs"] == pytest.approx([told["slope"]] * len(told["pairs"]), rel=1e-8)
    exp = [line for line in picture.program if line.primitive is not None and line.primitive.name == "exp"][-1]
    (tangents,) = push(J, [(names["b2"], (1,))], picture.reach)
    assert tangents[exp.tensor] == pytest.approx(np.exp(-names["z2"].data) * [0, -1, 0], rel=1e-12)


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


def of_several_results(x):
    w, V = anp.linalg.eigh(x + x.T)
    return anp.sum(anp.exp(w)) + V[0, 0] ** 2


def of_complex_numbers(x):
    F = anp.fft.fft(x)
    return anp.sum(abs(F * F) ** 2) + anp.real(anp.sum(anp.exp(1j * x) * F))


def of_a_complex_leaf(z):
    return anp.sum(abs(z * z) ** 2) + anp.real(anp.sum(1j * z))


@pytest.mark.parametrize("fun", [of_several_results, of_complex_numbers, of_a_complex_leaf])
def test_the_modes_meet_in_graphs_of_several_results_and_of_complex_numbers(visit, fun):
    x = np.random.default_rng(4).random((3, 3)) + np.diag([1.0, 2.0, 4.0])
    x = x + 1j * x.T**2 if fun is of_a_complex_leaf else x
    leaf = Tensor(x, requires_grad=True, name="x")
    picture = draw(fun(leaf))
    (push,) = page_data(picture)["pushes"]
    unit = np.zeros((3, 3))
    unit[tuple(push["index"])] = 1e-6
    assert push["slope"] == pytest.approx((fun(x + unit) - fun(x - unit)) / 2e-6, rel=1e-6)
    assert push["pairs"] == pytest.approx([push["slope"]] * len(push["pairs"]), rel=1e-9)
    browser = visit(picture, "along=x")
    for step in range(1, len(push["pairs"]) + 1):
        browser.execute_script("location.hash = arguments[0]", f"along=x&step={step}")
        settle(browser)
        assert browser.find_elements("css selector", ".push [data-tangent]")
        assert "no numbers" not in text(browser, "#panel")
