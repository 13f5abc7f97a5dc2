"""Functions of functions: grad, jacobian, hessian and the rest, with HIPS autograd's names, arguments and results.

Each makes its argument a fresh leaf, runs the function, and walks back from the result. Arguments may be nested
lists, tuples and dicts of arrays. A transform inside a transform records its walk, and so is itself differentiable.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from numbers import Number
from typing import Any

import numpy as np

from . import numpy as anp
from .backward import reverse_order
from .errors import UndefinedError
from .graph import Primitive, Tensor, describe, mode
from .tree import flatten, leaves_like
from .vjp import Argnum, Vjp, unary_to_nary


def _scalar_output(vjp: Vjp, transform: str) -> Any:
    """The cotangent 1 for a scalar result, or the error that names what to use instead."""
    output = vjp.result
    if not _is_number(output) or getattr(output, "size", 1) != 1:
        advice = "Is a return missing?" if output is None else "Try jacobian, elementwise_grad or holomorphic_grad"
        if isinstance(output, tuple):
            advice = "Try grad_and_aux for (scalar, anything else)"
        if isinstance(output, Tensor) and not hasattr(output, "dtype"):
            advice = "It was computed from an array of Python objects: pass that array's .astype(float)"
        raise TypeError(
            f"{transform} only applies to real scalar-output functions, and this one returned {describe(output)}. "
            f"{advice}"
        )
    dtype = getattr(output, "dtype", np.dtype(float))
    if dtype.kind == "c" and transform != "holomorphic_grad":
        raise TypeError(
            f"{transform} only applies to real scalar-output functions, and this one returned a complex number. "
            "Try holomorphic_grad, or return its real part"
        )
    if dtype.kind not in "fc" or isinstance(output, int):
        raise TypeError(
            f"{transform} only applies to real scalar-output functions, and this one returned {output!r:.60}"
        )
    return _ones(output)


def _is_number(output: Any) -> bool:
    return hasattr(output, "dtype") or isinstance(output, Number)


def _of_arrays(vjp: Vjp, transform: str) -> Vjp:
    """The same, if its function returned arrays and numbers."""
    for output in vjp.outputs:
        if not _is_number(output):
            advice = "; is a return missing?" if vjp.result is None else ""
            raise TypeError(f"{transform} takes functions that return arrays, not {describe(output)}{advice}")
    return vjp


def _ones(output: Any) -> Any:
    value = output._value if isinstance(output, Tensor) else output
    return type(value)(1) if isinstance(value, np.generic) else np.ones_like(value)


def _gradient(vjp: Vjp, transform: str) -> Any:
    """The gradient of a scalar result; a warning where nothing leads to it."""
    one = _scalar_output(vjp, transform)
    vjp.warn_if_unconnected()
    return vjp(one)


@unary_to_nary
def value_and_grad(fun: Callable[..., Any], x: Any) -> tuple[Any, Any]:
    """A function that returns both the value and the gradient of `fun`, which must return a scalar.

    It takes what `fun` takes; `argnum`, the gradient and the errors are those of `grad`.

    >>> value_and_grad(lambda x: x**2)(3.0)
    (np.float64(9.0), np.float64(6.0))
    """
    vjp = Vjp(fun, x)
    one = _scalar_output(vjp, "value_and_grad")
    vjp.warn_if_unconnected()
    return vjp.value, vjp(one)


@unary_to_nary
def grad(fun: Callable[..., Any], x: Any) -> Any:
    """
    Returns a function which gives the gradient of `fun`, which must return a scalar.

    Args:
        fun: a function of arrays, or of nested lists, tuples and dicts of arrays. A Python number to differentiate with
            respect to is a float64, and widens float32 arrays beside it: write np.float32(0.3) where that matters.
        argnum: which argument to differentiate; a tuple gives a tuple of gradients.

    Returns:
        a function of the same arguments; its result has the structure, shapes and dtypes of the argument, and is
        float64 for an array of integers.

    Raises:
        TypeError: an integer that is no array, or a result that is not a real scalar.

    >>> grad(lambda x: x**3)(2.0)
    np.float64(12.0)
    >>> grad(grad(lambda x: x**3))(2.0)
    np.float64(12.0)
    >>> grad(lambda x, y: (x * y).sum(), argnum=1)(2.0, np.ones(2))
    array([2., 2.])
    """
    return _gradient(Vjp(fun, x), "grad")


@unary_to_nary
def elementwise_grad(fun: Callable[..., Any], x: Any) -> Any:
    """The sum of each column of the Jacobian: the derivatives, where `fun` acts on each entry alone.

    >>> elementwise_grad(lambda x: x**2)(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    vjp = _of_arrays(Vjp(fun, x), "elementwise_grad")
    vjp.warn_if_unconnected()
    if getattr(vjp.result, "dtype", np.dtype(float)).kind == "c":
        raise TypeError("elementwise_grad only applies to real-output functions")
    return vjp(vjp.rebuild_output([_ones(o) for o in vjp.outputs]))


egrad = elementwise_grad


@unary_to_nary
def holomorphic_grad(fun: Callable[..., Any], x: Any) -> Any:
    """The complex derivative of a holomorphic function of a complex number.

    >>> holomorphic_grad(lambda z: z**2)(1.0 + 2.0j)
    np.complex128(2+4j)
    """
    leaves, _ = flatten(x)
    if not all(np.iscomplexobj(v._value if isinstance(v, Tensor) else v) for v in leaves):
        warnings.warn("Input to holomorphic_grad is not complex", stacklevel=3)
    vjp = Vjp(fun, x)
    return vjp(_scalar_output(vjp, "holomorphic_grad"))


@unary_to_nary
def make_vjp(fun: Callable[..., Any], x: Any) -> tuple[Callable[[Any], Any], Any]:
    """A function that returns `(vjp, value)`: vjp(g) is the cotangent at the argument for g at the result.

    g has the shape of the result; a number will do for all entries.

    >>> vjp, value = make_vjp(lambda x: x**2)(np.array([1.0, 2.0]))
    >>> vjp(np.array([1.0, 1.0]))
    array([2., 4.])
    """
    vjp = Vjp(fun, x)
    return vjp, vjp.value


@unary_to_nary
def make_jvp(fun: Callable[..., Any], x: Any) -> Callable[[Any], tuple[Any, Any]]:
    """A function that returns `jvp`, where jvp(v) is `(value, tangent)`: the derivative of `fun` along v.

    >>> value, tangent = make_jvp(lambda x: x**2)(3.0)(1.0)
    >>> float(value), float(tangent)
    (9.0, 6.0)
    """
    from .forward import jvp  # not loaded before it is needed

    run = _of_arrays(Vjp(fun, x), "make_jvp")
    argument = run.rebuild(run.leaves)
    return lambda v: (run.value, jvp(run, run.rebuild(leaves_like(v, argument, "tangent"))))


@unary_to_nary
def hessian(fun: Callable[..., Any], x: Any) -> Any:
    """The Hessian of a scalar function: an array of shape (*x.shape, *x.shape).

    That of a function that returns an array has the array's axes in front.

    >>> hessian(lambda x: (x**3).sum())(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    from .jacobians import jacobian, jacobian_of  # not loaded before it is needed

    def slopes(x: Any) -> Any:
        vjp = Vjp(fun, x)
        if getattr(vjp.result, "size", 1) != 1:
            return jacobian_of(vjp)
        return _gradient(vjp, "hessian")

    return jacobian(slopes)(x)


def make_hvp(fun: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """A function that returns `(hvp, gradient)`: hvp(v) is the Hessian of `fun` times v, never formed.

    >>> hvp, gradient = make_hvp(lambda x: (x**3).sum())(np.array([1.0, 2.0]))
    >>> hvp(np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    return make_vjp(grad(fun, argnum), argnum)


def hessian_tensor_product(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """A function of the same arguments and a tensor v last: the Hessian of `fun` contracted with v.

    >>> hessian_tensor_product(lambda x: (x**3).sum())(np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    gradient = grad(fun, argnum)

    def along(*args: Any, **kwargs: Any) -> Any:
        if len(args) < 2:
            raise TypeError(
                "hessian_tensor_product: what it returns takes arguments as the function's, and the tensor last; "
                f"{len(args)} is too few"
            )
        args, vector = args[:-1], args[-1]
        slopes = gradient(*args, **kwargs)
        if isinstance(slopes, (list, tuple, dict)):
            raise TypeError(
                "hessian_tensor_product takes an array to differentiate with respect to, not a "
                f"{type(slopes).__name__}; for nests: make_hvp(fun)(x)[0](v)"
            )
        shape = slopes.shape if isinstance(slopes, Tensor) else np.shape(slopes)  # NumPy's loads a room for a Tensor
        if np.shape(vector) != shape:
            raise ValueError(
                f"hessian_tensor_product: the tensor, which comes last, has the argument's shape {shape}, "
                f"not {np.shape(vector)}"
            )
        return anp.tensordot(slopes, vector, np.ndim(vector))

    return grad(along, argnum)


hessian_vector_product = hessian_tensor_product
hvp = hessian_tensor_product


def tensor_jacobian_product(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """A function of the same arguments and a tensor v last: v contracted with the Jacobian of `fun`.

    >>> tensor_jacobian_product(lambda x: x**2)(np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([2., 4.])
    """
    from .jacobians import jacobian

    def along(*args: Any, **kwargs: Any) -> Any:
        args, vector = args[:-1], args[-1]
        return anp.tensordot(vector, fun(*args, **kwargs), axes=np.ndim(vector))

    return jacobian(along, argnum)


vector_jacobian_product = tensor_jacobian_product


@unary_to_nary
def grad_and_aux(fun: Callable[..., Any], x: Any) -> tuple[Any, Any]:
    """For `fun` returning (scalar, auxiliary): a function returning (gradient, auxiliary).

    >>> grad_and_aux(lambda x: (x**2, "seen"))(3.0)
    (np.float64(6.0), 'seen')
    """
    kept: list[Any] = []

    def first(x: Any) -> Any:
        result = fun(x)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise TypeError(f"grad_and_aux takes functions that return (scalar, auxiliary), not {describe(result)}")
        value, aux = result
        kept.append(aux)
        return value

    vjp = Vjp(first, x)
    leaves, rebuild = flatten(kept[0])
    plain = [a._value if isinstance(a, Tensor) and not vjp.foreign else a for a in leaves]
    return vjp(_scalar_output(vjp, "grad_and_aux")), rebuild(plain)


def multigrad_dict(fun: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """A function that returns the gradients with respect to all arguments, as a dict by argument name.

    >>> multigrad_dict(lambda x, y: x * y)(2.0, y=3.0)
    {'x': np.float64(3.0), 'y': np.float64(2.0)}
    """
    import inspect

    signature = inspect.signature(fun)

    def gradients(*args: Any, **kwargs: Any) -> dict[str, Any]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()

        def of_dict(arguments: dict[str, Any]) -> Any:
            again = signature.bind(*args, **kwargs)
            again.apply_defaults()
            again.arguments.update(arguments)
            return fun(*again.args, **again.kwargs)

        return grad(of_dict)(dict(bound.arguments))

    return gradients


def make_ggnvp(
    f: Callable[..., Any], g: Callable[[Any], Any] = lambda x: 0.5 * anp.sum(x**2, axis=-1), f_argnum: int = 0
) -> Callable[..., Any]:
    """A function that returns v -> J^T H J v, the generalised Gauss-Newton product of g(f(x)) (Schraudolph, 2002).

    >>> make_ggnvp(lambda x: x**2)(np.array([1.0, 2.0]))(np.array([1.0, 1.0]))
    array([ 4., 16.])
    """

    @unary_to_nary
    def _make_ggnvp(f: Callable[..., Any], x: Any) -> Callable[[Any], Any]:
        f_vjp = Vjp(f, x)
        f_x = f_vjp.value
        hvp, _ = make_hvp(g)(f_x)
        jvp = make_jvp(f)(x)
        return lambda v: f_vjp(hvp(jvp(v)[1]))

    return _make_ggnvp(f, f_argnum)


@unary_to_nary
def deriv(fun: Callable[..., Any], x: Any) -> Any:
    """The derivative of a function of one number, of any result shape, by forward mode.

    >>> deriv(lambda t: t ** np.arange(3))(2.0)
    array([0., 1., 4.])
    """
    return make_jvp(fun)(x)(anp.ones_like(x))[1]


def checkpoint(fun: Callable[..., Any]) -> Callable[..., Any]:
    """A function equal to `fun` that keeps no inner values and computes them again, once, in the backward pass.

    Its arguments may be nests of arrays; its result is one array or number.
    In a captured program it is `fun` itself: there the plan of the buffers decides what is kept.
    (Griewank and Walther, Evaluating Derivatives, 2008, chapter 12.)

    Raises:
        UndefinedError: `fun` returns more than one array, or uses a recorded value that is not among its arguments.

    >>> grad(checkpoint(lambda x: anp.sin(x) ** 2))(0.0)
    np.float64(0.0)
    """

    from .numpy.registry import EachArgument

    name = getattr(fun, "__name__", "checkpoint")

    @functools.wraps(fun)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        given, rebuild = flatten(args)
        tracked = [i for i, leaf in enumerate(given) if isinstance(leaf, Tensor) and leaf.track]
        if mode.capturing or not tracked:
            return fun(*args, **kwargs)
        answers: tuple[Any, dict[int, Any]] = (None, {})

        def plain(*leaves: Any) -> Any:
            out = fun(*rebuild(list(leaves)), **kwargs)
            if isinstance(out, Number):
                out = np.asarray(out)[()]
            if not hasattr(out, "dtype"):
                raise UndefinedError("checkpoint takes functions that return one array")
            if isinstance(out, Tensor) and out.track:
                used = [describe(node) for node in reverse_order(out, None)[0] if node.is_leaf]
                raise UndefinedError(
                    f"the checkpointed {name} uses {', '.join(used)} besides its arguments, and would lose that "
                    "gradient; pass it as an argument, by position"
                )
            return out._value if isinstance(out, Tensor) else out

        def rule(place: int, g: Any, out: Any, *leaves: Any) -> Any:
            """The function is run again once for a cotangent, and not once for each leaf."""
            nonlocal answers
            known = answers
            if known[0] is not g or place not in known[1]:

                def along(some: list[Any]) -> Any:
                    changed = dict(zip(tracked, some, strict=True))
                    return fun(*rebuild([changed.get(i, leaf) for i, leaf in enumerate(leaves)]), **kwargs)

                back = Vjp(along, [leaves[i] for i in tracked])(g)
                known = answers = g, dict(zip(tracked, back, strict=True))
            return known[1].pop(place)

        made = Primitive(plain, name)
        made.rules = EachArgument(rule)
        return made(*given)

    return checkpointed
