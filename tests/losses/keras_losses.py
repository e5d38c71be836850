"""All losses of Keras, what they take, and some that users write."""

import inspect

import keras
import numpy as np
from keras import ops

from keras_mtkd import losses
from keras_mtkd.losses.kinds import CLASS, NUMBERS, kind_of

GENERATOR = np.random.default_rng(0)
# Without class and function there is nothing to train with.
_NO_LOSSES = {"Loss", "serialize", "deserialize", "get"}


def camel(name):
    return "".join(part.capitalize() for part in name.split("_"))


NAMES = {name for name in dir(keras.losses) if not name.startswith("_")} - _NO_LOSSES
CLASSES = sorted(n for n in NAMES if inspect.isclass(getattr(keras.losses, n)))
# Some functions have several names.
FUNCTIONS = sorted({getattr(keras.losses, n).__name__ for n in NAMES - set(CLASSES)})


def labels_and_predictions(loss, width=3):
    """Arrays that a loss of Keras takes."""
    name = getattr(loss, "fn", loss)
    name = getattr(name, "__name__", "")
    if name == "ctc":
        return GENERATOR.integers(1, 5, (8, 3)), GENERATOR.normal(size=(8, 9, 5))
    logits = GENERATOR.normal(size=(8, width))
    if name == "circle":
        return np.arange(8) % 3, logits / np.linalg.norm(logits, axis=-1, keepdims=True)
    kind = kind_of(losses.get(loss))
    if kind.labels == NUMBERS:
        y = GENERATOR.integers(width, size=8)
    elif kind.predicts == CLASS:
        y = np.eye(width)[GENERATOR.integers(width, size=8)]
    else:
        y = (GENERATOR.uniform(size=(8, width)) > 0.5).astype("float32")
    if kind.predicts == CLASS and not kind.from_logits:
        logits = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    elif not kind.from_logits:
        logits = GENERATOR.uniform(0.1, 0.9, size=logits.shape)
    return y, logits


def error(y_true, y_pred):
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


class OwnLoss(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return error(y_true, y_pred)


class Sharper(keras.losses.BinaryCrossentropy):
    def call(self, y_true, y_pred):
        return super().call(y_true, y_pred) ** 2
