"""Samples where a model takes batches."""

import keras
import numpy as np
import pytest
from helpers import toy_model

from keras_mtkd._data.cached_features import attach_features
from keras_mtkd.losses.single_samples import check_batched


def model(*shapes):
    inputs = {f"x{i}": keras.Input(shape, name=f"x{i}") for i, shape in enumerate(shapes)}
    return keras.Model(inputs, {"a": keras.layers.Identity()(inputs["x0"])})


def named(*shapes):
    return {f"x{i}": np.zeros(shape) for i, shape in enumerate(shapes)}


@pytest.mark.parametrize(
    ("taken", "given"),
    [
        ([(6,)], [(6,)]),
        ([(28, 28, 1)], [(28, 28, 1)]),
        ([(None,)], [(7,)]),
        ([()], [()]),
        ([(6,), (2, 3)], [(6,), (2, 3)]),
    ],
)
def test_samples_are_refused(taken, given):
    with pytest.raises(ValueError, match=r"single samples.*`data\.batch\(32\)`.*`x\[None\]`"):
        check_batched(model(*taken), named(*given))


@pytest.mark.parametrize(
    ("taken", "given"),
    [
        ([(6,)], [(4, 6)]),
        ([(1,)], [(4,)]),  # Keras adds the last axis.
        ([(1,)], [(1,)]),
        ([(28, 28, 1)], [(28, 28, 28)]),
        ([(None, None, 3)], [(2, 8, 8, 3)]),
        ([()], [(4,)]),
        ([(6,), (2, 3)], [(6,), (4, 2, 3)]),  # Keras tells of these.
    ],
)
def test_batches_are_not(taken, given):
    check_batched(model(*taken), named(*given))


def test_inputs_of_every_form():
    toy = toy_model()
    check_batched(toy, [[1.0] * 6])
    with pytest.raises(ValueError, match=r"shape \(6,\).*\(None, 6\)"):
        check_batched(toy, attach_features(np.zeros(6), {"t": np.zeros(3)}))
