"""Nests are taken apart and put together again as they were."""

from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest

from autograd.tree import flatten

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
