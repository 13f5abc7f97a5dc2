"""What a student would try, and the formula as a textbook prints it; each text is read back and computed with NumPy."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, cotangents, derive
from autograd.errors import NotConnectedError

from .reading import read_line

SHAPES = {
    "S": (3, 3), "W": (3, 3), "X": (5, 3), "T": (5, 3),
    "Q": (5, 5), "R": (5, 5), "w": (3,), "u": (3,), "g": (3,), "b": (3,), "x": (4,), "y": (5,),
}  # fmt: skip


def arrays():
    rng = np.random.default_rng(3)
    return {name: rng.uniform(0.3, 1.5, shape) for name, shape in SHAPES.items()} | {"t": np.array([2, 0, 1, 1, 0])}


def batch_normalized(X, T, g, b):
    mu, v = X.mean(axis=0), X.var(axis=0)
    Xhat = (X - mu) / anp.sqrt(v + 1e-5)
    return ((g * Xhat + b) * T).sum(), {"mu": mu, "v": v, "Xhat": Xhat}


def softmax_by_hand(W, X, t):
    S = X @ W
    E = anp.exp(S - S.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -anp.log(P[np.arange(5), t]).mean(), {"P": P}


TEXTBOOK = {
    # numbers
    "dw = 0.09 u": lambda w, u: (0.3 * (1 - 0.7) * w * u).sum(),
    "dx = abs(x)² ∘ sign(x) / (sum of abs(x)³)^(2/3)": lambda x: (abs(x) ** 3).sum() ** (1 / 3.0),
    "dw = 1.4143395205429794 w / sqrt(sum of w²)": lambda w: anp.sqrt((w * w).sum() * 2.000356279369745),
    "dw = 2 pi cos(2 pi w)": lambda w: anp.sin(2 * np.pi * w).sum(),
    "dw = -w ∘ exp(-w² / 2) / sqrt(2 pi)": lambda w: (anp.exp(-(w**2) / 2) / np.sqrt(2 * np.pi)).sum(),
    "dx = (x - (sum of x) / 4) / 2": lambda x: anp.var(x),
    "dX = (X - (sum over rows of X) / 5) / 2": lambda X: anp.var(X, axis=0, ddof=1).sum(),
    # the Matrix Cookbook
    "dW = 2 trace(W) I": lambda W: anp.trace(W) ** 2,
    "dW = 3 Wᵀ Wᵀ": lambda W: anp.trace(W @ W @ W),
    "dW = 4 Wᵀ Wᵀ Wᵀ": lambda W: anp.trace(W @ W @ W @ W),
    "dX = R Q X S + Qᵀ Rᵀ X Sᵀ": lambda X, S, Q, R: anp.trace(Q @ X @ S @ X.T @ R),
    "dW = -(W⁻¹)ᵀ Sᵀ (W⁻¹)ᵀ": lambda W, S: anp.trace(anp.linalg.inv(W) @ S),
    "dW = (W⁻¹)ᵀ": lambda W: anp.linalg.slogdet(2 * np.pi * W)[1],
    "dX = 2 X (Xᵀ X)⁻¹": lambda X: anp.linalg.slogdet(X.T @ X)[1],
    "dw = Tᵀ (Q + Qᵀ) (T w - y)": lambda w, T, Q, y: (y - T @ w) @ Q @ (y - T @ w),
    "dS = diag(1 / w)": lambda S, w: (anp.diagonal(S) / w).sum(),
    "dw = log((1 + w) / 2)": lambda w: ((1 + w) * (anp.log((1 + w) / 2) - 1)).sum(),
    # what NumPy alone computed from named arrays
    "dw = 2 Tᵀ (T w - log(y))": lambda w, T, y: ((T @ w - np.log(y)) ** 2).sum(),
    "dw = 2 (Xᵀ X w - Xᵀ y)": lambda w, X, y: w @ (X.T @ X) @ w - 2 * w @ (X.T @ y),
    "dw = 0.15 (S + Sᵀ) w + w / 10": lambda w, S: w @ (0.3 * (S + 0)) @ w / 2 + w @ (0.1 * np.eye(3)) @ w / 2,
    "dw = sum over columns of (w 1ᵀ - y)": lambda w, y: ((y[:, None] - w) ** 2).sum() / 2,
    "dQ = y (y³)ᵀ": lambda Q, y: y @ Q @ y**3,
    # what the user gave no name has one only where that is shorter
    "dw = -Tᵀ (1 - sigmoid(T w))": lambda w, T: -anp.log(anp.sigmoid(T @ w)).sum(),
    # a centred array adds up to 0 over its rows, in a product too
    "dX = 2 ((X - (sum over rows of X) / 5) w) wᵀ / 5": lambda X, w: (((X - X.mean(axis=0)) @ w) ** 2).sum() / 5,
    # logistic regression
    "dw = Xᵀ (sigmoid(X w) - y)": lambda X, w, y: (anp.logaddexp(0, X @ w) - y * (X @ w)).sum(),
    "dw = sigmoid(w - u)": lambda w, u: anp.logaddexp(w, u).sum(),
    # choices
    "dw = 2 {1 / 2 if w = 0, else 1[w > 0]} - {1 / 2 if w = 0, else 1[w < 0]}": lambda w: anp.maximum(2 * w, -w).sum(),
    "dw = 2 max(0, w)": lambda w: (anp.maximum(0, w) ** 2).sum(),
    "dw = 3 u ∘ relu(w - u)²": lambda w, u: (u * anp.relu(w - u) ** 3).sum(),
    "dw = u / norm(w) - (wᵀ u) w / norm(w)³": lambda w, u: w @ u / anp.linalg.norm(w),
    "dw = sigmoid(2 w) - sigmoid(-2 w)": lambda w: anp.logaddexp(w, -w).sum(),
    # softmax regression on the numbers of classes
    "dW = Xᵀ (softmax(X W) - one_hot(t)) / 5": lambda W, X, t: -anp.log_softmax(X @ W)[np.arange(5), t].mean(),
    "dW = Xᵀ (P - one_hot(t)) / 5": softmax_by_hand,
    "dW = Xᵀ diag(y) one_hot(t)": lambda W, X, t, y: ((X @ W)[np.arange(5), t] * y).sum(),
    # reductions whatever way their arguments were given, and with more of them
    "dX = 1 (2 (sum over rows of X))": lambda X: (X.sum(0, None, None, True) ** 2).sum(),
    "dX = 1 (2 (3 + (sum over rows of X)))": lambda X: (anp.sum(X, axis=0, initial=3.0) ** 2).sum(),
    "dw = 2 w ∘ (1 - 1[isnan(w²)])": lambda w: anp.nansum(w * w),
    "dX = 1[X = max over columns of X] / max(sum over columns of 1[X = max over columns of X], 1)": (
        lambda X: X.max(1).sum()
    ),
    "dw = w[0] scatter(1, [1]) + w[1] scatter(1, [0])": lambda w: w[..., 0] * w[..., 1],
    "dX = 2 scatter(X[:, 0], [:, 0])": lambda X: (X[..., 0] ** 2).sum(),
    # a sum over rows is a row, over columns a column, and a product has them as it needs them
    "dX = T (1 / (sum over rows of X)ᵀ) - ((sum over columns of X)ᵀ T) / (sum over rows of X)²": (
        lambda X, T: (X.sum(axis=1, keepdims=True) * T / X.sum(axis=0)).sum()
    ),
    "dX = (sum over columns of X) (sum over rows of X) + (sum over columns of X)ᵀ X + X (sum over rows of X)ᵀ": (
        lambda X: X.sum(axis=1) @ X @ X.sum(axis=0)
    ),
    # quadratic forms
    "dw = ((sum of w²) (S + Sᵀ) w - 2 (wᵀ S w) w) / (sum of w²)²": lambda w, S: w @ S @ w / (w @ w),
    "dw = (S + Sᵀ) w / (wᵀ S w)": lambda w, S: anp.log(w @ S @ w),
    "dS = 2 (wᵀ S u) w uᵀ": lambda S, w, u: (w @ S @ u) ** 2,
    "dS = 2 (uᵀ S w) u wᵀ": lambda S, w, u: (w @ S.T @ u) ** 2,
    # the number in a root stays beside what it is added to
    "dw = w / sqrt(w² + 1 / 2)": lambda w: anp.sqrt(w**2 + 0.5).sum(),
    "dw = -u / (w + 1e-05)²": lambda w, u: (u / (w + 1e-5)).sum(),
    "dX = (5 T - (sum over rows of Xhat ∘ T) ∘ Xhat - (sum over rows of T)) ∘ g / (5 sqrt(v + 1e-05))": (
        batch_normalized
    ),
}


@pytest.mark.parametrize("text", TEXTBOOK)
def test_it_is_printed_as_in_a_textbook(text):
    fun, known = TEXTBOOK[text], arrays()
    word = text.split("[")[0].split(" ")[0][1:]
    given = {n: known[n] for n in fun.__code__.co_varnames[: fun.__code__.co_argcount]}
    given[word] = Tensor(given[word], requires_grad=True)
    cost = fun(**given)
    cost, inner = cost if isinstance(cost, tuple) else (cost, {})
    made = derive(cost, [word], given | inner)
    assert made.text == text
    assert made.check() < 1e-9
    known |= {n: t.data for n, t in inner.items()}
    read = read_line(text, known, known[word].shape)
    np.testing.assert_allclose(read, cotangents(cost, [given[word]])[0], rtol=1e-9)


def test_a_letter_stands_for_one_thing():
    rng = np.random.default_rng(1)
    S, x = Tensor(rng.random((3, 3)), requires_grad=True), Tensor(rng.random(3), requires_grad=True)
    cost = 2 * anp.trace(S) + (anp.diag(x) * S).sum()
    assert str(derive(cost, [S], {"S": S, "x": x}).text) == "dS = diag(x) + 2 I"
    assert str(derive(cost, [S], {"I": S, "x": x}).text) == "dI = diag(x) + 2 eye(3)"
    assert str(derive(7.3 * anp.trace(S), [S], {"S": S}, symbols={"I": 7.3}).text) == "dS = I eye(3)"

    z, T = Tensor(rng.random(3) + 1j, requires_grad=True), rng.random((3, 3, 3))
    for name, unit in (("z", "i"), ("i", "j")):
        made = derive(anp.real((1j * z**2).sum()), [z], {name: z})
        assert made.text == f"d{name} = 2 {unit} {name}"
    cost = anp.real(anp.einsum("abc,a,b->c", T, x, 1j * z).sum())
    made = derive(cost, [z], {"z": z, "x": x, "T": T})
    assert made.text == "dz[j] = i (Σ_k,l x[k] T[k,j,l])"
    assert made.check() < 1e-12
    made = derive((anp.einsum("i,ijk->jk", x, T) ** 2).sum() / 7.3, [x], {"x": x, "T": T}, symbols={"j": 7.3})
    assert made.text == "dx[i] = 2 (Σ_k,l (Σ_p x[p] T[p,k,l]) T[i,k,l]) / j"


def test_names_that_would_look_the_same_are_typeset_as_typed():
    x, y = (Tensor(np.random.default_rng(i).random(3), requires_grad=True) for i in (1, 2))
    made = derive((x * y**2).sum(), [x, y], {"x1": x, "x_1": y})
    assert made.latex.splitlines()[2].endswith(r"&= 2 \, \mathrm{x1} \circ \mathrm{x\_1}")
    assert "<mi>x1</mi><mo>∘</mo><mi>x_1</mi>" in made.mathml
    made = derive((x * y**2).sum(), [x, y], {"lam": x, "lambda": y})
    assert r"\mathrm{lam} \circ \mathrm{lambda}" in made.latex
    assert r"x_{1} \circ x_{2}" in derive((x * y**2).sum(), [y], {"x1": x, "x2": y}).latex


def test_an_option_of_a_reduction_is_said():
    X = Tensor(np.random.default_rng(1).random((5, 3)), requires_grad=True)
    made = derive(anp.std(X, axis=1, ddof=1).sum(), [X], {"X": X})
    assert "std(X, axis=1, ddof=1)" in made.text
    assert "std over" not in made.text
    made = derive((anp.max(X, axis=1, initial=0.1) ** 2).sum(), [X], {"X": X})
    assert "max(X, axis=1, initial=0.1)" in made.text
    assert made.check() < 1e-12


def test_a_mahalanobis_distance():
    known = arrays()
    x, S = Tensor(known["w"], requires_grad=True), Tensor(known["W"], requires_grad=True)
    mu = known["u"]
    made = derive((x - mu) @ anp.linalg.inv(S) @ (x - mu) / 2, [x, S], {"x": x, "mu": mu, "S": S})
    assert made.text.splitlines() == [
        "dx = (S⁻¹ + (S⁻¹)ᵀ) (x - mu) / 2",
        "dS = ((S⁻¹)ᵀ (mu - x)) (S⁻¹ (x - mu))ᵀ / 2",
    ]
    assert made.check() < 1e-9


def test_what_an_entry_is_compared_with_is_not_solved_for():
    x = Tensor([0.3, -2.0, 1.7], requires_grad=True)
    J = anp.nanmax(x) + (x**2).sum()
    made = derive(J, [x], {"x": x, "J": J})
    assert "J" not in made.text
    assert made.check() < 1e-12


def test_the_order_of_a_derivative_is_a_whole_number():
    x = Tensor([0.0, 0.3, -2.0], requires_grad=True)
    assert derive(anp.sinc(x).sum(), [x], {"x": x}).check() < 1e-12


def test_a_mask_that_holds_everywhere_is_no_number():
    X, mask = Tensor(np.random.default_rng(1).random((2, 3)), requires_grad=True), np.array([True] * 3)
    made = derive((X[:, mask] ** 2).sum(), [X], {"X": X})
    assert made.text == "dX = 2 scatter(X[:, c1], [:, c1])"
    assert made.check() < 1e-12
    named = np.array([True, False, True, True])
    made = derive((X[:, named[:3]] ** 2).sum(), [X], {"X": X, "named": named})
    assert made.text == "dX = 2 scatter(X[:, c1], [:, c1])"
    assert made.check() < 1e-12


def test_what_is_only_compared_has_no_slope():
    x, a = Tensor([-1.0, 0.5, 2.0], requires_grad=True), Tensor(2.0, requires_grad=True)
    cost = anp.where(a * x > 0, x**2, 0).sum()
    made = derive(cost, [x, a], locals(), order=2)
    assert {step.name: step.expression for step in made.steps if step.name in ("da", "d2a")} == {"da": "0", "d2a": "0"}
    assert made.check() < 1e-9
    with pytest.raises(NotConnectedError, match=r"^derive: no cotangent reaches a, which 'delta' is to name$"):
        derive(cost, [x], locals(), deltas={"delta": a})


def test_the_number_of_a_symbol_is_always_written_so():
    r, d, sigma, eps = Tensor([0.5, -2.0, 3.0], requires_grad=True), 1.5, 1.1, 0.3
    huber = anp.where(abs(r) <= d, r**2 / 2, d * (abs(r) - d / 2)).sum()
    assert derive(huber, [r], locals(), symbols={"d": d}).text == "dr = {r if abs(r) ≤ d, else d sign(r)}"
    smooth = (d**2 * (anp.sqrt(1 + (r / d) ** 2) - 1)).sum()
    made = derive(smooth, [r], locals(), symbols={"d": d})
    assert made.text == "dr = d r / sqrt(d² + r²)"
    assert made.check() < 1e-12
    lennard_jones = (4 * eps * ((sigma / r) ** 12 - (sigma / r) ** 6)).sum()
    made = derive(lennard_jones, [r], locals(), symbols={"eps": eps, "sigma": sigma})
    assert made.text == "dr = 24 eps sigma⁶ (r⁶ - 2 sigma⁶) / r¹³"
    assert made.check() < 1e-12


def test_a_size_that_all_terms_are_divided_by_stands_once():
    known = arrays()
    W, X, T = Tensor(known["W"], requires_grad=True), known["X"], known["T"]
    S = X @ W
    cost = (anp.log(anp.exp(S).sum(axis=1)) - (S * T).sum(axis=1)).mean()
    made = derive(cost, [W], {"W": W, "S": S, "X": X, "T": T}, symbols={"m": 5})
    assert made.text == "dW = Xᵀ (exp(S) / (sum over columns of exp(S)) - T) / m"
    assert made.check() < 1e-12


def test_pi_is_written_so_unless_it_is_the_name_of_something():
    pi, x = Tensor([0.2, 0.8], requires_grad=True), Tensor([1.0, 2.0], requires_grad=True)
    made = derive((pi * anp.sin(2 * np.pi * x)).sum(), [x], locals())
    assert made.text == "dx = 6.283185307179586 pi ∘ cos(6.283185307179586 x)"
    assert made.check() < 1e-12
    made = derive(np.pi * (x @ x), [x], {"x": x})
    assert (made.text, made.check() < 1e-12) == ("dx = 2 pi x", True)
    assert made.latex.splitlines()[1].endswith(r"= 2 \, \pi \, x")


def test_data_may_be_symmetric(rng):
    X, w = rng.standard_normal((9, 3)), Tensor(rng.standard_normal(3), requires_grad=True)
    S, mu = X.T @ X, X.mean(axis=0)
    made = derive(w @ mu - 1.5 * w @ S @ w, [w], {"w": w, "mu": mu, "S": S})
    assert made.text == "dw = mu - 3 S w"
    assert made.check() < 1e-12
    assert made.notes == ["(in these data, S is symmetric)"]
    A = Tensor(S, requires_grad=True)  # what is differentiated is not, though its numbers are
    assert derive(w @ A @ w, [w], {"w": w, "A": A}).text == "dw = (A + Aᵀ) w"


def test_a_covariance_is_symmetric(rng):
    W, psi, S = Tensor(rng.random((4, 2)), requires_grad=True), Tensor(rng.random(4) + 1, requires_grad=True), np.eye(4)
    S[0, 1] = S[1, 0] = 0.5
    M = W @ W.T + anp.diag(psi)
    cost = (anp.linalg.slogdet(M)[1] + anp.trace(anp.linalg.inv(M) @ S)) / 2
    made = derive(cost, [W, psi], locals())
    assert made.text.splitlines()[0] == "dM   = (M⁻¹ - M⁻¹ S M⁻¹) / 2"
    P = np.linalg.inv(M.data)
    assert made.check() < 1e-9
    np.testing.assert_allclose(cotangents(cost, [W])[0], (P - P @ S @ P) @ W.data, rtol=1e-9)


def test_what_is_almost_a_product_or_a_logarithm_is_neither(rng):
    X, y, w = rng.random((5, 3)), rng.random(5), Tensor(rng.random(3), requires_grad=True)
    for constant in (np.log(y) * (1 + 1e-9), X @ np.ones(3) + [0, 0, 0, 0, 1e-9]):
        made = derive(constant @ (X @ w), [w], {"w": w, "X": X, "y": y})
        assert made.text == "dw = Xᵀ c1"
        assert made.notes == ["(c1 is a constant array of shape (5,); names= may give it a word)"]


def test_the_gradient_of_a_gaussian_process(rng):
    X, y, length = rng.random(5), rng.random(5), Tensor(1.3, requires_grad=True)
    D = (X[:, None] - X) ** 2
    K = anp.exp(-D / (2 * length**2)) + 0.1 * np.eye(5)
    cost = 0.5 * y @ anp.linalg.solve(K, y) + 0.5 * anp.linalg.slogdet(K)[1]
    made = derive(cost, [length], {"l": length, "D": D, "K": K, "y": y})
    text = "dl = (sum of D ∘ exp(-D / (2 l²)) ∘ (K⁻¹ - solve(K, y) solve(K, y)ᵀ)) / (2 l³)"
    assert made.text == text
    assert made.check() < 1e-9
    alpha, slope = np.linalg.solve(K.data, y), np.exp(-D / (2 * 1.3**2)) * D / 1.3**3
    by_hand = np.trace((np.linalg.inv(K.data) - np.outer(alpha, alpha)) @ slope) / 2
    np.testing.assert_allclose(cotangents(cost, [length])[0], by_hand, rtol=1e-9)


def test_entries_under_a_mask():
    x, mask = Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True), np.array([True, False, True, True])
    made = derive((x[mask] ** 2).sum(), [x], {"x": x, "mask": mask})
    assert made.text == "dx = 2 scatter(x[mask], [mask])"
    assert made.check() == 0


def test_matrices_of_one_entry():
    A, X = Tensor([[2.0]], requires_grad=True), Tensor([[1.0], [2.0], [4.0]], requires_grad=True)
    made = derive(anp.linalg.inv(3 * A).sum(), [A], {"A": A})
    assert (made.text, made.check() < 1e-12) == ("dA = -1 / (3 A²)", True)
    made = derive(anp.linalg.slogdet(X.T @ X)[1], [X], {"X": X})
    assert (made.text, made.check() < 1e-12) == ("dX = 2 X / (sum of X²)", True)
