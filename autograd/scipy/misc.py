"""HIPS autograd's `autograd.scipy.misc`, after a module that SciPy has given up: `logsumexp` is in `special`."""

from .special import logsumexp

__all__ = ["logsumexp"]
