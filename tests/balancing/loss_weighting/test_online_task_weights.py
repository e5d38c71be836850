import numpy as np
import pytest

from keras_mtkd.balancing.loss_weighting.online_task_weights import otw_weights

RATIOS = np.array([0.8, 1.0, 1.3], "float32")


def weights(*arguments):
    return np.array(otw_weights(*arguments))


@pytest.mark.parametrize("temperature", [0.1, 1.0, 5.0])
def test_is_the_formula(temperature):
    powers = np.exp(RATIOS.astype("float64") / temperature)
    expected = 3 * powers / powers.sum()
    np.testing.assert_allclose(weights(RATIOS, temperature), expected, rtol=1e-5)


def test_known_values():
    np.testing.assert_allclose(weights(RATIOS), [0.02, 0.14, 2.84], atol=5e-3)
    np.testing.assert_allclose(weights(RATIOS, 1.0), [0.78, 0.95, 1.28], atol=5e-3)


def test_equal_ratios_weigh_alike_however_large():
    np.testing.assert_array_equal(weights(np.full(4, 1e6, "float32")), np.ones(4))


def test_does_not_overflow():
    np.testing.assert_array_equal(weights(np.array([1.0, 1e4], "float32")), [0.0, 2.0])


def test_ratios_count_up_to_the_clip():
    np.testing.assert_allclose(weights(RATIOS, 0.1, 1.0), weights(np.minimum(RATIOS, 1.0)))
    np.testing.assert_allclose(weights(RATIOS, 0.1, 0.1 * np.log(10)), np.ones(3), rtol=1e-6)
