"""The network of logistic units, its cost, and the article's hand-derived gradients to hold the engine against."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd
from autograd import Tensor, no_grad
from nn import BCELoss, Linear, Sequential, Sigmoid

if TYPE_CHECKING:
    from autograd.derivation import Derivation


def build(layers: Sequence[int], seed: int = 0, dtype: str = "float64") -> Sequential:
    """A network of logistic units; its parameters are named theta1, b1, theta2, ...

    Args:
        layers: number of inputs, of units in each hidden layer, of outputs.
        seed: of the first weights.
        dtype: of the parameters.
    """
    rng = np.random.default_rng([seed, 0])
    modules: list[Linear | Sigmoid] = []
    for i, (inputs, outputs) in enumerate(pairwise(layers), start=1):
        linear = Linear(inputs, outputs, dtype=dtype, rng=rng, gain=2)
        linear.weight.name = f"theta{i}"
        linear.bias.name = f"b{i}"  # type: ignore[union-attr]
        modules += [linear, Sigmoid()]
    return Sequential(*modules)


cost = BCELoss(reduction="examples")
"""The article's J = -(1/m) sum(y log a + (1 - y) log(1 - a))."""


def parameters(network: Sequential) -> dict[str, np.ndarray]:
    """The arrays of the parameters by name."""
    return {str(parameter.name): parameter.data for parameter in network.parameters()}


def set_parameters(network: Sequential, arrays: dict[str, np.ndarray]) -> None:
    """Put arrays, named as `parameters` names them, into the network."""
    network.load_state_dict({path: arrays[str(p.name)] for path, p in network.named_parameters()})


def outputs(network: Sequential, x: np.ndarray) -> np.ndarray:
    """The activations of the last layer, without recording."""
    with no_grad(), np.errstate(all="ignore"):
        return network(x).data


def hand_gradients(arrays: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """The gradients as the article derives them by hand, in plain NumPy.

        delta of the output layer:   a - y
        delta of a hidden layer:     (delta of the next, times its theta transposed) o a o (1 - a)
        d cost / d theta:            (activations of the layer before) transposed times delta, over m
        d cost / d b:                sum of delta over the rows, over m

    Args:
        arrays: theta1, b1, theta2, b2, ...
        x, y: m rows of inputs and of targets.
    """
    depth = len(arrays) // 2
    activations = [x]
    for i in range(1, depth + 1):
        z = activations[-1] @ arrays[f"theta{i}"] + arrays[f"b{i}"]
        activations.append(0.5 * (1 + np.tanh(0.5 * z)))
    gradients = {}
    delta = activations[-1] - y
    for i in range(depth, 0, -1):
        before = activations[i - 1]
        gradients[f"theta{i}"] = before.T @ delta / len(x)
        gradients[f"b{i}"] = delta.sum(axis=0) / len(x)
        delta = (delta @ arrays[f"theta{i}"].T) * before * (1 - before)
    return gradients


def check_gradients(network: Sequential, x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Largest difference of the engine's from the hand-derived gradient of each parameter, over the largest entry."""
    network.zero_grad()
    cost(network(x), y).backward()
    by_hand = hand_gradients(parameters(network), x, y)
    differences = {}
    for parameter in network.parameters():
        expected = by_hand[str(parameter.name)]
        size = np.abs(expected).max() or 1.0
        differences[str(parameter.name)] = float(np.abs(parameter.grad - expected).max() / size)
    network.zero_grad()
    return differences


def derivation(network: Sequential, x: np.ndarray, y: np.ndarray) -> "Derivation":
    """The gradients of the cost as formulas, derived from the recorded cost of the rows x, y."""
    names: dict[str, Any] = {"X": x, "y": y}
    deltas: dict[str, Tensor] = {}
    a: Any = x
    modules = list(network)
    for i, (linear, unit) in enumerate(zip(modules[::2], modules[1::2], strict=True), start=1):
        z = linear(a)
        a = unit(z)
        names |= {f"z{i}": z, f"a{i}": a}
        deltas[f"delta{i + 1}"] = z
    names["J"] = total = cost(a, y)
    wrt = [p for linear in modules[-2::-2] for p in linear.parameters()]
    return autograd.derive(total, wrt, names, deltas, symbols={"m": len(x)} if len(x) > 2 else None)
