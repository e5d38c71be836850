import numpy as np
from keras import ops

from keras_mtkd.balancing.linalg import log_losses

LOSSES = ops.convert_to_tensor(np.array([2.0, 0.0, -1.0, 1e-21, 1e35], "float32"))


def test_a_task_is_there_if_its_loss_is_more_than_nothing():
    np.testing.assert_array_equal(log_losses.present(LOSSES), [True, False, False, False, True])


def test_logarithms_of_what_is_missing_are_zero():
    expected = [np.log(2.0), 0.0, 0.0, 0.0, np.log(1e35)]
    np.testing.assert_allclose(log_losses.logs(LOSSES), expected, rtol=1e-6)


def test_sums_of_an_epoch_do_not_overflow():
    found = np.array(log_losses.added(log_losses.present(LOSSES), LOSSES))
    np.testing.assert_allclose(found, [2.0, 0.0, 0.0, 0.0, log_losses.LARGEST], rtol=1e-6)
    assert np.isfinite(found * np.float32(1e6)).all()


def test_weights_do_not_overflow():
    found = np.array(log_losses.exp(ops.convert_to_tensor([0.0, 1.0, 1e4])))
    np.testing.assert_allclose(found, [1.0, np.e, np.exp(60.0)], rtol=1e-5)


def test_what_a_condition_leaves_out_is_zero():
    values = ops.convert_to_tensor([1.0, float("nan")])
    np.testing.assert_array_equal(log_losses.masked(np.array([True, False]), values), [1.0, 0.0])
