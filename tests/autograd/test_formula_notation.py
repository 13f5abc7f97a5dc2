"""How formulas are written: precedence, the three notations, and which primitives have a notation of their own."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd.numpy as anp
from autograd.formula import (
    Algebra,
    Latex,
    MathML,
    Table,
    Text,
    Translator,
    Value,
    has_notation,
    rule_mathml,
    write,
    write_rule,
)
from autograd.graph import leaf, set_mode
from autograd.numpy.registry import primitives
from autograd.program import read

from .reading import read_back

ROOT = Path(__file__).resolve().parents[2]
RNG = np.random.default_rng(0)
ARRAYS = {name: RNG.uniform(0.5, 1.5, (3, 3)) for name in "abcABC"} | {
    "u": RNG.uniform(0.5, 1.5, 3),
    "v": RNG.uniform(0.5, 1.5, 3),
    "k": RNG.uniform(0.5, 1.5, (3, 1)),
    "T": RNG.uniform(0.5, 1.5, (2, 3, 4)),
}


def formula(fun, simplify=False):
    """The formula of what `fun` computes from the arrays it names; its table, and the values."""
    tensors = {n: leaf(ARRAYS[n], name=n) for n in fun.__code__.co_varnames[: fun.__code__.co_argcount]}
    with set_mode(capturing=True, recording=True):
        out = fun(**tensors)
    program, table = read([out]), Table()
    if simplify:
        table.reduce = Algebra(table).reduce
    translate = Translator(table)
    for line in program.lines:
        known = line.primitive is None
        translate.values[line] = table.name(line.name, line.shape) if known else translate(line)
    value = translate.values[program.outputs[0]]
    return table, Value(table.reduced(value.expr), value.shape), out.data


PRECEDENCE = [
    (lambda a, b, c: a + b - c, "a + b - c"),
    (lambda a, b, c: a - (b + c), "a - b - c"),
    (lambda a, b: -(a + b), "-a - b"),
    (lambda a, b: -(a * b), "-a ∘ b"),
    (lambda a, b, c: (a + b) * c, "c ∘ (a + b)"),
    (lambda a, b, c: a * b + c, "a ∘ b + c"),
    (lambda a, b: a / b, "a / b"),
    (lambda a, b, c: a / (b * c), "a / (b ∘ c)"),
    (lambda a, b, c: (a + b) / c, "(a + b) / c"),
    (lambda a, b, c: a / (b + c), "a / (b + c)"),
    (lambda a, b: 1 / (a * b), "1 / (a ∘ b)"),
    (lambda a, b: a * 2 / 3 * b, "2 a ∘ b / 3"),
    (lambda a: -(a**2), "-a²"),
    (lambda a, b: (a * b) ** 2, "a² ∘ b²"),
    (lambda a, b: (a + b) ** 2, "(a + b)²"),
    (lambda a, b: (a + b) ** 1.5, "(a + b)^(3/2)"),
    (lambda a, b: anp.sqrt(a + b), "sqrt(a + b)"),
    (lambda a, b: anp.exp(a + b) * a, "a ∘ exp(a + b)"),
    (lambda A, B: A @ B, "A B"),
    (lambda A, B, C: A @ B @ C, "A B C"),
    (lambda A, B, C: A @ (B @ C), "A B C"),
    (lambda A, B, C: A @ (B + C), "A (B + C)"),
    (lambda A, B, C: (A @ B) * C, "(A B) ∘ C"),
    (lambda A, B, C: A @ (B * C), "A (B ∘ C)"),
    (lambda A, B, C: A @ B + C, "A B + C"),
    (lambda A, B: 2 * (A @ B), "2 A B"),
    (lambda A, B: A @ B / 3, "A B / 3"),
    (lambda A, B, C: A @ B / C, "(A B) / C"),
    (lambda A, B: A.T @ B, "Aᵀ B"),
    (lambda A, B, C: A @ (B + C).T, "A (B + C)ᵀ"),
    (lambda A: anp.exp(A).T @ A, "exp(A)ᵀ A"),
    (lambda A, u: A @ u, "A u"),
    (lambda u, v: u @ v, "uᵀ v"),
    (lambda u, v: anp.outer(u, v), "u vᵀ"),
    (lambda A, u: u[:, None] * A, "A ∘ (u 1ᵀ)"),
    (lambda A, u: u * A, "A ∘ u"),
    (lambda A, k: k * A, "A ∘ k"),
    (lambda A, u: A * (A @ u)[:, None], "((A u) 1ᵀ) ∘ A"),
    (lambda A, u, B: A.T @ (u[:, None] * B), "Aᵀ diag(u) B"),
    (lambda A: A.sum(axis=0), "sum over rows of A"),
    (lambda A: A.sum(axis=1), "sum over columns of A"),
    (lambda A, B: (A * B).sum(axis=0), "sum over rows of A ∘ B"),
    (lambda A, B: (A + B).sum(), "sum of (A + B)"),
    (lambda A, B: A.sum() * B, "(sum of A) B"),
    (lambda A, u: A.sum(axis=0) * u, "(sum over rows of A) ∘ u"),
    (lambda A: A / A.sum(axis=1, keepdims=True), "A / (sum over columns of A)"),
    (lambda A: A / A.sum(axis=0), "A / (sum over rows of A)"),
    (lambda A: A - A.max(axis=1, keepdims=True), "A - (max over columns of A)"),
    (lambda T: T.sum(axis=1, keepdims=True) * T, "(sum over axis 1 of T) ∘ T"),
    (lambda a, b: a * (b > a), "a ∘ 1[b > a]"),
    (lambda a, b: anp.where(a > b, a, b + a), "{a if a > b, else a + b}"),
    (lambda a, b: anp.maximum(a, b) * a, "a ∘ max(a, b)"),
    (lambda A, B: anp.linalg.inv(A) @ B, "A⁻¹ B"),
    (lambda A: (A * 2)[1:], "2 A[1:]"),
    (lambda A, B: anp.stack([A, A + B])[1], "A + B"),
    (lambda A, B: anp.log(A) @ B[:, 0], "log(A) B[:, 0]"),
]


@pytest.mark.parametrize(("fun", "text"), PRECEDENCE, ids=[text for _, text in PRECEDENCE])
def test_precedence(fun, text):
    table, value, expected = formula(fun)
    assert write(table, value, Text())[1] == text
    np.testing.assert_allclose(read_back(text, ARRAYS, value.shape) if "⁻¹" not in text else expected, expected)


INDICES = [
    (lambda T, A: anp.einsum("ijk,jl->kil", T, A), "Σ_l T[j,l,i] A[l,k]"),
    (lambda T: anp.transpose(T, (2, 0, 1)), "T[j,k,i]"),
    (lambda A: anp.einsum("ii->i", A), "A[i,i]"),
]


@pytest.mark.parametrize(("fun", "text"), INDICES, ids=[text for _, text in INDICES])
def test_what_has_no_matrix_notation_is_written_with_indices(fun, text):
    table, value, _ = formula(fun)
    assert write(table, value, Text(), "y") == (f"y[{','.join('ijk'[: len(value.shape)])}]", text)


LATEX = [
    (lambda A, B: A.T @ B / 3, r"\frac{A^{\top} \, B}{3}"),
    (lambda a, b: (a + b) * anp.exp(a), r"\left(a + b\right) \circ \exp\left(a\right)"),
    (lambda A: A.sum(axis=0), r"\sum_{\text{rows}} A"),
    (lambda a, b: a * (b > a), r"a \circ \mathbf{1}\left[b > a\right]"),
    (lambda a, b: anp.sqrt(a) * b**3, r"\sqrt{a} \circ b^{3}"),
    (lambda a: abs(a), r"\left|a\right|"),
    (lambda a, b: a + b * 1e-5, r"a + 10^{-5} \, b"),
    (lambda a, b: a + b * 2.5e-7, r"a + 2.5 \cdot 10^{-7} \, b"),
    (
        lambda a, b: anp.where(a > b, a, b) ** 2,
        r"\left(\begin{cases} a & \text{if } a > b \\ b & \text{else} \end{cases}\right)^{2}",
    ),
    (lambda A: A.sum(axis=0) + 0 * A, r"\mathbf{1} \, \left(\sum_{\text{rows}} A\right)"),
    (lambda A: A.sum() + 0 * A, r"\left(\sum A\right) \, \mathbf{1}_{3 \times 3}"),
    (lambda A: anp.linalg.norm(A[0]), r"\left\lVert {A}_{[0]} \right\rVert"),
    (lambda a, b: anp.where(a > b, a, b), r"\begin{cases} a & \text{if } a > b \\ b & \text{else} \end{cases}"),
]


@pytest.mark.parametrize(("fun", "latex"), LATEX, ids=[latex for _, latex in LATEX])
def test_latex(fun, latex):
    table, value, _ = formula(fun)
    assert write(table, value, Latex())[1] == latex


@pytest.mark.parametrize(
    ("name", "latex", "mathml"),
    [
        ("theta1", r"\theta_{1}", "<msub><mi>θ</mi><mi>1</mi></msub>"),
        ("W_hh", r"W_{\mathrm{hh}}", "<msub><mi>W</mi><mi>hh</mi></msub>"),
        ("xhat", r"\hat{x}", "<mover><mi>x</mi><mo>^</mo></mover>"),
        ("x_bar", r"\bar{x}", "<mover><mi>x</mi><mo>¯</mo></mover>"),
        ("lambda", r"\lambda", "<mi>λ</mi>"),
        ("lam", r"\lambda", "<mi>λ</mi>"),
        ("cost", r"\mathrm{cost}", "<mi>cost</mi>"),
        ("x[0]", "{x}_{[0]}", "<msub><mrow><mi>x</mi></mrow><mrow><mo>[</mo><mtext>0</mtext><mo>]</mo></mrow></msub>"),
        ("w_mu", r"w_{\mu}", "<msub><mi>w</mi><mi>mu</mi></msub>"),
        ("loss_of_50%", r"\mathrm{loss}_{\mathrm{of\_50\%}}", "<msub><mi>loss</mi><mi>of_50%</mi></msub>"),
    ],
)
def test_names(name, latex, mathml):
    assert (Text().name(name), Latex().name(name), MathML().name(name)) == (name, latex, mathml)


NUMBERS = {
    "2": 2, "1 / 2": 0.5, "1 / 3": 1 / 3, "0.003": 0.003, "1e-05": 1e-5, "1 / 5000": 1 / 5000, "3 / 4": 0.75,
    "0.1234": 0.1234, "2.718281828459045": float(np.e), "100000": 100000, "1 / 7": 1 / 7,
    "1e-200": 1e-200, "1e-310": 1e-310, "sqrt(2)": 2**0.5, "-sqrt(2) / 2": -1 / 2**0.5, "sqrt(3) / 3": 3**-0.5,
    "pi": np.pi, "-2 pi / 3": -2 * np.pi / 3, "pi / 180": np.radians(1), "1 / pi": 1 / np.pi, "4 pi²": (2 * np.pi) ** 2,
    "sqrt(pi)": np.pi**0.5, "sqrt(2 pi)": (2 * np.pi) ** 0.5, "1 / sqrt(2 pi)": (2 * np.pi) ** -0.5,
    "2 / sqrt(pi)": 2 / np.pi**0.5, "3.1415926": 3.1415926,
    "i": 1j, "-i": -1j, "2 i": 2j, "i / 2": 0.5j, "3 + 2 i": 3 + 2j, "3 - i": 3 - 1j,
}  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_are_written_exactly_and_short(text):
    table = Table()
    assert write(table, Value(Translator(table).number(NUMBERS[text]), ()), Text())[1] == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(5000, "m"), (1 / 5000, "1 / m"), (2 / 5000, "2 / m"), (0.05, "lambda / 2"), (0.1 / 10000, "lambda / (2 m)"),
     (-5000, "-m"), (5001, "5001"), (2, "2"), (5000**0.5, "sqrt(m)")],
)  # fmt: skip
def test_numbers_in_the_words_of_the_user(number, text):
    table = Table()
    value = Value(Translator(table, {"m": 5000, "lambda": 0.1}).number(number), ())
    assert write(table, value, Text())[1] == text


# -- every formula is sound in every notation ----------------------------------------------------------------------

LEAVES = st.sampled_from("abcABC")
TREES = st.recursive(
    LEAVES,
    lambda trees: st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "/", "@"]), trees, trees),
        st.tuples(st.sampled_from(["neg", "square", "exp", "T", "half", "rows", "columns", "all", "where"]), trees),
    ),
    max_leaves=6,
)
BINARY = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / (y * y + 1),
    "@": lambda x, y: x @ y,
}
UNARY = {
    "neg": lambda x: -x,
    "square": lambda x: x**2,
    "exp": lambda x: anp.exp(-x * x),
    "T": lambda x: x.T,
    "half": lambda x: x / 2,
    "rows": lambda x: x.sum(axis=0, keepdims=True) + x,
    "columns": lambda x: x.sum(axis=1, keepdims=True) + x,
    "all": lambda x: x.sum() + x,
    "where": lambda x: anp.where(x > 1, x, 0.5),
}


def grown(tree, leaves):
    if isinstance(tree, str):
        return leaves[tree]
    op, *parts = tree
    values = [grown(p, leaves) for p in parts]
    return BINARY[op](*values) if op in BINARY else UNARY[op](*values)


@pytest.mark.parametrize("simplify", [False, True], ids=["plain", "simplified"])
@settings(max_examples=200, deadline=None, derandomize=True)
@given(tree=TREES)
def test_random_formulas_read_back(simplify, tree):
    def fun(a, b, c, A, B, C):
        return grown(tree, {"a": a, "b": b, "c": c, "A": A, "B": B, "C": C}) * 1

    table, value, expected = formula(fun, simplify)
    text = write(table, value, Text())[1]
    np.testing.assert_allclose(read_back(text, ARRAYS, value.shape), expected, rtol=1e-7, atol=1e-7, err_msg=text)
    check_mathml(MathML().whole(write(table, value, MathML())[1]))


CORE_ELEMENTS = """
    math mi mn mo mrow mtext mspace ms mfrac msqrt mroot mstyle mpadded mphantom msub msup msubsup munder mover
    munderover mmultiscripts mtable mtr mtd merror semantics annotation"""
CORE = set(CORE_ELEMENTS.split())
CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3}
TOKENS = {"mi", "mn", "mo", "mtext"}


def check_mathml(source):
    """Well-formed XML of MathML Core's elements, each with the children it may have."""
    root = ElementTree.fromstring(source)
    space = "{http://www.w3.org/1998/Math/MathML}"
    assert root.tag == space + "math"
    for element in root.iter():
        assert element.tag.startswith(space), element.tag
        tag = element.tag.removeprefix(space)
        inside = [child.tag.removeprefix(space) for child in element]
        assert tag in CORE, tag
        assert len(inside) == CHILDREN.get(tag, len(inside)), (tag, inside)
        assert set(inside) <= {"mtable": {"mtr"}, "mtr": {"mtd"}}.get(tag, CORE - {"mtr", "mtd"}), (tag, inside)
        assert (not inside and element.text) if tag in TOKENS else not (element.text or "").strip()


@pytest.mark.parametrize(
    "bad",
    ["<mi>x</mi>", "<math><mi>x</mi></math>"]
    + [
        f'<math xmlns="http://www.w3.org/1998/Math/MathML">{inner}</math>'
        for inner in ("<mfrac><mi>x</mi></mfrac>", "<mfenced/>", "x", "<mtable><mi>x</mi></mtable>", "<mi/>")
    ],
)
def test_the_mathml_check_can_fail(bad):
    with pytest.raises(AssertionError):
        check_mathml(bad)


KNOWN_MACROS = r"""
    frac partial top circ left right sum prod max min text mathbf mathrm operatorname sqrt exp log tanh sigma begin end
    hat bar tilde theta delta lambda gamma beta mu neq leq geq cos sin _ % , \
"""
MACROS = set(KNOWN_MACROS.split())


def check_latex(source):
    """Braces, environments, scripts and fences in order, and no macro that KaTeX or amsmath does not have."""
    convert = pytest.importorskip("latex2mathml.converter", reason="latex2mathml is not installed").convert
    walker = pytest.importorskip("pylatexenc.latexwalker", reason="pylatexenc is not installed").LatexWalker
    walker(f"$${source}$$", tolerant_parsing=False).get_latex_nodes()
    convert(source)
    assert set(re.findall(r"\\([A-Za-z]+|.)", source)) <= MACROS, source


BAD = [r"\frac{a}{b", r"\left(a", r"a^{b}^{c}", r"\begin{cases} a \end{aligned}", r"\nosuch a"]


@pytest.mark.parametrize("bad", BAD)
def test_the_latex_check_can_fail(bad):
    with pytest.raises(Exception):  # noqa: B017, PT011 - each parser has errors of its own
        check_latex(bad)


@pytest.mark.parametrize(("fun", "text"), PRECEDENCE, ids=[text for _, text in PRECEDENCE])
def test_every_form_is_sound_latex_and_mathml(fun, text):
    table, value, _ = formula(fun)
    check_latex(Latex().lines([write(table, value, Latex(), "y")]))
    check_mathml(MathML().lines([write(table, value, MathML(), "<mi>y</mi>")]))


def test_katex_typesets_every_form():
    node = shutil.which("node")
    if node is None or subprocess.run([node, "-e", "require('katex')"], cwd=ROOT, capture_output=True).returncode:
        pytest.skip("KaTeX is not installed (npm install katex, or NODE_PATH set to where it is)")
    script = (
        "let s='';process.stdin.on('data',d=>s+=d).on('end',()=>{for(const x of JSON.parse(s))"
        "require('katex').renderToString(x,{displayMode:true,throwOnError:true,strict:'error'})})"
    )
    pages = [Latex().lines([write(*formula(fun)[:2], Latex(), "y")]) for fun, _ in PRECEDENCE + LATEX]
    done = subprocess.run([node, "-e", script], input=json.dumps(pages), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# -- rules, and the registry -----------------------------------------------------------------------------------------

MATRIX, VECTOR = np.ones((5, 3)), np.ones(3)
RULES = [
    ("multiply", 0, [MATRIX, MATRIX], {}, "g ∘ y"),
    ("multiply", 1, [MATRIX, VECTOR], {}, "sum over rows of g ∘ x"),
    ("divide", 1, [MATRIX, MATRIX], {}, "-g ∘ out / y"),
    ("add", 1, [MATRIX, VECTOR], {}, "sum over rows of g"),
    ("sigmoid", 0, [MATRIX], {}, "g ∘ out ∘ (1 - out)"),
    ("tanh", 0, [MATRIX], {}, "g ∘ (1 - out²)"),
    ("exp", 0, [MATRIX], {}, "g ∘ out"),
    ("log", 0, [MATRIX], {}, "g / x"),
    ("sqrt", 0, [MATRIX], {}, "g / (2 out)"),
    ("relu", 0, [MATRIX], {}, "g ∘ 1[x > 0]"),
    ("power", 0, [MATRIX, 3], {}, "3 g ∘ x²"),
    ("multiply", 1, [1j, MATRIX + 0j], {}, "i g"),
    ("matmul", 0, [MATRIX, np.ones((3, 2))], {}, "g yᵀ"),
    ("matmul", 1, [MATRIX, np.ones((3, 2))], {}, "xᵀ g"),
    ("matmul", 1, [MATRIX, VECTOR], {}, "xᵀ g"),
    ("sum", 0, [MATRIX], {"axis": 0}, "1 gᵀ"),
    ("sum", 0, [MATRIX], {"axis": 1}, "g 1ᵀ"),
    ("sum", 0, [MATRIX], {}, "g ones(5, 3)"),
    ("mean", 0, [MATRIX], {"axis": 0}, "1 gᵀ / 5"),
    ("mean", 0, [MATRIX], {"axis": 1}, "g 1ᵀ / 3"),
    ("transpose", 0, [MATRIX], {}, "gᵀ"),
    ("softmax", 0, [MATRIX], {}, "(g - (sum over columns of g ∘ out)) ∘ out"),
    ("log_softmax", 0, [MATRIX], {}, "g - (sum over columns of g) ∘ softmax(x)"),
    ("greater", 0, [MATRIX, 0], {}, "0"),
]


@pytest.mark.parametrize(("name", "argument", "args", "kwargs", "text"), RULES, ids=lambda x: str(x)[:24])
def test_one_rule_as_mathematics(name, argument, args, kwargs, text):
    assert write_rule(primitives[name], argument, args, kwargs) == text
    check_mathml(rule_mathml(primitives[name], argument, args, kwargs=kwargs))


def test_a_rule_in_the_words_of_the_user():
    names = {"names": ["a1", "theta2"], "g": "delta3", "out": "z2"}
    assert write_rule(primitives["matmul"], 0, [np.ones((5, 3)), np.ones((3, 2))], **names) == "delta3 theta2ᵀ"


def test_complex_parts_are_typeset_as_mathematics():
    z = leaf(MATRIX * 1j, name="z")
    with set_mode(capturing=True, recording=True):
        line = read([anp.real(anp.conjugate(z))]).outputs[0]
    table = Table()
    translate = Translator(table)
    translate.values[line.args[0].args[0]] = table.name("z", line.shape)
    translate.values[line.args[0]] = translate(line.args[0])
    value = translate(line)
    assert write(table, value, Latex())[1] == r"\operatorname{Re}\left(\overline{z}\right)"
    assert "<mover><mrow><mi>z</mi></mrow><mo>¯</mo></mover>" in write(table, value, MathML())[1]


def test_exponents_in_mathml():
    exponents = {
        "2": "<mn>2</mn>",
        "3/2": "<mn>3/2</mn>",
        "-1": "<mrow><mo>−</mo><mn>1</mn></mrow>",
        "<mi>c</mi>": "<mrow><mi>c</mi></mrow>",
    }
    for exponent, written in exponents.items():
        assert MathML().power("<mi>x</mi>", exponent) == f"<msup><mrow><mi>x</mi></mrow>{written}</msup>"


def test_the_constants_of_a_rule_have_words():
    w, _ = anp.linalg.eigh(leaf(np.diag([1.0, 2.0]), name="S"))
    rule = write_rule(w.record[1][0].record[0], 0, [np.diag([1.0, 2.0])], names=["S"], out="t")
    inner = "(diag(g[0]) + (t[1]ᵀ g[1]) ∘ offdiagonal / (t[0] + I - t[0] 1ᵀ))"
    whole = f"(t[1] {inner} t[1]ᵀ)"
    assert rule == f"{whole} ∘ I + {whole} ∘ lower + (t[1] {inner}ᵀ t[1]ᵀ) ∘ lower"


# Primitives that are written as their name and arguments, though they are no function of each entry.
CALLED_BY_NAME = {
    "flip roll tril triu diagonal place_diagonal item": "moves of entries that have no sign of their own",
    "cumprod convolve unwrap bincount": "running sums and products along an axis",
    "argsort argpartition lexsort nanargmax nanargmin argmax_so_far argmin_so_far place_numbers": "give positions",
    "searchsorted digitize count_nonzero": "count entries",
    "empty_like": "has no value",
    "linalg. fft. scipy.": "mathematics calls them by these names",
}


def test_every_primitive_has_a_notation_or_a_reason_to_be_called_by_name():
    reasons = tuple(name for names in CALLED_BY_NAME for name in names.split())
    bare = [
        name
        for name, p in primitives.items()
        if not has_notation(p) and name not in reasons and not name.startswith(reasons[-3:])
    ]
    assert not bare, f"no row in formula.rows, no notation in formula.arrays, no reason here: {bare}"


def test_a_primitive_without_notation_is_called_by_name():
    table, value, _ = formula(lambda A, u: anp.linalg.solve(A, anp.flip(u)))
    assert write(table, value, Text())[1] == "solve(A, flip(u))"


def test_numbers_in_rules_have_the_digits_that_a_reader_wants():
    x = np.ones(3)

    def words(name, number):
        return re.sub("<[^>]*>|&#x2062;", "", rule_mathml(primitives[name], 0, [x, number], names=["x", None]))

    assert words("multiply", np.e) == "2.71828g"
    assert words("power", np.e) == "2.71828g∘x1.71828"
    assert words("divide", 1e-300) == "10300g"
    assert words("multiply", 1 / 3) == "g3"
    assert words("power", 2.5) == "5g∘x3/22"  # 5 g ∘ x^(3/2) over 2
