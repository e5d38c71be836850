"""The few things of Keras that are needed and not public."""

from keras.src.backend import set_keras_mask
from keras.src.losses.loss import unscale_loss_for_distribution

__all__ = ["set_keras_mask", "unscale_loss_for_distribution"]
