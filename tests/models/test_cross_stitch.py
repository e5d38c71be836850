"""Cross-stitch networks, against the same layers called by hand."""

import keras
import numpy as np
import pytest

from keras_mtkd import models
from models.small_networks import dense_layers

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")


def test_every_stage_is_each_tasks_own_and_mixed_after_it():
    made = []

    def stage():
        made.append(keras.layers.Dense(4))
        return made[-1]

    heads = dense_layers()
    model = models.cross_stitch((6,), [stage, stage], heads, keep=0.75)
    x = np.random.default_rng(0).normal(size=(2, 6)).astype("float32")
    seen = dict.fromkeys(heads, x)
    assert len(made) == 4
    for own in (made[:2], made[2:]):
        a, b = (seen[task] @ layer.kernel for task, layer in zip(heads, own, strict=True))
        seen = {"a": 0.75 * a + 0.25 * b, "b": 0.25 * a + 0.75 * b}
    for task, out in model(x).items():
        np.testing.assert_allclose(out, seen[task] @ heads[task].kernel, rtol=1e-4, atol=1e-5)


def test_mixtures_have_names_to_be_tapped_by():
    heads = {"left digit": keras.layers.Dense(1), "b": keras.layers.Dense(1)}
    model = models.cross_stitch((6,), [lambda: keras.layers.Dense(4)], heads)
    names = [layer.name for layer in model.layers]
    assert {"stage1_left_digit", "stage1_b"} < set(names)
    assert list(model.output) == ["left digit", "b"]


def test_refusals():
    with pytest.raises(ValueError, match="at least one stage"):
        models.cross_stitch((6,), [], dense_layers())
    with pytest.raises(ValueError, match="Received: 1 stages, 0 heads"):
        models.cross_stitch((6,), [lambda: keras.layers.Dense(4)], {})
