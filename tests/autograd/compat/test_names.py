"""HIPS autograd's inner names, at its import paths, used as its clients use them."""

import inspect
import math
import warnings

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, builtins, core, differential_operators, extend, grad, test_util, tracer, util, wrap_util
from autograd.compat.nodes import JVPNode
from autograd.numpy import numpy_boxes, numpy_vjps, numpy_vspaces, numpy_wrapper


def seen_by(look):
    """What `look` says of the value that a transform hands to a function."""
    found = []
    grad(lambda x: (found.append(look(2.0 * x)), x**2)[1])(3.0)
    return found[0]


def test_boxes_have_the_spelling_that_clients_compare():
    assert seen_by(lambda x: str(type(x))) == "<class 'autograd.numpy.numpy_boxes.ArrayBox'>"
    assert seen_by(lambda x: type(x) is numpy_boxes.ArrayBox)
    assert seen_by(lambda x: isinstance(x, tracer.Box))
    assert type(Tensor(1.0, requires_grad=True) * 2.0) is Tensor


def test_boxes_survive_every_kind_of_operation():
    w = Tensor(2.0)
    operations = [lambda x: x * w, lambda x: w * x, lambda x: anp.exp(x), lambda x: anp.stack([x, x])[0], lambda x: -x]
    for operation in operations:
        assert seen_by(lambda x, f=operation: type(f(x))) is numpy_boxes.ArrayBox


def test_values_of_boxes():
    assert seen_by(lambda x: x._value) == 6.0
    assert seen_by(tracer.getval) == 6.0
    assert seen_by(tracer.isbox)
    assert not tracer.isbox(6.0)
    assert tracer.getval(6.0) == 6.0


def test_nodes_of_boxes():
    node = seen_by(lambda x: x._node)
    assert isinstance(node, core.VJPNode)
    assert node.vjp(1.0) == (2.0,)
    assert core.backward_pass(1.0, node) == 2.0


def test_builtins_look_through_boxes():
    assert builtins.isinstance(np.zeros(1), np.ndarray)
    assert seen_by(lambda x: builtins.isinstance(x, float))
    assert seen_by(builtins.type) is np.float64
    assert builtins.tuple is tuple
    assert builtins.dict([("a", 1)], b=2) == {"a": 1, "b": 2}


def test_containers_of_boxes():
    def look(nest):
        kinds = (builtins.SequenceBox, builtins.ListBox, builtins.TupleBox, builtins.DictBox)
        found.append([isinstance(nest, kind) for kind in kinds])
        return 0.0 * builtins.container_take(nest, 0 if isinstance(nest, (list, tuple)) else "a")

    found = []
    for nest in ([1.0], (1.0,), {"a": 1.0}):
        grad(look)(nest)
        look(nest)
    yes = [[True, True, False, False], [True, False, True, False], [False, False, False, True]]
    assert found == [row for expected in yes for row in (expected, [False] * 4)]
    assert builtins.make_sequence(list, 1, 2) == [1, 2]


# the graph as nodes


class Named(tracer.Node):
    __slots__ = ("parents", "text")

    def __init__(self, value, fun, args, kwargs, parent_argnums, parents):
        self.parents = parents
        shown = [parents[parent_argnums.index(i)].text if i in parent_argnums else str(a) for i, a in enumerate(args)]
        self.text = f"{fun.__name__}({', '.join(shown)})"

    def initialize_root(self, text):
        self.parents, self.text = (), text


def test_trace_with_nodes_of_ones_own():
    value, node = tracer.trace(Named.new_root("x"), lambda x: anp.exp(2.0 * x) + x, 0.0)
    assert value == 1.0
    assert node.text == "add(exp(multiply(2.0, x)), x)"
    assert [n.text for n in tracer.toposort(node)][-1] == "x"


def test_trace_of_something_independent():
    with pytest.warns(UserWarning, match=r"^Output seems independent of input\.$"):
        assert tracer.trace(Named.new_root("x"), lambda x: 3.0, 1.0) == (3.0, None)


def test_a_client_that_traces_by_hand():
    start = core.VJPNode.new_root()
    with tracer.trace_stack.new_trace() as level:
        box = tracer.new_box(2.0, level, start)
        end = anp.sin(box) * box
    assert tracer.isbox(end)
    assert end._trace == box._trace
    slope = math.cos(2.0) * 2.0 + math.sin(2.0)
    assert core.backward_pass(1.0, end._node) == pytest.approx(slope, rel=1e-15)


def test_forward_nodes_carry_tangents():
    value, node = tracer.trace(JVPNode.new_root(3.0), lambda x: anp.sin(x) * x, 2.0)
    assert value == math.sin(2.0) * 2.0
    assert node.g == pytest.approx(3.0 * (math.cos(2.0) * 2.0 + math.sin(2.0)), rel=1e-15)


def test_a_node_used_twice():
    value, node = tracer.trace(core.VJPNode.new_root(), lambda x: (x * x) * (x * x), 2.0)
    assert (value, core.backward_pass(1.0, node)) == (16.0, 32.0)


def test_only_floats_and_complex_numbers_are_boxed():
    with pytest.raises(TypeError, match=r"^Can't differentiate w\.r\.t\. type <class 'int'>$"):
        tracer.new_box(3, 0, core.VJPNode.new_root())


# transforms by their inner names


def test_core_transforms_take_functions_of_one_argument():
    vjp, value = core.make_vjp(lambda x: x**3, 2.0)
    assert (value, vjp(1.0)) == (8.0, 12.0)
    assert core.make_jvp(lambda x: x**3, 2.0)(1.0) == (8.0, 12.0)
    with pytest.warns(UserWarning, match="independent"):
        vjp, value = core.make_vjp(lambda x: 5.0, np.ones(2))
    assert value == 5.0
    np.testing.assert_array_equal(vjp(1.0), np.zeros(2))


def test_differential_operators():
    jvp = differential_operators.make_jvp_reversemode(anp.sin)(0.5)
    assert jvp(2.0) == pytest.approx(2 * math.cos(0.5), rel=1e-15)
    assert differential_operators.grad_named(lambda a, b: a * b**2, "b")(3.0, 2.0) == 12.0
    assert differential_operators.grad is autograd.grad


def test_unary_to_nary_names_what_it_makes():
    @wrap_util.unary_to_nary
    def double(fun, x):
        return 2 * fun(x)

    def foo(a, b):
        """Foo's."""
        return a - b

    assert double(foo, 1)(5.0, 3.0) == 4.0
    assert double(foo, 1).__name__ == "double_of_foo_wrt_argnum_1"
    assert double(foo, 1).__doc__.startswith("    double of function foo with")
    assert grad(foo, (0, 1)).__name__ == "grad_of_foo_wrt_argnum_(0, 1)"


def test_help_tells_how_a_transform_is_called():
    assert list(inspect.signature(autograd.grad).parameters)[:2] == ["fun", "argnum"]
    assert str(inspect.signature(autograd.grad(lambda a, b=2: a))) == "(a, b=2)"


def test_integers_in_arrays_stand_for_reals():
    gradient = grad(lambda x: anp.sum(x**2))(np.array([1, 2, 3]))
    np.testing.assert_array_equal(gradient, [2.0, 4.0, 6.0])
    assert gradient.dtype == np.float64


def test_a_transform_inside_leaves_plain_results_outside():
    t = np.array([1.0, 2.0])
    value, gradient = autograd.value_and_grad(lambda p: anp.sum(autograd.elementwise_grad(lambda t: p * t**2)(t)))(3.0)
    assert (type(value), value) == (np.float64, 18.0)
    assert (type(gradient), gradient) == (np.float64, 6.0)


@pytest.mark.parametrize("result", [True, 3, np.int64(3)])
def test_a_result_without_gradient(result):
    with pytest.raises(TypeError, match=r"^grad only applies to real scalar-output functions, and this one returned"):
        grad(lambda x: result)(1.0)


def test_small_helpers():
    assert util.subvals([1, 2, 3], [(0, 7), (2, 9)]) == (7, 2, 9)
    assert util.subval([1, 2], 1, 5) == (1, 5)
    assert wrap_util.get_name(3) == "[unknown name]"
    named = wrap_util.wraps(math.sin, "{fun}_{n}", "about {fun}", n=2)(lambda x: x)
    assert (named.__name__, named.__doc__) == ("sin_2", "about sin")


# spaces


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (0.0, 1),
        (np.zeros((3, 2)), 6),
        (np.zeros(2, complex), 4),
        ([0.0, np.zeros(3)], 4),
        ((0.0,), 1),
        ({"a": 0j, "b": [0.0]}, 3),
    ],
)
def test_spaces(value, size):
    space = core.vspace(value)
    basis = list(space.standard_basis())
    assert space.size == len(basis) == size
    gram = [[space.inner_prod(a, b) for b in basis] for a in basis]
    np.testing.assert_array_equal(gram, np.eye(size))
    total = basis[0]
    for unit in basis[1:]:
        total = space.add(total, unit)
    assert space.inner_prod(space.ones(), total) == size
    assert core.vspace(total) == space
    assert space.inner_prod(space.zeros(), total) == 0
    assert space.inner_prod(space.scalar_mul(total, 3.0), total) == 3 * size
    assert space.inner_prod(space.mut_add(None, total), total) == size
    assert core.vspace(space.randn()) == space


def test_spaces_differ_by_type_shape_and_dtype():
    values = [np.zeros(2), np.zeros(3), np.zeros(2, np.float32), np.zeros(2, complex), [0.0], (0.0,), {"a": 0.0}]
    spaces = [core.vspace(v) for v in values]
    assert all((a == b) == (a is b) for a in spaces for b in spaces)
    assert isinstance(spaces[0], numpy_vspaces.ArrayVSpace)
    assert isinstance(spaces[3], numpy_vspaces.ComplexArrayVSpace)
    assert spaces[3].iscomplex
    assert extend.vspace is core.vspace


def test_a_space_prints_what_it_is_told_by():
    item = "ArrayVSpace_{'shape': (), 'dtype': dtype('float64')}"
    assert repr(core.vspace({"a": 1.0, "b": [2.0]})) == f"DictVSpace_{{'shape': {{'a': {item}, 'b': [{item}]}}}}"


def test_integers_and_texts_are_no_vectors():
    for value in (3, "text", None):
        with pytest.raises(TypeError, match=r"^Can't find vector space for value"):
            core.vspace(value)


def test_covectors_are_conjugates():
    space = core.vspace(np.zeros(1, complex))
    np.testing.assert_array_equal(space.covector(np.array([1 + 2j])), [1 - 2j])
    assert space.inner_prod(np.array([1 + 2j]), np.array([3 + 4j])) == 11.0  # the dot product of (1, 2) and (3, 4)


# rules of others


def test_unbroadcast_f():
    undo = numpy_vjps.unbroadcast_f(np.ones((1, 3)), lambda g: 2 * g)
    np.testing.assert_array_equal(undo(np.ones((4, 2, 3))), [[16.0, 16.0, 16.0]])
    assert numpy_vjps.unbroadcast_f(1.0, lambda g: g * 1j)(np.ones(3)) == 0.0


def test_other_helpers_of_rules():
    g, repeats = numpy_vjps.repeat_to_match_shape(np.array([1.0, 2.0]), (2, 3), float, 1, False)
    np.testing.assert_array_equal(g, [[1, 1, 1], [2, 2, 2]])
    assert repeats == 3
    np.testing.assert_array_equal(numpy_vjps.replace_zero(np.array([0.0, 2.0]), 7.0), [7.0, 2.0])
    np.testing.assert_array_equal(numpy_vjps.balanced_eq(np.ones(2), np.ones(2), np.array([1.0, 0.0])), [0.5, 1.0])
    assert numpy_vjps.match_complex(1.0, 2 + 3j) == 2.0


def test_wrap_namespace_makes_primitives():
    namespace = {}
    numpy_wrapper.wrap_namespace({"sinh": np.sinh, "also": np.sinh, "pi": math.pi}, namespace)
    assert namespace["sinh"] is namespace["also"]
    assert namespace["pi"] == math.pi
    extend.defvjp(namespace["sinh"], lambda out, x: lambda g: g * 9.0)
    assert grad(namespace["sinh"])(0.0) == 9.0


def test_the_table_of_rules():
    maker = core.primitive_vjps[anp.exp]
    assert maker((0,), 1.0, (0.0,), {})(5.0) == (5.0,)
    assert anp.exp in core.primitive_vjps
    assert anp.isnan not in core.primitive_vjps
    f = extend.primitive(lambda x: x)
    assert core.primitive_vjps.pop(f, None) is None
    core.primitive_vjps[f] = lambda argnums, out, args, kwargs: lambda g: [3 * g for _ in argnums]
    assert grad(f)(1.0) == 3.0
    del core.primitive_vjps[f]
    with pytest.raises(NotImplementedError):
        grad(f)(1.0)


def test_old_spellings_work_with_a_warning():
    product = core.primitive(lambda x, y: x * y)
    with pytest.warns(UserWarning, match="deprecated"):
        product.defvjp(lambda g, out, vs, gvs, x, y: y * g)
    with pytest.warns(UserWarning, match="deprecated"):
        product.defgrad(lambda out, x, y: lambda g: g * x, argnum=1)
    assert grad(product, (0, 1))(2.0, 3.0) == (3.0, 2.0)
    with pytest.warns(UserWarning, match="deprecated"):
        product.defvjp_is_zero([1])
    assert grad(product, 1)(2.0, 3.0) == 0.0
    with pytest.warns(UserWarning, match="deprecated"):
        util.quick_grad_check(lambda x, y: x**2 + y, 1.0, (2.0,))


# the checker


def wrong(by):
    f = extend.primitive(lambda x: x * 2.0)
    f.__name__ = "foo"
    extend.defvjp(f, lambda out, x: lambda g: g * 2.0 * by)
    return f


@pytest.fixture
def seeded():
    state = np.random.get_state()  # noqa: NPY002 - what HIPS's checker draws from
    np.random.seed(0)  # noqa: NPY002
    yield
    np.random.set_state(state)  # noqa: NPY002


@pytest.mark.usefixtures("seeded")
def test_check_grads_lets_right_rules_pass():
    test_util.check_grads(anp.sin)(np.array([0.3, 0.4]))
    test_util.check_grads(lambda d, z: d["a"] * anp.abs(z) ** 2, (0, 1))({"a": 2.0}, 1 + 2j)
    test_util.combo_check(anp.sum, [0])([np.ones((2, 3)), np.ones(3)], axis=[None, 0], keepdims=[True, False])


@pytest.mark.usefixtures("seeded")
def test_check_grads_finds_a_rule_half_a_tenth_of_a_percent_off():
    with pytest.raises(AssertionError, match=r"\(VJP\) check of foo failed with arg 1\.0:\nanalytic: .*\nnumeric:  "):
        test_util.check_grads(wrong(1.0005), modes=["rev"])(1.0)
    with pytest.raises(AssertionError, match=r"\(JVP\) check of foo failed with arg 1\.0:\nanalytic: .*\nnumeric:  "):
        test_util.check_grads(wrong(1.0005), modes=["fwd"])(1.0)


@pytest.mark.usefixtures("seeded")
def test_check_grads_finds_a_rule_wrong_at_second_order_only():
    inner = wrong(1.001)
    outer = extend.primitive(lambda x: x * 2.0)
    outer.__name__ = "outer"
    extend.defvjp(outer, lambda out, x: lambda g: inner(g))
    test_util.check_grads(outer, modes=["rev"], order=1)(1.0)
    with pytest.raises(AssertionError, match=r"\(VJP\) check of vjp_outer failed"):
        test_util.check_grads(outer, modes=["rev"])(1.0)


def test_check_equivalent_compares_spaces_first():
    with pytest.raises(AssertionError, match=r"^VSpace mismatch"):
        test_util.check_equivalent(np.ones(2), np.ones(3))
    with pytest.raises(AssertionError, match=r"^Value mismatch:\nx: 1\.0\ny: 2\.0$"):
        test_util.check_equivalent(1.0, 2.0)


def test_names_of_the_package():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("primitive", "isinstance", "list", "dict", "tuple", "type", "grad_named"):
            assert hasattr(autograd, name)
