"""Reads a printed formula back and computes it with NumPy: the oracle for what the text says.

sum    : ["-"] term {("+" | "-") term}
term   : "sum over rows of" term | "Σ_k" term | matrix {"∘" matrix} ["/" factor]
matrix : factor {factor}                                  a matrix product, or scalars beside an array
factor : (number | name | call | "(" sum ")" | "1[" both "]" | "{" sum "if" both ", else" sum "}")
         {"ᵀ" | superscript digits | "^(" sum ")" | "[" index "]"} | "[" sum {";" sum} "]"
both   : relation {"and" relation}

A formula with indices is computed entry by entry, the letters standing for numbers.
"""

import re
from itertools import product
from typing import Any

import numpy as np

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
WORDS = r"(?:sum|product|max|min|norm|std|cumsum)(?: over (?:rows|columns|ax[ie]s [\d, ]+))? of(?=[ (])"
KINDS = {
    "words": WORDS, "sigma": r"Σ_[a-z](?:,[a-z])*", "indicator": r"1\[", "column": "1ᵀ",
    "number": r"\d+(?:\.\d+)?(?:e-?\d+)?", "call": r"[A-Za-z_]\w*\(", "option": r"[a-z]+=(?=\w)",
    "word": r"(?:if|else|and)\b", "name": r"[A-Za-z_]\w*", "power": "[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", "exponent": r"\^\(",
    "places": r"(?<=, )\[[^][;]*\](?=\))", "pick": r"(?<=[\w)\]])\[[^\]]*\]", "sign": r"[-+∘/(),;ᵀ{}[\]=<>≤≥≠]",
}  # fmt: skip
TOKEN = re.compile(r"\s*(?:" + "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in KINDS.items()) + ")", re.ASCII)


def whole(x: Any) -> Any:
    """Numbers of a shape or axes, which were read as any other."""
    made = tuple(map(int, np.atleast_1d(x)))
    assert np.all(made == np.atleast_1d(x)), x
    return made if np.ndim(x) else made[0]


def scatter(g: Any, at: Any, shape: tuple[int, ...]) -> Any:
    """Zeros with g added at some places."""
    made = np.zeros(shape)
    np.add.at(made, at, g)
    return made


FUNCTIONS = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
    "softmax": lambda x, axis=-1: np.exp(x) / np.exp(x).sum(whole(axis), keepdims=True),
    "trace": np.trace,
    "softplus": lambda x: np.log1p(np.exp(x)),
    "arange": lambda n: np.arange(whole(n)),
    "eye": lambda n: np.eye(whole(n)),
    "diag": lambda w: w[..., None] * np.eye(w.shape[-1]),
    "max": np.maximum,
    "min": np.minimum,
    "det": np.linalg.det,
    "solve": np.linalg.solve,
    "norm": np.linalg.norm,
    "cholesky": np.linalg.cholesky,
    "fft": np.fft.fft,
    "ifft": np.fft.ifft,
    "ones": lambda *shape: np.ones(whole(shape)),
    "zeros": lambda *shape: np.zeros(whole(shape)),
    "reshape": lambda x, shape: np.reshape(x, whole(shape)),
    "flip": lambda x, *axis: np.flip(x, *map(whole, axis)),
    "roll": lambda x, by, *axis: np.roll(x, whole(by), *map(whole, axis)),
    "cumprod": lambda x, *axis: np.cumprod(x, *map(whole, axis)),
}
RELATIONS = {"=": np.equal, "≠": np.not_equal, "<": np.less, "≤": np.less_equal, ">": np.greater, "≥": np.greater_equal}


def read_back(text: str, names: dict[str, Any], shape: tuple[int, ...] = ()) -> Any:
    """What the text says the array is, for these values of its names; "I" is the identity of that shape.

    Raises:
        AssertionError: it is no formula, or one of an array of another shape; axes of length 1 do not count.
    """
    value = np.asarray(computed(text, {"I": np.eye(shape[0]) if shape else None, "pi": np.pi, **names}, shape))
    if [n for n in value.shape if n != 1] == [n for n in shape if n != 1]:
        return value.reshape(shape)
    ones = "1ᵀ" in text or re.search(r"(^|\()1 (?!of)[A-Za-z(]", text)  # as many as the place asks for
    assert ones, f"{text!r} has the shape {value.shape}, not {shape}"
    return np.broadcast_to(value, shape)


def read_line(line: str, names: dict[str, Any], shape: tuple[int, ...]) -> Any:
    """The array on the right of a line of a derivation, which may be written with indices: dA[i,j] = 2 A[j,i]."""
    left, _, text = line.partition(" = ")
    if "[" not in left:
        return read_back(text, names, shape)
    letters, made = left.strip()[:-1].partition("[")[2].split(","), np.empty(shape)
    for at in product(*map(range, shape)):
        made[at] = computed(text, names, shape, dict(zip(letters, at, strict=True)))
    return made


def computed(text: str, names: dict[str, Any], shape: tuple[int, ...], letters: dict[str, int] | None = None) -> Any:
    reader = Reader(text, names, shape, letters or {})
    value = reader.sum()
    assert reader.at == len(reader.tokens), f"{text!r} goes on after {reader.tokens[: reader.at]}"
    return value


class Identity:
    """I with indices."""

    def __getitem__(self, at: tuple[int, int]) -> Any:
        return np.float64(at[0] == at[1])


class Reader:
    def __init__(self, text: str, names: dict[str, Any], shape: tuple[int, ...], letters: dict[str, int]) -> None:
        self.names, self.shape, self.letters, self.text = names, shape, letters, text
        self.at, self.tokens, end = 0, [], 0
        while end < len(text):
            found = TOKEN.match(text, end)
            assert found, f"not a formula from {text[end:]!r}"
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            end = found.end()

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, *wanted: str) -> str:
        text = self.peek()[1]
        if wanted and text not in wanted:
            raise AssertionError(f"{text!r} where one of {wanted} belongs, after {self.tokens[: self.at]}")
        self.at += 1
        return text

    def sum(self) -> Any:
        minus = self.peek()[1] == "-"
        if minus:
            self.take()
        total = -self.term() if minus else self.term()
        while self.peek()[1] in ("+", "-"):
            total = total + self.term() if self.take() == "+" else total - self.term()
        return total

    def term(self) -> Any:
        if self.peek()[0] == "words":
            what, _, over = self.take().removesuffix(" of").partition(" over ")
            return reduced(what, over, self.term())
        if self.peek()[0] == "sigma":
            return self.sigma(self.take().removeprefix("Σ_").split(","))
        value = self.matrix()
        while self.peek()[1] == "∘":
            self.take()
            value = value * self.matrix()
        if self.peek()[1] == "/":
            self.take()
            value = value / self.factor()
        return value

    def sigma(self, letters: list[str]) -> Any:
        """A sum over letters, each as long as the axes of named arrays that it counts."""
        lengths = dict.fromkeys(letters, 0)
        for word, places in re.findall(r"(\w+)\[([^][]*)\]", self.text):
            for letter, n in zip(places.split(","), np.shape(self.names.get(word)), strict=False):
                lengths |= {letter: n} if letter in lengths and word != "I" else {}
        assert all(lengths.values()), f"how long is {lengths} in {self.text!r}?"
        start, total, outer = self.at, 0.0, self.letters
        for at in product(*map(range, lengths.values())):
            self.at, self.letters = start, outer | dict(zip(letters, at, strict=True))
            total = total + self.term()
        self.letters = outer
        return total

    def matrix(self) -> Any:
        value = self.factor()
        while True:
            kind, text = self.peek()
            if kind == "column":
                self.take()
                value = value if value.ndim > 1 and value.shape[-1] == 1 else value[..., None]
            elif kind in ("number", "name", "call", "indicator") or text in ("(", "{", "["):
                value = times(value, self.factor())
            else:
                return value

    def factor(self) -> Any:
        kind, text = self.peek()
        value = self.primary()
        while True:
            kind, text = self.peek()
            if text == "ᵀ":
                self.take()
                value = value[None, :] if value.ndim == 1 else np.swapaxes(value, -1, -2)
            elif kind == "power":
                self.take()
                exponent = int(text.translate(SUPERSCRIPTS))
                value = np.linalg.inv(value) if exponent == -1 and value.ndim == 2 else value ** float(exponent)
            elif kind == "exponent":
                self.take()
                value = value ** self.sum()
                self.take(")")
            elif kind == "pick":
                self.take()
                value = Identity() if value is self.names.get("I") and self.letters else value
                value = eval(f"value{text}", {**self.places(), "value": value})
            else:
                return value

    def places(self) -> dict[str, Any]:
        """What may stand in an index: letters, and whole numbers by name."""
        numbers = {w: v for w, v in self.names.items() if np.asarray(v).dtype.kind in "iub"}
        return {"arange": np.arange} | numbers | self.letters

    def primary(self) -> Any:
        kind, text = self.peek()
        self.take()
        if kind == "number":
            return np.float64(text)
        if kind == "name":
            value = self.names[text]
            return value if text == "I" else np.asarray(value, complex if np.iscomplexobj(value) else float)
        if kind == "call":
            return self.call(text[:-1])
        if kind == "indicator":
            value = self.both()
            self.take("]")
            return value.astype(float)
        if text == "{":
            yes = self.sum()
            self.take("if")
            condition = self.both()
            self.take(",")
            self.take("else")
            no = self.sum()
            self.take("}")
            return np.where(condition, yes, no)
        if text == "[":
            return self.joined()
        assert text == "(", f"{text!r} cannot start a factor, after {self.tokens[: self.at]}"
        parts = [self.sum()]
        while self.take(",", ")") == ",":  # numbers, as a shape is
            parts.append(self.sum())
        return parts[0] if len(parts) == 1 else tuple(parts)

    def joined(self) -> Any:
        """Arrays below each other or side by side; numbers among them are arrays of one entry."""
        parts, ends = [self.sum()], []
        while (end := self.take(";", ",", "]")) != "]":
            ends.append(end)
            parts.append(self.sum())
        assert len(set(ends)) <= 1, self.tokens
        if set(map(np.ndim, parts)) == {1} and len(set(map(np.shape, parts))) == 1 and "stack" in self.names:
            return np.stack(parts)
        return np.concatenate(list(map(np.atleast_1d, parts)), axis=0 if ";" in ends else -1)

    def call(self, name: str) -> Any:
        if name == "scatter":
            g = self.sum()
            self.take(",")
            value = scatter(g, eval(f"s{self.take()}", {"s": np.s_, **self.places()}), self.shape)
            self.take(")")
            return value
        if name == "one_hot":  # as many classes as the result has columns
            labels = self.sum()
            self.take(")")
            return (labels[..., None] == np.arange(self.shape[-1])) * 1.0
        args, options = [], {}
        while True:
            if self.peek()[0] == "option":
                option = self.take()[:-1]
                options[option] = self.sum()
            else:
                args.append(self.sum())
            if self.take(",", ")") == ")":
                return (FUNCTIONS.get(name) or getattr(np, name))(*args, **options)

    def both(self) -> Any:
        value = self.relation()
        while self.peek()[1] == "and":
            self.take()
            value = value & self.relation()
        return value

    def relation(self) -> Any:
        left = self.sum()
        return RELATIONS[self.take()](left, self.sum()) if self.peek()[1] in RELATIONS else left != 0


def times(a: Any, b: Any) -> Any:
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if a.ndim == 1:  # a vector before a row is a column
        a = a[:, None]
    made = a @ b
    return made.reshape(()) if made.size == 1 else made


def norm(x: Any, axis: Any, keepdims: bool) -> Any:
    return np.sqrt((x * x).sum(axis=axis, keepdims=keepdims))


def reduced(what: str, over: str, x: Any) -> Any:
    fun = {"sum": np.sum, "product": np.prod, "max": np.max, "min": np.min, "norm": norm, "std": np.std}.get(what)
    if what == "cumsum":
        return np.cumsum(x, *[{"rows": 0, "columns": 1}[over]] if over else [])
    if not over:
        return fun(x)
    axes = {"rows": (0,), "columns": (1,)}.get(over) or tuple(int(k) for k in re.findall(r"\d+", over))
    return fun(x, axis=axes, keepdims=True)
