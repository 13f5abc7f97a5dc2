"""Reads a printed formula back and computes it with NumPy: the oracle for what the text says.

sum    : ["-"] term {("+" | "-") term}
term   : "sum over rows of" term | matrix {"∘" matrix} ["/" factor]
matrix : factor {factor}                                  a matrix product, or scalars beside an array
factor : (number | name | call | "(" sum ")" | "1[" relation "]" | "{" sum "if" relation ", else" sum "}")
         {"ᵀ" | superscript digits | "^(" fraction ")" | "[" index "]"}
"""

import re
from fractions import Fraction
from typing import Any

import numpy as np

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
TOKEN = re.compile(
    r"\s*(?:(?P<words>(?:sum|product|max|min)(?: over (?:rows|columns|ax[ie]s [\d, ]+))? of(?=[ (]))|(?P<indicator>1\[)"
    r"|(?P<column>1ᵀ)|(?P<number>\d+(?:\.\d+)?(?:e-?\d+)?)|(?P<call>[A-Za-z_][A-Za-z0-9_]*\()|(?P<word>if\b|else\b)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<power>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|\^\([^)]*\))|(?P<pick>\[[^\]]*\])|(?P<sign>[-+∘/(),ᵀ{}\]=<>≤≥≠]))"
)
FUNCTIONS = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
    "softmax": lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True),
    "softplus": lambda x: np.log1p(np.exp(x)),
    "diag": lambda w: w[..., None] * np.eye(w.shape[-1]),
    "max": np.maximum,
    "min": np.minimum,
    "det": np.linalg.det,
    "solve": np.linalg.solve,
    "ones": lambda *shape: np.ones([int(n) for n in shape]),
}
RELATIONS = {"=": np.equal, "≠": np.not_equal, "<": np.less, "≤": np.less_equal, ">": np.greater, "≥": np.greater_equal}


def read_back(text: str, names: dict[str, Any], shape: tuple[int, ...] = ()) -> Any:
    """What the text says the array is, for these values of its names; "I" is the identity of that shape."""
    names = {"I": np.eye(shape[0]) if shape else None, **names}
    reader = Reader(text, names)
    value = np.asarray(reader.sum())
    assert reader.at == len(reader.tokens), f"{text!r} goes on after {reader.tokens[: reader.at]}"
    return value.reshape(shape) if value.size == np.prod(shape) else np.broadcast_to(value, shape)


class Reader:
    def __init__(self, text: str, names: dict[str, Any]) -> None:
        self.names, self.at, self.tokens, end = names, 0, [], 0
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
        value = self.matrix()
        while self.peek()[1] == "∘":
            self.take()
            value = value * self.matrix()
        if self.peek()[1] == "/":
            self.take()
            value = value / self.factor()
        return value

    def matrix(self) -> Any:
        value = self.factor()
        while True:
            kind, text = self.peek()
            if kind == "column":
                self.take()
                value = value[..., None]
            elif kind in ("number", "name", "call", "indicator") or text in ("(", "{"):
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
                value = value ** float(Fraction(text.translate(SUPERSCRIPTS).strip("^()")))
            elif kind == "pick":
                self.take()
                value = eval(f"value{text}", {"value": value})
            else:
                return value

    def primary(self) -> Any:
        kind, text = self.peek()
        self.take()
        if kind == "number":
            return np.float64(text)
        if kind == "name":
            return np.asarray(self.names[text], float)
        if kind == "call":
            return self.call(text[:-1])
        if kind == "indicator":
            value = self.relation()
            self.take("]")
            return value.astype(float)
        if text == "{":
            yes = self.sum()
            self.take("if")
            condition = self.relation()
            self.take(",")
            self.take("else")
            no = self.sum()
            self.take("}")
            return np.where(condition, yes, no)
        assert text == "(", f"{text!r} cannot start a factor, after {self.tokens[: self.at]}"
        value = self.sum()
        self.take(")")
        return value

    def call(self, name: str) -> Any:
        args = [self.sum()]
        while self.take(",", ")") == ",":
            args.append(self.sum())
        return (FUNCTIONS.get(name) or getattr(np, name))(*args)

    def relation(self) -> Any:
        left = self.sum()
        return RELATIONS[self.take(*RELATIONS)](left, self.sum())


def times(a: Any, b: Any) -> Any:
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if a.ndim == 1:  # a vector before a row is a column
        a = a[:, None]
    made = a @ b
    return made.reshape(()) if made.size == 1 else made


def reduced(what: str, over: str, x: Any) -> Any:
    fun = {"sum": np.sum, "product": np.prod, "max": np.max, "min": np.min}[what]
    if not over:
        return fun(x)
    axes = {"rows": (0,), "columns": (1,)}.get(over) or tuple(int(k) for k in re.findall(r"\d+", over))
    return fun(x, axis=axes, keepdims=True)
