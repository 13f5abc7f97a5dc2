"""Where `draw` meets the formulas of the floor above it: the page shows each local rule as mathematics."""

from typing import Any

import numpy as np

from .drawing import Drawing, draw, drawing, rules
from .program import Line

__all__ = ["Drawing", "draw"]


def rule_of_line(line: Line, argument: int) -> str:
    """The rule of one line's operation for one argument, in the line's own names, as MathML."""
    from .formula import rule_mathml

    assert line.primitive is not None
    names = [a.name if isinstance(a, Line) else None for a in line.args]
    values = [a.value if isinstance(a, Line) else _number(a) for a in line.args]
    return rule_mathml(line.primitive, argument, values, kwargs=line.kwargs, names=names, out=line.name)


def _number(argument: Any) -> Any:
    """A plain argument; of NumPy's numbers the number itself, which a rule then writes as it is, 0.1 of float32 too."""
    if not isinstance(argument, (np.generic, np.ndarray)) or argument.ndim:
        return argument
    return float(str(argument)) if argument.dtype.kind == "f" else argument.item()


def typeset(name: str) -> str:
    """A name as formulas write it, theta1 as a theta with an index 1, as MathML."""
    from .formula.mathml import MathML

    return MathML().name(name)


drawing.default_rule_text = rules.form_text = rule_of_line
rules.name_text = typeset
