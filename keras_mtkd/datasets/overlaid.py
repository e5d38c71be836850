"""Two small images in one picture, in opposite corners."""

import keras
import numpy as np

from keras_mtkd.datasets.small_images import SMALL

SIDE = 36
_WHITE = 255.0


def overlaid(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Pictures of two images each; where they overlap the brighter pixel wins.

    Args:
        first: Images for the upper left corner, `(n, 28, 28)` in 0 to 255.
        second: Images for the lower right corner, likewise.

    Returns:
        Pictures `(n, 36, 36, 1)` in [0, 1].
    """
    canvas = np.zeros((len(first), SIDE, SIDE), "float32")
    canvas[:, :SMALL, :SMALL] = first
    corner = canvas[:, -SMALL:, -SMALL:]
    np.maximum(corner, second, out=corner)
    return canvas[..., None] / _WHITE


def backbone(width: int, name: str) -> keras.Model:
    """Two small convolutions and one shared feature.

    Args:
        width: Units of the feature.
        name: Name of the model.

    Returns:
        A model from pictures `(batch, 36, 36, 1)` to `(batch, width)`, its last layer `features`.
    """
    layers = keras.layers
    inputs = keras.Input((SIDE, SIDE, 1))
    x = inputs
    for filters in (8, 16):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    outputs = layers.Dense(width, activation="relu", name="features")(x)
    return keras.Model(inputs, outputs, name=name)
