"""From index notation to what a person writes: matrix products, transposes, Hadamard products, sums over rows.

Where a formula has no such form (products over three indices, say), the whole of it is written with its indices.
"""

from .arithmetic import Arithmetic
from .arrays import Arrays
from .index import Value
from .notation import Text
from .pieces import NeedIndicesError
from .sums import Sums
from .table import Table


class Layout(Arithmetic, Arrays, Sums):
    """Writes expressions of one table in one notation."""


def write(table: Table, value: Value, notation: Text, left: str = "") -> tuple[str, str]:
    """Both sides of `left = value`, in matrix notation if there is one, else with indices.

    Args:
        left: the left side, written; it gets the indices too where they are needed.
    """
    try:
        return left, Layout(table, notation).filled(value).text
    except NeedIndicesError:
        layout = Layout(table, notation, indices=True)
        letters = layout.letter(value.axes)
        right = layout.piece(value.expr, value.axes).text
        return (notation.indexed(left, letters) if left and letters else left), right
