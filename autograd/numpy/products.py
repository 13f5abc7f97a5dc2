"""Sums of products: matmul, dot, tensordot, einsum, outer, inner."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ..graph import describe
from ..shapes import inverse_permutation, normalize_axes
from .elementwise import _conj
from .joining import stack
from .reductions import sum
from .registry import EachArgument, composed, gathered, implements, primitive, registry
from .shaping import broadcast_to, expand_dims, moveaxis, ravel, reshape, squeeze, swapaxes, transpose

Array = Any
_ndarray = np.ndarray
MUCH = 400_000  # entries from which on the order of two operands counts


def product(a: Array, b: Array) -> Array:
    """a @ b; of a plain matrix by its `dot`, the cheaper call with the same result, and quick for a single row too.

    Not of a view whose rows lie apart, as those of data without their column of labels: `dot` would copy it.
    """
    if (
        type(a) is _ndarray
        and type(b) is _ndarray
        and a.ndim == 2
        and 0 < b.ndim < 3
        and (a.base is None or a.flags.forc)
        and (b.base is None or b.flags.forc)
    ):
        return a.dot(b)
    return a @ b


def transposed_product(a: Array, g: Array) -> Array:
    """a.T @ g, the gradient of weights."""
    if type(a) is _ndarray and a.size >= MUCH and type(g) is _ndarray and better_turned(a, g):
        return np.ascontiguousarray(g.T.dot(a).T)
    return product(a.T, g)


def better_turned(a: Array, g: Array) -> bool:
    """Whether (g.T @ a).T is quicker than a.T @ g.

    OpenBLAS's float64 kernels for AVX-512 want many rows of a.T in their registers, which the columns of g do not fill:
    turned, the product takes 60 to 90 % of the time. With AVX2, and in float32, it takes longer.
    """
    matrices = a.ndim == g.ndim == 2 and a.dtype.char == g.dtype.char == "d"
    return matrices and a.size >= MUCH and a.shape[1] >= max(400, 2 * g.shape[1]) and has_avx512()


@cache
def has_avx512() -> bool:
    """Whether NumPy found AVX-512 when it was loaded."""
    try:
        from numpy.lib.introspect import opt_func_info
    except ImportError:  # NumPy 2.0
        return False
    kernels = opt_func_info(func_name="^exp$", signature="float64")
    targets = [kernel["current"] for kinds in kernels.values() for kernel in kinds.values()]
    return any("AVX512" in target or "X86_V4" in target for target in targets)


def _matmul_left(g: Array, out: Array, a: Array, b: Array) -> Array:
    b = b if hasattr(b, "ndim") else np.asarray(b)
    if b.ndim == 2 and a.ndim > 1:
        return product(g, b.T) if a.ndim == 2 else g @ b.T
    if b.ndim == 1:
        return expand_dims(g, -1) * b if a.ndim > 1 else g * b
    if a.ndim == 1:
        return squeeze(b @ expand_dims(g, -1), -1)
    return g @ swapaxes(b, -1, -2)


def _matmul_right(g: Array, out: Array, a: Array, b: Array) -> Array:
    a = a if hasattr(a, "ndim") else np.asarray(a)
    if a.ndim == 2 and b.ndim <= 2:
        return transposed_product(a, g)
    if a.ndim == 1:
        return expand_dims(a, -1) * expand_dims(g, -2) if b.ndim > 1 else a * g
    if b.ndim == 1:
        return squeeze(swapaxes(a, -1, -2) @ expand_dims(g, -1), -1)
    return swapaxes(a, -1, -2) @ g


matmul = primitive(np.matmul, _matmul_left, _matmul_right)


def _arrays(*values: Any) -> list[Array]:
    """Numbers and lists among the arguments as arrays, for rules that ask for shapes."""
    return [v if hasattr(v, "ndim") else np.asarray(v) for v in values]


def _tensordot_rule(argument: int, g: Array, out: Array, a: Array, b: Array, axes: Any = 2) -> Array:
    """Contract g with the other factor over the other's free axes, then put the axes in their places."""
    a, b = _arrays(a, b)
    if isinstance(axes, (int, np.integer)):
        axes_a, axes_b = tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes))
    else:
        axes_a, axes_b = normalize_axes(axes[0], a.ndim), normalize_axes(axes[1], b.ndim)
    free_a = tuple(i for i in range(a.ndim) if i not in axes_a)
    free_b = tuple(i for i in range(b.ndim) if i not in axes_b)
    if argument == 0:
        made = tensordot(g, b, (tuple(range(len(free_a), g.ndim)), free_b))
        placed = free_a + tuple(axes_a[i] for i in np.argsort(axes_b))
    else:
        made = tensordot(a, g, (free_a, tuple(range(len(free_a)))))
        placed = tuple(axes_b[i] for i in np.argsort(axes_a)) + free_b
    return transpose(made, inverse_permutation(placed))


tensordot = primitive(np.tensordot, name="tensordot")
tensordot.rules = EachArgument(_tensordot_rule)


def _dot_rule(argument: int, g: Array, out: Array, a: Array, b: Array) -> Array:
    a, b = _arrays(a, b)
    if a.ndim == 0 or b.ndim == 0:
        return g * (b, a)[argument]
    if a.ndim <= 2 and b.ndim <= 2:
        return (_matmul_left, _matmul_right)[argument](g, out, a, b)
    axes = ((a.ndim - 1,), (max(b.ndim - 2, 0),))
    return _tensordot_rule(argument, g, out, a, b, axes)


dot = primitive(np.dot, name="dot")
dot.rules = EachArgument(_dot_rule)
dot.most = 2


def _inner_rule(argument: int, g: Array, out: Array, a: Array, b: Array) -> Array:
    a, b = _arrays(a, b)
    if a.ndim == 0 or b.ndim == 0:
        return g * (b, a)[argument]
    return _tensordot_rule(argument, g, out, a, b, ((a.ndim - 1,), (b.ndim - 1,)))


inner = primitive(np.inner, name="inner")
inner.rules = EachArgument(_inner_rule)
outer = primitive(
    np.outer,
    lambda g, out, a, b: reshape(g @ reshape(b, (-1,)), a.shape),
    lambda g, out, a, b: reshape(reshape(a, (-1,)) @ g, b.shape),
)


@composed(np.vdot)
def vdot(a: Array, b: Array, /) -> Array:
    """The sum of conj(a) * b over all entries."""
    a, b = ravel(gathered(a)), ravel(gathered(b))
    return dot(_conj(a), b)


@composed(np.vecdot, np.linalg.vecdot)
def vecdot(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """The sums of conj(x1) * x2 along an axis."""
    x1, x2 = _arrays(gathered(x1), gathered(x2))
    if not (x1.ndim and x2.ndim) or x1.shape[axis] != x2.shape[axis]:
        raise ValueError(f"vecdot: vectors of one length are multiplied, not {describe(x1)} and {describe(x2)}")
    if axis != -1:
        x1, x2 = moveaxis(x1, axis, -1), moveaxis(x2, axis, -1)
    return sum(_conj(x1) * x2, axis=-1)


@composed(np.kron)
def kron(a: Array, b: Array) -> Array:
    """Kronecker's product: blocks of `b` times each entry of `a`."""
    a, b = gathered(a), gathered(b)
    a = a if hasattr(a, "dtype") else np.asarray(a)
    b = b if hasattr(b, "dtype") else np.asarray(b)
    ndim = max(a.ndim, b.ndim)
    shape_a = (1,) * (ndim - a.ndim) + a.shape
    shape_b = (1,) * (ndim - b.ndim) + b.shape
    wide_a = reshape(a, tuple(n for length in shape_a for n in (length, 1)))
    wide_b = reshape(b, tuple(n for length in shape_b for n in (1, length)))
    return reshape(wide_a * wide_b, tuple(n * m for n, m in zip(shape_a, shape_b, strict=True)))


@composed(np.cross, np.linalg.cross)
def cross(a: Array, b: Array, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Array:
    """The vector product along an axis of length 3 (or 2, the third entry being 0)."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a = moveaxis(gathered(a), axisa, -1)
    b = moveaxis(gathered(b), axisb, -1)
    if not {a.shape[-1], b.shape[-1]} <= {2, 3}:
        raise ValueError(f"cross: vectors have 2 or 3 entries, not {a.shape[-1]} and {b.shape[-1]}")
    a1, a2, a3 = (a[..., 0], a[..., 1], a[..., 2] if a.shape[-1] == 3 else None)
    b1, b2, b3 = (b[..., 0], b[..., 1], b[..., 2] if b.shape[-1] == 3 else None)
    third = a1 * b2 - a2 * b1
    if a3 is None and b3 is None:
        return third
    a3 = a1 * 0 if a3 is None else a3
    b3 = b1 * 0 if b3 is None else b3
    return stack([a2 * b3 - a3 * b2, a3 * b1 - a1 * b3, third], axis=axisc)


def _einsum_letters(subscripts: str, operands: tuple[Array, ...]) -> tuple[list[str], str]:
    """Subscripts with the output explicit and the ellipsis spelled out in unused letters."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    unused = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" if c not in subscripts]
    longest = ""
    for k, (term, operand) in enumerate(zip(terms, operands, strict=True)):
        if "..." in term:
            n = operand.ndim - len(term.replace("...", ""))
            letters = "".join(unused[:n][::-1])
            terms[k] = term.replace("...", letters)
            longest = max(longest, letters, key=len)
    if not arrow:
        every = "".join(terms)
        output = longest + "".join(sorted(c for c in set(every) if every.count(c) == 1 and c not in longest))
    return terms, output.replace("...", longest)


def _einsum_rule(argument: int, g: Array, out: Array, subscripts: str, *operands: Array, **kwargs: Any) -> Array:
    """The einsum of g with the other operands, over every letter that this operand does not have."""
    terms, output = _einsum_letters(subscripts, operands)
    k = argument - 1
    term, shape = terms[k], operands[k].shape
    others = [(t, o) for i, (t, o) in enumerate(zip(terms, operands, strict=True)) if i != k]
    known = set(output).union(*[set(t) for t, _ in others]) if others else set(output)
    distinct = "".join(dict.fromkeys(term))
    wanted = "".join(c for c in distinct if c in known)
    inputs = ",".join([output, *[t for t, _ in others]])
    way = kwargs.get("optimize", False)
    way = way if isinstance(way, (bool, str)) else True  # a path is one for these operands alone
    made = einsum(f"{inputs}->{wanted}", g, *[o for _, o in others], optimize=way)
    sizes = dict(zip(term, shape, strict=True))
    # an axis of length 1 that was broadcast under its letter is summed over; a letter of this operand alone was summed
    # over itself, so its cotangent is the same at every place
    spread = tuple(k for k, c in enumerate(wanted) if sizes[c] == 1 and made.shape[k] != 1)
    made = sum(made, axis=spread, keepdims=True) if spread else made
    lengths = dict(zip(wanted, made.shape, strict=True))
    full = tuple(sizes[c] for c in distinct)
    if made.shape != full:
        made = broadcast_to(reshape(made, tuple(lengths.get(c, 1) for c in distinct)), full)
    if len(distinct) == len(term):
        return made
    result, diagonals, eyes = "", [], []
    for c in term:  # a repeated letter reads a diagonal: spread the cotangent along it
        if c in result:
            new = next(u for u in "ZYXWVUTSRQPONMLKJIHGFEDCBA" if u not in term + result)
            diagonals.append(c + new)
            eyes.append(np.eye(sizes[c], dtype=g.dtype))
            c = new
        result += c
    return einsum(",".join([distinct, *diagonals]) + "->" + result, made, *eyes)


_einsum = primitive(lambda subscripts, *operands, **kwargs: np.einsum(subscripts, *operands, **kwargs), name="einsum")
_einsum.rules = EachArgument(_einsum_rule)


@implements(np.einsum)
def einsum(*operands: Any, **kwargs: Any) -> Array:
    """Einstein's sum over named axes, in NumPy's string or list form."""
    if not isinstance(operands[0], str):
        operands = _einsum_from_lists(operands)
    kwargs = {k: v for k, v in kwargs.items() if k != "optimize" or v}
    return _einsum(operands[0], *_arrays(*map(gathered, operands[1:])), **kwargs)


def _einsum_from_lists(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

    def spell(indices: Any) -> str:
        return "".join("..." if i is Ellipsis else alphabet[i] for i in indices)

    pairs = len(operands) // 2
    arrays = operands[0 : 2 * pairs : 2]
    subscripts = ",".join(spell(i) for i in operands[1 : 2 * pairs : 2])
    if len(operands) % 2:
        subscripts += "->" + spell(operands[-1])
    return (subscripts, *arrays)


registry[np.linalg.matmul] = matmul
registry[np.linalg.tensordot] = tensordot
registry[np.linalg.outer] = outer


def _matvec(x1: Array, x2: Array, /) -> Array:
    """Matrices times vectors, in the last axes."""
    x1, x2 = _arrays(gathered(x1), gathered(x2))
    if x1.ndim < 2:
        raise ValueError(f"matvec: {describe(x1)} is no matrix; for two vectors call vecdot")
    return squeeze(x1 @ expand_dims(x2, -1), -1)


def _vecmat(x1: Array, x2: Array, /) -> Array:
    """Vectors, conjugated, times matrices, in the last axes."""
    x1, x2 = _arrays(gathered(x1), gathered(x2))
    if x2.ndim < 2:
        raise ValueError(f"vecmat: {describe(x2)} is no matrix; for two vectors call vecdot")
    return squeeze(expand_dims(_conj(x1), -2) @ x2, -2)


# NumPy has these since 2.2
matvec = composed(np.matvec)(_matvec) if hasattr(np, "matvec") else _matvec
vecmat = composed(np.vecmat)(_vecmat) if hasattr(np, "vecmat") else _vecmat

__all__ = "cross dot einsum inner kron matmul matvec outer tensordot vdot vecdot vecmat".split()
