"""What pictures say: names, numbers, shapes, columns, the legend."""

import re

import numpy as np

import autograd.numpy as anp
from autograd import Tensor, mark_scope, scope_start
from autograd.drawing import draw

from .looking import leaf, network, parse


def test_text_is_pinned():
    x = Tensor(np.ones((2, 3)), requires_grad=True, name="x")
    c = np.full(3, 2.0)
    y = (x * c).sum(axis=0)
    start = scope_start()
    z = anp.exp(y)
    mark_scope(z, "layer", start)
    assert draw(z.sum(), names={"c": c, "z": z, "cost": None}).text.splitlines() == [
        "x        parameter           2 × 3 float64",
        "c        input               3 float64",
        "t1       = multiply(x, c)    2 × 3 float64",
        "t2       = sum(t1, axis=0)   3 float64",
        "[layer]",
        "  z      = exp(t2)           3 float64",
        "t3       = sum(z)  (output)  scalar float64",
        "",
        "4 operations, 1 parameter of 6 numbers, 176 bytes kept for the backward pass",
    ]


def test_values_and_gradients_on_the_nodes():
    x = Tensor(np.array([3.0, -4.0]), requires_grad=True, name="x")
    rows = draw((x * x).sum(), values=True).text.splitlines()
    assert rows[0].endswith("2 float64       -4 … 3, mean -0.5, norm 5")
    assert rows[1] == rows[0].index("-4") * " " + "∂ -8 … 6, mean -1, norm 10"
    y = Tensor(np.array([np.nan, 1.0, np.inf]), requires_grad=True)
    words = draw((y * 1.0).sum(), values=True).text
    assert "2 not finite" in words
    assert re.search(r"\(output\) +scalar float64 +nan$", words, re.M)


def test_names_are_shown_as_text():
    x = Tensor(1.0, requires_grad=True, name='<script>alert("1")</script>\\N\n\x1b[31m')
    picture = draw(x * 2, values=True)
    nodes, _ = parse(picture.dot)
    assert any("&lt;script&gt;" in n["label"] for n in nodes.values())
    assert not any("<script" in n["label"] for n in nodes.values())
    assert "\x1b" not in picture.text
    assert "\x1b" not in picture.dot


def test_the_legend_names_what_occurs_and_nothing_else():
    J, names = network()
    legend = re.search(r"label=<(.*)>\]", draw(J, names=names).dot)[1]
    assert re.findall(r"> *\S (\w+)<", legend) == ["parameter", "input", "output"]
    assert "cotangent sent" not in legend
    assert "cotangent sent" in draw(J, names=names, backward=True).dot


def test_a_transposed_array_in_the_backward_pass_is_called_so():
    J, names = network()
    picture = draw(J, names=names, backward=True)
    (line,) = [line for line in picture.program if line.name == "Xᵀ"]
    np.testing.assert_array_equal(line.value, names["X"].T)
    assert line in picture.backward_lines
    before, after = picture.text.split("backward:")
    assert "Xᵀ" not in before
    assert re.search(r"Xᵀ +constant +4 × 6", after)
    assert not re.search(r"\bc\d", after)


def test_an_array_that_happens_to_equal_another_is_not_called_its_transpose():
    a = np.ones((2, 2))
    x = Tensor(np.ones((2, 2)), True, name="x")
    picture = draw((x * a * a.copy()).sum(), names={"a": a}, backward=True)
    assert not any("ᵀ" in line.name for line in picture.program)


def test_numbers_without_a_negative_zero_and_with_their_plural():
    x = Tensor(np.array([-0.0, -1.0]), True, name="x")
    start = scope_start()
    y = x * 1.0
    mark_scope(y, "layer", start)
    assert "-1 … 0, mean -0.5" in draw(y.sum(), values=True).text
    assert re.search(r"\[layer\] +1 operation\n", draw(y.sum(), collapse=True).text)


def test_columns_are_aligned_for_wide_and_combining_characters():
    a, b = Tensor(1.0, True, name="日本"), Tensor(1.0, True, name="x\u0302")
    c = Tensor(1.0, True, name="third")
    rows = draw(a * b * c).text.splitlines()
    assert rows[0] == "日本   parameter" + 24 * " " + "scalar float64"
    assert rows[1] == "x\u0302      parameter" + 24 * " " + "scalar float64"
    assert rows[2] == "third  parameter" + 24 * " " + "scalar float64"


def test_a_long_name_is_cut_in_the_picture_and_whole_in_its_tooltip():
    x = Tensor(1.0, True, name="n" * 500)
    nodes, _ = parse(draw(x * 2).dot)
    (node,) = [n for n in nodes.values() if n["shape"] == '"hexagon"']
    assert len(re.search("<b>(.*?)</b>", node["label"])[1]) < 60
    assert "n" * 500 in node["tooltip"]


def test_no_mark_of_a_gradient_without_numbers_and_the_modulus_of_complex_values():
    empty = Tensor(np.zeros((0, 3)), True, name="empty")
    assert draw((empty * 2).sum(), values=True).text.splitlines()[0].endswith("0 × 3 float64")
    z = Tensor(np.array([3 + 4j, 0j]), True, name="z")
    assert "modulus 5" in draw(anp.real(anp.sum(z)), values=True).text
    assert "modulus 0 … 5, mean 2.5, norm 5" in draw(anp.real(z * 1.0).sum(), values=True).text


def test_several_results_show_the_shape_of_each():
    w, v = anp.linalg.eigh(leaf(np.eye(3)))
    assert re.search(r"t1 += linalg.eigh\(x\) +3, 3 × 3\n", draw((w @ v).sum()).text)


def test_emoji_of_several_parts_stay_whole_and_columns_stay_aligned():
    family, heart = Tensor(1.0, True, name="👩\u200d👧"), Tensor(1.0, True, name="❤\ufe0f")
    words = draw(family * heart + 1).text
    assert "👩\u200d👧" in words
    assert "שלום\u200f!" in draw(Tensor(1.0, True, name="שלום\u200f!") * 2).text
    assert "\u202e" not in draw(Tensor(1.0, True, name="a\u202eb") * 2).text  # turns the writing of a line round
