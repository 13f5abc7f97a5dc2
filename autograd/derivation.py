"""The derivation of a gradient as a person would write it, read from the recorded backward pass.

The graph is run once more with everything recorded, the reverse walk included. What the rules did is then translated
to index notation (`formula.translate`), simplified by algebra (`formula.algebra`) and written in the user's words.
Nothing here knows a network, a loss or a derivative.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .backward import cotangents
from .errors import CheckError, NotConnectedError
from .formula import Algebra, Evaluator, Latex, MathML, Table, Text, Translator, Value, coefficient, collected, write
from .graph import DIFFERENTIABLE, RECORDED, Tensor, describe, leaf, set_mode
from .program import Line, Program, read

products = {"matmul", "dot", "inner", "outer", "tensordot", "einsum"}


@dataclass(frozen=True)
class Step:
    """One line of a derivation.

    Attributes:
        name: what the line defines: a delta, or "d" and the name of a parameter.
        target: the name of the tensor whose cotangent it is.
        shape: the shape of both.
        expression: the right side in Unicode.
        value, raw: it in index notation, simplified and as the chain rule gives it.
        moves: (what was done, the form it led to) from the first to the last.
        order: 1 for a gradient, 2 for a Hessian.
        named: whether the user (or a later line) calls it by name, as deltas are.
    """

    name: str
    target: str
    shape: tuple[int, ...]
    expression: str
    value: Value
    raw: Value
    moves: tuple[tuple[str, Any], ...]
    order: int
    named: bool


@dataclass
class Derivation:
    """The steps from a cost to its gradients; see `derive`."""

    cost: str
    steps: list[Step]
    given: list[tuple[str, str]]
    notes: list[str]
    graph: "Graph" = field(repr=False)
    simple: Table = field(repr=False)
    plain: Table = field(repr=False)

    def __str__(self) -> str:
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
        """The steps in LaTeX, as one `aligned` environment for math mode (amsmath)."""
        return self.written(Latex(self.differentials))

    @property
    def mathml(self) -> str:
        """The steps in MathML Core, as one <math> element."""
        return self.written(MathML(self.differentials))

    @property
    def unsimplified(self) -> str:
        """Each step as the chain rule gives it, before any algebra."""
        return self.written(Text(), raw=True)

    @property
    def differentials(self) -> set[str]:
        """The names d and a tensor's name, which typeset notations show as such."""
        return {"d" + s.target for s in self.steps} & {s.name for s in self.steps}

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"

    def written(self, notation: Text, raw: bool = False) -> str:
        """The steps in any notation."""
        table = self.plain if raw else self.simple
        return notation.lines(
            [write(table, s.raw if raw else s.value, notation, self.left(s, notation)) for s in self.steps]
        )

    def left(self, step: Step, notation: Text) -> str:
        """The left side of a step: its name, or the derivative it is."""
        return notation.name(step.name) if step.named else notation.gradient(self.cost, step.target, step.order)

    def explain(self) -> str:
        """The way from the chain rule to each step, one algebraic move a line, in Unicode."""
        text = Text()
        pages = [*self._given(text)]
        for step in self.steps:
            rows = [(write(self.plain, step.raw, text, step.name), "chain rule")]
            last = write(self.simple, step.value, text, step.name)
            for move, expr in step.moves:
                both = write(self.simple, Value(expr, step.shape), text, step.name)
                if rows[-1][0][1] == last[1]:
                    break
                if both[1] != rows[-1][0][1]:
                    rows.append((both, move))
            left, width = rows[0][0][0], max(len(both[1]) for both, _ in rows)
            pages.append(
                "\n".join(
                    f"{left if i == 0 else '':<{len(left)}} = {both[1]:<{min(width, 90)}}   {move}"
                    for i, (both, move) in enumerate(rows)
                )
            )
        if self.notes:
            pages.append("\n".join(self.notes))
        return "\n\n".join(pages) + "\n"

    def _given(self, text: Text) -> list[str]:
        return [text.lines(self.given)] if self.given else []

    def check(self, rtol: float | None = None, samples: int = 2, seed: int = 0) -> float:
        """Prove the steps on numbers: each is evaluated as printed and compared with the engine's cotangent.

        Args:
            rtol: the largest error allowed, relative to the largest entry; by the dtype if None (1e-6 for float64).
            samples: at how many random other values of the inputs to repeat it, besides the recorded ones.
            seed: of these values.

        Returns:
            the largest relative error met.

        Raises:
            CheckError: a step differs; it is named, with both values at the worst entry.
        """
        rng = np.random.default_rng(seed)
        worst = 0.0
        for sample in range(samples + 1):
            values = [_varied(v.value, rng) if sample else v.value for v in self.graph.inputs]
            where = "at the recorded values" if not sample else f"at random values (sample {sample}, seed {seed})"
            tensors = self.graph.run(values)
            names = self.graph.named_values(tensors)
            evaluator = Evaluator(self.simple, names, self.graph.sizes)
            expected = self.graph.expected(tensors, self.steps)
            for step in self.steps:
                with np.errstate(all="ignore"):
                    found = evaluator(step.value)
                names.setdefault(step.name, found)
                worst = max(worst, _compare(step, found, expected[step.name], rtol, where))
        return worst


def _varied(value: Any, rng: np.random.Generator) -> Any:
    """Other values with the same signs and scale, so that logarithms and roots stay defined."""
    if not np.any(value):
        return (0.1 * rng.standard_normal(value.shape)).astype(value.dtype)[()]
    return np.asarray(value * (1 + 0.3 * rng.uniform(-1, 1, value.shape))).astype(value.dtype)[()]


def _compare(step: Step, found: Any, expected: Any, rtol: float | None, where: str) -> float:
    if expected is None:
        expected = np.zeros(step.shape)
    if rtol is None:
        rtol = (
            max(1e-6, float(np.finfo(np.asarray(expected).dtype).eps) ** 0.4) if expected.dtype.itemsize < 8 else 1e-6
        )
    scale = float(np.max(np.abs(expected), initial=0)) or 1.0
    error = np.abs(np.asarray(found) - expected) / scale
    if not np.all(error <= rtol):
        at = np.unravel_index(int(np.argmax(np.where(np.isnan(error), np.inf, error))), error.shape)
        place = f"[{', '.join(map(str, at))}]" if at else ""
        raise CheckError(
            f"{step.name}{place}: the formula gives {float(np.asarray(found)[at]):.6g} and the engine "
            f"{float(np.asarray(expected)[at]):.6g} {where}: {step.name} = {step.expression}"
        )
    return float(np.max(error, initial=0))


@dataclass
class Graph:
    """The forward pass as a Program, and what is asked of it."""

    program: Program
    cost: Line
    targets: dict[str, Line]  # the line whose cotangent each step is, by the name of the step
    sizes: dict[str, float]
    constants: dict[str, Any] = field(default_factory=dict)
    probes: dict[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> list[Line]:
        """The leaves whose values `check` varies."""
        return self.program.inputs

    def run(self, values: Sequence[Any] | None = None, capture: bool = False) -> dict[Line, Tensor]:
        """The forward pass run again, each line a new Tensor; with `capture`, constants are followed too."""
        given = dict(zip(self.inputs, values, strict=True)) if values is not None else {}
        tensors: dict[Line, Tensor] = {}
        with set_mode(capturing=capture, recording=True):
            for line in self.program.lines:
                if line.primitive is None:
                    value = given.get(line, line.value)
                    track = DIFFERENTIABLE if line.kind == "input" else RECORDED if capture else 0
                    tensors[line] = leaf(value, track, line.name)
                else:
                    args = [tensors[a] if isinstance(a, Line) else a for a in line.args]
                    tensors[line] = line.primitive(*args, **line.kwargs)
        return tensors

    def named_values(self, tensors: dict[Line, Tensor]) -> dict[str, Any]:
        """The array behind each name that a formula may use."""
        named = {line.name: tensors[line].data for line in self.program.lines if line.named or line.primitive is None}
        return {**named, **self.constants}

    def expected(self, tensors: dict[Line, Tensor], steps: Sequence[Step]) -> dict[str, Any]:
        """The engine's own cotangent for each step."""
        first = [s for s in steps if s.order == 1]
        targets = [tensors[self.targets[s.name]] for s in first]
        found = dict(zip([s.name for s in first], cotangents(tensors[self.cost], targets), strict=True))
        for s in steps:
            if s.order == 2:
                target = tensors[self.targets[s.name]]
                (gradient,) = cotangents(tensors[self.cost], [target], create_graph=True)
                found[s.name] = _hessian(gradient, target)
        return found


def _hessian(gradient: Tensor, target: Tensor) -> Any:
    rows = []
    for i in range(target.size):
        unit = np.zeros(target.size, target.dtype)
        unit[i] = 1
        (row,) = cotangents(gradient, [target], gradient=unit.reshape(target.shape))
        rows.append(np.zeros(target.shape) if row is None else row)
    return np.stack(rows).reshape(target.shape * 2)


def derive(
    cost: Tensor,
    wrt: Sequence[Tensor | str] | Tensor,
    names: Mapping[str, Any] | None = None,
    deltas: Mapping[str, Tensor] | None = None,
    symbols: Mapping[str, float] | None = None,
    order: int = 1,
) -> Derivation:
    """Derive the gradient of a recorded cost as formulas in your own words.

    Args:
        cost: a scalar Tensor.
        wrt: the tensors to differentiate with respect to, or their names.
        names: words for tensors and arrays, `locals()` say.
        deltas: a name for the cotangent of an inner tensor; it gets a line of its own and is called by that name in
            later lines. By default the cotangents of named tensors that matrix products share are called d and the name.
        symbols: letters for numbers, {"m": 5000} writes / m for / 5000.
        order: 2 adds the Hessian with respect to each tensor in `wrt`.

    Returns:
        a Derivation: `steps`, `text`, `latex`, `mathml`, `unsimplified`, `explain()`, and `check()`, which proves the
        formulas on numbers. Inner deltas come before what uses them; formulas without a form in matrix notation are
        written with indices.

    Raises:
        ValueError: a cost that is not a scalar, one name for two different tensors, or a symbol for 0, 1 or 2.
        NotConnectedError: the cost was not computed from a tensor in `wrt` or `deltas`.
        MissingPackageError: SymPy is not installed.

    >>> from autograd import numpy as anp
    >>> w = Tensor([0.5, -1.0], requires_grad=True)
    >>> X, y = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]), np.array([1.0, 0.0, 1.0])
    >>> residual = X @ w - y
    >>> print(derive((residual**2).mean(), [w], names=locals(), symbols={"m": 3}))
    dw = 2 Xᵀ residual / m
    """
    wrt = [wrt] if isinstance(wrt, (Tensor, str)) else list(wrt)
    if not isinstance(cost, Tensor) or cost.size != 1:
        raise ValueError(f"derive: the cost {describe(cost)} is not a scalar; reduce it with sum() or mean()")
    if order not in (1, 2):
        raise ValueError(f"derive: order is 1 (the gradient) or 2 (the Hessian too), not {order!r}")
    for word, size in (symbols or {}).items():
        if abs(float(size)) in (0, 0.5, 1, 2):
            raise ValueError(f"derive: the symbol {word} = {size} could not be told from the number {size}")
    return _Deriver(cost, wrt, dict(names or {}), dict(deltas or {}), dict(symbols or {}), order).derivation()


class _Deriver:
    """The work of one call of `derive`."""

    def __init__(
        self,
        cost: Tensor,
        wrt: list[Any],
        names: dict[str, Any],
        deltas: dict[str, Tensor],
        sizes: dict[str, float],
        order: int,
    ) -> None:
        self.order = order
        tensors = {w: t for w, t in names.items() if isinstance(t, Tensor) and not w.startswith("_")}
        program = read([cost, *_relatives(cost, tensors.values())], names)
        self.lines = {id(line.tensor): line for line in program.lines if line.tensor is not None}
        self._check_names(program, names, {w for w, t in tensors.items() if t is cost})
        found = {line.name: line for line in program.lines}
        self.history = {id(line.tensor) for line in read([cost]).lines if line.tensor is not None}
        self.wrt = [self._line(t, found, tensors, cost, "wrt") for t in wrt]
        self.cuts = {name: self._line(t, found, tensors, cost, f"deltas {name!r}") for name, t in deltas.items()}
        for name in self.cuts:
            if name in found and found[name].named:
                raise ValueError(f"derive: {name!r} is to name a cotangent, but is already the name of a tensor")
        self.graph = Graph(program, self.lines[id(cost)], {}, sizes)

    def _check_names(self, program: Program, names: dict[str, Any], own: set[str]) -> None:
        words = {id(v): w for w, v in reversed(names.items())}
        seen: dict[str, Line] = {}
        for line in program.lines:
            if line.named and line.tensor is not None:
                word = line.tensor.name or words.get(id(line.tensor)) or line.name
                if word in seen:
                    raise ValueError(
                        f"derive: the name {word!r} stands for two different tensors, of shapes "
                        f"{seen[word].shape} and {line.shape}; give one of them another name"
                    )
                seen[word] = line

    def _line(self, t: Any, found: dict[str, Line], tensors: dict[str, Tensor], cost: Tensor, where: str) -> Line:
        reached = [line for line in found.values() if line.tensor is not None and line.tensor.requires_grad]
        if isinstance(t, str):
            line = found.get(t) or self.lines.get(id(tensors.get(t)))
            word = t
        else:
            line = self.lines.get(id(t))
            word = getattr(t, "name", None) or next((w for w, v in tensors.items() if v is t), None) or describe(t)
        if line is None or line not in reached or id(line.tensor) not in self.history:
            known = [n.name for n in reached if n.named] or [n.name for n in reached if n.kind == "input"]
            near = difflib.get_close_matches(word, known, 3, 0.5) or known[:6]
            raise NotConnectedError(
                f"derive: {word} ({where}) is not connected to the cost: it was not computed from it, or only through "
                f"values that carry no gradient; connected are: {', '.join(near) or 'none'}"
            )
        return line

    # -- the backward pass as a program --------------------------------------------------------------------------------

    def record(self) -> tuple[Program, dict[int, Line], Tensor, dict[Line, Tensor], dict[str, Tensor]]:
        """Run forward and backward once more with everything recorded; return it all as one Program."""
        tensors = self.graph.run(capture=True)
        tracked = {line: t for line, t in tensors.items() if t.track == DIFFERENTIABLE}
        start = leaf(np.ones_like(tensors[self.graph.cost].data))
        with set_mode(capturing=True, recording=True):
            # every tracked tensor is asked for, so the walk takes no stable detour round one: the graph as written
            found = cotangents(tensors[self.graph.cost], list(tracked.values()), gradient=start, create_graph=True)
            table = {line: c for line, c in zip(tracked, found, strict=True) if c is not None}
            second = (
                {line.name: self._along(table[line], tensors[line], line) for line in self.wrt}
                if self.order == 2
                else {}
            )
        outputs = list(table.values()) + [s for s in second.values() if s is not None]
        forward = {id(t): line for line, t in tensors.items()}
        for line, t in tensors.items():
            t.name = line.name if line.primitive is None else None
        named = [t for line, t in tensors.items() if line.named]
        return read([*outputs, *named]), forward, start, table, second

    def _along(self, gradient: Tensor, target: Tensor, line: Line) -> Tensor | None:
        probe = leaf(np.ones_like(target.data), name=f"along {line.name}")
        self.graph.probes[line.name] = probe
        return cotangents(gradient, [target], gradient=probe, create_graph=True)[0]

    def derivation(self) -> Derivation:
        """Translate, cut, simplify."""
        program, forward, start, table, second = self.record()
        for name, line in self._deltas(program, table).items():
            self.cuts.setdefault(name, line)
        simple, plain = Table(), Table()
        algebra = Algebra(simple)
        simple.reduce, simple.known_sum = algebra.reduce, algebra.known_sum
        notes: list[str] = []
        simple.evaluate_constant = self._constants(simple, notes)
        kit = [Translator(t, self.graph.sizes) for t in (simple, plain)]
        cut_lines: dict[int, list[tuple[str, Line]]] = {}
        for name, line in self.cuts.items():
            cut_lines.setdefault(id(table[line]), []).append((name, line))
        steps: dict[str, Step] = {}
        for line in program.lines:
            source = forward.get(id(line.tensor))
            if line.tensor is start:
                for t in kit:
                    t.values[line] = Value(t.number(1), line.shape)
            elif source is None and line.primitive is None:
                probe = line.name
                for t in kit:
                    t.values[line] = t.table.name(probe, line.shape)
            elif source is not None and source.primitive is None:
                for t in kit:
                    t.values[line] = self._leaf(t, source)
            else:
                made = [t(line) for t in kit]
                if source is not None and source.named:
                    condition = line.dtype.kind == "b"
                    for t in kit:
                        t.values[line] = t.table.name(source.name, line.shape, condition)
                    algebra.learn(kit[0].values[line], made[0])
                else:
                    for t, value in zip(kit, made, strict=True):
                        t.values[line] = value
            for name, target in cut_lines.get(id(line.tensor), []):
                values = [t.values[line] for t in kit]
                steps[name] = self._step(kit, algebra, name, target, values, named=True)
                if simple.views.get(values[0].expr, (None,))[0] is None or len(cut_lines[id(line.tensor)]) == 1:
                    for t in kit:
                        t.values[line] = _cotangent(t.table, name, line.shape)
        by_tensor = {id(line.tensor): line for line in program.lines}
        for line in self.wrt:
            values = [t.values[by_tensor[id(table[line])]] for t in kit]
            name = "d" + line.name
            steps.setdefault(name, self._step(kit, algebra, name, line, values))
        for line in self.wrt if self.order == 2 else []:
            self._second(kit, algebra, steps, line, second[line.name], by_tensor)
        ordered = self._ordered(simple, steps)
        given = self._given(forward, plain)
        return Derivation(self.graph.cost.name, ordered, given, notes, self.graph, simple, plain)

    def _deltas(self, program: Program, table: dict[Line, Tensor]) -> dict[str, Line]:
        """Without the user's word: the cotangents of named tensors that matrix products share."""
        if self.cuts:
            return {}
        users = program.users()
        by_tensor = {id(line.tensor): line for line in program.lines}
        found: dict[str, Line] = {}
        for line, cotangent in table.items():
            if line.named and line.primitive is not None and line not in self.wrt and line is not self.graph.cost:
                uses = users[by_tensor[id(cotangent)]]
                back = [u for u in uses if u.tensor is not None]
                if len(back) > 1 and any(u.primitive is not None and u.primitive.name in products for u in back):
                    found["d" + line.name] = line
        return found

    def _leaf(self, t: Translator, line: Line) -> Value:
        """An input or a constant by its name; an unnamed constant through a named one if it is 1 - y, say."""
        if not line.named and line.kind == "constant":
            known = recognised(
                line, [other for other in self.graph.program.lines if other.named and other.kind == "constant"]
            )
            if known is not None:
                factor, other, shift = known
                base = t.table.name(other.name, other.shape).expr if other is not None else 0
                return Value(t.number(factor) * base + t.number(shift), line.shape)
        return t.table.name(line.name, line.shape, getattr(line.dtype, "kind", "f") == "b")

    def _constants(self, table: Table, notes: list[str]) -> Callable[[Any], Any]:
        """What turns a sum over the data into 1 (or 0) where it is that everywhere: rows of labels sum to one."""
        data = {line.name: line.value for line in self.graph.program.lines if line.kind == "constant"}

        def constant(symbol: Any) -> Any:
            atom, labels = table.views[symbol]
            body = atom.parts[0]
            if not labels or not all(a.kind == "name" and a.op in data for a, _ in table.views_of(body)):
                return None
            value = Evaluator(table, data, self.graph.sizes).atom(atom)
            for number in (0, 1):
                if np.all(value == number) or np.allclose(value, number, rtol=0, atol=1e-12):
                    note = f"{write(table, table.whole(atom), Text())[1]} is {number} everywhere in these data"
                    if note not in notes:
                        notes.append(note)
                    return _integer(number)
            return None

        return constant

    def _step(
        self,
        kit: list[Translator],
        algebra: Algebra,
        name: str,
        target: Line,
        values: list[Value],
        named: bool = False,
        order: int = 1,
    ) -> Step:
        self.graph.targets[name] = target
        moves = tuple(algebra.moves(values[0].expr))
        value = Value(moves[-1][1], values[0].shape)
        raw = Value(collected(kit[1].table, values[1].expr), values[1].shape)
        expression = write(kit[0].table, value, Text())[1]
        return Step(name, target.name, value.shape, expression, value, raw, moves[1:], order, named)

    def _second(
        self,
        kit: list[Translator],
        algebra: Algebra,
        steps: dict[str, Step],
        line: Line,
        along: Tensor | None,
        by_tensor: dict[int, Line],
    ) -> None:
        """The Hessian: the derivative of the gradient along v is linear in v, and its coefficient is wanted."""
        name = f"d2{line.name}"
        values = []
        for t in kit:
            whole = Value(t.number(0), line.shape) if along is None else t.values[by_tensor[id(along)]]
            values.append(coefficient(t.table, whole, f"along {line.name}", line.shape))
        steps[name] = self._step(kit, algebra, name, line, values, order=2)

    def _ordered(self, table: Table, steps: dict[str, Step]) -> list[Step]:
        """Each delta in recorded order, and after it the gradients that need no later one, in the order asked for."""
        deltas = [s for s in steps.values() if s.named]
        rank = {s.name: i for i, s in enumerate(deltas)}
        found: list[Step] = []
        gradients = {
            s.name: max((rank[w] for w in _words(table, s.value.expr) if w in rank), default=-1)
            for s in steps.values()
            if not s.named
        }
        for i in range(-1, len(deltas)):
            found += [deltas[i]] if i >= 0 else []
            found += [steps[name] for name, last in gradients.items() if last == i]
        return found

    def _given(self, forward: dict[int, Line], plain: Table) -> list[tuple[str, str]]:
        """The forward pass in the same notation: what each name stands for."""
        translator, table = None, Table()
        translator = Translator(table, self.graph.sizes)
        rows = []
        for line in self.graph.program.lines:
            if line.primitive is None:
                translator.values[line] = self._leaf(translator, line)
                continue
            value = translator(line)
            translator.values[line] = value
            if line.named or line is self.graph.cost:
                rows.append(write(table, Value(collected(table, value.expr), value.shape), Text(), line.name))
                translator.values[line] = table.name(line.name, line.shape, line.dtype.kind == "b")
        return rows


def recognised(line: Line, others: list[Line]) -> tuple[float, Line | None, float] | None:
    """An array as factor * other + shift of a named array, or as one number throughout; None if it is neither."""
    value = np.asarray(line.value)
    if value.size == 0 or value.dtype.kind not in "fiub":
        return None
    value = value.astype(float)
    if value.min() == value.max():
        return 0.0, None, float(value.flat[0])
    for other in others:
        if other.shape == line.shape and np.asarray(other.value).dtype.kind in "fiub":
            for factor in (1, -1, 2, -2):
                shift = value - factor * np.asarray(other.value, float)
                if np.ptp(shift) <= 1e-12 * np.max(np.abs(value)):
                    return factor, other, float(shift.flat[0])
    return None


def _integer(number: int) -> Any:
    from .formula.lazy import sympy

    return sympy().Integer(number)


def _cotangent(table: Table, name: str, shape: tuple[int, ...]) -> Value:
    return table.whole(table.atom("name", name, shape, options={"cotangent": True}))


def _words(table: Table, expr: Any) -> set[str]:
    """The names in an expression, also deep inside sums and functions."""
    found: set[str] = set()
    stack = [expr]
    while stack:
        for atom, _ in table.views_of(stack.pop()):
            if atom.kind == "name":
                found.add(atom.op)
            stack += [
                p.expr if isinstance(p, Value) else p
                for p in atom.parts
                if isinstance(p, Value) or hasattr(p, "free_symbols")
            ]
    return found


def _relatives(cost: Tensor, tensors: Iterable[Tensor]) -> list[Tensor]:
    """Named results that were computed from the same things as the cost, though the cost did not use them."""
    known = {id(line.tensor) for line in read([cost]).lines if line.tensor is not None}
    found = []
    for t in tensors:
        if id(t) not in known and t.record is not None and t.track:
            lines = read([t]).lines
            new = [n for n in lines if n.primitive is not None and id(n.tensor) not in known]
            if len(new) < len(lines) and len(new) <= 20:
                found.append(t)
    return found
