"""Distances between features, by the names that a search uses."""

from collections.abc import Callable

import keras

from keras_mtkd import losses

DISTANCES: dict[str, Callable[[], keras.losses.Loss]] = {
    "normalized_l2": losses.NormalizedL2,
    "cka": losses.CKALoss,
    "log_sum": losses.LogSumDistance,
    "relational": losses.RelationalDistance,
}
