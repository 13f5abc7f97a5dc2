"""Programs as mathematics: index notation, algebra on it, and three notations to write it in."""

from .algebra import Algebra, collected
from .constants import counted, known, words
from .evaluate import Evaluator
from .index import Value
from .latex import Latex
from .layout import write
from .linear import coefficient
from .mathml import MathML
from .notation import Text
from .picking import ONE_HOT  # the import enters all rows into the tables of `translate`
from .rule import has_notation, rule_mathml, write_rule
from .table import Table
from .translate import Translator

__all__ = [
    "ONE_HOT",
    "Algebra",
    "Evaluator",
    "Latex",
    "MathML",
    "Table",
    "Text",
    "Translator",
    "Value",
    "coefficient",
    "collected",
    "counted",
    "has_notation",
    "known",
    "rule_mathml",
    "words",
    "write",
    "write_rule",
]
