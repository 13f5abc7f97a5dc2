"""The lines a random program may have: rows of text, and every case of the primitives' table.

In a row `{a}` and `{b}` stand for any value of the program, `{r}` and `{s}` for real ones, `{c}` for a constant, `{n}`
for an axis, `{k}` for True or False and `{i}` for an index.
"""

import functools

import autograd.numpy as anp
from autograd import Tensor

from ..numpy.oracle import leaves
from .words import TABLE

ANALYTIC = """
{a} + {b}
{a} - {b}
{a} * {b}
{a} / (3.0 + np.sin({b}))
1.5 - {a}
{a} * 0.5 + 1
2 * {a}
-{a}
({a} + {b}) * ({a} - {b})
{a} - 0.3 * {a}
{a} + 0
1 * {a}
{a} * 0 + {b}
{a} ** 2
{a} ** 3.0
{a} * {a} * {a}
(2.5 + np.sin({a})) ** -1
(2.5 + np.sin({a})) ** 0.5
(2.5 + np.sin({a})) ** np.cos({b})
np.sqrt(2.5 + np.sin({a}))
np.log(2.5 + np.sin({a}))
np.exp(np.sin({a}))
np.log(np.exp(np.sin({a})) + np.exp(np.cos({b})))
np.exp(np.log(2.5 + np.sin({a})))
np.sin({a})
np.cos({a}) * 2.0
np.tanh(np.sin({a}))
np.float64(0.5) * {a}
np.array(0.7) * {a}
{a} * np.array([0.5, -1.5])
np.sum({a})
np.sum({a}, axis=0)
np.sum({a}, axis=-1, keepdims=True)
np.sum({a} * {b})
np.sum(np.sum({a}, axis=0, keepdims=True) * {b})
{a}.mean()
np.mean({a}, axis=-1)
np.prod(np.sin({a}))
np.prod(np.sin({a}), axis=0)
{a} - np.mean({a}, axis=-1, keepdims=True)
np.cumsum({a})
np.cumsum({a}, axis=-1)
np.cumprod(np.sin({a}), axis=-1)
{a}.T
{a}.T.T
{a}.reshape(-1)
np.ravel({a})[::2]
np.reshape({a}, (1, -1))
np.transpose({a})
np.swapaxes({a}, 0, -1)
{a}[0]
{a}[-1:]
{a}[..., 0]
{a}[..., ::-1]
{a}[[0, 0]]
{a}[None]
{a}[..., None]
{a}[1:] * {a}[:-1]
np.take({a}, [0, 0, 1], axis=-1, mode="wrap")
np.expand_dims({a}, 0)
np.squeeze({a})
np.concatenate([np.ravel({a}), np.ravel({b})])
np.concatenate([{a}, {a} * {b}])
np.stack([{a}, {b}])
np.stack([{a}, {b}], axis=-1)[..., 0] * {b}
np.broadcast_to({a}, (2, *{a}.shape))
np.tile({a}, 2)
np.roll({a}, 1)
np.flip({a}, -1)
np.pad({a}, 1)
np.tril({a} + np.ones((2, 2)))
{a} @ {b}
{a} @ {b}.T
{a}.T @ {b}
np.dot({a}, {b})
np.outer({a}, {b})
np.inner({a}, {b})
np.tensordot({a}, {b}, 0)
np.einsum("...i,...i", {a}, {b})
np.einsum("...i,...i->...i", {a}, {b})
np.einsum("ij->j", {a})
np.einsum("ij,kj->ik", {a}, {b})
np.kron({a}, {b})
np.diff({a})
np.trace({a} * np.ones((2, 2)))
np.linalg.solve(3.0 * np.eye(2) + 0.3 * np.sin(np.resize({a}, (2, 2))), np.resize({b}, (2,)))
np.linalg.inv(3.0 * np.eye(2) + 0.3 * np.sin(np.resize({a}, (2, 2))))
np.linalg.det(3.0 * np.eye(3) + 0.3 * np.sin(np.resize({a}, (3, 3))))
np.linalg.matrix_power(np.sin(np.resize({a}, (2, 2))), 3)
autograd.checkpoint(lambda a, b: np.sin(a) * b)({a}, {b})
autograd.checkpoint(lambda a: np.exp(np.sin(a)))({a})
still(lambda: np.sin({a})) * {b}
{a}[{i}]
{a}[{i}] * {b}
{a} * {c}
{c} - {a}
{a} + {c}
{c} @ {a}
np.atleast_1d({a}) * [1.0, 2.0]
[1.0, 2.0] @ np.atleast_1d({a})
{a} @ {c}
np.sum({a}, axis={n}, keepdims={k})
{a}.sum({n})
{a}.mean(axis={n}, keepdims={k})
{a} - {a}.mean(axis={n}, keepdims=True)
np.prod(np.sin({a}), axis={n}, keepdims={k})
np.sum({a} * {b}, axis={n})
np.sum(np.sin({a}), axis=(0, -1))
np.cumsum({a}, axis={n})
np.cumprod(np.sin({a}), axis={n})
np.flip({a}, axis={n})
np.roll({a}, 2, axis={n})
np.repeat({a}, 2, axis={n})
np.moveaxis({a}, 0, -1)
np.reshape({a}, (2, -1), order="F")
{a}.reshape(-1, 1) * {b}
{a}.T.reshape(-1)
np.add({a}, {b}) * np.subtract({a}, {b})
numpy.multiply.outer({a}, {b})
numpy.add.reduce({a}, axis={n})
numpy.add.accumulate({a}, axis=-1)
np.where(numpy.arange({a}.shape[-1]) % 2 == 0, {a}, {b})
np.where([True, False], {a}, 2.0)
np.tensordot({a}, {b}, ([0], [0]))
np.tensordot({a}, {b}, ([-1], [-1]))
np.convolve(np.ravel({a}), np.ravel({b})[:2])
np.diagonal(np.outer({a}, {b}))
np.append({a}, {b})
np.insert(np.ravel({a}), 1, np.sum({a}))
np.delete(np.ravel({a}), 0)
np.atleast_2d({a}) @ np.atleast_2d({b}).T
np.hstack([{a}, {b}])
np.vstack([{a}, {b}])
np.array([np.sum({a}), np.sum({b})])
np.array([[np.sum({a}), 1.0], [0.5, np.sum({b})]])
np.linspace(np.sum({a}), 1.0, 3)
np.meshgrid(np.ravel({a}), np.ravel({b}))[0]
np.einsum("i...,i...->...", {a}, {b})
np.einsum("ij,j->i", {a}, {b})
np.einsum("ij,ij->i", {a}, {b})
np.average({a}, axis={n})
np.average({a}, axis=-1, weights=2.5 + np.sin({a}))
{a}.sum() / {a}.size
{a} / {a}.shape[-1]
({a} * {b}) / (1 + {a} * {a})
({a} + {b}) ** 2 - {a} ** 2
np.exp(np.sin({a}) + np.cos({b})) / np.exp(np.sin({a}))
np.squeeze(np.expand_dims({a}, {n}))
np.swapaxes({a}[None], 0, -1)
np.take({a}, [0, -1, 0], axis={n})
np.stack([{a}, {b}, {a}], axis={n})
np.concatenate([{a}, {b}], axis={n})
np.split({a}, 2, axis={n})[1]
np.cross(np.resize({a}, 3), np.resize({b}, 3))
np.polyval(np.resize({a}, 3), np.sin({b}))
np.interp(0.4, [0.0, 1.0, 2.0], np.resize({a}, 3))
np.resize({a}, (2, 3)) @ np.resize({b}, (3,))
cube(np.sin({a}))
""".strip().splitlines()

OTHER = """
np.abs({a})
np.maximum({r}, {s})
np.minimum({r}, 0.3)
np.where({r} > 0, {a}, {b})
np.where({r} > 0, {a}, 1.0)
np.where({r} > 0, np.sqrt({r}), {s})
np.where({r} > 0, np.log({r}), 0.5)
np.where({r} > 0, 1 / {r}, {s} * {r}) * 0.1
np.where({r} > {s}, {r} - {s}, 0) ** 0.5
np.clip({r}, -0.6, 0.8)
np.clip({r}, {s} - 1, {s} + 1)
{r}[np.argsort({r}, axis=None)] if {r}.ndim == 1 else np.sort({r})
np.sort({r}, axis=None)
np.sort({r}, axis=-1) * np.cos({s})
np.max({r})
np.max({r}, axis=-1, keepdims=True)
np.min({r}, axis=0)
np.median({r}, axis=-1)
np.ptp({r})
np.var({a}, axis=-1)
np.std({a} + np.arange({a}.size).reshape({a}.shape))
{a} / np.sqrt(0.5 + np.sum(np.abs({a}) ** 2))
np.linalg.norm(np.ravel({a}))
np.linalg.norm(np.ravel({a}), 3)
np.linalg.eigh(np.diag([1.0, 2.0, 4.0]) + 0.2 * np.sin(np.resize({r}, (3, 3))))[0]
np.linalg.cholesky(3.0 * np.eye(2) + 0.3 * np.outer(np.sin(np.resize({r}, 2)), np.sin(np.resize({r}, 2))))
np.linalg.svd(np.diag([1.0, 2.0, 4.0])[:, :2] + 0.2 * np.sin(np.resize({r}, (3, 2))), compute_uv=False)
np.fft.fft({a})
np.fft.ifft({a})
np.fft.rfft({r})
np.fft.irfft({a})
np.fft.fft({a} + 0j)[..., :1] * {b}
{a} + 0.5j
{r} + {s} * 1j
{a} * 1j
np.real({a})
np.imag({a} * (1 + 2j))
np.conj({a}) * {b}
np.abs({a} + 0.3j) ** 2
np.exp({r} * 1j)
np.angle(2.0 + np.sin(np.real({a})) + np.cos({r}) * 1j)
np.sigmoid({r})
np.log(np.sigmoid({r}))
np.log(1 - np.sigmoid({r} * 0.2))
{s} * np.log(np.sigmoid(0.2 * {r})) + (1 - {s}) * np.log(1 - np.sigmoid(0.2 * {r}))
1 / (1 + np.exp(-{r}))
np.log(1 + np.exp({r}))
np.logaddexp({r}, {s})
np.logsumexp({r}, axis=-1, keepdims=True) - {r}
np.log(np.sum(np.exp({r} * 0.3), axis=-1, keepdims=True))
np.softmax({r}, axis=-1)
-np.log(np.softmax({r}))
np.log_softmax({r}, axis=0)
np.softplus({r}) - {r}
np.relu({r}) * {b}
np.relu({r} - {s}) ** 2
np.maximum(0, {r})
np.arctan2({r}, 2.0 + np.cos({s}))
np.hypot({r}, {s})
np.sinc({r})
np.floor({r}) * {b}
{r} % 0.7
np.sign({r}) * {b}
np.nan_to_num({r})
np.quantile({r}, 0.3)
np.quantile({r}, [0.4, 0.9], axis={n})
np.median({r}, axis={n}, keepdims={k})
np.max({r}, axis={n}, keepdims={k})
np.min({r}, axis={n}, keepdims={k})
{r}.max(axis={n})
np.var({a}, axis={n}, keepdims={k})
np.std({r} + numpy.arange({r}.size).reshape({r}.shape), axis={n}, ddof=0)
np.linalg.norm({a}, axis={n})
np.sort({r}, axis={n})
np.take_along_axis({r}, np.argsort({r}, axis=-1), axis=-1)
numpy.maximum.accumulate({r}, axis=-1)
np.logsumexp({r}, axis={n}, keepdims={k})
np.softmax({r}, axis={n}) * {s}
np.nanmean({r}, axis={n})
np.nansum({a}, axis={n})
np.fft.fft({a}, axis={n}, norm="ortho")
np.fft.irfft(np.fft.rfft({r}) * 0.5, 4)
np.fft.fftn({a})
np.clip({r}, 0, None)
np.clip({r}, {c} - 2, {c})
np.maximum({r}, 0.0) * {b}
np.where({r} > 0, {r}, 0.01 * {r})
np.where({r} > {s}, {r}, {s})
np.where(np.isnan({r}), 0.0, {r})
np.where({r} > 0, {a}, 0) / np.where({r} > 0, 1.0, 2.0)
np.abs({r}) ** 1.5
np.sign({r}) * np.abs({r}) ** 0.5
np.sqrt({r} ** 2)
np.fmax({r}, {s})
{r} // 0.5 * {b}
np.arctan2({r}, {s})
np.real({a}) ** 2 + np.imag({a}) ** 2
np.real({a} * np.conj({a}))
np.vdot({a}, {b})
np.conj({a}) @ {b}
np.sqrt({a} + 3j)
np.log({a} + 4j)
{r}.astype(np.float64) * {b}
np.select([{r} > 0.5, {r} > 0], [{a}, {b}], 0.0)
np.choose(({r} > 0).astype(int), [{r}, {r} * {r}], mode="clip")
np.max(np.abs({a}))
np.sum({r}, where=numpy.arange({r}.shape[-1]) != 0)
np.linalg.norm(np.resize({r}, (2, 2)) + 3 * np.eye(2), 2)
np.linalg.pinv(numpy.eye(3, 2) * 2 + 0.3 * np.sin(np.resize({r}, (3, 2))))
np.linalg.slogdet(3.0 * np.eye(2) + 0.3 * np.sin(np.resize({r}, (2, 2))))[1]
np.linalg.qr(3.0 * np.eye(3, 2) + 0.3 * np.sin(np.resize({r}, (3, 2))))[1]
np.cov(np.resize({r}, (2, 3)))
np.gradient({r}, axis=-1)
np.unwrap({r}, axis=-1)
np.trapezoid({r}, axis=-1)
np.nan_to_num(np.where({r} > 0, {r}, np.nan))
-np.sum({s} * np.log(np.sigmoid({r} * 0.2)), axis={n})
np.sum(np.log(np.sum(np.exp({r} * 0.3), axis={n})))
np.mean((np.tanh({r}) - {s}) ** 2)
still(lambda: np.abs({a})) + {a}
autograd.checkpoint(lambda a: np.where(a > 0, a, 0.1 * a))({r})
""".strip().splitlines()

ARBITRARY = {"partition", "polydiv"}
"""Groups of cases whose results are in an order, or of a length, that may be another one in extended precision."""

SMOOTH = set(
    """sin cos tan arctan sinh cosh tanh arcsinh exp exp2 expm1 square negative log log2 log10 log1p sqrt reciprocal
    add subtract multiply divide power broadcast operators powers exponent sum mean prod cumsum cumprod reshape ravel
    transpose swapaxes moveaxis rollaxis matrix_transpose expand_dims squeeze broadcast_to flip fliplr flipud rot90
    roll tile repeat resize concatenate stack vstack hstack dstack column_stack append block insert delete index take
    take_along_axis compress diagonal make_diagonal diag diagflat trace tril triu diff convolve matmul dot inner outer
    tensordot kron cross einsum inv solve det matrix_power multi_dot tensorsolve tensorinv polyval vander""".split()
)
"""Groups of cases that are analytic functions of their arguments, for the complex step."""


def group(name: str) -> str:
    """The first word of a case's name: the function it is about."""
    return name.split()[0]


@functools.cache
def groups(analytic: bool = False) -> dict[str, list[str]]:
    """The cases with anything to differentiate, by group; if asked, those that the complex step can be taken of."""
    table: dict[str, list[str]] = {}
    if analytic:
        for about, names in groups().items():
            fit = [n for n in names if not TABLE[n].wide and not any(a.kind == "complex" for a in TABLE[n].arrays)]
            if about in SMOOTH and fit:
                table[about] = fit
        return table
    for name, made in TABLE.items():
        if group(name) in ARBITRARY:
            continue
        results = leaves(made.fun(anp, *[Tensor(a, requires_grad=True) for a in made.draw()]))
        if any(getattr(r, "requires_grad", False) for r in results):
            table.setdefault(group(name), []).append(name)
    return table
