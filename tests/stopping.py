"""Runs that end before their last epoch."""

import keras


class StopAfter(keras.callbacks.Callback):
    """Ends early what is a run of `epochs` to all other callbacks."""

    def __init__(self, epochs):
        super().__init__()
        self.epochs = epochs

    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch + 1 == self.epochs
