import numpy as np
from forward import one_program

from keras_mtkd.layers import BilinearUpsampling2D


def test_bilinear_keeps_corners_and_interpolates_linearly():
    x = np.arange(12.0, dtype="float32").reshape(1, 3, 4, 1)
    found = np.asarray(one_program(BilinearUpsampling2D(2))(x))[0, :, :, 0]
    rows, columns = np.linspace(0, 2, 6), np.linspace(0, 3, 8)
    np.testing.assert_allclose(found, 4 * rows[:, None] + columns, rtol=1e-5, atol=1e-5)
