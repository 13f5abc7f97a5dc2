"""`draw` and the Drawing it gives: one graph, and every form in which it can be seen."""

import contextlib
import os
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, NotConnectedError
from ..graph import Tensor
from ..program import Line, read
from ..steps import Step, reverse_steps
from . import dot, text
from .facts import kept_bytes, kind_of
from .outline import Box, outline

if TYPE_CHECKING:
    from pathlib import Path

RuleText = Callable[[Line, int], str]
FORMATS = ("svg", "png", "pdf", "dot", "txt", "html")
default_rule_text: RuleText | None = None  # rules as mathematics are written on a higher floor, which sets this
CROWD = 200  # a picture of more lines than this starts with its boxes closed


class Drawing:
    """A graph to look at, made by `draw`; each form is computed when asked for, and only `save` opens a file."""

    def __init__(
        self,
        outputs: tuple[Tensor, ...],
        names: Mapping[str, Any] | None = None,
        *,
        backward: bool = False,
        values: bool = False,
        collapse: bool | None = None,
        fold: bool | None = None,
        direction: str = "down",
        title: str | None = None,
        check: bool | Mapping[str, Any] = False,
        stable: bool = True,
        rule_text: RuleText | None = None,
    ) -> None:
        self.tensors = outputs
        self.values = values
        self.direction = direction
        self.check = check
        self.stable = stable
        self.rule_text = rule_text or default_rule_text
        words = dict(names or {})
        self.program = read(outputs, words)
        self.gradients: dict[Line, Line] = {}
        self.backward_lines: set[Line] = set()
        self.outputs = list(self.program.outputs)
        if backward:
            self._add_backward(words)
        self.outline = outline(self.program, self.backward_lines, fold)
        self.collapse = len(self.program) > CROWD if collapse is None else bool(collapse)
        marked, grads = set(self.outputs), set(self.gradients.values())
        self.kinds = {line: kind_of(line, marked, grads) for line in self.program}
        self.title = title or ", ".join(line.name for line in self.outputs)
        self.reused = {
            parent
            for line in self.backward_lines
            for parent in line.parents
            if parent not in self.backward_lines and parent.primitive is not None
        }

    def _add_backward(self, words: dict[str, Any]) -> None:
        """Record the backward pass of the first output, and read it together with the forward pass."""
        forward = self.program
        output = self.tensors[0]
        _, found = reverse_steps(output, create_graph=True)
        known = {line.tensor: line.name for line in forward if line.tensor is not None}
        facing = {t: found[t] for t in known if isinstance(found.get(t), Tensor)}
        for tensor, cotangent in facing.items():
            if cotangent.name is None:
                cotangent.name = f"∂{known[output]}/∂{known[tensor]}"
        for line in forward:
            if line.tensor is not None and line.named:
                words[line.name] = line.tensor
        leaves = [c for t, c in facing.items() if t.record is None]
        self.program = read([*self.tensors, *leaves], words)
        place = {line.tensor: line for line in self.program if line.tensor is not None}
        self.outputs = self.program.outputs[: len(self.tensors)]
        self.gradients = {place[t]: place[c] for t, c in facing.items() if c in place}
        before = {line.tensor for line in forward}
        self.backward_lines = {line for line in self.program if (line.tensor is not None and line.tensor not in before)}

    def is_closed(self, box: Box) -> bool:
        """Whether a box is drawn as one node."""
        if box.kind != "layer":
            return True
        return self.collapse and not any(isinstance(m, Box) and m.kind == "layer" for m in box.members)

    @cached_property
    def walk(self) -> tuple[list[Step], dict[Tensor, Any]]:
        """The steps of the reverse pass and the cotangent of each tensor; nothing where there is none to tell."""
        output = self.tensors[0]
        if output.size != 1 or not output.requires_grad:
            return [], {}
        with contextlib.suppress(GraphError):
            return reverse_steps(output, reach=() if self.stable else self._tracked())
        return [], {}

    @cached_property
    def users(self) -> dict[Line, list[Line]]:
        """The lines that use each line."""
        return self.program.users()

    def _tracked(self) -> list[Tensor]:
        lines = (line for line in self.program if line not in self.backward_lines)
        return [line.tensor for line in lines if line.tensor is not None and line.tensor.requires_grad]

    def gradient_of(self, line: Line) -> Any:
        """The cotangent of a line, or what an earlier `backward` left in `.grad`, or None."""
        if line.tensor is None:
            return None
        found = self.walk[1].get(line.tensor)
        return line.tensor.grad if found is None else found

    def value_texts(self, line: Line) -> list[str]:
        """The numbers that `values=True` puts on a node."""
        return dot.statistics_rows(line, None if line in self.backward_lines else self.gradient_of(line))

    def kept(self) -> int:
        """Bytes that the forward graph keeps until the backward pass is done."""
        return sum(kept_bytes(line) for line in self.program if line not in self.backward_lines)

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
    def html(self) -> str:
        """The page in which to step through the reverse pass: one file, no network."""
        from .page import to_html

        return to_html(self)

    def beside(self, other: "Drawing") -> "Pair":
        """This page and another one side by side: what is chosen, or stepped to, in one is so in the other."""
        return Pair(self, other)

    def save(self, path: str | os.PathLike[str]) -> "Path":
        """Write the picture in the format that the suffix names: .svg .png .pdf .dot .txt .html.

        Raises:
            ValueError: another suffix.
            OSError: the path cannot be written; what was there before is still there.
            MissingPackageError: .svg, .png or .pdf without Graphviz.
        """
        from pathlib import Path

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
        return f"<Drawing of {self.title}: {len(self.program)} values; .svg .text .dot .html .save(path)>"

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        from html import escape

        return f'<iframe srcdoc="{escape(self.html)}" style="width:100%;height:640px;border:0"></iframe>'


class Pair:
    """Two pages side by side, with what is chosen kept the same; made by `Drawing.beside`."""

    def __init__(self, left: Drawing, right: Drawing) -> None:
        self.left, self.right = left, right

    @cached_property
    def html(self) -> str:
        """Both pages in one file."""
        from .page import pair

        return pair(self.left, self.right)

    def save(self, path: str | os.PathLike[str]) -> "Path":
        """Write the pair as .html; errors as of `Drawing.save`."""
        from pathlib import Path

        path = Path(path)
        if path.suffix.lower() != ".html":
            raise ValueError(f"{path.name}: two drawings side by side are saved as .html only")
        write_aside(path, self.html.encode())
        return path


def write_aside(path: "Path", content: bytes) -> None:
    """Write a file beside `path` and rename it, so that no reader ever meets half a file."""
    import tempfile

    try:
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".")
    except OSError as error:
        raise type(error)(error.errno, f"cannot write {path}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(aside, 0o666 & ~mask)
        os.replace(aside, path)
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
        names: words for the values, `locals()` say; a Tensor's own name counts before.
        backward: draw the recorded backward pass too, each gradient beside the value it belongs to.
        values: put min, max, mean and norm of values and gradients on the nodes.
        collapse: draw each innermost layer of a network as one node; by default when there are more than 200 values.
        fold: draw runs of equal blocks as one node "x N"; by default where there would be too many to see.
        direction: "down" or "right".
        title: of the page; the names of the outputs by default.
        check: hold gradients of the leaves against finite differences on the page; a mapping from names to
            hand-derived gradients adds these.
        stable: step through the reverse pass as `backward` runs it, log(sigmoid(z)) as one; or else literally.
        rule_text: `(line, argument) -> MathML` of a local rule, for the page.

    Returns:
        a Drawing with `.dot .svg .text .html` and `.save(path)`.

    Raises:
        TypeError: something that is not a Tensor.
        NotConnectedError: the Tensor was not computed by anything recorded.
        GraphError: backward=True for a graph that was spent by `backward()`.

    >>> x = Tensor(3.0, requires_grad=True, name="x")
    >>> print(draw(x * x + 1, names=locals()).text.replace("\\n\\n", "\\n"), end="")
    x   parameter               scalar float64
    t1  = multiply(x, x)        scalar float64
    t2  = add(t1, 1)  (output)  scalar float64
    2 operations, 1 parameter of 1 numbers, 24 bytes kept for the backward pass
    """
    if not outputs:
        raise TypeError("draw needs at least one Tensor: draw(cost)")
    for i, output in enumerate(outputs):
        if not isinstance(output, Tensor):
            raise TypeError(
                f"draw: argument {i + 1} is {type(output).__name__}, not a Tensor; "
                "draw the result of operations on Tensors, before .data or .numpy() is taken"
            )
    if all(output.record is None for output in outputs):
        raise NotConnectedError(
            f"draw: no operation is recorded behind {', '.join(o.name or 'the Tensor' for o in outputs)}; "
            "compute it from tensors with requires_grad=True, and not under no_grad()"
        )
    if direction not in ("down", "right"):
        raise ValueError(f"draw: direction {direction!r} is neither 'down' nor 'right'")
    return Drawing(
        outputs,
        names,
        backward=backward,
        values=values,
        collapse=collapse,
        fold=fold,
        direction=direction,
        title=title,
        check=check,
        stable=stable,
        rule_text=rule_text,
    )
