"""Losses: modules of (prediction, target) whose result is the number to be made small."""

from typing import Any

import autograd.numpy as np
from autograd import Tensor

from .checks import shape_of
from .functional import log_softmax, softplus
from .modules import Module

REDUCTIONS = ("mean", "sum", "examples")


class Loss(Module):
    """What all losses share: the shapes must agree, and the terms are reduced to one number.

    Args:
        reduction: "mean" over all entries, their "sum", or "examples": the sum within an example (a row),
            averaged over the examples.

    >>> class AbsoluteError(Loss):
    ...     def terms(self, prediction, target):
    ...         return abs(prediction - target)
    >>> AbsoluteError("sum")(Tensor([1.0, 5.0]), np.array([0.0, 0.0])).item()
    6.0
    """

    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in REDUCTIONS:
            raise ValueError(f"reduction {reduction!r} is none of {', '.join(REDUCTIONS)}")
        self.reduction = reduction

    def terms(self, prediction: Any, target: Any) -> Any:
        """One non-negative term an entry."""
        raise NotImplementedError

    def forward(self, prediction: Any, target: Any) -> Any:
        """The reduced loss, a scalar."""
        self.check(prediction, target)
        return self.reduce(self.terms(prediction, _floating(target, prediction.dtype)))

    def check(self, prediction: Any, target: Any) -> None:
        """Refuse shapes that would broadcast, (n,) against (n, 1) to n x n terms, and a mean over nothing."""
        name = type(self).__name__
        shape, other = shape_of(prediction, name), shape_of(target, name)
        if shape != other:
            hint = "reshape one of them"
            if shape and shape[:-1] == other:
                one_hot = f"for class numbers write nn.data.one_hot(target, np.arange({shape[-1]}))"
                hint = "write target[..., None]" if shape[-1] == 1 else one_hot
            raise ValueError(
                f"{name}: prediction of shape {shape} and target of shape {other} must have one shape; {hint}"
            )
        if 0 in shape and self.reduction != "sum":
            raise ValueError(f"{name}: there is no mean over no entries (shape {shape}); leave empty batches out")

    def reduce(self, terms: Any) -> Any:
        """Terms of any shape -> one number, as `reduction` says."""
        if self.reduction == "mean":
            return terms.mean()
        return terms.sum() if self.reduction == "sum" else terms.sum() / (terms.shape[0] if terms.ndim else 1)


def _floating(target: Any, dtype: Any) -> Any:
    """Whole numbers and booleans as floats of the prediction, which they neither widen nor make wrap around."""
    return target.astype(np.result_type(dtype, 1.0)) if target.dtype.kind in "biu" else target


def _nan_if(strange: Any, dtype: Any) -> Any:
    """What is added to a cost whose targets are not known yet: NaN if any of them is strange, else 0."""
    return np.where(np.sum(strange) > 0, np.nan, 0).astype(dtype)  # a sum, unlike any(), is taken in blocks of rows


class BinaryLoss(Loss):
    """What the two binary cross-entropies share: targets are probabilities.

    In a compiled step, where the numbers are not looked at, the cost is NaN if one is none.
    """

    def forward(self, prediction: Any, target: Any) -> Any:
        """The reduced loss, a scalar."""
        cost = super().forward(prediction, target)
        if not isinstance(target, Tensor):
            return cost
        return cost + _nan_if(np.logical_or(target < 0, target > 1), cost.dtype)

    def check(self, prediction: Any, target: Any) -> None:
        """Refuse labels from 1, say, with which the cost would fall below 0 without end."""
        super().check(prediction, target)
        if not isinstance(target, Tensor) and target.size and (target.min() < 0 or target.max() > 1):
            name = type(self).__name__
            raise ValueError(f"{name}: targets go from 0 to 1, and these from {target.min()} to {target.max()}")


class BCELoss(BinaryLoss):
    """Binary cross-entropy of probabilities: -(y log p + (1 - y) log(1 - p)).

    p goes from 0 to 1, as after a Sigmoid; logits, from before it, are for BCEWithLogitsLoss. `reduction` as in
    `nn.losses.Loss`.

    Written as the textbooks do; where p is a sigmoid's result, the engine takes the logarithm from the sigmoid's
    argument, so a saturated p = 0 or 1 gives the true, finite loss and gradient. Where no gradient is recorded, of
    plain arrays and under `no_grad`, p is all there is: a certain and right one costs 0, a certain and wrong one inf.
    A softmax's result is p alone, too, and saturated gives NaN: leave the softmax out, and take CrossEntropyLoss.

    >>> float(BCELoss()(Tensor([0.5, 0.5]), np.array([1.0, 0.0])).data)
    0.6931471805599453
    """

    def terms(self, prediction: Any, target: Any) -> Any:
        """One term an entry."""
        yes, no = prediction, 1 - prediction
        if not getattr(prediction, "requires_grad", False):  # 0 log 0 is 0, and not NaN
            yes, no = np.where(target == 0, 1, yes), np.where(target == 1, 1, no)
        return -(target * np.log(yes) + (1 - target) * np.log(no))


class BCEWithLogitsLoss(BinaryLoss):
    """Binary cross-entropy of logits z, p = sigmoid(z): softplus(z) - y z. `reduction` as in `nn.losses.Loss`.

    >>> float(BCEWithLogitsLoss()(Tensor([1000.0]), np.array([1.0])).data)
    0.0
    """

    def terms(self, prediction: Any, target: Any) -> Any:
        """One term an entry."""
        return softplus(prediction) - target * prediction


class MSELoss(Loss):
    """Squared error (p - y)**2. `reduction` as in `nn.losses.Loss`.

    >>> float(MSELoss()(Tensor([1.0, 3.0]), np.array([0.0, 0.0])).data)
    5.0
    """

    def terms(self, prediction: Any, target: Any) -> Any:
        """One term an entry."""
        difference = prediction - target
        return difference * difference


class CrossEntropyLoss(Loss):
    """Cross-entropy of logits over the last axis: -sum(y log softmax(z)), averaged over the examples.

    The target holds class numbers (integers, one axis fewer than the logits), or probabilities of the logits' shape,
    such as one-hot rows.
    "mean" and "examples" are the same here: the mean over examples. A class number that is none is refused; in a
    compiled step, where the numbers are not looked at, the cost is NaN. A class is masked by a logit of -inf; where
    the target holds probabilities by a large one, such as -1e9, since 0 times infinity is NaN.

    >>> loss = CrossEntropyLoss()
    >>> float(loss(Tensor([[0.0, 0.0]]), np.array([1])).data)
    0.6931471805599453
    """

    def forward(self, prediction: Any, target: Any) -> Any:
        """Logits (..., classes), target (...) of integers or (..., classes) -> a scalar."""
        shape = shape_of(prediction, type(self).__name__)
        if not shape:
            raise ValueError("CrossEntropyLoss: a single number has no classes along its last axis")
        if shape[-1] == 1:
            raise ValueError(
                f"CrossEntropyLoss: one logit an example (shape {shape}) has probability 1 whatever is learned; take "
                "BCEWithLogitsLoss"
            )
        given = target if isinstance(target, Tensor) else np.asarray(target)
        numbers = given.dtype.kind in "iu" and given.shape != shape
        if numbers:
            target = _chosen(given, shape)
        elif given.shape == shape[:-1]:
            raise ValueError(
                f"CrossEntropyLoss: class numbers are integers, not {given.dtype}; write target.astype(int)"
            )
        self.check(prediction, target)
        logs = log_softmax(prediction, axis=-1)
        # 0 times the -inf of a masked class would be NaN
        logs = np.where(target, logs, 0) if numbers else _floating(target, prediction.dtype) * logs
        terms = -logs.sum(axis=-1)
        total = terms.sum() if self.reduction == "sum" else terms.mean()
        if not (numbers and isinstance(given, Tensor)):
            return total
        return total + _nan_if(np.logical_or(given < 0, given >= shape[-1]), total.dtype)


def _chosen(numbers: Any, shape: tuple[int, ...]) -> Any:
    """Rows that are True in the column of their class number."""
    if numbers.shape != shape[:-1]:
        raise ValueError(
            f"CrossEntropyLoss: class numbers of shape {numbers.shape} for logits of shape {shape}, with the "
            f"classes last: reshape them to {shape[:-1]}"
        )
    classes = shape[-1]
    if not isinstance(numbers, Tensor) and numbers.size and not (numbers.min() >= 0 and numbers.max() < classes):
        raise ValueError(
            f"CrossEntropyLoss: class numbers go from 0 to {classes - 1}, and the target has "
            f"{numbers.min()} to {numbers.max()}"
        )
    return np.equal(np.expand_dims(numbers, -1), np.arange(classes))
