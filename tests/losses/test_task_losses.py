import keras
import numpy as np
import pytest

from keras_mtkd import losses
from keras_mtkd.losses.task_losses import TaskLosses

SHAPE = (3, 3, 3)


@pytest.fixture
def case():
    generator = np.random.default_rng(0)
    y = {"a": generator.integers(0, 4, size=SHAPE), "b": generator.normal(size=(*SHAPE, 1))}
    y["b"][:, 0] = 0.0
    predictions = {"a": generator.normal(size=(*SHAPE, 4)), "b": generator.normal(size=(*SHAPE, 1))}
    made = {
        "a": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        "b": losses.MaskedMeanAbsoluteError(),
    }
    return TaskLosses(made, ["a", "b"]), y, predictions


def test_weights_of_samples_weigh_whole_maps(case):
    """As many samples as rows, where broadcasting would go unnoticed along the wrong axis."""
    objective, y, predictions = case
    weight = np.array([2.0, 0.0, 0.5], "float32")
    found = objective(y, predictions, {"a": weight, "b": weight})
    logits = predictions["a"] - np.log(np.exp(predictions["a"]).sum(-1, keepdims=True))
    entropies = -np.take_along_axis(logits, y["a"][..., None], -1)[..., 0]
    expected = (entropies * weight[:, None, None]).mean()
    assert float(found["a"]) == pytest.approx(expected, rel=1e-5)
    errors, valid = np.abs(y["b"] - predictions["b"])[..., 0], y["b"][..., 0] != 0
    expected = (errors * weight[:, None, None] * valid).sum() / valid.sum()
    assert float(found["b"]) == pytest.approx(expected, rel=1e-5)


def test_weights_of_positions_are_taken_as_they_are(case):
    objective, y, predictions = case
    weight = np.random.default_rng(1).uniform(size=SHAPE).astype("float32")
    found = objective(y, predictions, {"b": weight})
    errors, valid = np.abs(y["b"] - predictions["b"])[..., 0], y["b"][..., 0] != 0
    assert float(found["b"]) == pytest.approx(
        (errors * weight * valid).sum() / valid.sum(), rel=1e-5
    )


def test_a_list_is_not_one_loss_a_task():
    with pytest.raises(ValueError, match=r"Pass `loss=\{task: loss\}`.*alphabetical"):
        TaskLosses(["mse", "mae"], ["b", "a"])
