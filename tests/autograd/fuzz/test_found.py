"""What the fuzz found, as it was printed: programs that failed once, each for another reason."""

import numpy
import pytest

from .check import check_function
from .words import autograd, case, fit_complex, np, part

ROW = numpy.array([0.3, -0.7, 1.1])
LIST = [1.0, 2.0, 3.0]
NUMBER = numpy.array(0.6)
TABLE = numpy.array([[0.2, -0.4, 0.9], [1.3, 0.5, -0.8]])


def two_views(x):
    s = np.sin(x) * x
    kept, read = np.matrix_transpose(s), np.exp(s.T)
    return [kept * (np.cos(x) * x).T * read]


FOUND = {
    "a complex number times an inverse whole number is written as a division": (
        lambda x: [case("sin #2")(fit_complex(x, (3,), 2))], [ROW]
    ),
    "a checkpoint made within the captured function is another primitive in every run": (
        lambda x: [autograd.checkpoint(lambda a: np.exp(np.sin(a)))(x)], [ROW]
    ),
    "softmax along the last axis of a number": (lambda x: [np.softmax(x), np.log_softmax(x, axis=0)], [NUMBER]),
    "sums along the last axis of a number": (
        lambda x: [np.sum(x, axis=-1), np.logsumexp(x, axis=-1)], [NUMBER]
    ),
    "take along the last axis of a number": (lambda x: [np.take(x, [0, 0], axis=-1, mode="wrap")], [NUMBER]),
    "cumprod along the last axis of a number": (lambda x: [np.cumprod(x, axis=-1), np.cumsum(x, axis=-1)], [NUMBER]),
    "Python's complex number, which 1j times a NumPy number is, as a cotangent": (
        lambda x: [part(case("slogdet complex")(fit_complex(x, (3, 3), 799)), 0)], [NUMBER]
    ),
    "a view of a gathered constant was taken for a view of a buffer": (
        lambda x: [np.sin(np.resize(np.relu(x - x) ** 2, (3, 3)))], [NUMBER]
    ),
    "singular values of lstsq for matrices of two precisions": (
        lambda a, b: [part(np.linalg.lstsq(a, b), 3), part(np.linalg.lstsq(a, b), 0)],
        [TABLE.astype("float32"), ROW[:2]],
    ),
    "a list as the left factor of a matrix product": (lambda x: [LIST @ x], [TABLE.T]),
    "a list in a sum, in every reader": (lambda x: [x + LIST, LIST - x], [TABLE]),
    "resize of nothing": (lambda x: [np.resize(x, (2, 3)), x], [ROW[:0]]),
    "norms of odd order to the last digit of extended precision": (
        lambda x: [np.linalg.norm(x, 3), np.linalg.vector_norm(x, ord=3)], [30 * ROW.astype(numpy.longdouble)]
    ),
    "the last axis of a number, in the rows of a Jacobian": (
        lambda x: [np.tensordot(ROW, np.softmax(x + 0), 0), np.cumsum(x, axis=-1) * ROW], [NUMBER]
    ),
    "a Python number as an end of linspace widens nothing": (
        lambda x: [np.linspace(np.sum(x), 1.0, 3)], [ROW.astype("float32")]
    ),
    "a scalar factor of a narrow operand, taken out of a wider product": (
        lambda x, y: [((x + y**-1) * (x - y**-1)) @ TABLE.T], [ROW.astype("float32"), NUMBER.astype("float32")]
    ),
    "gradient is of its values' type, not of the coordinates'": (
        lambda f, x: [np.gradient(f, np.cumsum(x * x))], [ROW.astype("float32"), ROW]
    ),
    "densities are of double precision, whatever the edges": (
        lambda x: [part(np.histogram(ROW, np.cumsum(x * x), density=True), 0)], [ROW.astype(numpy.longdouble)]
    ),
    "quantiles at a fraction of other precision than the values": (
        lambda x, q: [np.quantile(x, q, method=m) for m in ("hazen", "linear")],
        [TABLE.astype("float32"), 0.9 * NUMBER],
    ),
    "quantiles at a fraction, to the last digit of extended precision": (
        lambda x, q: [np.quantile(x, q, method="median_unbiased")],
        [TABLE.astype(numpy.longdouble), ROW[::2].astype(numpy.longdouble) / 3],
    ),
    "a view that the planner knows, of what one that it does not know still reads": (two_views, [TABLE]),
    "the polynomial with given roots, of two bytes each": (lambda x: [np.poly(x)], [ROW.astype("float16")]),
}  # fmt: skip


UNCAPTURED = ("singular values of lstsq", "densities")


@pytest.mark.parametrize("name", FOUND)
def test_found(name):
    program, arguments = FOUND[name]
    check_function(program, arguments, captured=not name.startswith(UNCAPTURED))
