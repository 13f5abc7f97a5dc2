"""What is measured and the ratio each measurement has to reach; the arrays are in `data.py`, so this needs no NumPy."""

from __future__ import annotations

from dataclasses import dataclass, field

Bars = dict[tuple[str, str], float]  # (ours, peer) -> the largest ratio ours / peer that is good enough


@dataclass(frozen=True)
class Workload:
    """One row of the table: `kind` names the function each contender writes, `options` go to `data.make`."""

    name: str
    kind: str
    title: str
    dtype: str
    options: dict[str, int] = field(default_factory=dict)
    bars: Bars = field(default_factory=dict)

    @property
    def tolerance(self) -> float:
        """Largest relative difference from the reference that still counts as the same computation."""
        return 2e-3 if self.dtype == "float32" else 1e-8


def bars(jax: float, torch: float, eager_torch: float, eager_numpy_engines: float | None) -> Bars:
    table = {("compiled", "jax"): jax, ("compiled", "torch"): torch, ("eager", "torch"): eager_torch}
    if eager_numpy_engines is not None:
        table |= {("eager", "hips"): eager_numpy_engines, ("eager", "mygrad"): eager_numpy_engines}
    return table


def digits(batch: int, dtype: str, wanted: Bars) -> Workload:
    name = f"digits-{batch}" + ("" if dtype == "float32" else "-f64")
    title = f"400-25-10 sigmoid, article's cost, SGD step, {dtype}, batch {batch}"
    return Workload(name, "digits", title, dtype, {"batch": batch}, wanted)


WORKLOADS = [
    digits(1, "float32", bars(1.2, 0.3, 0.9, 0.35)),
    digits(16, "float32", bars(0.7, 0.4, 0.9, 0.4)),
    digits(64, "float32", bars(0.7, 0.4, 0.9, 0.4)),
    digits(256, "float32", bars(0.7, 0.4, 0.9, None)),
    digits(1024, "float32", bars(0.7, 0.4, 0.9, None)),
    digits(5000, "float32", bars(0.95, 0.7, 0.9, 0.9)),
    digits(5000, "float64", bars(0.95, 0.7, 0.9, 0.9)),
    Workload(
        "large",
        "large",
        "784-512-512-10 relu, cross-entropy, Adam step, float32, batch 128",
        "float32",
        {"batch": 128},
        bars(1.0, 1.0, 1.1, 0.9),
    ),
    Workload(
        "moons",
        "moons",
        "moons 2-16-16-1 relu, hinge + L2, SGD step, float64, 100 points",
        "float64",
        {},
        {**bars(1.0, 0.3, 0.9, 0.4), ("eager", "micrograd"): 0.01},
    ),
    Workload(
        "chain",
        "chain",
        "chain of 10,000 scalar operations, forward + backward, float64",
        "float64",
        {"length": 10_000},
        {("eager", "torch"): 1.0, ("eager", "hips"): 0.5, ("eager", "mygrad"): 0.5},
    ),
    Workload(
        "hessian",
        "hessian",
        "Hessian of logistic regression, 50 parameters, 1000 rows, float64",
        "float64",
        {"rows": 1000, "parameters": 50},
        {("compiled", "jax"): 1.0, ("eager", "hips"): 0.1},
    ),
]

ROUND_SECONDS = 0.1  # of one contender, roughly
BATCH_SIZES = [1, 64, 512, 1024, 2048, 4096, 8192]
DEPTHS = [125, 250, 500, 1000, 2000]


def at_batch(batch: int) -> Workload:
    """The digit step at another batch size, for the curve of cost against batch size."""
    return digits(batch, "float32", {})


def at_depth(depth: int) -> Workload:
    """Forward and backward of `depth` tanh layers of 16 units, for the curve of cost against depth."""
    title = f"{depth} tanh layers of 16 units, forward + backward, float64, batch 8"
    return Workload(f"deep-{depth}", "deep", title, "float64", {"depth": depth})
