"""How many samples have a label."""

import keras
import numpy as np
import pytest
from helpers import toy_losses, toy_model
from problems import tiny_problem

import keras_mtkd as mtkd
from keras_mtkd.losses.label_count import LabelCount
from keras_mtkd.losses.validation import check_data

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=9)


def counted(labels, weight=None):
    count = LabelCount()
    count.add("a", np.array(labels), LOSS, weight)
    return count


@pytest.mark.parametrize(
    ("labels", "weight", "labelled", "weighed"),
    [
        ([0, 1, 2, 0], None, 1.0, 1.0),
        ([0, 1, 2, 0], np.array([0, 0, 0.5, 0]), 0.25, 0.25),
        ([9, 9, 2, 0], np.array([0, 1, 0.5, 0]), 0.25, 0.5),
        # Of positions one is enough.
        ([[9, 9], [9, 1]], None, 0.5, 1.0),
        ([[9, 9], [9, 1]], np.array([[0, 1], [0, 0]]), 0.0, 0.5),
        # Not one a sample: what it means is for others to refuse.
        ([0, 1], np.float32(0.0), 1.0, 1.0),
    ],
)
def test_a_sample_has_a_label_that_weighs_something_and_is_not_ignored(
    labels, weight, labelled, weighed
):
    count = counted(labels, weight)
    assert (count.share("a"), count.share("a", weighed=True)) == (labelled, weighed)
    assert count.a_batch("a") == labelled * len(labels)


def test_samples_with_a_label_of_any_task():
    count = LabelCount()
    for a, b in (([1, 0, 0, 0], [1, 1, 0, 0]), ([0, 0], [0, 0])):
        labels = np.zeros(len(a), int)
        count.add_together(
            [count.add(task, labels, None, np.array(own)) for task, own in (("a", a), ("b", b))]
        )
    assert count.share_with_any == pytest.approx(2 / 6)
    count.add_together([])
    assert count.share_with_any == pytest.approx(2 / 6)


def test_what_was_not_counted_lacks_nothing():
    assert LabelCount().share_with_any == 1.0
    assert LabelCount().share("a") == 1.0
    assert (LabelCount().samples("a"), LabelCount().a_batch("a")) == (0, 0)


def test_batches_add_up_where_labels_are_checked():
    x, y = np.zeros((5, 6)), {"a": np.zeros(5, int), "b": np.zeros((5, 1))}
    weights = {"a": np.array([1, 0, 0, 0, 0])}
    data = mtkd.datasets.ArrayDataset(x, y, weights, batch_size=2)
    count = LabelCount()
    check_data(toy_model(), toy_losses(), data, batches=None, count=count)
    assert (count.samples("a"), count.share("a"), count.share("b")) == (5, 0.2, 1.0)
    assert count.a_batch("a") == pytest.approx(1 / 3)
    assert count.share_with_any == 1.0


def test_a_problem_counts_its_training_data():
    labels = tiny_problem().validate()
    assert (labels.samples("a"), labels.a_batch("a")) == (32, 8.0)
    assert str(labels) == (
        "LabelCount('a': 32 of 32 samples have a label, 'b': 32 of 32 samples have a label)"
    )


def test_it_is_shown_with_its_numbers():
    assert repr(LabelCount()) == "LabelCount()"
    assert repr(counted([9, 9, 2, 0])) == "LabelCount('a': 2 of 4 samples have a label)"
