"""Batches of arrays that TensorFlow reads, whatever the backend trains with."""

import numpy as np
import pytest

from distillers.data_order.batch_contract import CASES, ROWS, assert_holds_samples_together
from keras_mtkd.distillers.data_order._tf_data import array_batches
from keras_mtkd.distillers.data_order.passes import DataOrder, Passes


@pytest.mark.parametrize(("size", "steps"), CASES)
def test_batches_hold_samples_together(size, steps):
    assert_holds_samples_together(array_batches, size, steps)


def test_shapes_and_the_number_of_batches_are_known():
    x = np.zeros((6, 2, 3), "float32")
    for size, expected in ((3, (3, 2, 3)), (4, (None, 2, 3))):
        data = array_batches((x, {"a": ROWS}), Passes(DataOrder(0), 6, size))
        assert data.element_spec[0].shape == expected
        assert int(data.cardinality()) == 2


def test_weights_that_are_left_out_stay_out():
    (batch,) = array_batches((ROWS, {"a": None}), Passes(DataOrder(0), 6, 6, shuffle=False))
    assert batch[1] == {"a": None}
    assert np.array(batch[0]).tolist() == ROWS.tolist()
