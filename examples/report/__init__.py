"""The report of a training run: report.html and graph.html."""

from .report import write

__all__ = ["write"]
