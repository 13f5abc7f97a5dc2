"""The article's derivation, written by the engine: build the network on random numbers, and ask for its formulas.

python -m examples.derive [hidden units ...] [--latex | --mathml] [--explain]
"""

import argparse
import time

import numpy

import autograd
import autograd.numpy as np
from autograd import Tensor


def network(sizes: list[int], m: int) -> tuple[Tensor, list[str], dict[str, object], dict[str, Tensor]]:
    """A network of sigmoid layers with the article's cost; the parameters' names, all names, and the deltas."""
    rng = numpy.random.default_rng(0)
    X, y = rng.standard_normal((m, sizes[0])), numpy.eye(sizes[-1])[rng.integers(0, sizes[-1], m)]
    names: dict[str, object] = {"X": X, "y": y}
    deltas: dict[str, Tensor] = {}
    a = Tensor(X)
    for layer, (above, below) in enumerate(zip(sizes[1:], sizes, strict=False), start=1):
        theta = Tensor(rng.standard_normal((below, above)) / below**0.5, requires_grad=True)
        b = Tensor(rng.standard_normal(above), requires_grad=True)
        z = a @ theta + b
        a = np.sigmoid(z)
        names |= {f"theta{layer}": theta, f"b{layer}": b, f"z{layer}": z, f"a{layer}": a}
        deltas[f"delta{layer + 1}"] = z
    names["J"] = cost = -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum() / m
    layers = range(len(sizes) - 1, 0, -1)
    return cost, [f"{word}{layer}" for layer in layers for word in ("theta", "b")], names, deltas


def main() -> None:
    """Print the derivation, and how far it is from the engine's own gradients."""
    parser = argparse.ArgumentParser(prog="python -m examples.derive", description="Derive a network's gradients.")
    parser.add_argument("hidden", nargs="*", type=int, default=[25], help="units of each hidden layer (25)")
    parser.add_argument("--examples", type=int, default=5000, metavar="m", help="number of examples (5000)")
    parser.add_argument("--explain", action="store_true", help="show the algebra, one move a line")
    notation = parser.add_mutually_exclusive_group()
    notation.add_argument("--latex", action="store_true", help="write LaTeX")
    notation.add_argument("--mathml", action="store_true", help="write MathML")
    chosen = parser.parse_args()
    if chosen.examples < 3 or min(chosen.hidden) < 1:
        parser.error("a network has at least 1 unit a layer, and this example at least 3 examples")

    cost, parameters, names, deltas = network([400, *chosen.hidden, 10], chosen.examples)
    start = time.perf_counter()
    derivation = autograd.derive(cost, parameters, names, deltas, symbols={"m": chosen.examples})
    seconds = time.perf_counter() - start
    if chosen.latex or chosen.mathml:
        print(derivation.latex if chosen.latex else derivation.mathml)
        return
    print(f"The chain rule alone:\n\n{derivation.unsimplified}\n\nSimplified:\n\n{derivation.text}\n")
    if chosen.explain:
        print(f"Step by step:\n\n{derivation.explain()}\n")
    print(f"Derived in {seconds:.2f} s. Evaluated on the recorded and on other random values, every line agrees")
    print(f"with the engine's own cotangent to {derivation.check():.0e} of its largest entry.")


if __name__ == "__main__":
    main()
