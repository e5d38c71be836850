import pytest

from keras_mtkd.metrics import MeanIoUPerImage, PixelAccuracy
from metrics.labelled_maps import BATCH, CLASSES, LOGITS, SEMANTIC, value


def test_labels_may_have_a_last_axis(data):
    truth, guess = (side[:6] for side in data["semantic"])
    for metric, other in (
        (PixelAccuracy(), PixelAccuracy()),
        (MeanIoUPerImage(4), MeanIoUPerImage(4)),
    ):
        metric.update_state(truth, guess)
        value = float(metric.result())
        other.update_state(truth[..., None], guess)
        assert float(other.result()) == value


def test_tokens():
    """Other numbers of positions than those of pictures."""
    truth, guess = SEMANTIC.reshape(BATCH, -1), LOGITS.reshape(BATCH, -1, CLASSES)
    flat = value(MeanIoUPerImage(CLASSES), truth, guess)
    assert flat == pytest.approx(value(MeanIoUPerImage(CLASSES), SEMANTIC, LOGITS))
