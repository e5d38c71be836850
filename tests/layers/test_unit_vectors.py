import numpy as np
from forward import one_program
from helpers import gradient
from keras import ops

from keras_mtkd.layers.unit_vectors import UnitVectors


def test_unit_vectors():
    x = np.random.default_rng(0).normal(size=(2, 3, 3)).astype("float32")
    x[0, 0] = 0.0
    found = np.asarray(one_program(UnitVectors())(x))
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1).ravel()[1:], 1.0, rtol=1e-5)
    assert not found[0, 0].any()
    assert np.isfinite(gradient(one_program(lambda v: ops.sum(UnitVectors()(v))), x)).all()
