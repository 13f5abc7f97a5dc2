"""Sums of exponentials over axes, with SciPy's signatures."""

from typing import Any

import numpy as np
import scipy.special as theirs

from .. import numpy as anp
from ._formula import formula, held

Array = Any


@formula(theirs.logsumexp)
def logsumexp(a: Array, axis: Any = None, b: Array = None, keepdims: bool = False, return_sign: bool = False) -> Array:
    """log(sum(b exp(a))) over `axis`; with `return_sign`, the log of the sum's size, and its sign."""
    if b is None and not return_sign:
        return anp.logsumexp(a, axis=axis, keepdims=keepdims)
    top = anp.max(anp.real(held(a)), axis=axis, keepdims=True)
    top = anp.where(np.isfinite(top), top, 0)
    total = anp.sum((1.0 if b is None else b) * anp.exp(a - top), axis=axis, keepdims=True)
    out = anp.log(anp.abs(total) if return_sign else total) + top
    sign = anp.sign(total)
    if not keepdims:
        out, sign = (anp.squeeze(v, axis) for v in (out, sign))
    return (out, sign) if return_sign else out


@formula(theirs.softmax)
def softmax(x: Array, axis: Any = None) -> Array:
    """exp(x) / sum(exp(x)) over `axis`, by default all of them."""
    return anp.exp(x - logsumexp(x, axis=axis, keepdims=True))


@formula(theirs.log_softmax)
def log_softmax(x: Array, axis: Any = None) -> Array:
    """x - logsumexp(x) over `axis`, by default all of them."""
    return x - logsumexp(x, axis=axis, keepdims=True)
