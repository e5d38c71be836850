"""Segmentation, depth and normals as a problem: tasks, losses, and what counts in Δ_MTL."""

import keras
import numpy as np
import pytest

from keras_mtkd import losses
from keras_mtkd.datasets import ArrayDataset
from keras_mtkd.datasets.dense.problem import UNLABELLED, dense_problem
from keras_mtkd.losses.labelled import ignored_class

SHAPE = (32, 32, 3)
DATA = [
    ArrayDataset(np.zeros((part, *SHAPE), "float32"), {"depth": np.ones((part, 32, 32, 1))})
    for part in (3, 2, 1)
]


def problem(**given):
    return dense_problem("pictures", 5, SHAPE, (4,), DATA, **given)


def test_the_three_tasks_and_which_way_is_up():
    tasks = problem().tasks
    assert {name: (task.score, task.higher_is_better) for name, task in tasks.items()} == {
        "semantic": ("mean_iou", True),
        "depth": ("absolute_error", False),
        "normal": ("mean_angle", False),
    }


def test_losses_leave_out_what_has_no_label():
    found = problem().losses()
    assert isinstance(found["semantic"], keras.losses.SparseCategoricalCrossentropy)
    assert ignored_class(found["semantic"]) == UNLABELLED
    assert isinstance(found["depth"], losses.MaskedMeanAbsoluteError)
    assert isinstance(found["normal"], losses.NormalCosine)


def test_metrics_have_names_of_their_own():
    for task in problem().tasks.values():
        names = [metric.name for metric in task.new_metrics()]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("tasks", [("depth",), ("normal", "semantic")], ids=str)
def test_only_tasks_that_there_are_labels_for(tasks):
    assert tuple(problem(tasks=tasks).tasks) == tasks


def test_parts_of_the_data_and_taps():
    made = problem(tasks=("depth",))
    assert [len(part.x) for part in (made.train, made.validation, made.test)] == [3, 2, 1]
    assert made.taps == ("encoder", "decoder")
