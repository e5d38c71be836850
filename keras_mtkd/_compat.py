"""The few things of Keras that are needed and not public."""

from keras.src.losses.loss import unscale_loss_for_distribution

__all__ = ["unscale_loss_for_distribution"]
