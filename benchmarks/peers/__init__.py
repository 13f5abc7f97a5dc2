"""Others' test-suites, with our package in HIPS autograd's place: `python -m benchmarks.peers`, `make peers`."""
