"""Weights fitted to what they weigh."""

import numpy as np
import pytest
from helpers import BACKEND
from keras import ops

from keras_mtkd.losses.positions import (
    align_labels,
    both_masks,
    fit_mask,
    fit_weights,
    product_of_weights,
    same_positions,
    spread_weights,
)

GENERATOR = np.random.default_rng(0)
MAPS = np.zeros((2, 3, 4), "float32")


def weights(*shape):
    return GENERATOR.uniform(size=shape).astype("float32")


@pytest.mark.parametrize(
    ("shape", "values", "wanted"),
    [
        ((2,), MAPS, lambda w: w[:, None, None]),
        ((2, 1), MAPS, lambda w: w[..., None]),
        ((2, 3), MAPS, lambda w: w[..., None]),
        ((2, 1, 4), MAPS, lambda w: w),
        ((2, 3, 4), MAPS, lambda w: w),
        ((2, 3, 4, 1), MAPS, lambda w: w[..., 0]),
        ((2, 3, 4, 5), MAPS, lambda w: w.mean(-1)),
        ((2, 6, 8), MAPS, lambda w: w.mean((1, 2), keepdims=True)),
        ((2, 6, 8, 1), MAPS, lambda w: w.mean((1, 2, 3))[:, None, None]),
        ((2, 5), MAPS, lambda w: w.mean(-1)[:, None, None]),
        ((2, 3, 4), MAPS[:, 0, 0], lambda w: w.mean((1, 2))),
        ((2, 1), MAPS[:, 0, 0], lambda w: w[:, 0]),
        ((1, 3), MAPS[:1], lambda w: w[..., None]),
        ((2,), np.float32(0), lambda w: w),
    ],
)
def test_fitted(shape, values, wanted):
    weight = weights(*shape)
    fitted = np.asarray(fit_weights(weight, ops.convert_to_tensor(values)))
    np.testing.assert_allclose(fitted, wanted(weight), rtol=1e-6)
    if values.ndim:
        spread = np.asarray(spread_weights(weight, ops.convert_to_tensor(values)))
        full = np.broadcast_to(wanted(weight), values.shape)
        np.testing.assert_allclose(spread, full, rtol=1e-6)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="shapes are known on JAX")
def test_positions_that_are_not_known_before_the_batch():
    import tensorflow as tf

    unknown = tf.TensorSpec([None, None, None])
    fitted = tf.function(spread_weights, input_signature=[unknown, unknown])
    for shape in ((2, 3, 4), (2, 1, 4), (2, 6, 8)):
        weight = weights(*shape)
        wanted = np.asarray(spread_weights(weight, ops.convert_to_tensor(MAPS)))
        np.testing.assert_allclose(fitted(weight, MAPS), wanted, rtol=1e-6)
    samples = tf.function(spread_weights, input_signature=[tf.TensorSpec([None]), unknown])
    np.testing.assert_allclose(samples(np.array([2.0, 1.0], "float32"), MAPS)[:, 0, 0], [2.0, 1.0])


def test_masks():
    mask = np.array([[True, False, True], [False, False, False]])
    fitted = np.asarray(fit_mask(mask, ops.convert_to_tensor(MAPS)))
    np.testing.assert_array_equal(fitted, np.broadcast_to(mask[..., None], MAPS.shape))
    np.testing.assert_array_equal(
        np.asarray(fit_mask(mask, ops.convert_to_tensor(MAPS[:, 0, 0]))), [True, False]
    )
    assert both_masks(None, None) is None
    assert both_masks(mask, None) is mask
    np.testing.assert_array_equal(np.asarray(both_masks(mask, ~mask)), np.zeros_like(mask))


def test_products():
    one, other = weights(2), weights(2, 3, 4)
    found = np.asarray(product_of_weights([ops.convert_to_tensor(w) for w in (one, other)]))
    np.testing.assert_allclose(found, one[:, None, None] * other, rtol=1e-6)
    assert product_of_weights([]) is None


@pytest.mark.parametrize(
    ("shape", "same"),
    [((2,), False), ((2, 3), False), ((2, 3, 4), True), ((2, 3, 4, 1), True), ((2, 4, 3), False)],
)
def test_same_positions(shape, same):
    assert same_positions(np.zeros(shape), (None, 3, 4)) is same
    assert same_positions(np.zeros((2, 3)), (None, None))


def test_labels_without_their_last_axis():
    maps, axis = ops.convert_to_tensor(MAPS), ops.convert_to_tensor(MAPS[..., None])
    for pair in ((maps, axis), (axis, maps), (axis, axis)):
        assert [tuple(side.shape) for side in align_labels(*pair)] == [(2, 3, 4, 1)] * 2
    with pytest.raises(ValueError, match=r"labels of shape \(2,\), predictions of shape"):
        align_labels(maps[:, 0, 0], axis)
