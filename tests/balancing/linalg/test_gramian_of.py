import numpy as np
import pytest

from keras_mtkd.balancing.linalg import gramian_of

TENSORS = np.random.default_rng(0).normal(size=(3, 4, 50)).astype("float32")


@pytest.mark.parametrize("accelerator", [False, True])
def test_inner_products_of_tensors_of_any_shape(accelerator, monkeypatch):
    monkeypatch.setattr(gramian_of, "has_accelerator", lambda: accelerator)
    rows = TENSORS.reshape(3, -1).astype("float64")
    found = gramian_of.gram_of(list(TENSORS))
    np.testing.assert_allclose(found, rows @ rows.T, rtol=1e-4, atol=1e-3)


def test_halves_are_multiplied_in_single_precision():
    large = np.full((1, 1000), 16.0, "float16")
    found = np.array(gramian_of.gram_of([large, -large]))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[256e3, -256e3], [-256e3, 256e3]])
