"""Every error the engine raises, in one tree.

    AutogradError
     |- NoRuleError        (NotImplementedError)  a primitive has no derivative rule for this argument
     |- UndefinedError     (ValueError)           the derivative asked for does not exist, or not for these arguments
     |- NotConnectedError  (ValueError)           the output was not computed from the tensor asked for
     |- GraphError         (RuntimeError)         the graph is spent, or a tensor changed after it was recorded
     |- RuleError          (ValueError)           a rule returned a cotangent of the wrong shape, dtype or kind
     |- CheckError         (AssertionError)       a derivative differs from the numerical one
     |- AssignmentError    (TypeError)            a value was to be written into a recorded tensor
     |- ConversionError    (TypeError)            a recorded tensor was to become a plain array or number
     |- CaptureError       (RuntimeError)         a captured program tried to branch on a value
     |- NonFiniteError     (FloatingPointError)   debug_nans met the first NaN or infinity
     `- MissingPackageError(ImportError)          an optional package is not installed

Each also derives from the built-in error in brackets, so `except ValueError` keeps working.
"""


class AutogradError(Exception):
    """The root of the tree."""


class NoRuleError(AutogradError, NotImplementedError):
    """A primitive has no derivative rule for this argument."""


class UndefinedError(AutogradError, ValueError):
    """The derivative asked for does not exist, or not for these arguments."""


class NotConnectedError(AutogradError, ValueError):
    """The output was not computed from the tensor asked for."""


class GraphError(AutogradError, RuntimeError):
    """The graph is spent, or a tensor in it changed after it was recorded."""


class RuleError(AutogradError, ValueError):
    """A rule returned a cotangent of the wrong shape, dtype or kind."""


class CheckError(AutogradError, AssertionError):
    """A derivative differs from the numerical one."""


class AssignmentError(AutogradError, TypeError):
    """A value was to be written into a recorded tensor."""


class ConversionError(AutogradError, TypeError):
    """A recorded tensor was to become a plain array or number."""


class CaptureError(AutogradError, RuntimeError):
    """A captured program tried to branch on a value."""


class NonFiniteError(AutogradError, FloatingPointError):
    """The first NaN or infinity, met while `debug_nans` was on."""


class MissingPackageError(AutogradError, ImportError):
    """An optional package is not installed."""
