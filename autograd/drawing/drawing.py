"""`draw` and the Drawing it gives: one graph, and every form in which it can be seen."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Mapping
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from ..errors import MissingPackageError, NotConnectedError
from ..graph import Tensor
from . import dot, table, text
from .outline import outline
from .view import RuleText, View, record

__all__ = ["Drawing", "Pair", "RuleText", "View", "draw", "write_aside"]

FORMATS = ("svg", "png", "pdf", "dot", "txt", "html")
default_rule_text: RuleText | None = None  # rules as mathematics are written on a higher floor, which sets this
CROWD = 200  # a picture of more lines than this starts with its boxes closed


class Drawing(View):
    """A graph to look at, made by `draw`; each form is computed when asked for, and only `save` opens a file."""

    @cached_property
    def dot(self) -> str:
        """The picture in the DOT language."""
        return dot.to_dot(self)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG; needs Graphviz's `dot`."""
        return dot.render(self.dot, "svg").decode()

    @cached_property
    def text(self) -> str:
        """The picture as text for a terminal."""
        return text.to_text(self)

    @cached_property
    def table(self) -> str:
        """A table of the layers: shapes, trained numbers, operations, and the bytes of their results."""
        return table.to_table(self)

    @cached_property
    def html(self) -> str:
        """The page in which to step through the reverse pass: one file, no network."""
        from .page import to_html

        return to_html(self)

    def beside(self, other: "Drawing") -> "Pair":
        """This page and another one side by side: what is chosen, or stepped to, in one is so in the other.

        Raises:
            TypeError: something that is not a Drawing.
        """
        if not isinstance(other, Drawing):
            raise TypeError(f"beside: {type(other).__name__} is not a Drawing; give what another draw(...) returned")
        return Pair(self, other)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture in the format that the suffix names: .svg .png .pdf .dot .txt .html.

        Raises:
            ValueError: another suffix.
            OSError: the path cannot be written; what was there before is still there.
            MissingPackageError: .svg, .png or .pdf without Graphviz.
        """
        path = Path(path)
        suffix = path.suffix[1:].lower()
        if suffix not in FORMATS:
            raise ValueError(f"{path.name}: unknown suffix {path.suffix!r}; use one of .{' .'.join(FORMATS)}")
        forms = {"svg": "svg", "dot": "dot", "txt": "text", "html": "html"}
        made = getattr(self, forms[suffix]).encode() if suffix in forms else dot.render(self.dot, suffix)
        write_aside(path, made)
        return path

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Drawing {self.title!r}: {len(self.program)} values; .svg .text .table .dot .html .save(path)>"

    def _repr_svg_(self) -> str | None:
        with contextlib.suppress(MissingPackageError):  # a notebook then shows another form
            return self.svg
        return None

    def _repr_html_(self) -> str | None:
        with contextlib.suppress(MissingPackageError):
            return f'<iframe srcdoc="{escape(self.html)}" style="width:100%;height:640px;border:0"></iframe>'
        return None


class Pair:
    """Two pages side by side, with what is chosen kept the same; made by `Drawing.beside`."""

    def __init__(self, left: Drawing, right: Drawing) -> None:
        self.left, self.right = left, right

    @cached_property
    def html(self) -> str:
        """Both pages in one file."""
        from .page import pair

        return pair(self.left, self.right)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the pair as .html; errors as of `Drawing.save`."""
        path = Path(path)
        if path.suffix.lower() != ".html":
            raise ValueError(f"{path.name}: two drawings side by side are saved as .html only")
        write_aside(path, self.html.encode())
        return path


def write_aside(path: Path, content: bytes) -> None:
    """Write a file beside `path` and rename it, so that no reader ever meets half a file; a link stays one."""
    place = Path(os.path.realpath(path))
    if place.exists() and not place.is_file():
        raise OSError(errno.EINVAL, f"cannot write {path}: {'a folder' if place.is_dir() else 'not a plain file'}")
    try:
        handle, aside = tempfile.mkstemp(dir=place.parent, prefix=place.name + ".")
    except OSError as error:
        raise type(error)(error.errno, f"cannot write {path}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(aside, 0o666 & ~mask)
        os.replace(aside, place)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(aside)
        raise type(error)(error.errno, f"cannot write {path}: {error.strerror}") from None


def draw(
    *outputs: Tensor,
    names: Mapping[str, Any] | None = None,
    backward: bool = False,
    values: bool = False,
    collapse: bool | None = None,
    fold: bool | None = None,
    direction: str = "down",
    title: str | None = None,
    check: bool | Mapping[str, Any] = False,
    stable: bool = True,
    rule_text: RuleText | None = None,
) -> Drawing:
    """A picture of the graph behind `outputs`.

    Args:
        outputs: Tensors; gradients are those of the first, if it is a scalar.
        names: words for the values, `locals()` say; a Tensor's own name counts before. Arrays that come from named
            ones are told through them: 1 - y, x[0], one_hot(y).
        backward: draw the recorded backward pass too, each gradient beside the value it belongs to.
        values: put min, max, mean and norm of values and gradients on the nodes.
        collapse: draw each innermost layer of a network as one node; by default when there are more than 200 values.
        fold: draw runs of equal blocks as one node "x N"; by default where there would be too many to see.
        direction: "down" or "right".
        title: of the page; by default "Graph of" and the names of the outputs.
        check: hold gradients of the leaves against finite differences on the page; a mapping from names to
            hand-derived gradients adds these.
        stable: step through the reverse pass as `backward` runs it, log(sigmoid(z)) as one; or else literally.
        rule_text: `(line, argument) -> MathML` of a local rule, for the page.

    Returns:
        a Drawing with `.dot .svg .text .table .html` and `.save(path)`.

    Raises:
        TypeError: something that is not a Tensor; names or a title that are not words; a check of another kind.
        NotConnectedError: the Tensor was not computed by anything recorded.
        GraphError: backward=True for a graph that was spent by `backward()`.

    >>> x = Tensor(3.0, requires_grad=True, name="x")
    >>> print(draw(x * x + 1, names=locals()).text.replace("\\n\\n", "\\n"), end="")
    x   parameter               scalar float64
    t1  = multiply(x, x)        scalar float64
    t2  = add(t1, 1)  (output)  scalar float64
    2 operations, 1 parameter of 1 number, 24 bytes kept for the backward pass
    """
    if not outputs:
        raise TypeError("draw needs at least one Tensor: draw(cost)")
    for i, output in enumerate(outputs):
        if not isinstance(output, Tensor):
            several = "give several Tensors one by one, as in draw(*outputs)"
            before = "draw the result of operations on Tensors, before .data or .numpy() is taken"
            advice = several if isinstance(output, (list, tuple)) else before
            raise TypeError(f"draw: argument {i + 1} is {type(output).__name__}, not a Tensor; {advice}")
    if names is not None and not (isinstance(names, Mapping) and all(isinstance(word, str) for word in names)):
        raise TypeError(
            f"draw: names is {type(names).__name__}, not a mapping from words to values; "
            "names=locals() gives the words of the program"
        )
    if all(output.record is None for output in outputs):
        raise NotConnectedError(
            f"draw: no operation is recorded behind {', '.join(o.name or 'the Tensor' for o in outputs)}; "
            "compute it from tensors with requires_grad=True, and not under no_grad()"
        )
    if direction not in ("down", "right"):
        raise ValueError(f"draw: direction {direction!r} is neither 'down' nor 'right'")
    if title is not None and not isinstance(title, str):
        raise TypeError(f"draw: title is {type(title).__name__}, not text")
    if not isinstance(check, (bool, Mapping)):
        raise TypeError(f"draw: check is {type(check).__name__}, neither True nor a mapping from names to gradients")
    graph = record(outputs, names, backward)
    return Drawing(
        recorded=graph,
        outline=outline(graph.program, graph.outputs, graph.backward_lines, fold),
        title=title or f"Graph of {', '.join(line.name for line in graph.outputs)}",
        collapse=len(graph.program) > CROWD if collapse is None else bool(collapse),
        values=values,
        direction=direction,
        check=check,
        stable=stable,
        rule_text=rule_text or default_rule_text,
    )
