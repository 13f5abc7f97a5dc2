"""A derivation: its steps, how they are written, and their proof on numbers."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import CheckError
from ..formula import Evaluator, Latex, MathML, Table, Text, Value, has_notation, write, write_rule
from ..graph import Tensor
from ..program import Line
from ..steps import reverse_steps
from .recorded import Recorded

TERMINAL = 80  # characters; only where a formula leaves no room for its words does a line of `explain` go beyond


@dataclass(frozen=True)
class Step:
    """One line of a derivation.

    Attributes:
        name: what the line defines: a delta, or "d" and the name of a parameter.
        target: the name of the tensor whose cotangent it is.
        shape: the shape of the array.
        expression: the right side in Unicode.
        value, raw: it in index notation, simplified and as the chain rule gives it.
        moves: (what was done, the form it led to), from the first to the last.
        order: 1 for a gradient, 2 for a Hessian.
        named: whether later lines call it by its name, as deltas are.
        line: the line of the forward pass that it belongs to.
    """

    name: str
    target: str
    shape: tuple[int, ...]
    expression: str
    value: Value = field(repr=False)
    raw: Value = field(repr=False)
    moves: tuple[tuple[str, Any], ...] = field(repr=False)
    order: int
    named: bool
    line: Line = field(repr=False)


@dataclass(repr=False)
class Derivation:
    """The steps from a cost to its gradients; see `derive`.

    Attributes:
        cost: the name of the cost.
        steps: the lines, each after those it uses.
        notes: what was taken from the data, that rows of labels sum to 1, say.
        recorded, sizes, simple, plain: what the steps were made from: the graph, the symbols, the tables.
        words, forward: what each value of the forward pass was computed from, and the table of these formulas.
        invented: values without a name of the user's that the steps use, so that a line says what they are.
    """

    cost: str
    steps: list[Step]
    notes: list[str]
    recorded: Recorded
    sizes: dict[str, float]
    simple: Table
    plain: Table
    words: Table
    forward: dict[Line, Value]
    invented: list[Line]

    def __repr__(self) -> str:
        return self.text

    def __getitem__(self, name: str) -> Step:
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(f"no step {name!r}; there are {', '.join(s.name for s in self.steps)}")

    @property
    def text(self) -> str:
        """The steps in Unicode, a line each."""
        return self.written(Text())

    @property
    def latex(self) -> str:
        """The steps in LaTeX: one `aligned` environment, for math mode with amsmath."""
        return self.written(self._typeset(Latex))

    @property
    def mathml(self) -> str:
        """The steps in MathML Core, as one <math> element."""
        return self.written(self._typeset(MathML))

    @property
    def unsimplified(self) -> str:
        """Each step as the chain rule gives it, before any algebra but signs and numbers taken in front."""
        return self.written(Text(), raw=True)

    @property
    def differentials(self) -> set[str]:
        """The names that are d and a tensor's name, which typeset notations show as such."""
        return {"d" + s.target for s in self.steps} & {s.name for s in self.steps}

    def _typeset(self, kind: type[Text]) -> Text:
        """A notation in which no two names look the same."""
        notation, alike = kind(self.differentials), dict[str, list[str]]()
        for word in self.simple.taken() | self.words.taken() | {s.target for s in self.steps}:
            alike.setdefault(notation.name(word), []).append(word)
        return kind(self.differentials, [w for words in alike.values() if len(words) > 1 for w in words])

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"

    @property
    def given(self) -> list[tuple[str, str]]:
        """The forward pass in the same notation: (name, right side)."""
        return [self._definition(line, Text()) for line in self.forward]

    def _definition(self, line: Line, notation: Text) -> tuple[str, str]:
        return write(self.words, self.forward[line], notation, notation.name(line.name))

    def written(self, notation: Text, raw: bool = False) -> str:
        """The steps in any notation, behind what the names stand for that nobody gave."""
        table = self.plain if raw else self.simple
        rows = [self._definition(line, notation) for line in self.invented]
        rows += [write(table, s.raw if raw else s.value, notation, self._left(s, notation)) for s in self.steps]
        return notation.lines(rows)

    def _left(self, step: Step, notation: Text) -> str:
        if step.named:
            return notation.name(step.name)
        return notation.gradient(step.name, self.cost, step.target, step.order)

    def explain(self) -> str:
        """The forward pass, and for each step the way from the chain rule to it, one algebraic move a line."""
        pages = [Text().lines(self.given)] if self.given else []
        pages += [self._explained(step) for step in self.steps]
        notes = [*self._rules(), *self.notes]
        pages += ["\n".join(notes)] if notes else []
        return "\n\n".join(pages)

    def _rules(self) -> list[str]:
        """The rules of the primitives that are written as name(...), once each."""
        told: dict[tuple[str, int], str] = {}
        for line in self.recorded.program.lines:
            primitive = line.primitive
            if primitive is None or has_notation(primitive) or not primitive.differentiable:
                continue
            values = [a.value if isinstance(a, Line) else a for a in line.args]
            names = [a.name if isinstance(a, Line) else None for a in line.args]
            for i, a in enumerate(line.args):
                if isinstance(a, Line) and a.tensor is not None and a.tensor.requires_grad:
                    rule = write_rule(primitive, i, values, line.kwargs, names, out=line.name)
                    told.setdefault(
                        (primitive.name, i), f"({primitive.name} hands the cotangent g back to {a.name} as {rule})"
                    )
        return list(told.values())

    def _explained(self, step: Step) -> str:
        text = Text()
        left, first = write(self.plain, step.raw, text, step.name)
        last = write(self.simple, step.value, text, step.name)[1]
        rows = [(first, "chain rule")]
        for move, expr in step.moves:
            form = write(self.simple, Value(expr, step.shape), text, step.name)[1]
            if rows[-1][0] == last:
                break
            if form != rows[-1][0]:
                rows.append((form, move))
        head, told = f"{left} = ", [(form, f"   ({move})") for form, move in rows]
        room = min(max(len(form + words) for form, words in told), TERMINAL - len(head))
        return head + f"\n{'= ':>{len(head)}}".join(form + words.rjust(room - len(form)) for form, words in told)

    def check(self, rtol: float | None = None, samples: int = 2, seed: int = 0) -> float:
        """Prove the steps on numbers: each is evaluated as a formula and compared with the engine's cotangent.

        A step is evaluated from the named values and the steps before it, so the chain is proved as printed. Where the
        engine adds parts that cancel, as for Newton's method at its goal, their rounding is no difference.

        Args:
            rtol: the largest error allowed, relative to each entry, or to a thousandth of the largest one (what dtypes
                of fewer bits round is more) where it is smaller; None means 1e-6, or 1e-3 for float32.
            samples: at how many random other values of the inputs to repeat it, besides the recorded ones.
            seed: of these values.

        Returns:
            the largest relative error met.

        Raises:
            CheckError: a step differs, in shape or in a number; it is named, with both values at the worst entry. Or it
                is NaN at all values tried.
        """
        rng, worst = np.random.default_rng(seed), 0.0
        unproved = {step.name: step for step in self.steps}
        for sample in range(samples + 1):
            values = [_varied(v.value, rng) if sample else v.value for v in self.recorded.inputs]
            where = "at the recorded values" if not sample else f"at random values (sample {sample}, seed {seed})"
            tensors = self.recorded.run(values)
            names = self.recorded.values(tensors)
            evaluate = Evaluator(self.simple, names, self.sizes)
            first = [s.line for s in self.steps if s.order == 1]
            expected = dict(zip(first, self.recorded.gradients(tensors, first), strict=True))
            parts = self._parts(tensors)
            for step in self.steps:
                with np.errstate(all="ignore"):
                    found = names[step.name] = evaluate(step.value)
                right = expected[step.line] if step.order == 1 else self.recorded.hessian(tensors, step.line)
                right = np.zeros(step.shape) if right is None else np.asarray(right)
                if step.order == 1 and found.shape == right.shape:
                    found = names[step.name] = _where_cancelled(parts.get(tensors[step.line]), right, found)
                worst = max(worst, _compare(step, found, right, rtol, where))
                if not right.size or not np.all(np.isnan(right)):
                    unproved.pop(step.name, None)
        for name, step in unproved.items():
            raise CheckError(
                f"{name}: NaN at all values tried, so nothing was proved: {name} = {step.expression}; record the cost "
                "at values where it is defined"
            )
        return worst

    def _parts(self, tensors: dict[Line, Tensor]) -> dict[Tensor, Any]:
        """How large the parts are that each of the engine's cotangents is the sum of."""
        found: dict[Tensor, Any] = {}
        for step in reverse_steps(tensors[self.recorded.cost])[0]:
            for sent in step.sent:
                if not isinstance(sent.cotangent, tuple):
                    found[sent.parent] = found.get(sent.parent, 0.0) + np.abs(sent.cotangent)
        return found


def _where_cancelled(parts: Any, engine: Any, formula: Any) -> Any:
    """The formula's numbers, but the engine's where its parts cancelled and the two differ by last digits only."""
    if parts is None:
        return formula
    eps = np.finfo(engine.dtype).eps
    with np.errstate(invalid="ignore"):
        lost = (np.abs(engine) < eps**0.5 * parts) & (np.abs(formula - engine) <= 4 * eps * parts)
    return np.where(lost, engine, formula)[()]


def _varied(value: Any, rng: np.random.Generator) -> Any:
    """Other values with the same signs and scale, so that logarithms and roots stay defined; none of them is 0."""
    value = np.asarray(value)
    scale = np.max(np.abs(value), initial=0, where=np.isfinite(value)) or 1
    made = value * (1 + 0.3 * rng.uniform(-1, 1, value.shape))
    if value.dtype.kind == "c":
        made = made * np.exp(0.3j * rng.uniform(-1, 1, value.shape))
    made = np.where(value == 0, 0.1 * scale * rng.standard_normal(value.shape), made)
    return made.astype(value.dtype)[()]


def _compare(step: Step, found: Any, expected: Any, rtol: float | None, where: str) -> float:
    """The largest error of a formula's numbers, where it is allowed."""
    if found.shape != expected.shape:
        raise CheckError(
            f"{step.name}: the formula has the shape {found.shape} and the engine's cotangent {expected.shape}: "
            f"{step.name} = {step.expression}"
        )
    usual = {16: 5e-2, 32: 1e-3}.get(np.finfo(expected.dtype).bits, 1e-6)
    rtol = usual if rtol is None else rtol
    size = np.abs(expected)
    largest = float(np.max(size, initial=0, where=np.isfinite(expected))) or 1.0
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))  # infinities among them
    with np.errstate(invalid="ignore"):
        error = np.where(same, 0.0, np.abs(found - expected) / np.maximum(size, largest * usual**0.5))
    if np.all(error <= rtol):
        return float(np.max(error, initial=0))
    at = np.unravel_index(int(np.argmax(np.where(np.isnan(error), np.inf, error))), error.shape)
    place = f"[{', '.join(map(str, at))}]" if at else ""
    raise CheckError(
        f"{step.name}{place}: the formula gives {found[at]:.6g} and the engine {expected[at]:.6g} {where}: "
        f"{step.name} = {step.expression}"
    )
