"""Teachers that teach on few samples, because most have no label."""

import warnings

import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.distillers.samples_left_out import (
    fitted_by,
    tell_of_samples_left_out,
    told_once,
)
from keras_mtkd.losses.label_count import LabelCount


def counted(labelled):
    """So many labels among 10 samples of both tasks."""
    count = LabelCount()
    weights = (np.arange(10) < labelled).astype("float32")
    for task in ("a", "b"):
        count.add(task, np.zeros(10), None, weights)
    return count


def told(labels, *ways):
    wiring = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), ways).wiring
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tell_of_samples_left_out(wiring, labels)
    return [str(one.message) for one in caught]


def test_every_task_is_told_once_with_the_share():
    ways = mtkd.LogitDistillation(), mtkd.FeatureDistillation("features")
    said = told(counted(1), *ways)
    assert [one.split(" teaches")[0] for one in said] == [
        "The teacher of 'a'",
        "The teacher of 'b'",
    ]
    assert "on 10 % of the samples, those with a label (of 10 that were looked at)" in said[0]
    assert "`use_sample_weight=False` it teaches on all" in said[0]


@pytest.mark.parametrize("use", [False, "missing"])
def test_who_teaches_on_the_others_leaves_nothing_out(use):
    assert told(counted(1), mtkd.LogitDistillation(use_sample_weight=use)) == []


def test_a_fifth_is_not_few():
    assert told(counted(2), mtkd.LogitDistillation()) == []
    assert told(LabelCount(), mtkd.LogitDistillation()) == []


def test_a_comparison_tells_of_a_task_once():
    way = mtkd.LogitDistillation(["a"])
    with told_once():
        assert [len(told(counted(1), way)) for _ in range(3)] == [1, 0, 0]
    assert len(told(counted(1), way)) == 1


def test_the_method_of_a_comparison_is_named():
    way = mtkd.LogitDistillation(["a"])
    with told_once(), fitted_by("Logits [strong]"):
        (said,) = told(counted(1), way)
    assert said.startswith("Method 'Logits [strong]': The teacher of 'a' teaches on 10 % ")
    assert said.endswith("it teaches on all. Later methods that do likewise are not named.")
    (said,) = told(counted(1), way)
    assert said.startswith("The teacher of 'a'")
    assert said.endswith("it teaches on all.")


def test_fit_tells_it_of_what_it_was_given():
    model = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), mtkd.LogitDistillation(["a"]))
    model.compile("sgd", loss=toy_losses())
    x, y = toy_data()
    weights = {"a": (np.arange(len(x)) < 4).astype("float32"), "b": np.ones(len(x))}
    with pytest.warns(UserWarning, match="teacher of 'a' teaches on 8.3 %") as caught:
        model.fit(x, y, sample_weight=weights, epochs=2, batch_size=48, verbose=0)
    told = [one.filename for one in caught if "teaches on" in str(one.message)]
    assert told == [__file__]
