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

GENERATOR = np.random.default_rng(0)
SHAPE = BATCH, HEIGHT, WIDTH = (3, 3, 4)
CLASSES = 3
SEMANTIC = GENERATOR.integers(0, CLASSES, size=SHAPE)
SEMANTIC[GENERATOR.random(SHAPE) < 0.2] = -1
LOGITS = GENERATOR.normal(size=(*SHAPE, CLASSES)).astype("float32")
DEPTH = GENERATOR.uniform(1, 4, size=(*SHAPE, 1)).astype("float32")
DEPTH[GENERATOR.random(SHAPE) < 0.2] = 0.0
GUESS = GENERATOR.uniform(1, 4, size=(*SHAPE, 1)).astype("float32")
NORMAL, TURNED = (
    (side / np.linalg.norm(side, axis=-1, keepdims=True)).astype("float32")
    for side in GENERATOR.normal(size=(2, *SHAPE, 3))
)
NORMAL[GENERATOR.random(SHAPE) < 0.2] = 0.0
PIXELS = GENERATOR.integers(0, 3, size=SHAPE).astype("float32")
PIXELS[:, 0, 0] = 2.0  # so that all pictures weigh alike
SAMPLES = np.array([2.0, 0.0, 1.0], "float32")


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
VALID = NORMAL.any(-1)
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


def value(metric, truth, guess, weight=None, batches=((0, BATCH),)):
    for start, end in batches:
        part = None if weight is None else weight[start:end]
        metric.update_state(truth[start:end], guess[start:end], part)
    return float(metric.result())


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


@pytest.mark.parametrize("relative", [False, True])
def test_depth_that_is_nan_where_there_is_none(relative):
    truth = np.where(DEPTH == 0, np.nan, DEPTH)
    plain = value(DepthError(relative), DEPTH, GUESS)
    found = DepthError(relative, invalid=float("nan"))
    assert value(found, truth, GUESS) == pytest.approx(plain, rel=1e-6)


def test_normals_that_are_nan_where_there_is_none():
    truth = np.where(VALID[..., None], NORMAL, np.nan)
    for make in (NormalAngle, NormalMedianAngle):
        assert value(make(), truth, TURNED) == pytest.approx(value(make(), NORMAL, TURNED))


def test_tokens():
    """Other numbers of positions than those of pictures."""
    truth, guess = SEMANTIC.reshape(BATCH, -1), LOGITS.reshape(BATCH, -1, CLASSES)
    flat = value(MeanIoUPerImage(CLASSES), truth, guess)
    assert flat == pytest.approx(value(MeanIoUPerImage(CLASSES), SEMANTIC, LOGITS))
