import numpy as np
import pytest
from helpers import gradient
from keras import ops

from keras_mtkd.losses._power_of_size import power_of_size

VALUES = np.array([-2.0, 0.0, 0.5], "float32")


@pytest.mark.parametrize("power", [0.5, 1.0, 3.0])
def test_powers_of_sizes_and_their_slopes(power):
    found = power_of_size(ops.convert_to_tensor(VALUES), power)
    np.testing.assert_allclose(found, np.abs(VALUES) ** power, rtol=1e-6)
    slopes = gradient(lambda values: ops.sum(power_of_size(values, power)), VALUES)
    assert slopes[1] == 0.0
    there = VALUES[[0, 2]]
    expected = power * np.abs(there) ** (power - 1) * np.sign(there)
    np.testing.assert_allclose(slopes[[0, 2]], expected, rtol=1e-5)
