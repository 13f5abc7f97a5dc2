"""The arrays of every workload, from fixed seeds, so that all contenders start from the same numbers."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np

Data = SimpleNamespace


def make(kind: str, dtype: str, options: dict[str, int]) -> Data:
    """Fresh arrays for one workload; callers may change them in place."""
    made = globals()[kind](np.random.default_rng(7), **options)
    return Data(dtype=dtype, **{name: cast(value, dtype) for name, value in made.items()})


def cast(value: Any, dtype: str) -> Any:
    if isinstance(value, list):
        return [cast(item, dtype) for item in value]
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.ascontiguousarray(value, dtype=dtype)
    return value


def layers(rng: np.random.Generator, *sizes: int) -> list[np.ndarray]:
    """Weights (inputs x outputs) and biases, layer after layer."""
    arrays = []
    for inputs, outputs in itertools.pairwise(sizes):
        arrays += [rng.normal(size=(inputs, outputs)) / np.sqrt(inputs), np.zeros(outputs)]
    return arrays


def digits(rng: np.random.Generator, batch: int) -> dict[str, Any]:
    """Images in [0, 1], about a quarter of the pixels lit, and one-hot labels."""
    X = rng.random((batch, 400)) * (rng.random((batch, 400)) < 0.25)
    return {"X": X, "y": np.eye(10)[rng.integers(0, 10, batch)], "params": layers(rng, 400, 25, 10), "rate": 0.01}


def large(rng: np.random.Generator, batch: int, width: int = 512) -> dict[str, Any]:
    labels = rng.integers(0, 10, batch)
    params = [p * np.sqrt(2) for p in layers(rng, 784, width, width, 10)]
    return {"X": rng.random((batch, 784)), "labels": labels, "params": params, "rate": 1e-3}


def moons(rng: np.random.Generator) -> dict[str, Any]:
    """Two half circles of 50 points with noise 0.1, labels -1 and 1."""
    angle = np.linspace(0, np.pi, 50)
    upper, lower = np.c_[np.cos(angle), np.sin(angle)], np.c_[1 - np.cos(angle), 0.5 - np.sin(angle)]
    X = np.r_[upper, lower] + rng.normal(scale=0.1, size=(100, 2))
    labels = np.repeat([-1.0, 1.0], 50)[:, None]
    return {"X": X, "y": labels, "params": layers(rng, 2, 16, 16, 1), "rate": 0.05, "alpha": 1e-4}


def chain(rng: np.random.Generator, length: int) -> dict[str, Any]:
    return {"x": 0.7, "factor": 0.9995, "length": length}


def hessian(rng: np.random.Generator, rows: int, parameters: int) -> dict[str, Any]:
    X = rng.normal(size=(rows, parameters))
    signs = np.where(rng.random(rows) < 0.5, -1.0, 1.0)
    return {"X": X, "signs": signs, "w": rng.normal(size=parameters) / 10}


def deep(rng: np.random.Generator, depth: int) -> dict[str, Any]:
    weights = [np.linalg.qr(rng.normal(size=(16, 16)))[0] for _ in range(depth)]
    return {"X": rng.normal(size=(8, 16)), "params": weights}
