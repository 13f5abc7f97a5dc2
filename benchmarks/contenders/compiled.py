"""This project, compiled: `nn.compile_step` for training steps, `autograd.compile` for the rest."""

from __future__ import annotations

import autograd
from benchmarks.contenders.job import Job
from benchmarks.contenders.ours import logistic_cost
from benchmarks.data import Data

VERSION = "onegraph compiled"
COMPILES = True  # the first call is slow once, so the worker times it apart


def hessian(d: Data) -> Job:
    of_cost = autograd.compile(autograd.hessian(logistic_cost(d)))
    return Job(lambda: of_cost(d.w), lambda h: [h])
