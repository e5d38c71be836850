"""Which metrics of Keras have several values."""

import keras
import pytest

from keras_mtkd._backend.metric_values import several_values

METRICS = keras.metrics


@pytest.mark.parametrize(
    ("metric", "told"),
    [
        (METRICS.F1Score(threshold=0.5), "class"),
        (METRICS.FBetaScore(), "class"),
        (METRICS.Precision([0.2, 0.8]), "threshold"),
        (METRICS.TruePositives([0.2, 0.8]), "threshold"),
        (METRICS.F1Score("macro"), None),
        (METRICS.Recall(0.2), None),
        (METRICS.Recall([0.2]), None),
        (METRICS.AUC(thresholds=[0.2, 0.8]), None),
        (METRICS.SensitivityAtSpecificity(0.5), None),
        ("accuracy", None),
    ],
    ids=range(10),
)
def test_by_their_results(metric, told):
    found = several_values(metric)
    assert found is None if told is None else found.startswith(told)
    if isinstance(metric, METRICS.Metric):
        y = [[1.0, 0.0], [0.0, 1.0]]
        metric.update_state(y, [[0.9, 0.1], [0.6, 0.4]])
        assert len(keras.ops.shape(metric.result())) == (0 if told is None else 1)
