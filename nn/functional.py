"""Activations as functions of Tensors and of plain arrays alike; numerically stable, and of any order of derivative."""

from autograd.numpy import log_sigmoid, log_softmax, logsumexp, relu, sigmoid, softmax, softplus, tanh

__all__ = ["log_sigmoid", "log_softmax", "logsumexp", "relu", "sigmoid", "softmax", "softplus", "tanh"]
