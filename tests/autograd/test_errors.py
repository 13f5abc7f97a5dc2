"""One message of each kind, to the letter: what is wrong, where, and what to try."""

import inspect
import math
import re
import subprocess
import sys

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, check_grads, checkpoint, cotangents, debug_nans, errors, grad, jacobian
from autograd.graph import Primitive
from autograd.program import trace

CLASSES = {
    name: cls for name, cls in vars(errors).items() if inspect.isclass(cls) and issubclass(cls, errors.AutogradError)
}


@pytest.fixture
def w():
    return Tensor(np.array([1.0, 2.0]), requires_grad=True, name="w")


def test_the_docstring_draws_the_whole_tree():
    drawn = re.findall(r"- (\w+)\s*\((\w+)\)", errors.__doc__)
    assert {name for name, _ in drawn} == set(CLASSES) - {"AutogradError"}
    for name, builtin in drawn:
        assert issubclass(CLASSES[name], eval(builtin))
        assert CLASSES[name].__bases__[0] is errors.AutogradError
        assert CLASSES[name].__doc__


def message(kind, act) -> str:
    with pytest.raises(kind) as caught:
        act()
    assert type(caught.value) is kind
    return str(caught.value)


def test_no_rule_error(w):
    lame = Primitive(np.add, "lame", [lambda g, out, x, y: g])
    assert message(errors.NoRuleError, lambda: lame(w, w).sum().backward()) == (
        "lame has no derivative rule for argument 1; write one with autograd.extend.defvjp, "
        "or pass that argument's .data to hold it constant"
    )
    twice = Primitive(lambda x, by=2: x * by, "twice", [lambda g, out, x, by=2: g * by])
    assert message(errors.NoRuleError, lambda: twice(np.ones(2), by=w)) == (
        "twice: no rule for a Tensor as keyword argument 'by'; "
        "pass it by position if the function allows, or pass its .data to treat it as a constant"
    )
    assert message(errors.NoRuleError, lambda: np.subtract.reduce(w)) == (
        "no rule for subtract.reduce(w(2,)); nearest: subtract. Write one with autograd.extend.primitive and defvjp, "
        "or pass .data to hold the argument constant"
    )


def test_undefined_error():
    w = Tensor(2.0, requires_grad=True, name="w")

    def scaled(x):
        return x * w

    assert message(errors.UndefinedError, lambda: checkpoint(scaled)(Tensor(1.0, requires_grad=True))) == (
        "the checkpointed scaled uses w() besides its arguments, and would lose that gradient; pass it as an argument, "
        "by position"
    )


def test_not_connected_error():
    cost = Tensor([1.0, 2.0], name="cost")
    assert message(errors.NotConnectedError, lambda: cost.backward(np.ones(2))) == (
        "cost(2,) depends on no tensor that requires a gradient; make the parameters with requires_grad=True, "
        "and check that it was not computed under no_grad() or from detach() or .data"
    )


def test_graph_error(w):
    y = (w * w).sum()
    y.backward()
    assert message(errors.GraphError, y.backward) == (
        "this graph was spent by an earlier backward(), after which its arrays may have changed; "
        "pass retain_graph=True to the first call, or compute the output again"
    )
    z = (w * w).sum()
    w.data = np.zeros(2)
    assert message(errors.GraphError, lambda: cotangents(z, [w], create_graph=True)) == (
        "the data of w(2,) was replaced after multiply was recorded; "
        "compute the output again before differentiating it twice"
    )


def test_rule_error(w):
    def of(rule):
        return lambda: Primitive(lambda x: x * 1.0, "wrong", [rule])(w).sum().backward()

    assert message(errors.RuleError, of(lambda g, out, x: np.ones(3))) == (
        "the rule of wrong for argument 0 returned a cotangent of shape (3,) for a value of shape (2,)"
    )
    assert message(errors.RuleError, of(lambda g, out, x: x > 0)) == (
        "the rule of wrong for argument 0 returned a cotangent of dtype bool; "
        "a cotangent is the incoming one, g, times a slope"
    )
    assert message(errors.RuleError, of(lambda g, out, x: None)) == (
        "the rule of wrong for argument 0 did not return an array ('NoneType' object has no attribute 'shape'); "
        "a rule is (g, out, *args, **kwargs) -> cotangent"
    )
    w.register_hook(lambda g: np.ones((2, 2)))
    assert message(errors.RuleError, (w * 1.0).sum().backward) == "a hook of w(2,) returned a cotangent of shape (2, 2)"


def test_check_error():
    wrong = Primitive(lambda x: x * 1.0, "wrong", [lambda g, out, x: g * 3])
    text = message(errors.CheckError, lambda: check_grads(wrong, ["rev"], order=1)(2.0))
    number = r"-?[\d.e+-]+"
    assert re.fullmatch(
        rf"\(VJP\) check of wrong failed: the engine gives {number} and differences give {number} "
        rf"in the same random direction \(tolerance {number}\)",
        text,
    )


def test_assignment_error(w):
    def act():
        w[0] = 1.0

    assert message(errors.AssignmentError, act) == (
        "w(2,) cannot be assigned into: a recorded value never changes. "
        "Write x = x.at[index].set(value) or .add(value), or build it with where, stack or concatenate"
    )


AS_ARRAY = (
    "w(2,) is recorded and would lose its gradient as a plain array. To fill an array with traced values build it "
    "with stack, concatenate or where, or write x.at[i].set(v); functions of SciPy are in autograd.scipy; for the "
    "plain numbers use .data or .detach()"
)
AS_NUMBER = (
    "w() is recorded and would lose its gradient as a plain number. Write autograd.numpy for math, "
    "and x.at[i].set(v) or stack for array[i] = v; for the plain number write .item()"
)


def into(array, place, value):
    array[place] = value


@pytest.mark.parametrize(
    "act",
    [
        lambda w: np.asarray(w),
        lambda w: into(np.zeros((2, 2)), 0, w),
        lambda w: into(np.zeros(2), slice(None), w),
        lambda w: np.array([w, w]),
    ],
)
def test_conversion_error_of_an_array(act, w):
    assert message(errors.ConversionError, lambda: act(w)) == AS_ARRAY


@pytest.mark.parametrize("act", [float, complex, math.exp])
def test_conversion_error_of_a_number(act):
    w = Tensor(2.0, requires_grad=True, name="w")
    assert message(errors.ConversionError, lambda: act(w)) == AS_NUMBER
    with pytest.raises(errors.ConversionError):
        grad(lambda x: act(x * 1.0) * x)(2.0)


@pytest.mark.parametrize(
    "act",
    [
        lambda w: into(np.zeros(2), 0, w),
        lambda w: np.zeros(2).fill(w),
        lambda w: np.fromiter((w for _ in range(2)), float),
        np.float64,
    ],
)
def test_a_conversion_inside_numpy_is_an_error_with_the_same_words(act):
    w = Tensor(2.0, requires_grad=True, name="w")
    with pytest.raises((ValueError, errors.ConversionError)) as caught:  # NumPy may put its own error before ours
        act(w)
    ours = caught.value if isinstance(caught.value, errors.ConversionError) else caught.value.__cause__
    assert str(ours) in (AS_NUMBER, AS_ARRAY.replace("w(2,)", "w()"))


def test_numbers_are_there_for_the_asking():
    w = Tensor(2.0, requires_grad=True)
    loss = w * w
    assert loss.item() == 4.0
    assert f"{loss:.1f}" == "4.0"
    loss.backward()
    assert float(loss) == 4.0  # the graph is spent: no gradient can be lost
    assert float(Tensor(2.0)) == 2.0


def test_conversion_error_of_an_output(w):
    assert message(errors.ConversionError, lambda: np.exp(w, out=np.zeros(2))) == (
        "exp: out= cannot take a recorded result; leave it out and use what is returned"
    )


def test_capture_error():
    def branch(x):
        return x if x.sum() > 0 else -x

    line = inspect.getsourcelines(branch)[1] + 1
    assert message(errors.CaptureError, lambda: trace(branch, np.ones(2))) == (
        "the captured function needs a truth value (if, while, and, or, not) of Tensor(), whose value is not fixed "
        f"at {__file__}:{line}; write it with where, minimum or maximum, "
        "or pass the value in as a plain Python argument"
    )


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (lambda x: x.item(), "item()"),
        (lambda x: x.tolist(), "tolist()"),
        (float, "float()"),
        (int, "int()"),
        (complex, "complex()"),
        (lambda x: [1, 2][x > 0], "an index or range()"),
    ],
)
def test_capture_error_of_every_way_to_read_a_value(act, what):
    with pytest.raises(errors.CaptureError, match=re.escape(f"the captured function needs {what} of ")):
        trace(lambda x: x * act(x), 1.0)


def test_non_finite_error(w):
    def act():
        with debug_nans():
            return np.log(w - 2.0)

    line = inspect.getsourcelines(act)[1] + 2
    assert message(errors.NonFiniteError, act) == (
        "forward: log(Tensor(2,) in [-1, 0]) made 1 NaN and 1 infinite of 2 entries "
        f"at {__file__}:{line}: return np.log(w - 2.0); "
        "try to keep its arguments where it is defined: anp.where, maximum or clip before it"
    )


def test_missing_package_error(monkeypatch):
    from autograd.formula.lazy import sympy

    monkeypatch.setitem(sys.modules, "sympy", None)
    assert message(errors.MissingPackageError, sympy.__wrapped__) == "formulas need SymPy: pip install sympy"


# errors of NumPy, told again with the user's names


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda w: w + np.ones(3), "add(w(2,), ndarray(3,)): operands could not be broadcast together with shapes"),
        (lambda w: w @ np.ones((3, 2)), "matmul(w(2,), ndarray(3, 2)): "),
        (lambda w: w.reshape(3), "reshape(w(2,), 3): cannot reshape array of size 2 into shape (3,)"),
        (lambda w: w[5], "index(w(2,), 5): index 5 is out of bounds for axis 0 with size 2"),
        (lambda w: anp.concatenate([w, np.ones((2, 2))]), "concatenate(w(2,), ndarray(2, 2)): all the input arrays"),
    ],
)
def test_errors_of_numpy_name_the_primitive_and_the_tensors(act, text, w):
    with pytest.raises((ValueError, IndexError)) as caught:
        act(w)
    assert str(caught.value).startswith(text)
    assert str(caught.value).count("(w(2,)") == 1  # told once, however deep it was raised


def test_an_unnamed_tensor_is_called_by_its_variable():
    weights = Tensor(np.ones(2), requires_grad=True)
    with pytest.raises(ValueError, match=r"^add\(weights\(2,\), ndarray\(3,\)\)"):
        weights + np.ones(3)


def test_other_exceptions_pass_unchanged_with_a_note(w):
    def act(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine") as caught:
        Primitive(act, "act")(w)
    assert caught.value.__notes__ == ["in act(w(2,))"]


def test_an_error_in_a_jacobian_is_that_of_one_row(w):
    bad = Primitive(lambda x: x * 1.0, "bad", [lambda g, out, x: g + np.ones(3)])
    with pytest.raises(ValueError, match=r"^bad\(.*\(2,\)\): operands could not be broadcast together"):
        jacobian(bad)(np.ones(2))


@pytest.mark.parametrize("data", ["abc", None, [None], ["a", "b"], {1: 2}])
def test_a_tensor_of_something_else_than_numbers(data):
    with pytest.raises(TypeError, match=r"^a Tensor holds numbers, not (str|NoneType|list|dict): "):
        Tensor(data)


@pytest.mark.parametrize(("operation", "words"), [("cholesky", "Matrix is not positive definite"), ("inv", "Singular")])
def test_a_matrix_without_a_factor(operation, words):
    matrix = Tensor(np.zeros((2, 2)), requires_grad=True, name="K")
    with pytest.raises(np.linalg.LinAlgError, match=rf"^linalg.{operation}\(K\(2, 2\)\): {words}.*; try it plus 1e-6"):
        getattr(anp.linalg, operation)(matrix)


def test_a_function_without_a_rule_takes_what_is_not_tracked(w):
    from scipy import special

    place = anp.argmax(w)  # a whole number has no gradient to lose
    assert special.zeta(place + 2.0) == special.zeta(int(place.data) + 2.0)
    with pytest.raises(errors.NoRuleError, match="no rule for"):
        special.zeta(w + 2.0)


TABLE = np.array([[1.0, 2.0], [3.0, "text"]], object)  # as pandas makes of a column of text


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda w: anp.exp(TABLE[:1] @ w), r"^exp\(Tensor\(1,\) of Python objects\): .*; pass \.astype\(float\)$"),
        (
            lambda w: ((TABLE[:1] @ w) ** 2).mean().backward(),
            r"dtype object; where the data is of Python objects, pass ",
        ),
        (
            lambda w: (TABLE[:1] @ w).sum().backward(),
            r"^backward: the cost was computed from Python objects",
        ),
    ],
)
def test_data_of_python_objects_is_named(act, message, w):
    with pytest.raises((TypeError, ValueError), match=message):
        act(w)


def test_a_name_is_looked_for_in_the_users_own_code_and_not_in_scipys(w):
    scipy_stats = pytest.importorskip("scipy.stats")
    unnamed = w * 2
    with pytest.raises(errors.ConversionError, match=r"^unnamed\(2,\) is recorded"):
        scipy_stats.norm.logpdf(unnamed)


def test_a_function_of_scipys_is_told_where_its_rule_is():
    code = """
import scipy.special
from autograd import grad
grad(scipy.special.gammaln)(2.0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "no rule for gammaln(Tensor()); SciPy's has one after `import autograd.scipy.special`. Write" in done.stderr
