"""From what users write to a loss."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_mtkd import losses


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
