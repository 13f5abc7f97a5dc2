"""What the ways to write a formula share, and the first of them, Unicode text; `latex` and `mathml` are the others.

Each notation turns pieces already written into a larger piece; where brackets go is decided in `arithmetic`.
"""

import re
from collections.abc import Iterable, Sequence

# What binds tighter has the higher number. A piece goes into a larger one bare if it binds at least as tightly as that
# place asks for, and in brackets if not.
RELATION, ADD, WORDS, PRODUCT, JUXTAPOSED, SCALED, OPERAND, SCRIPT, CALL, ATOM = 5, 10, 20, 30, 40, 45, 50, 60, 70, 80

greek = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "lam": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
accents = {"hat": ("hat", "^"), "bar": ("bar", "¯"), "tilde": ("tilde", "~")}
relations = {
    "equal": ("=", "="), "not_equal": ("≠", r"\neq"), "less": ("<", "<"), "less_equal": ("≤", r"\leq"),
    "greater": (">", ">"), "greater_equal": ("≥", r"\geq"),
}  # fmt: skip
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
    where_binds = CALL

    def __init__(self, differentials: Iterable[str] = (), literal: Iterable[str] = ()) -> None:
        self.differentials = set(differentials)  # names such as dz1, the d of z1
        self.literal = set(literal)  # names as they were typed: x1 and x_1 would look the same

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

    def repeated(self, x: str) -> str:
        """A row in each row of a matrix."""
        return f"1 {x}"

    def everywhere(self, digit: str, shape: Sequence[str]) -> str:
        """An array of zeros or ones."""
        return self.call({"0": "zeros", "1": "ones"}[digit], shape)

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

    def both(self, conditions: Sequence[str]) -> str:
        """Conditions that hold together."""
        return " and ".join(conditions)

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

    def gradient(self, name: str, of: str, word: str, order: int) -> str:
        """The left side of a gradient's line: its name, or the derivative of `of` by `word`."""
        return name

    def whole(self, x: str) -> str:
        """A formula by itself."""
        return x

    def lines(self, rows: Sequence[tuple[str, str]]) -> str:
        """Equations below each other, as left and right sides."""
        width = max((len(left) for left, _ in rows), default=0)
        return "\n".join(f"{left:<{width}} = {right}" for left, right in rows)
