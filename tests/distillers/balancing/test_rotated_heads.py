"""Rotations at the start of heads."""

import keras
import pytest

from keras_mtkd.balancing.objectives import Objectives
from keras_mtkd.distillers.balancing.rotated_heads import rotations_of
from keras_mtkd.distillers.balancing.split import SplitStudent
from keras_mtkd.layers import Rotation

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")


def split(*starts):
    """A student whose heads begin with these layers."""
    inputs = keras.Input((6,))
    shared = keras.layers.Dense(4, name="shared")(inputs)
    heads = {
        task: keras.layers.Dense(1)(start(shared)) for task, start in zip("ab", starts, strict=True)
    }
    return SplitStudent(keras.Model(inputs, heads), "shared", [])


def objectives(kind="tasks"):
    return Objectives(("a", "b"), ("a",), kind)


@pytest.mark.parametrize("kind", ["tasks", "losses"])
def test_one_a_task_in_the_order_of_the_tasks(kind):
    one, other = Rotation(), Rotation(2)
    assert rotations_of(split(one, other), objectives(kind)) == [one, other]


def test_a_head_without():
    with pytest.raises(ValueError, match=r"head of task 'b' must begin with .*Received: <Dense"):
        rotations_of(split(Rotation(), keras.layers.Dense(4)), objectives())


def test_a_head_that_begins_in_two_ways():
    def both(shared):
        return keras.layers.Add()([Rotation()(shared), keras.layers.Dense(4)(shared)])

    with pytest.raises(ValueError, match=r"head of task 'b' must begin with .*Received: None"):
        rotations_of(split(Rotation(), both), objectives())


def test_one_for_both():
    inputs, same = keras.Input((6,)), Rotation(name="same")
    shared = keras.layers.Dense(4, name="shared")(inputs)
    heads = {task: keras.layers.Dense(1)(same(shared)) for task in "ab"}
    student = SplitStudent(keras.Model(inputs, heads), "shared", [])
    with pytest.raises(ValueError, match=r"head of task 'b' must .* of its own"):
        rotations_of(student, objectives())


@pytest.mark.parametrize("kind", ["all", "hierarchical"])
def test_distances_as_objectives(kind):
    with pytest.raises(ValueError, match=f"Rotations belong to tasks.*objectives='{kind}'"):
        rotations_of(split(Rotation(), Rotation()), objectives(kind))
