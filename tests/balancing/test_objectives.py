"""Which losses and distances are balanced against which."""

import numpy as np
import pytest
from keras import ops

from keras_mtkd.balancing.objectives import Objectives

# Of three tasks two have a teacher. Losses 1, 2, 3; distances 10 and 30.
TASKS, TAUGHT = ("a", "b", "c"), ("a", "c")
LOSSES = [ops.convert_to_tensor(value) for value in (1.0, 2.0, 3.0)]
DISTANCES = {"a": ops.convert_to_tensor(10.0), "c": ops.convert_to_tensor(30.0)}
SEPARATE = ["a", "b", "c", "a_distillation", "c_distillation"]
# Kind, names of the objectives, their values, what is not balanced, place of the distance of "c".
KINDS = [
    ("tasks", ["a", "b", "c"], [11, 2, 33], 0, 2),
    ("losses", ["a", "b", "c"], [1, 2, 3], 40, None),
    ("all", SEPARATE, [1, 2, 3, 10, 30], 0, 4),
    ("hierarchical", SEPARATE, [1, 2, 3, 10, 30], 0, 4),
]


@pytest.mark.parametrize(("kind", "names", "values", "plain", "place"), KINDS)
def test_values_of_the_objectives_and_what_is_not_balanced(kind, names, values, plain, place):
    objectives = Objectives(TASKS, TAUGHT, kind)
    assert objectives.names == names
    assert objectives.place_of_distance("c") == place
    found, rest = objectives.values(LOSSES, DISTANCES)
    np.testing.assert_allclose(found, values)
    assert float(rest) == plain


@pytest.mark.parametrize(
    ("kind", "taught", "groups"),
    [
        ("hierarchical", TAUGHT, [[0, 1, 2], [3, 4]]),
        ("hierarchical", (), None),
        ("all", TAUGHT, None),
        ("tasks", TAUGHT, None),
    ],
)
def test_losses_and_distances_are_two_groups_where_asked_for(kind, taught, groups):
    assert Objectives(TASKS, taught, kind).groups == groups


def test_a_distance_that_is_not_there_is_an_objective_of_nothing():
    objectives = Objectives(TASKS, TAUGHT, "all")
    found, _ = objectives.values(LOSSES, {"a": DISTANCES["a"]})
    np.testing.assert_allclose(found, [1, 2, 3, 10, 0])
