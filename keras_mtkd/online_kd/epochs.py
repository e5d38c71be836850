"""What happens between the epochs of online distillation."""

from typing import Any

import keras

Callbacks = keras.callbacks.CallbackList


class Epochs(keras.callbacks.Callback):
    """Ends the warm-up and weighs the tasks anew. Comes before the callbacks of the user.

    So that one that saves when an epoch ends, as `BackupAndRestore`, keeps the new weights.
    """

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.model.begin_epoch()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.model.end_epoch({} if logs is None else logs)


def with_epochs(callbacks: Any, model: keras.Model) -> Any:
    """The callbacks that `fit` was given, with `Epochs` first.

    Args:
        callbacks: `None`, one callback, several, or a `keras.callbacks.CallbackList`.
        model: What is trained.
    """
    if not isinstance(callbacks, Callbacks):
        return [Epochs(), *keras.tree.flatten([] if callbacks is None else callbacks)]
    if not any(isinstance(own, Epochs) for own in callbacks.callbacks):
        first = Epochs()
        first.set_model(model)
        callbacks.callbacks.insert(0, first)
    return callbacks
