"""The published recipe says 100 % after 20 passes. Run it as published, measure it honestly, then earn the figure.

    python -m examples.article_claim [--data FILE] [--seeds N]

The recipe's own measure counts a row as right when the output of its true class is at least 0.5, whatever the other
nine say. The arg-max accuracy counts it when the largest output is that of the true class.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

import nn
from examples.command import Parser, count, named, run
from examples.digits import network as net
from examples.digits.dataset import Dataset, Scale
from examples.digits.settings import Settings
from examples.digits.train import make_optimizer
from nn.data import accuracy, classes_in, one_hot, split

PASSES, RATE, HIDDEN = 20, 0.003, 25


def lowered_sigmoid(z: np.ndarray) -> np.ndarray:
    """The notebook's sigmoid, lowered to keep log(0) away; it thereby lets in the logarithm of a negative number."""
    return 1 / (1 + np.exp(-z)) - 0.00001


def own_measure(outputs: np.ndarray, y: np.ndarray) -> float:
    """The recipe's measure: the share of rows whose output for the true class is at least 0.5."""
    return float((outputs[y == 1] >= 0.5).mean())


@dataclass
class Outcome:
    """What a run of the recipe ends with."""

    own: float
    honest: float
    costs: list[float]
    alike: float
    missing: list[float]


def recipe(x: np.ndarray, y: np.ndarray, seed: int) -> Outcome:
    """The notebook's computation, step by step, with its slips."""
    rng = np.random.default_rng(seed)
    sizes = [x.shape[1], HIDDEN, y.shape[1]]
    theta1, theta2 = (
        rng.uniform(-1, 1, shape) * (3 / np.sqrt(sum(shape)))  # 6**1/2 is 3, not the root of 6
        for shape in pairwise(sizes)
    )
    b1, b2 = rng.standard_normal(sizes[1]), rng.standard_normal(sizes[2])  # drawn once, never trained
    costs, missing = [], []
    with np.errstate(all="ignore"):
        for _ in range(PASSES):
            a1 = lowered_sigmoid(x @ theta1 + b1)
            a2 = lowered_sigmoid(a1 @ theta2 + b2)
            terms = y * np.log(a2) + (1 - y) * np.log(1 - a2)
            costs.append(float(-np.nansum(terms) / len(x)) + 0.0)  # NaN is skipped
            missing.append(float(np.isnan(terms).mean()))
            delta3 = y - a2
            delta2 = (delta3 @ theta2.T) * a1 * (1 - a1)
            theta2 = RATE * (a1.T @ delta3)  # replaces the weights: nothing is added to what was learned before
            theta1 = RATE * (x.T @ delta2)
        a2 = lowered_sigmoid(lowered_sigmoid(x @ theta1 + b1) @ theta2 + b2)
    alike = float((np.ptp(a2, axis=0) < 0.01).mean())
    return Outcome(own_measure(a2, y), accuracy(a2, y), costs, alike, missing)


def honest(x: np.ndarray, y: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The same network trained by the engine in as many passes over `rows`; its outputs for all rows."""
    settings = Settings.make({"epochs": PASSES})
    network = net.build([x.shape[1], HIDDEN, y.shape[1]], settings.seed)
    steps = PASSES * -(-len(rows) // settings.batch_size)
    trainer = nn.Trainer(network, net.cost, make_optimizer(settings, network), schedule=nn.warm_then_linear(steps))
    trainer.fit(x[rows], y[rows], PASSES, settings.batch_size, settings.seed)
    return net.outputs(network, x)


def tell(dataset: Dataset, seeds: int) -> None:
    """Run both and print one screen."""
    labels = dataset.labels
    assert labels is not None
    with dataset.blamed():
        classes = classes_in(labels)
        x, y = Scale.of(dataset.x)(dataset.x, "float64"), one_hot(labels, classes)
        train, test = split(labels, 0.2, 0)
    chance = max(np.mean(labels == c) for c in classes)
    print(f"{dataset.path}: {len(x)} rows, network {x.shape[1]}-{HIDDEN}-{len(classes)}, {PASSES} passes\n")

    print("The recipe as published      its measure   arg-max    outputs that are")
    print("                                           accuracy   alike in every row")
    outcomes = [recipe(x, y, seed) for seed in range(seeds)]
    for seed, o in enumerate(outcomes):
        print(f"  seed {seed:<22}{o.own:>11.3f}{o.honest:>11.3f}{o.alike:>11.0%}")
    ones = np.ones_like(y)
    print(f"  no network, all outputs 1  {own_measure(ones, y):>11.3f}{accuracy(ones, y):>11.3f}{1:>11.0%}\n")
    print("Its cost in the first passes of seed 0, and the share of terms that are NaN:")
    first = list(zip(outcomes[0].costs, outcomes[0].missing, strict=True))[:6]
    print(f"  {', '.join(f'{cost:.3g} ({share:.0%})' for cost, share in first)} ...")
    nan = any(any(o.missing) for o in outcomes)
    print(f"""
Why 100 % there means chance here (always the commonest class: {chance:.3f}):
  * The measure looks at the true class alone. Outputs that say yes to every
    image score 100 %.
  * Each step replaces the weights by the step; nothing is kept. The weights
    become so {"large" if nan else "small"} that the outputs hardly depend on the image: what is
    left is which of them say yes.""")
    if nan:
        print("""\
  * The sigmoid is lowered by 0.00001, so a saturated output is below 0 and its
    logarithm NaN. The sum skips NaN, so the cost looks small in just the passes
    in which most of its terms are missing.""")
    print()
    everything = accuracy(honest(x, y, np.arange(len(x))), y)
    outputs = honest(x, y, train)
    print("The same network and number of passes, with gradients by the engine and Adam on")
    print("small batches, and the arg-max accuracy:")
    print(f"  trained on all {len(x)} rows:  {everything:.4f} on them")
    seen, unseen = accuracy(outputs[train], y[train]), accuracy(outputs[test], y[test])
    print(f"  trained on {len(train)} rows:      {seen:.4f} on them, {unseen:.4f} on the {len(test)} held out")


def main() -> int:
    """Run the command."""
    parser = Parser("python -m examples.article_claim", "Take the published 100 % apart, then earn it.")
    help_data = "workbook, .csv or .npz (default: scikit-learn's digits)"
    parser.add_argument("--data", type=named(str), metavar="FILE", help=help_data)
    parser.add_argument("--seeds", type=count, default=6, metavar="N", help="how often to run the recipe (6)")
    options = parser.parse_args()
    return run("article_claim", lambda: tell(Dataset.read(options.data, "X", "y"), options.seeds))


if __name__ == "__main__":
    raise SystemExit(main())
