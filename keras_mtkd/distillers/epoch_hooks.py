"""What happens between the epochs of online distillation."""

from typing import Any

import keras


class Epochs(keras.callbacks.Callback):
    """Ends the warm-up and weighs the tasks anew. Comes before the callbacks of the user.

    So that one that saves when an epoch ends, as `BackupAndRestore`, keeps the new weights.
    """

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.model.begin_epoch()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.model.end_epoch({} if logs is None else logs)
