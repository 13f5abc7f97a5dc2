"""Networks on the engine: modules, layers, losses, optimisers, data, training, saving."""

from . import compiled, data, functional, layers, losses, modules, optimizers, saving, tables, training
from .compiled import CompiledStep, compile_step
from .layers import Linear, ReLU, Sequential, Sigmoid, Softmax, Softplus, Tanh
from .losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, MSELoss
from .modules import Module, Parameter
from .optimizers import SGD, Adam, AdamW, Optimizer
from .training import NonFiniteCost, Trainer, eager_step, warm_then_linear

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "BCELoss",
    "BCEWithLogitsLoss",
    "CompiledStep",
    "CrossEntropyLoss",
    "Linear",
    "MSELoss",
    "Module",
    "NonFiniteCost",
    "Optimizer",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "Trainer",
    "compile_step",
    "compiled",
    "data",
    "eager_step",
    "functional",
    "layers",
    "losses",
    "modules",
    "optimizers",
    "saving",
    "tables",
    "training",
    "warm_then_linear",
]
