"""Metrics of what has a label, as a distiller wraps those of its tasks."""

import keras
import numpy as np
import pytest

from keras_mtkd._backend.keras_compat import direction_of, set_keras_mask
from keras_mtkd.metrics.labelled import LabelledOnly, metric_of, of_labelled

GENERATOR = np.random.default_rng(0)
SHAPE = (3, 4, 2)
TRUTH = GENERATOR.integers(0, 2, size=SHAPE)
SCORES = GENERATOR.uniform(size=(*SHAPE, 1)).astype("float32")
LOGITS = GENERATOR.normal(size=(*SHAPE, 3)).astype("float32")
CLASSES = GENERATOR.integers(0, 3, size=SHAPE)
PIXELS = (GENERATOR.random(SHAPE) < 0.5).astype("float32")
SAMPLES = np.array([1.0, 0.0, 1.0], "float32")
WEIGHTS = {
    "samples": SAMPLES,
    "samples with an axis": SAMPLES[:, None],
    "pixels": PIXELS,
    "pixels with an axis": PIXELS[..., None],
}


def spread(weight):
    weight = weight.reshape(weight.shape[:3] if weight.ndim > 2 else (-1, 1, 1))
    return np.broadcast_to(weight, SHAPE) != 0


def value(metric, truth, guess, weight=None, weighted=False):
    wrapped = LabelledOnly(metric_of(metric), weighted)
    wrapped.update_state(truth, guess, weight)
    return np.asarray(wrapped.result())


def intersection(truth, guess, classes):
    shares = []
    for number in range(classes):
        one, other = truth == number, guess == number
        if (one | other).any():
            shares.append((one & other).sum() / (one | other).sum())
    return np.mean(shares)


MAPS = {
    "mae": ("mae", TRUTH, SCORES, lambda y, p: np.abs(y - p[..., 0]).mean()),
    "accuracy": ("accuracy", TRUTH, SCORES, lambda y, p: ((p[..., 0] > 0.5) == y).mean()),
    "acc of classes": ("acc", CLASSES, LOGITS, lambda y, p: (p.argmax(-1) == y).mean()),
    "rmse": (
        keras.metrics.RootMeanSquaredError,
        TRUTH,
        SCORES,
        lambda y, p: np.sqrt(((y - p[..., 0]) ** 2).mean()),
    ),
    "precision": (
        keras.metrics.Precision,
        TRUTH,
        SCORES,
        lambda y, p: y[p[..., 0] > 0.5].mean(),
    ),
    "recall": (
        keras.metrics.Recall,
        TRUTH,
        SCORES,
        lambda y, p: (p[..., 0] > 0.5)[y == 1].mean(),
    ),
    "iou": (
        lambda: keras.metrics.MeanIoU(3, sparse_y_pred=False),
        CLASSES,
        LOGITS,
        lambda y, p: intersection(y, p.argmax(-1), 3),
    ),
    "iou of answers": (
        lambda: keras.metrics.BinaryIoU(threshold=0.5),
        TRUTH,
        SCORES,
        lambda y, p: intersection(y, (p[..., 0] > 0.5).astype(int), 2),
    ),
}


@pytest.mark.parametrize("weight", WEIGHTS.values(), ids=WEIGHTS.keys())
@pytest.mark.parametrize("case", MAPS.values(), ids=MAPS.keys())
def test_maps(case, weight):
    """With and without the last axis of labels, metrics see the labelled pixels alone."""
    make, truth, guess, oracle = case
    labelled = spread(weight)
    wanted = oracle(truth[labelled], guess[labelled])
    for labels in (truth, truth[..., None]):
        metric = make() if callable(make) else make
        # Whatever is not 0 is a label.
        assert float(value(metric, labels, guess, 3.0 * weight)) == pytest.approx(wanted, rel=1e-5)


def test_area_under_the_curve():
    weight = np.array([1.0, 0.0, 1.0], "float32")
    alone = keras.metrics.AUC()
    alone.update_state(TRUTH[[0, 2]].ravel(), SCORES[[0, 2]].ravel())
    assert float(value(keras.metrics.AUC(), TRUTH, SCORES, weight)) == pytest.approx(
        float(alone.result())
    )


def test_vectors_and_labels_without_axis():
    truth, guess = GENERATOR.normal(size=(6,)), GENERATOR.normal(size=(6, 1)).astype("float32")
    weight = np.array([1, 1, 0, 1, 1, 1], "float32")
    kept = weight > 0
    errors = (truth - guess[:, 0])[kept]
    spread_of = ((truth[kept] - truth[kept].mean()) ** 2).sum()
    r2 = float(value(keras.metrics.R2Score(), truth, guess, weight))
    assert r2 == pytest.approx(1 - (errors**2).sum() / spread_of, rel=1e-4)
    mae = float(value("mae", truth, guess, weight))
    assert mae == pytest.approx(np.abs(errors).mean(), rel=1e-5)


def test_answers_of_which_some_have_no_label():
    truth, guess = TRUTH[:, 0].astype("float32"), SCORES[:, 0, :, 0]
    weight = np.array([[1, 0], [1, 1], [0, 1]], "float32")
    found = float(value("binary_accuracy", truth, guess, weight))
    assert found == pytest.approx(((guess > 0.5) == truth)[weight > 0].mean())
    found = float(value(keras.metrics.Recall(), truth, guess, weight))
    assert found == pytest.approx((guess > 0.5)[(weight > 0) & (truth == 1)].mean())


def test_weighted_metrics_weigh():
    weight = np.array([2.0, 0.0, 0.5], "float32")
    found = float(value("mae", TRUTH, SCORES, weight, weighted=True))
    errors = np.abs(TRUTH - SCORES[..., 0]).mean((1, 2))
    assert found == pytest.approx(np.average(errors, weights=weight), rel=1e-5)


def test_a_mask_of_the_predictions():
    """As Keras counts it, also beside weights of samples."""
    mask = np.arange(8) < np.array([[8], [3], [5]])
    guess = keras.ops.convert_to_tensor(LOGITS.reshape(3, 8, 3))
    set_keras_mask(guess, keras.ops.convert_to_tensor(mask))
    right = LOGITS.reshape(3, 8, 3).argmax(-1) == CLASSES.reshape(3, 8)
    for weight, labelled in ((None, mask), (SAMPLES, mask & (SAMPLES > 0)[:, None])):
        found = float(value("accuracy", CLASSES.reshape(3, 8), guess, weight))
        assert found == pytest.approx(right[labelled].mean())


@pytest.mark.parametrize("case", MAPS.values(), ids=MAPS.keys())
def test_nan_as_long_as_there_was_no_label(case):
    make, truth, guess, _ = case
    wrapped = LabelledOnly(metric_of(make() if callable(make) else make))
    assert np.isnan(wrapped.result())
    wrapped.update_state(truth, guess, np.zeros(3, "float32"))
    assert np.isnan(wrapped.result())
    wrapped.update_state(truth, guess, SAMPLES)
    seen = float(wrapped.result())
    assert np.isfinite(seen)
    wrapped.update_state(truth, guess, np.zeros(3, "float32"))
    assert float(wrapped.result()) == seen
    wrapped.reset_state()
    assert np.isnan(wrapped.result())


def test_classes_that_a_metric_leaves_out_are_no_labels():
    metric = keras.metrics.MeanIoU(3, ignore_class=-1, sparse_y_pred=False)
    assert np.isnan(value(metric, np.full(SHAPE, -1), LOGITS))


class Own(keras.metrics.Metric):
    """One of a user's, which takes no weights, and sees labels as they come."""

    def __init__(self):
        super().__init__(name="own")
        self.total = self.add_weight((), "zeros", name="total")

    def update_state(self, y_true, y_pred):
        assert len(y_true.shape) == 3
        difference = keras.ops.cast(y_true, "float32") - y_pred[..., 0]
        self.total.assign(keras.ops.mean(keras.ops.abs(difference)))

    def result(self):
        return {"mean": self.total}


def test_a_metric_without_weights_counts_all_with_a_word():
    wrapped = LabelledOnly(Own())
    with pytest.warns(UserWarning, match="'own' takes no `sample_weight`"):
        wrapped.update_state(TRUTH, SCORES, SAMPLES)
    wrapped.update_state(TRUTH, SCORES, SAMPLES)  # said once
    wanted = np.abs(TRUTH - SCORES[..., 0]).mean()
    assert float(wrapped.result()["mean"]) == pytest.approx(wanted, rel=1e-5)


def test_names_are_those_of_keras():
    def myError(y_true, y_pred):
        return y_true - y_pred

    names = ["acc", "accuracy", "mae", "mean_absolute_error", keras.metrics.Poisson]
    names += [keras.metrics.AUC(name="area"), myError, lambda y_true, y_pred: y_pred]
    names += [keras.losses.mean_squared_error]
    plain = keras.Sequential([keras.layers.Dense(1)])
    plain.compile("sgd", "mse", metrics=names)
    plain.test_on_batch(np.ones((2, 1)), np.ones((2, 1)))
    logged = [name for name in plain.get_metrics_result() if name != "loss"]
    assert [metric_of(name).name for name in names] == logged


def test_what_is_wrapped():
    plain, weighted = of_labelled({"a": "mae", "b": None}, {"a": ["mse"]}, ["a", "b"])
    assert plain is None
    assert [(m.name, m.weighted) for m in weighted["a"]] == [("mae", False), ("mse", True)]
    assert weighted["b"] == []
    _, alone = of_labelled(["mae"], None, ["a"])
    assert [metric.name for metric in alone["a"]] == ["mae"]
    assert of_labelled([["mae"], ["mae"]], None, ["a", "b"]) == ([["mae"], ["mae"]], None)
    assert direction_of(of_labelled({"a": "mae"}, None, ["a"])[1]["a"][0]) == "down"


@pytest.mark.parametrize("axis", [(), (1,)])
def test_a_head_without_a_last_axis(axis):
    """Its values are one a sample, not those of classes."""
    truth = np.array([1.0, 0.0, 1.0, 0.0], "float32").reshape(4, *axis)
    guess, weight = np.array([0.9, 0.4, 0.2, 0.7], "float32"), np.array([1.0, 2.0, 1.0, 0.0])
    assert value("accuracy", truth, guess) == pytest.approx(0.5)
    assert value("accuracy", truth, guess, weight) == pytest.approx(2 / 3)
    assert value("mae", truth, guess, weight) == pytest.approx(1.3 / 3)
    assert value("mae", truth, guess, weight, weighted=True) == pytest.approx(1.7 / 4)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_function_with_one_value_a_batch(weighted):
    """It cannot be weighed: it counts all samples, as without weights, and says so."""

    def gap(y_true, y_pred):
        return keras.ops.mean(keras.ops.abs(y_true - y_pred))

    truth, guess = np.ones((3, 2), "float32"), np.array([[0.0], [3.0], [5.0]], "float32")
    assert value(gap, truth, guess) == pytest.approx(7 / 3)
    with pytest.warns(UserWarning, match="'gap' has one value a batch"):
        found = value(gap, truth, guess, SAMPLES, weighted)
    assert found == pytest.approx(7 / 3)
