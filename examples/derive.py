"""The article's derivation, written by the engine: build the network on random numbers, and ask for its formulas.

python -m examples.derive [hidden units ...] [--examples m] [--explain | --latex | --mathml]
"""

import time

import numpy

import autograd
import autograd.numpy as np
from autograd import Tensor
from examples.command import Parser, count, number, run


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


def tell(sizes: list[int], m: int, notation: str, explain: bool) -> None:
    """Print the derivation, and how far it is from the engine's own gradients."""
    cost, parameters, names, deltas = network(sizes, m)
    start = time.perf_counter()
    derivation = autograd.derive(cost, parameters, names, deltas, symbols={"m": m})
    seconds = time.perf_counter() - start
    if notation != "text":
        print(getattr(derivation, notation))
        return
    print(f"The chain rule alone:\n\n{derivation.unsimplified}\n\nSimplified:\n\n{derivation.text}\n")
    if explain:
        print(f"Step by step:\n\n{derivation.explain()}\n")
    print(f"Derived in {seconds:.2f} s. On the recorded and on other random values, every line")
    print(f"agrees with the engine's own gradients to {derivation.check():.0e} of their largest entry.")


def main() -> int:
    """Run the command."""
    parser = Parser("python -m examples.derive", "Derive the gradients of a network of 400 inputs and 10 outputs.")
    parser.add_argument("hidden", nargs="*", type=count, default=[25], help="units of each hidden layer (25)")
    examples = number(int, "a whole number from 3 to a billion", lambda m: 3 <= m <= 10**9)
    parser.add_argument("--examples", type=examples, default=5000, metavar="m", help="number of examples (5000)")
    notation = parser.add_mutually_exclusive_group()
    notation.add_argument("--explain", action="store_true", help="show the algebra too, one move a line")
    for name, spelled in (("latex", "LaTeX"), ("mathml", "MathML")):
        text = f"write {spelled}, the simplified lines only"
        notation.add_argument(f"--{name}", action="store_const", dest="notation", const=name, default="text", help=text)
    chosen = parser.parse_args()
    sizes = [400, *chosen.hidden, 10]
    return run("derive", lambda: tell(sizes, chosen.examples, chosen.notation, chosen.explain))


if __name__ == "__main__":
    raise SystemExit(main())
