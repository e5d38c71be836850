"""Weights of samples and of pixels, labels without their last axis, batches of one, masks, NaN."""

import numpy as np
import pytest
from keras import ops

from keras_mtkd._backend.keras_compat import set_keras_mask
from keras_mtkd.metrics import (
    DepthError,
    MeanIoUPerImage,
    NormalAngle,
    NormalMedianAngle,
    NormalWithin,
    PixelAccuracy,
)
from metrics.labelled_maps import (
    CLASSES,
    DEPTH,
    GUESS,
    HEIGHT,
    LOGITS,
    NORMAL,
    PIXELS,
    SAMPLES,
    SEMANTIC,
    SHAPE,
    TURNED,
    VALID,
    WIDTH,
    value,
)


def degrees():
    return np.degrees(np.arccos(np.clip((NORMAL * TURNED).sum(-1), -1, 1)))


def average(values, valid):
    def oracle(weight):
        weight = weight * valid
        return (np.where(valid, values, 0) * weight).sum() / weight.sum()

    return oracle


def median(weight):
    found = np.repeat(degrees().ravel(), (weight * NORMAL.any(-1)).astype(int).ravel())
    return np.sort(found)[(len(found) - 1) // 2]


def iou(ignore_predictions):
    """Of every picture with the weights of its pixels; pictures weigh as their heaviest pixel."""

    def oracle(weight):
        scores, heavy = [], []
        for truth, guess, own in zip(SEMANTIC, LOGITS.argmax(-1), weight, strict=True):
            own = own * (truth >= 0)
            there = own if ignore_predictions else np.where(own > 0, own, own.max())
            shares = []
            for number in range(CLASSES):
                hits = (own * (truth == number) * (guess == number)).sum()
                union = (own * (truth == number)).sum() + (there * (guess == number)).sum() - hits
                if union > 0:
                    shares.append(hits / union)
            scores.append(np.mean(shares) if shares else 0.0)
            heavy.append(own.max())
        return np.average(scores, weights=heavy)

    return oracle


RELATIVE = np.abs(DEPTH - GUESS)[..., 0] / np.where(DEPTH == 0, 1, DEPTH)[..., 0]
# A new metric, labels, predictions, and its value by weights of pixels.
CASES = {
    "accuracy": (
        PixelAccuracy,
        SEMANTIC,
        LOGITS,
        average(LOGITS.argmax(-1) == SEMANTIC, SEMANTIC >= 0),
    ),
    "iou": (lambda: MeanIoUPerImage(CLASSES), SEMANTIC, LOGITS, iou(True)),
    "iou-2020": (
        lambda: MeanIoUPerImage(CLASSES, ignore_predictions=False),
        SEMANTIC,
        LOGITS,
        iou(False),
    ),
    "depth": (
        DepthError,
        DEPTH[..., 0],
        GUESS,
        average(np.abs(DEPTH - GUESS)[..., 0], DEPTH[..., 0] != 0),
    ),
    "relative": (
        lambda: DepthError(relative=True),
        DEPTH[..., 0],
        GUESS,
        average(RELATIVE, DEPTH[..., 0] != 0),
    ),
    "angle": (NormalAngle, NORMAL, TURNED, average(degrees(), VALID)),
    "within": (lambda: NormalWithin(30.0), NORMAL, TURNED, average(degrees() < 30.0, VALID)),
    "median": (NormalMedianAngle, NORMAL, TURNED, median),
}
TOLERANCE = {"median": 2e-3}


@pytest.mark.parametrize("name", CASES)
def test_of_samples_and_of_pixels(name):
    make, truth, guess, oracle = CASES[name]
    tolerance = TOLERANCE.get(name, 1e-5)
    spread = np.broadcast_to(SAMPLES[:, None, None], SHAPE)
    for weight, pixels in (
        (None, np.ones(SHAPE)),
        (SAMPLES, spread),
        (SAMPLES[:, None], spread),
        (PIXELS, PIXELS),
        (PIXELS[..., None], PIXELS),
    ):
        wanted = pytest.approx(oracle(pixels), rel=tolerance)
        assert value(make(), truth, guess, weight) == wanted
        if truth.ndim == 3:
            assert value(make(), truth[..., None], guess, weight) == wanted


@pytest.mark.parametrize("name", CASES)
def test_batches_of_one(name):
    make, truth, guess, oracle = CASES[name]
    one_by_one = [(0, 1), (1, 2), (2, 3)]
    for weight, pixels in ((SAMPLES, SAMPLES[:, None, None] * np.ones(SHAPE)), (PIXELS, PIXELS)):
        found = value(make(), truth, guess, weight, one_by_one)
        assert found == pytest.approx(oracle(pixels), rel=TOLERANCE.get(name, 1e-5))


# The predictions of 2020 count where there is no label, but for what is no picture at all.
@pytest.mark.parametrize("name", [name for name in CASES if name != "iou-2020"])
def test_a_mask_of_the_predictions_and_nothing_at_all(name):
    make, truth, guess, oracle = CASES[name]
    mask = np.arange(HEIGHT)[:, None] * np.ones(WIDTH) < np.array([3, 2, 1])[:, None, None]
    tensor = ops.convert_to_tensor(guess)
    set_keras_mask(tensor, ops.convert_to_tensor(mask))
    metric = make()
    metric.update_state(truth, tensor)
    assert float(metric.result()) == pytest.approx(
        oracle(mask.astype("float32")), rel=TOLERANCE.get(name, 1e-5)
    )
    assert np.isnan(value(make(), truth, guess, np.zeros(SHAPE, "float32")))
