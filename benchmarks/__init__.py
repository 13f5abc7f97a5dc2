"""Timings of this engine beside its peers: `python -m benchmarks`, or `make bench`."""
