"""Formulas in MathML, which browsers show."""

import re
from collections.abc import Sequence
from html import escape

from .notation import ADD, OPERAND, Text, accents, greek, relations, split

BOLD = '<mn style="font-weight: bold">{}</mn>'  # 0 or 1, for an array of them


class MathML(Text):
    """MathML Core, for a browser."""

    fraction_places = ADD, ADD
    fraction_binds = OPERAND
    where_binds = OPERAND

    def name(self, word: str) -> str:
        if word in self.differentials:
            return self.row('<mi mathvariant="normal">d</mi>', self.name(word[1:]))
        if word.endswith("]") and word.find("[") > 0:  # one of several results, as t1[0]
            array, _, part = word[:-1].rpartition("[")
            return self.pick(self.name(array), [self.plain(part)])
        if word in self.literal:
            return f"<mi>{escape(word)}</mi>"
        base, accent, below = split(word)
        made = f"<mi>{greek.get(base, escape(base))}</mi>"
        if accent:
            made = f"<mover>{made}<mo>{accents[accent][1]}</mo></mover>"
        return f"<msub>{made}<mi>{escape(below)}</mi></msub>" if below else made

    def number(self, digits: str) -> str:
        if digits[0] == "-":
            return self.negative(self.number(digits[1:]))
        number, e, exponent = digits.partition("e")
        if not e:
            return f"<mn>{digits}</mn>"
        power = f"<msup><mn>10</mn>{self.number(str(int(exponent)))}</msup>"
        return power if number == "1" else self.between("·", [f"<mn>{number}</mn>", power])

    def row(self, *pieces: str) -> str:
        return f"<mrow>{''.join(pieces)}</mrow>"

    def between(self, sign: str, pieces: Sequence[str]) -> str:
        return self.row(f"<mo>{sign}</mo>".join(pieces))

    def brackets(self, x: str) -> str:
        return self.row("<mo>(</mo>", x, "<mo>)</mo>")

    def negative(self, x: str) -> str:
        return self.row("<mo>−</mo>", x)

    def add(self, terms: Sequence[tuple[bool, str]]) -> str:
        first = ("<mo>−</mo>" if terms[0][0] else "") + terms[0][1]
        return self.row(first, *(f"<mo>{'−' if minus else '+'}</mo>{x}" for minus, x in terms[1:]))

    def hadamard(self, factors: Sequence[str]) -> str:
        return self.between("∘", factors)

    def juxtaposed(self, factors: Sequence[str]) -> str:
        return self.row('<mo lspace="0" rspace="0.17em">&#x2062;</mo>'.join(factors))  # invisible times, a thin space

    def fraction(self, top: str, bottom: str) -> str:
        return f"<mfrac>{self.row(top)}{self.row(bottom)}</mfrac>"

    def transposed(self, x: str) -> str:
        return f"<msup>{self.row(x)}<mo>⊤</mo></msup>"

    def power(self, x: str, exponent: str) -> str:
        number = re.fullmatch(r"-?[\d./]+", exponent)
        return f"<msup>{self.row(x)}{self.number(exponent) if number else self.row(exponent)}</msup>"

    def root(self, x: str) -> str:
        return f"<msqrt>{x}</msqrt>"

    def column(self, x: str) -> str:
        return self.juxtaposed([x, f"<msup>{BOLD.format(1)}<mo>⊤</mo></msup>"])

    def repeated(self, x: str) -> str:
        return self.juxtaposed([BOLD.format(1), x])

    def everywhere(self, digit: str, shape: Sequence[str]) -> str:
        return f"<msub>{BOLD.format(digit)}{self.between('×', shape)}</msub>"

    def words(self, what: str, over: str, x: str) -> str:
        sign = {"sum": "<mo>∑</mo>", "product": "<mo>∏</mo>"}.get(what, f"<mi>{escape(what)}</mi>")
        return self.row(f"<munder>{sign}<mtext>{over}</mtext></munder>" if over else sign, x)

    def call(self, name: str, args: Sequence[str]) -> str:
        if name == "abs" and len(args) == 1:
            return self.row("<mo>|</mo>", args[0], "<mo>|</mo>")
        if name == "norm" and len(args) == 1:
            return self.row("<mo>‖</mo>", args[0], "<mo>‖</mo>")
        if name == "conjugate":
            return f"<mover>{self.row(*args)}<mo>¯</mo></mover>"
        sign = {"sigmoid": "σ", "real": "Re", "imag": "Im"}.get(name, escape(name))
        return self.row(f"<mi>{sign}</mi><mo>&#x2061;</mo>", self.brackets("<mo>,</mo>".join(args)))

    def indicator(self, condition: str) -> str:
        return self.row("<mn>1</mn><mo>[</mo>", condition, "<mo>]</mo>")

    def relation(self, op: str, x: str, y: str) -> str:
        return self.row(x, f"<mo>{escape(relations[op][0])}</mo>", y)

    def both(self, conditions: Sequence[str]) -> str:
        return self.between("∧", conditions)

    def where(self, condition: str, x: str, y: str) -> str:
        rows = [(x, f"<mtext>if&#xa0;</mtext>{condition}"), (y, "<mtext>else</mtext>")]
        table = "".join(f"<mtr>{_cell(a, 'left')}{_cell(self.row(b), 'left')}</mtr>" for a, b in rows)
        return self.row("<mo>{</mo>", f"<mtable>{table}</mtable>")

    def plain(self, text: str) -> str:
        return f"<mtext>{escape(text)}</mtext>"

    def pick(self, x: str, parts: Sequence[str]) -> str:
        below = self.row("<mo>[</mo>", "<mo>,</mo>".join(parts), "<mo>]</mo>")
        return f"<msub>{self.row(x)}{below}</msub>" if x else below

    def indexed(self, x: str, letters: Sequence[str]) -> str:
        return f"<msub>{self.row(x)}{self.row(*(f'<mi>{k}</mi>' for k in letters))}</msub>"

    def sigma(self, letters: Sequence[str], x: str) -> str:
        return self.row(f"<munder><mo>∑</mo>{self.row(*(f'<mi>{k}</mi>' for k in letters))}</munder>", x)

    def joined(self, parts: Sequence[str], axis: int) -> str:
        cells = [f"<mtd>{p}</mtd>" for p in parts]
        rows = "".join(f"<mtr>{c}</mtr>" for c in cells) if axis == 0 else f"<mtr>{''.join(cells)}</mtr>"
        return self.row("<mo>[</mo>", f"<mtable>{rows}</mtable>", "<mo>]</mo>")

    def gradient(self, name: str, of: str, word: str, order: int) -> str:
        d = "<mi>∂</mi>" if order == 1 else f"<msup><mi>∂</mi><mn>{order}</mn></msup>"
        below = self.name(word) if order == 1 else f"<msup>{self.name(word)}<mn>{order}</mn></msup>"
        return f"<mfrac>{self.row(d, self.name(of))}{self.row('<mi>∂</mi>', below)}</mfrac>"

    def whole(self, x: str) -> str:
        return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{x}</math>'

    def lines(self, rows: Sequence[tuple[str, str]]) -> str:
        equal = "<mtd><mo>=</mo></mtd>"
        body = "".join(f"<mtr>{_cell(a, 'right')}{equal}{_cell(b, 'left')}</mtr>" for a, b in rows)
        table = f'<mtable displaystyle="true">{body}</mtable>'
        return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{table}</math>'


def _cell(x: str, side: str) -> str:
    return f'<mtd style="text-align: {side}; padding: 0.25em 0.2em">{x}</mtd>'
