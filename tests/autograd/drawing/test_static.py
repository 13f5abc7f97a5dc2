import os
import re
import subprocess
import sys
import xml.etree.ElementTree as xml
from time import process_time

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, errors, mark_scope, no_grad, scope_start
from autograd.drawing import draw, drawing

rng = np.random.default_rng(3)


def network(m=6):
    """A small network of the article's form, as a user would write it."""
    X, y = rng.random((m, 4)), np.eye(3)[rng.integers(0, 3, m)]
    theta1, b1 = Tensor(rng.standard_normal((4, 5)), True), Tensor(np.zeros(5), True)
    theta2, b2 = Tensor(rng.standard_normal((5, 3)), True), Tensor(np.zeros(3), True)
    start = scope_start()
    z1 = X @ theta1 + b1
    a1 = anp.tanh(z1)
    mark_scope(a1, "hidden", start)
    start = scope_start()
    z2 = a1 @ theta2 + b2
    mark_scope(z2, "outer", start)
    J = ((z2 - y) ** 2).sum() / m
    return J, {k: v for k, v in locals().items() if k not in ("m", "start")}


def parse(dot):
    """Nodes {id: attributes} and edges [(tail, head, attributes)] of DOT text, by reading it as a grammar would."""
    token = r'"(?:[^"\\]|\\.)*"|<(?:[^<>]|<[^<>]*>)*>|[\w.]+|->|[{}\[\],;=]'
    tokens = re.findall(token, dot)
    assert re.sub(rf"{token}|\s", "", dot) == ""
    nodes, edges, i, depth = {}, [], 0, 0

    def attributes(i):
        found = {}
        while tokens[i] != "]":
            found[tokens[i]] = tokens[i + 2]
            i += 4 if tokens[i + 3] == "," else 3
        return found, i + 1

    while i < len(tokens):
        depth += {"{": 1, "}": -1}.get(tokens[i], 0)
        if re.fullmatch(r"n\d+", tokens[i]):
            tail, head = tokens[i], None
            if tokens[i + 1] == "->":
                head, i = tokens[i + 2], i + 2
            if tokens[i + 1] != "[":  # a row of equals
                i += 1
                continue
            found, i = attributes(i + 2)
            edges.append((tail, head, found)) if head else nodes.__setitem__(tail, found)
        else:
            i += 1
    assert depth == 0
    return nodes, edges


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
    assert {label for _, _, e in edges for label in [e["label"]]} >= {'" 4 × 5 "', '" scalar "'}


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
    assert "2 not finite" in draw((y * 1.0).sum(), values=True).text


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
    assert any("sin, multiply × 7" in n["label"] for n in nodes.values())
    assert len(nodes) == 2
    assert len(edges) == 1


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


def test_the_same_graph_gives_the_same_bytes():
    made = []
    for _ in range(2):
        x = Tensor(np.arange(3.0), requires_grad=True, name="x")
        made.append(draw((anp.exp(x) * x).sum(), backward=True, values=True))
    assert made[0].dot == made[1].dot
    assert made[0].text == made[1].text


def test_names_are_shown_as_text():
    x = Tensor(1.0, requires_grad=True, name='<script>alert("1")</script>\\N\n\x1b[31m')
    picture = draw(x * 2, values=True)
    nodes, _ = parse(picture.dot)
    assert any("&lt;script&gt;" in n["label"] for n in nodes.values())
    assert not any("<script" in n["label"] for n in nodes.values())
    assert "\x1b" not in picture.text
    assert "\x1b" not in picture.dot


def test_a_drawing_leaves_the_graph_usable():
    J, names = network()
    picture = draw(J, names=names, values=True, backward=True)
    assert picture.text
    assert names["theta1"].grad is None
    J.backward()
    assert names["theta1"].grad is not None


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda x: draw(x.data), TypeError, "argument 1 is ndarray, not a Tensor"),
        (lambda x: draw([x * 2]), TypeError, "argument 1 is list, not a Tensor; give several Tensors one by one"),
        (lambda x: draw(x * 2, names=["x"]), TypeError, "names is list, not a mapping from words to values; names=loc"),
        (lambda x: draw(x * 2, names={1: x}), TypeError, "not a mapping from words to values"),
        (lambda x: draw(), TypeError, "at least one Tensor"),
        (lambda x: draw(x), errors.NotConnectedError, "no operation is recorded behind x"),
        (lambda x: draw((x * 2).sum(), direction="up"), ValueError, "direction 'up'"),
        (lambda x: draw((x * 2).sum()).save("picture.gif"), ValueError, "unknown suffix '.gif'; use one of .svg"),
        (lambda x: draw((x * 2).sum()).save("/nowhere/x.dot"), OSError, "cannot write /nowhere/x.dot: No such"),
        (lambda x: draw(x * 2, backward=True), ValueError, "is not a scalar"),
    ],
)
def test_bad_input_is_one_clear_error(make, error, words):
    with pytest.raises(error, match=re.escape(words)):
        make(Tensor(np.ones(2), requires_grad=True, name="x"))


def test_a_graph_that_is_gone():
    x = Tensor(np.ones(2), requires_grad=True, name="x")
    y = (x * x).sum()
    y.backward()
    with pytest.raises(errors.GraphError, match="spent"):
        draw(y, backward=True)
    assert "∂ 2 … 2" in draw(y, values=True).text  # what backward left in .grad
    with no_grad():
        z = (x * x).sum()
    with pytest.raises(errors.NotConnectedError, match="no_grad"):
        draw(z)


def test_without_dot_the_message_says_how_to_get_it(monkeypatch, tmp_path):
    graphviz = pytest.importorskip("graphviz")
    monkeypatch.setenv("PATH", str(tmp_path))
    x = Tensor(1.0, requires_grad=True)
    picture = draw(x * 2)
    with pytest.raises(errors.MissingPackageError, match="apt install graphviz"):
        _ = picture.svg
    assert picture._repr_svg_() is None  # a notebook shows another form
    assert picture.save(tmp_path / "x.dot").read_text() == picture.dot
    assert picture.save(tmp_path / "x.txt").read_text() == picture.text
    assert graphviz is not None


def has_dot():
    graphviz = pytest.importorskip("graphviz")
    try:
        graphviz.version()
    except graphviz.ExecutableNotFound:
        pytest.skip("Graphviz's dot program is not installed")


def test_graphviz_reads_it(tmp_path):
    has_dot()
    J, names = network()
    J.name = "<b>&amp;"
    picture = draw(J, names=names, values=True, backward=True)
    root = xml.fromstring(picture.svg)
    shown = ["".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "<b>&amp;" in shown
    assert "theta1" in shown
    assert picture._repr_svg_() == picture.svg
    assert picture.save(tmp_path / "x.png").read_bytes()[:4] == b"\x89PNG"
    assert picture.save(str(tmp_path / "x.pdf")).read_bytes()[:4] == b"%PDF"


def test_an_interrupted_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "x.txt"
    path.write_text("old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(drawing.os, "replace", fail)
    with pytest.raises(OSError, match=r"cannot write .*x\.txt: No space left"):
        draw(Tensor(1.0, requires_grad=True) * 2).save(path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]


def test_the_public_function_stays_a_function():
    import autograd
    import autograd.drawing

    x = Tensor(1.0, requires_grad=True, name="x")
    assert autograd.draw(x * 2).text == draw(x * 2).text


def leaf(data, name="x"):
    return Tensor(np.asarray(data), requires_grad=True, name=name)


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


def test_several_results_show_the_shape_of_each():
    w, v = anp.linalg.eigh(leaf(np.eye(3)))
    assert re.search(r"t1 += linalg.eigh\(x\) +3, 3 × 3\n", draw((w @ v).sum()).text)


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
    assert "modulus 0 … 5, mean 2.5, norm 5" in draw(anp.real(z * 1.0).sum(), values=True).text


def test_a_drawing_in_a_notebook_is_the_page_in_a_frame():
    pytest.importorskip("igraph")
    x = Tensor(1.0, True, name='<img src="x">')
    picture = draw(x * 2)
    frame = xml.fromstring(picture._repr_html_())
    assert frame.tag == "iframe"
    assert frame.attrib["srcdoc"] == picture.html.replace("\n", " ")  # as XML reads an attribute


def test_every_form_has_the_same_bytes_in_every_process():
    pytest.importorskip("igraph")
    code = (
        "import hashlib, numpy as np, nn, autograd\n"
        "net = nn.Sequential(*[m for i in range(3) for m in (nn.Linear(4, 4, rng=i), nn.Tanh())])\n"
        "J = (net(np.arange(8.0).reshape(2, 4)) ** 2).sum()\n"
        "d = autograd.draw(J, backward=True, values=True, check=True)\n"
        "e = autograd.draw(J, fold=True)\n"
        "texts = d.dot, d.text, d.table, d.html, e.dot, e.html\n"
        "for text in texts: print(hashlib.sha256(text.encode()).hexdigest())\n"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "1")
    ]
    assert len(set(runs[0].split())) == 6
    assert runs[0] == runs[1]
