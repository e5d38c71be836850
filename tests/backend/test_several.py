"""One thing where several are meant."""

import re

import keras
import pytest

import keras_mtkd as mtkd
from keras_mtkd._backend.several import check_several


@pytest.mark.parametrize("given", [[1], (1,), {1}, range(2), iter([1]), {}])
def test_what_can_be_gone_through_is_taken(given):
    check_several("seeds", given, "it in a list")


@pytest.mark.parametrize(
    ("given", "received"),
    [(2, "seeds=2"), (None, "seeds=None"), (1.5, "seeds=1.5"), (object(), "one of type object")],
    ids=["int", "none", "float", "object"],
)
def test_one_is_refused_with_what_to_pass(given, received):
    message = f"`seeds` must be several, .*Received: {re.escape(received)}. Pass it in a list."
    with pytest.raises(TypeError, match=message):
        check_several("seeds", given, "it in a list")


def test_a_task_wants_a_list_of_metrics_that_can_be_made_again():
    with pytest.raises(TypeError, match="`metrics` must be several.*type AUC. Pass it in a list"):
        mtkd.Task("a", None, "mse", keras.metrics.AUC())
    for given in (keras.metrics.AUC, lambda y_true, y_pred: y_pred):
        with pytest.raises(TypeError, match=r"Task 'a': a metric must be .*MeanMetricWrapper"):
            mtkd.Task("a", None, "mse", [given])
