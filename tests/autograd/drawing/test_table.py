"""The table of layers, against numbers counted by hand."""

import re

import numpy as np

import autograd.numpy as anp
import nn
from autograd import Tensor
from autograd.drawing import draw

X = np.random.default_rng(5).random((50, 400))


def rows(table):
    """The cells of each row by its first cell."""
    lines = table.split("\n\n")[0].splitlines()
    return {cells[0]: cells[1:] for line in lines if len(cells := re.split(r" {2,}", line.strip())) > 1}


def network():
    return nn.Sequential(nn.Linear(400, 25, rng=0), nn.Sigmoid(), nn.Linear(25, 10, rng=1), nn.Sigmoid())


def test_the_table_is_pinned():
    J = (network()(X) ** 2).sum()
    assert draw(J, names={"X": X}).table.splitlines() == [
        "layer           input     output   parameters   share  operations  multiply-adds  results",
        "-----------------------------------------------------------------------------------------",
        "Sequential      50 × 400  50 × 10      10,285  100.0%           6        516,000    42 kB",
        "  0: Linear     50 × 400  50 × 25      10,025   97.5%           2        501,250    20 kB",
        "  1: Sigmoid    50 × 25   50 × 25           0                   1          1,250    10 kB",
        "  2: Linear     50 × 25   50 × 10         260    2.5%           2         13,000     8 kB",
        "  3: Sigmoid    50 × 10   50 × 10           0                   1            500     4 kB",
        "outside layers  50 × 10   scalar            0                   2          1,000  4.01 kB",
        "",
        "8 operations, 4 parameters of 10,285 numbers, 288 kB kept for the backward pass; parameters take 82.3 kB",
    ]


def test_the_backward_pass_changes_nothing():
    deep = nn.Sequential(*[m for i in range(40) for m in (nn.Linear(8, 8, rng=i), nn.Tanh())])
    for net, rows in ((network(), X), (deep, X[:, :8])):
        J = (net(rows) ** 2).sum()
        assert draw(J, fold=True, backward=True).table == draw(J, fold=True).table


def test_rows_of_many_layers_are_all_there():
    widths = range(2, 152)
    net = nn.Sequential(*[nn.Linear(n, n + 1, rng=n) for n in widths])
    found = rows(draw(net(np.ones((3, 2))).sum()).table)
    assert [found[f"{i}: Linear"][2] for i in range(150)] == [f"{n * (n + 1) + n + 1:,}" for n in widths]


def test_a_layer_called_twice_counts_once_in_the_sum():
    layer = nn.Linear(4, 4, rng=0)
    table = draw(layer(layer(np.ones((3, 4)))).sum()).table
    found = rows(table)
    assert found["Linear (1)"][2] == found["Linear (2)"][2] == "20"
    assert "2 parameters of 20 numbers" in table


def test_without_layers_and_without_parameters_trained_by_a_module():
    x = Tensor(np.ones((2, 3)), True, name="x")
    assert rows(draw((x * 2).sum()).table)["no layers"] == ["scalar", "6", "100.0%", "2", "12", "56 bytes"]


def test_folded_blocks_are_one_row():
    net = nn.Sequential(*[m for i in range(6) for m in (nn.Linear(8, 8, rng=i), nn.Tanh())])
    found = rows(draw(net(np.ones((5, 8))).sum(), fold=True).table)
    assert found["0 … 11: Linear, Tanh × 6"] == [
        "5 × 8",
        "5 × 8",
        "432",
        "100.0%",
        "18",
        f"{6 * 5 * (8 * 8 + 8 + 8):,}",
        "5.76 kB",
    ]


def test_what_only_holds_data_is_no_layer():
    w, h, xs = Tensor(np.ones(3), True, name="w"), 0.0, np.arange(150.0).reshape(50, 3)
    for x in xs:
        h = anp.tanh(x * w + h)
    drawing = draw(h.sum(), names={"xs": xs})
    assert any("input" in box.name for box in drawing.outline.boxes())
    assert not any(row.startswith("input") for row in drawing.table.splitlines())
