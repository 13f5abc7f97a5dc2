"""The article's digit network, trained by automatic differentiation: `python -m examples.digits train`."""
