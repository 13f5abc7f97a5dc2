"""From a recorded cost to formulas: run it once more with everything recorded, translate, name, simplify.

Nothing here knows a network, a loss or a derivative: what is written is what the rules did.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import NotConnectedError
from ..formula import (
    Algebra,
    Evaluator,
    Table,
    Text,
    Translator,
    Value,
    coefficient,
    collected,
    counted,
    words,
    write,
)
from ..graph import Tensor, describe
from ..program import Line
from .constants import is_symmetric, positions, recognised
from .recorded import Recorded
from .result import Derivation, Step

PRODUCTS = {"matmul", "dot", "inner", "outer", "tensordot", "einsum"}
SHORT = 2  # symbols and numbers in a cotangent that is written out wherever it is used, as I or 2 z
SPARE = 6  # in one that may be written out where that makes all of the text shorter, as (p - y) / m
LONG_VALUE, LONG_COTANGENT = 12, 36  # symbols and numbers in one without a name; a longer one gets a line and a name


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
        deltas: a name for the cotangent of an inner tensor: it gets a line of its own, and later lines use the name.
            By default the cotangents of named tensors that matrix products share are called d and the tensor's name.
        symbols: letters for numbers: {"m": 5000} writes / m for / 5000.
        order: 2 adds the Hessian with respect to each tensor in `wrt`.

    Returns:
        a Derivation: `steps`, `text`, `latex`, `mathml`, `unsimplified`, `explain()`, and `check()`, which proves the
        formulas on numbers. A formula without a form in matrix notation is written with indices.

    Raises:
        ValueError: a cost that is not a scalar, one name for two different things, or a symbol for 0, 1 or 2.
        NotConnectedError: the cost was not computed from a tensor in `wrt` or `deltas`.
        NoRuleError: order=2, and the Hessian has no form here.
        MissingPackageError: SymPy is not installed.

    >>> w = Tensor([0.5, -1.0], requires_grad=True)
    >>> X, y = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]), np.array([1.0, 0.0, 1.0])
    >>> h = X @ w
    >>> derive(((h - y) ** 2).mean(), [w], names=locals(), symbols={"m": 3})
    dw = 2 Xᵀ (h - y) / m
    """
    if not isinstance(cost, Tensor) or cost.size != 1:
        raise ValueError(f"derive: the cost {describe(cost)} is not a scalar; reduce it with sum() or mean()")
    if order not in (1, 2):
        raise ValueError(f"derive: order is 1 (the gradient) or 2 (the Hessian too), not {order!r}")
    for word, size in (symbols or {}).items():
        if abs(float(size)) in (0, 0.5, 1, 2):
            raise ValueError(f"derive: the symbol {word} = {size} could not be told from the number {size}")
    recorded = Recorded(cost, names or {})
    wanted = [recorded.line(t, "wrt") for t in ([wrt] if isinstance(wrt, (Tensor, str)) else wrt)]
    cuts = {name: recorded.line(t, f"deltas {name!r}") for name, t in (deltas or {}).items()}
    taken = {line.name: line for line in recorded.program.lines if line.named}
    for name in cuts:
        if name in taken:
            raise ValueError(f"derive: {name!r} is to name a cotangent, but is already the name of a tensor")
    for name, size in (symbols or {}).items():
        if name in taken and not np.array_equal(taken[name].value, size):
            raise ValueError(f"derive: {name!r} is to stand for {size}, but is already the name of a tensor")
    return Deriver(recorded, wanted, cuts, dict(symbols or {}), order).derivation()


class Deriver:
    """The work of one call of `derive`.

    Everything is translated twice: into a table that simplifies, and into a plain one for the raw lines.
    """

    def __init__(
        self,
        recorded: Recorded,
        wrt: list[Line],
        cuts: dict[str, Line],
        sizes: dict[str, float],
        order: int,
        inline: frozenset[Line] = frozenset(),
    ) -> None:
        self.recorded, self.wrt, self.sizes, self.order = recorded, wrt, sizes, order
        self.walk = recorded.walk(wrt if order == 2 else ())
        self.users = self.walk.program.users()
        self.long: set[Line] = set()  # values without a name that get one
        self.chosen = bool(cuts)
        self.inline = inline  # values that get no name for the sake of their cotangents
        self.vectors = set[Line]()  # values whose cotangents products share as columns and rows
        self.needless, self.spare = set[Line](), set[Line]()  # values that need none, and that may need none
        for name, line in cuts.items():
            if line not in self.walk.cotangent:
                raise NotConnectedError(f"derive: no cotangent reaches {line.name}, which {name!r} is to name")
        self.given, cuts = cuts, cuts or self.shared()
        self.cuts = {name: (line, self.walk.cotangent[line]) for name, line in cuts.items()}
        self.positions = positions(self.walk.program) | positions(recorded.program)
        self.owner = {cotangent: line for line, cotangent in reversed(self.walk.cotangent.items())}
        self.simple, self.plain = Table(), Table()
        self.algebra = Algebra(self.simple)
        self.simple.reduce, self.simple.known_sum = self.algebra.reduce, self.algebra.known_sum
        self.simple.evaluate_constant = self.constant_sum
        self.taken = {line.name for line in recorded.program.lines} | set(recorded.constants)
        self.kit = [Translator(table, sizes, self.taken) for table in (self.simple, self.plain)]
        self.steps: dict[str, Step] = {}
        self.notes: list[str] = []
        self.symmetric: set[str] = set()  # of constants

    def derivation(self) -> Derivation:
        """Translate line by line, name what has a name, and simplify what was asked for."""
        for line in self.walk.program.lines:
            self.enter(line)
        if self.needless:  # nothing was simplified through their names
            return self.without(self.needless)
        for line in self.wrt:
            name, cotangent = self.differential(line), self.walk.cotangent.get(line)  # none where it is only compared
            values = [Value(t.number(0), line.shape) if cotangent is None else t.values[cotangent] for t in self.kit]
            self.steps.setdefault(name, self.step(name, line, values))
        for line, along in self.walk.along.items():
            values = []
            for t in self.kit:
                product = Value(t.number(0), line.shape) if along is None else t.values[along]
                values.append(coefficient(t.table, product, f"along {line.name}", line.shape))
            name = self.differential(line, "d2")
            self.steps[name] = self.step(name, line, values, order=2)
        steps, (words, forward) = self.ordered(), self.forward()
        self.notes += self.nameless(steps)
        made = Derivation(
            self.recorded.cost.name,
            steps,
            self.notes,
            self.recorded,
            self.sizes,
            self.simple,
            self.plain,
            words,
            forward,
            self.invented(steps, words, forward),
        )
        return min(made, self.without(self.spare), key=lambda d: len(d.text)) if self.spare else made

    def without(self, lines: set[Line]) -> Derivation:
        """The same with these values written out, and their cotangents too."""
        inline = self.inline | lines
        return Deriver(self.recorded, self.wrt, self.given, self.sizes, self.order, inline).derivation()

    def enter(self, line: Line) -> None:
        """Translate one line of the forward or the backward pass."""
        source = self.walk.source.get(line)
        if line is self.walk.start:
            for t in self.kit:
                t.values[line] = Value(t.number(1), line.shape)
        elif line.primitive is None:
            if source is None and line.kind == "constant" and not line.named:
                self.adopt(line)
            for t in self.kit:
                t.values[line] = self.leaf(t, source or line)
        else:
            for t in self.kit:
                t.values[line] = t(line)
            if source is not None and (source.named or source in self.long or self.is_long(line, LONG_VALUE)):
                self.long.add(source)
                self.name(line, source)
        names = [(name, own) for name, (own, cotangent) in self.cuts.items() if cotangent is line]
        own = self.owner.get(line)
        if names and not self.chosen and not self.is_long(line, SPARE):
            nameless = {owner for _, owner in names if not owner.named}
            if self.is_long(line, SHORT) and not nameless & self.vectors:
                self.spare |= nameless
            else:
                self.needless, names = self.needless | nameless, []
        asked = own in self.wrt and not self.users[line]  # has a line already, and no other uses it
        if not names and source is None and own and not asked and self.is_long(line, LONG_COTANGENT):
            short = Value(self.algebra.reduce(self.kit[0].values[line].expr), line.shape)
            if self.simple.size(short.expr) > SPARE:
                names = [(self.differential(own), own)]
            else:
                self.kit[0].values[line] = short
        for i, (name, own) in enumerate(names):
            self.steps[name] = self.step(name, own, [t.values[line] for t in self.kit], named=True)
            if i == 0:
                definition = self.steps[name].value
                for t in self.kit:
                    symmetric = t.table.own_transpose(t.values[line].expr)
                    t.values[line] = t.table.name(name, line.shape, cotangent=True, symmetric=symmetric)
                self.algebra.learn(self.kit[0].values[line], definition, rewrite=False)

    def adopt(self, line: Line) -> None:
        """Give an array that a rule brought in a name that is not taken."""
        adopted, constants = self.recorded.adopted, self.recorded.constants
        taken = {n.name for n in self.recorded.program.lines} | set(constants)
        same = (word for word in adopted if np.array_equal(constants[word], line.value))
        line.name = next(same, None) or next(word for word in words(line.value) if word not in taken)
        constants[line.name] = line.value
        adopted.add(line.name)

    def name(self, line: Line, source: Line) -> None:
        """Call a value of the forward pass by its name, and remember what it was computed from."""
        definition = self.kit[0].values[line]
        for t in self.kit:
            symmetric = t.table.own_transpose(t.values[line].expr)
            t.values[line] = t.table.name(
                source.name, line.shape, condition=line.dtype.kind == "b", symmetric=symmetric
            )
        self.algebra.learn(self.kit[0].values[line], definition)

    def differential(self, line: Line, d: str = "d") -> str:
        """The name of a line's cotangent, d and its name; with _ behind it where a value in the graph is called so."""
        name, taken = d + line.name, {n.name for n in self.recorded.program.lines}
        while name in taken:
            name += "_"
        return name

    def is_long(self, line: Line, most: int) -> bool:
        """Whether a value has become too long to be written without a name."""
        value = self.kit[0].values[line]
        return isinstance(value, Value) and self.simple.size(value.expr) > most

    def leaf(self, t: Translator, line: Line) -> Value:
        """An input or a constant by its name; a constant without one through those that have one."""
        if line.kind != "constant":
            return t.table.name(line.name, line.shape)
        constants = self.recorded.constants

        def name(word: str) -> Value:
            value = np.asarray(constants[word])
            symmetric = word not in unnamed and is_symmetric(value)
            self.symmetric |= {word} if symmetric else set()
            return t.table.name(word, value.shape, condition=value.dtype.kind == "b", symmetric=symmetric)

        unnamed = {n.name for n in self.recorded.program.lines if not n.named} | self.recorded.adopted
        known = {w: a for w, a in constants.items() if w not in unnamed}
        made = None if line.named else recognised(line.value, known, t, name)
        number = made is None or made.expr.is_Number or line.dtype.kind == "b"
        if line in self.positions and number:  # an index is no number, nor is a mask
            made = counted(line.value, t)
        return made or name(line.name)

    def shared(self) -> dict[str, Line]:
        """Without the user's word: the cotangents that a matrix product and something else use."""
        owners: dict[Line, Line] = {}
        for line, cotangent in self.walk.cotangent.items():
            users = [(u, u.primitive.name) for u in self.users[cotangent] if u.primitive is not None]
            turned = [w for u, op in users if op == "expand_dims" for w in self.users[u]]  # vectors in products
            uses = [op for _, op in users] + [w.primitive.name for w in turned if w.primitive is not None]
            if line.primitive is None or line in self.wrt or len(uses) < 2 or not PRODUCTS & set(uses):
                continue
            if not PRODUCTS & {op for _, op in users}:
                self.vectors.add(line)
            if cotangent not in owners or line.named or not owners[cotangent].named:
                owners[cotangent] = line
        found = [line for line in owners.values() if line is not self.recorded.cost and line not in self.inline]
        self.long |= {line for line in found if not line.named}
        return {self.differential(line): line for line in found}

    def constant_sum(self, symbol: Any) -> Any:
        """1 or 0, if that is what a sum over the data comes to everywhere: rows of labels sum to one."""
        atom, labels = self.simple.views[symbol]
        names, known = self.simple.names(atom.parts[0]), self.recorded.constants
        alone = any(None in own for _, own in self.simple.views_of(atom.parts[0]))  # one row of labels
        if not (labels or alone) or not names <= set(known):
            return None
        value = Evaluator(self.simple, {n: known[n] for n in names}, self.sizes).atom(atom)
        for number in (0, 1):
            if np.allclose(value, number, rtol=0, atol=1e-12):
                what = write(self.simple, self.simple.whole(atom), Text())[1]
                note = f"(in these data, {what} is {number} everywhere)"
                self.notes += [note] if note not in self.notes else []
                return self.kit[0].number(number)
        return None

    def step(self, name: str, line: Line, values: list[Value], named: bool = False, order: int = 1) -> Step:
        """A line of the derivation: simplified, raw, and the way between."""
        value, raw = values
        moves = list(self.algebra.moves(value.expr))
        final = Value(moves[-1][1], value.shape)
        raw = Value(collected(self.plain, raw.expr), raw.shape)
        text = write(self.simple, final, Text())[1]
        return Step(name, line.name, final.shape, text, final, raw, tuple(moves[1:]), order, named, line)

    def ordered(self) -> list[Step]:
        """Each delta in recorded order, and after it the gradients that need no later one, in the order asked for."""
        deltas = [s for s in self.steps.values() if s.named]
        rank = {s.name: i for i, s in enumerate(deltas)}
        after: dict[int, list[Step]] = {i: [] for i in range(-1, len(deltas))}
        for s in self.steps.values():
            if not s.named:
                used = self.simple.names(s.value.expr)
                after[max((i for name, i in rank.items() if name in used), default=-1)].append(s)
        return after[-1] + [s for i, delta in enumerate(deltas) for s in (delta, *after[i])]

    def nameless(self, steps: list[Step]) -> list[str]:
        """What is so only in these data, and what the words of constants stand for that nobody named."""
        used = {name for step in steps for name in self.simple.names(step.value.expr)}
        lines = [n for n in self.recorded.program.lines if n.kind == "constant" and not n.named and n.name in used]
        notes = [f"(in these data, {name} is symmetric)" for name in sorted(used & self.symmetric)]
        return notes + [f"({n.name} is a constant array of shape {n.shape}; names= may give it a word)" for n in lines]

    def forward(self) -> tuple[Table, dict[Line, Value]]:
        """The forward pass in a table of its own: what each name stands for."""
        table = Table()
        t = Translator(table, self.sizes, self.taken)
        rows = {}
        for line in self.recorded.program.lines:
            if line.primitive is None:
                t.values[line] = self.leaf(t, line)
                continue
            value = t.values[line] = t(line)
            if line.named or line in self.long or line is self.recorded.cost:
                rows[line] = value
                t.values[line] = table.name(line.name, line.shape, condition=line.dtype.kind == "b")
        return table, rows

    def invented(self, steps: list[Step], words: Table, forward: dict[Line, Value]) -> list[Line]:
        """The values whose names are not the user's, though the steps use them."""
        used = {name for step in steps for name in self.simple.names(step.value.expr)}
        found = []
        for line, value in reversed(forward.items()):
            if not line.named and (line.name in used or any(step.line is line for step in steps)):
                found.append(line)
                used |= words.names(value.expr)
        return found[::-1]
