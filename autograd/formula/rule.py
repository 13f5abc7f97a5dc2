"""One derivative rule of one primitive as mathematics, by running the rule and reading what it did."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..backward import fit
from ..graph import DIFFERENTIABLE, RECORDED, Primitive, Tensor, leaf, set_mode
from ..program import read
from .algebra import Algebra
from .arrays import REDUCTIONS, notations
from .constants import known, words
from .index import Value
from .layout import write
from .mathml import MathML
from .notation import Text
from .table import Table
from .translate import Translator, arithmetic, structure

LETTERS = "xyzuvw"


def has_notation(primitive: Primitive) -> bool:
    """Whether formulas write a primitive in a way of its own, rather than as name(...)."""
    own = primitive.name in arithmetic or primitive.name in structure or primitive.name in notations
    return own or primitive.elementwise or primitive.name in REDUCTIONS


def write_rule(
    primitive: Primitive,
    argument: int,
    args: Sequence[Any],
    kwargs: dict[str, Any] | None = None,
    names: Sequence[str | None] | None = None,
    g: str = "g",
    out: str = "out",
    notation: Text | None = None,
) -> str:
    """The cotangent that a primitive hands back to one argument, for these arguments.

    Args:
        argument: which one.
        args, kwargs: as the primitive was called: arrays or Tensors, and plain data. Their shapes decide what is
            summed and transposed; their values do not count.
        names: a name for each argument, None where it has none; by default x, y, z.
        g, out: names for the cotangent of the result and for the result.
        notation: Text() by default.

    Returns:
        the right side; "0" where the primitive has no derivative.

    >>> from autograd.numpy.registry import primitives
    >>> write_rule(primitives["matmul"], 1, [np.ones((5, 3)), np.ones((3, 2))], names=["X", "W"])
    'Xᵀ g'
    """
    kwargs, notation = kwargs or {}, notation or Text()
    plain = [a._value if isinstance(a, Tensor) else a for a in args]
    words = [*(names or []), *[None] * len(plain)]
    symbols = [_symbol(a, words[i] or LETTERS[i % 6]) if hasattr(a, "shape") else a for i, a in enumerate(plain)]
    rule = primitive.rules[argument] if primitive.differentiable else None
    if rule is None:
        return notation.whole(notation.number("0"))
    with np.errstate(all="ignore"):
        result = primitive.fun(*plain, **kwargs)
        with set_mode(capturing=True, recording=True):
            made = rule(_symbol(result, g, ones=True), _symbol(result, out), *symbols, **kwargs)
            if not isinstance(made, tuple):
                made = fit(made, plain[argument], primitive, argument)
    if isinstance(made, tuple):  # one cotangent for each of several results
        return notation.whole(notation.call("", [_written(part, g, notation) for part in made]))
    return notation.whole(_written(made, g, notation))


def _written(made: Any, g: str, notation: Text) -> str:
    """What a rule computed, simplified and written."""
    if not isinstance(made, Tensor):
        return notation.number("0")
    table = Table()
    table.reduce = Algebra(table).reduce
    translator = Translator(table)
    program = read([made])
    taken = {line.name for line in program.lines if line.named}
    for line in program.lines:
        if line.primitive is None:
            constant = None if line.named else known(line.value, translator)
            name = line.name if line.named else next(word for word in words(line.value) if word not in taken)
            taken.add(name)
            carried = name == g or name.startswith(f"{g}[")
            translator.values[line] = constant or table.name(name, line.shape, cotangent=carried)
        else:
            translator.values[line] = translator(line)
    value = translator.values[program.outputs[0]]
    return write(table, Value(table.reduced(value.expr), value.shape), notation)[1]


class Rounded(MathML):
    """MathML with numbers of six digits, as a page that shows them beside others of six."""

    def number(self, digits: str) -> str:
        return super().number(f"{float(digits):.6g}" if "." in digits else digits)


def rule_mathml(primitive: Primitive, argument: int, args: Sequence[Any], **words: Any) -> str:
    """`write_rule` as a MathML element, its numbers rounded."""
    return write_rule(primitive, argument, args, notation=Rounded(), **words)


def _symbol(value: Any, name: str, ones: bool = False) -> Any:
    """A named Tensor in the place of an array; of several results, as many with their number behind the name."""
    if isinstance(value, tuple):
        return type(value)(_symbol(part, f"{name}[{i}]", ones) for i, part in enumerate(value))
    value = np.ones_like(value) if ones else np.asarray(value)
    return leaf(value, DIFFERENTIABLE if value.dtype.kind in "fc" else RECORDED, name)
