"""Simplification: rebuild with the local rules, rewrite regions, drop what nobody needs; until nothing changes."""

import re
from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from ..program import Line, Program, users_of
from .choices import sum_of_choices, within
from .costs import Uses
from .factored import write, write_product
from .facts import is_line, is_number, is_sum
from .moving import kept_axes, matrix_and_vector, turned_product
from .polynomial import TooLarge
from .region import ARITHMETIC, Region
from .rewriter import Rewriter, Value
from .rules import RULES
from .softmaxes import one_along, past_the_maximum
from .stacking import stacked

ROUNDS = 6


def simplify(program: Program) -> Program:
    """A smaller program with the same inputs and outputs.

    Equal lines are shared, lines nobody needs dropped, constants computed, neutral elements and pairs that undo each
    other removed, broadcasts and transposes taken into the operations around them; elementwise regions are brought to
    a polynomial normal form and written factored where that is cheaper; logarithms and exponentials that cancel are
    replaced by the stable functions. Results agree to rounding, zeros but for their sign, where all values of the given
    program are finite and products of them would be; a NaN in an input is not lost.

    Args:
        program: is left as it is. Inputs and constants are shared with it, other lines made anew.

    Returns:
        a program whose `cost` is not larger. Lines keep the names of those they stand for.

    >>> from autograd.program import trace
    >>> program, _ = trace(lambda a, y: -(y * (1 - a)) + (1 - y) * a, 0.75, 1.0, names=["a", "y"])
    >>> print(simplify(program))
    a: input ()
    y: input ()
    t6 = subtract(a, y)  ()
    """
    for _ in range(ROUNDS):
        program, changed = one_round(program)
        if not changed:
            break
    return program


def one_round(program: Program) -> tuple[Program, bool]:
    """One rebuilding and one rewriting of regions; and whether the rewriting found anything."""
    make = Rewriter(RULES)
    new = rebuild(make, program.lines, {})
    roots = [make.as_line(new[line], line.name) for line in program.outputs]
    give_names(program, new)
    chosen = rewrite_regions(make, make.ordered(roots), roots)
    if chosen:
        lines = make.ordered(roots)
        newer = rebuild(make, lines, chosen)
        for old, line in newer.items():
            pass_name(old, line)
        roots = [make.as_line(newer[line], line.name) for line in roots]
    return finish(make, program, roots), bool(chosen)


def rebuild(make: Rewriter, lines: Iterable[Line], chosen: dict[Line, Value]) -> dict[Line, Value]:
    """What each line becomes, from the first to the last; some may have been chosen already."""
    new: dict[Line, Value] = {}
    for at, line in enumerate(lines):
        make.at = float(at)
        if line.kind == "input":
            new[line] = make.adopt(line)
        elif line.primitive is None:
            new[line] = make.adopt(line) if line.named else make.constant(line.value, line.name)
        else:
            base = chosen.get(line, line)
            new[line] = _again(make, base, new) if isinstance(base, Line) else base
    return new


def _again(make: Rewriter, line: Line, new: dict[Line, Value]) -> Value:
    """The line on rebuilt arguments; lines that a rewriting made are rebuilt with it."""
    stack = [line]
    while stack:
        top = stack[-1]
        missing = (
            [p for p in top.parents if p not in new]
            if top.primitive is not None and (top is line or top not in new)
            else []
        )
        if missing:
            stack += missing
            continue
        stack.pop()
        if top.primitive is None:
            new.setdefault(top, make.adopt(top))
        elif top is line or top not in new:
            made = make.again(top, [new[a] if isinstance(a, Line) else a for a in top.args])
            if top is line:
                return made
            new[top] = made
    return new[line]


def give_names(program: Program, new: dict[Line, Value]) -> None:
    """Lines take the names of those they stand for, the user's own names first."""
    for named in (True, False):
        for line in program.lines:
            if line.named is named:
                pass_name(line, new.get(line))


def pass_name(old: Line, new: Value) -> None:
    """Give a line the name, and the tensor, of the one it stands for where that has a better name."""
    if (
        isinstance(new, Line)
        and new is not old
        and new.kind == "operation"
        and (_worth(old) > _worth(new) or not new.name)
    ):
        new.name, new.named, new.tensor = old.name, old.named, old.tensor


def _worth(line: Line) -> int:
    """A name of the user's is worth more than one made from it, as dz is, and that more than a number."""
    return 2 if line.named else int(re.fullmatch(r"[ct]?\d*", line.name) is None)


def rewrite_regions(make: Rewriter, lines: list[Line], roots: list[Line]) -> dict[Line, Value]:
    """For lines whose polynomial can be written cheaper, what they become."""
    uses = Uses(roots)
    region = Region(make, lines)
    chosen: dict[Line, Value] = {}
    users = users_of(lines)
    root_set = set(roots)
    for at, line in enumerate(lines):
        if line.primitive is None:
            continue
        make.at = float(at)
        inside = line.primitive.name in ARITHMETIC and line not in root_set and len(users[line]) == 1
        if inside and users[line][0].primitive.name in ARITHMETIC:  # type: ignore[union-attr]
            continue
        turned = turned_product(make, line) if is_line(line, "transpose") else _turn_difference(make, line)
        if turned is not None and uses.prefer(turned, line, or_equal=True):
            chosen[line] = turned
            continue
        for candidate in candidates(make, region, line):
            if candidate is not None and uses.prefer(candidate, line):
                chosen[line] = candidate
                break
    return chosen


def candidates(make: Rewriter, region: Region, line: Line) -> Iterable[Value | None]:
    """Other ways to compute a line."""
    if is_line(line, "add") or is_line(line, "subtract"):
        yield _sum_of_products(make, line)
        yield sum_of_choices(make, line)
    try:
        if is_line(line, "add") and region.softmaxes:
            yield past_the_maximum(make, region.ring, region.polynomial(line.args[0]), line)
        if is_line(line, "stack"):
            yield stacked(make, line)
        elif is_line(line, "reshape") and isinstance(line.args[0], Line):
            yield kept_axes(make, line)
            yield matrix_and_vector(make, line)
        elif region.expands(line) or (is_line(line, "sigmoid") and is_line(line.args[0], "negative")):
            polynomial = region.polynomial(line)
            if not region.forgets(line):
                yield make.fit(write(make, region.ring, polynomial), line.shape, line.dtype)
        elif is_line(line, "where"):
            yield within(make, line)
        elif is_sum(line) and is_line(line.args[0], "negative"):
            yield make.make("negative", make.make("sum", line.args[0].args[0], **line.kwargs))
        elif is_sum(line) and is_sum(line.args[0]):
            yield _sum_of_sum(make, line)
        elif is_sum(line) and region.expands(line.args[0]):
            yield from _factor_out(make, region, line, 0)
        elif is_line(line, "matmul"):
            for i in (0, 1):
                if isinstance(line.args[i], Line) and region.expands(line.args[i]):
                    yield from _factor_out(make, region, line, i)
    except (TooLarge, OverflowError, ZeroDivisionError):
        return


def _sum_of_sum(make: Rewriter, line: Line) -> Value | None:
    """One sum over the axes of both."""
    inner, axes = line.args[0], line.kwargs["axis"]
    first = inner.kwargs["axis"]
    if inner.kwargs["keepdims"] or line.kwargs["keepdims"] or first is None:
        return None
    x = inner.args[0]
    left = [i for i in range(len(x.shape)) if i not in first]
    both = None if axes is None else (*first, *(left[i] for i in axes))
    return make.make("sum", x, axis=both, keepdims=False)


def _sum_of_products(make: Rewriter, line: Line) -> Value | None:
    """a @ b + a @ c as a @ (b + c), which is one product: a cost that writes X @ w twice leads back to w by two."""
    if not all(is_line(a, "matmul") for a in line.args):
        return None
    assert line.primitive is not None
    (a, b), (c, d) = (product.args for product in line.args)
    if a is c and b.shape == d.shape:
        whole = make.make("matmul", a, make.make(line.primitive, b, d))
    elif b is d and a.shape == c.shape:
        whole = make.make("matmul", make.make(line.primitive, a, c), b)
    else:
        return None
    return make.fit(whole, line.shape, line.dtype)


def _turn_difference(make: Rewriter, line: Line) -> Value | None:
    """-c (x - y) as c (y - x), of a sum of differences too, which is what a person writes."""
    if line.primitive is None or line.primitive.name not in ("multiply", "divide", "negative"):
        return None
    inner = line.args[0]
    factor = line.args[1] if len(line.args) > 1 else -1
    if not is_number(factor) or np.iscomplexobj(factor) or not factor < 0:
        return None
    difference = inner.args[0] if is_sum(inner) else inner
    if not is_line(difference, "subtract") or difference.dtype.kind != "f":
        return None
    turned = make.make("subtract", difference.args[1], difference.args[0])
    if difference is not inner:
        turned = make.make("sum", turned, **inner.kwargs)
    return turned if factor == -1 else make.make(line.primitive, turned, -factor)


def _factor_out(make: Rewriter, region: Region, line: Line, i: int) -> Iterable[Value | None]:
    """A sum or product with factors of its argument i taken out: scalars, and of a sum what is one along its axes.

    The number among them may stay, since that multiple may be needed elsewhere. Not of a sum of nothing, which is 0.
    """
    polynomial = region.polynomial(line.args[i])
    if region.forgets(line.args[i]) or not line.args[i].value.size:
        return
    common, c, inner = region.ring.factored(polynomial)
    outside = tuple((a, k) for a, k in common if a.shape == () or (is_sum(line) and one_along(a, line)))
    others = tuple(factor for factor in common if factor not in outside)
    assert line.primitive is not None
    for number in dict.fromkeys((c, Fraction(1))):
        if number == 1 and not outside:
            return
        left = write(make, region.ring, {region.ring.join(m, others): v * c / number for m, v in inner.items()})
        left = make.fit(left, line.args[i].shape, line.args[i].dtype)
        if left is not None:
            args = [left if k == i else a for k, a in enumerate(line.args)]
            small = make.make(line.primitive, *args, **line.kwargs)
            yield make.fit(write_product(make, outside, number, small), line.shape, line.dtype)


def finish(make: Rewriter, program: Program, roots: list[Line]) -> Program:
    """The new lines as a Program, with the given program's inputs, and with a name for every line."""
    lines = make.ordered(roots)
    present = set(lines)
    lines = [line for line in program.inputs if line not in present] + lines
    taken: set[str] = set()
    for line in lines:
        if line.named or (line.primitive is None and line.name):
            taken.add(line.name)
    fresh = 0
    seen: set[str] = set()
    for line in lines:
        if not line.name or line.name in seen or (not line.named and line.primitive is not None and line.name in taken):
            while not line.name or line.name in taken or line.name in seen:
                fresh += 1
                line.name = f"{'t' if line.primitive is not None else 'c'}{fresh}"
        seen.add(line.name)
    return Program(lines, roots, list(program.inputs))
