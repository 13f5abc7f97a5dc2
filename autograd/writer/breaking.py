"""Long statements over several lines, as Python reads them inside brackets."""

from collections.abc import Iterator

OPEN, CLOSE = "([{", ")]}"
NOTES = 60
"""The column up to which notes on shapes are moved so that they stand below each other."""


def broken(statement: str, width: int) -> list[str]:
    """The lines of a statement: itself where it is short enough, else what its longest bracket holds on lines between.

    >>> print("\\n".join(broken("y = np.concatenate([first, second], axis=1)", 30)))
    y = np.concatenate(
        [first, second], axis=1
    )
    """
    if len(statement) <= width:
        return [statement]
    if statement.startswith("return ") and len(list(items(statement[7:]))) > 1:
        statement = f"return ({statement[7:]})"
    targets, equals, made = statement.partition(" = ")
    if equals and not statement.startswith("return ") and len(targets) > width // 3 and len(list(items(targets))) > 1:
        statement = f"({targets}) = {made}"
    start, end = max(brackets(statement), key=lambda ends: ends[1] - ends[0], default=(0, 0))
    if end - start < width // 3:
        return [statement]
    parts = list(items(statement[start + 1 : end]))
    comma = "," if len(parts) > 1 or statement[end - 1] == "," else ""
    return [statement[: start + 1], *[f"    {line}" for line in _rows(parts, width - 4, comma)], statement[end:]]


def with_notes(body: list[tuple[str, str]], width: int) -> list[str]:
    """Statements with their notes in one column; a note on a long statement stands close to it."""
    pad = max((len(s) for s, note in body if note and len(s) <= NOTES), default=0)
    lines = []
    for statement, note in body:
        parts = broken(statement, width)
        if note:
            at = -1 if len(parts) > 1 else 0
            parts[at] = f"{parts[at]:<{pad if len(parts) == 1 else 0}}  # {note}"
        lines += parts
    return lines


def _rows(parts: list[str], width: int, comma: str) -> list[str]:
    """What stands in a bracket: in one line, as many parts to a line as fit if all are short, or one part a line."""
    rows: list[str] = []
    whole = ", ".join(parts)
    if len(whole) <= width:
        return [whole + (comma if len(parts) == 1 else "")]
    if max(map(len, parts)) > width // 3:
        ends = [","] * (len(parts) - 1) + [comma]
        return [row for part, end in zip(parts, ends, strict=True) for row in broken(part + end, width)]
    for part in parts:
        if not rows or len(rows[-1]) + len(part) + 3 > width:
            rows.append(f"{part},")
        else:
            rows[-1] += f" {part},"
    return rows


def brackets(text: str) -> Iterator[tuple[int, int]]:
    """Where the outermost brackets of a text open and close."""
    depth, start = 0, 0
    for at, c in characters(text):
        if c in OPEN:
            start = start if depth else at
            depth += 1
        elif c in CLOSE:
            depth -= 1
            if not depth:
                yield start, at


def items(text: str) -> Iterator[str]:
    """What stands between the commas of a text that are in no bracket."""
    depth, start = 0, 0
    for at, c in characters(text):
        depth += (c in OPEN) - (c in CLOSE)
        if c == "," and not depth:
            yield text[start:at].strip()
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()


def characters(text: str) -> Iterator[tuple[int, str]]:
    """The characters of a text that are in no string, with their places."""
    quote, escaped = "", False
    for at, c in enumerate(text):
        if not quote:
            if c in "'\"":
                quote = c
            else:
                yield at, c
        elif escaped:
            escaped = False
        elif c == "\\":
            escaped = True
        elif c == quote:
            quote = ""
