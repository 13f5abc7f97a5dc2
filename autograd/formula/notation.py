"""Three ways to write the same formula: Unicode text, LaTeX and MathML.

Each notation turns pieces already written into a larger piece; where brackets go is decided in `layout`.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape

# What binds tighter has the higher number. A piece goes into a larger one bare if it binds at least as tightly as that
# place asks for, and in brackets if not.
RELATION, ADD, WORDS, PRODUCT, JUXTAPOSED, SCALED, OPERAND, SCRIPT, CALL, ATOM = 5, 10, 20, 30, 40, 45, 50, 60, 70, 80

greek = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "lam": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
latex_greek = {"eps": "epsilon", "lam": "lambda"}
accents = {"hat": ("hat", "^"), "bar": ("bar", "¯"), "tilde": ("tilde", "~")}
relations = {
    "equal": ("=", "="), "not_equal": ("≠", r"\neq"), "less": ("<", "<"), "less_equal": ("≤", r"\leq"),
    "greater": (">", ">"), "greater_equal": ("≥", r"\geq"),
}  # fmt: skip
functions = {"exp", "log", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "max", "min"}
superscripts = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def split(word: str) -> tuple[str, str, str]:
    """A name as letters, accent and subscript: theta1, x_hat and W_hh."""
    base, _, below = word.partition("_")
    if below in accents:
        return base, below, ""
    accent = next((a for a in accents if base.endswith(a) and len(base) > len(a)), "")
    base = base.removesuffix(accent) if accent else base
    digits = re.fullmatch(r"(.*?[^\d])(\d+)", base)
    if digits and not below:
        base, below = digits.groups()
    return base, accent, below


class Text:
    """Unicode, as one types mathematics: delta2 = (delta3 theta2ᵀ) ∘ a1 ∘ (1 - a1)."""

    fraction_places = PRODUCT, OPERAND
    fraction_binds = PRODUCT

    def __init__(self, differentials: Iterable[str] = ()) -> None:
        self.differentials = set(differentials)  # names such as dz1, the d of z1

    def name(self, word: str) -> str:
        """A name: of an array, a size."""
        return word

    def number(self, digits: str) -> str:
        """Digits."""
        return digits

    def brackets(self, x: str) -> str:
        """A piece in round brackets."""
        return f"({x})"

    def negative(self, x: str) -> str:
        """A piece with a minus."""
        return f"-{x}"

    def add(self, terms: Sequence[tuple[bool, str]]) -> str:
        """Terms, each with whether it is subtracted."""
        first = ("-" if terms[0][0] else "") + terms[0][1]
        return first + "".join((" - " if minus else " + ") + x for minus, x in terms[1:])

    def hadamard(self, factors: Sequence[str]) -> str:
        """The product of arrays entry by entry."""
        return " ∘ ".join(factors)

    def juxtaposed(self, factors: Sequence[str]) -> str:
        """The matrix product, or scalars beside an array."""
        return " ".join(factors)

    def fraction(self, top: str, bottom: str) -> str:
        """Division, entry by entry."""
        return f"{top} / {bottom}"

    def transposed(self, x: str) -> str:
        """The transpose over the last two axes."""
        return f"{x}ᵀ"

    def power(self, x: str, exponent: str) -> str:
        """A power entry by entry, with a whole number or a fraction for exponent."""
        return x + exponent.translate(superscripts) if re.fullmatch(r"-?\d+", exponent) else f"{x}^({exponent})"

    def root(self, x: str) -> str:
        """The square root of each entry."""
        return f"sqrt({x})"

    def column(self, x: str) -> str:
        """A vector as a column beside matrices."""
        return f"{x} 1ᵀ"

    def words(self, what: str, over: str, x: str) -> str:
        """A sum, product, maximum over rows or columns."""
        return f"{what} over {over} of {x}" if over else f"{what} of {x}"

    def call(self, name: str, args: Sequence[str]) -> str:
        """A function of arrays."""
        return f"{name}({', '.join(args)})"

    def indicator(self, condition: str) -> str:
        """1 where a condition holds, else 0."""
        return f"1[{condition}]"

    def relation(self, op: str, x: str, y: str) -> str:
        """A comparison."""
        return f"{x} {relations[op][0]} {y}"

    def where(self, condition: str, x: str, y: str) -> str:
        """One of two values by a condition."""
        return f"{{{x} if {condition}, else {y}}}"

    def plain(self, text: str) -> str:
        """Plain data among arguments: a slice, an axis."""
        return text

    def pick(self, x: str, parts: Sequence[str]) -> str:
        """Part of an array."""
        return f"{x}[{', '.join(parts)}]"

    def indexed(self, x: str, letters: Sequence[str]) -> str:
        """An array with its indices."""
        return f"{x}[{','.join(letters)}]"

    def sigma(self, letters: Sequence[str], x: str) -> str:
        """A sum over indices."""
        return f"Σ_{','.join(letters)} {x}"

    def joined(self, parts: Sequence[str], axis: int) -> str:
        """Arrays joined along an axis."""
        return "[" + ("; " if axis == 0 else ", ").join(parts) + "]"

    def gradient(self, of: str, word: str, order: int) -> str:
        """The left side of a gradient's line."""
        return f"d{'' if order == 1 else order}{word}"

    def whole(self, x: str) -> str:
        """A formula by itself."""
        return x

    def lines(self, rows: Sequence[tuple[str, str]]) -> str:
        """Equations below each other, as left and right sides."""
        width = max((len(left) for left, _ in rows), default=0)
        return "\n".join(f"{left:<{width}} = {right}" for left, right in rows)


class Latex(Text):
    """LaTeX with amsmath, for a math environment."""

    fraction_places = ADD, ADD
    fraction_binds = OPERAND

    def name(self, word: str) -> str:
        if word in self.differentials:
            return rf"\mathrm{{d}}{self.name(word[1:])}"
        base, accent, below = split(word)
        if base in greek:
            made = "\\" + latex_greek.get(base, base)
        else:
            made = base if len(base) == 1 else rf"\mathrm{{{_escaped(base)}}}"
        if accent:
            made = rf"\{accents[accent][0]}{{{made}}}"
        return made + (f"_{{{_subscript(below)}}}" if below else "")

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

    def words(self, what: str, over: str, x: str) -> str:
        sign = {"sum": r"\sum", "product": r"\prod", "max": r"\max", "min": r"\min"}.get(what)
        sign = sign or rf"\operatorname*{{{_escaped(what)}}}"
        return rf"{sign}_{{\text{{{over}}}}} {x}" if over else f"{sign} {x}"

    def call(self, name: str, args: Sequence[str]) -> str:
        if name == "abs" and len(args) == 1:
            return rf"\left|{args[0]}\right|"
        sign = {"sigmoid": r"\sigma", "diag": r"\operatorname{diag}"}.get(name)
        sign = sign or (f"\\{name}" if name in functions else rf"\operatorname{{{_escaped(name)}}}")
        return rf"{sign}\left({', '.join(args)}\right)"

    def indicator(self, condition: str) -> str:
        return rf"\mathbf{{1}}\left[{condition}\right]"

    def relation(self, op: str, x: str, y: str) -> str:
        return f"{x} {relations[op][1]} {y}"

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

    def gradient(self, of: str, word: str, order: int) -> str:
        if order == 1:
            return rf"\frac{{\partial {self.name(of)}}}{{\partial {self.name(word)}}}"
        return rf"\frac{{\partial^{{{order}}} {self.name(of)}}}{{\partial {{{self.name(word)}}}^{{{order}}}}}"

    def lines(self, rows: Sequence[tuple[str, str]]) -> str:
        body = " \\\\\n".join(f"{left} &= {right}" for left, right in rows)
        return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


class MathML(Text):
    """MathML Core, for a browser."""

    fraction_places = ADD, ADD
    fraction_binds = OPERAND

    def name(self, word: str) -> str:
        if word in self.differentials:
            return self.row('<mi mathvariant="normal">d</mi>', self.name(word[1:]))
        base, accent, below = split(word)
        made = f"<mi>{greek.get(base, escape(base))}</mi>"
        if accent:
            made = f'<mover accent="true">{made}<mo>{accents[accent][1]}</mo></mover>'
        return f"<msub>{made}<mi>{escape(below)}</mi></msub>" if below else made

    def number(self, digits: str) -> str:
        return f"<mn>{digits}</mn>" if digits[0] != "-" else f"<mrow><mo>−</mo><mn>{digits[1:]}</mn></mrow>"

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
        return self.between("&#x2062;", factors)  # invisible times

    def fraction(self, top: str, bottom: str) -> str:
        return f"<mfrac>{self.row(top)}{self.row(bottom)}</mfrac>"

    def transposed(self, x: str) -> str:
        return f"<msup>{self.row(x)}<mo>⊤</mo></msup>"

    def power(self, x: str, exponent: str) -> str:
        return f"<msup>{self.row(x)}<mn>{exponent}</mn></msup>"

    def root(self, x: str) -> str:
        return f"<msqrt>{x}</msqrt>"

    def column(self, x: str) -> str:
        return self.juxtaposed([x, "<msup><mn>1</mn><mo>⊤</mo></msup>"])

    def words(self, what: str, over: str, x: str) -> str:
        sign = {"sum": "<mo>∑</mo>", "product": "<mo>∏</mo>"}.get(what, f"<mi>{escape(what)}</mi>")
        return self.row(f"<munder>{sign}<mtext>{over}</mtext></munder>" if over else sign, x)

    def call(self, name: str, args: Sequence[str]) -> str:
        if name == "abs" and len(args) == 1:
            return self.row("<mo>|</mo>", args[0], "<mo>|</mo>")
        sign = {"sigmoid": "σ"}.get(name, escape(name))
        return self.row(f"<mi>{sign}</mi><mo>&#x2061;</mo>", self.brackets("<mo>,</mo>".join(args)))

    def indicator(self, condition: str) -> str:
        return self.row("<mn>1</mn><mo>[</mo>", condition, "<mo>]</mo>")

    def relation(self, op: str, x: str, y: str) -> str:
        return self.row(x, f"<mo>{escape(relations[op][0])}</mo>", y)

    def where(self, condition: str, x: str, y: str) -> str:
        rows = [(x, f"<mtext>if&#xa0;</mtext>{condition}"), (y, "<mtext>else</mtext>")]
        table = "".join(f"<mtr><mtd>{a}</mtd><mtd>{self.row(b)}</mtd></mtr>" for a, b in rows)
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

    def gradient(self, of: str, word: str, order: int) -> str:
        d = "<mi>∂</mi>" if order == 1 else f"<msup><mi>∂</mi><mn>{order}</mn></msup>"
        below = self.name(word) if order == 1 else f"<msup>{self.name(word)}<mn>{order}</mn></msup>"
        return f"<mfrac>{self.row(d, self.name(of))}{self.row('<mi>∂</mi>', below)}</mfrac>"

    def whole(self, x: str) -> str:
        return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{x}</math>'

    def lines(self, rows: Sequence[tuple[str, str]]) -> str:
        body = "".join(f"<mtr><mtd>{a}</mtd><mtd><mo>=</mo></mtd><mtd>{b}</mtd></mtr>" for a, b in rows)
        table = f'<mtable displaystyle="true">{body}</mtable>'
        return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{table}</math>'


def _base(x: str) -> str:
    return x if re.fullmatch(r"\\?[A-Za-z]+(_\{\w+\})?|\\left\(.*\\right\)", x) else f"{{{x}}}"


def _escaped(word: str) -> str:
    return re.sub(r"([_#%&$])", r"\\\1", word)


def _subscript(word: str) -> str:
    if word in greek:
        return "\\" + latex_greek.get(word, word)
    return word if len(word) == 1 or word.isdigit() else rf"\mathrm{{{_escaped(word)}}}"
