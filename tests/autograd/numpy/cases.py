"""One line a case: what is called, and on what arrays. See oracle.py for what each of them has to show."""

# ruff: noqa: E501 - a case is a line, however long

from typing import Any

import numpy

from .oracle import C, Case, D, P, R, U

ROWS = numpy.array([[0, 2, 1], [1, 1, 0]])
MASK = numpy.array([[True, False, True], [False, True, True]])
GRID = numpy.linspace(0.0, 3.0, 4)


def symmetric(a: Any) -> Any:
    return a @ a.T + numpy.eye(a.shape[-1], dtype=a.dtype)


def hermitian(a: Any) -> Any:
    return a @ a.T.conj() + numpy.eye(a.shape[-1], dtype=a.dtype)


def _unary(names: str, *arrays: Any) -> list[Case]:
    return [Case(name, lambda np, x, n=name: getattr(np, n)(x), arrays) for name in names.split()]


def _binary(names: str, *arrays: Any) -> list[Case]:
    return [Case(name, lambda np, x, y, n=name: getattr(np, n)(x, y), arrays) for name in names.split()]


def _reduction(names: str, array: Any) -> list[Case]:
    made = []
    for n in names.split():
        made += [
            Case(n, lambda np, x, n=n: getattr(np, n)(x), (array,)),
            Case(f"{n} axis", lambda np, x, n=n: getattr(np, n)(x, axis=1), (array,)),
            Case(f"{n} axis -2 keepdims", lambda np, x, n=n: getattr(np, n)(x, axis=-2, keepdims=True), (array,)),
            Case(f"{n} axes", lambda np, x, n=n: getattr(np, n)(x, axis=(0, 2)), (array,)),
            Case(f"{n} scalar", lambda np, x, n=n: getattr(np, n)(x), (P(),)),
        ]
    return made


ELEMENTWISE = [
    *_unary(
        "sin cos tan arctan sinh cosh tanh arcsinh exp exp2 expm1 square negative positive absolute abs fabs", R(3, 2)
    ),
    *_unary("sinc deg2rad rad2deg degrees radians conjugate conj real imag angle sign floor ceil trunc rint fix", R(4)),
    *_unary("log log2 log10 log1p sqrt cbrt reciprocal", P(3)),
    *_unary("arcsin arccos arctanh nan_to_num spacing", U(3)),
    *_unary(
        "sin cos tan sinh cosh tanh exp expm1 square reciprocal negative conj real imag angle absolute log sqrt", C(3)
    ),
    *_unary("arcsin arccos arctan arcsinh arccosh arctanh exp2 log1p log2 log10 sign positive", C(6)),  # all quadrants
    Case("arccosh", lambda np, x: np.arccosh(x + 1), (P(3),)),
    Case("round decimals", lambda np, x: np.round(x, 1) + x, (R(3),)),
    Case("sinc far", lambda np, x: np.sinc(x * 4), (R(5),)),
    Case("sinc near 0", lambda np, x: np.sinc(x * 0.01), (R(5),)),
    *_binary("add subtract multiply divide true_divide logaddexp logaddexp2 arctan2 hypot", R(3, 2), R(3, 2)),
    *_binary("maximum minimum fmax fmin", D(3, 2), R(2)),
    *_binary("power remainder mod fmod floor_divide", P(3, 2), P(2)),
    *_binary("nextafter copysign", P(3), R(3)),
    Case("float_power", lambda np, x, y: np.float_power(x, y), (P(3), P(3)), wide=True),
    Case("heaviside", lambda np, x, y: np.heaviside(x, y), (R(3), R(3))),
    Case("heaviside at 0", lambda np, y: np.heaviside(numpy.array([-1.0, 0.0, 1.0]), y), (R(3),), wide=True),
    *[
        Case(f"{n} complex", lambda np, x, y, n=n: getattr(np, n)(x, y), (C(2, 3), C(3)))
        for n in "add subtract multiply divide power".split()
    ],
    Case("complex times real", lambda np, x, y: x * y + y / x, (C(2, 3), R(3))),
    Case("broadcast both", lambda np, x, y: x * y - x / y, (R(3, 1), R(1, 4))),
    Case("broadcast scalar", lambda np, x, y: x * y + y, (R(), R(2, 3))),
    Case("operators", lambda np, x: (2 - x) * 3 / (x + 1) - -x + +x + 2**x, (P(3),)),
    Case("powers", lambda np, x: x**2 + x**3.0 + x**0.5 + x**-1 + x**0 + x**1, (P(3),)),
    Case("powers array", lambda np, x: x ** numpy.array([0, 1, 2, 3]), (R(4),), wide=True),
    Case("exponent", lambda np, y: 2.0**y + numpy.array([1.0, 2.0, 3.0]) ** y, (R(3),), wide=True),
    Case("floor and mod operators", lambda np, x: x % 0.7 + x // 0.7 + abs(x), (P(3),)),
    Case("divmod", lambda np, x: np.divmod(x, 0.3), (P(3),)),
    Case("modf", lambda np, x: np.modf(x), (P(3),)),
    Case("ldexp", lambda np, x: np.ldexp(x, numpy.array([1, 2, 3])), (R(3),)),
    Case("clip", lambda np, x: np.clip(x, -0.5, 0.7), (D(6),)),
    Case("clip one side", lambda np, x: np.clip(x, None, 0.7) + np.clip(x, a_min=0.3, a_max=None), (D(6),)),
    Case("clip arrays", lambda np, x, lo, hi: np.clip(x, lo - 1, hi + 1), (D(6), R(6), P(6))),
    Case("where", lambda np, x, y: np.where(MASK, x, y), (R(2, 3), R(3))),
    Case("where scalar", lambda np, x: np.where(x > 0, x, 1.0) + np.where(MASK[0], 0.0, x), (R(3),)),
    Case("where complex", lambda np, x, y: np.where(MASK, x, y), (R(2, 3), C(3))),
    Case("astype", lambda np, x: np.astype(x, numpy.float64) + x.astype(float), (R(3),), wide=True),
    Case("dtype option", lambda np, x: np.add(x, 1, dtype=numpy.float64), (R(3),), wide=True),
    Case("real_if_close", lambda np, x: np.real_if_close(x + 0j) + np.real_if_close(x), (R(3),)),
    Case("select", lambda np, x: np.select([x < 0, x < 0.5], [x * x, x**3], 1.0), (R(6),)),
    Case("choose", lambda np, x, y: np.choose(numpy.array([0, 1, 1]), [x, y]), (R(3), R(3))),
    Case(
        "piecewise", lambda np, x: np.piecewise(x, [x < 0, x >= 0.5], [lambda v: v * v, 2.0, lambda v: v**3]), (R(6),)
    ),
    Case("copy", lambda np, x: np.copy(x) * x.copy(), (R(3),)),
]

STABLE = [
    *[Case(n, lambda np, x, n=n: getattr(np, n)(x), (R(5),), ours=True)
      for n in "sigmoid softplus log_sigmoid relu softmax log_softmax logsumexp".split()],
    Case("log of sigmoid", lambda np, x: np.log(np.sigmoid(x)) + np.log(1 - np.sigmoid(x)), (R(5),), ours=True),
    Case("logsumexp axis", lambda np, x: np.logsumexp(x, axis=1, keepdims=True) + np.logsumexp(x, axis=0), (R(3, 4),), ours=True),
    Case("logsumexp axes", lambda np, x: np.logsumexp(x, axis=(0, 2)), (R(3, 4, 2),), ours=True),
    Case("softmax axis 0", lambda np, x: np.softmax(x, axis=0) * np.log_softmax(x, axis=0), (R(3, 4),), ours=True),
]  # fmt: skip

REDUCTIONS = [
    *_reduction("sum mean prod var std max min amax amin median ptp nansum nanmean nanmax nanmin nanmedian", D(2, 3, 2)),
    *_reduction("nanprod nanvar nanstd", D(2, 3, 2)),
    *[Case(f"{n} positional", lambda np, x, n=n: getattr(np, n)(x, 1, None, None, True), (R(2, 3),)) for n in ("sum", "mean", "prod")],
    *[Case(f"{n} where", lambda np, x, n=n: getattr(np, n)(x, axis=1, where=MASK), (R(2, 3),)) for n in "sum mean prod var std".split()],
    *[Case(f"{n} where", lambda np, x, n=n: getattr(np, n)(x, axis=1, where=MASK, initial=0.1), (D(2, 3),)) for n in ("max", "min")],
    *[Case(f"{n} ddof", lambda np, x, n=n: getattr(np, n)(x, axis=1, ddof=1), (R(2, 4),)) for n in ("var", "std")],
    *[Case(f"{n} complex", lambda np, x, n=n: getattr(np, n)(x, axis=0), (C(3, 2),)) for n in "sum mean prod var std cumsum".split()],
    Case("sum dtype", lambda np, x: np.sum(x, dtype=numpy.float64), (R(3),), wide=True),
    Case("sum of list", lambda np, x, y: x * y if np is numpy else np.sum([x, y]) - x - y + x * y, (R(), R())),
    Case("prod initial", lambda np, x: np.prod(x, initial=3.0), (R(3),)),
    Case("prod empty axis", lambda np, x: np.prod(x, axis=()), (R(3),)),
    *[Case(f"{n}", lambda np, x, n=n: getattr(np, n)(x), (R(2, 3),)) for n in "cumsum cumprod nancumsum nancumprod".split()],
    *[Case(f"{n} axis", lambda np, x, n=n: getattr(np, n)(x, axis=1), (R(2, 5),)) for n in "cumsum cumprod nancumsum nancumprod".split()],
    *[Case(f"{n} axis -2", lambda np, x, n=n: getattr(np, n)(x, -2), (R(5, 2),)) for n in "cumsum cumprod".split()],
    *[Case(n, lambda np, x, n=n: getattr(np, n)(x, axis=0, include_initial=True), (R(3, 2),)) for n in ("cumulative_sum", "cumulative_prod")],
    Case("average", lambda np, x: np.average(x, axis=0), (R(3, 2),)),
    Case("average weights", lambda np, x, w: np.average(x, axis=0, weights=w), (R(3, 2), P(3))),
    Case("average full weights", lambda np, x, w: np.average(x, axis=1, weights=w, returned=True), (R(3, 2), P(3, 2))),
    Case("average weights of axes in another order", lambda np, x, w: np.average(x, axis=(2, 0), weights=w), (R(2, 3, 4), P(4, 2))),
    Case("cov", lambda np, x: np.cov(x), (R(3, 5),), wide=True),
    Case("cov two", lambda np, x, y: np.cov(x, y, bias=True), (R(5), R(5)), wide=True),
    Case("cov columns", lambda np, x: np.cov(x, rowvar=False), (R(5, 2),), wide=True),
    Case("cov weights", lambda np, x: np.cov(x, fweights=numpy.array([1, 2, 1, 3]), aweights=numpy.array([0.5, 1, 2, 1])), (R(2, 4),), wide=True),
    Case("cov weights ddof", lambda np, x, w: np.cov(x, ddof=2, fweights=numpy.array([1, 2, 1, 3]), aweights=w), (R(2, 4), P(4)), wide=True),
    Case("corrcoef", lambda np, x: np.corrcoef(x), (R(3, 5),), wide=True),
    Case("add.reduceat", lambda np, x: numpy.add.reduceat(x, [0, 2, 1, 3], axis=1) + numpy.add.reduceat(x.T, [1, 0]).sum(), (R(2, 4),)),
    Case("hypot and logaddexp reduce", lambda np, x: [numpy.hypot.reduce(x), numpy.logaddexp.reduce(x, axis=1, keepdims=True)], (R(3, 2),)),
    Case("add.reduce", lambda np, x: numpy.add.reduce(x) + numpy.add.reduce(x, axis=0), (R(3, 2),)),
    Case("multiply.reduce", lambda np, x: numpy.multiply.reduce(x, axis=1), (R(3, 2),)),
    Case("maximum.reduce", lambda np, x: numpy.maximum.reduce(x, axis=None) + numpy.minimum.reduce(x, axis=1), (D(3, 2),)),
    Case("accumulate", lambda np, x: numpy.add.accumulate(x) + numpy.multiply.accumulate(x, axis=1), (R(3, 2),)),
    Case("maximum.accumulate", lambda np, x: numpy.maximum.accumulate(x, axis=1) + numpy.minimum.accumulate(x), (D(3, 5),)),
    Case("ufunc outer", lambda np, x, y: numpy.multiply.outer(x, y) + numpy.subtract.outer(x, y), (R(3), R(2, 2))),
]  # fmt: skip

SHAPING = [
    Case("reshape", lambda np, x: np.reshape(x, (3, 2)) * x.reshape(3, -1), (R(2, 3),)),
    Case("reshape F", lambda np, x: np.reshape(x, (3, 2), order="F"), (R(2, 3),)),
    Case("ravel", lambda np, x: np.ravel(x) * x.flatten() * x.ravel(order="F"), (R(2, 3),)),
    Case("transpose", lambda np, x: np.transpose(x) * x.T, (R(2, 3),)),
    Case("transpose axes", lambda np, x: np.transpose(x, (2, 0, 1)) * x.transpose(2, 0, -2), (R(2, 3, 4),)),
    Case("swapaxes", lambda np, x: np.swapaxes(x, 0, 2) * x.swapaxes(0, -1), (R(2, 3, 4),)),
    Case("moveaxis", lambda np, x: np.moveaxis(x, 0, -1), (R(2, 3, 4),)),
    Case("moveaxis several", lambda np, x: np.moveaxis(x, (0, 1), (-1, 0)), (R(2, 3, 4),)),
    *[Case(f"rollaxis {a} {s}", lambda np, x, a=a, s=s: np.rollaxis(x, a, s), (R(2, 3, 4),)) for a, s in ((2, 0), (0, 3), (1, 1))],
    Case("matrix_transpose", lambda np, x: np.matrix_transpose(x) * x.mT, (R(2, 3, 4),)),
    Case("expand_dims", lambda np, x: np.expand_dims(x, (0, 2)) + np.expand_dims(x, -1)[None], (R(3),)),
    Case("squeeze", lambda np, x: np.squeeze(x) * x.squeeze(axis=0)[:, 0], (R(1, 3, 1),)),
    Case("broadcast_to", lambda np, x: np.broadcast_to(x, (2, 3, 4)), (R(3, 1),)),
    Case("broadcast_arrays", lambda np, x, y: np.broadcast_arrays(x, y), (R(3, 1), R(4))),
    *[Case(f"flip {a}", lambda np, x, a=a: np.flip(x, a), (R(2, 3),)) for a in (None, 0, (0, 1))],
    *_unary("fliplr flipud rot90", R(2, 3)),
    *[Case(f"rot90 {k}", lambda np, x, k=k: np.rot90(x, k, (0, 2)), (R(2, 3, 4),)) for k in (0, 1, 2, 3, -1)],
    *[Case(f"roll {s} {a}", lambda np, x, a=a, s=s: np.roll(x, s, a), (R(3, 4),)) for s, a in ((2, None), (1, 0), ((1, 2), (0, 1)))],
    *_unary("atleast_1d atleast_2d atleast_3d", R(2)),
    Case("atleast several", lambda np, x, y: [*np.atleast_1d(x, y), *np.atleast_2d(x, y), *np.atleast_3d(x, y)], (R(), R(2, 3))),
    *[Case(f"tile {r}", lambda np, x, r=r: np.tile(x, r), (R(2, 3),)) for r in (2, (2, 1), (2, 1, 3), ())],
    *[Case(f"repeat {r} {a}", lambda np, x, a=a, r=r: np.repeat(x, r, a), (R(2, 3),)) for r, a in ((2, None), (3, 0), ([1, 0, 2], 1))],
    Case("resize", lambda np, x: np.resize(x, (3, 3)), (R(2, 2),)),
    Case("concatenate", lambda np, x, y: np.concatenate([x, y, x], axis=1), (R(2, 3), R(2, 1))),
    Case("concatenate flat", lambda np, x, y: np.concatenate((x, y), axis=None), (R(2, 3), R(2))),
    Case("concatenate mixed", lambda np, x: np.concatenate([x, numpy.ones((1, 3), x.dtype)]) , (R(2, 3),)),
    Case("stack", lambda np, x, y: np.stack([x, y], axis=1) + np.stack((x, y), -1), (R(2, 2), R(2, 2))),
    *[Case(n, lambda np, x, y, n=n: getattr(np, n)([x, y]), (R(2, 3), R(2, 3))) for n in "vstack hstack dstack column_stack".split()],
    *[Case(f"{n} vectors", lambda np, x, y, n=n: getattr(np, n)([x, y]), (R(3), R(3))) for n in "vstack hstack dstack column_stack".split()],
    Case("append", lambda np, x, y: np.append(x, y), (R(2, 3), R(2))),
    Case("append axis", lambda np, x, y: np.append(x, y, axis=0), (R(2, 3), R(1, 3))),
    Case("block", lambda np, x, y: np.block([[x, y], [y * 2, x]]), (R(2, 2), R(2, 2))),
    Case("block flat", lambda np, x, y: np.block([x, y, 1.0]), (R(2), R(3)), wide=True),
    Case("insert", lambda np, x, y: np.insert(x, 1, y, axis=0), (R(3, 2), R(2))),
    Case("insert several", lambda np, x: np.insert(x, [0, 2], 5.0), (R(4),)),
    Case("delete", lambda np, x: np.delete(x, [0, 2], axis=1) , (R(3, 4),)),
    Case("array_split", lambda np, x: np.array_split(x, 3) + np.array_split(x, [1], axis=1), (R(4, 3),)),
    Case("split", lambda np, x: np.split(x, 2) + np.split(x, [1, 3], axis=0), (R(4, 3),)),
    Case("hsplit vsplit", lambda np, x: np.hsplit(x, 3) + np.vsplit(x, 2), (R(4, 3),)),
    Case("dsplit", lambda np, x: np.dsplit(x, 2), (R(1, 2, 4),)),
    Case("unstack", lambda np, x: np.unstack(x, axis=1), (R(2, 3),)),
    Case("array of lists", lambda np, x, y: np.array([[x, y], [y, x]]) if np is not numpy else numpy.stack([numpy.stack([x, y]), numpy.stack([y, x])]), (R(), R())),
    Case("array and numbers", lambda np, x: np.array([x, 1.0]) if np is not numpy else numpy.stack([x, numpy.float64(1.0)]), (R(),), wide=True),
    *[Case(f"pad {m}", lambda np, x, m=m: np.pad(x, ((1, 2), (3, 1)), m), (D(3, 4),))
      for m in "constant edge reflect symmetric wrap linear_ramp maximum minimum mean median".split()],
    *[Case(f"pad {m} odd", lambda np, x, m=m: np.pad(x, 2, m, reflect_type="odd"), (R(5),)) for m in ("reflect", "symmetric")],
    Case("pad with arrays", lambda np, x, c: np.pad(x, 1, constant_values=c) + np.pad(x, 1, "linear_ramp", end_values=c), (R(3, 2), R(2))),
    Case("pad with an array a side", lambda np, x, c: np.pad(x, 1, constant_values=c), (R(3, 2), R(2, 2))),
    Case("pad with an array an axis", lambda np, x, c: np.pad(x, 1, constant_values=c), (R(3, 2), R(2, 1))),
    Case("pad with a number that is an array", lambda np, x, c: np.pad(x, 1, constant_values=c), (R(3, 2), R())),
    Case("insert at a mask", lambda np, x: np.insert(x, numpy.array([True, False, True]), 9.0, axis=1), (R(2, 3),)),
    Case("pad values", lambda np, x: np.pad(x, (1, 2), constant_values=(4.0, 5.0)), (R(3),)),
    Case("pad ramp", lambda np, x: np.pad(x, ((0, 2), (1, 0)), "linear_ramp", end_values=3.0), (R(2, 3),)),
    Case("pad stat_length", lambda np, x: np.pad(x, 2, "mean", stat_length=2), (R(4),)),
    Case("pad stat_length beyond", lambda np, x: np.pad(x, 2, "mean", stat_length=5), (R(4),)),
    Case("pad axes of a dict", lambda np, x: np.pad(x, {-1: (1, 2), 0: 1}, "edge"), (R(2, 3),)),
]  # fmt: skip

INDEXING = [
    Case("index int", lambda np, x: x[1] * x[-1], (R(3, 2),)),
    Case("index slices", lambda np, x: x[::2, 1:] * x[::-2, None, :-1][:, 0], (R(3, 2),)),
    Case("index ellipsis", lambda np, x: x[..., 0] + x[1:2, ..., 1], (R(3, 4, 2),)),
    Case("index array", lambda np, x: x[numpy.array([0, 0, 2])] , (R(3, 2),)),
    Case("index list", lambda np, x: x[[0, 0, 2]] + x[:, [1]], (R(3, 2),)),
    Case("index arrays", lambda np, x: x[numpy.array([0, 2, 2]), numpy.array([1, 0, 0])], (R(3, 2),)),
    Case("index mask", lambda np, x: x[MASK], (R(2, 3),)),
    Case("index mask row", lambda np, x: x[MASK[0]], (R(3, 2),)),
    Case("index iterate", lambda np, x: [row * row for row in x], (R(3, 2),)),
    *[Case(f"take {m}", lambda np, x, m=m: np.take(x, [0, 4, -1], axis=1, mode=m), (R(2, 3),)) for m in ("wrap", "clip")],
    Case("take", lambda np, x: np.take(x, ROWS) + np.take(x, ROWS, axis=0)[..., 0], (R(3, 2),)),
    Case("take_along_axis", lambda np, x: np.take_along_axis(x, ROWS, axis=1), (R(2, 3),)),
    Case("compress", lambda np, x: np.compress([True, False, True], x, axis=1), (R(2, 3),)),
    Case("extract", lambda np, x: np.extract(MASK, x), (R(2, 3),)),
    Case("trim_zeros", lambda np, x: np.trim_zeros(np.concatenate([numpy.zeros(2, x.dtype), x, numpy.zeros(1, x.dtype)])), (P(3),)),
    *[Case(f"diagonal {k}", lambda np, x, k=k: np.diagonal(x, k) , (R(3, 4),)) for k in (0, 1, -1)],
    Case("make_diagonal", lambda np, x: np.make_diagonal(x, axis1=-1, axis2=-2) + np.make_diagonal(x, 0, 1, 2), (R(2, 3),), ours=True),
    Case("swapaxes by name", lambda np, x: np.swapaxes(x, axis1=0, axis2=2), (R(2, 3, 4),)),
    *[Case(f"{n}_", lambda np, x, y, n=n: [getattr(np, n)[x, y], getattr(np, n)[x, 1.0:3.0, y], getattr(np, n)[x]], (R(2), R(2)), ours=True, wide=True)
      for n in ("r_", "c_")],
    Case("r_ matrices", lambda np, x, y: [np.r_["-1", x, y], np.r_[x, y], np.r_["0,3", x, y], np.c_[x, y]], (R(2, 3), R(2, 3)), ours=True),
    Case("r_ number", lambda np, x, y: np.r_[x, 1.0, y], (R(2), R()), ours=True, wide=True),
    Case("diagonal axes", lambda np, x: np.diagonal(x, 1, 2, 0), (R(3, 2, 4),)),
    *[Case(f"diag {k}", lambda np, x, k=k: np.diag(x, k), (R(3, 4),)) for k in (0, 2, -1)],
    *[Case(f"diag vector {k}", lambda np, x, k=k: np.diag(x, k), (R(3),)) for k in (0, 2, -1)],
    Case("diagflat", lambda np, x: np.diagflat(x, 1), (R(2, 2),)),
    *[Case(f"trace {k}", lambda np, x, k=k: np.trace(x, k), (R(3, 4),)) for k in (0, 1, -2)],
    Case("trace axes", lambda np, x: np.trace(x, 0, 2, 1), (R(3, 2, 4),)),
    *[Case(f"{n} {k}", lambda np, x, n=n, k=k: getattr(np, n)(x, k), (R(2, 3, 4),)) for n in ("tril", "triu") for k in (0, 1, -1)],
    Case("at add", lambda np, x, y: x.at[[0, 0, 2]].add(y) if hasattr(x, "at") else _added(x, [0, 0, 2], y), (R(3, 2), R(3, 2))),
    Case("at set", lambda np, x, y: x.at[1:].set(y) if hasattr(x, "at") else _assigned(x, slice(1, None), y), (R(3, 2), R(2))),
]  # fmt: skip


def _added(x: Any, places: Any, y: Any) -> Any:
    x = x.copy()
    numpy.add.at(x, places, y)
    return x


def _assigned(x: Any, places: Any, y: Any) -> Any:
    x = x.copy()
    x[places] = y
    return x


SORTING = [
    *[Case(f"sort {a}", lambda np, x, a=a: np.sort(x, axis=a), (D(3, 4),)) for a in (-1, 0, None)],
    Case("sort_complex", lambda np, x: np.sort_complex(x), (D(4),), wide=True),
    *[Case(f"partition {a}", lambda np, x, a=a: np.partition(x, 1, axis=a), (D(3, 4),)) for a in (-1, 0)],
    Case("argsort", lambda np, x: x[np.argsort(x)] * x, (D(5),)),
    *[Case(f"quantile of q {m}", lambda np, x, q, m=m: np.quantile(x, q * 0.3, axis=0, method=m), (D(7, 2), P()), wide=True) for m in
      "hazen weibull interpolated_inverted_cdf median_unbiased normal_unbiased lower midpoint".split()],
    Case("quantile weights", lambda np, x, w: np.quantile(x, [0.2, 0.7], axis=1, weights=w, method="inverted_cdf"), (D(2, 5), P(2, 5))),
    Case("percentile weights", lambda np, x, w: np.percentile(x, 40, weights=w, method="inverted_cdf", keepdims=True), (D(2, 5), P(2, 5))),
    Case("nanquantile weights", lambda np, x, w: np.nanquantile(np.where(MASK, numpy.nan, x), 0.4, axis=1, weights=w, method="inverted_cdf"), (D(2, 3), P(2, 3))),
    *[Case(f"quantile {m}", lambda np, x, m=m: np.quantile(x, 0.3, axis=0, method=m), (D(7, 2),)) for m in
      """inverted_cdf averaged_inverted_cdf closest_observation interpolated_inverted_cdf hazen weibull linear
      median_unbiased normal_unbiased lower higher midpoint nearest""".split()],
    Case("quantile several", lambda np, x: np.quantile(x, [0.1, 0.5, 1.0], axis=1, keepdims=True), (D(2, 5),), wide=True),
    Case("quantile of q", lambda np, x, q: np.quantile(x, q * 0.3), (D(7), P()), wide=True),
    Case("percentile", lambda np, x: np.percentile(x, 35), (D(2, 5),)),
    Case("percentile several", lambda np, x: np.percentile(x, (20, 80), axis=1), (D(2, 5),), wide=True),
    Case("nanquantile", lambda np, x: np.nanquantile(np.where(MASK, numpy.nan, x), 0.4, axis=1), (D(2, 3),)),
    Case("nanpercentile", lambda np, x: np.nanpercentile(np.where(MASK, numpy.nan, x), 40, axis=1), (D(2, 3),)),
    Case("unique", lambda np, x: np.unique(np.concatenate([x, x])), (D(4),)),
    Case("unique axis", lambda np, x: np.unique(x, axis=1, return_counts=True), (D(2, 4),)),
    *[Case(n, lambda np, x, n=n: getattr(np, n)(np.concatenate([x, x])), (D(4),)) for n in "unique_all unique_counts unique_inverse unique_values".split()],
    *[Case(n, lambda np, x, y, n=n: getattr(np, n)(x, y), (D(2, 2), D(3))) for n in "union1d setxor1d setdiff1d".split()],
    Case("intersect1d", lambda np, x: np.intersect1d(x, x[1:], return_indices=True), (D(4),)),
    Case("lexsort", lambda np, x, y: x[np.lexsort((x, y))] * y, (D(5), D(5))),
    Case("unique counts", lambda np, x: np.unique(np.concatenate([x, x]), return_index=True, return_counts=True), (D(4),)),
]  # fmt: skip

CALCULUS = [
    Case("gradient at small whole numbers", lambda np, x: np.gradient(x, numpy.array([1, 2, 4, 7], numpy.uint8)), (R(4),), wide=True),
    *[Case(f"diff {n} {a}", lambda np, x, n=n, a=a: np.diff(x, n, a), (R(4, 5),)) for n, a in ((1, -1), (2, 0), (0, 0), (3, 1))],
    Case("diff ends", lambda np, x, y: np.diff(x, prepend=0, append=y), (R(4), R(2)), wide=True),
    Case("ediff1d", lambda np, x: np.ediff1d(x, to_begin=1.0, to_end=[2.0, 3.0]), (R(2, 3),)),
    Case("gradient", lambda np, x: np.gradient(x), (R(4, 5),)),
    Case("gradient axis", lambda np, x: np.gradient(x, 0.5, axis=1), (R(3, 4),)),
    Case("gradient edges", lambda np, x: np.gradient(x, edge_order=2), (R(5),)),
    Case("gradient uneven", lambda np, x: np.gradient(x, numpy.array([0.0, 1.0, 1.5, 4.0], x.dtype), edge_order=2), (R(4),)),
    Case("gradient of coordinates", lambda np, y, x: np.gradient(y, np.cumsum(x)), (R(4), P(4))),
    Case("trapezoid", lambda np, y: np.trapezoid(y) + np.trapezoid(y, dx=0.5), (R(3, 4),)),
    Case("trapezoid x", lambda np, y, x: np.trapezoid(y, x, axis=0), (R(4, 2), R(4))),
    Case("trapz", lambda np, y: np.trapz(y), (R(4),), ours=True),
    Case("unwrap", lambda np, x: np.unwrap(x * 5), (D(6),)),
    Case("interp", lambda np, x: np.interp(x, GRID, GRID**2), (P(5),), wide=True),
    Case("interp all", lambda np, x, xp, fp: np.interp(x * 3 - 1, np.cumsum(xp), fp), (P(5), P(4), R(4)), wide=True),
    Case("interp ends", lambda np, x, fp: np.interp(x * 4, GRID, fp, left=-1.0, right=2.0), (R(5), R(4)), wide=True),
    Case("interp period", lambda np, x, fp: np.interp(x * 4, GRID, fp, period=4.5), (R(5), R(4)), wide=True),
    *[Case(f"{f} {m} {i} {j}", lambda np, x, y, f=f, m=m: getattr(np, f)(x, y, m), (R(i), R(j)))
      for f in ("convolve", "correlate") for m in ("full", "same", "valid") for i, j in ((5, 3), (3, 5), (4, 2), (2, 4), (3, 3))],
    Case("correlate complex", lambda np, x, y: np.correlate(x, y, "full"), (C(4), C(3))),
    *[Case(f"apply_along_axis {a}", lambda np, x, a=a: np.apply_along_axis(lambda v: v[:2] * v[1], a, x), (R(3, 4, 2),)) for a in (0, 1, -1)],
    Case("apply_along_axis number", lambda np, x: np.apply_along_axis(lambda v: (v * v).sum(), 0, x), (R(3, 4),)),
    Case("apply_over_axes", lambda np, x: np.apply_over_axes(np.sum, x, (0, 2)), (R(3, 4, 2),)),
    Case("i0", lambda np, x: np.i0(x) + np.i0(x * 0.01) + np.i0(x * 9), (R(4),), wide=True),
    Case("kaiser", lambda np, x: np.kaiser(6, x) + np.kaiser(1, x), (R(),), wide=True, ours=True),
    Case("ix_", lambda np, x, y: np.ix_(x, y, numpy.array([True, False, True])), (R(3), R(2))),
    Case("frexp", lambda np, x: np.frexp(x * 0.3 + 1.5), (U(4),)),
    Case("cov dtype", lambda np, x, y: np.cov(x, y, dtype=numpy.float64), (R(5), R(5)), wide=True),
    *[Case(f"{n} mean", lambda np, x, m, n=n: getattr(np, n)(x, axis=1, mean=m, ddof=1), (R(2, 4), R(2, 1))) for n in "var std nanvar nanstd".split()],
    *[Case(f"{n} options", lambda np, x, n=n: getattr(np, n)(x, axis=1, initial=0.1, where=MASK), (D(2, 3),)) for n in ("nanmax", "nanmin")],
    Case("diff 0", lambda np, x: np.diff(x, 0, prepend=1.0), (R(3),)),
    Case("trapezoid of a vector", lambda np, y, x: np.trapezoid(y, x), (R(3), R(2, 3))),
    Case("index tuple in a tuple", lambda np, x: x[(1, 2), (0, 0)] * x[(1, 2),][:, 1], (R(3, 2),)),
    Case("insert several before one place", lambda np, x, y: np.insert(x, [1], y, axis=1), (R(2, 3), R(2, 2))),
    Case("median complex", lambda np, x: np.median(x, axis=0), (C(4, 3),)),
    *[Case(f"stack of sliding windows {args}", lambda np, x, a=args: numpy.lib.stride_tricks.sliding_window_view(x, *a) ** 2, (R(4, 5),))
      for args in [(2, 0), (3, -1), ((2, 3),), ((2, 2), (1, 1)), ((3, 2), (-1, 0)), ((4, 5),), (1, 0)]],
    Case("convolve number", lambda np, x, y: [np.convolve(x, y), np.convolve(x, x, 1)], (R(4), R())),
    Case("geomspace of arrays", lambda np, a, b: np.geomspace(a, b, 4, axis=1), (P(3), P(3)), wide=True),
    Case("geomspace complex", lambda np, a, b: np.geomspace(a, b, 4), (C(), C()), wide=True),
    Case("geomspace negative", lambda np, a, b: np.geomspace(-a, -b, 4), (P(), P()), wide=True),
    Case("logspace of base", lambda np, a, b: np.logspace(0.0, a, 4, base=b), (P(3), P(3)), wide=True),
    Case("full", lambda np, x: np.full((2, 3), x) if np is not numpy else numpy.broadcast_to(x, (2, 3)), (R(3),)),
    Case("full_like", lambda np, x, y: np.full_like(x, 1.0) * x + np.full_like(x, y) if np is not numpy else x + y, (R(3), R())),
    Case("linspace", lambda np, a, b: np.linspace(a, b, 5) + np.linspace(a, b, 5, endpoint=False), (R(), R(2)), wide=True),
    Case("linspace axis", lambda np, a, b: np.linspace(a, b, 5, axis=1), (R(3), R(3)), wide=True),
    Case("logspace", lambda np, a, b: np.logspace(a, b, 4, base=2.0), (R(), R()), wide=True),
    Case("geomspace", lambda np, a, b: np.geomspace(a, b, 4), (P(), P()), wide=True),
    Case("meshgrid", lambda np, x, y: [*np.meshgrid(x, y), *np.meshgrid(x, y, indexing="ij", sparse=True)], (R(3), R(2))),
]  # fmt: skip

POLYNOMIALS = [
    Case("polyval", lambda np, p, x: np.polyval(p, x), (R(3), R(4))),
    *[Case(f"{n} {i} {j}", lambda np, p, q, n=n: getattr(np, n)(p, q), (R(i), R(j))) for n in "polyadd polysub polymul polydiv".split() for i, j in ((4, 2), (2, 4), (3, 3))],
    Case("polymul zeros", lambda np, p: np.polymul(np.concatenate([numpy.zeros(2, p.dtype), p]), [2.0, 1.0]), (R(3),), wide=True),
    Case("polyder", lambda np, p: np.polyder(p) * np.polyder(p, 1) + np.polyder(p, 2)[0] + np.polyder(p, 0)[0], (R(4),), wide=True),
    Case("polyint", lambda np, p, k: np.polyint(p, 2, k), (R(3), R(2)), wide=True),
    Case("polyint plain", lambda np, p: np.polyint(p) + np.polyint(p, 1, 3.0), (R(3),), wide=True),
    Case("roots", lambda np, p: np.roots(np.concatenate([numpy.zeros(1, p.dtype), p, numpy.zeros(2, p.dtype)])), (R(4),), wide=True),
    Case("roots complex", lambda np, p: np.roots(p), (C(4),)),
    Case("poly", lambda np, z: np.poly(z), (R(4),), wide=True),
    Case("poly of a matrix", lambda np, a: np.poly(a), (R(3, 3),), wide=True),
    Case("poly of pairs", lambda np, z: np.poly(np.concatenate([z, np.conj(z)])), (C(2),)),
    Case("polyfit", lambda np, x, y: np.polyfit(x, y, 2), (D(6), R(6)), wide=True),
    Case("polyfit weights", lambda np, x, y, w: np.polyfit(x, y, 1, w=w, full=True)[:2], (D(5), R(5, 2), P(5)), wide=True),
    Case("polyfit cov", lambda np, x, y: np.polyfit(x, y, 1, cov=True) + np.polyfit(x, y, 1, cov="unscaled"), (D(5), R(5)), wide=True),
    Case("vander", lambda np, x: np.vander(x, 4, increasing=True) + np.vander(x, 4), (P(3),), wide=True),
    Case("bincount weights", lambda np, w: np.bincount(ROWS[0], w, 5) + np.bincount(ROWS[0], weights=w, minlength=5), (R(3),), wide=True),
    Case("histogram", lambda np, x, w: np.histogram(x, 3, weights=w), (D(6), R(6)), wide=True),
    Case("histogram density", lambda np, x, w: np.histogram(x, bins=[-1.0, 0.5, 1.0, 2.0], weights=w, density=True), (D(6), P(6)), wide=True),
    Case("histogram of one value", lambda np, x: np.histogram(x * numpy.ones(3), 4)[1], (R(),), wide=True),
    Case("histogram of edges", lambda np, x, e: np.histogram(x, np.cumsum(e) - 1.0, density=True), (D(6), P(4)), wide=True),
    Case("histogram range", lambda np, x, w: np.histogram(x, 4, (0.2, 1.0), weights=w), (D(6), R(6)), wide=True),
    Case("histogram_bin_edges", lambda np, x: np.histogram_bin_edges(x, "sturges"), (D(6),), wide=True),
    Case("histogram2d", lambda np, x, y, w: np.histogram2d(x, y, [2, 3], weights=w, density=True), (D(6), D(6), P(6)), wide=True),
    Case("histogramdd", lambda np, x, w: np.histogramdd(x, 2, weights=w), (D(6, 2), R(6)), wide=True),
]  # fmt: skip

PRODUCTS = [
    *[Case(f"matmul {i} {j}", lambda np, x, y: x @ y, (R(*i), R(*j))) for i, j in
      (((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (3,)),
       ((3,), (5, 3, 4)), ((1, 2, 3), (5, 3, 4)), ((2, 1, 2, 3), (5, 3, 2)))],
    *[Case(f"dot {i} {j}", lambda np, x, y: np.dot(x, y), (R(*i), R(*j))) for i, j in
      (((), ()), ((), (3,)), ((2, 3), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((2, 2, 3), (3,)))],
    *[Case(f"inner {i} {j}", lambda np, x, y: np.inner(x, y), (R(*i), R(*j))) for i, j in (((3,), (3,)), ((), (2,)), ((2, 3), (4, 3)), ((2, 3), (3,)))],
    *[Case(f"outer {i} {j}", lambda np, x, y: np.outer(x, y), (R(*i), R(*j))) for i, j in (((3,), (2,)), ((2, 2), (3,)), ((), (2,)))],
    *[Case(f"tensordot {a}", lambda np, x, y, a=a: np.tensordot(x, y, a), (R(2, 3, 4), R(4, 3, 2))) for a in
      (1, 0, ((2,), (0,)), ((1, 2), (1, 0)), ([-1, 0], [0, 2]), (1, 1))],
    Case("tensordot 2", lambda np, x, y: np.tensordot(x, y), (R(2, 3, 4), R(3, 4, 2))),
    Case("tensordot uneven", lambda np, x, y: np.tensordot(x, y, ((3, 1), (0, 2))), (R(2, 3, 2, 4), R(4, 2, 3))),
    Case("matmul complex", lambda np, x, y: x @ y, (C(2, 3), C(3, 2))),
    Case("products with numbers and lists", lambda np, x: [np.dot(x, 2.0), np.dot(3.0, x), np.inner(x, 2.0), np.dot(x, [1.0, 2.0]), np.matmul(x, [1.0, 2.0]), np.tensordot(x, [1.0, 2.0], 1), np.outer(x, x), np.kron(x, 2.0), np.einsum("ij,j", x, [1.0, 2.0])], (R(3, 2),), wide=True),
    Case("vdot", lambda np, x, y: np.vdot(x, y), (R(2, 3), R(2, 3))),
    Case("vdot complex", lambda np, x, y: np.vdot(x, y), (C(3), C(3))),
    Case("vecdot", lambda np, x, y: np.vecdot(x, y) + np.linalg.vecdot(x, y), (R(2, 3), R(3))),
    *([Case("matvec", lambda np, x, y: np.matvec(x, y), (R(2, 3), R(3))), Case("vecmat", lambda np, x, y: np.vecmat(x, y), (R(2), R(2, 3)))]
      if hasattr(numpy, "matvec") else []),
    *[Case(f"kron {i} {j}", lambda np, x, y: np.kron(x, y), (R(*i), R(*j))) for i, j in (((2, 3), (3, 2)), ((2,), (3, 2)), ((2, 2), (3,)))],
    Case("cross", lambda np, x, y: np.cross(x, y) + np.linalg.cross(x, y), (R(2, 3), R(3))),
    Case("cross axis", lambda np, x, y: np.cross(x, y, axis=0), (R(3, 2), R(3, 2))),
    *[Case(f"einsum {s}", lambda np, *xs, s=s: np.einsum(s, *xs), tuple(R(*shape) for shape in shapes)) for s, *shapes in
      (("ij->ji", (2, 3)), ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("ii->i", (3, 3)), ("ii", (3, 3)), ("iij->j", (2, 2, 3)),
       ("ij->", (2, 3)), ("i,j->ij", (2,), (3,)), ("ij,jk,kl->il", (2, 3), (3, 2), (2, 3)), ("...ij,...jk->...ik", (2, 2, 3), (3, 4)),
       ("i...->...", (3, 2)), ("bij,bj->bi", (2, 3, 4), (2, 4)), ("ij,ij->", (2, 3), (2, 3)), ("i,ij->j", (1,), (3, 2)), ("ij,ij->ij", (1, 3), (2, 3)),
       ("ij,kl->j", (2, 3), (2, 2)), ("...i,...i", (2, 3), (1, 3)), ("iii->i", (2, 2, 2)), ("i,i,i->", (3,), (3,), (3,)), (",i->i", (), (3,)))],
    Case("einsum lists", lambda np, x, y: np.einsum(x, [0, 1], y, [1, 2], [0, 2]) + np.einsum(x, [0, 1], y, [1, 2]), (R(2, 3), R(3, 4))),
    Case("einsum optimize", lambda np, x, y, z: np.einsum("ij,jk,kl->il", x, y, z, optimize=True), (R(2, 3), R(3, 2), R(2, 2))),
    Case("einsum complex", lambda np, x, y: np.einsum("ij,jk->ik", x, y), (C(2, 3), C(3, 2))),
]  # fmt: skip

LINALG = [
    Case("inv", lambda np, a: np.linalg.inv(a), (R(3, 3),)),
    Case("inv stack", lambda np, a: np.linalg.inv(a), (R(2, 3, 3),)),
    Case("inv complex", lambda np, a: np.linalg.inv(a), (C(3, 3),)),
    *[Case(f"solve {i} {j}", lambda np, a, b: np.linalg.solve(a, b), (R(*i), R(*j))) for i, j in
      (((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 3, 3), (3,)), ((2, 3, 3), (2, 3, 1)), ((2, 3, 3), (3, 2)))],
    Case("det", lambda np, a: np.linalg.det(a), (R(3, 3),)),
    Case("det stack", lambda np, a: np.linalg.det(a), (R(2, 3, 3),)),
    Case("slogdet", lambda np, a: np.linalg.slogdet(a), (R(3, 3),)),
    Case("slogdet stack", lambda np, a: np.linalg.slogdet(a)[1], (R(2, 3, 3),)),
    Case("slogdet complex", lambda np, a: np.linalg.slogdet(a), (C(3, 3),)),
    Case("cholesky", lambda np, a: np.linalg.cholesky(symmetric(a)), (R(3, 3),)),
    Case("cholesky stack", lambda np, a: np.linalg.cholesky(a @ a.mT + numpy.eye(3, dtype=a.dtype)), (R(2, 3, 3),)),
    Case("cholesky complex", lambda np, a: np.linalg.cholesky(hermitian(a)), (C(3, 3),)),
    Case("cholesky upper", lambda np, a: np.linalg.cholesky(symmetric(a), upper=True), (R(3, 3),)),
    Case("qr", lambda np, a: np.linalg.qr(a), (R(3, 3),)),
    Case("qr tall", lambda np, a: np.linalg.qr(a), (R(4, 3),)),
    Case("qr wide", lambda np, a: np.linalg.qr(a), (R(2, 4),)),
    Case("qr r", lambda np, a: np.linalg.qr(a, "r"), (R(4, 3),)),
    *[Case(f"qr complete {s}", lambda np, a: np.linalg.qr(a, "complete"), (R(*s),)) for s in ((4, 2), (3, 3), (2, 3), (2, 4, 2))],
    Case("qr complete complex", lambda np, a: np.linalg.qr(a, "complete"), (C(4, 2),)),
    Case("svd hermitian", lambda np, a: np.linalg.svd(symmetric(a), hermitian=True), (R(3, 3),)),
    Case("svd hermitian values", lambda np, a: np.linalg.svd(hermitian(a), hermitian=True, compute_uv=False), (C(3, 3),)),
    *[Case(f"svd full {s}", lambda np, a: _full_svd(np, a), (R(*s),)) for s in ((4, 3), (5, 2), (2, 4), (2, 4, 2))],
    Case("svd full complex", lambda np, a: _full_svd(np, a)[1:], (C(4, 2),)),
    Case("pinv hermitian", lambda np, a: np.linalg.pinv(hermitian(a), hermitian=True), (C(3, 3),)),
    Case("linalg.vecdot axis", lambda np, x, y: np.linalg.vecdot(x, y, axis=0), (R(3, 2), R(3, 2))),
    Case("qr stack", lambda np, a: np.linalg.qr(a).R, (R(2, 4, 3),)),
    Case("qr complex", lambda np, a: np.linalg.qr(a), (C(4, 3),)),
    Case("eigh", lambda np, a: np.linalg.eigh(a), (R(3, 3),)),
    Case("eigh upper", lambda np, a: np.linalg.eigh(a, "U"), (R(3, 3),)),
    Case("eigh stack", lambda np, a: np.linalg.eigh(a)[0], (R(2, 3, 3),)),
    Case("eigh complex", lambda np, a: [np.linalg.eigh(a)[0], np.abs(np.linalg.eigh(a)[1])], (C(3, 3),)),
    Case("eigvalsh", lambda np, a: np.linalg.eigvalsh(symmetric(a)), (R(3, 3),)),
    Case("eig", lambda np, a: np.linalg.eig(symmetric(a) + 0.1 * a), (R(3, 3),)),
    Case("eig complex", lambda np, a: [np.linalg.eig(a)[0], np.abs(np.linalg.eig(a)[1])], (C(3, 3),)),
    Case("eig complex vectors", lambda np, a: np.linalg.eig(a), (C(3, 3),)),
    Case("eig stack", lambda np, a: np.linalg.eig(a)[0], (C(2, 3, 3),)),
    Case("eigvals of a turn", lambda np, a: np.linalg.eig(a * 0.1 + numpy.array([[0, -2, 0], [1, 0, 0], [0, 0, 3]], a.dtype)), (R(3, 3),)),
    Case("eigvals", lambda np, a: np.linalg.eigvals(a), (C(3, 3),)),
    Case("svd", lambda np, a: np.linalg.svd(a), (R(3, 3),)),
    Case("svd tall", lambda np, a: np.linalg.svd(a, full_matrices=False), (R(4, 3),)),
    Case("svd wide", lambda np, a: np.linalg.svd(a, full_matrices=False), (R(2, 4),)),
    Case("svd stack", lambda np, a: np.linalg.svd(a, full_matrices=False), (R(2, 2, 3),)),
    Case("svd full values", lambda np, a: np.linalg.svd(a).S, (R(2, 4),)),
    Case("svd complex", lambda np, a: _svd_invariants(np, a), (C(4, 3),)),
    Case("svd values", lambda np, a: np.linalg.svd(a, compute_uv=False), (R(4, 3),)),
    Case("svdvals", lambda np, a: np.linalg.svdvals(a), (C(2, 3),)),
    Case("pinv tall", lambda np, a: np.linalg.pinv(a), (R(4, 3),)),
    Case("pinv wide", lambda np, a: np.linalg.pinv(a), (R(2, 3),)),
    Case("pinv stack", lambda np, a: np.linalg.pinv(a), (R(2, 4, 3),)),
    Case("pinv complex", lambda np, a: np.linalg.pinv(a), (C(4, 3),)),
    *[Case(f"lstsq {i} {j}", lambda np, a, b: [r for k, r in enumerate(np.linalg.lstsq(a, b)) if k != 2], (R(*i), R(*j))) for i, j in
      (((4, 3), (4,)), ((4, 3), (4, 2)), ((2, 3), (2,)))],
    *[Case(f"norm vector {o}", lambda np, x, o=o: np.linalg.norm(x, o), (D(5),)) for o in (None, 1, 2, 3, 0.5, numpy.inf, -numpy.inf, -1)],
    *[Case(f"norm matrix {o}", lambda np, x, o=o: np.linalg.norm(x, o), (D(3, 2),)) for o in (None, "fro", "nuc", 1, -1, 2, -2, numpy.inf, -numpy.inf)],
    *[Case(f"norm axis {o}", lambda np, x, o=o: np.linalg.norm(x, o, axis=1, keepdims=True), (D(3, 4),)) for o in (None, 1, 2, 3, numpy.inf)],
    *[Case(f"norm axes {o}", lambda np, x, o=o: np.linalg.norm(x, o, axis=(0, 2)), (D(3, 4, 2),)) for o in (None, "fro", "nuc", 1, 2)],
    Case("norm all keepdims", lambda np, x: np.linalg.norm(x, keepdims=True), (R(2, 3, 2),)),
    Case("norm complex", lambda np, x: np.linalg.norm(x) + np.linalg.norm(x, 3), (C(4),)),
    Case("norm 0", lambda np, x: np.linalg.norm(x, 0) * x, (R(4),)),
    *[Case(f"vector_norm {o}", lambda np, x, o=o: np.linalg.vector_norm(x, ord=o, axis=(0, 2), keepdims=True), (D(3, 4, 2),)) for o in (2, 1, 3)],
    Case("matrix_norm", lambda np, x: np.linalg.matrix_norm(x), (D(3, 4, 2),)),
    *[Case(f"cond {p}", lambda np, x, p=p: np.linalg.cond(x, p), (R(3, 3),)) for p in (None, -2, 1, "fro")],
    *[Case(f"matrix_power {n}", lambda np, x, n=n: np.linalg.matrix_power(x, n) + x, (R(3, 3),)) for n in (0, 1, 2, 5, -1, -3)],
    Case("multi_dot", lambda np, *xs: np.linalg.multi_dot(list(xs)), (R(2, 5), R(5, 3), R(3, 4), R(4, 2))),
    Case("multi_dot vectors", lambda np, *xs: np.linalg.multi_dot(list(xs)), (R(2), R(2, 3), R(3))),
    Case("tensorsolve", lambda np, a, b: np.linalg.tensorsolve(a, b), (R(2, 3, 6), R(2, 3))),
    Case("tensorinv", lambda np, a: np.linalg.tensorinv(a, 1), (R(4, 2, 2),)),
    Case("linalg others", lambda np, a: [np.linalg.diagonal(a, offset=1), np.linalg.trace(a), np.linalg.matrix_transpose(a)], (R(2, 3, 4),)),
    Case("linalg products", lambda np, a: [np.linalg.matmul(a, a), np.linalg.outer(a[0], a[1]), np.linalg.tensordot(a, a, axes=1)], (R(3, 3),)),
]  # fmt: skip


def _full_svd(np: Any, a: Any) -> list[Any]:
    """What does not depend on the basis of the vectors beyond the singular values."""
    u, s, vh = np.linalg.svd(a)
    k = s.shape[-1]
    beyond = [u[..., k:], np.conj(vh[..., k:, :].mT)]
    made = [v @ np.conj(v.mT) for v in beyond if v.shape[-1] > 0]
    return [u[..., :k] @ vh[..., :k, :], *made]


def _svd_invariants(np: Any, a: Any) -> list[Any]:
    """What does not depend on the phases of the singular vectors."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return [s, u @ vh, np.abs(u), np.abs(vh)]


FFT = [
    *[Case(f"{f} {n} {norm}", lambda np, x, f=f, n=n, norm=norm: getattr(np.fft, f)(x, n, 0, norm), (C(5, 2),))
      for f in ("fft", "ifft", "irfft", "hfft") for n, norm in ((None, None), (7, "ortho"), (3, "forward"), (6, "backward"))],
    *[Case(f"{f} {n} {norm}", lambda np, x, f=f, n=n, norm=norm: getattr(np.fft, f)(x, n, 0, norm), (R(5, 2),))
      for f in ("fft", "ifft", "rfft", "ihfft", "irfft") for n, norm in ((None, None), (7, "ortho"), (4, "forward"))],
    *[Case(f"{f} complex", lambda np, x, f=f: getattr(np.fft, f)(x), (C(3, 2, 4),)) for f in "fft2 ifft2 irfft2 fftn ifftn irfftn".split()],
    *[Case(f"{f} real", lambda np, x, f=f: getattr(np.fft, f)(x), (R(3, 2, 4),)) for f in "fft2 rfft2 fftn rfftn fftshift ifftshift".split()],
    *[Case(f"{f} sized", lambda np, x, f=f: getattr(np.fft, f)(x, (4, 3), (0, 2), "ortho"), (R(3, 2, 4),)) for f in "fftn ifftn rfftn irfftn".split()],
    Case("fftshift axis", lambda np, x: np.fft.fftshift(x, 0) + np.fft.ifftshift(x, (1,)), (R(3, 5),)),
]  # fmt: skip

# what they compute, or how long it is, depends on the values in ways that no program can be captured of
_UNCAPTURED = """real_if_close piecewise trim_zeros nanquantile nanpercentile nanmedian lstsq polymul polydiv polyfit
unique unique_all unique_counts unique_inverse unique_values union1d setxor1d setdiff1d intersect1d histogram
histogram_bin_edges histogram2d histogramdd roots""".split()
_UNCAPTURED_CASES = [
    "quantile weights",
    "percentile weights",
    "quantile of q lower",
    "quantile of q midpoint",
    "poly of a matrix",
    "poly of pairs",
]


def uncaptured(case: Case) -> bool:
    """Whether capturing the case is refused."""
    return case.name.split()[0] in _UNCAPTURED or case.name in _UNCAPTURED_CASES


CASES = [
    *ELEMENTWISE,
    *STABLE,
    *REDUCTIONS,
    *SHAPING,
    *INDEXING,
    *SORTING,
    *CALCULUS,
    *POLYNOMIALS,
    *PRODUCTS,
    *LINALG,
    *FFT,
]
