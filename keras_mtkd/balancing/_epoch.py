"""Tells the loss weighting of a distiller when an epoch is over."""

from typing import Any

import keras


class BalancingEpoch(keras.callbacks.Callback):
    """Calls `end_epoch` of a loss weighting; `fit` of a distiller adds it by itself."""

    @classmethod
    def first(cls, callbacks: Any) -> Any:
        """The callbacks of `fit` with this one before them, so that backups see its work."""
        if isinstance(callbacks, keras.callbacks.CallbackList):
            callbacks.append(cls())
            return callbacks
        given = callbacks if isinstance(callbacks, list | tuple) else [callbacks]
        return [cls(), *(callback for callback in given if callback is not None)]

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.model.loss_weighting.end_epoch(logs)
