"""Drawings saved, shown in notebooks, and refused."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, errors, no_grad
from autograd.drawing import draw, drawing

from .looking import has_dot, network


def test_the_same_graph_gives_the_same_bytes():
    made = []
    for _ in range(2):
        x = Tensor(np.arange(3.0), requires_grad=True, name="x")
        made.append(draw((anp.exp(x) * x).sum(), backward=True, values=True))
    assert made[0].dot == made[1].dot
    assert made[0].text == made[1].text


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
        (lambda x: draw((x * 2).sum(), title=3), TypeError, "title is int, not text"),
        (
            lambda x: draw((x * 2).sum()).beside("b.html"),
            TypeError,
            "beside: str is not a Drawing; give what another draw",
        ),
        (
            lambda x: draw((x * 2).sum(), check={"t1": 1, "q": 2}).html,
            ValueError,
            "no leaf is called t1, q; there are x",
        ),
        (lambda x: draw((x * 2).sum(), check={"x": 1}).html, ValueError, "by hand of x has shape (), not (2,)"),
        (
            lambda x: draw((x * 2).sum(), check={"x": [2, None]}).html,
            ValueError,
            "the gradient by hand of x is no array of numbers",
        ),
        (
            lambda x: draw((x * 2).sum(), check={"x": [[2], [2, 3]]}).html,
            ValueError,
            "the gradient by hand of x is no array of numbers",
        ),
        (lambda x: draw((x * 2).sum(), check={"x": "2"}).html, ValueError, "by hand of x is no array of numbers"),
        (lambda x: draw((x * 2).sum(), check=["x"]), TypeError, "check is list, neither True nor a mapping from names"),
        (lambda x: draw((x * 2).sum(), check=x), TypeError, "check is Tensor, neither True nor a mapping from names"),
        (lambda x: draw(x * 2, check={"x": [2, 2]}).html, ValueError, "t1 has no gradient for x"),
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
    import autograd.drawing

    x = Tensor(1.0, requires_grad=True, name="x")
    assert autograd.draw(x * 2).text == draw(x * 2).text


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


def test_a_pipe_is_not_replaced_and_a_link_stays_one(tmp_path):
    picture = draw(Tensor(1.0, requires_grad=True, name="x") * 2)
    pipe, link, file = tmp_path / "pipe.txt", tmp_path / "link.txt", tmp_path / "file.txt"
    os.mkfifo(pipe)
    link.symlink_to(file)
    with pytest.raises(OSError, match=r"cannot write .*pipe\.txt: not a plain file"):
        picture.save(pipe)
    assert pipe.is_fifo()
    picture.save(link)
    assert link.is_symlink()
    assert file.read_text().strip() == picture.text.strip()
