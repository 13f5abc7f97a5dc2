"""What the boxes of a picture are called, when they fold, and when they close."""

import re

import numpy as np
import pytest

import autograd.numpy as anp
import nn
from autograd import Tensor, mark_scope, scope_start
from autograd.drawing import draw
from autograd.drawing.layout import scenes

X = np.random.default_rng(5).random((3, 8))


def boxes(picture):
    """The boxes of the text twin, in order."""
    return re.findall(r"\[(.*)\]", picture.text)


def layers(*classes):
    """A Sequential of these classes, each layer 8 wide."""
    return nn.Sequential(*[c(8, 8, rng=i) if c is nn.Linear else c() for i, c in enumerate(classes)])


class Encoder(nn.Module):
    """Layers as attributes, in a list, in a dict, called twice, and hidden from the module in a plain object."""

    def __init__(self):
        self.hidden = nn.Linear(8, 8, rng=0)
        self.rest = [nn.Tanh(), nn.Linear(8, 8, rng=1)]
        self.heads = {"mean": nn.Linear(8, 8, rng=2)}
        self.plain = (lambda module: lambda x: module(x))(nn.Softplus())

    def forward(self, x):
        x = self.rest[1](self.rest[0](self.hidden(x)))
        x = self.heads["mean"](x)
        return self.rest[0](self.plain(x))


def test_weights_that_share_a_name_are_numbered_as_their_layers():
    picture = draw(layers(nn.Linear, nn.Tanh, nn.Linear)(X).sum(), names={"X": X}, backward=True)
    for text in ("matmul(X, weight1)", "add(t1, bias1)", "matmul(a1, weight2)", "∂t3/∂bias2"):
        assert text in picture.text


def test_a_frozen_weight_lies_in_its_layer_and_is_no_data():
    model = layers(nn.Linear, nn.Linear, nn.Linear)
    model[1].weight.requires_grad = False
    picture = draw(model(X).sum(), names={"X": X})
    assert re.search(r"\[1: Linear\]\n +weight2 +constant +8 × 8", picture.text)
    assert re.search(r"^X +input +3 × 8", picture.text, re.MULTILINE)


def test_constants_are_told_through_what_they_come_from():
    data, labels = np.arange(6.0).reshape(2, 3), np.array([2, 0])
    w = Tensor(np.ones(3), requires_grad=True)
    picture = draw(
        ((w * data[1] + w * (1 - data)) * np.eye(3)[labels]).sum(), names={"data": data, "labels": labels, "w": w}
    )
    for text in ("multiply(w, data[1])", "multiply(w, 1 - data)", "multiply(t3, one_hot(labels))"):
        assert text in picture.text
    assert '"(1 - data)"' in picture.html  # brackets in the rule g ∘ (1 - data)


def test_layers_of_a_sequential_are_told_apart_by_their_place():
    picture = draw(layers(nn.Linear, nn.Sigmoid, nn.Linear, nn.Sigmoid)(X).sum())
    assert boxes(picture) == ["Sequential", "0: Linear", "1: Sigmoid", "2: Linear", "3: Sigmoid"]
    assert "label=<2: Linear>" in picture.dot


def test_members_are_called_as_the_module_calls_them():
    picture = draw(Encoder()(X).sum())
    assert boxes(picture) == [
        "Encoder",
        "hidden: Linear",
        "rest.0: Tanh (1)",
        "rest.1: Linear",
        "heads.mean: Linear",
        "Softplus",
        "rest.0: Tanh (2)",
    ]


def test_a_name_of_the_users_own_and_calls_without_a_module_around():
    first, second = nn.Tanh(), nn.Tanh()
    second.name = "squash"
    assert boxes(draw(second(first(first(Tensor(X, True)))).sum())) == ["Tanh (1)", "Tanh (2)", "squash"]


def test_a_scope_of_the_same_name_as_its_place_says_it_once():
    model = nn.Sequential(nn.Tanh())
    model.modules[0].name = "0"
    assert boxes(draw(model(Tensor(X, True)).sum())) == ["Sequential", "0"]


def test_equal_blocks_fold_whatever_they_are_called():
    blocks = [layers(nn.Linear, nn.Tanh) for _ in range(6)]
    blocks[2].name = "third"
    assert boxes(draw(nn.Sequential(*blocks)(X).sum(), fold=True)) == ["Sequential", "0 … 5: Sequential × 6"]
    flat = layers(*[nn.Linear, nn.Tanh] * 6)
    assert boxes(draw(flat(X).sum(), fold=True)) == ["Sequential", "0 … 11: Linear, Tanh × 6"]
    assert len(boxes(draw(flat(X).sum(), fold=False))) == 13


def test_blocks_that_differ_in_what_they_compute_do_not_fold():
    model = layers(nn.Linear, nn.Tanh, nn.Linear, nn.Sigmoid, nn.Linear, nn.Tanh)
    assert not any("×" in label for label in boxes(draw(model(X).sum(), fold=True)))


def test_names_of_folded_scopes_run_from_the_first_to_the_last():
    x = Tensor(np.ones(3), True, name="x")
    for i in range(4):
        start = scope_start()
        x = anp.tanh(x * 2.0)
        mark_scope(x, f"block{i}", start)
    assert boxes(draw(x.sum(), fold=True)) == ["block0 … block3 × 4"]


def test_folded_layers_stay_in_sight_when_boxes_close():
    net = nn.Sequential(*[layers(nn.Linear, nn.Tanh) for _ in range(300)])
    assert boxes(draw(net(X).sum())) == ["Sequential", "0 … 299: Sequential × 300"]


@pytest.mark.parametrize("fold", [None, True, False])
def test_all_lines_are_in_one_box(fold):
    picture = draw(Encoder()(X).sum(), fold=fold)
    held = list(picture.outline.lines())
    assert len(held) == len(set(held)) == len(picture.program)
    assert set(held) == set(picture.program.lines)


def test_what_an_owner_that_is_no_module_says_is_let_pass():
    x = Tensor(1.0, True)
    start = scope_start()
    y = x * 2
    mark_scope(y, "layer", start, owner=object())
    assert boxes(draw(y)) == ["layer"]


def test_the_forward_pass_folds_where_its_backward_pass_does():
    net = layers(*[nn.Linear, nn.Tanh] * 40)
    picture = draw((net(X) ** 2).sum(), backward=True)
    forward, backward = picture.text.split("backward:")
    assert "[0 … 79: Linear, Tanh × 40]" in forward
    assert "× 39]" in backward
    assert len(picture.text.splitlines()) < 25


def test_a_closed_box_with_values_that_the_backward_pass_reads_has_a_bold_border():
    net = layers(nn.Linear, nn.Tanh, nn.Linear)
    dot = draw(net(X).sum(), backward=True, collapse=True).dot
    bold = re.findall(r"<b>([^<]*)</b>[^\n]*penwidth", dot)
    assert bold == ["1: Tanh"]


def test_on_the_page_too_layers_stand_in_a_column():
    graphviz = pytest.importorskip("graphviz")
    net = layers(*[nn.Linear, nn.Tanh] * 6)
    picture = draw(net(X).sum(), fold=False)
    try:
        found = {scene.title: scene for scene in scenes(picture)}
        graphviz.version()
    except graphviz.ExecutableNotFound:
        pytest.skip("Graphviz's dot program is not installed")
    scene = found["Operations"]
    middle = {m.primitive.name: [] for m in scene.members if m.primitive is not None}
    for member, (x, _, _, _) in zip(scene.members, scene.places, strict=True):
        if member.primitive is not None:
            middle[member.primitive.name].append(x)
    assert max(middle["matmul"]) - min(middle["matmul"]) < 60
    for x, y, w, h in scene.places:
        assert w / 2 <= x <= scene.size[0] - w / 2
        assert h / 2 <= y <= scene.size[1] - h / 2


def test_a_closed_box_of_parameters_says_what_it_holds():
    many = [Tensor(np.ones(2), requires_grad=True) for _ in range(130)]
    picture = draw(sum(many).sum(), fold=True)
    line = next(line for line in picture.text.splitlines() if "parameter" in line)
    assert line.split() == "[parameter × 130] 130 values".split()
    assert "<b>parameter × 130</b><br/>130 values" in picture.dot


def test_a_layer_may_be_called_by_a_number():
    x = Tensor(np.ones(3), requires_grad=True, name="x")
    start = scope_start()
    y = x * 2.0
    mark_scope(y, 3, start)
    assert "[3]" in draw(y.sum()).text


def test_a_layer_with_several_results_is_one_box():
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    start = scope_start()
    mean = x * 2
    scale = anp.exp(mean + x)
    mark_scope({"mean": mean, "scale": [scale]}, "heads", start)
    drawing = draw((mean * scale).sum())
    (box,) = [box for box in drawing.outline.boxes() if box.kind == "layer"]
    assert box.label == "heads"
    assert {line.value is scale.data for line in box.lines() if line.primitive is not None} == {True, False}
