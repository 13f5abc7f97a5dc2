"""A random program: a list of lines of Python, drawn so that every value stays in a sane domain."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..numpy.cases import uncaptured
from ..numpy.oracle import Numbers, leaves
from . import words
from .vocabulary import ANALYTIC, OTHER, TABLE, groups

SHAPES = [(2, 3), (3,), (2, 1), (), (2, 2), (1, 3), (2, 1, 3), (4,)]
EMPTY = [(0,), (2, 0), (0, 3), (3,), (2, 3)]
LARGEST = 48  # entries of a value
BOUND = 30.0  # and how large they may be
NAME = re.compile(r"\b[xv]\d+\b")


@dataclass(frozen=True)
class Program:
    """A function as source.

    Attributes:
        seed: what it was drawn with.
        inputs: the arrays that the function is run on, by argument name.
        lines: (name, expression), in order.
        outputs: the names that the function returns.
        analytic: whether it is an analytic function of its arguments, which are real.
    """

    seed: int
    inputs: dict[str, Any]
    lines: tuple[tuple[str, str], ...]
    outputs: tuple[str, ...]
    analytic: bool = False

    @property
    def text(self) -> str:
        body = [f"    {name} = {expression}" for name, expression in self.lines]
        results = ", ".join(self.outputs)
        return "\n".join([f"def program({', '.join(self.inputs)}):", *body, f"    return [{results}]"])

    @property
    def fun(self) -> Callable[..., list[Any]]:
        scope = {name: getattr(words, name) for name in words.__all__}
        exec(self.text, scope)
        return scope["program"]

    @property
    def args(self) -> list[Any]:
        return list(self.inputs.values())

    @property
    def captured(self) -> bool:
        """Whether a program can be captured of it, as far as its lines are known not to need values."""
        used = [re.search(r'case\("([^"]+)"\)', text) for _, text in self.lines]
        return not any(found and uncaptured(TABLE[found[1]]) for found in used)

    def uses(self, name: str) -> bool:
        return any(name in NAME.findall(text) for _, text in self.lines)

    def source(self, reason: str = "") -> str:
        """Python that checks this program when it is run in the root of the repository."""
        arrays = [f"    {literal(a)},  # {name}" for name, a in self.inputs.items()]
        lines = [
            f"# seed {self.seed}",
            *[f"# {line}" for line in reason.splitlines()],
            "from tests.autograd.fuzz.check import check_function",
            f"from tests.autograd.fuzz.words import {', '.join(words.__all__)}",
            "",
            "",
            self.text,
            "",
            "",
            f"arguments = [\n{chr(10).join(arrays)}\n]",
            f"check_function(program, arguments, analytic={self.analytic}, captured={self.captured})",
        ]
        return "\n".join(lines) + "\n"


def literal(a: Any) -> str:
    """An array as the Python that makes it, to the last bit."""
    a = np.asarray(a)
    values = a.tolist() if a.dtype != np.longdouble else a.astype(float).tolist()
    return f"numpy.array({values!r}, {a.dtype.name!r})"


class Draw:
    """The state of one drawing."""

    def __init__(self, seed: int) -> None:
        self.seed, self.rng = seed, np.random.default_rng(seed)
        self.analytic = bool(self.rng.random() < 0.25)
        self.hollow = bool(self.rng.random() < 0.03)
        self.values: dict[str, Any] = {}
        self.lines: list[tuple[str, str]] = []
        self.slots = {
            "a": self.operand,
            "b": self.operand,
            "r": lambda: self.operand(real=True),
            "s": lambda: self.operand(real=True),
            "c": self.constant,
            "n": lambda: self.chosen("0", "-1", "1", "-2", "None", "2"),
            "k": lambda: self.chosen("True", "False"),
            "i": self.index,
        }
        self.scope = {name: getattr(words, name) for name in words.__all__}

    def program(self) -> Program:
        inputs = {}
        kind = self.rng.choice(["float64", "float64", "float64", "float64", "float32", "mixed", "longdouble"])
        for k in range(self.rng.integers(1, 4)):
            inputs[f"x{k}"] = self.input(str(kind))
        self.values |= inputs
        length, about = int(self.rng.integers(3, 26)), int(self.rng.integers(3))
        tries = 0
        while len(self.lines) < length and tries < 40 * length:
            tries += 1
            self.line(self.subject() if len(self.lines) == about else None)
        made = Program(self.seed, inputs, tuple(self.lines), (), self.analytic)
        sinks = [n for n, _ in self.lines if not made.uses(n) or self.rng.random() < 0.2]
        return replace(made, outputs=tuple(sinks))

    def input(self, kind: str) -> Any:
        shapes = EMPTY if self.hollow else SHAPES
        shape = shapes[self.rng.integers(len(shapes))]
        if kind == "mixed":
            kind = str(self.rng.choice(["float32", "float64"]))
        made = np.asarray(Numbers("real", shape).draw(self.rng))
        if not self.analytic and self.rng.random() < 0.1:
            made = np.asarray(Numbers("complex", shape).draw(self.rng))
            return made.astype({"float32": "complex64", "longdouble": "clongdouble"}.get(kind, "complex128"))
        return made.astype(kind)

    def subject(self) -> str:
        """The group that this seed is about, so that consecutive seeds reach all of them."""
        names = list(groups(self.analytic))
        return names[self.seed % len(names)]

    def line(self, about: str | None) -> None:
        """Try one line; what NumPy refuses, and what leaves the domain, is thrown away."""
        text = self.case(about) if about or self.rng.random() < 0.4 else self.row()
        name = f"v{len(self.lines)}"
        try:
            with np.errstate(all="ignore"):
                value = eval(text, {**self.scope, **self.values})
                if isinstance(value, list | tuple):
                    at = [k for k, v in enumerate(leaves(value)) if getattr(v, "dtype", np.dtype(int)).kind in "fc"]
                    k = int(self.rng.choice(at))
                    text, value = f"part({text}, {k})", leaves(value)[k]
        except (ValueError, IndexError, TypeError, AttributeError, ArithmeticError):
            return
        if not hasattr(value, "dtype") or value.dtype.kind not in "fc" or value.size > LARGEST:
            return
        if (self.analytic and value.dtype.kind == "c") or (not value.size and not self.hollow):
            return
        if np.isfinite(value).all() and np.abs(value).max(initial=0) <= BOUND and value.dtype.itemsize > 2:
            self.values[name] = value
            self.lines.append((name, text))

    def operand(self, real: bool = False) -> str:
        """A value's name, the newest likelier, so that programs grow deep as well as wide."""
        names = [n for n, v in self.values.items() if not (real and np.iscomplexobj(v))]
        if not names:
            return f"np.real({self.operand()})"
        return names[-min(int(self.rng.geometric(0.25)), len(names))]

    def row(self) -> str:
        rows = ANALYTIC if self.analytic or self.rng.random() < 0.5 else OTHER
        text = rows[self.rng.integers(len(rows))]
        for slot, make in self.slots.items():
            if f"{{{slot}}}" in text:
                text = text.replace(f"{{{slot}}}", make())
        # NumPy's own functions, which hand a Tensor over by NumPy's protocols; but for array, which cannot
        if self.rng.random() < 0.15 and "np.array([" not in text:
            text = text.replace("np.", "numpy.")
        return text

    def chosen(self, *texts: str) -> str:
        return texts[self.rng.integers(len(texts))]

    def index(self) -> str:
        """An index of up to three parts."""
        parts = [
            self.chosen("0", "-1", "1:", ":", "::-1", "::2", "...", "None", "[0, -1, 0]", "numpy.array([[0, 1]])", ":1")
            for _ in range(self.rng.integers(1, 4))
        ]
        return ", ".join(parts)

    def constant(self) -> str:
        return self.chosen(
            "2", "0.5", "numpy.array(1.5)", "numpy.arange(3)", "numpy.arange(2.0)[:, None]", "True",
            "numpy.array([[0.5, -1.0, 2.0], [1.0, 0.0, 3.0]])", "numpy.float32(1.25)",
        )  # fmt: skip

    def case(self, about: str | None) -> str:
        table = groups(self.analytic)
        choices = table[about or list(table)[self.rng.integers(len(table))]]
        name = choices[self.rng.integers(len(choices))]
        return f'case("{name}")({", ".join(self.argument(a) for a in TABLE[name].arrays)})'

    def argument(self, wanted: Any) -> str:
        """A value of the program in the domain of a case's argument."""
        if not isinstance(wanted, Numbers):
            return repr(wanted)
        seed = int(self.rng.integers(1000))
        if wanted.kind == "complex":
            return f"fit_complex({self.operand()}, {wanted.shape}, {seed})"
        return f'fit({self.operand(real=True)}, "{wanted.kind}", {wanted.shape}, {seed})'


def draw(seed: int) -> Program:
    """The program of a seed."""
    return Draw(seed).program()
