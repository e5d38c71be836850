import keras
import numpy as np
import pytest

from keras_mtkd.losses.soften import check_temperature, log_probability


def test_a_temperature_is_a_positive_number():
    assert check_temperature(2) == 2.0
    assert isinstance(check_temperature(2), float)
    for bad in (0, -1.0, float("nan")):
        with pytest.raises(ValueError, match=f"must be positive. Received: temperature={bad}"):
            check_temperature(bad)


def test_the_logarithm_of_nothing_is_finite():
    found = np.array(log_probability(np.array([1.0, 0.5, 0.0], "float32")))
    np.testing.assert_allclose(found, np.log([1.0, 0.5, keras.config.epsilon()]), rtol=1e-5)
