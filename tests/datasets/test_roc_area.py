"""The area under the ROC curve against the share of pairs in the right order."""

import keras
import numpy as np
import pytest

from keras_mtkd.datasets.roc_area import roc_area


@pytest.mark.parametrize("spread", [1, 15])
def test_scores_are_exact_however_sure_answers_are(spread):
    generator = np.random.default_rng(0)
    labels = (generator.uniform(size=400) < 0.1).astype("float32")
    logits = (spread * (generator.normal(size=400) - 1.2 + 0.7 * labels)).astype("float32")
    weights = (generator.uniform(size=400) < 0.8).astype("float32")
    # As Mann and Whitney count it.
    yes, no = (logits[(labels == answer) & (weights == 1)] for answer in (1, 0))
    exact = (yes[:, None] > no).mean()
    off = []
    for metric in (roc_area(), keras.metrics.AUC(from_logits=True)):
        metric.update_state(labels, logits, sample_weight=weights)
        off.append(abs(float(metric.result()) - exact))
    assert off[0] < 2e-3
    # That of Keras is not, where they are sure.
    assert (off[1] > 0.02) == (spread > 1)


def test_it_is_made_again_from_its_settings():
    metric = roc_area("area")
    again = keras.metrics.AUC.from_config(metric.get_config())
    assert again.name == "area"
    np.testing.assert_allclose(again.thresholds, metric.thresholds)
