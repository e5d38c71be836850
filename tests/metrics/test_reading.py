"""Metrics are given what they read, also where the loss reads predictions otherwise."""

import keras
import numpy as np
import pytest

from keras_mtkd._backend.keras_compat import get_keras_mask, set_keras_mask
from keras_mtkd.metrics.labelled import LabelledOnly, metric_of
from keras_mtkd.metrics.reading import in_form, reads_logits

GENERATOR = np.random.default_rng(1)
SAMPLES = 200
TRUTH = GENERATOR.integers(0, 2, (SAMPLES, 1)).astype("float32")
# Half of the right answers lie between 0 and 0.5.
ANSWERS = (TRUTH - 0.5 + GENERATOR.normal(scale=0.6, size=TRUTH.shape)).astype("float32")
SHARES = 1 / (1 + np.exp(-ANSWERS))
CLASSES = GENERATOR.integers(0, 3, SAMPLES)
CHOICES = GENERATOR.normal(size=(SAMPLES, 3)).astype("float32")
CHOICES[np.arange(SAMPLES), CLASSES] += 1
ONE_HOT = np.eye(3, dtype="float32")[CLASSES]
SOFTMAX = np.exp(CHOICES) / np.exp(CHOICES).sum(-1, keepdims=True)
YES = ANSWERS > 0
BINARY = keras.losses.BinaryCrossentropy
SPARSE = keras.losses.SparseCategoricalCrossentropy
WEIGHT = (np.arange(SAMPLES) % 3 > 0).astype("float32")
COUNTED = WEIGHT > 0


def value(metric, loss, truth, guess, weight=None):
    wrapped = LabelledOnly(metric_of(metric), loss=loss)
    wrapped.update_state(truth, guess, weight)
    return np.asarray(wrapped.result())


def crossentropy(truth, share):
    return -(truth * np.log(share) + (1 - truth) * np.log(1 - share)).mean()


def f1(truth, guess):
    return 2 * (truth * guess).sum() / (truth.sum() + guess.sum())


ORACLES = {
    "accuracy": lambda y, p: ((p > 0.5) == y).mean(),
    "acc": lambda y, p: ((p > 0.5) == y).mean(),
    "binary_accuracy": lambda y, p: ((p > 0.5) == y).mean(),
    "bce": crossentropy,
    keras.metrics.binary_accuracy: lambda y, p: ((p > 0.5) == y).mean(),
    keras.metrics.BinaryAccuracy(threshold=0.7): lambda y, p: ((p > 0.7) == y).mean(),
    keras.metrics.BinaryAccuracy(threshold=0.0): lambda y, p: ((p > 0.5) == y).mean(),
    keras.metrics.BinaryCrossentropy(): crossentropy,
    keras.metrics.BinaryCrossentropy(from_logits=True): crossentropy,
    keras.metrics.Precision(): lambda y, p: y[p > 0.5].mean(),
    keras.metrics.Precision(thresholds=0): lambda y, p: y[p > 0.5].mean(),
    keras.metrics.Recall(thresholds=0.3): lambda y, p: (p > 0.3)[y == 1].mean(),
    keras.metrics.TruePositives(): lambda y, p: (p > 0.5)[y == 1].sum(),
    keras.metrics.F1Score("macro", threshold=0.5): lambda y, p: f1(y, p > 0.5),
    keras.metrics.BinaryIoU([1], threshold=0.5): lambda y, p: (
        ((p > 0.5) & (y == 1)).sum() / ((p > 0.5) | (y == 1)).sum()
    ),
}


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["all", "some"])
@pytest.mark.parametrize("from_logits", [True, False])
@pytest.mark.parametrize("metric", ORACLES, ids=range(len(ORACLES)))
def test_answers(metric, from_logits, weight):
    counted = COUNTED if weight is not None else slice(None)
    expected = ORACLES[metric](TRUTH[counted], SHARES[counted])
    if isinstance(metric, keras.metrics.Metric):
        metric = type(metric).from_config(metric.get_config())
    guess = ANSWERS if from_logits else SHARES
    found = value(metric, BINARY(from_logits=from_logits), TRUTH, guess, weight)
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("from_logits", [True, False])
def test_the_area_under_the_curve(own, from_logits):
    ranks = (SHARES[TRUTH == 1][:, None] > SHARES[TRUTH == 0][None]).mean()
    guess = ANSWERS if from_logits else SHARES
    metric = keras.metrics.AUC(from_logits=own)
    assert value(metric, BINARY(from_logits=from_logits), TRUTH, guess) == pytest.approx(
        ranks, abs=2e-3
    )


@pytest.mark.parametrize("from_logits", [True, False])
def test_classes(from_logits):
    """Their numbers become columns for metrics of Keras that want these."""
    guess, loss = (CHOICES if from_logits else SOFTMAX), SPARSE(from_logits=from_logits)
    chosen = np.eye(3)[CHOICES.argmax(-1)]
    each = [f1(ONE_HOT[:, k], chosen[:, k]) for k in range(3)]
    for labels in (CLASSES, CLASSES[:, None]):
        found = value(keras.metrics.F1Score("macro"), loss, labels, guess)
        assert found == pytest.approx(np.mean(each), rel=1e-5)
    found = value(keras.metrics.Recall(class_id=1), loss, CLASSES, guess)
    assert found == pytest.approx((SOFTMAX[:, 1] > 0.5)[CLASSES == 1].mean(), rel=1e-5)
    for name in ("accuracy", "sparse_categorical_accuracy"):
        assert value(name, loss, CLASSES, guess) == pytest.approx((chosen * ONE_HOT).sum(-1).mean())
    expected = -np.log(SOFTMAX[np.arange(SAMPLES), CLASSES]).mean()
    assert value("sparse_categorical_crossentropy", loss, CLASSES, guess) == pytest.approx(
        expected, rel=1e-5
    )


def test_classes_without_label_are_in_no_column():
    labels = np.where(COUNTED, CLASSES, -1)
    found = value(keras.metrics.F1Score("micro"), SPARSE(from_logits=True), labels, CHOICES, WEIGHT)
    assert found == pytest.approx((CHOICES.argmax(-1) == CLASSES)[COUNTED].mean(), rel=1e-5)


class OfLogits(keras.metrics.Recall):
    """One of a user's, which does it itself."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true, keras.ops.sigmoid(y_pred), sample_weight)


class Told(keras.metrics.MeanMetricWrapper):
    reads_logits = False

    def __init__(self):
        super().__init__(lambda y, p: p, name="mean")


def test_a_metric_of_ones_own_reads_what_the_head_gives_unless_it_says_otherwise():
    loss = BINARY(from_logits=True)
    found = value(OfLogits(), loss, TRUTH, ANSWERS)
    assert found == pytest.approx(YES[TRUTH == 1].mean())
    assert value(Told(), loss, TRUTH, ANSWERS) == pytest.approx(SHARES.mean(), rel=1e-5)


@pytest.mark.parametrize("loss", ["mse", "hinge", None], ids=str)
def test_other_predictions_stay(loss):
    loss = loss and keras.losses.get(loss)
    assert value(keras.metrics.Recall(), loss, TRUTH, ANSWERS) == pytest.approx(
        (ANSWERS > 0.5)[TRUTH == 1].mean()
    )


def test_some_read_either():
    either = ("mae", keras.metrics.F1Score("macro"), keras.metrics.Precision(top_k=2))
    for metric in (*either, keras.metrics.TopKCategoricalAccuracy(2)):
        assert reads_logits(metric_of(metric)) is None


def test_masks_stay():
    guess = keras.ops.convert_to_tensor(ANSWERS)
    set_keras_mask(guess, keras.ops.convert_to_tensor(COUNTED))
    _, changed = in_form(None, False, BINARY(from_logits=True), TRUTH, guess)
    np.testing.assert_allclose(changed, SHARES, rtol=1e-5)
    np.testing.assert_array_equal(get_keras_mask(changed), COUNTED)
