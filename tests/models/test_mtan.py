"""MTAN: what tasks share, and what is their own."""

import keras
import numpy as np
import pytest
from forward import weights_of_numpy

from keras_mtkd import models

SHAPE, WIDTHS = (4, 8, 3), (2,)
NAMES = ("a", "left half")


@pytest.fixture(scope="module")
def attended():
    """For one task and for two."""
    with weights_of_numpy(0):
        return [
            models.mtan(SHAPE, {t: keras.layers.Conv2D(1, 1) for t in tasks}, widths=WIDTHS)
            for tasks in (NAMES[:1], NAMES)
        ]


def test_features_to_be_tapped_are_at_the_two_ends_of_a_tasks_way(attended):
    for task in ("a", "left_half"):
        shapes = [
            attended[1].get_layer(f"{end}_{task}").output.shape for end in ("encoder", "decoder")
        ]
        assert shapes == [(None, 2, 4, 2), (None, 4, 8, 2)]
    assert list(attended[1].output) == list(NAMES)


def test_a_further_task_brings_its_masks_and_its_head_alone(attended):
    def count(wanted):
        return [sum(map(wanted, model.layers)) for model in attended]

    def is_wide(layer):
        return isinstance(layer, keras.layers.Conv2D) and layer.kernel_size == (3, 3)

    def is_mask(layer):
        return isinstance(layer, keras.layers.Multiply)

    assert np.diff(count(is_wide)) == [0]
    # One for every stage down and every stage up.
    assert count(is_mask) == [2, 4]


@pytest.mark.parametrize(
    ("shape", "heads", "message"),
    [
        ((5, 8, 3), {"a": 1}, "MTAN needs .* multiples of 2"),
        (SHAPE, {}, "at least one task"),
        (SHAPE, {"a": 0}, "at least 1 channel. Received: 0"),
    ],
)
def test_refusals(shape, heads, message):
    with pytest.raises(ValueError, match=message):
        models.mtan(shape, heads, widths=WIDTHS)
