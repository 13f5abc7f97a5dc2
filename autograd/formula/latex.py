"""Formulas in LaTeX."""

import re
from collections.abc import Sequence

from .notation import ADD, OPERAND, Text, accents, greek, relations, split

latex_greek = {"eps": "epsilon", "lam": "lambda"}
functions = {"exp", "log", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "max", "min"}


class Latex(Text):
    """LaTeX with amsmath, for a math environment."""

    fraction_places = ADD, ADD
    fraction_binds = OPERAND
    where_binds = OPERAND

    def name(self, word: str) -> str:
        if word in self.differentials:
            return rf"\mathrm{{d}}{self.name(word[1:])}"
        if word.endswith("]") and word.find("[") > 0:  # one of several results, as t1[0]
            array, _, part = word[:-1].rpartition("[")
            return self.pick(self.name(array), [self.plain(part)])
        if word in self.literal:
            return rf"\mathrm{{{_escaped(word)}}}"
        base, accent, below = split(word)
        if base in greek:
            made = "\\" + latex_greek.get(base, base)
        else:
            made = _escaped(base) if len(base) == 1 else rf"\mathrm{{{_escaped(base)}}}"
        if accent:
            made = rf"\{accents[accent][0]}{{{made}}}"
        return made + (f"_{{{_subscript(below)}}}" if below else "")

    def number(self, digits: str) -> str:
        number, e, exponent = digits.partition("e")
        if not e:
            return digits
        power = rf"10^{{{int(exponent)}}}"
        return {"1": power, "-1": f"-{power}"}.get(number, rf"{number} \cdot {power}")

    def brackets(self, x: str) -> str:
        return rf"\left({x}\right)"

    def hadamard(self, factors: Sequence[str]) -> str:
        return r" \circ ".join(factors)

    def juxtaposed(self, factors: Sequence[str]) -> str:
        return r" \, ".join(factors)

    def fraction(self, top: str, bottom: str) -> str:
        return rf"\frac{{{top}}}{{{bottom}}}"

    def transposed(self, x: str) -> str:
        return rf"{_base(x)}^{{\top}}"

    def power(self, x: str, exponent: str) -> str:
        return f"{_base(x)}^{{{exponent}}}"

    def root(self, x: str) -> str:
        return rf"\sqrt{{{x}}}"

    def column(self, x: str) -> str:
        return rf"{x} \, \mathbf{{1}}^{{\top}}"

    def repeated(self, x: str) -> str:
        return rf"\mathbf{{1}} \, {x}"

    def everywhere(self, digit: str, shape: Sequence[str]) -> str:
        return rf"\mathbf{{{digit}}}_{{" + r" \times ".join(shape) + "}"

    def words(self, what: str, over: str, x: str) -> str:
        sign = {"sum": r"\sum", "product": r"\prod", "max": r"\max", "min": r"\min"}.get(what)
        sign = sign or rf"\operatorname*{{{_escaped(what)}}}"
        return rf"{sign}_{{\text{{{over}}}}} {x}" if over else f"{sign} {x}"

    def call(self, name: str, args: Sequence[str]) -> str:
        if name == "abs" and len(args) == 1:
            return rf"\left|{args[0]}\right|"
        if name == "norm" and len(args) == 1:
            return rf"\left\lVert {args[0]} \right\rVert"
        if name == "conjugate":
            return rf"\overline{{{args[0]}}}"
        name = {"real": "Re", "imag": "Im"}.get(name, name)
        sign = {"sigmoid": r"\sigma", "diag": r"\operatorname{diag}", "trace": r"\operatorname{tr}"}.get(name)
        sign = sign or (f"\\{name}" if name in functions else rf"\operatorname{{{_escaped(name)}}}")
        return rf"{sign}\left({', '.join(args)}\right)"

    def indicator(self, condition: str) -> str:
        return rf"\mathbf{{1}}\left[{condition}\right]"

    def relation(self, op: str, x: str, y: str) -> str:
        return f"{x} {relations[op][1]} {y}"

    def both(self, conditions: Sequence[str]) -> str:
        return r" \land ".join(conditions)

    def where(self, condition: str, x: str, y: str) -> str:
        return rf"\begin{{cases}} {x} & \text{{if }} {condition} \\ {y} & \text{{else}} \end{{cases}}"

    def plain(self, text: str) -> str:
        return _escaped(text)

    def pick(self, x: str, parts: Sequence[str]) -> str:
        return rf"{{{x}}}_{{[{', '.join(parts)}]}}" if x else rf"[{', '.join(parts)}]"

    def indexed(self, x: str, letters: Sequence[str]) -> str:
        return f"{{{x}}}_{{{' '.join(letters)}}}"

    def sigma(self, letters: Sequence[str], x: str) -> str:
        return rf"\sum_{{{' '.join(letters)}}} {x}"

    def joined(self, parts: Sequence[str], axis: int) -> str:
        between = r" \\ " if axis == 0 else " & "
        return rf"\begin{{bmatrix}} {between.join(parts)} \end{{bmatrix}}"

    def gradient(self, name: str, of: str, word: str, order: int) -> str:
        if order == 1:
            return rf"\frac{{\partial {self.name(of)}}}{{\partial {self.name(word)}}}"
        return rf"\frac{{\partial^{{{order}}} {self.name(of)}}}{{\partial {{{self.name(word)}}}^{{{order}}}}}"

    def lines(self, rows: Sequence[tuple[str, str]]) -> str:
        body = " \\\\\n".join(f"{left} &= {right}" for left, right in rows)
        return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _base(x: str) -> str:
    return x if re.fullmatch(r"\\?[A-Za-z]+(_\{\w+\})?|\\left\(.*\\right\)", x) else f"{{{x}}}"


def _escaped(word: str) -> str:
    return re.sub(r"([_#%&${}])", r"\\\1", word)


def _subscript(word: str) -> str:
    if word in greek:
        return "\\" + latex_greek.get(word, word)
    return word if word.isalnum() and (len(word) == 1 or word.isdigit()) else rf"\mathrm{{{_escaped(word)}}}"
