"""One entry of a value: its picture, the sum it is, and what if it were another number."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents
from autograd.drawing import draw
from autograd.drawing.places import places
from autograd.program import read

from .looking import article, numbers, press, settle, text


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


def test_a_long_vector_is_read_in_lines(visit):
    v = Tensor(np.arange(130.0), requires_grad=True, name="v")
    column = anp.reshape(v, (130, 1)) * 2.0
    browser = visit(draw(column.sum(), names={"column": column}), "value=v")
    canvas = browser.find_element("css selector", "[data-value=v] canvas")
    assert browser.execute_script("return [arguments[0].width, arguments[0].height]", canvas) == [50, 3]
    assert "130 entries, 50 a line" in text(browser, "[data-value=v]")
    ends = "return [...arguments[0].getContext('2d').getImageData(29, 2, 2, 1).data].filter((_, i) => i % 4 === 3)"
    assert browser.execute_script(ends, canvas) == [255, 0]
    canvas.click()  # its middle
    assert "v[75]" in text(browser, "#entry")
    browser.execute_script("location.hash = 'value=column'")
    settle(browser)
    canvas = browser.find_element("css selector", "[data-value=column] canvas")
    assert browser.execute_script("return [arguments[0].width, arguments[0].height]", canvas) == [50, 3]
    canvas.click()
    assert "column[75, 0]" in text(browser, "#entry")


@pytest.mark.parametrize("shape", [(1_000_000,), (142**2,), (2, 10_000), (10_000, 2)])
def test_pictures_of_large_arrays_fit_the_panel(visit, shape):
    v = Tensor(np.linspace(0.0, 1.0, np.prod(shape)).reshape(shape), requires_grad=True, name="v")
    browser = visit(draw((v * 2.0).sum()), "value=v")
    script = """const panel = document.getElementById("panel").clientWidth;
        const widths = [...document.querySelectorAll("[data-value=v] canvas")].map((c) => c.offsetWidth);
        return widths.map((width) => width > 0 && width < panel)"""
    shown = browser.execute_script(script)
    assert shown
    assert all(shown)
    if shape == (1_000_000,):
        assert "first 1,200 of 1,000,000 entries, 50 a line" in text(browser, "[data-value=v]")


def test_numbers_of_all_sizes_are_told_as_they_are(visit):
    values = np.linspace(1.0, 2.0, 100)
    values[[3, 7]] = 1e300, 1e-200
    x = Tensor(values, requires_grad=True, name="x")
    y = x * 1.0
    browser = visit(draw(anp.log(y).sum(), names={"y": y}), "value=y&entry=3")
    assert float(browser.find_element("css selector", "[data-entry]").get_attribute("data-entry")) == 1e300
    browser.execute_script("location.hash = 'value=y&entry=7'")
    settle(browser)
    assert float(browser.find_element("css selector", "[data-entry]").get_attribute("data-entry")) == 1e-200


def test_an_entry_is_told_in_the_digits_that_the_page_holds(visit):
    rng = np.random.default_rng(4)
    X, W = rng.random((5, 400)), Tensor(rng.normal(size=(400, 25)), requires_grad=True, name="W")
    z = X @ W
    browser = visit(draw(z.sum(), names={"z": z, "X": X}), "value=z&entry=1,2")
    shown = f"{z.data[1, 2]:.6g}".replace("-", "−")
    assert text(browser, "[data-entry]") == f"= {shown}"
    assert text(browser, "[data-added]") == f"400 terms, which add up to {shown}."


def test_the_term_that_is_not_finite_comes_first(visit):
    X, w = np.arange(1.0, 9.0).reshape(2, 4), Tensor(np.array([1.0, 2.0, np.nan, -3.0]), requires_grad=True, name="w")
    z = X @ w
    browser = visit(draw(z.sum(), names={"z": z, "X": X}), "value=z&entry=1")
    assert text(browser, "[data-added]") == "4 terms, which add up to NaN."
    terms = browser.find_elements("css selector", "#entry tr")
    assert terms[1].text.split() == ["X[1,", "2]7", "w[2]NaN", "NaN"]
    assert terms[2].text.split()[-1] == "−24"
    wide = [bar.size["width"] for bar in browser.find_elements("css selector", "#entry .bar")]
    assert wide == pytest.approx([120, 120, 60, 25], abs=1)


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


def test_what_if_goes_through_moves_and_says_where_it_ends(visit):
    x = Tensor(np.array([0.5, 1.0, -2.0]), requires_grad=True, name="x")
    moved = anp.concatenate([x[::-1], x * 2.0])
    browser = visit(draw((moved * moved * np.arange(6.0)).sum()), "value=x&entry=0")
    field = browser.find_element("css selector", "#entry .card input")
    field.clear()
    field.send_keys("1.5")
    change = float(browser.find_element("css selector", "[data-whatif]").get_attribute("data-whatif"))
    assert change == pytest.approx((2 + 3 * 4) * (1.5**2 - 0.5**2))
    s = anp.cumsum(x)
    browser = visit(draw((s * s).sum(), names={"s": s}), "value=x&entry=0")
    assert "cannot compute s = cumsum(x) anew" in text(browser, "[data-uncomputed]")


FOLDS = {
    "softmax": lambda M: anp.softmax(M, axis=0),
    "log_softmax": anp.log_softmax,
    "logsumexp": lambda M: anp.logsumexp(M, axis=1),
    "large logsumexp": lambda M: anp.logsumexp(M * 1000.0),
    "max": lambda M: anp.max(M, axis=0),
    "min": lambda M: anp.min(M, axis=1, keepdims=True),
    "prod": lambda M: anp.prod(M, axis=-1),
    "mean": lambda M: anp.mean(M, axis=(0, 1)),
    "where": lambda M: anp.where(M > 0.5, M * M, 3.0),
}


@pytest.mark.parametrize("case", FOLDS)
def test_what_if_goes_through_sums_of_all_kinds(visit, case):
    start = np.random.default_rng(6).normal(size=(3, 4))
    M = Tensor(start, requires_grad=True, name="M")
    weigh = np.cos(np.arange(12.0))

    def cost(M):
        made = FOLDS[case](M)
        return (made * weigh[: made.size].reshape(made.shape)).sum()

    browser = visit(draw(cost(M)), "value=M&entry=1,2")
    field = browser.find_element("css selector", "#entry .card input")
    field.clear()
    field.send_keys("1.5")
    moved = start.copy()
    moved[1, 2] = 1.5
    change = float(browser.find_element("css selector", "[data-whatif]").get_attribute("data-whatif"))
    assert change == pytest.approx(cost(moved) - cost(start), rel=1e-9, abs=1e-12)


def test_a_single_number_is_unfolded_and_an_empty_array_is_not(visit):
    x, empty = Tensor(np.array([1.0, 2.0, 4.0]), True, name="x"), Tensor(np.zeros((0, 2)), True, name="empty")
    y = x.sum()
    browser = visit(draw(y + (empty * 2).sum(), names={"y": y}), "value=y")
    next(b for b in browser.find_elements("css selector", "#panel .link") if b.text == "Unfold it").click()
    assert "3 terms, which add up to 7" in text(browser, "#entry")
    assert text(browser, "#entry h2") == "y a single number"
    assert "entry=" in browser.current_url
    browser.execute_script("location.hash = 'value=empty&entry=0'")
    settle(browser)
    assert "empty is 0 × 2: it has no entries." in text(browser, "#entry")


def test_words_among_the_arguments_of_an_entry_are_no_numbers(visit):
    x = Tensor(np.array([5.0, 2.0]), True, name="x")
    low = anp.clip(x, None, 3.0)
    y = low.astype(np.float32)
    browser = visit(draw(y.sum(), names={"low": low, "y": y}), "value=low&entry=0")
    assert text(browser, "#entry code") == "= clip(x[0], None, 3)"
    browser.execute_script("location.hash = 'value=y&entry=0'")
    settle(browser)
    assert text(browser, "#entry code") == "= astype(low[0], float32)"
    assert "NaN" not in text(browser, "#entry")


def test_no_legend_of_colors_lies_over_an_entry(visit):
    J, names, _ = article()
    browser = visit(draw(J, names=names), "value=z1&overlay=bytes")
    legend = browser.find_element("id", "legend")
    assert legend.is_displayed()
    browser.execute_script("location.hash += '&entry=0,0'")
    settle(browser)
    assert not legend.is_displayed()
