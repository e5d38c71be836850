"""Metrics of dense prediction against NumPy, whatever the batch size."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_mtkd.metrics import (
    DepthError,
    MeanIoUPerImage,
    NormalAngle,
    NormalMedianAngle,
    NormalWithin,
    PixelAccuracy,
)
from metrics.dense_pictures import CLASSES


def pixel_accuracy(truth, logits, weights):
    valid = truth != -1
    right = logits.argmax(-1) == truth
    weights = weights[:, None, None] * valid
    return (right * weights).sum() / weights.sum()


def iou_per_image(truth, logits, weights, ignore_predictions=True):
    values, kept = [], []
    for label, guess, weight in zip(truth, logits.argmax(-1), weights, strict=True):
        if (label == -1).all():
            continue
        counted = (label != -1) | (not ignore_predictions)
        shares = []
        for number in range(CLASSES):
            one, other = label == number, (guess == number) & counted
            if (one | other).any():
                shares.append((one & other).sum() / (one | other).sum())
        values.append(np.mean(shares))
        kept.append(weight)
    return np.average(values, weights=kept)


def depth_error(truth, guess, weights, relative=False):
    valid = truth != 0
    errors = np.abs(truth - guess) / np.where(valid & relative, truth, 1.0)
    weights = weights[:, None, None, None] * valid
    return (errors * weights).sum() / weights.sum()


def found_angles(truth, guess, weights):
    valid = truth.any(-1)
    degrees = np.degrees(np.arccos(np.clip((truth * guess).sum(-1), -1, 1)))
    return degrees[valid], np.broadcast_to(weights[:, None, None], valid.shape)[valid]


def mean_angle(*args):
    return np.average(*found_angles(*args)[:1], weights=found_angles(*args)[1])


def within(*args):
    degrees, weights = found_angles(*args)
    return np.average(degrees < 30.0, weights=weights)


def median(*args):
    degrees, weights = found_angles(*args)
    return np.median(np.repeat(degrees, weights.astype(int)))


CASES = [
    ("semantic", PixelAccuracy, pixel_accuracy, 1e-6),
    ("semantic", lambda: MeanIoUPerImage(CLASSES), iou_per_image, 1e-6),
    (
        "semantic",
        lambda: MeanIoUPerImage(CLASSES, ignore_predictions=False),
        lambda *args: iou_per_image(*args, ignore_predictions=False),
        1e-6,
    ),
    ("depth", DepthError, depth_error, 1e-5),
    ("depth", lambda: DepthError(relative=True), lambda *a: depth_error(*a, relative=True), 1e-5),
    ("normal", NormalAngle, mean_angle, 1e-4),
    ("normal", lambda: NormalWithin(30.0), within, 1e-6),
    ("normal", NormalMedianAngle, median, 2e-3),
]
IDS = ["accuracy", "iou", "iou-2020", "depth", "relative", "angle", "within", "median"]


# Batches of two sizes alone, since every size of an array is another program on JAX.
@pytest.mark.parametrize("batches", [(1,) * 7, (1, 6), (6, 1)], ids=str)
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize(("task", "make", "oracle", "tolerance"), CASES, ids=IDS)
def test_against_numpy(data, task, make, oracle, tolerance, batches, weighted):
    truth, guess = data[task]
    weights = np.arange(1.0, 8.0) if weighted else np.ones(7)
    metric = make()
    for end, size in zip(np.cumsum(batches), batches, strict=True):
        rows = slice(end - size, end)
        given = weights[rows].astype("float32") if weighted else None
        metric.update_state(truth[rows].astype(truth.dtype), guess[rows].astype("float32"), given)
    assert float(metric.result()) == pytest.approx(oracle(truth, guess, weights), rel=tolerance)


@pytest.mark.parametrize(("task", "make"), [case[:2] for case in CASES], ids=IDS)
def test_without_any_label_the_result_is_nan(data, task, make):
    truth, guess = (side[2:3] for side in data[task])
    metric = make()
    assert np.isnan(metric.result())
    metric.update_state(truth, guess.astype("float32"))
    assert np.isnan(metric.result())
    metric.update_state(data[task][0][:1], data[task][1][:1].astype("float32"))
    before = float(metric.result())
    metric.update_state(truth, np.full_like(guess, np.nan, "float32"))
    assert float(metric.result()) == before
    metric.reset_state()
    assert np.isnan(metric.result())


@pytest.mark.parametrize(("task", "make"), [case[:2] for case in CASES], ids=IDS)
def test_saving_and_half_precision(data, task, make):
    metric = make()
    revived = type(metric).from_config(metric.get_config())
    assert revived.get_config() == metric.get_config()
    truth, guess = (side[:6] for side in data[task])
    half = ops.cast(guess.astype("float32"), "bfloat16")
    metric.update_state(truth, half)
    revived.update_state(truth, np.asarray(ops.cast(half, "float32")))
    assert float(metric.result()) == pytest.approx(float(revived.result()), rel=1e-5)
    assert keras.backend.standardize_dtype(metric.result().dtype) == "float32"


def test_keras_mean_iou_ignores_unlabelled_pixels(data):
    """The other mean IoU, which problems use, against one confusion matrix in NumPy."""
    truth, guess = data["semantic"]
    metric = keras.metrics.MeanIoU(CLASSES, ignore_class=-1, sparse_y_pred=False)
    for rows in (slice(0, 1), slice(1, 7)):
        metric.update_state(truth[rows], guess[rows])
    valid = truth != -1
    table = np.zeros((CLASSES, CLASSES))
    np.add.at(table, (truth[valid], guess.argmax(-1)[valid]), 1)
    unions = table.sum(0) + table.sum(1) - np.diag(table)
    assert float(metric.result()) == pytest.approx(np.mean(np.diag(table) / unions), rel=1e-6)


def test_refusals():
    with pytest.raises(ValueError, match="Received: 1"):
        MeanIoUPerImage(1)
    with pytest.raises(ValueError, match="Received: degrees=0"):
        NormalWithin(0)
