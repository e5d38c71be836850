"""Tasks of which most samples have no label."""

import numpy as np
import pytest
from problems import tiny_problem

import keras_mtkd as mtkd
from experiments.made_up import comparison
from keras_mtkd.experiments import Method, Settings
from keras_mtkd.experiments.few_labels import FewLabels, few_labels, few_labels_caution
from keras_mtkd.experiments.methods import expand_methods
from keras_mtkd.experiments.preparation import Asked, prepare
from keras_mtkd.losses.label_count import LabelCount

METHODS = ("uniform", "logits", "logits-fill", "mtlkd")


def counted(**labelled):
    count, known = LabelCount(), []
    for task, number in labelled.items():
        known.append(count.add(task, np.zeros(20), None, np.arange(20) < number))
    count.add_together(known)
    return count


def found(labels, *own):
    methods = expand_methods([*METHODS, *own])
    return few_labels(labels, tiny_problem(), methods, Settings())


def test_methods_are_told_apart_by_their_ways_of_distilling():
    only_a = Method("Of a", lambda problem, settings: mtkd.LogitDistillation(["a"]))
    only_b = Method("Of b", lambda problem, settings: [mtkd.LogitDistillation(["b"])])
    few = found(counted(a=3, b=20), only_a, only_b)
    assert few == {"a": FewLabels(0.15, 3.0, ["logits", "mtlkd", "of-a"])}


@pytest.mark.parametrize(
    ("labelled", "whole"),
    [
        ({"a": 3, "b": 3}, True),
        ({"a": 3, "b": 2}, False),
        ({"a": 3, "b": 20}, False),
        # Nothing was said of "b": it has no labels at all.
        ({"a": 3}, True),
    ],
)
def test_rows_without_labels_can_be_left_out_where_no_other_task_has_any(labelled, whole):
    assert found(counted(**labelled))["a"].whole_rows is whole


def test_where_labels_are_many_ways_are_not_asked_for():
    def fails(problem, settings):
        raise AssertionError("asked")

    assert found(counted(a=4, b=20), Method("Mine", fails)) == {}


def test_the_caution_tells_share_labels_a_batch_and_methods():
    whole = few_labels_caution(FewLabels(1 / 15, 2.13, whole_rows=True), [])
    mixed = few_labels_caution(FewLabels(1 / 15, 2.13), [])
    begins = "6.7 % of the training samples have a label of this task, about 2.1 a "
    assert whole.startswith(begins)
    assert mixed.startswith(begins)
    assert "the labelled samples repeated" in whole
    assert "repeated" not in mixed
    assert "keep all samples: a loss with `reduction='mean_with_sample_weight'`" in mixed
    assert "teacher" not in whole + mixed
    said = few_labels_caution(FewLabels(1 / 15, 2.13), ["Logits"])
    assert "In Logits, the teacher of this task teaches on 6.7 % of the samples; `use_" in said
    assert "In 1, 2, 3 and 2 others, the" in few_labels_caution(FewLabels(0.1, 1.0), list("12345"))


def test_a_comparison_names_the_methods_that_it_shows_beside_other_cautions():
    few = {"kind": FewLabels(0.07, 2.0, ["logits", "mtlkd"])}
    made = comparison({"single": [-99.0] * 2, "logits": [0.0] * 2, "mtlkd": [1.0] * 2})
    alone = made.cautions()["kind"]
    made._few_labels = few
    assert made.cautions()["kind"].startswith(f"{alone} 7 % of the training samples")
    made.methods = ["single", "logits"]
    assert "In Logits, the" in made.cautions()["kind"]


@pytest.mark.parametrize("labelled", [2, 16])
def test_preparing_a_comparison_counts_the_labels_of_the_training_data(labelled):
    problem = tiny_problem(samples=16, batch=8)
    masks = {"a": np.arange(16) < labelled}
    y, weights = mtkd.datasets.mask_missing(problem.train.y, masks=masks)
    problem.train = mtkd.datasets.ArrayDataset(problem.train.x, y, weights, batch_size=8)
    made = prepare(Asked(problem, METHODS, (0,), Settings(), "test", None, 0, None, None))
    few = {"a": FewLabels(0.125, 1.0, ["logits", "mtlkd"])}
    assert made.few_labels == (few if labelled == 2 else {})
