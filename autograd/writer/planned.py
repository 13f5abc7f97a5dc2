"""A program as NumPy calls into planned buffers: what a compiled function runs.

Every elementwise operation and matrix product writes into a buffer that is made once. A buffer is free for the next
value when the last line that reads it has run, and an elementwise line may overwrite what it reads. Results are made
anew in each call, or written into an input that was given away (`donated`).
"""

import heapq
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..program import Line, Program
from .expressions import CALL, Text, literal, operation
from .loops import Call, fuse, without_unused
from .readable import clean_names, shape_text

VIEWS = {
    "transpose",
    "reshape",
    "swapaxes",
    "expand_dims",
    "squeeze",
    "moveaxis",
    "broadcast_to",
    "index",
    "flip",
    "real",
    "imag",
    "item",
}
PRODUCTS = {"dot", "matmul"}
FRESH = set(
    "sum mean prod max min any all argmax argmin cumsum var std concatenate stack where scatter inner outer tensordot "
    "softmax log_softmax logsumexp roll clip".split()
)
"""Functions whose result never shares memory with an argument."""
QUIET = {
    "add", "subtract", "negative", "absolute", "maximum", "minimum", "dot", "matmul", "inner", "transpose", "reshape",
    "multiply", "square", "sum", "tanh", "sign", "greater", "less", "greater_equal", "less_equal", "equal", "not_equal",
    "broadcast_to", "sin", "cos",
}  # fmt: skip
"""Operations whose warnings the eager engine shows as well."""


WIDE = 4096
"""Entries from which it pays to add a row to many in one go."""


@dataclass
class Planned:
    """Statements of a planned function.

    Attributes:
        setup: run once a thread: buffers, views of them, functions.
        body: run in each call.
        results: one expression for each output.
        constants: arrays the setup needs, by name.
        foreign: functions the setup needs, by name.
        quiet: whether floating-point warnings must be silenced around the body, as the eager engine does.
        names: the name of each input.
        loops: functions with a loop over entries, to be compiled: their sources by name.
    """

    setup: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=dict)
    foreign: dict[str, Any] = field(default_factory=dict)
    quiet: bool = False
    names: list[str] = field(default_factory=list)
    loops: dict[str, str] = field(default_factory=dict)


def plan(program: Program, donated: dict[int, int] | None = None, reserved: Any = (), looping: bool = False) -> Planned:
    """Plan a lowered program (see `simplify.lowering`).

    Args:
        donated: number of an output -> number of the input whose memory it is written into.
        reserved: names that the function's own text takes.
        looping: whether runs of arithmetic on large arrays become loops to be compiled.
    """
    first = _Planner(program, donated or {}, reserved)
    first.plan()
    second = _Planner(program, donated or {}, reserved, first.better_names())
    second.plan()
    if looping:
        second.fuse()
    return second.made


class _Planner:
    def __init__(self, program: Program, donated: dict[int, int], reserved: Any, names: Any = None) -> None:
        self.program = program
        self.names = clean_names(program, reserved)
        self.held: dict[str, list[Line]] = {}  # buffer -> the lines it holds, one after the other
        if names:
            self.names.update(names(self.names))
        self.into: dict[Line, Line] = {}  # output line -> the input line that it overwrites
        for i, j in donated.items():
            out, source = program.outputs[i], program.inputs[j]
            if self._fits(out, source) and out not in self.into:
                self.into[out] = source
        self.copied = {program.outputs[i]: program.inputs[j] for i, j in donated.items()}
        self.lines = self._order()
        self.made = Planned()
        self.root: dict[Line, Line] = {}
        self.texts: dict[Line, str] = {}
        self.buffer: dict[Line, str] = {}
        self.free: dict[tuple[tuple[int, ...], str], list[str]] = {}
        self.kinds: dict[str, tuple[tuple[int, ...], str]] = {}
        self.views: dict[str, str] = {}
        self.calls: dict[int, Call] = {}  # statement -> the ufunc that it calls
        self.outputs = set(program.outputs)
        self.joined: dict[Line, str] = {}  # a concatenation -> its buffer
        self.slots: dict[Line, str] = {}  # a part of one -> its place in that buffer
        self.borrowed = {self.names[source] for source in self.into.values()}  # donated memory, which is no free buffer

    def _fits(self, out: Line, source: Line) -> bool:
        if out.primitive is None or not out.shape or out.shape != source.shape or out.dtype != source.dtype:
            return False
        return self._ufunc(out) is not None

    def _order(self) -> list[Line]:
        """Lines that overwrite an input come after all others; where one needs it later, the input is copied into."""
        while True:
            order = _sorted(self.program.lines, self._constraints())
            if order is not None:
                return order
            self.into.popitem()

    def _constraints(self) -> dict[Line, set[Line]]:
        after: dict[Line, set[Line]] = {line: set(line.parents) for line in self.program.lines}
        if not self.into:
            return after
        late: set[Line] = set()
        root: dict[Line, Line] = {}
        for line in self.program.lines:
            root[line] = root[line.parents[0]] if self._is_view(line) else line
            if line in self.into or any(p in late for p in line.parents):
                late.add(line)
        early = [line for line in self.program.lines if line not in late]
        for out, source in self.into.items():
            after[out].update(early)
            after[out].update(line for line in late if line is not out and any(root[p] is source for p in line.parents))
        return after

    def _is_view(self, line: Line) -> bool:
        return line.primitive is not None and line.primitive.name in VIEWS and bool(line.parents)

    def plan(self) -> Planned:
        last = self._last_uses()
        self._find_slots()
        for at, line in enumerate(self.lines):
            if line.kind == "input":
                self.root[line] = line
                self.texts[line] = self.names[line]
            elif line.primitive is None:
                self.root[line] = line
                self._constant(line)
            else:
                self._line(at, line, last)
            for buffer in last.get(at, ()):
                self._release(buffer)
        self.made.names = [self.names[line] for line in self.program.inputs]
        self._results()
        return self.made

    def fuse(self) -> None:
        """Put runs of arithmetic on large arrays into loops of their own."""
        made = self.made
        made.body, made.loops = fuse(made.body, self.calls, self._memory)
        if made.loops:
            made.setup = without_unused(made.setup, *made.body, *made.results)

    def _memory(self, text: str) -> str:
        """The buffer or input that a text is, or is a view of."""
        views = {name: expression for expression, name in self.views.items()}
        while text in views:
            text = re.match(r"\w+", views[text])[0]  # type: ignore[index]
        return text

    def _last_uses(self) -> dict[int, list[Line]]:
        """For each position the lines whose memory nobody reads afterwards."""
        root: dict[Line, Line] = {}
        final: dict[Line, int] = {}
        for at, line in enumerate(self.lines):
            root[line] = root[line.parents[0]] if self._is_view(line) else line
            final[root[line]] = at
            for parent in line.parents:
                final[root[parent]] = max(at, final.get(root[parent], at))
                if not self._is_view(line) and self._borrowed(line):  # the result may be a view of it
                    final[root[parent]] = len(self.lines)
        for line in self.program.outputs:
            final[root[line]] = len(self.lines)
        self.final = final
        self.position = {line: at for at, line in enumerate(self.lines)}
        table: dict[int, list[Line]] = {}
        for line, at in final.items():
            table.setdefault(at, []).append(line)
        return table

    def _find_slots(self) -> None:
        """Parts of a long vector are computed where they belong in it, instead of being copied there."""
        users = self.program.users()
        for line in self.lines:
            if (
                line.primitive is None
                or line.primitive.name != "concatenate"
                or len(line.shape) != 1
                or line in self.outputs
            ):
                continue
            self.joined[line] = self.names[line]
            end = 0
            for part in line.args:
                end += part.value.size
                made = part.args[0] if part.primitive is not None and part.primitive.name == "reshape" else part
                once = sum(p is part for p in line.args) == 1
                alone = once and users[made] == [part if made is not part else line] and users[part] == [line]
                writes = made.primitive is not None and (
                    made.primitive.name in PRODUCTS or self._ufunc(made) is not None
                )
                if alone and writes and made.dtype == line.dtype and made not in self.outputs and made.shape:
                    view = f"{self.names[line]}[{end - part.value.size}:{end}]"
                    self.slots[made] = view if len(made.shape) == 1 else f"{view}.reshape{literal(made.shape).text}"

    def _join(self, line: Line) -> None:
        """Copy those parts of a long vector that were not computed in it."""
        name, end = self._joined_buffer(line), 0
        for part in line.args:
            end += part.value.size
            made = part.args[0] if part.primitive is not None and part.primitive.name == "reshape" else part
            if made not in self.slots:
                flat = "" if len(part.shape) == 1 else ".reshape(-1)"
                self._say(line, f"{name}[{end - part.value.size}:{end}] = {self.texts[part]}{flat}")
        self._hold(line, name)

    def _joined_buffer(self, line: Line) -> str:
        name = self.joined[line]
        if name not in self.kinds:
            self.kinds[name] = (line.shape, line.dtype.name)
            self.made.setup.append(f"{name} = np.empty({literal(line.shape).text}, np.{line.dtype.name})")
        return name

    def _release(self, line: Line) -> None:
        name = self.buffer.pop(line, None)
        if name is not None and name not in self.borrowed:
            self.free.setdefault(self.kinds[name], []).append(name)

    def _constant(self, line: Line) -> None:
        value = line.value
        if getattr(value, "shape", ()) == ():
            self.texts[line] = literal(value).text
            return
        name = self.names[line]
        if is_ones(value) and not line.named:
            self.made.setup.append(f"{name} = np.ones({value.shape[0]}, np.{value.dtype.name})")
        else:
            self.made.constants[name] = value
        self.texts[line] = name

    def _line(self, at: int, line: Line, last: dict[int, list[Line]]) -> None:
        assert line.primitive is not None
        name = line.primitive.name
        if name not in QUIET:
            self.made.quiet = True
        if self._is_view(line):
            self.root[line] = self.root[line.parents[0]]
            self._view(line)
            return
        self.root[line] = line
        ufunc = self._ufunc(line)
        if not line.shape:
            self._scalar(line)
        elif ufunc is not None:
            self._elementwise(at, line, ufunc, last)
        elif line in self.joined:
            self._join(line)
        elif (
            name in PRODUCTS
            and line.dtype.kind in "fc"
            and all(isinstance(a, Line) and a.dtype == line.dtype for a in line.args)
        ):
            self._product(line)
        else:
            self._general(line)

    def _expression(self, line: Line) -> Text:
        args = [
            Text(self.texts[a], CALL if self.texts[a].isidentifier() else 0) if isinstance(a, Line) else literal(a)
            for a in line.args
        ]
        kwargs = {k: literal(v).text for k, v in line.kwargs.items()}
        return operation(line, args, kwargs, self.made.foreign)

    def _scalar(self, line: Line) -> None:
        assert line.primitive is not None
        name = self.names[line]
        if line.primitive.name == "sum" and len(line.args) == 1 and set(line.kwargs) <= {"axis", "keepdims"}:
            text = f"{self._use('add_reduce', 'np.add.reduce')}({self._flat(line.args[0])})"
        elif line.primitive.name in ("dot", "inner"):
            operands = [self.texts[a] if isinstance(a, Line) else literal(a).text for a in line.args]
            text = f"{self._use('dot', 'np.dot')}({', '.join(operands)})"
        else:
            text = self._expression(line).text
        self._say(line, f"{name} = {text}")
        self.texts[line] = name

    def _flat(self, line: Line) -> str:
        """A sum over a buffer in one axis is one call over its memory."""
        text = self.texts[line]
        if len(line.shape) == 1:
            return text
        if text in self.kinds:
            return self._once(f"{text}_flat", f"{text}.reshape(-1)")
        return f"{text}, None"

    def _once(self, name: str, expression: str) -> str:
        """A view of a buffer, made with the buffers."""
        if expression not in self.views:
            while name in self.views.values() or (
                name in self.names.values() and expression not in self.slots.values()
            ):
                name += "_"
            self.views[expression] = name
            self.made.setup.append(f"{name} = {expression}")
        return self.views[expression]

    def _use(self, name: str, path: str) -> str:
        if path not in self.views:
            while name in self.views.values() or name in self.names.values():
                name += "_"
            self.views[path] = name
            self.made.setup.insert(0, f"{name} = {path}")
        return self.views[path]

    def _view(self, line: Line) -> None:
        text = self._expression(line).text if line.primitive.name != "reshape" or line.kwargs else None  # type: ignore[union-attr]
        inner = self.texts[line.parents[0]]
        if line.parents[0] in self.slots:
            self.texts[line] = inner
            return
        if text is None:
            shape = literal(line.args[1]).text
            text = f"{inner}.reshape({shape[1:-1].rstrip(',') or '()' if shape[0] == '(' else shape})"
        fixed = inner in self.kinds or inner in self.views.values() or line.parents[0].kind == "constant"
        basic = all(p is None or p is Ellipsis or isinstance(p, (int, np.integer, slice)) for p in line.args[1:])
        if not line.shape or (line.primitive.name == "index" and not basic) or not text.startswith(inner):  # type: ignore[union-attr]
            fixed = False  # a number, or a copy: to be read in each call
        if line.primitive.name == "reshape" and inner not in self.kinds and self.root[line].kind != "constant":  # type: ignore[union-attr]
            fixed = False  # of a view it may be a copy
        if fixed and line.primitive.name in ("transpose", "reshape", "index"):  # type: ignore[union-attr]
            suffix = "T" if line.primitive.name == "transpose" else "r" if line.primitive.name == "reshape" else "i"  # type: ignore[union-attr]
            self.texts[line] = self._once(f"{inner}_{suffix}", text)
        elif line.primitive.name == "transpose" and len(line.args) == 1:  # type: ignore[union-attr]
            self.texts[line] = text
        else:
            self._say(line, f"{self.names[line]} = {text}")
            self.texts[line] = self.names[line]

    def _ufunc(self, line: Line) -> np.ufunc | None:
        """NumPy's ufunc of a line that can be given an output to write to."""
        assert line.primitive is not None
        fun = getattr(np, line.primitive.name, None)
        if not isinstance(fun, np.ufunc) or fun.nout != 1 or line.kwargs or len(line.args) != fun.nin or fun.signature:
            return None
        return fun

    def _operand(self, line: Line, value: Any) -> str:
        """A plain number as an array without axes, which costs half of what converting it in each call does."""
        if isinstance(value, Line):
            return self.texts[value]
        other = [a.dtype for a in line.args if isinstance(a, Line)]
        if type(value) in (bool, int, float, complex) and other:
            with np.errstate(all="ignore"):
                array = np.asarray(value, np.result_type(other[0], value))
        else:
            array = np.asarray(value)
        if line.primitive is not None and line.primitive.name in ("maximum", "minimum") and line.shape:
            # these run three times as fast on two whole arrays
            return self._once(
                "zeros", f"np.full({literal(line.shape).text}, {literal(array.item()).text}, np.{array.dtype.name})"
            )
        text = f"np.array({literal(array.item()).text}, np.{array.dtype.name})"
        shown = repr(array.item()).replace("-", "minus_").replace(".", "_").replace("+", "")
        name = {1: "one", 0: "zero", 0.5: "half", 2: "two"}.get(
            array.item(), f"c_{shown}" if shown.replace("_", "").isalnum() else "c"
        )
        return self._once(name, text)

    def _out(self, line: Line, reusable: list[str]) -> str | None:
        """The buffer that a line writes to; None where its result is an output, and made anew."""
        if line in self.into:
            return self.texts[self.into[line]]
        if line in self.outputs:
            return None
        if line in self.slots:
            self._joined_buffer(next(j for j in self.joined if self.slots[line].startswith(f"{self.joined[j]}[")))
            return self._once(self.names[line], self.slots[line])
        kind = (line.shape, line.dtype.name)
        for name in reusable:
            if self.kinds[name] == kind:
                return name
        free = self.free.get(kind)
        if free:
            return free.pop()
        name = self.names[line]
        self.kinds[name] = kind
        self.made.setup.append(f"{name} = np.empty({literal(line.shape).text}, np.{line.dtype.name})")
        return name

    def _elementwise(self, at: int, line: Line, ufunc: np.ufunc, last: dict[int, list[Line]]) -> None:
        dying = set(last.get(at, ()))
        reusable = []
        for a in line.args:
            if isinstance(a, Line) and a in self.buffer and a in dying and a.shape == line.shape:
                # a view of the same memory with other strides among the arguments would be overwritten too early
                name = self.buffer[a]
                due = min(
                    (self.position[o] for o, i in self.into.items() if self.names[i] == name), default=len(self.lines)
                )
                if self.final[line] > due:
                    continue
                if all(b is a or not isinstance(b, Line) or self.root[b] is not self.root[a] for b in line.args):
                    reusable.append(self.buffer[a])
        for a in line.args:
            if self._may_take(at, line, a):
                reusable.insert(0, self.names[a])
                self.kinds[self.names[a]] = (line.shape, line.dtype.name)
        operands = [self._operand(line, a) for a in line.args]
        if any(
            line in self.into and isinstance(b, Line) and b is not self.into[line] and self.root[b] is self.into[line]
            for b in line.args
        ):
            self.into.pop(line)
        out = self._out(line, reusable)
        name = self._use(ufunc.__name__, f"np.{ufunc.__name__}")
        if out is None:
            text = self.names[line]
            self.calls[len(self.made.body)] = Call(line, operands, text, at, len(self.lines), fresh=True)
            self._say(line, f"{text} = {name}({', '.join(operands)})")
            self.texts[line] = text
            return
        wide = self._wide(line, ufunc, operands, out)
        if wide is not None:
            operands, out_text = wide
            self._say(line, f"{name}({', '.join(operands)}, {out_text})")
            self._hold(line, out)
            return
        kept = len(self.lines) if line in self.slots or line in self.into else self.final[line]
        self.calls[len(self.made.body)] = Call(line, operands, out, at, kept)
        keyword = "out=" if ufunc in (np.maximum, np.minimum) else ""
        self._say(line, f"{name}({', '.join(operands)}, {keyword}{out})")
        self._hold(line, out)

    def _wide(self, line: Line, ufunc: np.ufunc, operands: list[str], out: str) -> tuple[list[str], str] | None:
        """Operands in fewer and longer rows, where a short row is added to each of many: NumPy pays for every row."""
        rows = [
            i
            for i, a in enumerate(line.args)
            if isinstance(a, Line) and a.shape in (line.shape[-1:], (1, *line.shape[-1:]))
        ]
        full = [i for i, a in enumerate(line.args) if isinstance(a, Line) and a.shape == line.shape]
        if len(line.shape) != 2 or ufunc.nin != 2 or len(rows) != 1 or len(full) != 1 or line.value.size < WIDE:
            return None
        buffers = (operands[full[0]], out)
        if any(b not in self.kinds or b in self.borrowed or self.kinds[b] != self.kinds[out] for b in buffers):
            return None
        m, n = line.shape
        k = max((k for k in range(1, m + 1) if m % k == 0 and k * n <= WIDE // 4), default=1)
        if k < 4 or line.args[rows[0]].dtype != line.dtype or ufunc in (np.maximum, np.minimum):
            return None
        tile = self._once(f"row_{k}", f"np.empty(({k}, {n}), np.{line.dtype.name})")
        self.made.body.append(f"{self._use('copyto', 'np.copyto')}({tile}, {operands[rows[0]]})")
        texts = list(operands)
        texts[rows[0]] = self._once(f"{tile}_flat", f"{tile}.reshape(-1)")
        views = [self._once(f"{b}_wide", f"{b}.reshape({m // k}, {k * n})") for b in buffers]
        texts[full[0]] = views[0]
        return texts, views[1]

    def _may_take(self, at: int, line: Line, a: Any) -> bool:
        """Whether a line may overwrite a donated input that it is the last to read, before the result due there."""
        if (
            not isinstance(a, Line)
            or a.kind != "input"
            or a.shape != line.shape
            or self.final[a] != at
            or line in self.into
        ):
            return False
        due = next((self.position[out] for out, source in self.into.items() if source is a), -1)
        alone = all(b is a or not isinstance(b, Line) or self.root[b] is not a for b in line.args)
        return alone and self.final[line] <= due

    def better_names(self) -> Any:
        """Buffers are called by the first name of the user's that they hold."""
        swaps: dict[Line, Line] = {}
        for lines in self.held.values():
            named = next((line for line in lines if line.named), None)
            if named is not None and named is not lines[0] and not lines[0].named:
                swaps[lines[0]] = named

        def renamed(names: dict[Line, str]) -> dict[Line, str]:
            new = {}
            for first, named in swaps.items():
                new[first], new[named] = names[named], names[first]
            return new

        self.renamed = renamed
        return renamed

    def _hold(self, line: Line, out: str) -> None:
        if line in self.slots:
            self.texts[line] = out
            return
        self.held.setdefault(out, []).append(line)
        self.texts[line] = out
        if line not in self.into:
            for other, name in list(self.buffer.items()):
                if name == out:
                    del self.buffer[other]
            self.buffer[line] = out

    def _product(self, line: Line) -> None:
        name = self._use(line.primitive.name, f"np.{line.primitive.name}")  # type: ignore[union-attr]
        operands = [self.texts[a] for a in line.args]
        out = self._out(line, [])
        if out is None:
            self._say(line, f"{self.names[line]} = {name}({', '.join(operands)})")
            self.texts[line] = self.names[line]
        else:
            self._say(line, f"{name}({', '.join(operands)}, {out})")
            self._hold(line, out)

    def _general(self, line: Line) -> None:
        self._say(line, f"{self.names[line]} = {self._expression(line).text}")
        self.texts[line] = self.names[line]

    def _say(self, line: Line, statement: str) -> None:
        word = "" if statement.startswith(f"{line.name} =") else f"{line.name}, "
        note = f"  # {word}{shape_text(line.shape)}" if line.named and line.shape else ""
        self.made.body.append(statement + note)

    def _results(self) -> None:
        """Outputs that are an input, a constant, a view or given twice are copied."""
        given: set[Line] = set()
        for line in self.program.outputs:
            text = self.texts[line]
            target = self.copied.get(line)
            if line in self.into:
                text = self.texts[self.into[line]]
            elif target is not None and target.shape:
                self.made.body.append(f"np.copyto({self.texts[target]}, {text})")
                text = self.texts[target]
            elif line.shape and (
                self.root[line] is not line or line.primitive is None or line in given or self._borrowed(line)
            ):
                text = f"np.array({text})"
            given.add(line)
            self.made.results.append(text)

    def _borrowed(self, line: Line) -> bool:
        """Whether a line may share memory with what it was made from, as some functions' results do."""
        return line.primitive is None or (self._ufunc(line) is None and line.primitive.name not in PRODUCTS | FRESH)


def is_ones(value: Any) -> bool:
    """Whether an array is a row of ones."""
    return type(value) is np.ndarray and value.ndim == 1 and bool((value == 1).all())


def _sorted(lines: list[Line], after: dict[Line, set[Line]]) -> list[Line] | None:
    """Lines in their order as far as `after` allows; None if it goes round in a circle."""
    position = {line: i for i, line in enumerate(lines)}
    waiting = {line: len(before) for line, before in after.items()}
    users: dict[Line, list[Line]] = {line: [] for line in lines}
    for line, before in after.items():
        for b in before:
            users[b].append(line)
    ready = [position[line] for line, n in waiting.items() if not n]
    heapq.heapify(ready)
    done: list[Line] = []
    while ready:
        line = lines[heapq.heappop(ready)]
        done.append(line)
        for user in users[line]:
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, position[user])
    return done if len(done) == len(lines) else None
