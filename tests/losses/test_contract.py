"""What holds for every distance."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_mtkd import losses
from keras_mtkd.losses._registry import DISTANCES as REGISTERED

DISTANCES = [
    losses.NormalizedL2(axis=-1, name="n"),
    losses.LogitKL(temperature=2.0, from_logits=True),
    losses.BinaryLogitKL(temperature=3.0),
    losses.FunctionLoss("mse"),
]
IDS = [type(loss).__name__ for loss in DISTANCES]


@pytest.fixture
def pair():
    return np.random.default_rng(0).normal(size=(2, 6, 4)).astype("float32")


@pytest.mark.parametrize("loss", DISTANCES, ids=IDS)
def test_config_makes_an_equal_loss(loss, pair):
    revived = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert type(revived) is type(loss)
    assert revived.get_config() == loss.get_config()
    assert float(revived(*pair)) == float(loss(*pair))


@pytest.mark.parametrize("loss", DISTANCES, ids=IDS)
def test_equal_sides_are_no_distance_apart(loss, pair):
    assert float(loss(pair[0], pair[0])) == pytest.approx(0.0, abs=1e-6)
    assert float(loss(pair[0], pair[1])) > 1e-3


@pytest.mark.parametrize("loss", DISTANCES, ids=IDS)
def test_order_of_samples_does_not_matter(loss, pair):
    turned = float(loss(pair[0][::-1].copy(), pair[1][::-1].copy()))
    assert turned == pytest.approx(float(loss(*pair)), rel=1e-6)


@pytest.mark.parametrize("loss", DISTANCES, ids=IDS)
def test_weight_zero_is_absence(loss, pair):
    weights = np.array([1, 1, 1, 0, 0, 0], "float32")
    half = float(loss(*pair, sample_weight=weights))
    assert half == pytest.approx(float(loss(pair[0][:3], pair[1][:3])) / 2, rel=1e-5)
    assert float(loss(*pair, sample_weight=np.zeros(6, "float32"))) == 0.0


@pytest.mark.parametrize("loss", DISTANCES, ids=IDS)
def test_half_precision_inputs_are_computed_in_float32(loss, pair):
    halves = [ops.cast(side, "bfloat16") for side in pair]
    value = loss(*halves)
    assert keras.backend.standardize_dtype(value.dtype) == "float32"
    rounded = [np.asarray(ops.cast(side, "float32")) for side in halves]
    assert float(value) == pytest.approx(float(loss(*rounded)), rel=1e-5)


def test_distances_are_known_by_name():
    assert {"normalized_l2", "cka", "log_sum", "relational", "logit_kl"} <= REGISTERED.keys()
    for name, kind in REGISTERED.items():
        assert type(losses.get(name)) is kind
        assert getattr(losses, kind.__name__) is kind


def test_get_understands_what_users_write():
    assert isinstance(losses.get("normalized_l2"), losses.NormalizedL2)
    assert isinstance(losses.get("mse"), keras.losses.Loss)
    own = losses.get(lambda y_true, y_pred: ops.mean(ops.abs(y_true - y_pred), axis=-1))
    assert float(own(np.zeros((2, 3)), np.full((2, 3), 2.0))) == pytest.approx(2.0)
    assert losses.get(own) is own
    config = keras.losses.serialize(keras.losses.CategoricalCrossentropy(label_smoothing=0.2))
    assert losses.get(config).get_config()["label_smoothing"] == 0.2


def test_get_refuses_the_rest():
    with pytest.raises(ValueError, match="no_such_loss"):
        losses.get("no_such_loss")
    with pytest.raises(TypeError, match=r"Received: 3 of type int"):
        losses.get(3)
