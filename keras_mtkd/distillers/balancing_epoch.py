"""Tells the loss weighting of a distiller when an epoch is over."""

from typing import Any

import keras


class BalancingEpoch(keras.callbacks.Callback):
    """Calls `end_epoch` of a loss weighting; `fit` of a distiller adds it by itself.

    Before the callbacks of the user, so that backups see its work.
    """

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.model.loss_weighting.end_epoch(logs)
