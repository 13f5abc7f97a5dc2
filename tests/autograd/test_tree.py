"""Nests are taken apart and put together again as they were."""

from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest

from autograd.tree import flatten, leaves_like

Pair = namedtuple("Pair", "left right")


@pytest.mark.parametrize(
    ("tree", "leaves"),
    [
        (1.0, [1.0]),
        (None, [None]),
        ([], []),
        ((), []),
        ({}, []),
        ([1, 2, 3], [1, 2, 3]),
        ((1, [2, (3,)]), [1, 2, 3]),
        ({"b": 1, "a": [2]}, [1, 2]),  # the dict's own order
        (Pair(1, Pair([2], ())), [1, 2]),
        (OrderedDict(z=1, a=2), [1, 2]),
        ({"a": {}, "b": [[], [[]]]}, []),
    ],
)
def test_taken_apart_and_put_together(tree, leaves):
    found, rebuild = flatten(tree)
    assert found == leaves
    again = rebuild(leaves)
    assert again == tree
    assert type(again) is type(tree)
    changed = rebuild([10 + i for i in range(len(leaves))])
    assert flatten(changed)[0] == [10 + i for i in range(len(leaves))]
    assert flatten(tree)[0] == leaves  # the original is as it was


def test_a_default_is_kept():
    tree = defaultdict(list, a=1.0)
    again = flatten(tree)[1]([2.0])
    assert type(again) is defaultdict
    assert (again["a"], again["new"]) == (2.0, [])
    assert tree == {"a": 1.0}


def test_arrays_and_strings_are_leaves():
    a = np.ones((2, 3))
    leaves, rebuild = flatten([a, "text"])
    assert leaves[0] is a
    assert leaves[1] == "text"
    assert rebuild(["x", "y"]) == ["x", "y"]


def test_a_nest_can_be_built_many_times():
    _, rebuild = flatten({"a": [1, 2]})
    assert rebuild([3, 4]) == {"a": [3, 4]}
    assert rebuild([5, 6]) == {"a": [5, 6]}


def test_leaves_in_the_order_of_another_nest():
    model = {"b": 1, "a": [2, (3, 4)]}
    assert leaves_like({"a": [20, (30, 40)], "b": 10}, model, "tangent") == [10, 20, 30, 40]
    assert leaves_like({"a": (20, [30, 40]), "b": [10, 11]}, model, "tangent") == [[10, 11], 20, 30, 40]
    assert leaves_like([1.0, 2.0], np.ones(2), "tangent") == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("nest", "message"),
    [
        ({"a": [20, (30, 40)]}, r"^the tangent of a dict with the keys \['b', 'a'\] is a dict with the keys \['a'\]$"),
        ({"a": [20, (30,)], "b": 1}, r"^the tangent of a tuple of 2 is a tuple of 1$"),
        ([1, [2, (3, 4)]], r"^the tangent of a dict with the keys \['b', 'a'\] is a list of 2$"),
        ({"a": {"x": 1, "y": 2}, "b": 1}, r"^the tangent of a list of 2 is a dict with the keys \['x', 'y'\]$"),
        (1.0, r"^the tangent of a dict with the keys \['b', 'a'\] is a float$"),
        (None, r"is a NoneType$"),
    ],
)
def test_a_nest_of_another_form_is_refused(nest, message):
    with pytest.raises(ValueError, match=message):
        leaves_like(nest, {"b": 1, "a": [2, (3, 4)]}, "tangent")
