"""Pictures as DOT: nodes, edges, boxes, the backward pass, small and large."""

import re
from time import process_time

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
import nn
from autograd import Tensor, mark_scope, scope_start
from autograd.drawing import draw

from .looking import has_dot, leaf, network, parse


def test_every_value_is_a_node_and_every_use_an_edge():
    J, names = network()
    picture = draw(J, names=names)
    nodes, edges = parse(picture.dot)
    assert len(nodes) == len(picture.program)
    assert len(edges) == sum(len(set(line.parents)) for line in picture.program)
    text = {re.search(r"<b>(.*?)</b>", n["label"])[1]: n for n in nodes.values()}
    assert {"X", "y", "theta1", "b1", "theta2", "b2", "z1", "a1", "z2", "J"} <= text.keys()
    assert "4 × 5 float64" in text["theta1"]["label"]
    assert "tanh" in text["a1"]["label"]
    assert {e.get("label") for _, _, e in edges} == {
        '" 4 × 5 "',
        '" 6 × 4 "',
        '" 5 "',
        '" 6 × 5 "',
        '" 5 × 3 "',
        '" 3 "',
        '" 6 × 3 "',
        None,
    }


def test_an_edge_says_scalar_only_where_its_node_does_not():
    x = leaf(2.0)
    assert "scalar" not in "".join(e.get("label", "") for _, _, e in parse(draw(anp.sin(x) * x + 1).dot)[1])
    start = scope_start()
    y = anp.sin(x) * 3
    mark_scope(y, "wave", start)
    _, edges = parse(draw(y + 1, collapse=True).dot)
    assert [e.get("label") for _, _, e in edges] == ['" scalar "']


def test_a_parameter_from_outside_stands_outside_the_layers_that_do_not_hold_it():
    layer, x = nn.Linear(3, 2, rng=0), leaf(np.ones((4, 3)))
    words = draw(nn.Sequential(layer)(x).sum()).text.splitlines()
    assert [words[i].split()[0] for i in range(5)] == ["x", "[Sequential]", "[0:", "weight", "bias"]


def test_leaves_are_called_as_the_module_that_holds_them_calls_them():
    class Scale(nn.Module):
        def __init__(self):
            self.gamma, self.frozen = nn.Parameter(np.ones(3)), nn.Parameter(np.zeros(3))
            self.frozen.requires_grad = False

        def forward(self, x):
            return x * self.gamma + self.frozen

    x = leaf(np.ones(3))
    one = draw(Scale()(x).sum())
    kinds = {line.name: kind for line, kind in one.kinds.items()}
    assert (kinds["gamma"], kinds["frozen"]) == ("parameter", "constant")
    assert {line.name for line in one.program if line.primitive is None} == {"x", "gamma", "frozen"}
    twice = draw(Scale()(Scale()(x)).sum())
    assert {line.name for line in twice.program if line.primitive is None} == {
        "x",
        "gamma1",
        "gamma2",
        "frozen1",
        "frozen2",
    }


def test_kinds_differ_by_shape_and_by_colour():
    J, names = network()
    c = np.ones(3)
    out = (J * c).sum()
    nodes, _ = parse(draw(out, names=names).dot)
    text = {re.search(r"<b>(.*?)</b>", n["label"])[1]: n for n in nodes.values()}
    kinds = [text[k] for k in ("X", "theta1", "c1", "a1", "sum")]
    kinds[-1] = next(n for n in nodes.values() if n["shape"] == '"octagon"')
    assert len({(n["shape"], n.get("style", "")) for n in kinds}) == 5
    assert len({n["fillcolor"] for n in kinds}) == 5


def test_backward_faces_each_gradient_with_its_value():
    J, names = network()
    picture = draw(J, names=names, backward=True)
    nodes, edges = parse(picture.dot)
    word = {i: re.search(r"<b>(.*?)</b>", n["label"])[1] for i, n in nodes.items()}
    facing = {(word[a], word[b]) for a, b, e in edges if e.get("style") == "dotted"}
    assert {("theta1", "∂J/∂theta1"), ("b2", "∂J/∂b2"), ("a1", "∂J/∂a1"), ("J", "∂J/∂J")} <= facing
    reused = {word[i] for i, n in nodes.items() if n.get("penwidth") == '"2.5"'}
    assert "a1" in reused
    assert "z1" not in reused
    lines = {line.name: line for line in picture.program}
    J.backward()
    for name in ("theta1", "b1", "theta2", "b2"):
        np.testing.assert_allclose(lines[f"∂J/∂{name}"].value, names[name].grad, rtol=1e-12)


def test_layers_close_to_one_node():
    J, names = network()
    nodes, _ = parse(draw(J, names=names, collapse=True).dot)
    labels = [n["label"] for n in nodes.values()]
    assert sum("<b>hidden</b><br/>3 operations" in label for label in labels) == 1
    assert not any("theta1" in label for label in labels)
    assert "subgraph cluster0 { label=<hidden>" in draw(J, names=names).dot


def test_repeated_blocks_fold():
    x = Tensor(1.0, requires_grad=True, name="x")
    for _ in range(7):
        x = anp.sin(x) * 2.0
    nodes, edges = parse(draw(x, fold=True).dot)
    assert any("sin, multiply × 6" in n["label"] for n in nodes.values())
    assert [n["label"].count("<b>multiply(·, 2)</b>") for n in nodes.values()] == [0, 0, 0, 1]  # what was asked for
    assert len(edges) == 3


def test_equal_layers_fold():
    x = Tensor(np.ones(3), requires_grad=True, name="x")
    for _ in range(4):
        start = scope_start()
        x = anp.tanh(x * 2.0)
        mark_scope(x, "block", start)
    assert "[block × 4]" in draw(x.sum(), fold=True).text
    assert re.findall(r"\[(.*)\]", draw(x.sum(), fold=False).text) == [f"block ({k})" for k in (1, 2, 3, 4)]


@pytest.mark.parametrize("build", ["chain", "doublings", "wide"])
def test_big_graphs_neither_recurse_nor_explode(build):
    x = Tensor(1.0, requires_grad=True, name="x")
    if build == "chain":
        for i in range(20_000):
            x = x * 1.0 if i % 3 else anp.sin(x)
    elif build == "doublings":
        for _ in range(200):
            x = x + x
    else:
        parts = [anp.sin(x * float(i)) for i in range(5000)]
        x = anp.stack(parts).sum()
        has_dot()
        assert draw(x).svg
        assert "stack(t2, t4, t6, … 4,995 more …, t9998, t10000, axis=0)" in draw(x).text
    picture = draw(x)
    nodes, _ = parse(picture.dot)
    assert len(nodes) < 400
    assert len(picture.text) < 100_000
    assert picture.dot.count("\n") < 2000


def test_a_page_of_a_large_tangle(rng):
    tensors = [Tensor(np.ones(2), requires_grad=True, name="x")]
    for a, b in rng.integers(1, 30, (3000, 2)):
        tensors.append(tensors[-min(a, len(tensors))] * tensors[-min(b, len(tensors))])
    page = draw(tensors[-1].sum()).html
    assert len(page) < 5_000_000


def test_ten_thousand_nodes_in_full():
    x = Tensor(np.ones(2), requires_grad=True)
    for _ in range(10_000):
        x = x * 1.0
    start = process_time()
    dot = draw(x.sum(), fold=False, collapse=False).dot
    assert process_time() - start < 2
    assert dot.count("->") == 10_001


@pytest.mark.parametrize(
    "make",
    [
        lambda: anp.real((leaf([1 + 2j, 3 - 1j]) ** 2).sum()),
        lambda: (leaf(np.ones((2, 3), np.float16)) * 2).sum(),
        lambda: (leaf(np.zeros((0, 3))) * 2).sum(),
        lambda: (leaf(np.arange(12.0).reshape(3, 4))[1:, [0, 2]] * 2.0).sum(),
        lambda: anp.where(np.array([True, False]), leaf([1.0, 2.0]), 0.0).sum(),
        lambda: leaf([np.inf, 1.0]).sum(),
        lambda: (leaf([1e300, -1e300]) * 1.0).sum(),
        lambda: leaf(2.0) * 3.0,
        lambda: sum((part**2).sum() for part in anp.linalg.eigh(leaf([[2.0, 1.0], [1.0, 5.0]]))),
        lambda: anp.linalg.slogdet(leaf([[2.0, 1.0], [1.0, 5.0]]))[1] * 1.0,
        lambda: (1j * leaf([1 + 2j, 3 - 1j])).real.sum(),
    ],
    ids=[*"complex half empty index mask infinity large scalar".split(), "eigh", "slogdet", "imaginary unit"],
)
def test_every_kind_of_array_is_drawn_in_every_form(make):
    pytest.importorskip("igraph")
    picture = autograd.draw(make(), values=True, backward=True)
    nodes, _ = parse(picture.dot)
    assert len(nodes) == len(picture.program)
    assert "∂" in picture.text
    assert "operations" in picture.table
    assert picture.html.count("<script") == 2


def test_a_page_of_more_numbers_than_it_holds_is_written():
    h = leaf(np.ones((2000, 10)))
    for _ in range(40):
        h = anp.tanh(h)
    assert len(draw(h.sum()).html) < 6e6


@pytest.mark.parametrize("trained", [True, False])
def test_layers_stand_in_a_column_not_in_a_staircase(trained):
    has_dot()
    widths = []
    for count in (1, 6):
        x = Tensor(np.ones((2, 3)), True, name="x")
        for _ in range(count):
            weight, start = Tensor(np.eye(3), True) if trained else np.eye(3), scope_start()
            x = anp.tanh(x @ weight)
            mark_scope(x, "layer", start)
        widths.append(float(re.search(r'width="(\d+)pt"', draw(x.sum(), fold=False).svg)[1]))
    assert widths[1] < 1.5 * widths[0]
